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
    """Return a trace as one line of JSON, line end included."""
    body = asdict(trace)
    if trace.parent is not None:
        outputs = [None if made is None else spelled(made) for made in trace.parent.outputs]
        body["parent"]["outputs"] = outputs
    return json.dumps(body, ensure_ascii=False) + "\n"


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
        file = path.open(encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); `arc-train traces` writes it") from None
    with file:
        for number, text in enumerate(file, start=1):
            if not text.endswith("\n"):
                return
            try:
                yield _trace(json.loads(text))
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(f"{path}: line {number} is no trace ({type(error).__name__}: {error})") from None


def _trace(body: dict[str, Any]) -> Trace:
    parent = body.pop("parent")
    if parent is not None:
        outputs = tuple(None if text is None else grid(text) for text in parent.pop("outputs"))
        parent = Parent(**{**parent, "solved": tuple(parent["solved"])}, outputs=outputs)
    return Trace(**{**body, "solved": tuple(body["solved"])}, parent=parent)
