"""Pictures that repeat or are symmetric: mended, continued, cleaned, made symmetric.

What a picture repeats by, and about which axes it mirrors, is found on the grid itself. A tiling is a lattice: the
picture is the same p rows down and s columns to the right, and q columns to the right.

Left out: pictures whose colours change in a cycle from tile to tile.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from arc_submit.dsl.types import Boolean, Grid, Integer, IntegerTuple

__all__ = (
    "block_colour",
    "columns_mended",
    "columns_repeated",
    "despeckled",
    "mended",
    "mirror_mended",
    "patch_mended",
    "rows_mended",
    "rows_repeated",
    "smallest_tile",
    "smoothed",
    "symmetrized",
    "symmetrized_about",
    "symmetrized_grid",
    "thick_only",
    "tile_cleaned",
    "tile_extended",
    "tile_mended",
)

Cells: TypeAlias = Any
"""int8[h, w]; -1 is unknown."""

UNKNOWN = -1
MOST_SKEWED = 24  # cells of a tile whose rows of tiles are shifted
MOST_SIDE = 15  # rows and columns of a tile that is not shifted
LEAST_SEEN = 0.3  # share of the cells that a mirror must show twice
EVIDENCE = 0.7  # of a tile: cells of it that are seen, per cell of the picture that is known, at most
MOST_HOLES = 12
FEW = 40  # cells left unknown that are filled one by one
PATCH_MARGINS = (3, 2, 1)  # cells around a hole that must look alike elsewhere


# Mending --------------------------------------------------------------------------------------------------------------


def mended(grid: Grid, mask: Integer) -> Grid:
    """Put what was there in place of the mask's colour, by the picture's mirrors, or its tiling, or look-alikes."""
    cells = _cells(grid, mask)
    for mend in (_by_mirrors, _by_tiling, _by_patches):
        cells = mend(cells)
    return _grid(cells, mask)


def mirror_mended(grid: Grid, mask: Integer) -> Grid:
    """Put what was there in place of the mask's colour, by the axes and centres about which the picture mirrors."""
    return _grid(_by_mirrors(_cells(grid, mask)), mask)


def tile_mended(grid: Grid, mask: Integer) -> Grid:
    """Put what was there in place of the mask's colour, by the smallest tile that the other cells repeat."""
    return _grid(_by_tiling(_cells(grid, mask)), mask)


def patch_mended(grid: Grid, mask: Integer) -> Grid:
    """Put what was there in place of the mask's colour: what lies elsewhere, perhaps turned, in like surroundings."""
    return _grid(_by_patches(_cells(grid, mask)), mask)


def rows_mended(grid: Grid, mask: Integer) -> Grid:
    """Continue every row over the mask's colour, by the smallest distance after which all of them repeat."""
    return _grid(_by_rows(_cells(grid, mask)), mask)


def columns_mended(grid: Grid, mask: Integer) -> Grid:
    """Continue every column over the mask's colour, by the smallest distance after which all of them repeat."""
    return _grid(_by_rows(_cells(grid, mask).T).T, mask)


def rows_repeated(grid: Grid) -> Grid:
    """In every row that shows two cells or more, what lies from the first to the last is repeated to both edges."""
    return tuple(map(_repeated, grid))


def columns_repeated(grid: Grid) -> Grid:
    """As `rows_repeated`, column by column."""
    return tuple(zip(*map(_repeated, zip(*grid, strict=True)), strict=True))


def _repeated(line: tuple[int, ...]) -> tuple[int, ...]:
    shown = [place for place, value in enumerate(line) if value]
    if len(shown) < 2:
        return line
    first, length = shown[0], shown[-1] - shown[0] + 1
    return tuple(value or line[first + (place - first) % length] for place, value in enumerate(line))


def _by_rows(cells: Cells) -> Cells:
    """Rows that show nothing stay as they are; at least one place must show the distance."""
    height, width = cells.shape
    known = cells != UNKNOWN
    i, j = np.indices(cells.shape)
    for period in range(1, width):
        tile_of = i * period + j % period
        counts = _counted(cells, known, tile_of, height * period)
        seen = counts.any(1)
        whole = seen.reshape(height, period)
        if int((counts > 0).sum()) == int(seen.sum()) < int(known.sum()) and (whole.all(1) | ~whole.any(1)).all():
            return np.where(known, cells, np.where(seen, counts.argmax(1), UNKNOWN)[tile_of])
    return cells


