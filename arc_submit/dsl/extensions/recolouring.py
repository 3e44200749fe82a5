"""Two layers -> layer: the first in colours of the second, in its own place."""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Placed, pair
from arc_submit.dsl.extensions.tools import commonest, counts, nothing

__all__ = ("gaps_filled_from", "in_colour_of", "in_colours_of")


@pair
def in_colour_of(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer painted in the commonest colour of the second."""
    colour = commonest(b)
    if colour == 0:
        return nothing()
    out = a.copy()
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            if a[i, j] != 0:
                out[i, j] = colour
    return out, y, x


@pair
def in_colours_of(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer, its commonest colour painted like the commonest of the second, the next like the next."""
    mine, theirs = _by_frequency(a), _by_frequency(b)
    if mine.size == 0 or mine.size > theirs.size:
        return nothing()
    new = np.zeros(10, np.uint8)
    for k in range(mine.size):
        new[mine[k]] = theirs[k]
    out = np.zeros(a.shape, np.uint8)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            out[i, j] = new[a[i, j]]
    return out, y, x


@pair
def gaps_filled_from(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer, its empty cells filled with the commonest colour of the second."""
    colour = commonest(b)
    if colour == 0:
        return nothing()
    out = a.copy()
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            if a[i, j] == 0:
                out[i, j] = colour
    return out, y, x


def _by_frequency(a: Cells) -> Any:
    """Return the colours other than 0, the commonest first, the smaller one of two alike: int64[n]."""
    found = counts(a)
    found[0] = 0
    order = np.argsort(-found, kind="mergesort")
    return order[: np.count_nonzero(found)]
