"""Small processes on a grid, run to their end: beams, floods, falling, growth. Colour 0 is free ground.

Ways are one or more directions in a row, (row, column, row, column, ...), so that DOWN is one way and (0, -1, 0, 1) are
two. Where cells are chosen, a colour of -1 stands for every colour but 0, and -1 - c for every colour but 0 and c.
Where cells are painted, -1 is the colour of the cell that the process came from.

Left out: what needs more than one kind of cell to decide; programs call these one after the other instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

import numpy as np

from arc_submit.dsl.types import Boolean, Grid, Integer, IntegerTuple, Tuple

__all__ = (
    "bars_sorted",
    "beam",
    "beam_away",
    "beam_free",
    "beam_near",
    "beam_over",
    "beam_tips",
    "beam_to",
    "beam_under",
    "bounced",
    "boxed",
    "closed_in",
    "cornered",
    "drawn_to",
    "elbowed",
    "fallen",
    "fallen_things",
    "filled_regions",
    "framed",
    "holes_painted",
    "joined_over",
    "joined_under",
    "main_colour",
    "moved_by",
    "rare_colour",
    "repeated",
    "rewritten",
    "ringed",
    "rippled",
    "spread",
    "stamped",
    "striped",
    "touched",
    "winding",
)

SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))
AROUND = (*SIDES, (-1, -1), (-1, 1), (1, -1), (1, 1))
OWN = -1
FAR = 999  # more than any distance on a grid

Rows = list[list[int]]
Places = list[tuple[int, int]]


# Beams ----------------------------------------------------------------------------------------------------------------


def beam(grid: Grid, colour: Integer, ways: Tuple, trail: Integer) -> Grid:
    """From each cell of the colour a line of the trail's colour runs each way over 0 until something is in its way."""
    rows, painted = _opened(grid), []
    for i, j in _sources(grid, colour):
        for way in _pairs(ways):
            line, _ = _line(rows, i, j, way)
            painted.append((grid[i][j], line))
    return _painted(rows, painted, trail)


def beam_free(grid: Grid, colour: Integer, ways: Tuple, trail: Integer) -> Grid:
    """As `beam`, but only lines that reach the grid's edge with nothing in their way are drawn."""
    rows, painted = _opened(grid), []
    for i, j in _sources(grid, colour):
        for way in _pairs(ways):
            line, end = _line(rows, i, j, way)
            if end == OWN:
                painted.append((grid[i][j], line))
    return _painted(rows, painted, trail)


def beam_to(grid: Grid, colour: Integer, target: Integer, ways: Tuple, trail: Integer) -> Grid:
    """As `beam`, but only lines that run into a cell of the target colour are drawn; -1: into one of their own."""
    rows, painted = _opened(grid), []
    for i, j in _sources(grid, colour):
        for way in _pairs(ways):
            line, end = _line(rows, i, j, way)
            if end == (grid[i][j] if target == OWN else target):
                painted.append((grid[i][j], line))
    return _painted(rows, painted, trail)


def beam_under(grid: Grid, colour: Integer, ways: Tuple, trail: Integer) -> Grid:
    """From each cell of the colour a line runs each way to the grid's edge, beneath everything that is in its way."""
    rows = _opened(grid)
    for i, j in _sources(grid, colour):
        for way in _pairs(ways):
            for p, q in _straight(grid, i, j, way):
                if grid[p][q] == 0:
                    rows[p][q] = grid[i][j] if trail == OWN else trail
    return _closed(rows)


def beam_over(grid: Grid, colour: Integer, ways: Tuple, trail: Integer) -> Grid:
    """From each cell of the colour a line runs each way to the grid's edge, over everything else but cells like it."""
    rows = _opened(grid)
    for i, j in _sources(grid, colour):
        for way in _pairs(ways):
            for p, q in _straight(grid, i, j, way):
                if grid[p][q] != grid[i][j]:
                    rows[p][q] = grid[i][j] if trail == OWN else trail
    return _closed(rows)


