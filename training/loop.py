"""The training loop, for pre-training and fine-tuning: shards in, weights out.

    read a shard -> batch by length -> loss on answers -> clip -> AdamW -> now and then: measure, save, draw

One process or several (`accelerate launch -m training.pretrain ...`): each takes every n-th batch, and a step is what
one process would make of all of theirs. Where the device has instructions for it the forward pass runs in bfloat16,
attention on a CPU apart (`training.attention`). Resume: model, optimizer and place in the data are saved together, as
safetensors and JSON; a resumed run goes on with the very next batch.

Left out: gradient accumulation (a batch is what fits), loss on prompts, data that is made while training.
"""

import json
import math
import random
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from arc_submit.devices import cpu_halves
from arc_submit.errors import ArcSubmitError, DataError
from training import charts
from training.attention import fitted
from training.batch import Batch, packed, padded, shuffled
from training.data import shards
from training.flops import matmul_flops, step_flops
from training.loss import completion_loss
from training.meter import Meter

WAIT = 4.0  # hours that processes wait for the one that measures
TOP_SPEED_SECONDS = 1.0  # that the machine's own speed is measured for, once


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """Settings of a training run."""

    tokens: int = 12_000_000
    """Tokens (prompts and answers, no padding) to train on; shards are read again when they run out."""
    batch_tokens: int = 4096
    """Tokens of one step and process, padding included."""
    rate: float = 2e-3
    """Peak learning rate; linear warm-up, then a cosine down to a tenth."""
    warmup: float = 0.03
    """Share of the tokens."""
    decay: float = 0.05
    """Weight decay, on matrices."""
    clip: float = 1.0
    """Largest gradient norm."""
    smoothing: float = 0.0
    """Label smoothing."""
    columns: int = 0
    """0: rows of one example, padded; else examples are packed into rows of this many places."""
    seed: int = 0
    save_every: int = 500_000
    """Tokens between two checkpoints."""
    threads: int = 1
    device: str = "auto"


@dataclass(slots=True)
class State:
    """Where a run stands."""

    tokens: int = 0
    steps: int = 0
    epoch: int = 0
    shard: int = 0
    batch: int = 0
    """Batches of the shard already done."""
    losses: list[tuple[int, float]] = field(default_factory=list)
    """(tokens, mean training loss since the entry before)."""
    checks: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    """Name of a measurement -> (tokens, value)."""

    def measured(self) -> bool:
        """Return whether a measurement was made where the run stands."""
        return any(points[-1][0] == self.tokens for points in self.checks.values())


Check = Callable[[Any], Mapping[str, float]]


