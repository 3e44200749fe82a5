"""The boxes around objects, filled or framed."""

from __future__ import annotations

from collections.abc import Iterator

from arc_submit.dsl.extensions.neighbours import box
from arc_submit.dsl.extensions.processes.ground import OWN, Places, at, closed, connected, opened, sources
from arc_submit.dsl.types import Boolean, Grid, Integer


def boxed(grid: Grid, colour: Integer, paint: Integer, whole: Boolean) -> Grid:
    """Cells of 0 in the box around each object of the colour get the other colour. `whole`: one box around all cells
    of a colour."""
    rows = opened(grid)
    for value, things in _by_colour(grid, colour, whole):
        for top, left, bottom, right in map(box, things):
            for i in range(top, bottom + 1):
                for j in range(left, right + 1):
                    if grid[i][j] == 0:
                        rows[i][j] = value if paint == OWN else paint
    return closed(rows)


def framed(grid: Grid, colour: Integer, paint: Integer, distance: Integer, whole: Boolean) -> Grid:
    """The border of the box around each object of the colour, `distance` cells further out, gets the other colour
    where it is 0. `whole`: one box around all cells of a colour."""
    rows = opened(grid)
    for value, things in _by_colour(grid, colour, whole):
        for top, left, bottom, right in map(box, things):
            top, left, bottom, right = top - distance, left - distance, bottom + distance, right + distance
            for i in range(top, bottom + 1):
                for j in range(left, right + 1):
                    if (i in (top, bottom) or j in (left, right)) and at(grid, i, j) == 0:
                        rows[i][j] = value if paint == OWN else paint
    return closed(rows)


def _by_colour(grid: Grid, colour: int, whole: bool) -> Iterator[tuple[int, list[Places]]]:
    for value in [c for c in range(1, 10) if c != OWN - colour] if colour < 0 else (colour,):
        cells = sources(grid, value)
        if cells:
            yield value, [cells] if whole else connected(grid, value, True)
