"""What ideas ask of grids: is it one, did sizes stay, what changed, and is the change right."""

from collections.abc import Iterator

from arc_submit.dsl import shape
from arc_submit.records import MAX_SIDE, Grid, Task

FAILURES = (ValueError, IndexError, TypeError, KeyError, ZeroDivisionError)
"""What a call of the DSL may raise on a grid that it is not made for."""


def is_grid(made: Grid) -> bool:
    """Whether it has at least one cell, and no side is too long for a grid."""
    return 0 < len(made) <= MAX_SIDE and 0 < len(made[0]) <= MAX_SIDE


def same_sizes(task: Task) -> bool:
    """Whether every output has its input's size."""
    return all(shape(pair.input) == shape(pair.output) for pair in task.train)


def differences(before: Grid, after: Grid) -> Iterator[tuple[int, int]]:
    """Yield the rows and columns where two grids of one size differ.

    >>> list(differences(((1, 2), (3, 4)), ((1, 0), (3, 0))))
    [(0, 1), (1, 1)]
    """
    for i, (row, other) in enumerate(zip(before, after, strict=True)):
        if row != other:
            for j, (a, b) in enumerate(zip(row, other, strict=True)):
                if a != b:
                    yield i, j


def compared(before: Grid, after: Grid, wanted: Grid) -> tuple[int, int]:
    """Return how many cells became right, and how many changed and are not right.

    >>> compared(((1, 1, 1),), ((1, 2, 3),), ((1, 2, 2),))
    (1, 1)
    """
    right = wrong = 0
    for row, new, goal in zip(before, after, wanted, strict=True):
        if row == new:
            continue
        for a, b, c in zip(row, new, goal, strict=True):
            if a != b:
                if b == c:
                    right += 1
                else:
                    wrong += 1
    return right, wrong
