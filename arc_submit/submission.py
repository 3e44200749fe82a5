"""The file that is handed in: valid from the first second, replaced atomically, read back and checked.

Format (Kaggle, ARC Prize 2024-2026): an object with every task id; per task a list with one object per test input, in
order; per object `attempt_1` and `attempt_2`, each a rectangular list of lists of ints 0..9, 1..30 a side.

An output that no program answered gets the fallback: the test input itself, then a single 0. Fallbacks are counted and
shown, so that an always-valid file cannot hide a solver that is dead.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from arc_submit.errors import DataError, OutputError
from arc_submit.records import ATTEMPTS, Answer, Grid, Task
from arc_submit.tasks import grids
from arc_submit.tasks.files import read_json

NAME = "submission.json"
_LAST_RESORTS: tuple[Grid, ...] = (((0,),), ((1,),))


def build(tasks: Iterable[Task], answers: Mapping[str, Answer]) -> tuple[dict[str, Any], int]:
    """Return the submission's content and the number of test outputs whose first attempt is a fallback."""
    content, fallbacks = {}, 0
    for task in tasks:
        answer = answers.get(task.id)
        entries = []
        for index, test_input in enumerate(task.test):
            attempts = answer.attempts[index] if answer else ()
            fallbacks += not attempts
            first, second = _two(attempts, test_input)
            entries.append({"attempt_1": first, "attempt_2": second})
        content[task.id] = entries
    return content, fallbacks


def write(path: Path, tasks: Iterable[Task], answers: Mapping[str, Answer]) -> int:
    """Write the file atomically, read it back, check it, and return the number of fallbacks.

    Raises:
        OutputError: it cannot be written (disk full, no permission); the file that was there before is untouched.
    """
    tasks = list(tasks)
    content, fallbacks = build(tasks, answers)
    draft = path.with_suffix(".json.new")
    try:
        with open(draft, "wb") as file:
            file.write(orjson.dumps(content))
            file.flush()
            os.fsync(file.fileno())
        check(read(draft), tasks, draft)
        os.replace(draft, path)
    except OSError as error:
        with suppress(OSError):  # a file system that has become read-only
            draft.unlink(missing_ok=True)
        kept = "the earlier one is still valid" if path.exists() else "there is none yet"
        raise OutputError(f"{path}: cannot write the submission ({error.strerror}); {kept}") from error
    return fallbacks


def without_fallbacks(attempts: Iterable[Grid], test_input: Grid) -> tuple[Grid, ...]:
    """Return the attempts that a program made, as far as that can be told from the file."""
    return tuple(grid for grid in attempts if grid not in (test_input, *_LAST_RESORTS))


def read(path: Path) -> dict[str, list[tuple[Grid, ...]]]:
    """Return task id -> per test input the attempts of a submission file.

    Raises:
        DataError: unreadable, or not in the competition's format.
    """
    content = read_json(path)
    if not isinstance(content, dict):
        raise DataError(f"{path}: expected an object of answers by task id, found {type(content).__name__}")
    return {task_id: _entries(entries, f"{path}: task {task_id}") for task_id, entries in content.items()}


def check(content: Mapping[str, list[tuple[Grid, ...]]], tasks: Iterable[Task], path: Path) -> None:
    """Make sure that every task and every test input is answered.

    Raises:
        DataError: a task is missing, unknown, or has another number of test outputs.
    """
    wanted = {task.id: len(task.test) for task in tasks}
    for task_id, outputs in wanted.items():
        found = len(content.get(task_id, ()))
        if found != outputs:
            raise DataError(f"{path}: task {task_id}: expected {outputs} answers (one per test input), found {found}")
    for task_id in content:
        if task_id not in wanted:
            raise DataError(f"{path}: task {task_id}: not one of the {len(wanted)} tasks of this run")


def _two(attempts: tuple[Grid, ...], test_input: Grid) -> tuple[Grid, Grid]:
    """The attempts, filled up with fallbacks so that the two differ."""
    filled = list(attempts[:ATTEMPTS])
    for fallback in (test_input, *_LAST_RESORTS):
        if len(filled) < ATTEMPTS and fallback not in filled:
            filled.append(fallback)
    return filled[0], filled[1]


def _entries(entries: Any, where: str) -> list[tuple[Grid, ...]]:
    if not isinstance(entries, list):
        raise DataError(f"{where}: expected a list with one object per test input")
    found = []
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or not {"attempt_1", "attempt_2"} <= entry.keys():
            raise DataError(f"{where}: [{number}]: expected an object with attempt_1 and attempt_2")
        found.append(
            tuple(grids.grid(entry[name], f"{where}: [{number}].{name}") for name in ("attempt_1", "attempt_2"))
        )
    return found
