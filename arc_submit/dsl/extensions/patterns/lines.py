"""Rows and columns that repeat, each by itself."""

from __future__ import annotations

import numpy as np

from arc_submit.dsl.extensions.patterns.tiles import counted
from arc_submit.dsl.extensions.patterns.unknown import UNKNOWN, Cells, masked, shown
from arc_submit.dsl.types import Grid, Integer


def rows_mended(grid: Grid, mask: Integer) -> Grid:
    """Continue every row over the mask's colour, by the smallest distance after which all of them repeat."""
    return shown(_by_rows(masked(grid, mask)), mask)


def columns_mended(grid: Grid, mask: Integer) -> Grid:
    """Continue every column over the mask's colour, by the smallest distance after which all of them repeat."""
    return shown(_by_rows(masked(grid, mask).T).T, mask)


def rows_repeated(grid: Grid) -> Grid:
    """In every row that shows two cells or more, what lies from the first to the last is repeated to both edges."""
    return tuple(map(_repeated, grid))


def columns_repeated(grid: Grid) -> Grid:
    """As `rows_repeated`, column by column."""
    return tuple(zip(*map(_repeated, zip(*grid, strict=True)), strict=True))


def _repeated(line: tuple[int, ...]) -> tuple[int, ...]:
    seen = [place for place, value in enumerate(line) if value]
    if len(seen) < 2:
        return line
    first, length = seen[0], seen[-1] - seen[0] + 1
    return tuple(value or line[first + (place - first) % length] for place, value in enumerate(line))


def _by_rows(cells: Cells) -> Cells:
    """Rows that show nothing stay as they are; at least one place must show the distance."""
    height, width = cells.shape
    known = cells != UNKNOWN
    i, j = np.indices(cells.shape)
    for period in range(1, width):
        tile_of = i * period + j % period
        counts = counted(cells, known, tile_of, height * period)
        seen = counts.any(1)
        whole = seen.reshape(height, period)
        if int((counts > 0).sum()) == int(seen.sum()) < int(known.sum()) and (whole.all(1) | ~whole.any(1)).all():
            return np.where(known, cells, np.where(seen, counts.argmax(1), UNKNOWN)[tile_of])
    return cells
