"""Lines with corners that run from cells: thrown back, winding, with one corner."""

from __future__ import annotations

import numpy as np

from arc_submit.dsl.extensions.neighbours import Place
from arc_submit.dsl.extensions.processes.ground import FAR, OWN, Places, at, drawn, free_line, sources
from arc_submit.dsl.types import Boolean, Grid, Integer, IntegerTuple


def bounced(grid: Grid, colour: Integer, way: IntegerTuple, upright: Boolean, trail: Integer) -> Grid:
    """From each cell of the colour a line runs the way, which must slant, thrown back by what is not 0 and by two
    edges. `upright`: by the left and right edge, so that it leaves at the top or bottom; else the other way round."""
    if 0 in way:
        raise ValueError("the way must slant")
    found = []
    for i, j in sources(grid, colour):
        (di, dj), line, p, q = way, list[Place](), i, j
        while len(line) < 4 * (len(grid) + len(grid[0])):
            across, along = at(grid, p, q + dj), at(grid, p + di, q)
            if across > 0 or (across == OWN and upright):
                dj = -dj
            if along > 0 or (along == OWN and not upright):
                di = -di
            p, q = p + di, q + dj
            if at(grid, p, q) != 0:
                break
            line.append((p, q))
        found.append((grid[i][j], line))
    return drawn(grid, found, trail)


def winding(grid: Grid, colour: Integer, way: IntegerTuple, clockwise: Boolean, trail: Integer) -> Grid:
    """From each cell of the colour a line runs over 0 and turns a quarter, always to the same side, before anything in
    its way, until it leaves the grid."""
    found = []
    for i, j in sources(grid, colour):
        (di, dj), line, p, q = way, list[Place](), i, j
        for _ in range(4 * len(grid) * len(grid[0])):
            ahead = at(grid, p + di, q + dj)
            if ahead == OWN:
                break
            if ahead:
                di, dj = (dj, -di) if clockwise else (-dj, di)
                if at(grid, p + di, q + dj) != 0:
                    break
            p, q = p + di, q + dj
            line.append((p, q))
        found.append((grid[i][j], line))
    return drawn(grid, found, trail)


def cornered(grid: Grid, colour: Integer, way: IntegerTuple, then: IntegerTuple, trail: Integer) -> Grid:
    """From each cell of the colour a line runs one way over 0 until something or the grid's edge is in its way, and
    from there the other way."""
    found = []
    for i, j in sources(grid, colour):
        line, _ = free_line(grid, i, j, way)
        corner = line[-1] if line else (i, j)
        found.append((grid[i][j], line + free_line(grid, *corner, then)[0]))
    return drawn(grid, found, trail)


def elbowed(grid: Grid, colour: Integer, target: Integer, upright: Boolean, trail: Integer) -> Grid:
    """From each cell of the colour a line runs to the nearest cell of the target colour over 0, with one corner.
    `upright`: first up or down, then sideways."""
    found = []
    targets = sources(grid, target)
    places = np.array(targets).reshape(-1, 2)
    for i, j in sources(grid, colour):
        away = np.abs(places - (i, j)).sum(1)
        away[away == 0] = FAR
        if away.min(initial=FAR) < FAR:
            p, q = targets[int(away.argmin())]
            corner = (p, j) if upright else (i, q)
            found.append((grid[i][j], [*_between((i, j), corner), corner, *_between(corner, (p, q))]))
    return drawn(grid, [(own, [(p, q) for p, q in line if grid[p][q] == 0]) for own, line in found], trail)


def _between(a: Place, b: Place) -> Places:
    """The places between two of one row or column."""
    di, dj = (b[0] > a[0]) - (b[0] < a[0]), (b[1] > a[1]) - (b[1] < a[1])
    return [(a[0] + di * k, a[1] + dj * k) for k in range(1, abs(b[0] - a[0]) + abs(b[1] - a[1]))]
