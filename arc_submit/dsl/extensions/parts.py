"""Layer -> layers: the parts a layer falls into. Each keeps the place where it was cut out.

Parts come in reading order of their first cells unless a docstring says otherwise. More than MOST_PARTS of them are no
answer.
"""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Packed, split
from arc_submit.dsl.extensions.tools import counts, labels, no_layers

MOST_PARTS = 100

NUMBERS = {"tiles": (2, 3), "parts_across": (2, 3, 4), "parts_down": (2, 3, 4)}
"""The numbers worth trying, of the functions that take one."""

# Connected cells. -----------------------------------------------------------------------------------------------------


@split
def pieces(a: Cells, y: int, x: int) -> Packed:
    """Return the objects, of any colours; cells that touch at a side or a corner belong together."""
    found, number = labels(a, True, False)
    return _cut_out(a, y, x, found, number)


@split
def pieces4(a: Cells, y: int, x: int) -> Packed:
    """Return the objects, of any colours; only cells that touch at a side belong together."""
    found, number = labels(a, False, False)
    return _cut_out(a, y, x, found, number)


@split
def plain_pieces(a: Cells, y: int, x: int) -> Packed:
    """Return the objects of one colour each; cells that touch at a side or a corner belong together."""
    found, number = labels(a, True, True)
    return _cut_out(a, y, x, found, number)


@split
def plain_pieces4(a: Cells, y: int, x: int) -> Packed:
    """Return the objects of one colour each; only cells that touch at a side belong together."""
    found, number = labels(a, False, True)
    return _cut_out(a, y, x, found, number)


@split
def clusters(a: Cells, y: int, x: int) -> Packed:
    """Return the groups of cells, of any colours, that are at most one empty cell apart."""
    h, w = a.shape
    wide = np.zeros((h + 1, w + 1), np.uint8)  # each cell grown down and to the right
    for i in range(h):
        for j in range(w):
            if a[i, j] != 0:
                wide[i : i + 2, j : j + 2] = 1
    grown, number = labels(wide, True, False)
    found = np.zeros((h, w), np.int64)
    for i in range(h):
        for j in range(w):
            if a[i, j] != 0:
                found[i, j] = grown[i, j]
    return _cut_out(a, y, x, found, number)


@split
def pieces_at_border(a: Cells, y: int, x: int) -> Packed:
    """Return the objects, of any colours, that reach the border of the layer."""
    found, number = labels(a, True, False)
    return _cut_out_some(a, y, x, found, number, True)


@split
def pieces_off_border(a: Cells, y: int, x: int) -> Packed:
    """Return the objects, of any colours, that do not reach the border of the layer."""
    found, number = labels(a, True, False)
    return _cut_out_some(a, y, x, found, number, False)


@split
def views(a: Cells, y: int, x: int) -> Packed:
    """Return the box around each object, of any colours, with all that lies in the box."""
    found, number = labels(a, True, False)
    return _cut(a, y, x, _boxes(found, number))


@split
def plain_views(a: Cells, y: int, x: int) -> Packed:
    """Return the box around each object of one colour, with all that lies in the box."""
    found, number = labels(a, True, True)
    return _cut(a, y, x, _boxes(found, number))


@split
def each_cell(a: Cells, y: int, x: int) -> Packed:
    """Return every coloured cell as a layer of its own."""
    h, w = a.shape
    number = np.count_nonzero(a)
    if number > MOST_PARTS:
        return no_layers()
    boxes = np.ones((number, 4), np.int64)
    k = 0
    for i in range(h):
        for j in range(w):
            if a[i, j] != 0:
                boxes[k, 0], boxes[k, 1] = i, j
                k += 1
    return _cut(a, y, x, boxes)


@split
def empty_areas(a: Cells, y: int, x: int) -> Packed:
    """Return the connected areas of empty cells, in colour 1."""
    empty = _empty(a)
    found, number = labels(empty, False, True)
    return _cut_out(empty, y, x, found, number)


@split
def enclosed_areas(a: Cells, y: int, x: int) -> Packed:
    """Return the connected areas of empty cells that do not reach the border, in colour 1."""
    empty = _empty(a)
    found, number = labels(empty, False, True)
    return _cut_out_some(empty, y, x, found, number, False)


# Colours. -------------------------------------------------------------------------------------------------------------


@split
def by_colour(a: Cells, y: int, x: int) -> Packed:
    """Return one layer per colour, as large as the whole; the commonest colour first."""
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


