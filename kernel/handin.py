"""The file that is handed in: written before anything else, improved while the solver works, checked at the end.

Format (Kaggle, ARC Prize 2024-2026): an object with every task id; per task a list with one object per test input, in
order; per object `attempt_1` and `attempt_2`, each a rectangular list of lists of ints 0..9, 1..30 a side.

An output without an answer has the fallback: the test input and [[0]]. An answer never gives way to a fallback.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Grid = list[list[int]]
Content = dict[str, list[dict[str, Any]]]
_ATTEMPTS = ("attempt_1", "attempt_2")
_NOTHING: Grid = [[0]]
_LAST_RESORTS: tuple[Grid, ...] = ([[0]], [[1]])  # of the solver's own fallbacks
_MOST = 30


class HandinError(ValueError):
    """A file of tasks, solutions or answers that cannot be used; the message says why."""


@dataclass(frozen=True)
class Settled:
    """Answers made whole."""

    content: Content
    """Every task, every output, both attempts."""
    repaired: list[str]
    """Ids of tasks whose answers were missing or malformed and have fallbacks now."""
    unknown: list[str]
    """Ids that are not asked for; left out."""
    fallbacks: int
    """Outputs without an answer."""
    outputs: int


def read(path: Path) -> dict[str, Any]:
    """Return a JSON object by task id.

    Raises:
        HandinError: unreadable, not JSON, cut short, or no object.
    """
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise HandinError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise HandinError(f"{path}: not JSON, or cut short: {error}") from None
    if not isinstance(content, dict):
        raise HandinError(f"{path}: expected an object by task id, found {type(content).__name__}")
    return content


def fallback(challenges: Mapping[str, Any]) -> tuple[Content, list[str]]:
    """Return a submission that answers nothing, and the ids of malformed tasks."""
    content: Content = {}
    malformed = []
    for task_id, task in challenges.items():
        tests = task.get("test") if isinstance(task, dict) else None
        listed = tests if isinstance(tests, list) else []
        inputs = [test.get("input") if isinstance(test, dict) else None for test in listed]
        if not inputs or not all(map(is_grid, inputs)) or not _are_pairs(task.get("train")):
            malformed.append(task_id)
        content[task_id] = [
            {"attempt_1": grid if is_grid(grid) else _NOTHING, "attempt_2": _NOTHING} for grid in inputs or [None]
        ]
    return content, malformed


def settle(found: Mapping[str, Any], empty: Content) -> Settled:
    """Return the answers with every hole and fault filled from the fallback `empty`."""
    content: Content = {}
    repaired, fallbacks = [], 0
    for task_id, blank in empty.items():
        entries = found.get(task_id)
        given: list[Any] = entries if isinstance(entries, list) else []
        whole = len(given) == len(blank) and all(map(is_entry, given))
        content[task_id] = [
            {name: entry[name] for name in _ATTEMPTS} if is_entry(entry) else none
            for entry, none in zip([*given, *[None] * len(blank)], blank, strict=False)
        ]
        if not whole:
            repaired.append(task_id)
        fallbacks += sum(is_fallback(entry, none) for entry, none in zip(content[task_id], blank, strict=True))
    unknown = [task_id for task_id in found if task_id not in empty]
    return Settled(content, repaired, unknown, fallbacks, sum(map(len, empty.values())))


def overlay(kept: Content, newer: Content, empty: Content) -> Content:
    """Return the newer answers, but the kept ones where the newer are fallbacks. All three are whole."""
    return {
        task_id: [
            old if is_fallback(new, none) else new
            for old, new, none in zip(kept[task_id], newer[task_id], blank, strict=True)
        ]
        for task_id, blank in empty.items()
    }


def write(path: Path, content: Content) -> None:
    """Write the file atomically and read it back.

    Raises:
        OSError, HandinError: it cannot be written, or not be read back; what was there before is untouched.
    """
    draft = path.with_name(f"{path.name}.new")
    try:
        with open(draft, "w", encoding="utf-8") as file:
            json.dump(content, file, separators=(",", ":"))
            file.flush()
            os.fsync(file.fileno())
        if read(draft) != content:
            raise HandinError(f"{draft}: reads back differently")
        os.replace(draft, path)
    except (OSError, HandinError):
        draft.unlink(missing_ok=True)
        raise


def score(content: Content, solutions: Mapping[str, Any], ids: Iterable[str]) -> tuple[int, int]:
    """Return (outputs solved, outputs) as the competition counts: either attempt may be right, every output counts one.

    Raises:
        HandinError: a task without solutions, or with another number of them.
    """
    solved = outputs = 0
    for task_id in ids:
        wanted = solutions.get(task_id)
        if not isinstance(wanted, list) or len(wanted) != len(content[task_id]):
            raise HandinError(f"task {task_id}: expected {len(content[task_id])} solutions, one per test input")
        outputs += len(wanted)
        solved += sum(
            grid in (entry["attempt_1"], entry["attempt_2"])
            for grid, entry in zip(wanted, content[task_id], strict=True)
        )
    return solved, outputs


def kept_in(path: Path, empty: Content) -> Content:
    """Return the answers that stand in a file; fallbacks where it has none, or is none."""
    try:
        return settle(read(path), empty).content
    except HandinError:
        return empty


@dataclass
class Mirror:
    """Takes over the solver's answers as they come."""

    target: Path
    empty: Content
    """The fallback for the tasks that `target` is to answer."""
    complaints: list[str] = field(default_factory=list)
    """Why a file was not taken over, each reason once."""
    _seen: tuple[Path, int, int] | None = None
    """What was taken over last; what could not be, on a full disk, is tried again at the next look."""

    def look(self, source: Path) -> None:
        """Take the file over if it is newer and an object by task id; else leave the target as it is."""
        try:
            stat = source.stat()
        except FileNotFoundError:
            return
        except OSError as error:
            self._complain(f"{source}: {error.strerror}")
            return
        now = (source, stat.st_mtime_ns, stat.st_size)
        if now == self._seen:
            return
        try:
            newer = settle(read(source), self.empty).content
            write(self.target, overlay(kept_in(self.target, self.empty), newer, self.empty))
        except (HandinError, OSError) as error:
            self._complain(f"not taken over: {error}")
        else:
            self._seen = now

    def _complain(self, words: str) -> None:
        if words not in self.complaints:
            self.complaints.append(words)
            print(f"  {words}", flush=True)


def is_grid(value: Any) -> bool:
    """Return whether this is a rectangular list of lists of ints 0..9, 1..30 a side."""
    return (
        isinstance(value, list)
        and 1 <= len(value) <= _MOST
        and all(isinstance(row, list) and 1 <= len(row) <= _MOST and len(row) == len(value[0]) for row in value)
        and all(type(cell) is int and 0 <= cell <= 9 for row in value for cell in row)
    )


def is_entry(value: Any) -> bool:
    """Return whether this answers one test output."""
    return isinstance(value, dict) and all(is_grid(value.get(name)) for name in _ATTEMPTS)


def is_fallback(entry: Mapping[str, Any], blank: Mapping[str, Any]) -> bool:
    """Return whether no program made either attempt, as far as the file tells."""
    return all(entry[name] in (blank["attempt_1"], *_LAST_RESORTS) for name in _ATTEMPTS)


def _are_pairs(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(pair, dict) and is_grid(pair.get("input")) and is_grid(pair.get("output")) for pair in value)
    )
