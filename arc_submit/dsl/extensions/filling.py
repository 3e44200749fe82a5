"""Holes, gaps, boxes: which empty cells are enclosed by coloured ones, or lie between those of one colour.

A hole is empty cells from which no path of empty cells leads out of the layer. Of loose walls it is enough that they
touch at corners: the path goes to the four sides only. Through tight walls it may not go diagonally either.
"""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Placed, one
from arc_submit.dsl.extensions.tools import bounds, commonest, counts, nothing

__all__ = (
    "bridged",
    "bridged_across",
    "bridged_diagonally",
    "bridged_down",
    "bridged_with",
    "filled",
    "holes",
    "holes_filled",
    "outside",
    "spanned",
    "spanned_thinly",
    "tight_holes",
    "tight_holes_filled",
)

NUMBERS = {
    "bridged_with": "colours",
    "holes_filled": "colours",
    "tight_holes_filled": "colours",
}
"""Which numbers are worth trying: "colours" of the task."""


# Holes. ---------------------------------------------------------------------------------------------------------------


@one
def holes(a: Cells, y: int, x: int) -> Placed:
    """Keep only the holes, drawn in the commonest colour; walls may touch at corners."""
    return _marked(np.zeros_like(a), _holes(a, False), commonest(a)), y, x


@one
def tight_holes(a: Cells, y: int, x: int) -> Placed:
    """Keep only the holes, drawn in the commonest colour, whose walls have no diagonal gaps."""
    return _marked(np.zeros_like(a), _holes(a, True), commonest(a)), y, x


