"""Things: a grid seen as several of them, each with its marks (`things_marks`), and those that fit a selector.

A selector is a tuple of tests (mark, value), all of which must hold; ("not size", 3) and ("over size", 3) turn a test
around and compare. The empty selector fits every thing. What is done to things is in `things_acts`, what is made of
them in `things_small`.
"""

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from arc_submit.dsl.extensions.neighbours import FOUR, READ, Place, Steps, parts
from arc_submit.dsl.extensions.things_marks import Thing, mark, thing
from arc_submit.dsl.types import Boolean, Grid, Integer, TupleTuple

__all__ = (
    "background_things",
    "colour_things",
    "column_things",
    "dot_things",
    "hole_things",
    "kept_things",
    "near_things",
    "part_things",
    "row_things",
    "things",
    "tile_things",
)

MOST_THINGS = 120
NEAR = tuple((i, j) for i in range(-2, 3) for j in range(-2, 3) if i or j)
Selector: TypeAlias = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Things:
    """Things of a grid in reading order."""

    grid: Grid
    background: int
    members: tuple[Thing, ...]


def things(grid: Grid, one_coloured: Boolean, diagonal: Boolean, background: Integer) -> Things:
    """The connected things that are not background; -1 takes the commonest colour as background."""
    back = _background(grid, background)
    return _things(grid, back, _regions(_ink(grid, back), bool(one_coloured), READ if diagonal else FOUR))


def near_things(grid: Grid, background: Integer) -> Things:
    """The groups of cells that are not background with at most one cell between them; -1 as in things."""
    back = _background(grid, background)
    return _things(grid, back, _regions(_ink(grid, back), False, NEAR))


def colour_things(grid: Grid, background: Integer) -> Things:
    """One thing per colour with all its cells, without the background; -1 takes the commonest colour."""
    back = _background(grid, background)
    return _things(grid, back, _by_colour(_ink(grid, back)))


def dot_things(grid: Grid, background: Integer) -> Things:
    """Every cell that is not background as a thing of its own; -1 takes the commonest colour as background."""
    back = _background(grid, background)
    return _things(grid, back, [{place: c} for place, c in _ink(grid, back).items()])


def hole_things(grid: Grid, background: Integer) -> Things:
    """The regions of background that do not reach the edge of the grid."""
    return _gaps(grid, background, inner=True)


def background_things(grid: Grid, background: Integer) -> Things:
    """The connected regions of background."""
    return _gaps(grid, background, inner=False)


def part_things(grid: Grid) -> Things:
    """The parts between full lines of one colour, with all their cells."""
    line, rows, columns = _lines(grid)
    found = [
        {(i, j): grid[i][j] for i in range(a, b) for j in range(c, d)}
        for a, b in _spans(rows, len(grid))
        for c, d in _spans(columns, len(grid[0]))
    ]
    inside = Counter(c for cells in found for c in cells.values())
    return _things(grid, max(inside, key=lambda c: (inside[c], -c)) if inside else line, found)


def tile_things(grid: Grid, rows: Integer, columns: Integer) -> Things:
    """The grid cut into so many equal parts down and across, with all their cells."""
    height, width = len(grid) // rows, len(grid[0]) // columns
    if height * rows != len(grid) or width * columns != len(grid[0]):
        raise ValueError("tile_things: the grid does not divide")
    found = [
        {(i, j): grid[i][j] for i in range(a * height, (a + 1) * height) for j in range(b * width, (b + 1) * width)}
        for a in range(rows)
        for b in range(columns)
    ]
    return _things(grid, _background(grid, 0 if any(0 in row for row in grid) else -1), found)


def row_things(grid: Grid) -> Things:
    """Every row of the grid as a thing."""
    return tile_things(grid, len(grid), 1)


def column_things(grid: Grid) -> Things:
    """Every column of the grid as a thing."""
    return tile_things(grid, 1, len(grid[0]))


def kept_things(things: Things, selector: TupleTuple) -> Things:
    """The things that fit the selector, in order; perhaps none."""
    return Things(things.grid, things.background, tuple(one for one in things.members if fits(one, selector)))


def fits(one: Thing, selector: Selector) -> bool:
    """All tests of the selector hold for a thing."""
    for name, value in selector:
        verb, _, bare = name.rpartition(" ")
        own = one.marks.get(bare, -1)
        if verb == "not":
            if own == value:
                return False
        elif verb == "over":
            if own <= value:
                return False
        elif own != value:
            return False
    return True


def _background(grid: Grid, background: int) -> int:
    if background >= 0:
        return int(background)
    counts = Counter(c for row in grid for c in row)
    return max(counts, key=lambda c: (counts[c], -c))


def _things(grid: Grid, background: int, regions: Iterable[dict[Place, int]]) -> Things:
    members = [thing(cells) for cells in regions if cells]
    if not members or len(members) > MOST_THINGS:
        raise ValueError(f"{len(members)} things")
    members.sort(key=lambda one: (one.top, one.left, min(one.cells)))
    mark(members, grid, background)
    return Things(grid, background, tuple(members))


def _ink(grid: Grid, background: int) -> dict[Place, int]:
    """The cells that are not background, in reading order."""
    return {(i, j): c for i, row in enumerate(grid) for j, c in enumerate(row) if c != background}


def _regions(cells: dict[Place, int], one_coloured: bool, steps: Steps) -> list[dict[Place, int]]:
    """The cells in parts that the steps connect, perhaps each colour by itself."""
    groups = _by_colour(cells) if one_coloured else [cells]
    return [{place: cells[place] for place in part} for group in groups for part in parts(group, steps)]


def _by_colour(cells: dict[Place, int]) -> list[dict[Place, int]]:
    found: dict[int, dict[Place, int]] = {}
    for place, c in cells.items():
        found.setdefault(c, {})[place] = c
    return list(found.values())


def _gaps(grid: Grid, background: int, *, inner: bool) -> Things:
    back = _background(grid, background)
    cells = {(i, j): c for i, row in enumerate(grid) for j, c in enumerate(row) if c == back}
    edge = {(i, j) for i, j in cells if i in (0, len(grid) - 1) or j in (0, len(grid[0]) - 1)}
    regions = _regions(cells, False, FOUR)
    return _things(grid, -1, [region for region in regions if not (inner and edge & region.keys())])


def _lines(grid: Grid) -> tuple[int, list[int], list[int]]:
    """(colour, rows, columns) of the separating lines: of the colour with the most of them."""
    best: tuple[int, int, list[int], list[int]] | None = None
    turned = list(zip(*grid, strict=True))
    for colour in sorted({c for row in grid for c in row}):
        rows = [i for i, row in enumerate(grid) if all(c == colour for c in row)]
        columns = [j for j, column in enumerate(turned) if all(c == colour for c in column)]
        parts = len(_spans(rows, len(grid))) * len(_spans(columns, len(turned)))
        score = parts if len(rows) + len(columns) < max(len(grid), len(turned)) else 0
        if parts > 1 and (best is None or score > best[0]):
            best = score, colour, rows, columns
    if best is None or not best[0]:
        raise ValueError("no separating lines")
    return best[1], best[2], best[3]


def _spans(lines: list[int], length: int) -> list[tuple[int, int]]:
    ends = [-1, *lines, length]
    return [(a + 1, b) for a, b in itertools.pairwise(ends) if b > a + 1]
