"""Putting layers over each other, and doing one thing to several: what every picture made of pieces needs."""

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Layer, Layers, Placed, one, pair
from arc_submit.dsl.types import Callable

__all__ = ("atop", "blank", "every", "moved_onto")


@pair
def atop(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """The second layer with the first painted over it, each in its place; what lies outside the second is lost."""
    out = b.copy()
    h, w = a.shape
    height, width = b.shape
    for i in range(max(0, v - y), min(h, v - y + height)):
        for j in range(max(0, u - x), min(w, u - x + width)):
            if a[i, j] != 0:
                out[i + y - v, j + x - u] = a[i, j]
    return out, v, u


@one
def blank(a: Cells, y: int, x: int) -> Placed:
    """An empty layer of the same size in the same place."""
    return np.zeros(a.shape, np.uint8), y, x


@pair
def moved_onto(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """The first layer, moved so that the upper left corners of both are in one place."""
    return a.copy(), v, u


def every(function: Callable, layers: Layers) -> Layers:
    """The function of each layer, in order; layers for which it has no answer are left out."""
    found: list[Layer] = []
    for given in layers:
        try:
            found.append(function(given))
        except ValueError:
            continue
    if not found:
        raise ValueError("every: no answer")
    return tuple(found)
