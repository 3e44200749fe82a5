"""Layers -> layer: all of several put together, each in its place or one beside the other."""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import MOST_SIDE, Cells, Flat, Placed, Rects, join
from arc_submit.dsl.extensions.tools import at, commonest, extent, nothing, sizes

# In place. ------------------------------------------------------------------------------------------------------------


@join
def piled(flat: Flat, rects: Rects) -> Placed:
    """Return all layers over each other, each in its place, the first on top."""
    return _piled(flat, rects, np.arange(rects.shape[0] - 1, -1, -1))


@join
def piled_last_on_top(flat: Flat, rects: Rects) -> Placed:
    """Return all layers over each other, each in its place, the last on top."""
    return _piled(flat, rects, np.arange(rects.shape[0]))


@join
def piled_smallest_on_top(flat: Flat, rects: Rects) -> Placed:
    """Return all layers over each other, each in its place, the one with the fewest cells on top."""
    return _piled(flat, rects, np.argsort(-sizes(flat, rects), kind="mergesort"))


@join
def closed_up(flat: Flat, rects: Rects) -> Placed:
    """Return the layers, which lie in rows and columns and are equally large, without the gaps between them."""
    if not _alike(rects):
        return nothing()
    h, w = rects[0, 1], rects[0, 2]
    rows, columns = _ranks(rects[:, 3]), _ranks(rects[:, 4])
    tall, wide = (rows.max() + 1) * h, (columns.max() + 1) * w
    if tall > MOST_SIDE or wide > MOST_SIDE:
        return nothing()
    out = np.zeros((tall, wide), np.uint8)
    for k in range(rects.shape[0]):
        _paste(out, at(flat, rects, k), rows[k] * h, columns[k] * w)
    return out, rects[:, 3].min(), rects[:, 4].min()


@join
def colours_in_grid(flat: Flat, rects: Rects) -> Placed:
    """Return one cell per layer, in its commonest colour; the cells lie to each other as the layers do."""
    if rects.shape[0] == 0:
        return nothing()
    rows, columns = _ranks(rects[:, 3]), _ranks(rects[:, 4])
    if rows.max() >= MOST_SIDE or columns.max() >= MOST_SIDE:
        return nothing()
    out = np.zeros((rows.max() + 1, columns.max() + 1), np.uint8)
    for k in range(rects.shape[0]):
        out[rows[k], columns[k]] = commonest(at(flat, rects, k))
    return out, 0, 0


# Side by side. --------------------------------------------------------------------------------------------------------


@join
def side_by_side(flat: Flat, rects: Rects) -> Placed:
    """Return the layers beside each other from left to right, in their order; the upper sides meet."""
    return _in_line(flat, rects, False, 0)


@join
def stacked(flat: Flat, rects: Rects) -> Placed:
    """Return the layers below each other from top to bottom, in their order; the left sides meet."""
    return _in_line(flat, rects, True, 0)


@join
def side_by_side_apart(flat: Flat, rects: Rects) -> Placed:
    """Return the layers beside each other from left to right, an empty column between two."""
    return _in_line(flat, rects, False, 1)


@join
def stacked_apart(flat: Flat, rects: Rects) -> Placed:
    """Return the layers below each other from top to bottom, an empty row between two."""
    return _in_line(flat, rects, True, 1)


@join
def side_by_side_on_ground(flat: Flat, rects: Rects) -> Placed:
    """Return the layers beside each other from left to right, in their order; the lower sides meet."""
    if rects.shape[0] == 0:
        return nothing()
    a, y, x = _in_line(flat, rects, False, 0)
    out = np.zeros(a.shape, np.uint8)
    left = 0
    for k in range(rects.shape[0]):
        if a.size > 0:
            _paste(out, at(flat, rects, k), a.shape[0] - rects[k, 1], left)
        left += rects[k, 2]
    return out, y, x


# One cell per layer. --------------------------------------------------------------------------------------------------


@join
def colours_in_row(flat: Flat, rects: Rects) -> Placed:
    """Return a row of one cell per layer, in its commonest colour."""
    if rects.shape[0] == 0 or rects.shape[0] > MOST_SIDE:
        return nothing()
    out = np.zeros((1, rects.shape[0]), np.uint8)
    for k in range(rects.shape[0]):
        out[0, k] = commonest(at(flat, rects, k))
    return out, 0, 0


@join
def colours_in_column(flat: Flat, rects: Rects) -> Placed:
    """Return a column of one cell per layer, in its commonest colour."""
    if rects.shape[0] == 0 or rects.shape[0] > MOST_SIDE:
        return nothing()
    out = np.zeros((rects.shape[0], 1), np.uint8)
    for k in range(rects.shape[0]):
        out[k, 0] = commonest(at(flat, rects, k))
    return out, 0, 0


@join
def colours_on_diagonal(flat: Flat, rects: Rects) -> Placed:
    """Return a square with one cell per layer, in its commonest colour, on the diagonal from the upper left."""
    if rects.shape[0] == 0 or rects.shape[0] > MOST_SIDE:
        return nothing()
    out = np.zeros((rects.shape[0], rects.shape[0]), np.uint8)
    for k in range(rects.shape[0]):
        out[k, k] = commonest(at(flat, rects, k))
    return out, 0, 0


# Cell by cell, of equally large layers. -------------------------------------------------------------------------------


@join
def common_cells(flat: Flat, rects: Rects) -> Placed:
    """Return the cells of the first layer that are there in all; places do not matter, sizes must be equal."""
    return _voted(flat, rects, rects.shape[0], rects.shape[0])


@join
def any_cells(flat: Flat, rects: Rects) -> Placed:
    """Return the cells that are there in any layer, in the colour of the first that has them; sizes must be equal."""
    return _voted(flat, rects, 1, rects.shape[0])


