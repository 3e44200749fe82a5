"""Pictures that repeat a tile: found, continued, cleaned, unknown cells filled by it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from arc_submit.dsl.extensions.patterns.unknown import UNKNOWN, Cells, shown
from arc_submit.dsl.types import Grid, IntegerTuple

MOST_SKEWED = 24  # cells of a tile whose rows of tiles are shifted
MOST_SIDE = 15  # rows and columns of a tile that is not shifted
EVIDENCE = 0.7  # of a tile: cells of it that are seen, per cell of the picture that is known, at most


def tile_extended(grid: Grid, shape: IntegerTuple) -> Grid:
    """Continue the grid's tiling down and to the right to this shape; a grid that repeats nothing is its own tile."""
    height, width = shape
    cells = np.full((max(height, len(grid)), max(width, len(grid[0]))), UNKNOWN, np.int8)
    cells[: len(grid), : len(grid[0])] = grid
    cells = by_tiling(cells)[:height, :width]
    if (cells == UNKNOWN).any():
        cells = np.tile(np.array(grid), (height // len(grid) + 1, width // len(grid[0]) + 1))[:height, :width]
    return shown(cells, 0)


def smallest_tile(grid: Grid) -> Grid:
    """Return the upper left tile of a grid that repeats one, the smallest there is."""
    cells = np.array(grid)
    height, width = cells.shape
    rows = next(p for p in range(1, height + 1) if (cells[p:] == cells[: height - p]).all())
    columns = next(q for q in range(1, width + 1) if (cells[:, q:] == cells[:, : width - q]).all())
    return shown(cells[:rows, :columns], 0)


def tile_cleaned(grid: Grid) -> Grid:
    """Repeat the tile that explains most cells everywhere, over what does not fit it."""
    cells = np.array(grid, np.int8)
    known = np.ones(cells.shape, bool)
    best, most = cells, 0
    for tile_of, size in _lattices(*cells.shape):
        counts = counted(cells, known, tile_of, size)
        gain = int(counts.max(1).sum()) - size
        if gain > most:
            best, most = counts.argmax(1)[tile_of], gain
    return shown(best, 0)


def by_tiling(cells: Cells) -> Cells:
    """The cells with unknown ones filled by the tile that leaves fewest, the smallest of several."""
    known = cells != UNKNOWN
    if known.all() or not known.any():
        return cells
    best, least = cells, int((~known).sum())
    for tile_of, size in _lattices(*cells.shape):
        counts = counted(cells, known, tile_of, size)
        seen = counts.any(1)
        if int((counts > 0).sum()) > int(seen.sum()) or EVIDENCE * int(known.sum()) < int(seen.sum()):
            continue
        filled = np.where(known, cells, np.where(seen, counts.argmax(1), UNKNOWN)[tile_of])
        left = int((filled == UNKNOWN).sum())
        if left < least:
            best, least = filled, left
        if left == 0:
            break
    return best


@lru_cache(maxsize=8)
def _lattices(height: int, width: int) -> tuple[tuple[Any, int], ...]:
    """The number within its tile of each cell, and cells of the tile, for every p, q, s; small tiles first."""
    i, j = np.indices((height, width))
    found = []
    for p in range(1, min(height, MOST_SIDE) + 1):
        for q in range(1, min(width, MOST_SIDE) + 1):
            for s in range(q if p * q <= MOST_SKEWED else 1):
                if p * q < height * width and (s == 0 or p < height):
                    found.append((p, q, s))
    found.sort(key=lambda lattice: (lattice[0] * lattice[1], lattice[2] > 0, lattice))
    tiles = ((p, q, (i % p * q + (j - i // p * s) % q).astype(np.int16)) for p, q, s in found)
    return tuple((tile_of, p * q) for p, q, tile_of in tiles)


def counted(cells: Cells, known: Any, tile_of: Any, size: int) -> Any:
    """How often each colour is seen at each cell of the tile: int[size, 10]."""
    codes = tile_of[known] * 10 + cells[known]
    return np.bincount(codes, minlength=size * 10).reshape(size, 10)
