"""What spreads from cells to those that touch them."""

from __future__ import annotations

from arc_submit.dsl.extensions.neighbours import EIGHT, FOUR
from arc_submit.dsl.extensions.processes.ground import OWN, at, closed, opened, sources
from arc_submit.dsl.types import Boolean, Grid, Integer, Tuple


def spread(grid: Grid, colour: Integer, through: Integer, trail: Integer, diagonal: Boolean) -> Grid:
    """The colour `trail` spreads from the cells of a colour over touching cells of the colour `through`."""
    rows = opened(grid)
    steps = EIGHT if diagonal else FOUR
    starts, open_cells = sources(grid, colour), set(sources(grid, through))
    for number in range(1, 10):
        waiting = [(i, j) for i, j in starts if grid[i][j] == number]
        paint = number if trail == OWN else trail
        seen = set(waiting)
        while waiting:
            i, j = waiting.pop()
            for di, dj in steps:
                p, q = i + di, j + dj
                if (p, q) in open_cells and (p, q) not in seen:
                    seen.add((p, q))
                    rows[p][q] = paint
                    waiting.append((p, q))
    return closed(rows)


def rippled(grid: Grid, colour: Integer, paints: Tuple, diagonal: Boolean) -> Grid:
    """Rings around the cells of the colour, one outside the other, over 0 to the edges, in the colours `paints` over
    and over; 0 leaves a ring free, -1 is the cell's own colour. `diagonal`: square rings, else slanting ones."""
    rows = opened(grid)
    ring = [(i, j, grid[i][j]) for i, j in sources(grid, colour)]
    seen = {(i, j) for i, j, _ in ring}
    number = 0
    while ring:
        paint = paints[number % len(paints)]
        after = []
        for i, j, own in ring:
            for di, dj in EIGHT if diagonal else FOUR:
                p, q = i + di, j + dj
                if (p, q) not in seen and at(grid, p, q) == 0:
                    seen.add((p, q))
                    rows[p][q] = own if paint == OWN else paint
                    after.append((p, q, own))
        ring = after
        number += 1
    return closed(rows)


def ringed(grid: Grid, colour: Integer, paint: Integer, diagonal: Boolean) -> Grid:
    """Cells of 0 that touch a cell of the colour get the other colour; -1: the colour that they touch."""
    rows = opened(grid)
    for i, j in sources(grid, colour):
        for di, dj in EIGHT if diagonal else FOUR:
            if at(grid, i + di, j + dj) == 0:
                rows[i + di][j + dj] = grid[i][j] if paint == OWN else paint
    return closed(rows)


def touched(grid: Grid, colour: Integer, near: Integer, paint: Integer, diagonal: Boolean) -> Grid:
    """Cells of the colour that touch a cell of the near colour get the third colour. `diagonal`: corners touch too."""
    rows = opened(grid)
    spots = set(sources(grid, near))
    for i, row in enumerate(grid):
        for j, value in enumerate(row):
            if value == colour and any((i + di, j + dj) in spots for di, dj in (EIGHT if diagonal else FOUR)):
                rows[i][j] = paint
    return closed(rows)
