"""Layer -> layers: the whole divided by straight cuts, into equal parts or where lines run. Parts keep their places.

Rows and columns are cut into spans, rows (start, length), and every span of rows with every span of columns is a part,
in reading order. More than MOST_PARTS of them are no answer.
"""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Packed, split
from arc_submit.dsl.extensions.tools import no_layers

__all__ = (
    "compartments",
    "compartments_by_gaps",
    "each_column",
    "each_row",
    "left_and_right",
    "parts_across",
    "parts_down",
    "quarters",
    "squares_along",
    "tiles",
    "top_and_bottom",
)

MOST_PARTS = 100

NUMBERS = {"tiles": (2, 3), "parts_across": (2, 3, 4), "parts_down": (2, 3, 4)}
"""The numbers worth trying, of the functions that take one."""

# Equal parts. ---------------------------------------------------------------------------------------------------------


@split
def each_row(a: Cells, y: int, x: int) -> Packed:
    """Return the rows."""
    return _grid(a, y, x, a.shape[0], 1)


@split
def each_column(a: Cells, y: int, x: int) -> Packed:
    """Return the columns."""
    return _grid(a, y, x, 1, a.shape[1])


@split
def left_and_right(a: Cells, y: int, x: int) -> Packed:
    """Return the left and the right half; a column in the middle is left out."""
    return _divided(a, y, x, _whole(a.shape[0]), _halves(a.shape[1]))


@split
def top_and_bottom(a: Cells, y: int, x: int) -> Packed:
    """Return the upper and the lower half; a row in the middle is left out."""
    return _divided(a, y, x, _halves(a.shape[0]), _whole(a.shape[1]))


@split
def quarters(a: Cells, y: int, x: int) -> Packed:
    """Return the four quarters; a row or column in the middle is left out."""
    return _divided(a, y, x, _halves(a.shape[0]), _halves(a.shape[1]))


@split
def tiles(a: Cells, y: int, x: int, number: int) -> Packed:
    """Return `number` times `number` equal parts."""
    return _grid(a, y, x, number, number)


@split
def parts_across(a: Cells, y: int, x: int, number: int) -> Packed:
    """Return `number` equal parts that lie side by side."""
    return _grid(a, y, x, 1, number)


@split
def parts_down(a: Cells, y: int, x: int, number: int) -> Packed:
    """Return `number` equal parts that lie one below the other."""
    return _grid(a, y, x, number, 1)


@split
def squares_along(a: Cells, y: int, x: int) -> Packed:
    """Return the squares, as wide as the shorter side, that the longer side is made of."""
    h, w = a.shape
    if h > w and h % w == 0:
        return _grid(a, y, x, h // w, 1)
    if w > h and w % h == 0:
        return _grid(a, y, x, 1, w // h)
    return no_layers()


# Where lines run. -----------------------------------------------------------------------------------------------------


@split
def compartments(a: Cells, y: int, x: int) -> Packed:
    """Return the parts between lines that run all across; the lines are of the colour that has the most of them."""
    best, most, tied = 0, 0, False
    for colour in range(1, 10):
        number = np.sum(_full_rows(a, colour)) + np.sum(_full_columns(a, colour))
        if number > most:
            best, most, tied = colour, number, False
        elif number == most:
            tied = True
    if most == 0 or tied:
        return no_layers()
    return _between(a, y, x, best)


@split
def compartments_by_gaps(a: Cells, y: int, x: int) -> Packed:
    """Return the parts between empty rows and columns that run all across."""
    return _between(a, y, x, 0)


# What they share. -----------------------------------------------------------------------------------------------------


def _divided(a: Cells, y: int, x: int, down: Any, across: Any) -> Packed:
    """Return the parts where spans of rows cross spans of columns; no layers where one of them is empty."""
    number = down.shape[0] * across.shape[0]
    if number == 0 or number > MOST_PARTS or down[:, 1].min() < 1 or across[:, 1].min() < 1:
        return no_layers()
    flat = np.empty(down[:, 1].sum() * across[:, 1].sum(), np.uint8)
    rects = np.empty((number, 5), np.int64)
    total = 0
    for k in range(number):
        p, q = k // across.shape[0], k % across.shape[0]
        i, h, j, w = down[p, 0], down[p, 1], across[q, 0], across[q, 1]
        rects[k, 0], rects[k, 1], rects[k, 2], rects[k, 3], rects[k, 4] = total, h, w, y + i, x + j
        for row in range(i, i + h):
            flat[total : total + w] = a[row, j : j + w]
            total += w
    return flat, rects


def _whole(side: int) -> Any:
    """Return a side as one span."""
    return np.array([[0, side]])


def _halves(side: int) -> Any:
    """Return the halves of a side, without its middle where it is odd."""
    return np.array([[0, side // 2], [side - side // 2, side // 2]])


def _equal(side: int, number: int) -> Any:
    """Return `number` equal spans of a side; none where it cannot be so divided."""
    if number < 1 or side % number != 0:
        return np.empty((0, 2), np.int64)
    spans = np.empty((number, 2), np.int64)
    for k in range(number):
        spans[k, 0], spans[k, 1] = k * (side // number), side // number
    return spans


def _grid(a: Cells, y: int, x: int, down: int, across: int) -> Packed:
    """Return down times across equal parts."""
    return _divided(a, y, x, _equal(a.shape[0], down), _equal(a.shape[1], across))


def _between(a: Cells, y: int, x: int, colour: int) -> Packed:
    """Return the parts between full rows and columns of a colour, two of them or more."""
    down, across = _spans(_full_rows(a, colour)), _spans(_full_columns(a, colour))
    if down.shape[0] * across.shape[0] < 2:
        return no_layers()
    return _divided(a, y, x, down, across)


def _spans(full: Any) -> Any:
    """Return the runs of what is not full: int64[n, 2], rows (start, length)."""
    spans = np.empty((full.size, 2), np.int64)
    number = 0
    for i in range(full.size):
        if full[i]:
            continue
        if i == 0 or full[i - 1]:
            spans[number, 0], spans[number, 1] = i, 0
            number += 1
        spans[number - 1, 1] += 1
    return spans[:number]


def _full_rows(a: Cells, colour: int) -> Any:
    """Return which rows are all of a colour: bool[h]."""
    full = np.empty(a.shape[0], np.bool_)
    for i in range(a.shape[0]):
        full[i] = np.all(a[i] == colour)
    return full


def _full_columns(a: Cells, colour: int) -> Any:
    """Return which columns are all of a colour: bool[w]."""
    full = np.empty(a.shape[1], np.bool_)
    for j in range(a.shape[1]):
        full[j] = np.all(a[:, j] == colour)
    return full