def beam_away(grid: Grid, colour: Integer, trail: Integer) -> Grid:
    """From each cell of the colour a line runs over 0 away from the cells of other colours that it touches."""
    rows, painted = _opened(grid), []
    for i, j in _sources(grid, colour):
        for di, dj in AROUND:
            if _at(grid, i + di, j + dj) not in (0, OWN, grid[i][j]):
                painted.append((grid[i][j], _line(rows, i, j, (-di, -dj))[0]))
    return _painted(rows, painted, trail)


def beam_near(grid: Grid, colour: Integer, trail: Integer) -> Grid:
    """From each cell of the colour a line runs over 0 to the nearest edge of the grid, the upper or left of two."""
    rows, painted = _opened(grid), []
    for i, j in _sources(grid, colour):
        away = (i, len(rows) - 1 - i, j, len(rows[0]) - 1 - j)
        painted.append((grid[i][j], _line(rows, i, j, SIDES[away.index(min(away))])[0]))
    return _painted(rows, painted, trail)


def beam_tips(grid: Grid, colour: Integer, trail: Integer) -> Grid:
    """From each cell of the colour that touches just one other cell, corners too, a line runs over 0 away from it."""
    rows, painted = _opened(grid), []
    for i, j in _sources(grid, colour):
        near = [(di, dj) for di, dj in AROUND if _at(grid, i + di, j + dj) > 0]
        if len(near) == 1:
            painted.append((grid[i][j], _line(rows, i, j, (-near[0][0], -near[0][1]))[0]))
    return _painted(rows, painted, trail)


def joined_under(grid: Grid, colour: Integer, ways: Tuple, trail: Integer) -> Grid:
    """Two cells of the colour that lie on a line in one of the ways are joined, beneath everything between them."""
    return _joined(grid, colour, ways, trail, False)


def joined_over(grid: Grid, colour: Integer, ways: Tuple, trail: Integer) -> Grid:
    """Two cells of the colour that lie on a line in one of the ways are joined, over everything between them."""
    return _joined(grid, colour, ways, trail, True)


def striped(grid: Grid, colour: Integer, ways: Tuple, trails: Tuple) -> Grid:
    """As `beam`, in the colours `trails` over and over; 0 leaves a cell free, -1 is the cell's own colour."""
    rows, painted = _opened(grid), []
    for i, j in _sources(grid, colour):
        for way in _pairs(ways):
            painted.append((grid[i][j], _line(rows, i, j, way)[0]))
    for own, line in painted:
        for number, (p, q) in enumerate(line):
            paint = trails[number % len(trails)]
            rows[p][q] = own if paint == OWN else paint or rows[p][q]
    return _closed(rows)


def bounced(grid: Grid, colour: Integer, way: IntegerTuple, upright: Boolean, trail: Integer) -> Grid:
    """From each cell of the colour a line runs the way, which must slant, thrown back by what is not 0 and by two
    edges. `upright`: by the left and right edge, so that it leaves at the top or bottom; else the other way round."""
    if 0 in way:
        raise ValueError("the way must slant")
    rows, painted = _opened(grid), []
    for i, j in _sources(grid, colour):
        (di, dj), line, p, q = way, list[tuple[int, int]](), i, j
        while len(line) < 4 * (len(grid) + len(grid[0])):
            across, along = _at(grid, p, q + dj), _at(grid, p + di, q)
            if across > 0 or (across == OWN and upright):
                dj = -dj
            if along > 0 or (along == OWN and not upright):
                di = -di
            p, q = p + di, q + dj
            if _at(grid, p, q) != 0:
                break
            line.append((p, q))
        painted.append((grid[i][j], line))
    return _painted(rows, painted, trail)


