"""Two layers -> layer: the first repeated or scaled until it is as large as the second, or put in each of its cells."""

import numpy as np

from arc_submit.dsl.extensions.kernel import MOST_SIDE, Cells, Placed, pair
from arc_submit.dsl.extensions.tools import nothing

__all__ = (
    "mirror_tiled_over",
    "put_in_cells",
    "put_in_cells_painted",
    "put_in_gaps",
    "scaled_to",
    "tiled_from_corner",
    "tiled_over",
)

# As large as the other. -----------------------------------------------------------------------------------------------


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


# In each cell of the other. -------------------------------------------------------------------------------------------


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
