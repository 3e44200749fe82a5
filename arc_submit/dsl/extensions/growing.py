"""Rims and growth: the cells of a figure that lie at its rim, and the empty cells next to it.

A neighbour shares a side or a corner. A figure is any coloured cells, of one colour or several; the edge of the layer
counts as empty.
"""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Placed, one
from arc_submit.dsl.extensions.tools import nothing

__all__ = (
    "grown",
    "grown_at_sides",
    "haloed",
    "haloed_at_corners",
    "haloed_at_sides",
    "inner",
    "inner_painted",
    "rims",
    "rims_painted",
)

NUMBERS = {
    "haloed": "colours",
    "haloed_at_corners": "colours",
    "haloed_at_sides": "colours",
    "inner_painted": "colours0",
    "rims_painted": "colours0",
}
"""Which numbers are worth trying: "colours" of the task, with 0 too ("colours0")."""


@one
def rims(a: Cells, y: int, x: int) -> Placed:
    """Keep only the cells at the rim of a figure: next to a 0 or to the edge, corners too."""
    return _rim_kept(a, _rims(a), True), y, x


@one
def inner(a: Cells, y: int, x: int) -> Placed:
    """Drop the cells at the rim of a figure: next to a 0 or to the edge, corners too."""
    return _rim_kept(a, _rims(a), False), y, x


@one
def rims_painted(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Paint the cells at the rim of a figure in a colour: next to a 0 or to the edge, corners too."""
    if not 0 <= colour <= 9:
        return nothing()
    rim = _rims(a)
    h, w = a.shape
    found = a.copy()
    for i in range(h):
        for j in range(w):
            if rim[i, j]:
                found[i, j] = colour
    return found, y, x


@one
def inner_painted(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Paint the cells of a figure that are not at its rim in a colour."""
    if not 0 <= colour <= 9:
        return nothing()
    rim = _rims(a)
    h, w = a.shape
    found = a.copy()
    for i in range(h):
        for j in range(w):
            if a[i, j] != 0 and not rim[i, j]:
                found[i, j] = colour
    return found, y, x


@one
def grown(a: Cells, y: int, x: int) -> Placed:
    """Give each 0 next to a coloured cell, corners too, that cell's colour; above and left go first."""
    return _grown(a, True, True, -1), y, x


@one
def grown_at_sides(a: Cells, y: int, x: int) -> Placed:
    """Give each 0 that shares a side with a coloured cell that cell's colour; above and left go first."""
    return _grown(a, True, False, -1), y, x


@one
def haloed(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Paint each 0 next to a coloured cell, corners too, in a colour."""
    if not 0 <= colour <= 9:
        return nothing()
    return _grown(a, True, True, colour), y, x


@one
def haloed_at_sides(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Paint each 0 that shares a side with a coloured cell in a colour."""
    if not 0 <= colour <= 9:
        return nothing()
    return _grown(a, True, False, colour), y, x


@one
def haloed_at_corners(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Paint each 0 that meets a coloured cell corner to corner in a colour."""
    if not 0 <= colour <= 9:
        return nothing()
    return _grown(a, False, True, colour), y, x


def _rims(a: Cells) -> Any:
    """Return which coloured cells are next to a 0 or to the edge (bool[h, w])."""
    h, w = a.shape
    rim = np.zeros((h, w), np.bool_)
    for i in range(h):
        for j in range(w):
            if a[i, j] == 0:
                continue
            rim[i, j] = i == 0 or j == 0 or i == h - 1 or j == w - 1
            if not rim[i, j]:
                for p in range(i - 1, i + 2):
                    for q in range(j - 1, j + 2):
                        if a[p, q] == 0:
                            rim[i, j] = True
    return rim


def _rim_kept(a: Cells, rim: Any, keep: bool) -> Cells:
    h, w = a.shape
    found = a.copy()
    for i in range(h):
        for j in range(w):
            if rim[i, j] != keep:
                found[i, j] = 0
    return found


def _grown(a: Cells, sides: bool, corners: bool, colour: int) -> Cells:
    """Return `a` with what is 0 next to coloured cells painted; colour -1: in theirs, those at a side first."""
    h, w = a.shape
    found = a.copy()
    for i in range(h):
        for j in range(w):
            if a[i, j] != 0:
                continue
            near, far = 0, 0
            for p in range(max(0, i - 1), min(h, i + 2)):
                for q in range(max(0, j - 1), min(w, j + 2)):
                    if a[p, q] == 0:
                        continue
                    if p == i or q == j:
                        if near == 0:
                            near = int(a[p, q])
                    elif far == 0:
                        far = int(a[p, q])
            best = near if sides and near != 0 else (far if corners else 0)
            if best != 0:
                found[i, j] = best if colour < 0 else colour
    return found
