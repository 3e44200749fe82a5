"""Cells and objects that move: fall, are drawn, are shifted, are sorted."""

from __future__ import annotations

from arc_submit.dsl.extensions.neighbours import EIGHT, FOUR, Place
from arc_submit.dsl.extensions.processes.ground import (
    FAR,
    OWN,
    Places,
    Rows,
    at,
    closed,
    free_line,
    objects,
    opened,
    sources,
)
from arc_submit.dsl.types import Boolean, Grid, Integer, IntegerTuple


def fallen(grid: Grid, colour: Integer, way: IntegerTuple) -> Grid:
    """The cells of the colour fall the way, one by one, over 0 until something is in their way."""
    rows = opened(grid)
    di, dj = way
    for i, j in sorted(sources(grid, colour), key=lambda place: -place[0] * di - place[1] * dj):
        p, q = i, j
        while at(rows, p + di, q + dj) == 0:
            p, q = p + di, q + dj
        value, rows[i][j] = rows[i][j], 0
        rows[p][q] = value
    return closed(rows)


def fallen_things(grid: Grid, colour: Integer, way: IntegerTuple, mixed: Boolean) -> Grid:
    """Objects of the colour fall the way, each as a whole, until something is in their way. `mixed`: cells that touch
    are one object whatever their colours."""
    rows = opened(grid)
    di, dj = way
    chosen = set(sources(grid, colour))
    things = [thing for thing in objects(grid, mixed) if not chosen.isdisjoint(thing)]
    for thing in sorted(things, key=lambda t: -max(i * di + j * dj for i, j in t)):
        _slide(rows, thing, (di, dj))
    return closed(rows)


def drawn_to(grid: Grid, colour: Integer, target: Integer, erased: Boolean) -> Grid:
    """Objects of the colour move straight, or else slanting, to the nearest cell of the target colour until they touch
    it; -1: their own. `erased`: those that see none vanish."""
    rows = opened(grid)
    moves = []
    chosen = set(sources(grid, colour))
    for thing in objects(grid, False):
        i, j = thing[0]
        if grid[i][j] == target or (i, j) not in chosen or (target == OWN and len(thing) > 1):
            continue
        best = (True, FAR, (0, 0))
        for way in EIGHT:
            for p, q in thing:
                line, end = free_line(rows, p, q, way)
                if end == (grid[i][j] if target == OWN else target):
                    best = min(best, (way not in FOUR, len(line), way))
        moves.append((best, thing))
    for (_, distance, way), thing in sorted(moves):
        if distance < FAR:
            _slide(rows, thing, way)
        elif erased:
            for p, q in thing:
                rows[p][q] = 0
    return closed(rows)


def moved_by(grid: Grid, colour: Integer, offset: IntegerTuple, around: Boolean) -> Grid:
    """The cells of the colour move by the offset, and leave 0. `around`: over an edge they come in again opposite, else
    they are gone."""
    rows = opened(grid)
    height, width = len(grid), len(grid[0])
    cells = sources(grid, colour)
    for i, j in cells:
        rows[i][j] = 0
    for i, j in cells:
        p, q = i + offset[0], j + offset[1]
        if around or (0 <= p < height and 0 <= q < width):
            rows[p % height][q % width] = grid[i][j]
    return closed(rows)


def bars_sorted(grid: Grid, upright: Boolean, largest_first: Boolean) -> Grid:
    """Rows, or columns for `upright`, in the order of their cells that are not 0."""
    lines = list(zip(*grid, strict=True)) if upright else list(grid)
    lines.sort(key=lambda line: sum(value != 0 for value in line) * (-1 if largest_first else 1))
    return tuple(zip(*lines, strict=True)) if upright else tuple(lines)


def _slide(rows: Rows, thing: Places, way: Place) -> None:
    """Move a thing over 0 as far as it can."""
    values = [rows[i][j] for i, j in thing]
    for i, j in thing:
        rows[i][j] = 0
    di, dj = way
    steps = 0
    while (di or dj) and all(at(rows, i + di * (steps + 1), j + dj * (steps + 1)) == 0 for i, j in thing):
        steps += 1
    for (i, j), value in zip(thing, values, strict=True):
        rows[i + di * steps][j + dj * steps] = value
