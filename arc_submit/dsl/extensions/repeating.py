"""Larger layers made of copies of one, turned or mirrored or not; cells made larger and smaller.

The result keeps the place of the upper left cell, also where the original does not lie there.
"""

import numpy as np

from arc_submit.dsl.extensions.kernel import MOST_SIDE, Cells, Placed, one
from arc_submit.dsl.extensions.tools import bounds, commonest, counts, nothing

__all__ = (
    "carpeted",
    "copied_into_cells",
    "copied_into_commonest",
    "copied_into_gaps",
    "enlarged",
    "enlarged_by_cells",
    "enlarged_by_colours",
    "kaleidoscope",
    "mirrored_above",
    "mirrored_below",
    "mirrored_on_left",
    "mirrored_on_right",
    "pinwheel",
    "repeated_across",
    "repeated_down",
    "shrunk",
    "shrunk_most",
    "tiled",
    "tiled_by_colours",
)

NUMBERS: dict[str, str | tuple[int, ...]] = {
    "enlarged": (2, 3, 4, 5),
    "kaleidoscope": (0, 1, 2, 3),
    "pinwheel": (0, 1),
    "repeated_across": (2, 3),
    "repeated_down": (2, 3),
    "shrunk": (2, 3, 4, 5),
    "tiled": (2, 3),
}
"""Which numbers are worth trying."""


@one
def mirrored_on_right(a: Cells, y: int, x: int) -> Placed:
    """Put the left to right mirror image on the right of the layer."""
    return _beside(a, a[:, ::-1]), y, x


@one
def mirrored_on_left(a: Cells, y: int, x: int) -> Placed:
    """Put the left to right mirror image on the left of the layer."""
    return _beside(a[:, ::-1], a), y, x


@one
def mirrored_below(a: Cells, y: int, x: int) -> Placed:
    """Put the top to bottom mirror image below the layer."""
    return _above(a, a[::-1]), y, x


@one
def mirrored_above(a: Cells, y: int, x: int) -> Placed:
    """Put the top to bottom mirror image above the layer."""
    return _above(a[::-1], a), y, x


@one
def kaleidoscope(a: Cells, y: int, x: int, corner: int) -> Placed:
    """Double both sides with mirror images; the original is upper left (0), upper right, lower left or right (3)."""
    if not 0 <= corner <= 3:
        return nothing()
    row = _beside(a, a[:, ::-1]) if corner % 2 == 0 else _beside(a[:, ::-1], a)
    return (_above(row, row[::-1]) if corner < 2 else _above(row[::-1], row)), y, x


@one
def pinwheel(a: Cells, y: int, x: int, backwards: int) -> Placed:
    """Double both sides of a square layer: going round clockwise each copy is turned right by 90 degrees; 1: left."""
    if a.shape[0] != a.shape[1]:
        return nothing()
    right, left = a[::-1].T.copy(), a.T[::-1].copy()
    if backwards != 0:
        right, left = left, right
    return _above(_beside(a, right), _beside(left, a[::-1, ::-1])), y, x


@one
def repeated_across(a: Cells, y: int, x: int, times: int) -> Placed:
    """Put this many copies side by side."""
    return _tiled(a, 1, times), y, x


@one
def repeated_down(a: Cells, y: int, x: int, times: int) -> Placed:
    """Put this many copies one above the other."""
    return _tiled(a, times, 1), y, x


@one
def tiled(a: Cells, y: int, x: int, times: int) -> Placed:
    """Put this many copies side by side and as many such rows of copies one above the other."""
    return _tiled(a, times, times), y, x


@one
def tiled_by_colours(a: Cells, y: int, x: int) -> Placed:
    """Put copies side by side and one above the other, each as many as there are colours other than 0."""
    n = _colours(a)
    return _tiled(a, n, n), y, x


@one
def enlarged(a: Cells, y: int, x: int, times: int) -> Placed:
    """Make each cell a square of this side."""
    return _enlarged(a, times), y, x


@one
def enlarged_by_colours(a: Cells, y: int, x: int) -> Placed:
    """Make each cell a square whose side is the number of colours other than 0."""
    return _enlarged(a, _colours(a)), y, x


@one
def enlarged_by_cells(a: Cells, y: int, x: int) -> Placed:
    """Make each cell a square whose side is the number of cells that are not 0."""
    return _enlarged(a, a.size - counts(a)[0]), y, x