def winding(grid: Grid, colour: Integer, way: IntegerTuple, clockwise: Boolean, trail: Integer) -> Grid:
    """From each cell of the colour a line runs over 0 and turns a quarter, always to the same side, before anything in
    its way, until it leaves the grid."""
    rows, painted = _opened(grid), []
    for i, j in _sources(grid, colour):
        (di, dj), line, p, q = way, list[tuple[int, int]](), i, j
        for _ in range(4 * len(grid) * len(grid[0])):
            ahead = _at(grid, p + di, q + dj)
            if ahead == OWN:
                break
            if ahead:
                di, dj = (dj, -di) if clockwise else (-dj, di)
                if _at(grid, p + di, q + dj) != 0:
                    break
            p, q = p + di, q + dj
            line.append((p, q))
        painted.append((grid[i][j], line))
    return _painted(rows, painted, trail)


def cornered(grid: Grid, colour: Integer, way: IntegerTuple, then: IntegerTuple, trail: Integer) -> Grid:
    """From each cell of the colour a line runs one way over 0 until something or the grid's edge is in its way, and
    from there the other way."""
    rows, painted = _opened(grid), []
    for i, j in _sources(grid, colour):
        line, _ = _line(rows, i, j, way)
        corner = line[-1] if line else (i, j)
        painted.append((grid[i][j], line + _line(rows, *corner, then)[0]))
    return _painted(rows, painted, trail)


def elbowed(grid: Grid, colour: Integer, target: Integer, upright: Boolean, trail: Integer) -> Grid:
    """From each cell of the colour a line runs to the nearest cell of the target colour over 0, with one corner.
    `upright`: first up or down, then sideways."""
    rows, painted = _opened(grid), []
    targets = _sources(grid, target)
    places = np.array(targets).reshape(-1, 2)
    for i, j in _sources(grid, colour):
        away = np.abs(places - (i, j)).sum(1)
        away[away == 0] = FAR
        if away.min(initial=FAR) < FAR:
            p, q = targets[int(away.argmin())]
            corner = (p, j) if upright else (i, q)
            painted.append((grid[i][j], [*_between((i, j), corner), corner, *_between(corner, (p, q))]))
    return _painted(rows, [(own, [(p, q) for p, q in line if grid[p][q] == 0]) for own, line in painted], trail)


# Floods ---------------------------------------------------------------------------------------------------------------


def spread(grid: Grid, colour: Integer, through: Integer, trail: Integer, diagonal: Boolean) -> Grid:
    """The colour `trail` spreads from the cells of a colour over touching cells of the colour `through`."""
    rows = _opened(grid)
    steps = AROUND if diagonal else SIDES
    for number in range(1, 10):
        waiting = [(i, j) for i, j in _sources(grid, colour) if grid[i][j] == number]
        paint = number if trail == OWN else trail
        seen = set(waiting)
        while waiting:
            i, j = waiting.pop()
            for di, dj in steps:
                p, q = i + di, j + dj
                if _at(grid, p, q) == through and (p, q) not in seen:
                    seen.add((p, q))
                    rows[p][q] = paint
                    waiting.append((p, q))
    return _closed(rows)


def holes_painted(grid: Grid, paint: Integer, diagonal: Boolean) -> Grid:
    """Regions of 0 that do not reach the grid's edge get the colour; -1: the colour around them. `diagonal`: corners
    are ways out too."""
    rows = _opened(grid)
    for region in _regions(grid, 0, diagonal):
        if not _on_edge(grid, region):
            tint = _around(grid, region) if paint == OWN else paint
            for i, j in region:
                rows[i][j] = tint
    return _closed(rows)


def filled_regions(grid: Grid, colour: Integer, trait: Integer, value: Integer, paint: Integer) -> Grid:
    """Regions of a colour, edge to edge, get another one where their trait has the value: 0 cells, 1 height, 2 width,
    3 square, 4 full rectangle, 5 reaches the edge, 6 rank by cells from the largest, 7 from the smallest, 8 odd cells,
    9 holes, 10 colour around."""
    rows = _opened(grid)
    regions = list(_regions(grid, colour, False))
    for region, found in zip(regions, traits(grid, regions, trait), strict=True):
        if found == value:
            for i, j in region:
                rows[i][j] = paint
    return _closed(rows)