def train(
    model: Any, folder: Path, shard_count: int, out: Path, config: LoopConfig, check: Check | None = None
) -> State:
    """Train until `config.tokens`, or go on where a checkpoint in `out` stopped; the model is changed in place.

    Args:
        folder: token shards 0 .. shard_count - 1; one that is not there yet is waited for.
        check: called with the model at every checkpoint; what it returns is kept with the curves.

    Raises:
        DataError: no shard has a batch for every process.
        DivergedError: the loss is not a number any more.
    """
    import torch
    from accelerate import Accelerator, InitProcessGroupKwargs

    torch.set_num_threads(config.threads)
    accelerator = Accelerator(
        cpu=config.device == "cpu" or not torch.cuda.is_available(),
        mixed_precision=precision(),
        kwargs_handlers=[InitProcessGroupKwargs(timeout=timedelta(hours=WAIT))],
    )
    main = accelerator.is_main_process
    fitted(model.to(accelerator.device), str(accelerator.device))
    weights = [weight for _, weight in _trained(model)]
    optimizer = _optimizer(model, config)
    state = _resume(model, optimizer, out) or State()
    if state.tokens >= config.tokens:
        return state  # stopped after its last step
    model.train()
    flops = step_flops(model)
    top = top_speed(config.threads, accelerator.mixed_precision, str(accelerator.device)) if main else 0.0
    due = (state.tokens // config.save_every + 1) * config.save_every
    with Meter(state.losses, state.tokens, config.tokens, top, main) as meter:
        for batch, place in _batches(folder, shard_count, state, config, accelerator):
            for group in optimizer.param_groups:
                group["lr"] = _rate(state.tokens, config)
            (answers,) = _summed(accelerator, batch.answers)
            with accelerator.autocast():  # gradients are averaged, so each process divides by its part of the answers
                loss = completion_loss(model, batch, config.smoothing, answers / accelerator.num_processes)
            value, tokens = _summed(accelerator, float(loss.detach()) / accelerator.num_processes, batch.tokens)
            value = finite(value, state.tokens)
            loss.backward()
            _average(weights, accelerator)
            torch.nn.utils.clip_grad_norm_(weights, config.clip)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            state.epoch, state.shard, state.batch = place
            state.tokens += int(tokens)
            state.steps += 1
            meter.step(state.tokens, value, flops(batch.ids.shape, batch.answers))
            if state.tokens >= min(due, config.tokens):
                due += config.save_every
                meter.flush()
                if main:
                    measure(model, check, state)
                    draw(state, out)
                    save(model, optimizer, state, out)
                accelerator.wait_for_everyone()
                meter.go_on()
            if state.tokens >= config.tokens:
                break
    return state


class DivergedError(ArcSubmitError):
    """The loss is not a number any more."""


def finite(loss: float, tokens: int) -> float:
    """Return a step's loss as it is.

    Raises:
        DivergedError: it is not a number, or without bounds.
    """
    if not math.isfinite(loss):
        raise DivergedError(
            f"the loss is {loss} after {tokens:,} tokens; a lower learning rate, or a clip below 1, in a new folder"
        )
    return loss


def measure(model: Any, check: Check | None, state: State) -> None:
    """Put what the check finds into the state's curves."""
    if check is None:
        return
    model.eval()
    for name, value in check(model).items():
        state.checks.setdefault(name, []).append((state.tokens, value))
    model.train()


def draw(state: State, out: Path) -> None:
    """Write the curves so far: as numbers, and as pictures."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "curves.json").write_text(json.dumps({"loss": state.losses, **state.checks}))
    charts.curves(out / "curves.svg", "loss", {"loss": state.losses}, "tokens", "nats per answer token")
    if state.checks:
        charts.curves(out / "curves-checks.svg", "checks", state.checks, "tokens", "share")


def quiet() -> None:
    """Take away the progress bars of the libraries: loading and saving a small model takes a moment."""
    from huggingface_hub.utils import disable_progress_bars
    from transformers.utils import logging

    logging.disable_progress_bar()
    disable_progress_bars()


def save(model: Any, optimizer: Any, state: State, out: Path) -> None:
    """Write the checkpoint of a run, replacing the one before only when it is whole."""
    from safetensors.torch import save_file

    waiting = out / "checkpoint.part"
    shutil.rmtree(waiting, ignore_errors=True)
    waiting.mkdir(parents=True)
    trained = {name: weight.detach().cpu().contiguous() for name, weight in _trained(model)}
    save_file(trained, waiting / "model.safetensors")
    names = {id(weight): name for name, weight in _trained(model)}
    moments = {
        f"{names[id(weight)]}/{key}": value.detach().cpu().contiguous()
        for weight, entry in optimizer.state.items()
        for key, value in entry.items()
    }
    save_file(moments, waiting / "optimizer.safetensors")
    (waiting / "state.json").write_text(json.dumps(asdict(state)))
    shutil.rmtree(out / "checkpoint", ignore_errors=True)
    waiting.rename(out / "checkpoint")


def _resume(model: Any, optimizer: Any, out: Path) -> State | None:
    """Put a checkpoint's weights and moments in place; None when there is none."""
    from safetensors.torch import load_file

    folder = out / "checkpoint"
    if not folder.exists():
        return None
    weights = load_file(folder / "model.safetensors")
    moments = load_file(folder / "optimizer.safetensors")
    for name, weight in _trained(model):
        weight.data.copy_(weights[name])
        found = {
            key: moments[f"{name}/{key}"] for key in ("step", "exp_avg", "exp_avg_sq") if f"{name}/{key}" in moments
        }
        optimizer.state[weight] = {  # AdamW keeps its step count on the CPU
            key: value if key == "step" else value.to(weight.device) for key, value in found.items()
        }
    return read_state(folder / "state.json")


def read_state(file: Path) -> State:
    """Return the state that a file holds."""
    state = State(**json.loads(file.read_text()))
    state.losses = [(tokens, loss) for tokens, loss in state.losses]
    state.checks = {name: [(tokens, value) for tokens, value in points] for name, points in state.checks.items()}
    return state


def _trained(model: Any) -> Iterator[tuple[str, Any]]:
    return ((name, weight) for name, weight in model.named_parameters() if weight.requires_grad)


def _optimizer(model: Any, config: LoopConfig) -> Any:
    import torch

    weights = [weight for _, weight in _trained(model)]
    groups = [
        {"params": [weight for weight in weights if weight.ndim > 1], "weight_decay": config.decay},
        {"params": [weight for weight in weights if weight.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=config.rate, betas=(0.9, 0.98))


def _average(weights: list[Any], accelerator: Any) -> None:
    """Give every process the mean of all processes' gradients, in one message."""
    if accelerator.num_processes == 1:
        return
    import torch

    gradients = [weight.grad for weight in weights if weight.grad is not None]
    mean = accelerator.reduce(torch.cat([gradient.flatten() for gradient in gradients]), "mean")
    for gradient, part in zip(gradients, mean.split([gradient.numel() for gradient in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))


def _summed(accelerator: Any, *values: float) -> list[float]:
    """Add numbers up over all processes, in one message."""
    if accelerator.num_processes == 1:
        return list(values)
    import torch

    found: list[float] = accelerator.reduce(
        torch.tensor(values, dtype=torch.float64, device=accelerator.device)
    ).tolist()
    return found


def precision() -> str:
    """`bf16` where the machine has hardware for it (on a CPU twice as fast then, two to three times slower else)."""
    import torch

    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported() else "no"
    return "bf16" if cpu_halves() else "no"


@cache
def top_speed(threads: int, precision: str, device: str) -> float:
    """Operations per second that one process's device does in matrix products, in the precision of the run."""
    return matmul_flops(threads, "bfloat16" if precision == "bf16" else "float32", device, TOP_SPEED_SECONDS)


def _rate(tokens: int, config: LoopConfig) -> float:
    """The learning rate after so many tokens."""
    warm = config.warmup * config.tokens
    if tokens < warm:
        return config.rate * (tokens + 1) / (warm + 1)
    done = min(1.0, (tokens - warm) / max(1.0, config.tokens - warm))
    return config.rate * (0.1 + 0.9 * 0.5 * (1.0 + math.cos(math.pi * done)))


def _batches(
    folder: Path, count: int, state: State, config: LoopConfig, accelerator: Any
) -> Iterator[tuple[Batch, tuple[int, int, int]]]:
    """Yield (batch, place after it) for ever, from the place where the state stands.

    What is left of a shard when every process has had as many batches is left out; the draw is another one each time.

    Raises:
        DataError: nothing was left in any shard.
    """
    while True:
        whole, found = state.shard == 0, 0
        for number in range(state.shard, count):
            path = shards.path(folder, number)
            while not path.exists():
                time.sleep(1.0)
            rng = random.Random(f"{config.seed}/{state.epoch}/{number}")
            groups = list(shuffled(shards.read(path), rng, config.batch_tokens))
            groups = groups[: len(groups) // accelerator.num_processes * accelerator.num_processes]
            mine = groups[accelerator.process_index :: accelerator.num_processes]
            found += len(mine)
            epoch, done = state.epoch, state.batch
            for index, group in enumerate(mine[done:], start=done + 1):
                device = str(accelerator.device)
                batch = packed(group, config.columns, device) if config.columns else padded(group, device)
                after = (epoch, number, index) if index < len(mine) else (epoch, number + 1, 0)
                yield batch, after
            state.batch = 0
        if whole and not found:
            raise DataError(
                f"{folder}: no shard has a batch of {config.batch_tokens} tokens for each of "
                f"{accelerator.num_processes} processes; take fewer processes, or smaller batches"
            )
        state.epoch, state.shard = state.epoch + 1, 0
