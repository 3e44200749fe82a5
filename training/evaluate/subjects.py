"""The tasks that checkpoints are measured on, with the test outputs where they are known, and how hard they are.

    held-out                   the ARC-AGI-1 training tasks that nothing is trained on
    generated[:NAME,NAME]      tasks of `training.tasks`, drawn from a seed that no recipe trains on
    arc1-evaluation, ...       a public set by name
    a path                     a Kaggle challenges file, a folder, a task file, or `tasks.jsonl` of a folder of traces

Difficulty is that of a folder of traces (`difficulty.json`), in thirds; without one: cells of the outputs, number of
demonstrations, whether the size stays.
"""

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arc_submit.errors import ConfigError, DataError
from arc_submit.records import Grid, Task
from arc_submit.tasks import load, load_solutions
from training import exercises
from training.check import spread
from training.split import held_out

SEED = 90_000_000  # of generated tasks: recipes train on seeds below it
KEYS = ("difficulty", "reward", "mean_reward", "mean")
THIRDS = ("easy third", "middle third", "hard third")

Buckets = Mapping[str, Mapping[str, Sequence[str]]]
"""Name of a division -> name of a part -> task ids."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A task to measure on."""

    task: Task
    wanted: tuple[Grid, ...] | None
    """Test outputs, in order; None where they are not all known."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """What `--data` names."""

    data: str
    members: tuple[Subject, ...]
    total: int
    """Tasks that there were to choose from."""

    @property
    def unknown(self) -> int:
        """Tasks whose test outputs are not known."""
        return sum(subject.wanted is None for subject in self.members)


def gather(data: str, count: int) -> Subjects:
    """Return `count` tasks, spread evenly; 0: all (of generators: one each).

    Raises:
        ConfigError: an unknown generator.
        DataError: neither a known name nor a readable path, bad content, or no tasks.
    """
    name = data.partition(":")[0]
    if name == exercises.GENERATED:
        found = [Subject(item.task, item.answers) for item in exercises.gather(data, count, SEED)]
    elif data == exercises.LEARN:
        found = [Subject(item.task, item.answers or None) for item in exercises.gather(data, 0, 0)]
    elif data.endswith(".jsonl"):
        found = [Subject(item.task, item.answers or None) for item in exercises.read(Path(data)).values()]
    else:
        tasks = held_out() if data == exercises.HELD_OUT else tuple(load(data))
        known = load_solutions("arc1-training" if data == exercises.HELD_OUT else data)
        outputs = known.outputs if known is not None else {}
        found = [Subject(task, _whole(task, outputs.get(task.id))) for task in tasks]
    if not found:
        raise DataError(f"--data {data}: no tasks in it")
    if len({subject.task.id for subject in found}) < len(found):
        raise DataError(f"--data {data}: two tasks of one id; results are kept by id")
    return Subjects(data, tuple(spread(found, count) if count else found), len(found))


def _whole(task: Task, outputs: tuple[Grid, ...] | None) -> tuple[Grid, ...] | None:
    return outputs if outputs is not None and len(outputs) == len(task.test) else None


# How hard they are. --------------------------------------------------------------------------------------------------


def buckets(tasks: Sequence[Task], difficulty: Mapping[str, float] | None = None) -> Buckets:
    """Return divisions of the tasks; parts without a task are left out."""
    if difficulty is not None:
        known = sorted((task.id for task in tasks if task.id in difficulty), key=lambda task_id: difficulty[task_id])
        parts = {
            name: known[number * len(known) // 3 : (number + 1) * len(known) // 3] for number, name in enumerate(THIRDS)
        }
        parts["not in the folder of traces"] = [task.id for task in tasks if task.id not in difficulty]
        return {"difficulty": {name: part for name, part in parts.items() if part}}
    return {
        "cells of an output": _parted(tasks, _cells_bucket),
        "demonstrations": _parted(tasks, lambda task: str(len(task.train)) if len(task.train) < 5 else "5 and more"),
        "size": _parted(tasks, lambda task: "stays" if _same_size(task) else "changes"),
    }


def _parted(tasks: Sequence[Task], part: Callable[[Task], str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for task in tasks:
        found.setdefault(part(task), []).append(task.id)
    return dict(sorted(found.items()))


def _cells_bucket(task: Task) -> str:
    cells = statistics.fmean(len(pair.output) * len(pair.output[0]) for pair in task.train)
    return (
        "1. up to 25"
        if cells <= 25
        else "2. up to 100"
        if cells <= 100
        else "3. up to 225"
        if cells <= 225
        else "4. more"
    )


def _same_size(task: Task) -> bool:
    return all((len(pair.input), len(pair.input[0])) == (len(pair.output), len(pair.output[0])) for pair in task.train)


def read_difficulty(path: Path) -> dict[str, float]:
    """Return task -> difficulty, higher is harder, of a folder of traces or its `difficulty.json`.

    Raises:
        DataError: missing, or of another form.
        ConfigError: nothing in it.
    """
    file = path / "difficulty.json" if path.is_dir() else path
    try:
        body = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror}); `arc-train traces` writes it") from None
    except ValueError as error:
        raise DataError(f"{file}: not JSON ({error})") from None
    if isinstance(body, dict) and isinstance(body.get("tasks"), dict):
        body = body["tasks"]
    if not isinstance(body, dict):
        raise DataError(f"{file}: expected an object, task -> mean reward and difficulty")
    found = {task: _difficulty(value, f"{file}: task {task}") for task, value in body.items()}
    if not found:
        raise ConfigError(f"--difficulty {path}: holds no tasks")
    return found


def _difficulty(value: Any, where: str) -> float:
    if isinstance(value, dict):
        name = next((key for key in KEYS if isinstance(value.get(key), int | float)), None)
        if name is not None:
            return float(value[name]) if name == "difficulty" else -float(value[name])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise DataError(f"{where}: expected a number or an object with `difficulty`")
