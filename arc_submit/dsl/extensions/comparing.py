"""Two equally large layers -> layer: cells that both have, or one, or none, or that are alike. Places do not matter.

What is made lies where the first layer does.
"""

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Placed, pair
from arc_submit.dsl.extensions.tools import nothing

__all__ = (
    "in_both",
    "in_either",
    "in_first_only",
    "in_neither",
    "in_one_only",
    "where_alike",
    "where_different",
)


@pair
def in_both(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the cells of the first layer that the equally large second has too."""
    return _compared(a, y, x, b, True, True)


@pair
def in_first_only(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the cells of the first layer that the equally large second has not."""
    return _compared(a, y, x, b, True, False)


@pair
def in_either(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the cells of both of two equally large layers, the first on top."""
    if a.shape[0] != b.shape[0] or a.shape[1] != b.shape[1]:
        return nothing()
    out = b.copy()
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            if a[i, j] != 0:
                out[i, j] = a[i, j]
    return out, y, x


@pair
def in_one_only(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the cells that just one of two equally large layers has."""
    one, _, _ = _compared(a, y, x, b, True, False)
    other, _, _ = _compared(b, v, u, a, True, False)
    return np.maximum(one, other), y, x


@pair
def in_neither(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the cells that neither of two equally large layers has, in colour 1."""
    return _compared(a, y, x, b, False, False)


@pair
def where_alike(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the cells of the first layer that have the same colour in the equally large second."""
    return _matched(a, y, x, b, True)


@pair
def where_different(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the cells of the first layer that have another colour in the equally large second, or none."""
    return _matched(a, y, x, b, False)


def _compared(a: Cells, y: int, x: int, b: Cells, in_a: bool, in_b: bool) -> Placed:
    """Return the cells that a has or not and b has or not, in a's colour; colour 1 where a has none."""
    if a.shape[0] != b.shape[0] or a.shape[1] != b.shape[1]:
        return nothing()
    out = np.zeros(a.shape, np.uint8)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            if (a[i, j] != 0) == in_a and (b[i, j] != 0) == in_b:
                out[i, j] = a[i, j] if in_a else 1
    return out, y, x


def _matched(a: Cells, y: int, x: int, b: Cells, alike: bool) -> Placed:
    """Return the cells of a that are the same in b, or differ."""
    if a.shape[0] != b.shape[0] or a.shape[1] != b.shape[1]:
        return nothing()
    out = np.zeros(a.shape, np.uint8)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            if (a[i, j] == b[i, j]) == alike:
                out[i, j] = a[i, j]
    return out, y, x
