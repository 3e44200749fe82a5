"""Read task files: Kaggle's challenges and solutions, a folder of single-task files, one task's file.

Not here: names of public sets (`sets`), the meaning of a grid (`grids`), submissions (`arc_submit.submission`).
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from arc_submit.errors import DataError
from arc_submit.records import Grid, Task
from arc_submit.tasks import grids


@dataclass(frozen=True)
class TaskSet:
    """Tasks in file order, and where they came from."""

    name: str
    """What the user typed: a set's name or a path."""
    tasks: tuple[Task, ...]
    unread: tuple[Task, ...] = ()
    """Entries that are not what the ARC format says, where those were to be passed over: ids and test inputs as far as
    they can be read, for a submission that answers every id."""
    troubles: tuple[str, ...] = ()
    """What is wrong with each of them."""

    def __iter__(self) -> Iterator[Task]:
        return iter(self.tasks)

    def __len__(self) -> int:
        return len(self.tasks)

    @property
    def fingerprint(self) -> str:
        """Hash of ids and contents (16 hex digits): a resumed run must meet the same data."""
        digest = hashlib.blake2b(digest_size=8)
        for task in self.tasks:
            digest.update(repr(task).encode())
        return digest.hexdigest()


@dataclass(frozen=True)
class Solutions:
    """Test outputs by task id. Lives apart from the tasks: nothing that solves ever holds one."""

    outputs: Mapping[str, tuple[Grid, ...]]

    def check(self, tasks: TaskSet) -> None:
        """Make sure that every task has one output per test input.

        Raises:
            DataError: a task without solutions, or with another number of them.
        """
        for task in tasks:
            outputs = self.outputs.get(task.id)
            if outputs is None:
                raise DataError(f"{tasks.name}: task {task.id}: expected solutions, found none for this id")
            if len(outputs) != len(task.test):
                raise DataError(
                    f"{tasks.name}: task {task.id}: expected {len(task.test)} solutions (one per test input), "
                    f"found {len(outputs)}"
                )


def read_json(path: Path) -> Any:
    """Return the parsed file.

    Raises:
        DataError: missing, unreadable, not JSON or cut short.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        at_the_end = error.pos >= len(content.decode(errors="replace"))
        raise DataError(
            f"{path}: not JSON: {error.msg}{' (the file ends too early: was it cut short?)' if at_the_end else ''}"
        ) from None


def read_tasks(path: Path, *, lenient: bool = False) -> TaskSet:
    """Return the tasks of a challenges file, a single-task file, or a folder of either.

    Args:
        lenient: pass malformed tasks over (`TaskSet.unread`), as long as one is well formed.

    Raises:
        DataError: nothing there, or not what the ARC format says.
    """
    entries = [(task_id, value, file) for file in _files(path) for task_id, value in _bodies(file)]
    seen: dict[str, Path] = {}
    for task_id, _, file in entries:
        if task_id in seen:
            raise DataError(f"{file}: task {task_id}: already found in {seen[task_id]}")
        seen[task_id] = file
    if not entries:
        raise DataError(f"{path}: expected at least one task, found none")
    tasks, unread, troubles = [], [], []
    for task_id, value, file in entries:
        try:
            tasks.append(grids.task(task_id, value, str(file)))
        except DataError as error:
            if not lenient:
                raise
            unread.append(_stand_in(task_id, value))
            troubles.append(str(error))
    if not tasks:
        raise DataError(f"{path}: no well-formed task among {len(unread)}; the first: {troubles[0]}")
    return TaskSet(str(path), tuple(tasks), tuple(unread), tuple(troubles))


def _stand_in(task_id: str, value: Any) -> Task:
    """A task that cannot be searched and has as many test inputs as the entry seems to have, at least one."""
    given = value.get("test") if isinstance(value, dict) else None
    return Task(task_id, (), tuple(map(_or_blank, given if isinstance(given, list) else ())) or (_BLANK,))


def _or_blank(pair: Any) -> Grid:
    try:
        return grids.grid(pair.get("input") if isinstance(pair, dict) else None, "")
    except DataError:
        return _BLANK


_BLANK: Grid = ((0,),)


def read_solutions(path: Path, *, lenient: bool = False) -> Solutions | None:
    """Return the test outputs that go with the tasks at `path`, or None when there are none.

    They stand in `*_solutions.json` beside `*_challenges.json`, or in the tasks' own files, where `lenient` leaves
    malformed ones out.

    Raises:
        DataError: a file that is not what the ARC format says.
    """
    found: dict[str, tuple[Grid, ...]] = {}
    for file in _files(path):
        beside = solutions_path(file)
        if beside is not None and beside.exists():
            found.update(_solutions_file(beside))
            continue
        for task_id, value in _bodies(file):
            try:
                outputs = grids.test_outputs(task_id, value, str(file))
            except DataError:
                if not lenient:
                    raise
                continue
            if outputs is not None:
                found[task_id] = outputs
    return Solutions(found) if found else None


def solutions_path(challenges: Path) -> Path | None:
    """`x_challenges.json` -> `x_solutions.json`, Kaggle's naming; None for any other name."""
    if not challenges.name.endswith("_challenges.json"):
        return None
    return challenges.with_name(challenges.name.replace("_challenges.json", "_solutions.json"))


def _files(path: Path) -> list[Path]:
    """The task files that `path` stands for."""
    if not path.is_dir():
        return [path]
    challenges = sorted(path.glob("*_challenges.json"))
    if len(challenges) == 1:
        return challenges
    if challenges:
        names = ", ".join(file.name for file in challenges)
        raise DataError(f"{path}: expected one challenges file, found several: name one of {names}")
    files = sorted(path.glob("*.json"))
    if not files:
        raise DataError(f"{path}: expected *.json task files in this folder, found none")
    return files


def _bodies(file: Path) -> list[tuple[str, Any]]:
    """(task id, entry) for each task of one file, whichever layout it has."""
    content = read_json(file)
    if not isinstance(content, dict):
        raise DataError(f"{file}: expected an object of tasks by id, found {type(content).__name__}")
    if "train" in content or "test" in content:
        return [(file.stem, content)]
    return list(content.items())


def _solutions_file(file: Path) -> dict[str, tuple[Grid, ...]]:
    content = read_json(file)
    if not isinstance(content, dict):
        raise DataError(f"{file}: expected an object of solutions by id, found {type(content).__name__}")
    found = {}
    for task_id, outputs in content.items():
        where = f"{file}: task {task_id}"
        if not isinstance(outputs, list) or not outputs:
            raise DataError(f"{where}: expected a non-empty list of output grids")
        found[task_id] = tuple(grids.grid(output, f"{where}: [{number}]") for number, output in enumerate(outputs))
    return found
