"""Pictures that repeat or are symmetric: mended, continued, cleaned, made symmetric.

    mending, mirrors, patches  what a mask hides, by mirrors, tiles and look-alikes
    tiles, lines               what repeats in both directions, and in rows or columns by themselves
    symmetry                   what is missing for it
    cleaning                   noise

What a picture repeats by, and about which axes it mirrors, is found on the grid itself. A tiling is a lattice: the
picture is the same p rows down and s columns to the right, and q columns to the right.

Left out: pictures whose colours change in a cycle from tile to tile.
"""

from arc_submit.dsl.extensions.patterns.cleaning import despeckled, smoothed, thick_only
from arc_submit.dsl.extensions.patterns.lines import columns_mended, columns_repeated, rows_mended, rows_repeated
from arc_submit.dsl.extensions.patterns.mending import block_colour, mended, mirror_mended, patch_mended, tile_mended
from arc_submit.dsl.extensions.patterns.symmetry import KINDS, symmetrized, symmetrized_about, symmetrized_grid
from arc_submit.dsl.extensions.patterns.tiles import smallest_tile, tile_cleaned, tile_extended

__all__ = (
    "KINDS",
    "block_colour",
    "columns_mended",
    "columns_repeated",
    "despeckled",
    "mended",
    "mirror_mended",
    "patch_mended",
    "rows_mended",
    "rows_repeated",
    "smallest_tile",
    "smoothed",
    "symmetrized",
    "symmetrized_about",
    "symmetrized_grid",
    "thick_only",
    "tile_cleaned",
    "tile_extended",
    "tile_mended",
)
