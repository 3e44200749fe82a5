"""Helpers that kernels share, in the same part of Python: they are compiled along with them."""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Flat, Packed, Placed, Rects


def nothing() -> Placed:
    """Return what a kernel without an answer returns."""
    return np.zeros((0, 0), np.uint8), 0, 0


def no_layers() -> Packed:
    """Return the packed form of no layer at all."""
    return np.zeros(0, np.uint8), np.zeros((0, 5), np.int64)


def at(flat: Flat, rects: Rects, k: int) -> Cells:
    """Return the cells of layer k."""
    o, h, w = rects[k, 0], rects[k, 1], rects[k, 2]
    return flat[o : o + h * w].reshape((h, w))


def chosen(flat: Flat, rects: Rects, keep: Any) -> Packed:
    """Return the layers whose numbers are in `keep` (int64[n]), in that order."""
    total = 0
    for k in keep:
        total += rects[k, 1] * rects[k, 2]
    some = np.empty(total, np.uint8)
    where = np.empty((keep.size, 5), np.int64)
    offset = 0
    for n in range(keep.size):
        k = keep[n]
        size = rects[k, 1] * rects[k, 2]
        o = rects[k, 0]
        some[offset : offset + size] = flat[o : o + size]
        where[n, 0] = offset
        where[n, 1:] = rects[k, 1:]
        offset += size
    return some, where


def layer_at(flat: Flat, rects: Rects, k: int) -> Placed:
    """Return layer k; nothing where there is none."""
    if k < 0 or k >= rects.shape[0]:
        return nothing()
    return at(flat, rects, k).copy(), rects[k, 3], rects[k, 4]


def only_one(flat: Flat, rects: Rects, flags: Any) -> Placed:
    """Return the layer that is flagged; nothing where there are several or none."""
    if np.count_nonzero(flags) != 1:
        return nothing()
    return layer_at(flat, rects, int(np.argmax(flags)))


def best_of(flat: Flat, rects: Rects, scores: Any) -> Placed:
    """Return the first layer of the highest score; nothing where another one of that score looks different."""
    if scores.size == 0:
        return nothing()
    best = int(np.argmax(scores))
    a = at(flat, rects, best)
    for k in range(best + 1, scores.size):
        if scores[k] != scores[best]:
            continue
        b = at(flat, rects, k)
        if b.shape[0] != a.shape[0] or b.shape[1] != a.shape[1] or np.any(a != b):
            return nothing()
    return layer_at(flat, rects, best)


def occurrences(marks: Any) -> Any:
    """Return how often each mark occurs."""
    found = np.zeros(marks.size, np.int64)
    for k in range(marks.size):
        for n in range(marks.size):
            if marks[k] == marks[n]:
                found[k] += 1
    return found


def counts(a: Cells) -> Any:
    """Return how often each colour occurs: int64[10]."""
    found = np.zeros(10, np.int64)
    h, w = a.shape
    for i in range(h):
        for j in range(w):
            found[a[i, j]] += 1
    return found


def commonest(a: Cells) -> int:
    """Return the commonest colour other than 0, the smaller one of two alike; 0 where there is none."""
    found = counts(a)
    best = 0
    for colour in range(1, 10):
        if found[colour] > 0 and (best == 0 or found[colour] > found[best]):
            best = colour
    return best


def bounds(a: Cells) -> tuple[int, int, int, int]:
    """Return first row, first column, height and width of the smallest box around what is not 0; height 0: nothing."""
    h, w = a.shape
    top, bottom, left, right = h, -1, w, -1
    for i in range(h):
        for j in range(w):
            if a[i, j] != 0:
                top = min(top, i)
                bottom = max(bottom, i)
                left = min(left, j)
                right = max(right, j)
    if bottom < 0:
        return 0, 0, 0, 0
    return top, left, bottom - top + 1, right - left + 1


