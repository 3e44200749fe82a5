"""Layers -> layers: all of them, in another order, place or colour."""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import MOST_SIDE, Cells, Flat, Packed, Rects, each
from arc_submit.dsl.extensions.tools import at, chosen, colour_counts, extent, looks, no_layers, sizes

# Order. ---------------------------------------------------------------------------------------------------------------


@each
def sorted_by_size(flat: Flat, rects: Rects) -> Packed:
    """Return the layers in order of their number of cells, the largest first."""
    return chosen(flat, rects, np.argsort(-sizes(flat, rects), kind="mergesort"))


@each
def sorted_by_colours(flat: Flat, rects: Rects) -> Packed:
    """Return the layers in order of their number of colours, the most first."""
    return chosen(flat, rects, np.argsort(-colour_counts(flat, rects), kind="mergesort"))


@each
def sorted_by_frequency(flat: Flat, rects: Rects) -> Packed:
    """Return the layers in order of how many look the same, the commonest first."""
    marks = looks(flat, rects)
    repeats = np.zeros(marks.size, np.int64)
    for k in range(marks.size):
        repeats[k] = -np.count_nonzero(marks == marks[k])
    return chosen(flat, rects, np.argsort(repeats, kind="mergesort"))


@each
def sorted_from_left(flat: Flat, rects: Rects) -> Packed:
    """Return the layers in order of their left sides."""
    return chosen(flat, rects, np.argsort(rects[:, 4], kind="mergesort"))


@each
def sorted_from_top(flat: Flat, rects: Rects) -> Packed:
    """Return the layers in order of their upper sides."""
    return chosen(flat, rects, np.argsort(rects[:, 3], kind="mergesort"))


@each
def backwards(flat: Flat, rects: Rects) -> Packed:
    """Return the layers in the reverse of their order."""
    return chosen(flat, rects, np.arange(rects.shape[0] - 1, -1, -1))


# Colour. --------------------------------------------------------------------------------------------------------------


@each
def painted_in_order(flat: Flat, rects: Rects) -> Packed:
    """Return the layers painted 1, 2, 3 and so on, in their order; there may be no more than nine."""
    if rects.shape[0] > 9:
        return no_layers()
    some, where = chosen(flat, rects, np.arange(rects.shape[0]))
    for k in range(where.shape[0]):
        for n in range(where[k, 0], where[k, 0] + where[k, 1] * where[k, 2]):
            if some[n] != 0:
                some[n] = k + 1
    return some, where


@each
def painted_by_parity(flat: Flat, rects: Rects) -> Packed:
    """Return the layers painted 1 and 2 in turn, in their order."""
    some, where = chosen(flat, rects, np.arange(rects.shape[0]))
    for k in range(where.shape[0]):
        for n in range(where[k, 0], where[k, 0] + where[k, 1] * where[k, 2]):
            if some[n] != 0:
                some[n] = k % 2 + 1
    return some, where


# Place. ---------------------------------------------------------------------------------------------------------------


@each
def dropped_down(flat: Flat, rects: Rects) -> Packed:
    """Return the layers fallen down, within the box around all of them, until they lie on its floor or on another."""
    return _dropped(flat, rects, 1, 0)


@each
def dropped_up(flat: Flat, rects: Rects) -> Packed:
    """Return the layers risen, within the box around all of them, until they reach its top or another layer."""
    return _dropped(flat, rects, -1, 0)


@each
def dropped_left(flat: Flat, rects: Rects) -> Packed:
    """Return the layers slid left, within the box around all of them, until they reach its side or another layer."""
    return _dropped(flat, rects, 0, -1)


@each
def dropped_right(flat: Flat, rects: Rects) -> Packed:
    """Return the layers slid right, within the box around all of them, until they reach its side or another layer."""
    return _dropped(flat, rects, 0, 1)


@each
def drawn_to_largest(flat: Flat, rects: Rects) -> Packed:
    """Return the layers, all but the largest moved straight up, down, left or right until they touch it."""
    found = sizes(flat, rects)
    largest = int(np.argmax(found))
    if np.count_nonzero(found == found[largest]) != 1:
        return no_layers()
    some, where = chosen(flat, rects, np.arange(rects.shape[0]))
    a, (y, x) = at(flat, rects, largest), (rects[largest, 3], rects[largest, 4])
    for k in range(rects.shape[0]):
        if k == largest:
            continue
        b = at(flat, rects, k)
        best = MOST_SIDE + 1
        for way in range(4):
            down, right = (way == 0) - (way == 1), (way == 2) - (way == 3)
            steps = _steps_to(b, rects[k, 3], rects[k, 4], a, y, x, down, right)
            if steps < best:
                best = steps
                where[k, 3], where[k, 4] = rects[k, 3] + down * steps, rects[k, 4] + right * steps
    return some, where


# What they share. -----------------------------------------------------------------------------------------------------


def _dropped(flat: Flat, rects: Rects, down: int, right: int) -> Packed:
    """Return the layers moved as far as they go, those that are furthest on first."""
    top, left, h, w = extent(rects)
    if h > MOST_SIDE or w > MOST_SIDE:
        return no_layers()
    order = np.argsort(-(down * rects[:, 3] + right * rects[:, 4]), kind="mergesort")
    if down + right > 0:
        ends = down * (rects[:, 3] + rects[:, 1]) + right * (rects[:, 4] + rects[:, 2])
        order = np.argsort(-ends, kind="mergesort")
    some, where = chosen(flat, rects, np.arange(rects.shape[0]))
    taken = np.zeros((h, w), np.bool_)
    for k in order:
        a = at(flat, rects, k)
        i, j = rects[k, 3] - top, rects[k, 4] - left
        while _free(taken, a, i + down, j + right):
            i += down
            j += right
        for p in range(a.shape[0]):
            for q in range(a.shape[1]):
                if a[p, q] != 0:
                    taken[i + p, j + q] = True
        where[k, 3], where[k, 4] = i + top, j + left
    return some, where


def _free(taken: Any, a: Cells, i: int, j: int) -> bool:
    """Return whether a fits at (i, j): inside, and no cell on one that is taken."""
    h, w = a.shape
    if i < 0 or j < 0 or i + h > taken.shape[0] or j + w > taken.shape[1]:
        return False
    for p in range(h):
        for q in range(w):
            if a[p, q] != 0 and taken[i + p, j + q]:
                return False
    return True


def _steps_to(b: Cells, v: int, u: int, a: Cells, y: int, x: int, down: int, right: int) -> int:
    """Return how many steps b, at (v, u), can go before it meets a, at (y, x); above MOST_SIDE: it does not."""
    best = MOST_SIDE + 1
    for p in range(b.shape[0]):
        for q in range(b.shape[1]):
            if b[p, q] == 0:
                continue
            i, j = v + p - y, u + q - x
            if (down == 0 and not 0 <= i < a.shape[0]) or (right == 0 and not 0 <= j < a.shape[1]):
                continue
            steps = 0
            while steps < best:
                i += down
                j += right
                if 0 <= i < a.shape[0] and 0 <= j < a.shape[1] and a[i, j] != 0:
                    best = steps
                    break
                steps += 1
    return best


__all__ = (
    "backwards",
    "drawn_to_largest",
    "dropped_down",
    "dropped_left",
    "dropped_right",
    "dropped_up",
    "painted_by_parity",
    "painted_in_order",
    "sorted_by_colours",
    "sorted_by_frequency",
    "sorted_by_size",
    "sorted_from_left",
    "sorted_from_top",
)
