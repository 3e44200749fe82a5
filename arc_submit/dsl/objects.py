"""Objects on grids: connected components, colour classes, full lines.

Inside the package this file shares its name with its main primitive: `arc_submit.dsl.objects` is the function.
"""

from __future__ import annotations

from arc_submit.dsl.colours import mostcolor
from arc_submit.dsl.patches import places
from arc_submit.dsl.types import Boolean, Cell, Grid, Object, Objects, Patch

__all__ = ("asobject", "fgpartition", "frontiers", "objects", "partition", "toobject")


def objects(grid: Grid, univalued: Boolean, diagonal: Boolean, without_bg: Boolean) -> Objects:
    """The connected components of the grid. univalued: one colour each. diagonal: corners connect, not only edges.
    without_bg: cells of the most common colour belong to none."""
    stride = len(grid[0]) + 1
    flat = _padded(grid, stride, mostcolor(grid) if without_bg else None)
    steps: tuple[int, ...] = (1, -1, stride, -stride)
    if diagonal:
        steps += (stride + 1, stride - 1, 1 - stride, -1 - stride)
    grow = _one_coloured if univalued else _any_coloured
    return frozenset(
        [frozenset(grow(flat, start, steps, stride)) for start in range(len(flat)) if flat[start] is not None]
    )


def partition(grid: Grid) -> Objects:
    """One object per colour with all its cells, connected or not, background included."""
    return frozenset(map(frozenset, _by_colour(grid).values()))


def fgpartition(grid: Grid) -> Objects:
    """One object per colour with all its cells, without the most common colour."""
    classes = _by_colour(grid)
    del classes[mostcolor(grid)]
    return frozenset(map(frozenset, classes.values()))


def toobject(patch: Patch, grid: Grid) -> Object:
    """The grid's cells at the patch's places; places off the grid are left out."""
    rows, columns = len(grid), len(grid[0]) if grid else 0
    return frozenset([(grid[i][j], (i, j)) for i, j in places(patch) if 0 <= i < rows and 0 <= j < columns])


def asobject(grid: Grid) -> Object:
    """All cells of the grid as one object."""
    return frozenset([(value, (i, j)) for i, row in enumerate(grid) for j, value in enumerate(row)])


def frontiers(grid: Grid) -> Objects:
    """Every row and every column that has a single colour, each as an object."""
    rows = [[(value, (i, j)) for j, value in enumerate(row)] for i, row in enumerate(grid) if len(set(row)) == 1]
    columns = [
        [(value, (i, j)) for i, value in enumerate(column)]
        for j, column in enumerate(zip(*grid, strict=False))
        if len(set(column)) == 1
    ]
    return frozenset(map(frozenset, rows + columns))


def _by_colour(grid: Grid) -> dict[int, list[Cell]]:
    classes: dict[int, list[Cell]] = {}
    for i, row in enumerate(grid):
        for j, value in enumerate(row):
            classes.setdefault(value, []).append((value, (i, j)))
    return classes


def _padded(grid: Grid, stride: int, background: int | None) -> list[int | None]:
    """The grid in one line, rows of `stride` entries, None where no object is: on the background, behind each row,
    and in one more row at the end, which also lies before the first row since negative positions count from there."""
    flat: list[int | None] = []
    for row in grid:
        flat += row if background is None else [None if value == background else value for value in row]
        flat += [None] * (stride - len(row))
    return flat + [None] * stride


def _one_coloured(flat: list[int | None], start: int, steps: tuple[int, ...], stride: int) -> list[Cell]:
    """The cells of the start's colour connected to it, taken off the line."""
    value = flat[start]
    assert value is not None
    flat[start] = None
    reached = [start]
    for at in reached:  # grows while it is walked
        for step in steps:
            if flat[at + step] == value:
                flat[at + step] = None
                reached.append(at + step)
    return [(value, divmod(at, stride)) for at in reached]


def _any_coloured(flat: list[int | None], start: int, steps: tuple[int, ...], stride: int) -> list[Cell]:
    """The cells of any colour connected to the start, taken off the line."""
    value = flat[start]
    assert value is not None
    flat[start] = None
    reached, cells = [start], [(value, divmod(start, stride))]
    for at in reached:
        for step in steps:
            value = flat[at + step]
            if value is not None:
                flat[at + step] = None
                # Above the first row a position is negative, but there is nothing to be found.
                reached.append(at + step)
                cells.append((value, divmod(at + step, stride)))
    return cells
