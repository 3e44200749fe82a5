"""Two layers -> layer: one put on, cut by, painted like or repeated over the other.

Painting one over the other in its place is `atop`, in layering.py.
"""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import MOST_SIDE, Cells, Placed, pair
from arc_submit.dsl.extensions.tools import bounds, commonest, counts, labels, nothing

# In their places. -----------------------------------------------------------------------------------------------------


@pair
def cut_to(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return what of the first layer lies in the rectangle of the second, as large as that, empty elsewhere."""
    out = np.zeros(b.shape, np.uint8)
    _paste(out, a, y - v, x - u)
    return out, v, u


@pair
def both_in_place(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the box around both layers with both in their places, the first on top."""
    top, left = min(y, v), min(x, u)
    h = max(y + a.shape[0], v + b.shape[0]) - top
    w = max(x + a.shape[1], u + b.shape[1]) - left
    if h > MOST_SIDE or w > MOST_SIDE:
        return nothing()
    out = np.zeros((h, w), np.uint8)
    _paste(out, b, v - top, u - left)
    _paste(out, a, y - top, x - left)
    return out, top, left


@pair
def kept_where(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer where the second, in its place, has a cell; the rest is emptied."""
    return _masked(a, b, v - y, u - x, True), y, x


@pair
def kept_where_not(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer where the second, in its place, has no cell; the rest is emptied."""
    return _masked(a, b, v - y, u - x, False), y, x


@pair
def moved_to_touch(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer moved straight up, down, left or right, the shortest way, until it touches the second."""
    best, towards = MOST_SIDE + 1, -1
    for way in range(4):
        down, right = (way == 0) - (way == 1), (way == 2) - (way == 3)
        steps = _steps_to(a, y, x, b, v, u, down, right)
        if steps < best:
            best, towards = steps, way
    if towards < 0:
        return nothing()
    down, right = (towards == 0) - (towards == 1), (towards == 2) - (towards == 3)
    return a.copy(), y + down * best, x + right * best


@pair
def centred_on(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer moved so that its middle is that of the second, half a cell up or left where need be."""
    return a.copy(), v + (b.shape[0] - a.shape[0]) // 2, u + (b.shape[1] - a.shape[1]) // 2


# Cell by cell, of equally large layers; places do not matter. ---------------------------------------------------------


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
    _paste(out, a, 0, 0)
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


# Colours. -------------------------------------------------------------------------------------------------------------


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


# Repeated, enlarged. --------------------------------------------------------------------------------------------------


@pair
def tiled_over(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer repeated from its own place until it fills the rectangle of the second."""
    h, w = a.shape
    out = np.empty(b.shape, np.uint8)
    for i in range(b.shape[0]):
        for j in range(b.shape[1]):
            out[i, j] = a[(i + v - y) % h, (j + u - x) % w]
    return out, v, u


@pair
def tiled_from_corner(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer repeated from the upper left corner of the second until it is as large as that."""
    h, w = a.shape
    out = np.empty(b.shape, np.uint8)
    for i in range(b.shape[0]):
        for j in range(b.shape[1]):
            out[i, j] = a[i % h, j % w]
    return out, v, u


@pair
def mirror_tiled_over(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer repeated, each time mirrored, from its own place to fill the rectangle of the second."""
    h, w = a.shape
    out = np.empty(b.shape, np.uint8)
    for i in range(b.shape[0]):
        for j in range(b.shape[1]):
            p, q = (i + v - y) % (2 * h), (j + u - x) % (2 * w)
            out[i, j] = a[min(p, 2 * h - 1 - p), min(q, 2 * w - 1 - q)]
    return out, v, u


@pair
def scaled_to(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer enlarged or made smaller to the size of the second, when that is a whole multiple."""
    h, w = a.shape
    tall, wide = b.shape
    if tall % h == 0 and wide % w == 0:
        out = np.empty((tall, wide), np.uint8)
        for i in range(tall):
            for j in range(wide):
                out[i, j] = a[i * h // tall, j * w // wide]
        return out, v, u
    if h % tall != 0 or w % wide != 0:
        return nothing()
    out = np.empty((tall, wide), np.uint8)
    for i in range(h):
        for j in range(w):
            p, q = i * tall // h, j * wide // w
            if i % (h // tall) == 0 and j % (w // wide) == 0:
                out[p, q] = a[i, j]
            elif out[p, q] != a[i, j]:
                return nothing()
    return out, v, u


@pair
def put_in_cells(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the second layer with each cell replaced by the whole first layer; empty cells stay empty."""
    return _multiplied(a, b, True, False)


@pair
def put_in_gaps(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the second layer with each empty cell replaced by the whole first layer; the others become empty."""
    return _multiplied(a, b, False, False)


@pair
def put_in_cells_painted(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the second layer with each cell replaced by the first layer in that cell's colour."""
    return _multiplied(a, b, True, True)


@pair
def set_beside(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer with the second to its right; the upper sides meet."""
    h, w = max(a.shape[0], b.shape[0]), a.shape[1] + b.shape[1]
    if w > MOST_SIDE:
        return nothing()
    out = np.zeros((h, w), np.uint8)
    _paste(out, a, 0, 0)
    _paste(out, b, 0, a.shape[1])
    return out, y, x


@pair
def set_above(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the first layer with the second below it; the left sides meet."""
    h, w = a.shape[0] + b.shape[0], max(a.shape[1], b.shape[1])
    if h > MOST_SIDE:
        return nothing()
    out = np.zeros((h, w), np.uint8)
    _paste(out, a, 0, 0)
    _paste(out, b, a.shape[0], 0)
    return out, y, x


# Object by object. ----------------------------------------------------------------------------------------------------


@pair
def stamped_at_corners(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the second layer with the first painted on each object, upper left corner on upper left corner."""
    return _stamped(a, b, v, u, False)


@pair
def stamped_at_middles(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the second layer with the first painted on each object, middle on middle."""
    return _stamped(a, b, v, u, True)


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


def _paste(out: Cells, a: Cells, y: int, x: int) -> None:
    """Paint a into out, its upper left cell at (y, x); what lies outside is lost."""
    for i in range(max(0, -y), min(a.shape[0], out.shape[0] - y)):
        for j in range(max(0, -x), min(a.shape[1], out.shape[1] - x)):
            if a[i, j] != 0:
                out[y + i, x + j] = a[i, j]


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


def _steps_to(a: Cells, y: int, x: int, b: Cells, v: int, u: int, down: int, right: int) -> int:
    """Return how many steps a can go before it meets b; above MOST_SIDE: it does not."""
    best = MOST_SIDE + 1
    for p in range(a.shape[0]):
        for q in range(a.shape[1]):
            i, j = y + p - v, x + q - u
            if a[p, q] == 0 or (down == 0 and not 0 <= i < b.shape[0]) or (right == 0 and not 0 <= j < b.shape[1]):
                continue
            steps = 0
            while steps < best:
                i += down
                j += right
                if 0 <= i < b.shape[0] and 0 <= j < b.shape[1] and b[i, j] != 0:
                    best = steps
                    break
                steps += 1
    return best


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


def _by_frequency(a: Cells) -> Any:
    """Return the colours other than 0, the commonest first, the smaller one of two alike: int64[n]."""
    found = counts(a)
    found[0] = 0
    order = np.argsort(-found, kind="mergesort")
    return order[: np.count_nonzero(found)]


def _multiplied(a: Cells, b: Cells, there: bool, painted: bool) -> Placed:
    """Return b with a in the place of each cell that is there, or is not; painted: in that cell's colour."""
    h, w = a.shape
    if h * b.shape[0] > MOST_SIDE or w * b.shape[1] > MOST_SIDE:
        return nothing()
    out = np.zeros((h * b.shape[0], w * b.shape[1]), np.uint8)
    for i in range(b.shape[0]):
        for j in range(b.shape[1]):
            if (b[i, j] != 0) != there:
                continue
            for p in range(h):
                for q in range(w):
                    if a[p, q] != 0:
                        out[i * h + p, j * w + q] = b[i, j] if painted else a[p, q]
    return out, 0, 0


def _stamped(a: Cells, b: Cells, v: int, u: int, middle: bool) -> Placed:
    """Return b with a painted on each object, at its upper left corner or its middle."""
    found, number = labels(b, True, False)
    if number == 0:
        return nothing()
    out = b.copy()
    for k in range(1, number + 1):
        i, j, h, w = bounds((found == k).astype(np.uint8))
        if middle:
            i += (h - a.shape[0]) // 2
            j += (w - a.shape[1]) // 2
        _paste(out, a, i, j)
    return out, v, u


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


__all__ = (
    "both_in_place",
    "centred_on",
    "cut_to",
    "gaps_filled_from",
    "in_both",
    "in_colour_of",
    "in_colours_of",
    "in_either",
    "in_first_only",
    "in_neither",
    "in_one_only",
    "kept_where",
    "kept_where_not",
    "mirror_tiled_over",
    "moved_to_touch",
    "pieces_beside",
    "pieces_not_under",
    "pieces_under",
    "put_in_cells",
    "put_in_cells_painted",
    "put_in_gaps",
    "scaled_to",
    "set_above",
    "set_beside",
    "stamped_at_corners",
    "stamped_at_middles",
    "tiled_from_corner",
    "tiled_over",
    "where_alike",
    "where_different",
)