def touched(grid: Grid, colour: Integer, near: Integer, paint: Integer, diagonal: Boolean) -> Grid:
    """Cells of the colour that touch a cell of the near colour get the third colour. `diagonal`: corners touch too."""
    rows = _opened(grid)
    spots = set(_sources(grid, near))
    for i, row in enumerate(grid):
        for j, value in enumerate(row):
            if value == colour and any((i + di, j + dj) in spots for di, dj in (AROUND if diagonal else SIDES)):
                rows[i][j] = paint
    return _closed(rows)


def closed_in(grid: Grid, colour: Integer, paint: Integer) -> Grid:
    """Cells of 0 that see the colour in all four directions get the other colour."""
    rows = _opened(grid)
    for i, row in enumerate(grid):
        for j, value in enumerate(row):
            if value == 0 and all(any(grid[p][q] == colour for p, q in _straight(grid, i, j, w)) for w in SIDES):
                rows[i][j] = paint
    return _closed(rows)


# Falling --------------------------------------------------------------------------------------------------------------


def fallen(grid: Grid, colour: Integer, way: IntegerTuple) -> Grid:
    """The cells of the colour fall the way, one by one, over 0 until something is in their way."""
    rows = _opened(grid)
    di, dj = way
    for i, j in sorted(_sources(grid, colour), key=lambda place: -place[0] * di - place[1] * dj):
        p, q = i, j
        while _at(rows, p + di, q + dj) == 0:
            p, q = p + di, q + dj
        value, rows[i][j] = rows[i][j], 0
        rows[p][q] = value
    return _closed(rows)


def fallen_things(grid: Grid, colour: Integer, way: IntegerTuple, mixed: Boolean) -> Grid:
    """Objects of the colour fall the way, each as a whole, until something is in their way. `mixed`: cells that touch
    are one object whatever their colours."""
    rows = _opened(grid)
    di, dj = way
    chosen = set(_sources(grid, colour))
    things = [thing for thing in _things(grid, mixed) if not chosen.isdisjoint(thing)]
    for thing in sorted(things, key=lambda t: -max(i * di + j * dj for i, j in t)):
        _slide(rows, thing, (di, dj))
    return _closed(rows)


def drawn_to(grid: Grid, colour: Integer, target: Integer, erased: Boolean) -> Grid:
    """Objects of the colour move straight, or else slanting, to the nearest cell of the target colour until they touch
    it; -1: their own. `erased`: those that see none vanish."""
    rows = _opened(grid)
    moves = []
    chosen = set(_sources(grid, colour))
    for thing in _things(grid, False):
        i, j = thing[0]
        if grid[i][j] == target or (i, j) not in chosen or (target == OWN and len(thing) > 1):
            continue
        best = (True, FAR, (0, 0))
        for way in AROUND:
            for p, q in thing:
                line, end = _line(rows, p, q, way)
                if end == (grid[i][j] if target == OWN else target):
                    best = min(best, (way not in SIDES, len(line), way))
        moves.append((best, thing))
    for (_, distance, way), thing in sorted(moves):
        if distance < FAR:
            _slide(rows, thing, way)
        elif erased:
            for p, q in thing:
                rows[p][q] = 0
    return _closed(rows)


def moved_by(grid: Grid, colour: Integer, offset: IntegerTuple, around: Boolean) -> Grid:
    """The cells of the colour move by the offset, and leave 0. `around`: over an edge they come in again opposite, else
    they are gone."""
    rows = _opened(grid)
    height, width = len(grid), len(grid[0])
    cells = _sources(grid, colour)
    for i, j in cells:
        rows[i][j] = 0
    for i, j in cells:
        p, q = i + offset[0], j + offset[1]
        if around or (0 <= p < height and 0 <= q < width):
            rows[p % height][q % width] = grid[i][j]
    return _closed(rows)