@split
def by_colour_trimmed(a: Cells, y: int, x: int) -> Packed:
    """Return one layer per colour, as large as the box around its cells; the commonest colour first."""
    h, w = a.shape
    colours = _colours(a)
    found = np.zeros((h, w), np.int64)
    for k in range(colours.size):
        for i in range(h):
            for j in range(w):
                if a[i, j] == colours[k]:
                    found[i, j] = k + 1
    return _cut_out(a, y, x, found, colours.size)


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
    h, w = a.shape
    return _cut(a, y, x, np.array([[0, 0, h, w // 2], [0, w - w // 2, h, w // 2]]))


@split
def top_and_bottom(a: Cells, y: int, x: int) -> Packed:
    """Return the upper and the lower half; a row in the middle is left out."""
    h, w = a.shape
    return _cut(a, y, x, np.array([[0, 0, h // 2, w], [h - h // 2, 0, h // 2, w]]))


@split
def quarters(a: Cells, y: int, x: int) -> Packed:
    """Return the four quarters; a row or column in the middle is left out."""
    h, w = a.shape
    p, q = h // 2, w // 2
    return _cut(a, y, x, np.array([[0, 0, p, q], [0, w - q, p, q], [h - p, 0, p, q], [h - p, w - q, p, q]]))


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


# Lines and rectangles. ------------------------------------------------------------------------------------------------


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


@split
def insides(a: Cells, y: int, x: int) -> Packed:
    """Return what lies inside each rectangular frame of one colour."""
    boxes = _frames(a)
    for k in range(boxes.shape[0]):
        boxes[k, 0] += 1
        boxes[k, 1] += 1
        boxes[k, 2] -= 2
        boxes[k, 3] -= 2
    return _cut(a, y, x, boxes)


@split
def framed_parts(a: Cells, y: int, x: int) -> Packed:
    """Return each rectangular frame of one colour with all that lies inside."""
    return _cut(a, y, x, _frames(a))


@split
def blocks(a: Cells, y: int, x: int) -> Packed:
    """Return the full rectangles of one colour, 2x2 or more, also where others touch them; the largest first."""
    return _cut(a, y, x, _blocks(a))


@split
def empty_blocks(a: Cells, y: int, x: int) -> Packed:
    """Return the empty rectangles, 2x2 or more, in colour 1; the largest first."""
    empty = _empty(a)
    return _cut(empty, y, x, _blocks(empty))


# What they share. -----------------------------------------------------------------------------------------------------


def _boxes(found: Any, number: int) -> Any:
    """Return the box around each label: int64[number, 4], rows (i, j, h, w)."""
    h, w = found.shape
    last = np.full((number, 2), -1, np.int64)
    boxes = np.empty((number, 4), np.int64)
    for i in range(h):
        for j in range(w):
            k = found[i, j] - 1
            if k < 0:
                continue
            if last[k, 0] < 0:
                boxes[k, 0], boxes[k, 1], last[k, 1] = i, j, j
            last[k, 0] = i
            boxes[k, 1] = min(boxes[k, 1], j)
            last[k, 1] = max(last[k, 1], j)
    for k in range(number):
        boxes[k, 2] = last[k, 0] - boxes[k, 0] + 1
        boxes[k, 3] = last[k, 1] - boxes[k, 1] + 1
    return boxes


def _rects(y: int, x: int, boxes: Any) -> tuple[Any, int]:
    """Return the boxes as rects, and how many cells they have together."""
    number = boxes.shape[0]
    rects = np.empty((number, 5), np.int64)
    total = 0
    for k in range(number):
        i, j, h, w = boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3]
        rects[k, 0], rects[k, 1], rects[k, 2], rects[k, 3], rects[k, 4] = total, h, w, y + i, x + j
        total += h * w
    return rects, total


def _cut(a: Cells, y: int, x: int, boxes: Any) -> Packed:
    """Return the boxes (rows i, j, h, w) with all that lies in them."""
    if boxes.shape[0] == 0 or boxes.shape[0] > MOST_PARTS or boxes[:, 2:].min() < 1:
        return no_layers()
    rects, total = _rects(y, x, boxes)
    flat = np.empty(total, np.uint8)
    for k in range(boxes.shape[0]):
        i, j, h, w = boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3]
        for p in range(h):
            start = rects[k, 0] + p * w
            flat[start : start + w] = a[i + p, j : j + w]
    return flat, rects


def _cut_out(a: Cells, y: int, x: int, found: Any, number: int) -> Packed:
    """Return the cells of each label, in the box around them; others in the box are see-through."""
    if number == 0 or number > MOST_PARTS:
        return no_layers()
    boxes = _boxes(found, number)
    rects, total = _rects(y, x, boxes)
    flat = np.zeros(total, np.uint8)
    h, w = a.shape
    for i in range(h):
        for j in range(w):
            k = found[i, j] - 1
            if k >= 0:
                flat[rects[k, 0] + (i - boxes[k, 0]) * boxes[k, 3] + j - boxes[k, 1]] = a[i, j]
    return flat, rects


def _cut_out_some(a: Cells, y: int, x: int, found: Any, number: int, border: bool) -> Packed:
    """Return the cells of each label that reaches the border, or of each that does not."""
    h, w = a.shape
    reaches = np.zeros(number + 1, np.bool_)
    for i in range(h):
        reaches[found[i, 0]] = True
        reaches[found[i, w - 1]] = True
    for j in range(w):
        reaches[found[0, j]] = True
        reaches[found[h - 1, j]] = True
    numbers = np.zeros(number + 1, np.int64)
    kept = 0
    for k in range(1, number + 1):
        if reaches[k] == border:
            kept += 1
            numbers[k] = kept
    some = np.zeros((h, w), np.int64)
    for i in range(h):
        for j in range(w):
            some[i, j] = numbers[found[i, j]]
    return _cut_out(a, y, x, some, kept)


def _empty(a: Cells) -> Cells:
    """Return the empty cells, in colour 1."""
    h, w = a.shape
    empty = np.zeros((h, w), np.uint8)
    for i in range(h):
        for j in range(w):
            if a[i, j] == 0:
                empty[i, j] = 1
    return empty


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


def _grid(a: Cells, y: int, x: int, down: int, across: int) -> Packed:
    """Return down times across equal parts."""
    h, w = a.shape
    if down < 1 or across < 1 or down * across > MOST_PARTS or h % down != 0 or w % across != 0:
        return no_layers()
    boxes = np.empty((down * across, 4), np.int64)
    p, q = h // down, w // across
    for k in range(down * across):
        boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3] = (k // across) * p, (k % across) * q, p, q
    return _cut(a, y, x, boxes)


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


def _between(a: Cells, y: int, x: int, colour: int) -> Packed:
    """Return the parts between full rows and columns of a colour, two of them or more."""
    down, across = _spans(_full_rows(a, colour)), _spans(_full_columns(a, colour))
    number = down.shape[0] * across.shape[0]
    if number < 2:
        return no_layers()
    boxes = np.empty((number, 4), np.int64)
    for k in range(number):
        p, q = k // across.shape[0], k % across.shape[0]
        boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3] = down[p, 0], across[q, 0], down[p, 1], across[q, 1]
    return _cut(a, y, x, boxes)


def _frames(a: Cells) -> Any:
    """Return the boxes (rows i, j, h, w) of the one-coloured objects that are frames, something else inside."""
    found, number = labels(a, False, True)
    boxes = _boxes(found, number)
    kept = 0
    for k in range(number):
        i, j, h, w = boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3]
        if h < 3 or w < 3 or np.all(found[i : i + h, j : j + w] == k + 1):
            continue
        sides = np.all(found[i : i + h, j] == k + 1) and np.all(found[i : i + h, j + w - 1] == k + 1)
        if sides and np.all(found[i, j : j + w] == k + 1) and np.all(found[i + h - 1, j : j + w] == k + 1):
            boxes[kept] = boxes[k]
            kept += 1
    return boxes[:kept].copy()


def _blocks(a: Cells) -> Any:
    """Return the boxes (rows i, j, h, w) of full rectangles of one colour, the largest first, none over another."""
    most = 20
    left = a.copy()
    boxes = np.empty((most, 4), np.int64)
    for k in range(most):
        i, j, h, w = _largest_block(left)
        if h == 0:
            return boxes[:k].copy()
        boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3] = i, j, h, w
        left[i : i + h, j : j + w] = 0
    return boxes


def _largest_block(a: Cells) -> tuple[int, int, int, int]:
    """Return the largest full rectangle of one colour, 2x2 or more; height 0: none."""
    h, w = a.shape
    runs = np.ones((h, w), np.int64)  # how many cells from here to the right are of this colour
    for i in range(h):
        for j in range(w - 2, -1, -1):
            if a[i, j] == a[i, j + 1]:
                runs[i, j] = runs[i, j + 1] + 1
    top, left, tall, wide = 0, 0, 0, 0
    for i in range(h):
        for j in range(w):
            width = runs[i, j]
            if a[i, j] == 0 or width < 2 or width * (h - i) <= tall * wide:
                continue
            p = i
            while p < h and a[p, j] == a[i, j] and runs[p, j] >= 2:
                width = min(width, runs[p, j])
                p += 1
                if p - i >= 2 and (p - i) * width > tall * wide:
                    top, left, tall, wide = i, j, p - i, width
    return top, left, tall, wide


__all__ = (
    "blocks",
    "by_colour",
    "by_colour_trimmed",
    "clusters",
    "compartments",
    "compartments_by_gaps",
    "each_cell",
    "each_column",
    "each_row",
    "empty_areas",
    "empty_blocks",
    "enclosed_areas",
    "framed_parts",
    "insides",
    "left_and_right",
    "parts_across",
    "parts_down",
    "pieces",
    "pieces4",
    "pieces_at_border",
    "pieces_off_border",
    "plain_pieces",
    "plain_pieces4",
    "plain_views",
    "quarters",
    "squares_along",
    "tiles",
    "top_and_bottom",
    "views",
)