@one
def shrunk(a: Cells, y: int, x: int, times: int) -> Placed:
    """Keep the upper left cell of each square of this side; the sides must be multiples of it."""
    h, w = a.shape
    if times < 1 or h % times != 0 or w % times != 0:
        return nothing()
    return a[::times, ::times].copy(), y, x


@one
def shrunk_most(a: Cells, y: int, x: int) -> Placed:
    """Make each block of equal cells one cell; blocks are as high and as wide as fits the whole layer."""
    return a[:: _thickness(a), :: _thickness(a.T)].copy(), y, x


@one
def copied_into_cells(a: Cells, y: int, x: int) -> Placed:
    """Replace each cell that is not 0 with a copy of the whole layer, and each 0 with as many 0."""
    return _copied(a, -1), y, x


@one
def copied_into_commonest(a: Cells, y: int, x: int) -> Placed:
    """Replace each cell of the commonest colour other than 0 with a copy of the whole layer, the others with 0."""
    return _copied(a, commonest(a)), y, x


@one
def copied_into_gaps(a: Cells, y: int, x: int) -> Placed:
    """Replace each cell that is 0 with a copy of the whole layer, and the others with 0."""
    return _copied(a, 0), y, x


@one
def carpeted(a: Cells, y: int, x: int) -> Placed:
    """Lay copies of the smallest box around all that is not 0 edge to edge over the whole layer, from where it is."""
    top, left, h, w = bounds(a)
    if h == 0:
        return nothing()
    found = np.empty_like(a)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            found[i, j] = a[top + (i - top) % h, left + (j - left) % w]
    return found, y, x


def _colours(a: Cells) -> int:
    """Return how many colours other than 0 there are."""
    found = counts(a)
    many = 0
    for colour in range(1, 10):
        if found[colour] > 0:
            many += 1
    return many


def _beside(left: Cells, right: Cells) -> Cells:
    h, w = left.shape
    if 2 * w > MOST_SIDE:
        return np.zeros((0, 0), np.uint8)
    found = np.empty((h, 2 * w), np.uint8)
    found[:, :w] = left
    found[:, w:] = right
    return found


def _above(top: Cells, bottom: Cells) -> Cells:
    h, w = top.shape
    if 2 * h > MOST_SIDE:
        return np.zeros((0, 0), np.uint8)
    found = np.empty((2 * h, w), np.uint8)
    found[:h] = top
    found[h:] = bottom
    return found


def _tiled(a: Cells, down: int, across: int) -> Cells:
    h, w = a.shape
    if down < 1 or across < 1 or h * down > MOST_SIDE or w * across > MOST_SIDE:
        return np.zeros((0, 0), np.uint8)
    found = np.empty((h * down, w * across), np.uint8)
    for i in range(down):
        for j in range(across):
            found[i * h : (i + 1) * h, j * w : (j + 1) * w] = a
    return found


def _enlarged(a: Cells, times: int) -> Cells:
    h, w = a.shape
    if times < 1 or h * times > MOST_SIDE or w * times > MOST_SIDE:
        return np.zeros((0, 0), np.uint8)
    found = np.empty((h * times, w * times), np.uint8)
    for i in range(times):
        for j in range(times):
            found[i::times, j::times] = a
    return found


def _thickness(a: Cells) -> int:
    """Return the largest n such that the rows come in n equal ones, all through."""
    h, w = a.shape
    for n in range(h, 1, -1):
        if h % n != 0:
            continue
        equal = True
        for i in range(h):
            if i % n == 0:
                continue
            for j in range(w):
                if a[i, j] != a[i - 1, j]:
                    equal = False
                    break
            if not equal:
                break
        if equal:
            return n
    return 1


def _copied(a: Cells, into: int) -> Cells:
    """Return the layer copied into the cells of one colour; -1: of any."""
    h, w = a.shape
    if h * h > MOST_SIDE or w * w > MOST_SIDE:
        return np.zeros((0, 0), np.uint8)
    found = np.zeros((h * h, w * w), np.uint8)
    for i in range(h):
        for j in range(w):
            if a[i, j] == into or (into < 0 and a[i, j] != 0):
                found[i * h : (i + 1) * h, j * w : (j + 1) * w] = a
    return found
