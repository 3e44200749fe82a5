"""Layer -> layers: the groups of cells it falls into. Each keeps the place where it was cut out.

Others in the box around a group are see-through; views and frames are cut out with all that lies in the box. Groups
come in reading order of their first cells. More than MOST_PARTS of them are no answer.
"""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Packed, split
from arc_submit.dsl.extensions.tools import labels, no_layers

__all__ = (
    "clusters",
    "each_cell",
    "empty_areas",
    "enclosed_areas",
    "framed_parts",
    "insides",
    "pieces",
    "pieces4",
    "pieces_at_border",
    "pieces_off_border",
    "plain_pieces",
    "plain_pieces4",
    "plain_views",
    "views",
)

MOST_PARTS = 100

# Objects. -------------------------------------------------------------------------------------------------------------


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


# Objects told by the border, or by what they go round. ----------------------------------------------------------------


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
def framed_parts(a: Cells, y: int, x: int) -> Packed:
    """Return each rectangular frame of one colour with all that lies inside."""
    return _cut(a, y, x, _frames(a))


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


# Boxes around them. ---------------------------------------------------------------------------------------------------


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


# Areas of empty cells. ------------------------------------------------------------------------------------------------


@split
def empty_areas(a: Cells, y: int, x: int) -> Packed:
    """Return the connected areas of empty cells, in colour 1."""
    empty = (a == 0).astype(np.uint8)
    found, number = labels(empty, False, True)
    return _cut_out(empty, y, x, found, number)


@split
def enclosed_areas(a: Cells, y: int, x: int) -> Packed:
    """Return the connected areas of empty cells that do not reach the border, in colour 1."""
    empty = (a == 0).astype(np.uint8)
    found, number = labels(empty, False, True)
    return _cut_out_some(empty, y, x, found, number, False)


# What they share. -----------------------------------------------------------------------------------------------------


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


def _cut(a: Cells, y: int, x: int, boxes: Any) -> Packed:
    """Return the boxes (rows i, j, h, w) with all that lies in them."""
    if boxes.shape[0] == 0 or boxes.shape[0] > MOST_PARTS:
        return no_layers()
    rects, total = _rects(y, x, boxes)
    flat = np.empty(total, np.uint8)
    for k in range(boxes.shape[0]):
        i, j, h, w = boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3]
        for p in range(h):
            start = rects[k, 0] + p * w
            flat[start : start + w] = a[i + p, j : j + w]
    return flat, rects


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
