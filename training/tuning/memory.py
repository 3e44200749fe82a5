"""What to do when a model does not fit: said before loading where it can be told, and when memory runs out.

Counted beforehand are weights, their gradients and AdamW's moments; activations depend on the batch and come on top.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path

from arc_submit.errors import EngineError
from arc_submit.memory import spare_bytes
from arc_submit.sample.checkpoint import read_shapes, shards
from training.tuning.settings import Settings

GIB = 2**30
BLOCK = 0.5625  # bytes of a weight in NF4: 4 bits, and a scale in 8 bits for each 64 of them, rounded up


class MemoryFullError(EngineError):
    """The device's memory is too small for these settings."""


def parameters(folder: Path) -> int:
    """Return how many weights a model folder holds, tied ones once."""
    return sum(prod(shape) for file in shards(folder) for shape in read_shapes(file).values())


def needed(folder: Path, settings: Settings, accelerator: bool) -> float:
    """Return the bytes that weights, gradients and moments take on a device, without activations."""
    count = parameters(folder)
    if not settings.lora.rank:
        return 16.0 * count  # weight, gradient, two moments, 4 bytes each
    if settings.hold.bits == 4:
        return BLOCK * count
    halves = settings.hold.dtype == "bfloat16" or (settings.hold.dtype == "auto" and accelerator)
    return (2.0 if halves else 4.0) * count


def check(folder: Path, settings: Settings, accelerator: bool) -> None:
    """Refuse, before anything loads, what cannot fit.

    Raises:
        MemoryFullError: with what to change.
    """
    spare = _free(accelerator)
    wanted = needed(folder, settings, accelerator)
    if wanted > spare:
        raise MemoryFullError(
            f"{folder.name}: weights and optimizer need {wanted / GIB:.1f} GiB, {spare / GIB:.1f} are free; "
            f"{advice(settings, accelerator)}"
        )


@contextmanager
def advised(settings: Settings, accelerator: bool) -> Iterator[None]:
    """Turn a lack of memory into one line that says what to change.

    Raises:
        MemoryFullError: where memory ran out inside.
    """
    from arc_submit.sample.hf import free_memory, out_of_memory

    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        said = advice(settings, accelerator)
    else:
        return
    free_memory()
    raise MemoryFullError(f"out of memory; {said}. The same command then goes on from the last checkpoint") from None


def advice(settings: Settings, accelerator: bool) -> str:
    """Return what takes less memory than these settings, the gentlest first."""
    found = []
    if settings.steps.batch_tokens > 1024:
        found.append(f"steps.batch_tokens={settings.steps.batch_tokens // 2}")
    if not settings.hold.checkpointing:
        found.append("hold.checkpointing=true")
    if not settings.lora.rank:
        found.append("lora.rank=32 (an adapter instead of all weights)")
    elif settings.hold.bits == 16 and accelerator:
        found.append("hold.bits=4 (driver trl)" if settings.driver != "trl" else "hold.bits=4")
    elif not accelerator and settings.hold.dtype != "bfloat16":
        found.append("hold.dtype=bfloat16")
    found.append("length.most below the longest example")
    return f"try --set {', or '.join(found)}, or a smaller model"


def _free(accelerator: bool) -> float:
    if not accelerator:
        return spare_bytes()
    import torch

    return float(torch.cuda.mem_get_info()[0])