def _by_mirrors(cells: Cells) -> Cells:
    known = cells != UNKNOWN
    if known.all() or not known.any():
        return cells
    maps = list(_mirrors(cells))
    for _ in range(4):
        before = int((cells == UNKNOWN).sum())
        for rows, columns in maps:
            cells = _copied(cells, rows, columns)
        if int((cells == UNKNOWN).sum()) == before:
            break
    return cells


def _mirrors(cells: Cells) -> Iterator[tuple[Any, Any]]:
    """The best exact mirror of each sort as (rows, columns) of each cell's image; it may lie off the grid."""
    height, width = cells.shape
    i, j = np.indices(cells.shape)
    tall, wide = range(height // 2, height + (height - 1) // 2), range(width // 2, width + (width - 1) // 2)
    shifts = range(-(min(height, width) // 3), min(height, width) // 3 + 1)
    centres = [(s, t) for s in range(height - 5, height + 4) for t in range(width - 5, width + 4)]
    for sort in (
        [(i, s - j) for s in wide],
        [(s - i, j) for s in tall],
        [(j - s, i + s) for s in shifts],
        [(s - j, s - i) for s in range(min(height, width) * 2 // 3, max(height, width) * 4 // 3 + 1)],
    ):
        best = _best(cells, sort)
        if best is not None:
            yield best
    turns = [((s + t) // 2 - j, i + (t - s) // 2) for s, t in centres if (s + t) % 2 == 0]
    for sort in ([(s - i, t - j) for s, t in centres], turns):
        best = _best(cells, sort)
        if best is not None:
            yield best
            yield _inverse(best, cells.shape)


def _inverse(image: tuple[Any, Any], shape: tuple[int, int]) -> tuple[Any, Any]:
    rows, columns = image
    back = np.full((2, *shape), UNKNOWN)
    inside = (rows >= 0) & (columns >= 0) & (rows < shape[0]) & (columns < shape[1])
    i, j = np.nonzero(inside)
    back[0][rows[i, j], columns[i, j]] = i
    back[1][rows[i, j], columns[i, j]] = j
    return back[0], back[1]


def _best(cells: Cells, images: list[tuple[Any, Any]]) -> tuple[Any, Any] | None:
    """The image that agrees with the cells wherever both are known, and shows most of them twice."""
    best, most = None, LEAST_SEEN * cells.size
    for rows, columns in images:
        there = _looked_up(cells, rows, columns)
        both = (there != UNKNOWN) & (cells != UNKNOWN)
        seen = int(both.sum())
        if seen > most and (there[both] == cells[both]).all():
            best, most = (rows, columns), seen
    return best


def _looked_up(cells: Cells, rows: Any, columns: Any) -> Cells:
    height, width = cells.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return np.where(inside, cells[np.where(inside, rows, 0), np.where(inside, columns, 0)], UNKNOWN)


def _copied(cells: Cells, rows: Any, columns: Any) -> Cells:
    return np.where(cells == UNKNOWN, _looked_up(cells, rows, columns), cells)


def _by_tiling(cells: Cells) -> Cells:
    known = cells != UNKNOWN
    if known.all() or not known.any():
        return cells
    best, least = cells, int((~known).sum())
    for tile_of, size in _lattices(*cells.shape):
        counts = _counted(cells, known, tile_of, size)
        seen = counts.any(1)
        if int((counts > 0).sum()) > int(seen.sum()) or EVIDENCE * int(known.sum()) < int(seen.sum()):
            continue
        filled = np.where(known, cells, np.where(seen, counts.argmax(1), UNKNOWN)[tile_of])
        left = int((filled == UNKNOWN).sum())
        if left < least:
            best, least = filled, left
        if left == 0:
            break
    return best


def _by_patches(cells: Cells) -> Cells:
    for hole in _holes(cells)[:MOST_HOLES]:
        for margin in PATCH_MARGINS:
            found = _patch(cells, hole, margin)
            if found is not None:
                cells = found
                break
    if 0 < int((cells == UNKNOWN).sum()) <= FEW:
        cells = _by_neighbours(cells)
    return cells


def _by_neighbours(cells: Cells) -> Cells:
    """Unknown cells one by one, those with most known neighbours first, as most cells in the same surroundings are."""
    while True:
        left = np.argwhere(cells == UNKNOWN).tolist()
        if not left:
            return cells
        padded = np.pad(cells, 2, constant_values=UNKNOWN)
        windows = {(i, j): padded[i : i + 5, j : j + 5] for i, j in left}
        place = max(windows, key=lambda spot: (int((windows[spot] != UNKNOWN).sum()), spot))
        window = windows[place]
        known = window != UNKNOWN
        votes = np.zeros(10, np.int64)
        for turned in _turned(padded):
            views = sliding_window_view(turned, (5, 5))
            alike = ((views == window) | ~known).all((2, 3))
            votes += np.bincount(views[alike][:, 2, 2] + 1, minlength=11)[1:]
        if not votes.any():
            return cells
        cells = cells.copy()
        cells[place] = votes.argmax()


def _holes(cells: Cells) -> list[tuple[int, int, int, int]]:
    """Boxes of the unknown cells that touch."""
    left = {(int(i), int(j)) for i, j in np.argwhere(cells == UNKNOWN)}
    boxes = []
    while left:
        group = [min(left)]
        left.discard(group[0])
        for i, j in group:  # grows while it is walked
            near = {(i + di, j + dj) for di in (-1, 0, 1) for dj in (-1, 0, 1)} & left
            left -= near
            group += sorted(near)
        rows, columns = [i for i, _ in group], [j for _, j in group]
        boxes.append((min(rows), min(columns), max(rows) + 1, max(columns) + 1))
    return boxes


def _patch(cells: Cells, hole: tuple[int, int, int, int], margin: int) -> Cells | None:
    """The cells with the hole filled by the place that agrees on most cells and contradicts none."""
    height, width = cells.shape
    top, left = max(0, hole[0] - margin), max(0, hole[1] - margin)
    bottom, right = min(height, hole[2] + margin), min(width, hole[3] + margin)
    window = cells[top:bottom, left:right]
    known = window != UNKNOWN
    best, most = None, known.size // 4
    for turned in _turned(cells):
        if turned.shape[0] < window.shape[0] or turned.shape[1] < window.shape[1]:
            continue
        views = sliding_window_view(turned, window.shape)
        clash = ((views != window) & known & (views != UNKNOWN)).any((2, 3))
        whole = (views != UNKNOWN)[:, :, ~known].all(2) & ~clash
        agreed = np.where(whole, ((views == window) & known).sum((2, 3)), -1)
        place = int(agreed.argmax())
        if agreed.flat[place] > most:
            most = int(agreed.flat[place])
            best = views[place // agreed.shape[1], place % agreed.shape[1]]
    if best is None:
        return None
    filled = cells.copy()
    filled[top:bottom, left:right] = np.where(known, window, best)
    return filled


def _turned(cells: Cells) -> Iterator[Cells]:
    for turns in range(4):
        turned = np.rot90(cells, turns)
        yield turned
        yield turned[:, ::-1]


def block_colour(grid: Grid) -> Integer:
    """Return the colour whose cells make one full rectangle, at least 2 by 2; of several, the one of most cells."""
    cells = np.array(grid)
    best, most = UNKNOWN, 3
    for colour in range(10):
        i, j = np.nonzero(cells == colour)
        if i.size > most and np.ptp(i) and np.ptp(j) and i.size == (np.ptp(i) + 1) * (np.ptp(j) + 1):
            best, most = colour, int(i.size)
    if best == UNKNOWN:
        raise ValueError("no colour makes a full rectangle")
    return best


# Tiles ----------------------------------------------------------------------------------------------------------------


def tile_extended(grid: Grid, shape: IntegerTuple) -> Grid:
    """Continue the grid's tiling down and to the right to this shape; a grid that repeats nothing is its own tile."""
    height, width = shape
    cells = np.full((max(height, len(grid)), max(width, len(grid[0]))), UNKNOWN, np.int8)
    cells[: len(grid), : len(grid[0])] = grid
    cells = _by_tiling(cells)[:height, :width]
    if (cells == UNKNOWN).any():
        cells = np.tile(np.array(grid), (height // len(grid) + 1, width // len(grid[0]) + 1))[:height, :width]
    return _grid(cells, 0)


def smallest_tile(grid: Grid) -> Grid:
    """Return the upper left tile of a grid that repeats one, the smallest there is."""
    cells = np.array(grid)
    height, width = cells.shape
    rows = next(p for p in range(1, height + 1) if (cells[p:] == cells[: height - p]).all())
    columns = next(q for q in range(1, width + 1) if (cells[:, q:] == cells[:, : width - q]).all())
    return _grid(cells[:rows, :columns], 0)


def tile_cleaned(grid: Grid) -> Grid:
    """Repeat the tile that explains most cells everywhere, over what does not fit it."""
    cells = np.array(grid, np.int8)
    known = np.ones(cells.shape, bool)
    best, most = cells, 0
    for tile_of, size in _lattices(*cells.shape):
        counts = _counted(cells, known, tile_of, size)
        gain = int(counts.max(1).sum()) - size
        if gain > most:
            best, most = counts.argmax(1)[tile_of], gain
    return _grid(best, 0)


@lru_cache(maxsize=8)
def _lattices(height: int, width: int) -> tuple[tuple[Any, int], ...]:
    """The number within its tile of each cell, and cells of the tile, for every p, q, s; small tiles first."""
    i, j = np.indices((height, width))
    found = []
    for p in range(1, min(height, MOST_SIDE) + 1):
        for q in range(1, min(width, MOST_SIDE) + 1):
            for s in range(q if p * q <= MOST_SKEWED else 1):
                if p * q < height * width and (s == 0 or p < height):
                    found.append((p, q, s))
    found.sort(key=lambda lattice: (lattice[0] * lattice[1], lattice[2] > 0, lattice))
    tiles = ((p, q, (i % p * q + (j - i // p * s) % q).astype(np.int16)) for p, q, s in found)
    return tuple((tile_of, p * q) for p, q, tile_of in tiles)


def _counted(cells: Cells, known: Any, tile_of: Any, size: int) -> Any:
    """How often each colour is seen at each cell of the tile: int[size, 10]."""
    codes = tile_of[known] * 10 + cells[known]
    return np.bincount(codes, minlength=size * 10).reshape(size, 10)


# Symmetry -------------------------------------------------------------------------------------------------------------

LEFT_RIGHT, UP_DOWN, HALF, TURN, BACK = (1, 0, 0, -1), (-1, 0, 0, 1), (-1, 0, 0, -1), (0, 1, -1, 0), (0, -1, 1, 0)
FALLING, RISING = (0, 1, 1, 0), (0, -1, -1, 0)
KINDS = (
    (LEFT_RIGHT,),
    (UP_DOWN,),
    (LEFT_RIGHT, UP_DOWN, HALF),
    (HALF,),
    (TURN, HALF, BACK),
    (LEFT_RIGHT, UP_DOWN, HALF, TURN, BACK, FALLING, RISING),
    (FALLING,),
    (RISING,),
)
"""Left-right, up-down, both, half turn, quarter turns, all eight, about the diagonal, about the other diagonal."""


def symmetrized(grid: Grid, kind: Integer, each: Boolean) -> Grid:
    """Add what is missing on 0 for symmetry about the axis or centre that fits best: kind 0 left-right, 1 up-down,
    2 both, 3 half turn, 4 quarter turns, 5 all eight, 6 and 7 diagonals. `each`: object by object."""
    rows = [list(row) for row in grid]
    for thing in _things(grid, each):
        cells = {(i, j): grid[i][j] for i, j in thing}
        centre = _best_centre(cells, kind)
        if centre is not None:
            _add(rows, cells, centre, kind)
    return tuple(map(tuple, rows))


def symmetrized_about(grid: Grid, colour: Integer, kind: Integer, each: Boolean) -> Grid:
    """As `symmetrized`, about the middle of the cells of one colour."""
    rows = [list(row) for row in grid]
    for thing in _things(grid, each):
        marks = [(i, j) for i, j in thing if grid[i][j] == colour]
        if marks:
            i, j = [i for i, _ in marks], [j for _, j in marks]
            cells = {(i, j): grid[i][j] for i, j in thing}
            _add(rows, cells, (min(i) + max(i), min(j) + max(j)), kind)
    return tuple(map(tuple, rows))


def symmetrized_grid(grid: Grid, kind: Integer) -> Grid:
    """As `symmetrized`, about the middle of the grid."""
    rows = [list(row) for row in grid]
    cells = {(i, j): value for i, row in enumerate(grid) for j, value in enumerate(row) if value}
    _add(rows, cells, (len(grid) - 1, len(grid[0]) - 1), kind)
    return tuple(map(tuple, rows))


def _things(grid: Grid, each: bool) -> list[list[tuple[int, int]]]:
    """All cells but 0, or the objects that they make, corners touching."""
    left = {(i, j) for i, row in enumerate(grid) for j, value in enumerate(row) if value}
    if not each:
        return [sorted(left)] if left else []
    things = []
    while left:
        group = [min(left)]
        left.discard(group[0])
        for i, j in group:  # grows while it is walked
            near = {(i + di, j + dj) for di in (-1, 0, 1) for dj in (-1, 0, 1)} & left
            left -= near
            group += sorted(near)
        things.append(group)
    return things


def _best_centre(cells: dict[tuple[int, int], int], kind: int) -> tuple[int, int] | None:
    """Twice the place about which most images fall on a cell of their colour and none on another; of several, the one
    nearest the middle of the box."""
    top, left = min(i for i, _ in cells), min(j for _, j in cells)
    box = np.zeros((max(i for i, _ in cells) - top + 1, max(j for _, j in cells) - left + 1), np.int8)
    for (i, j), value in cells.items():
        box[i - top, j - left] = value
    several = len(set(cells.values())) > 1
    turned = [(image, _turned_by(box, image), times) for image, times in _distinct(kind)]
    best, most = None, 0
    for s, t in _centres(*box.shape, kind):
        seen = 0
        for image, there, times in turned:
            own, other = _overlapping(box, there, _corner(box.shape, image, s, t))
            agreeing = int(np.count_nonzero((own == other) & (own > 0)))
            if several and agreeing < np.count_nonzero((own > 0) & (other > 0)):
                break
            seen += agreeing * times
        else:
            if seen > most:
                best, most = (s + 2 * top, t + 2 * left), seen
            if seen == len(cells) * len(KINDS[kind]):
                break
    return best


def _distinct(kind: int) -> list[tuple[tuple[int, int, int, int], int]]:
    """Images that tell different things, and how often each counts: a turn and the turn back agree alike."""
    kept = [image for image in KINDS[kind] if image != BACK]
    return [(image, 2 if image == TURN else 1) for image in kept]


def _centres(height: int, width: int, kind: int) -> Iterator[tuple[int, int]]:
    """Twice the places in a box that may be the middle, those in the middle of the box first."""
    tall, wide = (height - 1) * 2 // 3, (width - 1) * 2 // 3
    downs = [0] if kind == 0 else sorted(range(-tall, tall + 1), key=abs)
    rights = [0] if kind in (1, 6, 7) else sorted(range(-wide, wide + 1), key=abs)
    found = ((height - 1 + a, width - 1 + b) for a in downs for b in rights)
    return (c for c in found if kind < 4 or sum(c) % 2 == 0)


def _turned_by(box: Cells, image: tuple[int, int, int, int]) -> Cells:
    """The box's image, wherever its corner comes to lie."""
    a, b, c, d = image
    turned = box if a else box.T
    return turned[:: a or b, :: d or c]


def _corner(shape: tuple[int, int], image: tuple[int, int, int, int], s: int, t: int) -> tuple[int, int]:
    """Where the upper left corner of the box's image lies, the centre being at half of (s, t)."""
    a, b, c, d = image
    height, width = shape
    if a:
        return 0 if a > 0 else s - height + 1, 0 if d > 0 else t - width + 1
    return (s - t) // 2 if b > 0 else (s + t) // 2 - width + 1, (t - s) // 2 if c > 0 else (s + t) // 2 - height + 1


def _overlapping(box: Cells, there: Cells, corner: tuple[int, int]) -> tuple[Cells, Cells]:
    """What two boxes show where both lie, the corner being that of the second."""
    i, j = corner
    bottom, right = min(box.shape[0], i + there.shape[0]), min(box.shape[1], j + there.shape[1])
    own = box[max(0, i) : max(0, bottom), max(0, j) : max(0, right)]
    return own, there[max(0, -i) : max(0, bottom - i), max(0, -j) : max(0, right - j)]


def _images(
    cells: dict[tuple[int, int], int], centre: tuple[int, int], kind: int
) -> Iterator[tuple[tuple[int, int], int]]:
    s, t = centre
    for a, b, c, d in KINDS[kind]:
        for (i, j), value in cells.items():
            p, q = 2 * i - s, 2 * j - t
            yield ((a * p + b * q + s) // 2, (c * p + d * q + t) // 2), value


def _add(rows: list[list[int]], cells: dict[tuple[int, int], int], centre: tuple[int, int], kind: int) -> None:
    for (i, j), value in _images(cells, centre, kind):
        if 0 <= i < len(rows) and 0 <= j < len(rows[0]) and rows[i][j] == 0:
            rows[i][j] = value


# Cleaning -------------------------------------------------------------------------------------------------------------


def despeckled(grid: Grid, colour: Integer, most: Integer, under: Integer) -> Grid:
    """Objects of the colour, corners touching, of at most so many cells become `under`, or what surrounds them for -1.
    The colour -1 is any but 0."""
    rows = [list(row) for row in grid]
    for value in range(1, 10) if colour == UNKNOWN else (colour,):
        only = tuple(tuple(int(v == value) for v in row) for row in grid)
        for thing in _things(only, True):
            if len(thing) <= most:
                paint = _surrounding(grid, thing) if under == UNKNOWN else under
                for i, j in thing:
                    rows[i][j] = paint
    return tuple(map(tuple, rows))


def thick_only(grid: Grid, under: Integer) -> Grid:
    """Cells that are part of no 2 x 2 square of one colour become `under`, or for -1 the commonest colour around."""
    cells = np.array(grid, np.int8)
    square = (cells[1:, 1:] == cells[:-1, 1:]) & (cells[1:, 1:] == cells[1:, :-1]) & (cells[1:, 1:] == cells[:-1, :-1])
    thick = np.zeros(cells.shape, bool)
    for di in (0, 1):
        for dj in (0, 1):
            thick[di : di + square.shape[0], dj : dj + square.shape[1]] |= square
    rows = [list(row) for row in grid]
    kept = np.where(thick, cells, UNKNOWN)
    for i, j in np.argwhere(~thick).tolist():
        near = kept[max(0, i - 1) : i + 2, max(0, j - 1) : j + 2]
        rows[i][j] = _commonest(near[near != UNKNOWN].tolist(), grid[i][j]) if under == UNKNOWN else under
    return tuple(map(tuple, rows))


def smoothed(grid: Grid, colour: Integer) -> Grid:
    """Cells of the colour take the commonest other colour around them, again and again until none is left."""
    cells = np.array(grid, np.int8)
    for _ in range(cells.size):
        left = np.argwhere(cells == colour).tolist()
        after = cells.copy()
        for i, j in left:
            near = cells[max(0, i - 1) : i + 2, max(0, j - 1) : j + 2]
            after[i, j] = _commonest(near[near != colour].tolist(), colour)
        if (after == cells).all():
            break
        cells = after
    return _grid(cells, 0)


def _surrounding(grid: Grid, thing: list[tuple[int, int]]) -> int:
    own = set(thing)
    near = [
        grid[i + di][j + dj]
        for i, j in thing
        for di, dj in ((-1, 0), (1, 0), (0, -1), (0, 1))
        if 0 <= i + di < len(grid) and 0 <= j + dj < len(grid[0]) and (i + di, j + dj) not in own
    ]
    return _commonest(near, grid[thing[0][0]][thing[0][1]])


def _commonest(values: list[int], otherwise: int) -> int:
    return max(sorted(set(values)), key=values.count) if values else otherwise


# Behind the scenes ----------------------------------------------------------------------------------------------------


def _cells(grid: Grid, mask: int) -> Cells:
    cells = np.array(grid, np.int8)
    return np.where(cells == mask, np.int8(UNKNOWN), cells)


def _grid(cells: Cells, mask: int) -> Grid:
    """The grid of cells, what is still unknown in the mask's colour."""
    return tuple(map(tuple, np.where(cells == UNKNOWN, mask, cells).tolist()))