def bars_sorted(grid: Grid, upright: Boolean, largest_first: Boolean) -> Grid:
    """Rows, or columns for `upright`, in the order of their cells that are not 0."""
    lines = list(zip(*grid, strict=True)) if upright else list(grid)
    lines.sort(key=lambda line: sum(value != 0 for value in line) * (-1 if largest_first else 1))
    return tuple(zip(*lines, strict=True)) if upright else tuple(lines)


# Growth ---------------------------------------------------------------------------------------------------------------


def stamped(grid: Grid, colour: Integer, places: Tuple, paints: Tuple, over: Boolean) -> Grid:
    """Around each cell of the colour, cells at (row, column, row, column, ...) from it get the colours `paints`, -1
    its own, clipped at the edges. `over`: not on 0 only."""
    rows = _opened(grid)
    offsets = _pairs(places)
    for i, j in _sources(grid, colour):
        for (di, dj), paint in zip(offsets, paints, strict=True):
            p, q = i + di, j + dj
            there = _at(grid, p, q)
            if there == 0 or (over and there != OWN):
                rows[p][q] = grid[i][j] if paint == OWN else paint
    return _closed(rows)


def rewritten(grid: Grid, shape: IntegerTuple, old: Tuple, new: Tuple) -> Grid:
    """Wherever the cells `old` of this shape, row by row, are found, the cells `new` are put; -1 is any colour in the
    old ones and no change in the new."""
    height, width = shape
    rows = _opened(grid)
    spots = [(place // width, place % width, value) for place, value in enumerate(old) if value != OWN]
    changes = [(place // width, place % width, value) for place, value in enumerate(new) if value != OWN]
    for i in range(len(grid) - height + 1):
        for j in range(len(grid[0]) - width + 1):
            if all(grid[i + di][j + dj] == value for di, dj, value in spots):
                for di, dj, value in changes:
                    rows[i + di][j + dj] = value
    return _closed(rows)


def rippled(grid: Grid, colour: Integer, paints: Tuple, diagonal: Boolean) -> Grid:
    """Rings around the cells of the colour, one outside the other, over 0 to the edges, in the colours `paints` over
    and over; 0 leaves a ring free, -1 is the cell's own colour. `diagonal`: square rings, else slanting ones."""
    rows = _opened(grid)
    ring = [(i, j, grid[i][j]) for i, j in _sources(grid, colour)]
    seen = {(i, j) for i, j, _ in ring}
    number = 0
    while ring:
        paint = paints[number % len(paints)]
        after = []
        for i, j, own in ring:
            for di, dj in AROUND if diagonal else SIDES:
                p, q = i + di, j + dj
                if (p, q) not in seen and _at(grid, p, q) == 0:
                    seen.add((p, q))
                    rows[p][q] = own if paint == OWN else paint
                    after.append((p, q, own))
        ring = after
        number += 1
    return _closed(rows)


def repeated(grid: Grid, colour: Integer, ways: Tuple, gap: Integer, trail: Integer) -> Grid:
    """Objects of the colour, corners touching, are put again and again each way over 0 to the edge, as far apart as
    they are large and `gap` cells more. For -1, cells of all colours that touch are one object."""
    rows = _opened(grid)
    chosen = set(_sources(grid, colour))
    for thing in _things(grid, colour == OWN):
        if thing[0] not in chosen:
            continue
        top, left, bottom, right = _box(thing)
        for di, dj in _pairs(ways):
            down, along = di * (bottom - top + 1 + gap), dj * (right - left + 1 + gap)
            for times in range(1, _within(grid, down, along)):
                for i, j in thing:
                    if _at(grid, i + down * times, j + along * times) == 0:
                        rows[i + down * times][j + along * times] = grid[i][j] if trail == OWN else trail
    return _closed(rows)


def _within(grid: Grid, down: int, along: int) -> int:
    """How often one can go so far down and along before any cell of the grid is off it; 0 for going nowhere."""
    lasting = [(side + abs(by) - 1) // abs(by) for side, by in ((len(grid), down), (len(grid[0]), along)) if by]
    return min(lasting, default=0)


def ringed(grid: Grid, colour: Integer, paint: Integer, diagonal: Boolean) -> Grid:
    """Cells of 0 that touch a cell of the colour get the other colour; -1: the colour that they touch."""
    rows = _opened(grid)
    for i, j in _sources(grid, colour):
        for di, dj in AROUND if diagonal else SIDES:
            if _at(grid, i + di, j + dj) == 0:
                rows[i + di][j + dj] = grid[i][j] if paint == OWN else paint
    return _closed(rows)


def boxed(grid: Grid, colour: Integer, paint: Integer, whole: Boolean) -> Grid:
    """Cells of 0 in the box around each object of the colour get the other colour. `whole`: one box around all cells
    of a colour."""
    rows = _opened(grid)
    for value, things in _by_colour(grid, colour, whole):
        for top, left, bottom, right in map(_box, things):
            for i in range(top, bottom + 1):
                for j in range(left, right + 1):
                    if grid[i][j] == 0:
                        rows[i][j] = value if paint == OWN else paint
    return _closed(rows)


def framed(grid: Grid, colour: Integer, paint: Integer, distance: Integer, whole: Boolean) -> Grid:
    """The border of the box around each object of the colour, `distance` cells further out, gets the other colour
    where it is 0. `whole`: one box around all cells of a colour."""
    rows = _opened(grid)
    for value, things in _by_colour(grid, colour, whole):
        for top, left, bottom, right in map(_box, things):
            top, left, bottom, right = top - distance, left - distance, bottom + distance, right + distance
            for i in range(top, bottom + 1):
                for j in range(left, right + 1):
                    if (i in (top, bottom) or j in (left, right)) and _at(grid, i, j) == 0:
                        rows[i][j] = value if paint == OWN else paint
    return _closed(rows)


# Colours --------------------------------------------------------------------------------------------------------------


def main_colour(grid: Grid) -> Integer:
    """Return the commonest colour but 0, the smaller one of two alike."""
    return max(_shown(grid).items(), key=lambda item: (item[1], -item[0]))[0]


def rare_colour(grid: Grid) -> Integer:
    """Return the rarest colour but 0, the larger one of two alike."""
    return min(_shown(grid).items(), key=lambda item: (item[1], -item[0]))[0]


# Behind the scenes ----------------------------------------------------------------------------------------------------


def _shown(grid: Grid) -> Counter[int]:
    """How many cells each colour but 0 has; at least one."""
    found = Counter(chain.from_iterable(grid))
    del found[0]
    if not found:
        raise ValueError("a grid of nothing but 0 has no colour")
    return found


def _opened(grid: Grid) -> Rows:
    return [list(row) for row in grid]


def _closed(rows: Rows) -> Grid:
    return tuple(map(tuple, rows))


def _pairs(ways: Tuple) -> list[tuple[int, int]]:
    return list(zip(ways[::2], ways[1::2], strict=True))


def _sources(grid: Grid, colour: int) -> Places:
    if colour < 0:
        return [(i, j) for i, row in enumerate(grid) for j, value in enumerate(row) if value and value != OWN - colour]
    return [(i, j) for i, row in enumerate(grid) if colour in row for j, value in enumerate(row) if value == colour]


def _at(grid: Grid | Rows, i: int, j: int) -> int:
    """The colour there; -1 off the grid."""
    return grid[i][j] if 0 <= i < len(grid) and 0 <= j < len(grid[0]) else OWN


def _straight(grid: Grid, i: int, j: int, way: tuple[int, int]) -> Iterator[tuple[int, int]]:
    di, dj = way
    height, width = len(grid), len(grid[0])
    i, j = i + di, j + dj
    while 0 <= i < height and 0 <= j < width and (di or dj):
        yield i, j
        i, j = i + di, j + dj


def _line(rows: Rows, i: int, j: int, way: tuple[int, int]) -> tuple[Places, int]:
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


def _between(a: tuple[int, int], b: tuple[int, int]) -> Places:
    """The places between two of one row or column."""
    di, dj = (b[0] > a[0]) - (b[0] < a[0]), (b[1] > a[1]) - (b[1] < a[1])
    return [(a[0] + di * k, a[1] + dj * k) for k in range(1, abs(b[0] - a[0]) + abs(b[1] - a[1]))]


def _painted(rows: Rows, lines: list[tuple[int, Places]], trail: int) -> Grid:
    for own, line in lines:
        paint = own if trail == OWN else trail
        for i, j in line:
            rows[i][j] = paint
    return _closed(rows)


def _joined(grid: Grid, colour: int, ways: Tuple, trail: int, over: bool) -> Grid:
    rows = _opened(grid)
    for i, j in _sources(grid, colour):
        for way in _pairs(ways):
            between: Places = []
            for p, q in _straight(grid, i, j, way):
                if grid[p][q] == grid[i][j]:
                    for r, s in between:
                        if over or grid[r][s] == 0:
                            rows[r][s] = grid[i][j] if trail == OWN else trail
                    break
                between.append((p, q))
    return _closed(rows)


def _regions(grid: Grid, colour: int, diagonal: bool) -> Iterator[Places]:
    """Connected cells of one colour."""
    steps = AROUND if diagonal else SIDES
    left = set(_sources(grid, colour) if colour else _free(grid))
    for start in sorted(left):
        if start in left:
            yield _connected(start, left, steps)


def _free(grid: Grid) -> Places:
    return [(i, j) for i, row in enumerate(grid) for j, value in enumerate(row) if value == 0]


def _connected(start: tuple[int, int], left: set[tuple[int, int]], steps: tuple[tuple[int, int], ...]) -> Places:
    """The places connected to the start, taken out of `left`."""
    left.discard(start)
    found = [start]
    for i, j in found:  # grows while it is walked
        for di, dj in steps:
            place = i + di, j + dj
            if place in left:
                left.discard(place)
                found.append(place)
    return found


def _things(grid: Grid, mixed: bool) -> list[Places]:
    """Objects, corners touching too, row by row."""
    if mixed:
        left = set(_sources(grid, OWN))
        return [_connected(start, left, AROUND) for start in sorted(left) if start in left]
    return sorted(thing for colour in range(1, 10) for thing in _regions(grid, colour, True))


def _by_colour(grid: Grid, colour: int, whole: bool) -> Iterator[tuple[int, list[Places]]]:
    for value in [c for c in range(1, 10) if c != OWN - colour] if colour < 0 else (colour,):
        cells = _sources(grid, value)
        if cells:
            yield value, [cells] if whole else list(_regions(grid, value, True))


def _box(places: Places) -> tuple[int, int, int, int]:
    rows, columns = [i for i, _ in places], [j for _, j in places]
    return min(rows), min(columns), max(rows), max(columns)


def _on_edge(grid: Grid, region: Places) -> bool:
    last, right = len(grid) - 1, len(grid[0]) - 1
    return any(i in (0, last) or j in (0, right) for i, j in region)


def _around(grid: Grid, region: Places) -> int:
    """The commonest colour next to a region."""
    near = [_at(grid, i + di, j + dj) for i, j in region for di, dj in SIDES]
    return max(range(1, 10), key=lambda colour: (near.count(colour), -colour))


def _slide(rows: Rows, thing: Places, way: tuple[int, int]) -> None:
    """Move a thing over 0 as far as it can."""
    values = [rows[i][j] for i, j in thing]
    for i, j in thing:
        rows[i][j] = 0
    di, dj = way
    steps = 0
    while (di or dj) and all(_at(rows, i + di * (steps + 1), j + dj * (steps + 1)) == 0 for i, j in thing):
        steps += 1
    for (i, j), value in zip(thing, values, strict=True):
        rows[i + di * steps][j + dj * steps] = value


def traits(grid: Grid, regions: list[Places], trait: int) -> list[int]:
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
    top, left, bottom, right = _box(region)
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
    holes = -1
    while outside:
        _connected(min(outside), outside, SIDES)
        holes += 1
    return holes
