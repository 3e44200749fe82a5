"""Where a chain of steps stands: the grids so far, beside the outputs they should become."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from arc_submit.dsl import mostcolor, switch
from arc_submit.records import Grid, Task
from arc_submit.symbolic.ideas.chaining.steps import Grids, Step
from arc_submit.symbolic.ideas.checks import compared, differences, same_sizes


@dataclass(frozen=True, slots=True)
class Gain:
    """What a step does to a situation."""

    grids: Grids
    """Of the demonstrations only."""
    right: int
    """Cells that it sets right."""
    wrong: int
    """Cells that it sets wrong, or changes from wrong to wrong."""
    pairs: int
    """Demonstrations on which it sets any right."""


@dataclass(frozen=True, slots=True)
class Situation:
    grids: Grids
    outputs: Grids
    steps: tuple[Step, ...] = ()
    cost: float = 0.0
    left: int = field(init=False)
    """Cells still wrong."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "left", sum(1 for _ in self.differences()))

    def differences(self) -> Iterator[tuple[int, int, int]]:
        """Pair, row and column of what is wrong."""
        for pair, (grid, output) in enumerate(zip(self.grids, self.outputs, strict=True)):
            for i, j in differences(grid, output):
                yield pair, i, j

    def gains(self, step: Step, slack: float) -> Iterator[tuple[int, Gain | None]]:
        """Yield the cells of each grid tried, and, with the last one only, what the step does: None for nothing good.
        It may set wrong a share `slack` of what it sets right."""
        right = wrong = pairs = 0
        grids: list[Grid] = []
        for grid, output in zip(self.grids, self.outputs, strict=True):
            cells = len(grid) * len(grid[0])
            made = step.on(grid)
            if made is None:
                yield cells, None
                return
            good, bad = compared(grid, made, output)
            if bad > slack * max(good, 1):
                yield cells, None
                return
            right, wrong, pairs = right + good, wrong + bad, pairs + (good > 0)
            grids.append(made)
            whole = right and len(grids) == len(self.grids)
            yield cells, Gain(tuple(grids), right, wrong, pairs) if whole else None

    def after(self, step: Step, gain: Gain) -> "Situation":
        return Situation(gain.grids, self.outputs, (*self.steps, step), self.cost + step.cost)


@dataclass(frozen=True, slots=True)
class Start:
    """A task to be solved step by step."""

    situation: Situation
    tests: Grids
    ground: bool
    """Each grid's commonest colour and 0 have changed places."""


def starts(task: Task) -> Iterator[Start]:
    """Yield the task as it is and, where 0 is not the commonest colour of every grid, with grounds of 0; nothing where
    shapes change or nothing does."""
    pairs = sorted(((pair.input, pair.output) for pair in task.train), key=_area)  # small grids tell soonest
    if not same_sizes(task) or all(a == b for a, b in pairs):
        return
    yield Start(Situation(tuple(a for a, _ in pairs), tuple(b for _, b in pairs)), task.test, False)
    if any(mostcolor(grid) for grid in task.inputs):
        inputs, outputs = tuple(_grounded(a, a) for a, _ in pairs), tuple(_grounded(b, a) for a, b in pairs)
        yield Start(Situation(inputs, outputs), tuple(_grounded(grid, grid) for grid in task.test), True)


def _area(pair: tuple[Grid, Grid]) -> int:
    return len(pair[0]) * len(pair[0][0])


def _grounded(grid: Grid, like: Grid) -> Grid:
    return switch(grid, 0, mostcolor(like))
