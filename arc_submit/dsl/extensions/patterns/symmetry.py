"""Symmetry: what is missing for it added, about the axis or centre that fits best or is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from arc_submit.dsl.extensions.neighbours import EIGHT, Place, box, parts
from arc_submit.dsl.extensions.patterns.unknown import Cells
from arc_submit.dsl.types import Boolean, Grid, Integer

Image: TypeAlias = tuple[int, int, int, int]
"""Where a place goes, both counted from the centre: (a, b, c, d) sends (p, q) to (a p + b q, c p + d q)."""

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
    for thing in _objects(grid, each):
        cells = {(i, j): grid[i][j] for i, j in thing}
        centre = _best_centre(cells, kind)
        if centre is not None:
            _add(rows, cells, centre, kind)
    return tuple(map(tuple, rows))


def symmetrized_about(grid: Grid, colour: Integer, kind: Integer, each: Boolean) -> Grid:
    """As `symmetrized`, about the middle of the cells of one colour."""
    rows = [list(row) for row in grid]
    for thing in _objects(grid, each):
        marks = [(i, j) for i, j in thing if grid[i][j] == colour]
        if marks:
            top, left, bottom, right = box(marks)
            cells = {(i, j): grid[i][j] for i, j in thing}
            _add(rows, cells, (top + bottom, left + right), kind)
    return tuple(map(tuple, rows))


def symmetrized_grid(grid: Grid, kind: Integer) -> Grid:
    """As `symmetrized`, about the middle of the grid."""
    rows = [list(row) for row in grid]
    cells = {(i, j): value for i, row in enumerate(grid) for j, value in enumerate(row) if value}
    _add(rows, cells, (len(grid) - 1, len(grid[0]) - 1), kind)
    return tuple(map(tuple, rows))


def _objects(grid: Grid, each: bool) -> list[list[Place]]:
    """All cells but 0, or the objects that they make, corners touching."""
    places = [(i, j) for i, row in enumerate(grid) for j, value in enumerate(row) if value]
    if each:
        return parts(places, EIGHT)
    return [places] if places else []


def _best_centre(cells: dict[Place, int], kind: int) -> Place | None:
    """Twice the place about which most images fall on a cell of their colour and none on another; of several, the one
    nearest the middle of the box."""
    top, left, bottom, right = box(cells)
    picture = np.zeros((bottom - top + 1, right - left + 1), np.int8)
    for (i, j), value in cells.items():
        picture[i - top, j - left] = value
    several = len(set(cells.values())) > 1
    turned = [(image, _turned_by(picture, image), times) for image, times in _distinct(kind)]
    best, most = None, 0
    for s, t in _centres(*picture.shape, kind):
        seen = 0
        for image, there, times in turned:
            own, other = _overlapping(picture, there, _corner(picture.shape, image, s, t))
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


def _distinct(kind: int) -> list[tuple[Image, int]]:
    """Images that tell different things, and how often each counts: a turn and the turn back agree alike."""
    kept = [image for image in KINDS[kind] if image != BACK]
    return [(image, 2 if image == TURN else 1) for image in kept]


def _centres(height: int, width: int, kind: int) -> Iterator[Place]:
    """Twice the places in a box that may be the middle, those in the middle of the box first."""
    tall, wide = (height - 1) * 2 // 3, (width - 1) * 2 // 3
    downs = [0] if kind == 0 else sorted(range(-tall, tall + 1), key=abs)
    rights = [0] if kind in (1, 6, 7) else sorted(range(-wide, wide + 1), key=abs)
    found = ((height - 1 + a, width - 1 + b) for a in downs for b in rights)
    return (c for c in found if kind < 4 or sum(c) % 2 == 0)


def _turned_by(picture: Cells, image: Image) -> Cells:
    """The picture's image, wherever its corner comes to lie."""
    a, b, c, d = image
    turned = picture if a else picture.T
    return turned[:: a or b, :: d or c]


def _corner(shape: tuple[int, int], image: Image, s: int, t: int) -> Place:
    """Where the upper left corner of the picture's image lies, the centre being at half of (s, t)."""
    a, b, c, d = image
    height, width = shape
    if a:
        return 0 if a > 0 else s - height + 1, 0 if d > 0 else t - width + 1
    return (s - t) // 2 if b > 0 else (s + t) // 2 - width + 1, (t - s) // 2 if c > 0 else (s + t) // 2 - height + 1


def _overlapping(picture: Cells, there: Cells, corner: Place) -> tuple[Cells, Cells]:
    """What two pictures show where both lie, the corner being that of the second."""
    i, j = corner
    bottom, right = min(picture.shape[0], i + there.shape[0]), min(picture.shape[1], j + there.shape[1])
    own = picture[max(0, i) : max(0, bottom), max(0, j) : max(0, right)]
    return own, there[max(0, -i) : max(0, bottom - i), max(0, -j) : max(0, right - j)]


def _images(cells: dict[Place, int], centre: Place, kind: int) -> Iterator[tuple[Place, int]]:
    s, t = centre
    for a, b, c, d in KINDS[kind]:
        for (i, j), value in cells.items():
            p, q = 2 * i - s, 2 * j - t
            yield ((a * p + b * q + s) // 2, (c * p + d * q + t) // 2), value


def _add(rows: list[list[int]], cells: dict[Place, int], centre: Place, kind: int) -> None:
    for (i, j), value in _images(cells, centre, kind):
        if 0 <= i < len(rows) and 0 <= j < len(rows[0]) and rows[i][j] == 0:
            rows[i][j] = value
