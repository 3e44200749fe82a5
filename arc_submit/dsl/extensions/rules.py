"""Rules for single cells: an ordered list of tests and colours; read from the top, the first that holds decides.

A rule is `(tests, colour)`. A test is `(look, sign, value)`: a sign of == != < >, and a number or the name of another
look; all tests of a rule must hold. The colour is a number or the name of a look, then the cell takes the colour that
the look has there. Looks are described in `looks`; e.g. enclosed background becomes 4:

    O = repainted(I, (((("enclosed", "==", 1),), 4),))

A cell for which no rule holds keeps its colour. With several grids, looks of the second one are called "second ...".
"""

from operator import eq, gt, lt, ne
from typing import Any, TypeAlias

import numpy as np

from arc_submit.dsl.extensions.looks import LOOKS, NONE, Cells, Sight
from arc_submit.dsl.extensions.looks.base import background
from arc_submit.dsl.extensions.looks.overview import Overview
from arc_submit.dsl.types import Grid, Integer, Tuple

__all__ = ["judged", "overlaid", "panels", "repainted", "repainted_again", "summarised", "upscaled_and_tiled"]

SIGNS = {"==": eq, "!=": ne, "<": lt, ">": gt}
ORDER = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
AGAIN = 30  # times at most

Sights: TypeAlias = tuple[Sight, ...]


def seen(grids: Tuple) -> Sights:
    """Return grids ready to be looked at, with one background for all of them."""
    arrays = [np.array(grid) for grid in grids]
    ground = background(sum(np.bincount(a.ravel(), minlength=NONE)[:NONE] for a in arrays))
    return tuple(Sight(a, ground) for a in arrays)


def looked(sights: Sights, name: str) -> Cells:
    """Return a look of the first grid, or of another one when the name begins with its place."""
    place, _, rest = name.partition(" ")
    if rest in LOOKS and place in ORDER[1:]:
        return sights[ORDER.index(place)].look(rest)
    if name == "filled grids":
        return sum(s.full.astype(np.int16) for s in sights)
    if name == "first filled":
        found = np.full(sights[0].a.shape, sights[0].ground, np.int16)
        for s in reversed(sights):
            found = np.where(s.full, s.a, found)
        return found
    return sights[0].look(name)


def _holds(sights: Sights, test: Any) -> Any:
    look, sign, value = test
    return SIGNS[sign](looked(sights, look), looked(sights, value) if isinstance(value, str) else value)


def _ruled(sights: Sights, rules: Any) -> Grid:
    first = sights[0].a
    found = first.copy()
    for tests, colour in reversed(rules):
        here = np.ones(first.shape, bool)
        for test in tests:
            here &= _holds(sights, test)
        given = looked(sights, colour) if isinstance(colour, str) else np.full(first.shape, colour)
        found[here] = np.where(given == NONE, first, given)[here]
    return tuple(map(tuple, found.tolist()))


def repainted(grid: Grid, rules: Tuple) -> Grid:
    """Colour each cell by the first rule `(tests, colour)` whose tests `(look, sign, value)` all hold for it."""
    return _ruled(seen((grid,)), rules)


def repainted_again(grid: Grid, rules: Tuple) -> Grid:
    """Repaint a grid by rules, and the result again, until nothing changes or it was done thirty times."""
    for _ in range(AGAIN):
        after = repainted(grid, rules)
        if after == grid:
            break
        grid = after
    return grid


def overlaid(grids: Tuple, rules: Tuple) -> Grid:
    """Lay grids of one size over each other and colour each cell by the first rule whose tests all hold for it."""
    return _ruled(seen(grids), rules)


def judged(panels: Tuple, rows: Integer, columns: Integer, rules: Tuple) -> Grid:
    """Return rows times columns cells, one for each panel, coloured by the first rule that holds for it."""
    return _ruled((overview(panels, rows, columns),), rules)


def summarised(grid: Grid, rows: Integer, columns: Integer, rules: Tuple) -> Grid:
    """Return rows times columns cells, each coloured by the first rule that holds for its place and the grid."""
    return _ruled((overview((grid,), rows, columns),), rules)


def overview(grids: Tuple, rows: Integer, columns: Integer) -> Overview:
    """Return grids as the cells of a small one."""
    if len(grids) not in (1, rows * columns):
        raise ValueError("one cell for each panel, or one panel for all cells")
    return Overview(seen(grids), rows, columns)


def panels(grid: Grid, rows: Integer, columns: Integer) -> Tuple:
    """Cut a grid into rows times columns panels of one size, leaving out one line of cells between them if need be."""
    h, w = len(grid), len(grid[0])
    found = []
    for size, number in ((h, rows), (w, columns)):
        if size < number or (size % number and (size + 1) % number):
            raise ValueError("panels: not of one size")
        side = size // number if size % number == 0 else (size + 1) // number - 1
        step = side if size % number == 0 else side + 1
        found.append([slice(k * step, k * step + side) for k in range(number)])
    return tuple(tuple(row[across] for row in grid[down]) for down in found[0] for across in found[1])


def upscaled_and_tiled(grid: Grid, rows: Integer, columns: Integer) -> Tuple:
    """Return the grid with every cell made rows times columns large, and rows times columns copies side by side."""
    large = tuple(tuple(c for c in row for _ in range(columns)) for row in grid for _ in range(rows))
    tiles = tuple(row * columns for row in grid) * rows
    return large, tiles
