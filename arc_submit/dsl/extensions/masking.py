"""Two layers -> layer: what of the first lies under the second or beside it, each in its place."""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Placed, pair
from arc_submit.dsl.extensions.tools import labels

__all__ = (
    "cut_to",
    "kept_where",
    "kept_where_not",
    "pieces_beside",
    "pieces_not_under",
    "pieces_under",
)

# Cells. ---------------------------------------------------------------------------------------------------------------


@pair
def cut_to(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return what of the first layer lies in the rectangle of the second, as large as that, empty elsewhere."""
    out = np.zeros(b.shape, np.uint8)
    for i in range(max(0, y - v), min(b.shape[0], y - v + a.shape[0])):
        for j in range(max(0, x - u), min(b.shape[1], x - u + a.shape[1])):
            out[i, j] = a[i + v - y, j + u - x]
    return out, v, u


@pair
def kept_where(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer where the second, in its place, has a cell; the rest is emptied."""
    return _masked(a, b, v - y, u - x, True), y, x


@pair
def kept_where_not(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer where the second, in its place, has no cell; the rest is emptied."""
    return _masked(a, b, v - y, u - x, False), y, x


# Objects. -------------------------------------------------------------------------------------------------------------


@pair
def pieces_under(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer's objects, of any colours, that share a place with a cell of the second."""
    return _shared(a, b, v - y, u - x, True), y, x


@pair
def pieces_not_under(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer's objects, of any colours, that share no place with a cell of the second."""
    return _shared(a, b, v - y, u - x, False), y, x


@pair
def pieces_beside(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer's objects, of one colour each, that touch or share a cell of the second, at a side."""
    wide = np.zeros((b.shape[0] + 2, b.shape[1] + 2), np.uint8)
    for i in range(b.shape[0]):
        for j in range(b.shape[1]):
            if b[i, j] != 0:
                wide[i : i + 3, j + 1] = 1
                wide[i + 1, j : j + 3] = 1
    found, number = labels(a, False, True)
    return _met(a, found, number, wide, v - y - 1, u - x - 1, True), y, x


# What they share. -----------------------------------------------------------------------------------------------------


def _masked(a: Cells, b: Cells, v: int, u: int, there: bool) -> Cells:
    """Return a where b, whose upper left cell is at (v, u) of a, is there, or is not."""
    out = np.zeros(a.shape, np.uint8)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            p, q = i - v, j - u
            filled = 0 <= p < b.shape[0] and 0 <= q < b.shape[1] and b[p, q] != 0
            if filled == there:
                out[i, j] = a[i, j]
    return out


def _shared(a: Cells, b: Cells, v: int, u: int, there: bool) -> Cells:
    """Return the objects of a that share a cell with b, whose upper left cell is at (v, u) of a, or that do not."""
    found, number = labels(a, True, False)
    return _met(a, found, number, b, v, u, there)


def _met(a: Cells, found: Any, number: int, b: Cells, v: int, u: int, there: bool) -> Cells:
    """Return the labelled objects of a that share a cell with b, or that do not."""
    h, w = a.shape
    meets = np.zeros(number + 1, np.bool_)
    for i in range(max(0, v), min(h, v + b.shape[0])):
        for j in range(max(0, u), min(w, u + b.shape[1])):
            if b[i - v, j - u] != 0:
                meets[found[i, j]] = True
    out = np.zeros((h, w), np.uint8)
    for i in range(h):
        for j in range(w):
            if meets[found[i, j]] == there:
                out[i, j] = a[i, j]
    return out
