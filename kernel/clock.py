"""The session's clock: how much of its hours is left.

CLOCK_BOOTTIME goes on while a machine is frozen, as Kaggle's own clock does; nobody sets it. The session starts with
the notebook's first cell (ARC_SUBMIT_STARTED), else with this process. What Kaggle counts before that (mounting inputs,
starting the container) is not seen from here: `reserve_minutes` has to cover it.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "ARC_SUBMIT_STARTED"
"""Environment: `boottime()` of the notebook's first cell, as text."""
_LONGEST_START = 600.0  # seconds since this process began; more means that the system's numbers are not to be trusted


def boottime() -> float:
    """Return seconds since this machine started."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True)
class Clock:
    """When the session began and when work on it must be over."""

    started: float
    """`boottime()` of the session's start."""
    hours: float
    """Length of the session."""
    reserve_minutes: float
    """Kept at its end: last check, packing of logs, and what Kaggle itself takes."""
    now: Callable[[], float] = boottime

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.now() - self.started

    @property
    def left(self) -> float:
        """Seconds until the reserve begins; negative after that."""
        return self.hours * 3600 - self.reserve_minutes * 60 - self.elapsed


def session_start(environment: Mapping[str, str], hours: float, now: float | None = None) -> float:
    """Return the session's start: the first cell's if it is believable, else this process's."""
    now = boottime() if now is None else now
    try:
        told = float(environment.get(VARIABLE, "nan"))
    except ValueError:
        told = float("nan")
    return told if 0.0 <= now - told < hours * 3600 else process_start(now)


def process_start(now: float, stat: Path = Path("/proc/self/stat")) -> float:
    """Return when this process began, or `now` where the system does not tell it believably."""
    try:
        ticks = float(stat.read_text("utf-8").rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return now
    began = ticks / os.sysconf("SC_CLK_TCK")
    return began if 0.0 <= now - began < _LONGEST_START else now
