"""Counts drawn as layers: as many cells in a row, a square or on a diagonal as there are cells, colours or objects.

Objects are of one colour each and hold together at corners too. The place of a count is that of the layer counted.
"""

import numpy as np

from arc_submit.dsl.extensions.kernel import MOST_SIDE, Cells, Placed, one
from arc_submit.dsl.extensions.tools import commonest, counts, labels, nothing

__all__ = (
    "cells_in_line",
    "cells_on_diagonal",
    "colour_bars",
    "colours_in_line",
    "colours_in_square",
    "commonest_cell",
    "objects_in_line",
    "objects_in_square",
    "objects_on_diagonal",
    "palette_across",
    "palette_down",
    "rarest_cell",
)

NUMBERS: dict[str, str | tuple[int, ...]] = {}
"""Which numbers are worth trying: no function here takes one."""


@one
def cells_in_line(a: Cells, y: int, x: int) -> Placed:
    """Draw one row of as many cells as are not 0, in the commonest colour."""
    return _solid(1, _cells(a), commonest(a)), y, x


@one
def cells_on_diagonal(a: Cells, y: int, x: int) -> Placed:
    """Draw a square whose main diagonal has as many cells as are not 0, in the commonest colour."""
    return _diagonal(_cells(a), commonest(a)), y, x


@one
def objects_in_line(a: Cells, y: int, x: int) -> Placed:
    """Draw one row of as many cells as there are objects, in the commonest colour."""
    return _solid(1, _objects(a), commonest(a)), y, x


@one
def objects_in_square(a: Cells, y: int, x: int) -> Placed:
    """Draw a solid square whose side is the number of objects, in the commonest colour."""
    n = _objects(a)
    return _solid(n, n, commonest(a)), y, x


@one
def objects_on_diagonal(a: Cells, y: int, x: int) -> Placed:
    """Draw a square whose main diagonal has as many cells as there are objects, in the commonest colour."""
    return _diagonal(_objects(a), commonest(a)), y, x


@one
def colours_in_line(a: Cells, y: int, x: int) -> Placed:
    """Draw one row of as many cells as there are colours other than 0, in the commonest colour."""
    return _solid(1, _by_frequency(a).size, commonest(a)), y, x


@one
def colours_in_square(a: Cells, y: int, x: int) -> Placed:
    """Draw a solid square whose side is the number of colours other than 0, in the commonest colour."""
    n = _by_frequency(a).size
    return _solid(n, n, commonest(a)), y, x


@one
def commonest_cell(a: Cells, y: int, x: int) -> Placed:
    """Draw one cell in the commonest colour other than 0."""
    best = commonest(a)
    if best == 0:
        return nothing()
    return _solid(1, 1, best), y, x


@one
def rarest_cell(a: Cells, y: int, x: int) -> Placed:
    """Draw one cell in the rarest colour other than 0."""
    found = _by_frequency(a)
    if found.size == 0:
        return nothing()
    return _solid(1, 1, found[-1]), y, x


@one
def palette_down(a: Cells, y: int, x: int) -> Placed:
    """Draw one column with each colour other than 0 once, the commonest at the top."""
    found = _by_frequency(a)
    if found.size == 0:
        return nothing()
    return found.astype(np.uint8).reshape((found.size, 1)), y, x


@one
def palette_across(a: Cells, y: int, x: int) -> Placed:
    """Draw one row with each colour other than 0 once, the commonest on the left."""
    found = _by_frequency(a)
    if found.size == 0:
        return nothing()
    return found.astype(np.uint8).reshape((1, found.size)), y, x


@one
def colour_bars(a: Cells, y: int, x: int) -> Placed:
    """Draw a bar from the left for each colour other than 0, as long as it has cells, the longest at the top."""
    many = counts(a)
    found = _by_frequency(a)
    if found.size == 0 or many[found[0]] > MOST_SIDE:
        return nothing()
    bars = np.zeros((found.size, many[found[0]]), np.uint8)
    for i in range(found.size):
        bars[i, : many[found[i]]] = found[i]
    return bars, y, x


def _cells(a: Cells) -> int:
    """Return how many cells are not 0."""
    return int(a.size - counts(a)[0])


def _objects(a: Cells) -> int:
    """Return how many objects there are."""
    return labels(a, True, True)[1]


def _by_frequency(a: Cells) -> Cells:
    """Return the colours other than 0 (int64), the commonest first, the smaller one first of two alike."""
    many = counts(a)
    many[0] = 0
    found = np.zeros(np.count_nonzero(many), np.int64)
    for k in range(found.size):
        found[k] = np.argmax(many)
        many[found[k]] = 0
    return found


def _solid(h: int, w: int, colour: int) -> Cells:
    """Return a layer of one colour; without cells where it has none or is too large."""
    if h == 0 or w == 0 or h > MOST_SIDE or w > MOST_SIDE:
        return np.zeros((0, 0), np.uint8)
    found = np.empty((h, w), np.uint8)
    found[:] = colour
    return found


def _diagonal(n: int, colour: int) -> Cells:
    """Return a square with a diagonal; without cells where it has none or is too large."""
    if n > MOST_SIDE:
        return np.zeros((0, 0), np.uint8)
    found = np.zeros((n, n), np.uint8)
    for i in range(n):
        found[i, i] = colour
    return found
