"""Traces sorted into buckets of tasks on disk: what a worker needs at once lies together, and memory stays bounded.

    bucket NNNNN/   tasks.jsonl  traces.jsonl  judged.jsonl     of some tasks each, the files of a traces folder

Traces of a task are spread over a folder's file, round by round, and over several folders. They are read once, line by
line, each checked, and written to their bucket.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arc_submit.errors import DataError
from training.dataset.reviewed import Review
from training.edits import records
from training.edits.records import Trace
from training.exercises import Exercise, read, write

TASKS_EACH = 16  # tasks of one bucket
HELD = 16 * 2**20  # characters in memory before they are written


@dataclass(slots=True)
class Source:
    """A traces folder, in words."""

    name: str
    tasks: int = 0
    traces: int = 0
    judged: int = 0
    teachers: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    """Of the prompts that the teachers saw."""
    hints: Counter[str] = field(default_factory=Counter)
    unwanted: int = 0
    """Traces that a person rejected, or that nobody accepted where that was asked for; not among `traces`."""

    def described(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "name": self.name, "tasks": self.tasks, "traces": self.traces, "judged": self.judged,
            "teachers": dict(self.teachers), "prompts": dict(self.versions), "hints": dict(self.hints),
            "unwanted": self.unwanted,
        }  # fmt: skip


def exercises(folder: Path) -> dict[str, Exercise]:
    """Return the tasks of a traces folder.

    Raises:
        DataError: not a traces folder.
    """
    for name in (records.TASKS, records.TRACES):
        if not (folder / name).is_file():
            raise DataError(f"{folder}: not a folder of traces (no {name}); `arc-train traces` writes one")
    return read(folder / records.TASKS)


def difficulties(folder: Path) -> dict[str, float]:
    """Return each task's difficulty, 1 / mean reward, as far as the folder says; {} where it has none.

    Raises:
        DataError: not what `arc-train traces` writes.
    """
    path = folder / records.DIFFICULTY
    if not path.is_file():
        return {}
    try:
        body = json.loads(path.read_text("utf-8"))
        found = {task: value["difficulty"] if isinstance(value, dict) else value for task, value in body.items()}
        return {task: float(value) for task, value in found.items() if value is not None and float(value) > 0}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: cannot be read as difficulties ({type(error).__name__})") from None


class Spool:
    """Lines on their way to the buckets."""

    def __init__(
        self, folder: Path, tasks: Sequence[str], *, refused: Collection[str] = (), review: Review | None = None
    ) -> None:
        """Args:
        refused: tasks whose traces are passed over.
        review: what people decided, in all folders.
        """
        self._folder, self._refused, self._review = folder, refused, review or Review()
        self._bucket = {task: number // TASKS_EACH for number, task in enumerate(tasks)}
        self._lines: dict[Path, list[str]] = {}
        self._held = 0

    @property
    def buckets(self) -> dict[Path, list[str]]:
        """Folder of each bucket -> its tasks."""
        found: dict[Path, list[str]] = {}
        for task, number in self._bucket.items():
            found.setdefault(self._path(number), []).append(task)
        return found

    def tasks(self, exercises: Mapping[str, Exercise]) -> None:
        """Write the tasks into their buckets; makes the buckets."""
        for bucket, names in self.buckets.items():
            bucket.mkdir(parents=True)
            write(bucket / records.TASKS, [exercises[name] for name in names])
            for name in (records.TRACES, records.JUDGED):
                (bucket / name).touch()

    def traces(self, folder: Path, source: Source, *, judged: bool) -> None:
        """Read a folder's traces, or what was judged, into the buckets.

        Raises:
            DataError: a line that is no trace, or of a task that the folder does not have.
        """
        name = records.JUDGED if judged else records.TRACES
        path = folder / name
        if judged and not path.is_file():
            return
        with path.open(encoding="utf-8", errors="replace") as file:  # what is no text is said by `records.read`
            self._sort(zip(records.read(path), file, strict=False), path, source, judged)

    def _sort(self, lines: Iterable[tuple[Trace, str]], path: Path, source: Source, judged: bool) -> None:
        for trace, text in lines:
            if trace.task in self._refused:
                continue
            if trace.task not in self._bucket:
                raise DataError(f"{path}: a trace of task {trace.task}, which is not in {records.TASKS}")
            if judged:
                source.judged += 1
            elif not self._review.wanted(trace):
                source.unwanted += 1
                continue
            else:
                source.traces += 1
                source.teachers[trace.teacher] += 1
                source.versions[trace.version] += 1
                source.hints[trace.hint or "none"] += 1
            self._add(self._path(self._bucket[trace.task]) / path.name, text)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:05d}"

    def _add(self, path: Path, line: str) -> None:
        self._lines.setdefault(path, []).append(line)
        self._held += len(line)
        if self._held > HELD:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        for path, lines in self._lines.items():
            with path.open("a", encoding="utf-8") as file:
                file.writelines(lines)
        self._lines.clear()
        self._held = 0
