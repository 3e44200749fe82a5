"""Small pictures put around cells, in place of others, again and again."""

from __future__ import annotations

from arc_submit.dsl.extensions.neighbours import box
from arc_submit.dsl.extensions.processes.ground import OWN, at, closed, objects, opened, pairs, sources
from arc_submit.dsl.types import Boolean, Grid, Integer, IntegerTuple, Tuple


def stamped(grid: Grid, colour: Integer, places: Tuple, paints: Tuple, over: Boolean) -> Grid:
    """Around each cell of the colour, cells at (row, column, row, column, ...) from it get the colours `paints`, -1
    its own, clipped at the edges. `over`: not on 0 only."""
    rows = opened(grid)
    offsets = pairs(places)
    for i, j in sources(grid, colour):
        for (di, dj), paint in zip(offsets, paints, strict=True):
            p, q = i + di, j + dj
            there = at(grid, p, q)
            if there == 0 or (over and there != OWN):
                rows[p][q] = grid[i][j] if paint == OWN else paint
    return closed(rows)


def rewritten(grid: Grid, shape: IntegerTuple, old: Tuple, new: Tuple) -> Grid:
    """Wherever the cells `old` of this shape, row by row, are found, the cells `new` are put; -1 is any colour in the
    old ones and no change in the new."""
    height, width = shape
    rows = opened(grid)
    spots = [(place // width, place % width, value) for place, value in enumerate(old) if value != OWN]
    changes = [(place // width, place % width, value) for place, value in enumerate(new) if value != OWN]
    for i in range(len(grid) - height + 1):
        for j in range(len(grid[0]) - width + 1):
            if all(grid[i + di][j + dj] == value for di, dj, value in spots):
                for di, dj, value in changes:
                    rows[i + di][j + dj] = value
    return closed(rows)


def repeated(grid: Grid, colour: Integer, ways: Tuple, gap: Integer, trail: Integer) -> Grid:
    """Objects of the colour, corners touching, are put again and again each way over 0 to the edge, as far apart as
    they are large and `gap` cells more. For -1, cells of all colours that touch are one object."""
    rows = opened(grid)
    chosen = set(sources(grid, colour))
    for thing in objects(grid, colour == OWN):
        if thing[0] not in chosen:
            continue
        top, left, bottom, right = box(thing)
        for di, dj in pairs(ways):
            down, along = di * (bottom - top + 1 + gap), dj * (right - left + 1 + gap)
            for times in range(1, _within(grid, down, along)):
                for i, j in thing:
                    if at(grid, i + down * times, j + along * times) == 0:
                        rows[i + down * times][j + along * times] = grid[i][j] if trail == OWN else trail
    return closed(rows)


def _within(grid: Grid, down: int, along: int) -> int:
    """How often one can go so far down and along before any cell of the grid is off it; 0 for going nowhere."""
    lasting = [(side + abs(by) - 1) // abs(by) for side, by in ((len(grid), down), (len(grid[0]), along)) if by]
    return min(lasting, default=0)
