"""Accelerators as a supervisor without torch sees them: their names, and which of them a worker may use.

Covered: CUDA. A worker that sees one card only calls it `cuda:0`, whichever it is.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from arc_submit.config import RunConfig

VARIABLE = "CUDA_VISIBLE_DEVICES"


def visible(environment: Mapping[str, str] = os.environ, nodes: Path = Path("/dev")) -> tuple[str, ...]:
    """Return the CUDA devices that this process may use: those the environment lists, else those with a device node."""
    listed = environment.get(VARIABLE)
    if listed is not None:
        return tuple(name.strip() for name in listed.split(",") if name.strip())
    numbers = (node.name.removeprefix("nvidia") for node in nodes.glob("nvidia[0-9]*"))
    return tuple(sorted((number for number in numbers if number.isdigit()), key=int))


def of_worker(config: RunConfig, number: int, devices: Sequence[str]) -> dict[str, str]:
    """Return what a worker's environment says of devices: its own, as many as share one model.

    Nothing is said where the settings name a device, or where there is none. With more workers than devices they share.
    """
    if not devices or config.sample.device not in ("auto", "cuda"):
        return {}
    each = config.sample.tensor_parallel
    return {VARIABLE: ",".join(devices[(number * each + index) % len(devices)] for index in range(each))}


def cpu_halves() -> bool:
    """Return whether the CPU has instructions for bfloat16: training is twice as fast then.

    Known on Linux only; False elsewhere.
    """
    flags = Path("/proc/cpuinfo")
    words = set(flags.read_text("utf-8").split()) if flags.exists() else set()
    return bool(words & {"avx512_bf16", "amx_bf16"})
