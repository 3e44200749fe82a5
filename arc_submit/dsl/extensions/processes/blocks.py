"""Rectangles that are of one colour throughout, wherever they lie, painted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from arc_submit.dsl.types import Grid, Integer, Tuple


def blocks_painted(grid: Grid, colour: Integer, size: Tuple, paint: Integer) -> Grid:
    """Every rectangle of this size (rows, columns) that is of one colour throughout gets the other colour; of those
    that overlap the upper left ones do."""
    a = np.array(grid, np.int16)
    return _painted(a, [(corner, size) for corner in _corners(a == colour, *size)], colour, paint)


def largest_blocks_painted(grid: Grid, colour: Integer, paint: Integer) -> Grid:
    """The rectangle of most cells, two rows and columns at least, that is of one colour throughout gets the other
    colour, and so do others as large."""
    a = np.array(grid, np.int16)
    most = 1
    found: list[tuple[Any, tuple[int, int]]] = []
    for height in range(2, a.shape[0] + 1):
        for width in range(a.shape[1], max(1, (most - 1) // height), -1):
            corners = _corners(a == colour, height, width)
            if len(corners):
                found = [] if height * width > most else found
                most = height * width
                found += [(corner, (height, width)) for corner in corners]
                break
    return _painted(a, found, colour, paint)


def _corners(mask: Any, height: int, width: int) -> Any:
    """Upper left corners of the rectangles that lie in a mask, int[n, 2]."""
    if not (1 <= height <= mask.shape[0] and 1 <= width <= mask.shape[1]):
        return np.empty((0, 2), int)
    sums = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), np.int32)
    sums[1:, 1:] = mask.cumsum(0).cumsum(1)
    inside = sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
    return np.argwhere(inside == height * width)


def _painted(a: Any, blocks: Iterable[tuple[Any, tuple[int, int]]], colour: int, paint: int) -> Grid:
    for (i, j), (height, width) in blocks:
        part = a[i : i + height, j : j + width]
        if (part == colour).all():
            part[:] = paint
    return tuple(map(tuple, a.tolist()))
