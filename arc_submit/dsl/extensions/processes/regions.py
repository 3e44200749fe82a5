"""Regions filled by what they are: holes, those of a trait, cells that are closed in."""

from __future__ import annotations

from arc_submit.dsl.extensions.neighbours import FOUR, box, parts
from arc_submit.dsl.extensions.processes.ground import OWN, Places, at, closed, connected, opened, straight
from arc_submit.dsl.types import Boolean, Grid, Integer


def holes_painted(grid: Grid, paint: Integer, diagonal: Boolean) -> Grid:
    """Regions of 0 that do not reach the grid's edge get the colour; -1: the colour around them. `diagonal`: corners
    are ways out too."""
    rows = opened(grid)
    for region in connected(grid, 0, diagonal):
        if not _on_edge(grid, region):
            tint = _around(grid, region) if paint == OWN else paint
            for i, j in region:
                rows[i][j] = tint
    return closed(rows)


def filled_regions(grid: Grid, colour: Integer, trait: Integer, value: Integer, paint: Integer) -> Grid:
    """Regions of a colour, edge to edge, get another one where their trait has the value: 0 cells, 1 height, 2 width,
    3 square, 4 full rectangle, 5 reaches the edge, 6 rank by cells from the largest, 7 from the smallest, 8 odd cells,
    9 holes, 10 colour around."""
    rows = opened(grid)
    regions = connected(grid, colour, False)
    for region, found in zip(regions, _traits(grid, regions, trait), strict=True):
        if found == value:
            for i, j in region:
                rows[i][j] = paint
    return closed(rows)


def closed_in(grid: Grid, colour: Integer, paint: Integer) -> Grid:
    """Cells of 0 that see the colour in all four directions get the other colour."""
    rows = opened(grid)
    for i, row in enumerate(grid):
        for j, value in enumerate(row):
            if value == 0 and all(any(grid[p][q] == colour for p, q in straight(grid, i, j, w)) for w in FOUR):
                rows[i][j] = paint
    return closed(rows)


def _traits(grid: Grid, regions: list[Places], trait: int) -> list[int]:
    """What `filled_regions` goes by, of each region."""
    sizes = [len(region) for region in regions]
    if trait == 0:
        return sizes
    if trait == 6:
        return [sum(other > size for other in set(sizes)) for size in sizes]
    if trait == 7:
        return [sum(other < size for other in set(sizes)) for size in sizes]
    return [_trait(grid, region, trait) for region in regions]


def _trait(grid: Grid, region: Places, trait: int) -> int:
    top, left, bottom, right = box(region)
    height, width = bottom - top + 1, right - left + 1
    if trait == 1:
        return height
    if trait == 2:
        return width
    if trait == 3:
        return int(height == width and len(region) == height * width)
    if trait == 4:
        return int(len(region) == height * width)
    if trait == 5:
        return int(_on_edge(grid, region))
    if trait == 8:
        return len(region) % 2
    if trait == 10:
        return _around(grid, region)
    inside = set(region)
    outside = {(i, j) for i in range(top - 1, bottom + 2) for j in range(left - 1, right + 2)} - inside
    return len(parts(outside, FOUR)) - 1  # but for what is around the region


def _on_edge(grid: Grid, region: Places) -> bool:
    last, right = len(grid) - 1, len(grid[0]) - 1
    return any(i in (0, last) or j in (0, right) for i, j in region)


def _around(grid: Grid, region: Places) -> int:
    """The commonest colour next to a region."""
    near = [at(grid, i + di, j + dj) for i, j in region for di, dj in FOUR]
    return max(range(1, 10), key=lambda colour: (near.count(colour), -colour))
