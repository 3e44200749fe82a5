"""One call on a grid with its constants, and how a chain of them is written as a program."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from arc_submit.dsl import constants
from arc_submit.records import Grid
from arc_submit.symbolic.ideas.checks import FAILURES
from arc_submit.symbolic.ideas.writing import program

Grids: TypeAlias = tuple[Grid, ...]

NAMED = {value: name for name, value in vars(constants).items() if isinstance(value, tuple) and name.isupper()}


@dataclass(frozen=True, slots=True)
class Role:
    """A colour by what it is on the grid, where no constant does."""

    function: Callable[[Grid], int]


@dataclass(frozen=True, slots=True)
class Step:
    """`function(grid, *arguments)`; an argument that is a role stands for its colour on the grid."""

    function: Callable[..., Grid]
    arguments: tuple[Any, ...]
    cost: float = 1.0

    def on(self, grid: Grid) -> Grid | None:
        """The grid that the step makes of one; None where it fails."""
        try:
            return self.function(grid, *(a.function(grid) if isinstance(a, Role) else a for a in self.arguments))
        except FAILURES:
            return None

    @property
    def name(self) -> str:
        return self.function.__name__


def ran(steps: Sequence[Step], grids: Grids) -> Grids | None:
    """Return what a chain makes of grids; None where it fails."""
    for step in steps:
        made = tuple(grid for grid in map(step.on, grids) if grid is not None)
        if len(made) < len(grids):
            return None
        grids = made
    return grids


def written(steps: Sequence[Step], ground: bool = False) -> str:
    """Return the program of a chain. `ground`: the commonest colour stands for 0 meanwhile."""
    lines: list[str] = []

    def line(call: str) -> str:
        lines.append(f"x{len(lines) + 1} = {call}")
        return f"x{len(lines)}"

    last = "I"
    if ground:
        last = line(f"switch(I, 0, {line('mostcolor(I)')})")
    for step in steps:
        given = {a: line(f"{a.function.__name__}({last})") for a in step.arguments if isinstance(a, Role)}
        arguments = (given[a] if isinstance(a, Role) else spelled(a) for a in step.arguments)
        last = line(f"{step.name}({', '.join((last, *arguments))})")
    if ground:
        line(f"switch({last}, 0, x1)")
    return program([*lines[:-1], "O =" + lines[-1].partition("=")[2]])


def spelled(argument: Any) -> str:
    """Return a constant as a program spells it.

    >>> spelled((1, 0)), spelled(True), spelled(-1)
    ('DOWN', 'T', '-1')
    """
    if isinstance(argument, bool):
        return "T" if argument else "F"
    if isinstance(argument, tuple):
        return NAMED.get(argument, repr(argument))
    return repr(argument)
