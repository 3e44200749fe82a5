"""What travels through the builder: one answer of a teacher on its way to becoming examples, and the run behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from arc_submit.records import Grid, Program, Ran, View
from arc_submit.sandbox import Job
from training.edits.records import Parent
from training.exercises import Exercise

Run: TypeAlias = Callable[[Sequence[Job]], list[Ran]]
"""The sandbox, or what stands for it in tests: one Ran per job."""
Grids: TypeAlias = tuple[Grid | None, ...]


@dataclass(slots=True, eq=False)
class Case:
    """One target: a program, what led to it, and what it does."""

    exercise: Exercise
    kind: str
    """`fresh` or `edit`."""
    program: Program
    thinking: str
    parent: Parent | None
    teacher: str
    reward: float
    """Of the child, 0..1.2: as recorded, then as it was worked out here."""
    gain: float
    """By how much that is better than the parent's; a fresh one's whole reward."""
    right: bool | None
    """The test outputs too; None: not known."""
    shown: Program | None = None
    """The parent as a program; None for fresh ones."""
    solved: tuple[bool, ...] = ()
    """Per demonstration, as recorded."""
    outputs: Grids = ()
    """Of `exercise.task.inputs`, when it ran here."""
    seen: list["Seen"] = field(default_factory=list)
    """The views that it holds in."""

    @property
    def trace(self) -> str:
        """Names the case within its task."""
        return f"{self.parent.program if self.parent else 'fresh'}>{self.program.id}"

    @property
    def passes(self) -> bool:
        """Every demonstration is right."""
        pairs = self.exercise.task.train
        made = self.outputs[: len(pairs)]
        return len(made) == len(pairs) and all(one == pair.output for one, pair in zip(made, pairs, strict=True))


@dataclass(frozen=True, slots=True)
class Seen:
    """A case in one view: code for the task as the view shows it."""

    view: View
    source: str
    parent: str = ""
    """The parent's code for the view; empty for fresh ones."""


def job(program: Program, inputs: tuple[Grid, ...]) -> Job:
    """Return the job of running a program; one that speaks the DSL without importing it is given the import."""
    return Job(program.source, program.dialect, program.entry, inputs)


def grids(ran: Ran) -> Grids:
    """Return what a program made of each input, None where it failed."""
    return tuple(output.grid for output in ran.outputs)
