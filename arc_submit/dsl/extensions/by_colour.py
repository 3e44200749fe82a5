"""Layer -> layers: one per colour other than 0, in its place.

The commonest colour comes first, of two that are as common the smaller one.
"""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Packed, split
from arc_submit.dsl.extensions.tools import at, bounds, counts

__all__ = ("by_colour", "by_colour_trimmed")


@split
def by_colour(a: Cells, y: int, x: int) -> Packed:
    """Return one layer per colour, as large as the whole; the commonest colour first."""
    return _apart(a, y, x)


@split
def by_colour_trimmed(a: Cells, y: int, x: int) -> Packed:
    """Return one layer per colour, as large as the box around its cells; the commonest colour first."""
    whole, rects = _apart(a, y, x)
    flat = np.empty(whole.size, np.uint8)
    boxes = np.empty(rects.shape, np.int64)
    total = 0
    for k in range(rects.shape[0]):
        b = at(whole, rects, k)
        i, j, h, w = bounds(b)
        boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3], boxes[k, 4] = total, h, w, y + i, x + j
        for p in range(i, i + h):
            flat[total : total + w] = b[p, j : j + w]
            total += w
    return flat[:total].copy(), boxes


def _apart(a: Cells, y: int, x: int) -> Packed:
    """Return the cells of each colour where they lie in the whole."""
    h, w = a.shape
    colours = _colours(a)
    flat = np.zeros(colours.size * h * w, np.uint8)
    rects = np.empty((colours.size, 5), np.int64)
    for k in range(colours.size):
        rects[k, 0], rects[k, 1], rects[k, 2], rects[k, 3], rects[k, 4] = k * h * w, h, w, y, x
        for i in range(h):
            for j in range(w):
                if a[i, j] == colours[k]:
                    flat[k * h * w + i * w + j] = a[i, j]
    return flat, rects


def _colours(a: Cells) -> Any:
    """Return the colours other than 0, the commonest first, the smaller one of two alike: int64[n]."""
    found = counts(a)
    found[0] = 0
    colours = np.empty(np.count_nonzero(found), np.int64)
    for k in range(colours.size):
        best = 1
        for colour in range(2, 10):
            if found[colour] > found[best]:
                best = colour
        colours[k] = best
        found[best] = 0
    return colours
