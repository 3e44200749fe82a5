"""The whole layer turned and mirrored; moved along its own rows and columns; laid over its own mirror images.

A turned or mirrored layer keeps the place of its upper left cell. Larger layers made of copies are `repeating`.
"""

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Placed, one
from arc_submit.dsl.extensions.tools import nothing

__all__ = (
    "antitransposed",
    "mirrored",
    "nudged_down",
    "nudged_left",
    "nudged_right",
    "nudged_up",
    "rolled_down",
    "rolled_left",
    "rolled_right",
    "rolled_up",
    "symmetric_across",
    "symmetric_diagonally",
    "symmetric_four_ways",
    "symmetric_in_turns",
    "symmetric_upright",
    "transposed",
    "turned_around",
    "turned_left",
    "turned_right",
    "upside_down",
)

NUMBERS: dict[str, str | tuple[int, ...]] = {}
"""Which numbers are worth trying: no function here takes one."""


@one
def upside_down(a: Cells, y: int, x: int) -> Placed:
    """Mirror the layer top to bottom."""
    return a[::-1].copy(), y, x


@one
def mirrored(a: Cells, y: int, x: int) -> Placed:
    """Mirror the layer left to right."""
    return a[:, ::-1].copy(), y, x


@one
def turned_around(a: Cells, y: int, x: int) -> Placed:
    """Turn the layer by 180 degrees."""
    return a[::-1, ::-1].copy(), y, x


@one
def turned_right(a: Cells, y: int, x: int) -> Placed:
    """Turn the layer by 90 degrees, clockwise."""
    return a[::-1].T.copy(), y, x


@one
def turned_left(a: Cells, y: int, x: int) -> Placed:
    """Turn the layer by 90 degrees, anticlockwise."""
    return a.T[::-1].copy(), y, x


@one
def transposed(a: Cells, y: int, x: int) -> Placed:
    """Mirror the layer at its main diagonal: rows become columns."""
    return a.T.copy(), y, x


@one
def antitransposed(a: Cells, y: int, x: int) -> Placed:
    """Mirror the layer at the diagonal that runs from lower left to upper right."""
    return a[::-1, ::-1].T.copy(), y, x


@one
def nudged_up(a: Cells, y: int, x: int) -> Placed:
    """Move all cells one row up within the layer; the first row is lost, the last one becomes 0."""
    return _nudged(a, -1, 0), y, x


@one
def nudged_down(a: Cells, y: int, x: int) -> Placed:
    """Move all cells one row down within the layer; the last row is lost, the first one becomes 0."""
    return _nudged(a, 1, 0), y, x


@one
def nudged_left(a: Cells, y: int, x: int) -> Placed:
    """Move all cells one column to the left within the layer; the first column is lost, the last one becomes 0."""
    return _nudged(a, 0, -1), y, x


@one
def nudged_right(a: Cells, y: int, x: int) -> Placed:
    """Move all cells one column to the right within the layer; the last column is lost, the first one becomes 0."""
    return _nudged(a, 0, 1), y, x


@one
def rolled_up(a: Cells, y: int, x: int) -> Placed:
    """Move all rows up by one; the first one comes back in at the bottom."""
    return _rolled(a, -1, 0), y, x


@one
def rolled_down(a: Cells, y: int, x: int) -> Placed:
    """Move all rows down by one; the last one comes back in at the top."""
    return _rolled(a, 1, 0), y, x


@one
def rolled_left(a: Cells, y: int, x: int) -> Placed:
    """Move all columns to the left by one; the first one comes back in at the right."""
    return _rolled(a, 0, -1), y, x


@one
def rolled_right(a: Cells, y: int, x: int) -> Placed:
    """Move all columns to the right by one; the last one comes back in at the left."""
    return _rolled(a, 0, 1), y, x


@one
def symmetric_across(a: Cells, y: int, x: int) -> Placed:
    """Fill the cells that are 0 from the layer's left to right mirror image."""
    return _over(a, a[:, ::-1]), y, x


@one
def symmetric_upright(a: Cells, y: int, x: int) -> Placed:
    """Fill the cells that are 0 from the layer's top to bottom mirror image."""
    return _over(a, a[::-1]), y, x


@one
def symmetric_four_ways(a: Cells, y: int, x: int) -> Placed:
    """Fill the cells that are 0 from the layer's mirror images left to right, and then top to bottom."""
    found = _over(a, a[:, ::-1])
    return _over(found, found[::-1]), y, x


@one
def symmetric_diagonally(a: Cells, y: int, x: int) -> Placed:
    """Fill the cells of a square layer that are 0 from its mirror image at the main diagonal."""
    if a.shape[0] != a.shape[1]:
        return nothing()
    return _over(a, a.T), y, x


@one
def symmetric_in_turns(a: Cells, y: int, x: int) -> Placed:
    """Fill the cells of a square layer that are 0 from the layer turned by 90, 180 and 270 degrees."""
    if a.shape[0] != a.shape[1]:
        return nothing()
    found = _over(a, a[::-1].T)
    return _over(found, found[::-1, ::-1]), y, x


def _over(a: Cells, under: Cells) -> Cells:
    """Return `a` with its 0 cells taken from `under`."""
    h, w = a.shape
    found = a.copy()
    for i in range(h):
        for j in range(w):
            if a[i, j] == 0:
                found[i, j] = under[i, j]
    return found


def _nudged(a: Cells, down: int, right: int) -> Cells:
    h, w = a.shape
    found = np.zeros_like(a)
    for i in range(max(0, -down), min(h, h - down)):
        for j in range(max(0, -right), min(w, w - right)):
            found[i + down, j + right] = a[i, j]
    return found


def _rolled(a: Cells, down: int, right: int) -> Cells:
    h, w = a.shape
    found = np.empty_like(a)
    for i in range(h):
        for j in range(w):
            found[(i + down) % h, (j + right) % w] = a[i, j]
    return found
