"""A judged answer of a teacher, and the files of a folder of traces.

    settings.json     what was asked for; a resumed run must ask for the same
    tasks.jsonl       the exercises (`training.exercises`)
    archive/          raw requests and responses (`training.teacher.archive`)
    judged.jsonl      every answer that ran, better or worse: preference pairs come from here
    traces.jsonl      what is worth learning from (`training.edits.choose`)
    difficulty.json   task -> mean reward and 1 / mean reward
    costs.json        tokens and money by teacher

Programs are kept as they were written, comments among them; prompts are not kept but written anew, in the style of the
model that will be trained.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from arc_submit.errors import DataError
from arc_submit.records import Grid
from training.exercises import grid, spelled

SETTINGS, TASKS, ARCHIVE, JUDGED, TRACES, DIFFICULTY, COSTS = (
    "settings.json", "tasks.jsonl", "archive", "judged.jsonl", "traces.jsonl", "difficulty.json", "costs.json",
)  # fmt: skip
_MOST = 2**53  # of any number: what every reader of JSON takes as it is


@dataclass(frozen=True, slots=True)
class Parent:
    """The program that was shown, and what it made."""

    program: str
    """`records.Program.id`."""
    source: str
    reward: float
    """0..1.2 (`arc_submit.verify`)."""
    solved: tuple[bool, ...]
    """Per demonstration."""
    outputs: tuple[Grid | None, ...]
    """Per demonstration, None where it failed."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One answer that ran."""

    task: str
    kind: str
    """`fresh` or `edit`."""
    program: str
    """`records.Program.id`."""
    source: str
    reward: float
    """Without a penalty for thinking, 0..1.2."""
    solved: tuple[bool, ...]
    """Per demonstration."""
    right: bool | None
    """Every test output too; None where they are not known. For selection and counts: no teacher hears of it."""
    thinking: str
    """As it was said."""
    parent: Parent | None
    """None for fresh ones."""
    teacher: str
    request: str
    """Id in the archive."""
    version: str
    """Of the prompt that the teacher saw."""
    hint: str = ""
    tokens: int = 0
    """Completion tokens of the answer."""
    round: int = 0

    @property
    def gain(self) -> float:
        """By how much it is better than its parent; a fresh one's whole reward."""
        return self.reward - (self.parent.reward if self.parent is not None else 0.0)

    @property
    def passes(self) -> bool:
        """Every demonstration is right."""
        return all(self.solved)


def line(trace: Trace) -> str:
    """Return a trace as one line of JSON, line end included; UTF-8 can hold it, halves of characters are escaped."""
    body = asdict(trace)
    if trace.parent is not None:
        outputs = [None if made is None else spelled(made) for made in trace.parent.outputs]
        body["parent"]["outputs"] = outputs
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace").decode() + "\n"


def write(path: Path, traces: Iterable[Trace]) -> None:
    """Write a file of traces, whole or not at all."""
    waiting = path.with_name(f"{path.name}.part")
    with waiting.open("w", encoding="utf-8") as file:
        file.writelines(map(line, traces))
    waiting.replace(path)


def read(path: Path) -> Iterator[Trace]:
    """Yield the traces of a file, one by one: it may be larger than memory.

    Raises:
        DataError: missing, or a line that is no trace; a last line that was cut off is left out.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); `arc-train traces` writes it") from None
    with file:
        for number, text in enumerate(file, start=1):
            if not text.endswith(b"\n"):
                return
            try:
                found = _trace(json.loads(text.decode("utf-8")))
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise DataError(f"{path}: line {number} is no trace ({type(error).__name__}: {error})") from None
            yield found


def _trace(value: object) -> Trace:
    """Raises: KeyError, TypeError, ValueError."""
    body = _object(value)
    parent = body.pop("parent")
    found = Trace(**{**body, "solved": _flags(body["solved"])}, parent=None if parent is None else _parent(parent))
    _texts(
        found.task, found.kind, found.program, found.source, found.thinking, found.teacher, found.request,
        found.version, found.hint,
    )  # fmt: skip
    _number(found.reward)
    if found.right is not None:
        _flags([found.right])
    if not all(type(count) is int and 0 <= count <= _MOST for count in (found.tokens, found.round)):
        raise TypeError("expected tokens and round as integers from 0")
    return found


def _parent(value: object) -> Parent:
    body = _object(value)
    outputs = tuple(None if text is None else grid(text) for text in body.pop("outputs"))
    found = Parent(**{**body, "solved": _flags(body["solved"])}, outputs=outputs)
    _texts(found.program, found.source)
    _number(found.reward)
    return found


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, found {type(value).__name__}")
    return value


def _flags(values: object) -> tuple[bool, ...]:
    if not isinstance(values, list) or not all(isinstance(value, bool) for value in values):
        raise TypeError("expected true or false")
    return tuple(values)


def _texts(*values: object) -> None:
    if not all(isinstance(value, str) for value in values):
        raise TypeError("expected text where there is something else")


def _number(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_MOST <= value <= _MOST:
        raise TypeError("expected a number as the reward")
