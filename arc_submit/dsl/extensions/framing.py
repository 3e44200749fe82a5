"""Frames and lines: borders put on, edges painted, the lines that part a layer kept or taken out.

A line is a row or column all in one colour other than 0. Taking a border off is `trimming`.
"""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import MOST_SIDE, Cells, Placed, one
from arc_submit.dsl.extensions.tools import bounds, commonest, nothing

__all__ = (
    "bordered",
    "bordered_alike",
    "box_drawn",
    "corner_cells",
    "edge_cells",
    "edge_painted",
    "footprint",
    "grid_lines",
    "lines_blanked",
    "lines_taken_out",
)

NUMBERS = {
    "bordered": "colours0",
    "box_drawn": "colours",
    "edge_painted": "colours",
}
"""Which numbers are worth trying: "colours" of the task, with 0 too ("colours0")."""


@one
def bordered(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Put a border of width 1 in a colour around the layer, which grows by it."""
    if not 0 <= colour <= 9:
        return nothing()
    return _bordered(a, y, x, colour)


@one
def bordered_alike(a: Cells, y: int, x: int) -> Placed:
    """Put a border of width 1 in the commonest colour around the layer, which grows by it."""
    return _bordered(a, y, x, commonest(a))


@one
def edge_painted(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Paint the outermost rows and columns of the layer in a colour."""
    if not 0 <= colour <= 9:
        return nothing()
    found = a.copy()
    found[0, :] = colour
    found[-1, :] = colour
    found[:, 0] = colour
    found[:, -1] = colour
    return found, y, x


@one
def box_drawn(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Draw a box in a colour close around all that is not 0, as far as it lies within the layer."""
    if not 0 <= colour <= 9:
        return nothing()
    found = a.copy()
    top, left, h, w = bounds(a)
    if h == 0:
        return found, y, x
    for i in range(max(0, top - 1), min(a.shape[0], top + h + 1)):
        for j in range(max(0, left - 1), min(a.shape[1], left + w + 1)):
            if i < top or j < left or i >= top + h or j >= left + w:
                found[i, j] = colour
    return found, y, x


@one
def edge_cells(a: Cells, y: int, x: int) -> Placed:
    """Keep only the outermost rows and columns of the layer; what is inside becomes 0."""
    found = a.copy()
    found[1:-1, 1:-1] = 0
    return found, y, x


@one
def corner_cells(a: Cells, y: int, x: int) -> Placed:
    """Keep only the cells in the four corners of the layer."""
    found = np.zeros_like(a)
    for i in (0, a.shape[0] - 1):
        for j in (0, a.shape[1] - 1):
            found[i, j] = a[i, j]
    return found, y, x


@one
def footprint(a: Cells, y: int, x: int) -> Placed:
    """Return a layer of the same size at the origin, all in colour 1."""
    found = a.copy()
    found[:] = 1
    return found, 0, 0


@one
def grid_lines(a: Cells, y: int, x: int) -> Placed:
    """Keep only the lines: rows and columns all in one colour other than 0."""
    h, w = a.shape
    rows, columns = _lines(a), _lines(a.T)
    found = a.copy()
    for i in range(h):
        for j in range(w):
            if not rows[i] and not columns[j]:
                found[i, j] = 0
    return found, y, x


@one
def lines_blanked(a: Cells, y: int, x: int) -> Placed:
    """Turn the lines into 0: rows and columns all in one colour other than 0."""
    h, w = a.shape
    rows, columns = _lines(a), _lines(a.T)
    found = a.copy()
    for i in range(h):
        for j in range(w):
            if rows[i] or columns[j]:
                found[i, j] = 0
    return found, y, x


@one
def lines_taken_out(a: Cells, y: int, x: int) -> Placed:
    """Take the lines out, which are rows and columns all in one colour other than 0, and close the gaps."""
    h, w = a.shape
    rows, columns = _lines(a), _lines(a.T)
    tall, wide = h - rows.sum(), w - columns.sum()
    if tall == 0 or wide == 0:
        return nothing()
    found = np.empty((tall, wide), np.uint8)
    p = 0
    for i in range(h):
        if rows[i]:
            continue
        q = 0
        for j in range(w):
            if not columns[j]:
                found[p, q] = a[i, j]
                q += 1
        p += 1
    return found, y, x


def _bordered(a: Cells, y: int, x: int, colour: int) -> Placed:
    h, w = a.shape
    if h + 2 > MOST_SIDE or w + 2 > MOST_SIDE:
        return nothing()
    found = np.empty((h + 2, w + 2), np.uint8)
    found[:] = colour
    found[1:-1, 1:-1] = a
    return found, y - 1, x - 1


def _lines(a: Cells) -> Any:
    """Return which rows are all in one colour other than 0 (bool[h])."""
    h, w = a.shape
    found = np.zeros(h, np.bool_)
    for i in range(h):
        found[i] = a[i, 0] != 0
        for j in range(1, w):
            if a[i, j] != a[i, 0]:
                found[i] = False
                break
    return found
