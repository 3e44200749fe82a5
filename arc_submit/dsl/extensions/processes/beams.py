"""Straight lines that run from cells: until something is in their way, beneath it, over it, to a goal."""

from __future__ import annotations

from collections.abc import Iterator

from arc_submit.dsl.extensions.neighbours import EIGHT, FOUR
from arc_submit.dsl.extensions.processes.ground import (
    OWN,
    Places,
    at,
    closed,
    drawn,
    free_line,
    opened,
    pairs,
    sources,
    straight,
)
from arc_submit.dsl.types import Grid, Integer, Tuple


def beam(grid: Grid, colour: Integer, ways: Tuple, trail: Integer) -> Grid:
    """From each cell of the colour a line of the trail's colour runs each way over 0 until something is in its way."""
    return drawn(grid, [(own, line) for own, line, _ in _lines(grid, colour, ways)], trail)


def beam_free(grid: Grid, colour: Integer, ways: Tuple, trail: Integer) -> Grid:
    """As `beam`, but only lines that reach the grid's edge with nothing in their way are drawn."""
    return drawn(grid, [(own, line) for own, line, end in _lines(grid, colour, ways) if end == OWN], trail)


def beam_to(grid: Grid, colour: Integer, target: Integer, ways: Tuple, trail: Integer) -> Grid:
    """As `beam`, but only lines that run into a cell of the target colour are drawn; -1: into one of their own."""
    found = _lines(grid, colour, ways)
    return drawn(grid, [(own, line) for own, line, end in found if end == (own if target == OWN else target)], trail)


def striped(grid: Grid, colour: Integer, ways: Tuple, trails: Tuple) -> Grid:
    """As `beam`, in the colours `trails` over and over; 0 leaves a cell free, -1 is the cell's own colour."""
    rows = opened(grid)
    for own, line, _ in _lines(grid, colour, ways):
        for number, (p, q) in enumerate(line):
            paint = trails[number % len(trails)]
            rows[p][q] = own if paint == OWN else paint or rows[p][q]
    return closed(rows)


def beam_under(grid: Grid, colour: Integer, ways: Tuple, trail: Integer) -> Grid:
    """From each cell of the colour a line runs each way to the grid's edge, beneath everything that is in its way."""
    rows = opened(grid)
    for i, j in sources(grid, colour):
        for way in pairs(ways):
            for p, q in straight(grid, i, j, way):
                if grid[p][q] == 0:
                    rows[p][q] = grid[i][j] if trail == OWN else trail
    return closed(rows)


def beam_over(grid: Grid, colour: Integer, ways: Tuple, trail: Integer) -> Grid:
    """From each cell of the colour a line runs each way to the grid's edge, over everything else but cells like it."""
    rows = opened(grid)
    for i, j in sources(grid, colour):
        for way in pairs(ways):
            for p, q in straight(grid, i, j, way):
                if grid[p][q] != grid[i][j]:
                    rows[p][q] = grid[i][j] if trail == OWN else trail
    return closed(rows)


def beam_away(grid: Grid, colour: Integer, trail: Integer) -> Grid:
    """From each cell of the colour a line runs over 0 away from the cells of other colours that it touches."""
    found = []
    for i, j in sources(grid, colour):
        for di, dj in EIGHT:
            if at(grid, i + di, j + dj) not in (0, OWN, grid[i][j]):
                found.append((grid[i][j], free_line(grid, i, j, (-di, -dj))[0]))
    return drawn(grid, found, trail)


def beam_near(grid: Grid, colour: Integer, trail: Integer) -> Grid:
    """From each cell of the colour a line runs over 0 to the nearest edge of the grid, the upper or left of two."""
    found = []
    for i, j in sources(grid, colour):
        away = (i, len(grid) - 1 - i, j, len(grid[0]) - 1 - j)
        found.append((grid[i][j], free_line(grid, i, j, FOUR[away.index(min(away))])[0]))
    return drawn(grid, found, trail)


def beam_tips(grid: Grid, colour: Integer, trail: Integer) -> Grid:
    """From each cell of the colour that touches just one other cell, corners too, a line runs over 0 away from it."""
    found = []
    for i, j in sources(grid, colour):
        near = [(di, dj) for di, dj in EIGHT if at(grid, i + di, j + dj) > 0]
        if len(near) == 1:
            found.append((grid[i][j], free_line(grid, i, j, (-near[0][0], -near[0][1]))[0]))
    return drawn(grid, found, trail)


def joined_under(grid: Grid, colour: Integer, ways: Tuple, trail: Integer) -> Grid:
    """Two cells of the colour that lie on a line in one of the ways are joined, beneath everything between them."""
    return _joined(grid, colour, ways, trail, False)


def joined_over(grid: Grid, colour: Integer, ways: Tuple, trail: Integer) -> Grid:
    """Two cells of the colour that lie on a line in one of the ways are joined, over everything between them."""
    return _joined(grid, colour, ways, trail, True)


def _lines(grid: Grid, colour: int, ways: Tuple) -> Iterator[tuple[int, Places, int]]:
    """Each way from each cell of the colour: its colour, the free places, the colour that ends them."""
    cells = sources(grid, colour)
    steps = pairs(ways) if cells else []  # where no line begins any ways will do
    for i, j in cells:
        for way in steps:
            line, end = free_line(grid, i, j, way)
            yield grid[i][j], line, end


def _joined(grid: Grid, colour: int, ways: Tuple, trail: int, over: bool) -> Grid:
    rows = opened(grid)
    for i, j in sources(grid, colour):
        for way in pairs(ways):
            between: Places = []
            for p, q in straight(grid, i, j, way):
                if grid[p][q] == grid[i][j]:
                    for r, s in between:
                        if over or grid[r][s] == 0:
                            rows[r][s] = grid[i][j] if trail == OWN else trail
                    break
                between.append((p, q))
    return closed(rows)