@one
def holes_filled(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Fill the holes with a colour; walls may touch at corners."""
    if not 0 <= colour <= 9:
        return nothing()
    return _marked(a.copy(), _holes(a, False), colour), y, x


@one
def tight_holes_filled(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Fill the holes whose walls have no diagonal gaps with a colour."""
    if not 0 <= colour <= 9:
        return nothing()
    return _marked(a.copy(), _holes(a, True), colour), y, x


@one
def filled(a: Cells, y: int, x: int) -> Placed:
    """Fill each hole with the commonest colour of its walls, which may touch at corners."""
    h, w = a.shape
    found = a.copy()
    enclosed = _holes(a, False)
    hole = np.empty(h * w, np.int64)
    for i in range(h):
        for j in range(w):
            if not enclosed[i, j]:
                continue
            many = np.zeros(10, np.int64)
            size = 1
            hole[0] = i * w + j
            enclosed[i, j] = False
            k = 0
            while k < size:  # no hole reaches the edge, so every cell of one has four neighbours
                p, q = hole[k] // w, hole[k] % w
                k += 1
                for r, s in ((p - 1, q), (p + 1, q), (p, q - 1), (p, q + 1)):
                    if enclosed[r, s]:
                        enclosed[r, s] = False
                        hole[size] = r * w + s
                        size += 1
                    elif a[r, s] != 0:
                        many[a[r, s]] += 1
            colour = np.argmax(many)
            for k in range(size):
                found[hole[k] // w, hole[k] % w] = colour
    return found, y, x


@one
def outside(a: Cells, y: int, x: int) -> Placed:
    """Keep only the empty cells that are no hole, drawn in the commonest colour; walls may touch at corners."""
    enclosed = _holes(a, False)
    h, w = a.shape
    found = np.zeros_like(a)
    best = commonest(a)
    for i in range(h):
        for j in range(w):
            if a[i, j] == 0 and not enclosed[i, j]:
                found[i, j] = best
    return found, y, x


# Gaps between two cells. ----------------------------------------------------------------------------------------------


@one
def bridged_across(a: Cells, y: int, x: int) -> Placed:
    """Fill what is 0 between two cells of one colour in a row with that colour."""
    return _bridged(a, a.copy(), 0, 1, -1), y, x


@one
def bridged_down(a: Cells, y: int, x: int) -> Placed:
    """Fill what is 0 between two cells of one colour in a column with that colour."""
    return _bridged(a, a.copy(), 1, 0, -1), y, x


@one
def bridged(a: Cells, y: int, x: int) -> Placed:
    """Fill what is 0 between two cells of one colour in a row or a column with that colour; columns are on top."""
    return _bridged(a, _bridged(a, a.copy(), 0, 1, -1), 1, 0, -1), y, x


@one
def bridged_diagonally(a: Cells, y: int, x: int) -> Placed:
    """Fill what is 0 between two cells of one colour on a diagonal with that colour."""
    return _bridged(a, _bridged(a, a.copy(), 1, 1, -1), 1, -1, -1), y, x


@one
def bridged_with(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Fill what is 0 between two cells of one colour in a row or a column with the given colour."""
    if not 0 <= colour <= 9:
        return nothing()
    return _bridged(a, _bridged(a, a.copy(), 0, 1, colour), 1, 0, colour), y, x


# Boxes. ---------------------------------------------------------------------------------------------------------------


@one
def spanned(a: Cells, y: int, x: int) -> Placed:
    """Fill what is 0 in the box around the cells of each colour with it, the commonest colour first."""
    return _spanned(a, True), y, x


@one
def spanned_thinly(a: Cells, y: int, x: int) -> Placed:
    """Draw the outline of the box around the cells of each colour where it is 0, the commonest colour first."""
    return _spanned(a, False), y, x


def _holes(a: Cells, tight: bool) -> Any:
    """Return which cells are enclosed (bool[h, w])."""
    h, w = a.shape
    enclosed = a == 0
    rows = np.empty(h * w, np.int64)
    columns = np.empty(h * w, np.int64)
    waiting = 0
    for i in range(h):
        for j in range(w):
            if enclosed[i, j] and (i == 0 or j == 0 or i == h - 1 or j == w - 1):
                enclosed[i, j] = False
                rows[waiting], columns[waiting] = i, j
                waiting += 1
    while waiting > 0:
        waiting -= 1
        p, q = rows[waiting], columns[waiting]
        for r in range(max(0, p - 1), min(h, p + 2)):
            for s in range(max(0, q - 1), min(w, q + 2)):
                if enclosed[r, s] and (tight or r == p or s == q):
                    enclosed[r, s] = False
                    rows[waiting], columns[waiting] = r, s
                    waiting += 1
    return enclosed


def _marked(onto: Cells, marks: Any, colour: int) -> Cells:
    """Paint the marked cells of `onto`, which is the caller's own."""
    h, w = onto.shape
    for i in range(h):
        for j in range(w):
            if marks[i, j]:
                onto[i, j] = colour
    return onto


def _bridged(a: Cells, onto: Cells, down: int, right: int, colour: int) -> Cells:
    """Paint onto `onto` what is 0 in `a` between equal cells in one direction; colour -1: in theirs."""
    h, w = a.shape
    for i in range(h):
        for j in range(w):
            if a[i, j] == 0:
                continue
            p, q = i + down, j + right
            while 0 <= p < h and 0 <= q < w and a[p, q] == 0:
                p, q = p + down, q + right
            if not (0 <= p < h and 0 <= q < w and a[p, q] == a[i, j]):
                continue
            while p - down != i or q - right != j:
                p, q = p - down, q - right
                onto[p, q] = a[i, j] if colour < 0 else colour
    return onto


def _spanned(a: Cells, solid: bool) -> Cells:
    found = a.copy()
    many = counts(a)
    many[0] = 0
    for _ in range(np.count_nonzero(many)):
        colour = np.argmax(many)
        many[colour] = 0
        top, left, tall, wide = bounds(a == colour)
        for i in range(top, top + tall):
            for j in range(left, left + wide):
                inner = top < i < top + tall - 1 and left < j < left + wide - 1
                if found[i, j] == 0 and (solid or not inner):
                    found[i, j] = colour
    return found
