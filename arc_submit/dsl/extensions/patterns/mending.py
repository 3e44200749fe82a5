"""What a mask hides put back: by mirrors, by the tiling, by look-alikes."""

from __future__ import annotations

import numpy as np

from arc_submit.dsl.extensions.patterns.mirrors import by_mirrors
from arc_submit.dsl.extensions.patterns.patches import by_patches
from arc_submit.dsl.extensions.patterns.tiles import by_tiling
from arc_submit.dsl.extensions.patterns.unknown import UNKNOWN, masked, shown
from arc_submit.dsl.types import Grid, Integer


def mended(grid: Grid, mask: Integer) -> Grid:
    """Put what was there in place of the mask's colour, by the picture's mirrors, or its tiling, or look-alikes."""
    cells = masked(grid, mask)
    for mend in (by_mirrors, by_tiling, by_patches):
        cells = mend(cells)
    return shown(cells, mask)


def mirror_mended(grid: Grid, mask: Integer) -> Grid:
    """Put what was there in place of the mask's colour, by the axes and centres about which the picture mirrors."""
    return shown(by_mirrors(masked(grid, mask)), mask)


def tile_mended(grid: Grid, mask: Integer) -> Grid:
    """Put what was there in place of the mask's colour, by the smallest tile that the other cells repeat."""
    return shown(by_tiling(masked(grid, mask)), mask)


def patch_mended(grid: Grid, mask: Integer) -> Grid:
    """Put what was there in place of the mask's colour: what lies elsewhere, perhaps turned, in like surroundings."""
    return shown(by_patches(masked(grid, mask)), mask)


def block_colour(grid: Grid) -> Integer:
    """Return the colour whose cells make one full rectangle, at least 2 by 2; of several, the one of most cells."""
    cells = np.array(grid)
    best, most = UNKNOWN, 3
    for colour in range(10):
        i, j = np.nonzero(cells == colour)
        if i.size > most and np.ptp(i) and np.ptp(j) and i.size == (np.ptp(i) + 1) * (np.ptp(j) + 1):
            best, most = colour, int(i.size)
    if best == UNKNOWN:
        raise ValueError("no colour makes a full rectangle")
    return best
