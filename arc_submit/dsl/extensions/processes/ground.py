"""What processes share: cells chosen, seen, run over and painted. -1 is everywhere what `processes` says of it."""

from __future__ import annotations

from collections.abc import Iterator

from arc_submit.dsl.extensions.neighbours import EIGHT, FOUR, Place, parts
from arc_submit.dsl.types import Grid, Tuple

OWN = -1
FAR = 999  # more than any distance on a grid

Rows = list[list[int]]
Places = list[Place]


def opened(grid: Grid) -> Rows:
    return [list(row) for row in grid]


def closed(rows: Rows) -> Grid:
    return tuple(map(tuple, rows))


def pairs(ways: Tuple) -> Places:
    return list(zip(ways[::2], ways[1::2], strict=True))


def at(grid: Grid | Rows, i: int, j: int) -> int:
    """The colour there; -1 off the grid."""
    return grid[i][j] if 0 <= i < len(grid) and 0 <= j < len(grid[0]) else OWN


def sources(grid: Grid, colour: int) -> Places:
    """The cells of a colour, row by row."""
    if colour < 0:
        return [(i, j) for i, row in enumerate(grid) for j, value in enumerate(row) if value and value != OWN - colour]
    return [(i, j) for i, row in enumerate(grid) if colour in row for j, value in enumerate(row) if value == colour]


def straight(grid: Grid, i: int, j: int, way: Place) -> Iterator[Place]:
    """The places one way, to the grid's edge; none where the way goes nowhere."""
    di, dj = way
    height, width = len(grid), len(grid[0])
    i, j = i + di, j + dj
    while 0 <= i < height and 0 <= j < width and (di or dj):
        yield i, j
        i, j = i + di, j + dj


def free_line(rows: Grid | Rows, i: int, j: int, way: Place) -> tuple[Places, int]:
    """The free places one way, and the colour that ends them: -1 for the grid's edge."""
    di, dj = way
    height, width = len(rows), len(rows[0])
    line: Places = []
    i, j = i + di, j + dj
    while 0 <= i < height and 0 <= j < width:
        if rows[i][j] or not (di or dj):
            return line, rows[i][j]
        line.append((i, j))
        i, j = i + di, j + dj
    return line, OWN


def drawn(grid: Grid, lines: list[tuple[int, Places]], trail: int) -> Grid:
    """The grid with lines in the trail's colour; each comes with the colour of the cell that it is from."""
    rows = opened(grid)
    for own, line in lines:
        paint = own if trail == OWN else trail
        for i, j in line:
            rows[i][j] = paint
    return closed(rows)


def connected(grid: Grid, colour: int, diagonal: bool) -> list[Places]:
    """Cells of a colour that touch, row by row; corners touch too for `diagonal`."""
    return parts(sources(grid, colour), EIGHT if diagonal else FOUR)


def objects(grid: Grid, mixed: bool) -> list[Places]:
    """Cells of one colour that touch, or of any for `mixed`, corners too; row by row."""
    if mixed:
        return connected(grid, OWN, True)
    return sorted(thing for colour in range(1, 10) for thing in connected(grid, colour, True))
