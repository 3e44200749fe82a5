"""Room: the layer at the upper left of a larger one that is empty elsewhere, for what is to grow beyond it."""

import numpy as np

from arc_submit.dsl.extensions.kernel import MOST_SIDE, Cells, Placed, one
from arc_submit.dsl.extensions.tools import nothing

__all__ = ("with_room", "with_room_below", "with_room_on_right", "with_room_to_square")

NUMBERS = {"with_room": (2, 3), "with_room_below": (2, 3), "with_room_on_right": (2, 3)}
"""Which numbers are worth trying."""


@one
def with_room(a: Cells, y: int, x: int, times: int) -> Placed:
    """Return a layer this many times as high and wide, with the layer at its upper left."""
    return _enlarged(a, y, x, a.shape[0] * times, a.shape[1] * times)


@one
def with_room_below(a: Cells, y: int, x: int, times: int) -> Placed:
    """Return a layer this many times as high, with the layer at its top."""
    return _enlarged(a, y, x, a.shape[0] * times, a.shape[1])


@one
def with_room_on_right(a: Cells, y: int, x: int, times: int) -> Placed:
    """Return a layer this many times as wide, with the layer at its left."""
    return _enlarged(a, y, x, a.shape[0], a.shape[1] * times)


@one
def with_room_to_square(a: Cells, y: int, x: int) -> Placed:
    """Return a square as high and wide as the layer's longer side, with the layer at its upper left."""
    side = max(a.shape[0], a.shape[1])
    return _enlarged(a, y, x, side, side)


def _enlarged(a: Cells, y: int, x: int, height: int, width: int) -> Placed:
    if height < a.shape[0] or width < a.shape[1] or height > MOST_SIDE or width > MOST_SIDE:
        return nothing()
    found = np.zeros((height, width), np.uint8)
    found[: a.shape[0], : a.shape[1]] = a
    return found, y, x
