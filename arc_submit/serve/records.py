"""What is asked of the server and what it answers.

Ask (task, program, perhaps its parent) -> Batch -> judging -> Verdict
"""

from dataclasses import dataclass

from arc_submit.errors import ArcSubmitError
from arc_submit.records import Fault, Grid, Program, Task


@dataclass(frozen=True, slots=True)
class Ask:
    """One program to be judged on one task."""

    task: Task
    program: Program
    parent: Program | None = None
    """What it is an edit of; its reward is taken off the program's."""
    thinking_tokens: int = 0
    """Paid for by the reward (`verify.PENALTY_PER_TOKEN` each)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One request."""

    asks: tuple[Ask, ...]
    grids: bool = False
    """Answer with the grids that the programs made, too."""
    deadline_seconds: float = 60.0
    """From the arrival; what is not judged by then is unscored."""


@dataclass(frozen=True, slots=True)
class FaultAt:
    """Why there is no grid for one input."""

    input: int
    """Place among demonstrations, then tests."""
    fault: Fault
    message: str
    """From the program, hence hostile text; at most 200 characters."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judge's word on one program."""

    reward: float | None
    """0..1.2 less thinking; 0 (less thinking) for a program that holds an output as a literal; None: unscored."""
    edit_reward: float | None
    """`reward` less the parent's; None where either is unscored or there is no parent."""
    parent_reward: float | None
    passes: bool
    """Every demonstration is right, and again in a second run."""
    literal: bool
    """Holds an output as a literal: worth nothing, whatever it solves."""
    solved: tuple[bool, ...]
    """Per demonstration."""
    cells: tuple[float, ...]
    """Per demonstration: share of cells right, 0..1."""
    signature: str
    """Equal for programs that behave alike."""
    faults: tuple[FaultAt, ...]
    """Inputs without a grid; `unstable` or `lost` for all where the second run was another or none."""
    cpu_seconds: float
    outputs: tuple[Grid | None, ...] | None = None
    """Per demonstration, where grids were asked for."""
    tests: tuple[Grid | None, ...] | None = None
    """Per test input, where grids were asked for."""


class Refused(ArcSubmitError):
    """A request that gets no verdicts; what the client is told as JSON."""

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        field: str = "",
        task: str = "",
        expected: str = "",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.field, self.task, self.expected = status, kind, field, task, expected
        self.retry_after = retry_after
        """Whole seconds; None: the same request will be refused again."""

    def body(self) -> dict[str, object]:
        """As the client sees it; what is not known is left out."""
        told = {"kind": self.kind, "message": str(self), "field": self.field, "task": self.task}
        told |= {"expected": self.expected}
        return {"error": {name: value for name, value in told.items() if value}}
