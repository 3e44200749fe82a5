"""Painting. The result is always a new grid of the same size; places off the grid are ignored, negative ones too."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from arc_submit.dsl.colours import mostcolor
from arc_submit.dsl.patches import places
from arc_submit.dsl.places import shift
from arc_submit.dsl.types import Cell, Grid, Integer, IntegerTuple, Object, Patch

__all__ = ("canvas", "cover", "fill", "move", "paint", "underfill", "underpaint")


def fill(grid: Grid, value: Integer, patch: Patch) -> Grid:
    """The grid with all places of the patch in that one colour; an object's own colours do not matter."""
    rows, height, width = _opened(grid)
    for i, j in places(patch):
        if 0 <= i < height and 0 <= j < width:
            rows[i][j] = value
    return tuple(map(tuple, rows))


def paint(grid: Grid, obj: Object) -> Grid:
    """The grid with the object's cells drawn in their own colours."""
    rows, height, width = _opened(grid)
    for value, (i, j) in _by_colour(obj):
        if 0 <= i < height and 0 <= j < width:
            rows[i][j] = value
    return tuple(map(tuple, rows))


def underfill(grid: Grid, value: Integer, patch: Patch) -> Grid:
    """Like `fill`, but only where the grid has its most common colour."""
    background = mostcolor(grid)
    rows, height, width = _opened(grid)
    for i, j in places(patch):
        if 0 <= i < height and 0 <= j < width and rows[i][j] == background:
            rows[i][j] = value
    return tuple(map(tuple, rows))


def underpaint(grid: Grid, obj: Object) -> Grid:
    """Like `paint`, but only where the grid has its most common colour."""
    background = mostcolor(grid)
    rows, height, width = _opened(grid)
    for value, (i, j) in _by_colour(obj):
        if 0 <= i < height and 0 <= j < width and rows[i][j] == background:
            rows[i][j] = value
    return tuple(map(tuple, rows))


def cover(grid: Grid, patch: Patch) -> Grid:
    """The grid with the patch wiped out: its places get the most common colour."""
    return fill(grid, mostcolor(grid), patch)


def move(grid: Grid, obj: Object, offset: IntegerTuple) -> Grid:
    """The grid with the object wiped out and drawn again, shifted by the offset; what leaves the grid is lost."""
    shifted: Any = shift(obj, offset)
    return paint(cover(grid, obj), shifted)


def canvas(value: Integer, dimensions: IntegerTuple) -> Grid:
    """A one-coloured grid of (rows, columns)."""
    return ((value,) * dimensions[1],) * dimensions[0]


def _opened(grid: Grid) -> tuple[list[list[int]], int, int]:
    """Rows that can be written to, their number, their length."""
    return list(map(list, grid)), len(grid), len(grid[0]) if grid else 0


def _by_colour(obj: Any) -> Iterable[Cell]:
    """Cells in an order that settles which of two colours comes last at one place: as visited."""
    if isinstance(obj, frozenset):
        return sorted(obj, key=itemgetter(0))
    cells: Iterable[Cell] = obj
    return cells
