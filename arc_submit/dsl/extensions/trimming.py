"""Where the cells of a layer lie: its box, cut out, filled or drawn round; rows and columns that say nothing, dropped.

A layer that is cut keeps its place on the input. Rows and columns dropped from the middle leave the rest where the
first one was. Cutting into given parts is `cutting_up`.
"""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Placed, one
from arc_submit.dsl.extensions.tools import bounds, commonest, nothing

__all__ = (
    "at_origin",
    "box_outline",
    "condensed",
    "distinct_columns",
    "distinct_rows",
    "midmost",
    "shaved",
    "solid_box",
    "squeezed",
    "trimmed",
    "trimmed_inside",
)

NUMBERS: dict[str, str | tuple[int, ...]] = {}
"""Which numbers are worth trying: no function here takes one."""


@one
def trimmed(a: Cells, y: int, x: int) -> Placed:
    """Cut out the smallest box around all that is not 0."""
    top, left, h, w = bounds(a)
    if h == 0:
        return nothing()
    return a[top : top + h, left : left + w].copy(), y + top, x + left


@one
def trimmed_inside(a: Cells, y: int, x: int) -> Placed:
    """Cut out the smallest box around all that is not 0, without its outermost rows and columns."""
    top, left, h, w = bounds(a)
    if h < 3 or w < 3:
        return nothing()
    return a[top + 1 : top + h - 1, left + 1 : left + w - 1].copy(), y + top + 1, x + left + 1


@one
def shaved(a: Cells, y: int, x: int) -> Placed:
    """Cut off the outermost row or column on all four sides."""
    h, w = a.shape
    if h < 3 or w < 3:
        return nothing()
    return a[1 : h - 1, 1 : w - 1].copy(), y + 1, x + 1


@one
def midmost(a: Cells, y: int, x: int) -> Placed:
    """Cut out the cell in the middle, or the two or four cells there."""
    h, w = a.shape
    top, left = (h - 1) // 2, (w - 1) // 2
    return a[top : h - top, left : w - left].copy(), y + top, x + left


@one
def at_origin(a: Cells, y: int, x: int) -> Placed:
    """Move the layer to the origin: its cells stay, its place becomes (0, 0)."""
    return a.copy(), 0, 0


@one
def solid_box(a: Cells, y: int, x: int) -> Placed:
    """Fill the smallest box around all that is not 0 with the commonest colour; 0 outside of it."""
    top, left, h, w = bounds(a)
    found = np.zeros_like(a)
    found[top : top + h, left : left + w] = commonest(a)
    return found, y, x


@one
def box_outline(a: Cells, y: int, x: int) -> Placed:
    """Draw the outermost rows and columns of the smallest box around all that is not 0, in the commonest colour."""
    top, left, h, w = bounds(a)
    found = np.zeros_like(a)
    found[top : top + h, left : left + w] = commonest(a)
    if h > 2 and w > 2:
        found[top + 1 : top + h - 1, left + 1 : left + w - 1] = 0
    return found, y, x


@one
def squeezed(a: Cells, y: int, x: int) -> Placed:
    """Drop every row and every column that is all 0."""
    top, left, h, _ = bounds(a)
    if h == 0:
        return nothing()
    rows = np.zeros(a.shape[0], np.bool_)
    columns = np.zeros(a.shape[1], np.bool_)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            if a[i, j] != 0:
                rows[i] = True
                columns[j] = True
    return _picked(a, rows, columns), y + top, x + left


@one
def condensed(a: Cells, y: int, x: int) -> Placed:
    """Keep one row of neighbouring rows that are equal, and one column of such columns."""
    h, w = a.shape
    rows = np.ones(h, np.bool_)
    columns = np.ones(w, np.bool_)
    for i in range(1, h):
        rows[i] = not _same_rows(a, i, i - 1)
    for j in range(1, w):
        columns[j] = not _same_columns(a, j, j - 1)
    return _picked(a, rows, columns), y, x


@one
def distinct_rows(a: Cells, y: int, x: int) -> Placed:
    """Keep only the first of rows that are equal, wherever they are."""
    h, w = a.shape
    rows = np.ones(h, np.bool_)
    for i in range(1, h):
        for k in range(i):
            if rows[k] and _same_rows(a, i, k):
                rows[i] = False
                break
    return _picked(a, rows, np.ones(w, np.bool_)), y, x


@one
def distinct_columns(a: Cells, y: int, x: int) -> Placed:
    """Keep only the first of columns that are equal, wherever they are."""
    h, w = a.shape
    columns = np.ones(w, np.bool_)
    for j in range(1, w):
        for k in range(j):
            if columns[k] and _same_columns(a, j, k):
                columns[j] = False
                break
    return _picked(a, np.ones(h, np.bool_), columns), y, x


def _picked(a: Cells, rows: Any, columns: Any) -> Cells:
    """Return the cells of the rows and columns that are True."""
    found = np.empty((rows.sum(), columns.sum()), np.uint8)
    p = 0
    for i in range(a.shape[0]):
        if not rows[i]:
            continue
        q = 0
        for j in range(a.shape[1]):
            if columns[j]:
                found[p, q] = a[i, j]
                q += 1
        p += 1
    return found


def _same_rows(a: Cells, i: int, k: int) -> bool:
    for j in range(a.shape[1]):  # noqa: SIM110
        if a[i, j] != a[k, j]:
            return False
    return True


def _same_columns(a: Cells, j: int, k: int) -> bool:
    for i in range(a.shape[0]):  # noqa: SIM110
        if a[i, j] != a[i, k]:
            return False
    return True
