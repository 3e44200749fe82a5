"""Two layers -> layer: one laid on, moved to or set beside the other.

Painting one over the other in its place is `atop`, in layering.py.
"""

import numpy as np

from arc_submit.dsl.extensions.kernel import MOST_SIDE, Cells, Placed, pair
from arc_submit.dsl.extensions.tools import bounds, labels, nothing

__all__ = (
    "both_in_place",
    "centred_on",
    "moved_to_touch",
    "set_above",
    "set_beside",
    "stamped_at_corners",
    "stamped_at_middles",
)

# In their places, or moved. -------------------------------------------------------------------------------------------


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


# One beside the other; places do not matter. --------------------------------------------------------------------------


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


# On each object. ------------------------------------------------------------------------------------------------------


@pair
def stamped_at_corners(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the second layer with the first painted on each object, upper left corner on upper left corner."""
    return _stamped(a, b, v, u, False)


@pair
def stamped_at_middles(a: Cells, y: int, x: int, b: Cells, v: int, u: int) -> Placed:
    """Return the second layer with the first painted on each object, middle on middle."""
    return _stamped(a, b, v, u, True)


# What they share. -----------------------------------------------------------------------------------------------------


def _paste(out: Cells, a: Cells, y: int, x: int) -> None:
    """Paint a into out, its upper left cell at (y, x); what lies outside is lost."""
    for i in range(max(0, -y), min(a.shape[0], out.shape[0] - y)):
        for j in range(max(0, -x), min(a.shape[1], out.shape[1] - x)):
            if a[i, j] != 0:
                out[y + i, x + j] = a[i, j]


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
