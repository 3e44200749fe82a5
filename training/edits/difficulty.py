"""How hard each task was for a teacher: 1 / mean reward of its answers, as JSON.

    {"007bbfb7": {"mean": 0.31, "difficulty": 3.226, "answers": 24}, ...}

The mean is over all judged answers, better and worse, parents left out; unscored ones are none. A mean below FLOOR
counts as FLOOR, so that a difficulty is finite: 1 / FLOOR at most. Rewards are those of `arc_submit.verify`, 0..1.2.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

from arc_submit.errors import DataError, OutputError
from training.curriculum import Curriculum
from training.edits.records import Trace

FLOOR = 0.05  # half of what a program that merely compiles is worth


@dataclass(frozen=True, slots=True)
class Difficulty:
    """Of one task."""

    mean: float
    """Reward, 0..1.2."""
    difficulty: float
    """1 / mean, finite."""
    answers: int


def difficulties(traces: Iterable[Trace]) -> dict[str, Difficulty]:
    """Return the difficulty of each task that has a judged answer."""
    rewards: dict[str, list[float]] = defaultdict(list)
    for trace in traces:
        rewards[trace.task].append(trace.reward)
    means = {task: fmean(found) for task, found in sorted(rewards.items())}
    return {
        task: Difficulty(round(mean, 6), round(1.0 / max(mean, FLOOR), 6), len(rewards[task]))
        for task, mean in means.items()
    }


def write(path: Path, found: dict[str, Difficulty]) -> None:
    """Write the file, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    waiting = path.with_name(f"{path.name}.part")
    try:
        with waiting.open("w", encoding="utf-8") as file:
            json.dump({task: asdict(entry) for task, entry in found.items()}, file, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from None


def read(path: Path) -> dict[str, Difficulty]:
    """Return what `write` wrote.

    Raises:
        DataError: missing, or something else.
    """
    try:
        return {str(task): Difficulty(**entry) for task, entry in json.loads(path.read_text("utf-8")).items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: no difficulties ({type(error).__name__}); `arc-train traces` writes them") from None


def tell(curriculum: Curriculum, found: dict[str, Difficulty]) -> int:
    """Let a curriculum begin with what a teacher's answers say, as one visit of each task; return how many it knew."""
    known = [task for task in found if task in curriculum.records]
    for task in known:
        curriculum.heard(task, [found[task].mean])
    return len(known)
