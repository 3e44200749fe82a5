"""A grid as an array with unknown cells: what menders take and give."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from arc_submit.dsl.types import Grid

Cells: TypeAlias = Any
"""int8[h, w]; -1 is unknown."""

UNKNOWN = -1


def masked(grid: Grid, mask: int) -> Cells:
    """The cells of a grid, those in the mask's colour unknown."""
    cells = np.array(grid, np.int8)
    return np.where(cells == mask, np.int8(UNKNOWN), cells)


def shown(cells: Cells, mask: int) -> Grid:
    """The grid of cells, what is still unknown in the mask's colour."""
    return tuple(map(tuple, np.where(cells == UNKNOWN, mask, cells).tolist()))