def labels(a: Cells, diagonal: bool, univalued: bool) -> tuple[Any, int]:
    """Return a number from 1 on for each object (int64[h, w]; 0 where there is no cell), and how many there are.

    Objects are met row by row, by their first cell. `diagonal`: corners touch too. `univalued`: one colour each.
    """
    h, w = a.shape
    found = np.zeros((h, w), np.int64)
    rows = np.empty(h * w, np.int64)
    columns = np.empty(h * w, np.int64)
    number = 0
    for i in range(h):
        for j in range(w):
            if a[i, j] == 0 or found[i, j] != 0:
                continue
            number += 1
            found[i, j] = number
            rows[0], columns[0] = i, j
            waiting = 1
            while waiting > 0:
                waiting -= 1
                p, q = rows[waiting], columns[waiting]
                for di in range(-1, 2):
                    for dj in range(-1, 2):
                        if (di == 0 and dj == 0) or (di != 0 and dj != 0 and not diagonal):
                            continue
                        r, s = p + di, q + dj
                        if r < 0 or s < 0 or r >= h or s >= w or a[r, s] == 0 or found[r, s] != 0:
                            continue
                        if univalued and a[r, s] != a[p, q]:
                            continue
                        found[r, s] = number
                        rows[waiting], columns[waiting] = r, s
                        waiting += 1
    return found, number


# Several layers, measured: int64[layers]. -----------------------------------------------------------------------------


def sizes(flat: Flat, rects: Rects) -> Any:
    """Return how many cells each layer has that are not 0."""
    found = np.empty(rects.shape[0], np.int64)
    for k in range(found.size):
        found[k] = np.count_nonzero(at(flat, rects, k))
    return found


def looks(flat: Flat, rects: Rects) -> Any:
    """Return a number per layer that is the same for layers of the same cells."""
    found = np.empty(rects.shape[0], np.int64)
    for k in range(found.size):
        found[k] = _print(at(flat, rects, k), False)
    return found


def outlines(flat: Flat, rects: Rects) -> Any:
    """Return a number per layer that is the same for layers of the same shape, whatever their colours."""
    found = np.empty(rects.shape[0], np.int64)
    for k in range(found.size):
        found[k] = _print(at(flat, rects, k), True)
    return found


def colour_sets(flat: Flat, rects: Rects) -> Any:
    """Return which colours occur in each layer, as bits; 0 is none."""
    found = np.zeros(rects.shape[0], np.int64)
    for k in range(found.size):
        number = counts(at(flat, rects, k))
        for colour in range(1, 10):
            if number[colour] > 0:
                found[k] |= 1 << colour
    return found


def colour_counts(flat: Flat, rects: Rects) -> Any:
    """Return how many colours each layer has; 0 is none."""
    found = colour_sets(flat, rects)
    for k in range(found.size):
        bits, number = found[k], 0
        while bits > 0:
            number += bits & 1
            bits >>= 1
        found[k] = number
    return found


def hole_counts(flat: Flat, rects: Rects) -> Any:
    """Return how many enclosed areas of empty cells each layer has."""
    found = np.zeros(rects.shape[0], np.int64)
    for k in range(found.size):
        a = at(flat, rects, k)
        h, w = a.shape
        empty = np.zeros((h, w), np.uint8)
        for i in range(h):
            for j in range(w):
                if a[i, j] == 0:
                    empty[i, j] = 1
        areas, number = labels(empty, False, True)
        open_ = np.zeros(number + 1, np.bool_)
        open_[0] = True
        for i in range(h):
            open_[areas[i, 0]] = True
            open_[areas[i, w - 1]] = True
        for j in range(w):
            open_[areas[0, j]] = True
            open_[areas[h - 1, j]] = True
        found[k] = number + 1 - np.count_nonzero(open_)
    return found


def symmetries(flat: Flat, rects: Rects) -> Any:
    """Return in how many of two ways each layer is its own mirror image: left to right, upside down."""
    found = np.empty(rects.shape[0], np.int64)
    for k in range(found.size):
        a = at(flat, rects, k)
        h, w = a.shape
        across, upright = 1, 1
        for i in range(h):
            for j in range(w):
                if a[i, j] != a[i, w - 1 - j]:
                    across = 0
                if a[i, j] != a[h - 1 - i, j]:
                    upright = 0
        found[k] = across + upright
    return found


def extent(rects: Rects) -> tuple[int, int, int, int]:
    """Return first row, first column, height and width of the smallest box around all layers; there is one at least."""
    top, left = rects[:, 3].min(), rects[:, 4].min()
    return top, left, (rects[:, 3] + rects[:, 1]).max() - top, (rects[:, 4] + rects[:, 2]).max() - left


def _print(a: Cells, plain: bool) -> int:
    h, w = a.shape
    found: int = h * 100 + w
    for i in range(h):
        for j in range(w):
            colour = int(a[i, j])
            if plain:
                colour = min(colour, 1)
            found = (found * 31 + colour + 1) % 1000000000039
    return found
