"""Sets of places: neighbours, lines, boxes. Nothing here knows a grid's limits: places may be negative or far out."""

# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from typing import Any

from arc_submit.dsl.patches import bounds, is_object, moved, outline, places
from arc_submit.dsl.types import Grid, Indices, Integer, IntegerTuple, Patch

__all__ = (
    "asindices",
    "backdrop",
    "box",
    "connect",
    "delta",
    "dneighbors",
    "hfrontier",
    "inbox",
    "ineighbors",
    "neighbors",
    "normalize",
    "ofcolor",
    "outbox",
    "shift",
    "shoot",
    "toindices",
    "vfrontier",
)

_SIDE = 30  # cells: the longest side of a grid
_REACH = 42  # steps: how far `shoot` goes


def asindices(grid: Grid) -> Indices:
    """All places of the grid."""
    columns = range(len(grid[0]) if grid else 0)
    return frozenset([(i, j) for i in range(len(grid)) for j in columns])


def ofcolor(grid: Grid, value: Integer) -> Indices:
    """The places where the grid has that colour."""
    return frozenset(
        [(i, j) for i, row in enumerate(grid) if value in row for j, colour in enumerate(row) if colour == value]
    )


def toindices(patch: Patch) -> Indices:
    """The places of an object, without its colours; places stay as they are."""
    if is_object(patch):
        return frozenset(places(patch))
    kept: Any = patch or frozenset()
    return kept


def shift(patch: Patch, directions: IntegerTuple) -> Patch:
    """The patch moved by (rows, columns), colours kept; never clipped."""
    return moved(patch, directions[0], directions[1]) if patch else patch


def normalize(patch: Patch) -> Patch:
    """The patch shifted so that its bounding box starts at (0, 0)."""
    if not patch:
        return patch
    top, left, _, _ = bounds(patch)
    cells: Any = frozenset(patch)
    return moved(patch, -top, -left) if top or left else cells


def dneighbors(loc: IntegerTuple) -> Indices:
    """The 4 places that share an edge with this one."""
    i, j = loc
    return frozenset(((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)))


def ineighbors(loc: IntegerTuple) -> Indices:
    """The 4 places that touch this one at a corner only."""
    i, j = loc
    return frozenset(((i - 1, j - 1), (i - 1, j + 1), (i + 1, j - 1), (i + 1, j + 1)))


def neighbors(loc: IntegerTuple) -> Indices:
    """The 8 places around this one."""
    return dneighbors(loc) | ineighbors(loc)


def connect(a: IntegerTuple, b: IntegerTuple) -> Indices:
    """The segment from a to b, ends included, along a row, column or diagonal; empty if they share none."""
    (top, left), (bottom, right) = a, b
    down, across = bottom - top, right - left
    if down and across and abs(down) != abs(across):
        return frozenset()
    steps = max(abs(down), abs(across))
    di, dj = (down > 0) - (down < 0), (across > 0) - (across < 0)
    return frozenset([(top + k * di, left + k * dj) for k in range(steps + 1)])


def shoot(start: IntegerTuple, direction: IntegerTuple) -> Indices:
    """The ray from a place in a direction, start included, long enough to leave any grid."""
    i, j = start
    return connect(start, (i + _REACH * direction[0], j + _REACH * direction[1]))


def vfrontier(location: IntegerTuple) -> Indices:
    """The whole column through a place: rows 0 to 29, whatever the grid's size."""
    return frozenset([(i, location[1]) for i in range(_SIDE)])


def hfrontier(location: IntegerTuple) -> Indices:
    """The whole row through a place: columns 0 to 29, whatever the grid's size."""
    return frozenset([(location[0], j) for j in range(_SIDE)])


def backdrop(patch: Patch) -> Indices:
    """All places of the patch's bounding box."""
    if not patch:
        return frozenset()
    top, left, bottom, right = bounds(patch)
    columns = range(left, right + 1)
    return frozenset([(i, j) for i in range(top, bottom + 1) for j in columns])


def delta(patch: Patch) -> Indices:
    """The places of the bounding box that the patch does not occupy."""
    return backdrop(patch).difference(places(patch))


def box(patch: Patch) -> Indices:
    """The outline of the patch's bounding box."""
    if not patch:
        nothing: Any = patch
        return nothing
    return outline(*bounds(patch))


def inbox(patch: Patch) -> Indices:
    """The outline one step inside the bounding box; a box one cell thin grows instead of vanishing."""
    top, left, bottom, right = bounds(patch)
    top, bottom = sorted((top + 1, bottom - 1))
    left, right = sorted((left + 1, right - 1))
    return outline(top, left, bottom, right)


def outbox(patch: Patch) -> Indices:
    """The outline one step outside the bounding box; places may be negative."""
    top, left, bottom, right = bounds(patch)
    return outline(top - 1, left - 1, bottom + 1, right + 1)
