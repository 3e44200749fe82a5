"""Tasks to learn from: where they come from, what is known of them, and the file that keeps them.

    learn                       the learning side of `training.split`, ARC-AGI-1 and 2 training without what is measured
    held-out                    the tasks that development is measured on; traces of them are refused
    generated[:NAME,NAME]       tasks of `training.tasks`, by family (`symmetry`) or generator (`symmetry/unfold`)
    a path                      a Kaggle challenges file, a folder or a task file, each task looked at by the guard

An exercise knows the outputs of its test inputs and, where it was generated, the program behind it. Neither is ever
shown to a teacher: prompts are written from `Exercise.task`, which has neither.
"""

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arc_submit.errors import ConfigError, DataError
from arc_submit.records import Grid, Pair, Task
from arc_submit.tasks import load, load_solutions
from training.guard import Guard
from training.split import split
from training.tasks.item import attempt
from training.tasks.registry import FAMILIES, GENERATORS

LEARN, HELD_OUT, GENERATED = "learn", "held-out", "generated"


@dataclass(frozen=True, slots=True)
class Exercise:
    """A task to learn from."""

    task: Task
    origin: str
    """`arc1-training`, a path's name, or `generated/FAMILY/NAME`."""
    answers: tuple[Grid, ...] = ()
    """Outputs of the test inputs, in order; empty where they are not known."""
    program: str = ""
    """Source of the program that made it; empty for real tasks."""


def gather(source: str, count: int, seed: int) -> list[Exercise]:
    """Return at most `count` exercises of a source (see above), drawn by the seed; 0: all, for generated 1 each.

    Raises:
        ConfigError: an unknown generator.
        DataError: neither a source nor a readable path, or bad content.
        ContaminationError: a task of a path that holds evaluation content.
    """
    name, _, rest = source.partition(":")
    if name == GENERATED:
        return _generated(_generators(rest), count, seed)
    if source == LEARN:
        found = _known(split().learn)
    elif source == HELD_OUT:
        found = _known(split().held)
    else:
        found = _guarded(source)
    return _drawn(found, count, seed)


def _drawn(found: list[Exercise], count: int, seed: int) -> list[Exercise]:
    if not count or count >= len(found):
        return found
    places = sorted(random.Random(f"{seed}/exercises").sample(range(len(found)), count))
    return [found[place] for place in places]


def _known(tasks: Sequence[Task]) -> list[Exercise]:
    """Public tasks with their outputs."""
    found = []
    sets = {name: load_solutions(name) for name in ("arc1-training", "arc2-training")}
    for task in tasks:
        for name, solutions in sets.items():
            outputs = solutions.outputs.get(task.id, ()) if solutions is not None else ()
            if len(outputs) == len(task.test):
                found.append(Exercise(task, name, outputs))
                break
        else:
            found.append(Exercise(task, "public"))
    return found


def _guarded(source: str) -> list[Exercise]:
    guard, solutions = Guard.of(), load_solutions(source)
    found = []
    for task in load(source):
        outputs = solutions.outputs.get(task.id, ()) if solutions is not None else ()
        outputs = outputs if len(outputs) == len(task.test) else ()
        guard.check(task, outputs)
        found.append(Exercise(task, Path(source).name, outputs))
    return found


def _generators(names: str) -> list[str]:
    chosen: list[str] = []
    for name in filter(None, (part.strip() for part in names.split(","))):
        members = [name] if name in GENERATORS else [known for known in GENERATORS if known.split("/")[0] == name]
        if not members:
            raise ConfigError(
                f"no generator or family '{name}'; expected a family ({', '.join(FAMILIES)}) or family/name"
            )
        chosen += members
    return list(dict.fromkeys(chosen)) or list(GENERATORS)


def _generated(names: Sequence[str], count: int, seed: int) -> list[Exercise]:
    found = []
    for number in range(count or len(names)):
        name, place = names[number % len(names)], f"{seed}/{number}"
        item = attempt(GENERATORS[name], random.Random(f"{place}/{name}"), f"{name}/{place}", name)
        found.append(Exercise(item.task, f"{GENERATED}/{name}", (item.test,), item.source))
    return found


# The file. -----------------------------------------------------------------------------------------------------------


def write(path: Path, exercises: Iterable[Exercise]) -> None:
    """Write one JSON line an exercise, whole or not at all."""
    waiting = path.with_name(f"{path.name}.part")
    waiting.write_text("".join(json.dumps(_body(exercise)) + "\n" for exercise in exercises), "utf-8")
    waiting.replace(path)


def read(path: Path) -> dict[str, Exercise]:
    """Return the exercises of a file by task id.

    Raises:
        DataError: missing, or a line that is no exercise.
    """
    found = {}
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); `arc-train traces` writes it") from None
    for number, line in enumerate(lines, start=1):
        try:
            exercise = _exercise(json.loads(line.decode("utf-8")))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DataError(f"{path}: line {number} is no exercise ({type(error).__name__}: {error})") from None
        found[exercise.task.id] = exercise
    return found


def _body(exercise: Exercise) -> dict[str, object]:
    task = exercise.task
    return {
        "id": task.id,
        "train": [(spelled(pair.input), spelled(pair.output)) for pair in task.train],
        "test": [spelled(grid) for grid in task.test],
        "answers": [spelled(grid) for grid in exercise.answers],
        "origin": exercise.origin,
        "program": exercise.program,
    }


def _exercise(body: Any) -> Exercise:
    """Raises: KeyError, TypeError, ValueError."""
    if not isinstance(body, dict):
        raise TypeError(f"expected an object, found {type(body).__name__}")
    pairs = tuple(Pair(grid(given), grid(made)) for given, made in body["train"])
    tests, answers = tuple(map(grid, body["test"])), tuple(map(grid, body["answers"]))
    if len(answers) > len(tests):
        raise ValueError(f"{len(answers)} answers for {len(tests)} tests")
    texts = body["id"], body["origin"], body["program"]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("expected text as id, origin and program")
    return Exercise(Task(texts[0], pairs, tests), texts[1], answers, texts[2])


def spelled(grid: Grid) -> str:
    """Return a grid as digits, rows parted by `|`.

    >>> spelled(((1, 2), (3, 4)))
    '12|34'
    """
    return "|".join("".join(map(str, row)) for row in grid)


def grid(text: object) -> Grid:
    """Return the grid that `spelled` gave. TypeError: not text; ValueError: not digits in rows of one length."""
    if not isinstance(text, str):
        raise TypeError(f"expected a grid as text, found {type(text).__name__}")
    rows = text.split("|")
    if not text.isascii() or not all(row.isdigit() and len(row) == len(rows[0]) for row in rows):
        raise ValueError(f"expected rows of digits parted by |, found {text[:40]!r}")
    return tuple(tuple(map(int, row)) for row in rows)