@join
def cells_once(flat: Flat, rects: Rects) -> Placed:
    """Return the cells that are there in exactly one layer; places do not matter, sizes must be equal."""
    return _voted(flat, rects, 1, 1)


@join
def any_cells_last_on_top(flat: Flat, rects: Rects) -> Placed:
    """Return the cells that are there in any layer, in the colour of the last that has them; sizes must be equal."""
    if not _alike(rects):
        return nothing()
    out = at(flat, rects, 0).copy()
    for k in range(1, rects.shape[0]):
        _paste(out, at(flat, rects, k), 0, 0)
    return out, rects[0, 3], rects[0, 4]


@join
def commonest_cells(flat: Flat, rects: Rects) -> Placed:
    """Return for each cell the colour, 0 counted, that most layers have there; sizes must be equal."""
    return _elected(flat, rects, 0)


@join
def commonest_colours(flat: Flat, rects: Rects) -> Placed:
    """Return for each cell the colour other than 0 that most layers have there; sizes must be equal."""
    return _elected(flat, rects, 1)


# What they share. -----------------------------------------------------------------------------------------------------


def _alike(rects: Rects) -> bool:
    """Return whether there are layers and all are equally large."""
    if rects.shape[0] == 0:
        return False
    return bool(np.all(rects[:, 1] == rects[0, 1]) and np.all(rects[:, 2] == rects[0, 2]))


def _paste(out: Cells, a: Cells, y: int, x: int) -> None:
    """Paint a into out, its upper left cell at (y, x); it must fit."""
    h, w = a.shape
    for i in range(h):
        for j in range(w):
            if a[i, j] != 0:
                out[y + i, x + j] = a[i, j]


def _ranks(places: Any) -> Any:
    """Return for each place how many different ones are smaller."""
    found = np.zeros(places.size, np.int64)
    different = np.unique(places)
    for k in range(places.size):
        for place in different:
            if place < places[k]:
                found[k] += 1
    return found


def _piled(flat: Flat, rects: Rects, order: Any) -> Placed:
    """Return all layers in their places; those later in `order` hide earlier ones."""
    if rects.shape[0] == 0:
        return nothing()
    top, left, h, w = extent(rects)
    if h > MOST_SIDE or w > MOST_SIDE:
        return nothing()
    out = np.zeros((h, w), np.uint8)
    for k in order:
        _paste(out, at(flat, rects, k), rects[k, 3] - top, rects[k, 4] - left)
    return out, top, left


def _in_line(flat: Flat, rects: Rects, down: bool, gap: int) -> Placed:
    """Return the layers one behind the other, `gap` empty cells between two; the place is that of the first."""
    if rects.shape[0] == 0:
        return nothing()
    h, w = rects[:, 1].max(), rects[:, 2].max()
    if down:
        h = rects[:, 1].sum() + gap * (rects.shape[0] - 1)
    else:
        w = rects[:, 2].sum() + gap * (rects.shape[0] - 1)
    if h > MOST_SIDE or w > MOST_SIDE:
        return nothing()
    out = np.zeros((h, w), np.uint8)
    start = 0
    for k in range(rects.shape[0]):
        if down:
            _paste(out, at(flat, rects, k), start, 0)
            start += rects[k, 1] + gap
        else:
            _paste(out, at(flat, rects, k), 0, start)
            start += rects[k, 2] + gap
    return out, rects[0, 3], rects[0, 4]


def _voted(flat: Flat, rects: Rects, least: int, most: int) -> Placed:
    """Return the cells that `least` to `most` layers have, in the colour of the first that has them."""
    if not _alike(rects):
        return nothing()
    h, w = rects[0, 1], rects[0, 2]
    out = np.zeros((h, w), np.uint8)
    votes = np.zeros((h, w), np.int64)
    for k in range(rects.shape[0]):
        a = at(flat, rects, k)
        for i in range(h):
            for j in range(w):
                if a[i, j] != 0:
                    votes[i, j] += 1
                    if out[i, j] == 0:
                        out[i, j] = a[i, j]
    for i in range(h):
        for j in range(w):
            if votes[i, j] < least or votes[i, j] > most:
                out[i, j] = 0
    return out, rects[0, 3], rects[0, 4]


def _elected(flat: Flat, rects: Rects, lowest: int) -> Placed:
    """Return for each cell the commonest colour that is at least `lowest`; of two alike the one met first."""
    if not _alike(rects):
        return nothing()
    h, w = rects[0, 1], rects[0, 2]
    votes = np.zeros((h, w, 10), np.int64)
    out = np.zeros((h, w), np.uint8)
    for k in range(rects.shape[0]):
        a = at(flat, rects, k)
        for i in range(h):
            for j in range(w):
                votes[i, j, a[i, j]] += 1
    for k in range(rects.shape[0]):
        a = at(flat, rects, k)
        for i in range(h):
            for j in range(w):
                best = votes[i, j, out[i, j]]
                if k == 0 or out[i, j] < lowest:
                    best = 0
                if a[i, j] >= lowest and votes[i, j, a[i, j]] > best:
                    out[i, j] = a[i, j]
    return out, rects[0, 3], rects[0, 4]


__all__ = (
    "any_cells",
    "any_cells_last_on_top",
    "cells_once",
    "closed_up",
    "colours_in_column",
    "colours_in_grid",
    "colours_in_row",
    "colours_on_diagonal",
    "common_cells",
    "commonest_cells",
    "commonest_colours",
    "piled",
    "piled_last_on_top",
    "piled_smallest_on_top",
    "side_by_side",
    "side_by_side_apart",
    "side_by_side_on_ground",
    "stacked",
    "stacked_apart",
)
