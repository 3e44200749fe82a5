"""One part of a layer, cut at given places: halves, thirds, quarters, corners, first and last rows.

Where a side is odd, the row or column in the middle belongs to neither half: often it is a line that parts them. Where
lines part a layer into three, they are left out of its thirds too. All parts in a row are `split` functions' work.
"""

from arc_submit.dsl.extensions.kernel import Cells, Placed, one
from arc_submit.dsl.extensions.tools import nothing

__all__ = (
    "bottom_half",
    "bottom_row",
    "corner_square",
    "left_column",
    "left_half",
    "middle_column",
    "middle_row",
    "quarter",
    "right_column",
    "right_half",
    "third_across",
    "third_down",
    "top_half",
    "top_row",
)

NUMBERS: dict[str, str | tuple[int, ...]] = {
    "corner_square": (1, 2, 3, 4, 5),
    "quarter": (0, 1, 2, 3),
    "third_across": (0, 1, 2),
    "third_down": (0, 1, 2),
}
"""Which numbers are worth trying."""


@one
def left_half(a: Cells, y: int, x: int) -> Placed:
    """Cut out the left half, without the column in the middle if there is one."""
    h, w = a.shape
    return _part(a, y, x, 0, 0, h, w // 2)


@one
def right_half(a: Cells, y: int, x: int) -> Placed:
    """Cut out the right half, without the column in the middle if there is one."""
    h, w = a.shape
    return _part(a, y, x, 0, w - w // 2, h, w // 2)


@one
def top_half(a: Cells, y: int, x: int) -> Placed:
    """Cut out the upper half, without the row in the middle if there is one."""
    h, w = a.shape
    return _part(a, y, x, 0, 0, h // 2, w)


@one
def bottom_half(a: Cells, y: int, x: int) -> Placed:
    """Cut out the lower half, without the row in the middle if there is one."""
    h, w = a.shape
    return _part(a, y, x, h - h // 2, 0, h // 2, w)


@one
def quarter(a: Cells, y: int, x: int, number: int) -> Placed:
    """Cut out the upper left (0), upper right (1), lower left (2) or lower right (3) quarter."""
    if not 0 <= number <= 3:
        return nothing()
    h, w = a.shape
    top = 0 if number < 2 else h - h // 2
    left = 0 if number % 2 == 0 else w - w // 2
    return _part(a, y, x, top, left, h // 2, w // 2)


@one
def third_across(a: Cells, y: int, x: int, number: int) -> Placed:
    """Cut out the left (0), middle (1) or right (2) third, without lines between them if there are any."""
    h, w = a.shape
    side, gap = _third(w)
    if side == 0 or not 0 <= number <= 2:
        return nothing()
    return _part(a, y, x, 0, number * (side + gap), h, side)


@one
def third_down(a: Cells, y: int, x: int, number: int) -> Placed:
    """Cut out the upper (0), middle (1) or lower (2) third, without lines between them if there are any."""
    h, w = a.shape
    side, gap = _third(h)
    if side == 0 or not 0 <= number <= 2:
        return nothing()
    return _part(a, y, x, number * (side + gap), 0, side, w)


@one
def corner_square(a: Cells, y: int, x: int, side: int) -> Placed:
    """Cut out the upper left square of this side."""
    h, w = a.shape
    if side > h or side > w:
        return nothing()
    return _part(a, y, x, 0, 0, side, side)


@one
def top_row(a: Cells, y: int, x: int) -> Placed:
    """Cut out the first row."""
    return _part(a, y, x, 0, 0, 1, a.shape[1])


@one
def bottom_row(a: Cells, y: int, x: int) -> Placed:
    """Cut out the last row."""
    h, w = a.shape
    return _part(a, y, x, h - 1, 0, 1, w)


@one
def left_column(a: Cells, y: int, x: int) -> Placed:
    """Cut out the first column."""
    return _part(a, y, x, 0, 0, a.shape[0], 1)


@one
def right_column(a: Cells, y: int, x: int) -> Placed:
    """Cut out the last column."""
    h, w = a.shape
    return _part(a, y, x, 0, w - 1, h, 1)


@one
def middle_row(a: Cells, y: int, x: int) -> Placed:
    """Cut out the row in the middle, or the two rows there."""
    h, w = a.shape
    top = (h - 1) // 2
    return _part(a, y, x, top, 0, h - 2 * top, w)


@one
def middle_column(a: Cells, y: int, x: int) -> Placed:
    """Cut out the column in the middle, or the two columns there."""
    h, w = a.shape
    left = (w - 1) // 2
    return _part(a, y, x, 0, left, h, w - 2 * left)


def _part(a: Cells, y: int, x: int, top: int, left: int, h: int, w: int) -> Placed:
    """Return h x w cells from (top, left) on; they lie within the layer."""
    if h <= 0 or w <= 0:
        return nothing()
    return a[top : top + h, left : left + w].copy(), y + top, x + left


def _third(side: int) -> tuple[int, int]:
    """Return the length of each of three parts and of the gaps between them; length 0: it does not go."""
    if side % 3 == 0:
        return side // 3, 0
    if side % 3 == 2 and side > 2:
        return (side - 2) // 3, 1
    return 0, 0
