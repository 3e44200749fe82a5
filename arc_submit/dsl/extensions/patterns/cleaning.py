"""Noise taken out: specks, lines one cell thick, cells that take the colour around them."""

from __future__ import annotations

import numpy as np

from arc_submit.dsl.extensions.neighbours import EIGHT, FOUR, parts
from arc_submit.dsl.extensions.patterns.unknown import UNKNOWN, shown
from arc_submit.dsl.types import Grid, Integer


def despeckled(grid: Grid, colour: Integer, most: Integer, under: Integer) -> Grid:
    """Objects of the colour, corners touching, of at most so many cells become `under`, or what surrounds them for -1.
    The colour -1 is any but 0."""
    rows = [list(row) for row in grid]
    for value in range(1, 10) if colour == UNKNOWN else (colour,):
        places = [(i, j) for i, row in enumerate(grid) for j, v in enumerate(row) if v == value]
        for thing in parts(places, EIGHT):
            if len(thing) <= most:
                paint = _surrounding(grid, thing) if under == UNKNOWN else under
                for i, j in thing:
                    rows[i][j] = paint
    return tuple(map(tuple, rows))


def thick_only(grid: Grid, under: Integer) -> Grid:
    """Cells that are part of no 2 x 2 square of one colour become `under`, or for -1 the commonest colour around."""
    cells = np.array(grid, np.int8)
    square = (cells[1:, 1:] == cells[:-1, 1:]) & (cells[1:, 1:] == cells[1:, :-1]) & (cells[1:, 1:] == cells[:-1, :-1])
    thick = np.zeros(cells.shape, bool)
    for di in (0, 1):
        for dj in (0, 1):
            thick[di : di + square.shape[0], dj : dj + square.shape[1]] |= square
    rows = [list(row) for row in grid]
    kept = np.where(thick, cells, UNKNOWN)
    for i, j in np.argwhere(~thick).tolist():
        near = kept[max(0, i - 1) : i + 2, max(0, j - 1) : j + 2]
        rows[i][j] = _commonest(near[near != UNKNOWN].tolist(), grid[i][j]) if under == UNKNOWN else under
    return tuple(map(tuple, rows))


def smoothed(grid: Grid, colour: Integer) -> Grid:
    """Cells of the colour take the commonest other colour around them, again and again until none is left."""
    cells = np.array(grid, np.int8)
    for _ in range(cells.size):
        left = np.argwhere(cells == colour).tolist()
        after = cells.copy()
        for i, j in left:
            near = cells[max(0, i - 1) : i + 2, max(0, j - 1) : j + 2]
            after[i, j] = _commonest(near[near != colour].tolist(), colour)
        if (after == cells).all():
            break
        cells = after
    return shown(cells, 0)


def _surrounding(grid: Grid, thing: list[tuple[int, int]]) -> int:
    own = set(thing)
    near = [
        grid[i + di][j + dj]
        for i, j in thing
        for di, dj in FOUR
        if 0 <= i + di < len(grid) and 0 <= j + dj < len(grid[0]) and (i + di, j + dj) not in own
    ]
    return _commonest(near, grid[thing[0][0]][thing[0][1]])


def _commonest(values: list[int], otherwise: int) -> int:
    return max(sorted(set(values)), key=values.count) if values else otherwise
