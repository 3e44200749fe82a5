"""Looking up cells, finding where an object occurs, measuring periods."""

# mypy: disable-error-code="no-any-return"
from __future__ import annotations

import itertools
from math import prod
from typing import Any

from arc_submit.dsl.patches import bounds
from arc_submit.dsl.types import Grid, Indices, Integer, IntegerTuple, Object

__all__ = ("hperiod", "index", "occurrences", "vperiod")

_HOLE = "\0"  # stands for a cell that the object lacks


def index(grid: Grid, loc: IntegerTuple) -> Integer:
    """The colour at a place, or None if it is off the grid."""
    i, j = loc
    if 0 <= i < len(grid) and 0 <= j < len(grid[0]):
        return grid[i][j]
    off: Any = None
    return off


def occurrences(grid: Grid, obj: Object) -> Indices:
    """All places where the object fits: shifted there by its upper left corner, it lies inside the grid and agrees
    with every cell."""
    height, width = len(grid), len(grid[0]) if grid else 0
    if not obj:
        return frozenset(itertools.product(range(height + 1), range(width + 1)))
    top, left, bottom, right = bounds(obj)
    spare_rows, spare_columns = height - (bottom - top + 1), width - (right - left + 1)
    if spare_rows < 0 or spare_columns < 0:
        return frozenset()
    letters = _letters(grid)
    lines = ["".join([letters[value] for value in row]) for row in grid]
    picture = _picture(obj, letters, top, left, bottom, right)
    if picture is None:
        return frozenset()
    (i0, j0, anchor), *rest = _runs(picture, "".join(lines))
    found = []
    for i in range(spare_rows + 1):
        line, end = lines[i + i0], j0 + spare_columns + len(anchor)
        at = line.find(anchor, j0, end)
        while at >= 0:
            j = at - j0
            for di, dj, run in rest:
                if not lines[i + di].startswith(run, j + dj):
                    break
            else:
                found.append((i, j))
            at = line.find(anchor, at + 1, end)
    return frozenset(found)


def hperiod(obj: Object) -> Integer:
    """Smallest horizontal shift that maps the object into itself as far as it still overlaps; its width if none."""
    return _period(obj, 0, 1)


def vperiod(obj: Object) -> Integer:
    """Smallest vertical shift that maps the object into itself as far as it still overlaps; its height if none."""
    return _period(obj, 1, 0)


def _period(obj: Object, di: int, dj: int) -> int:
    if not obj:
        return 0
    top, left, bottom, right = bounds(obj)
    length = bottom - top + 1 if di else right - left + 1
    cells = frozenset(obj)
    for p in range(1, length):
        down, across = p * di, p * dj
        for value, (i, j) in cells:
            if i - down >= top and j - across >= left and (value, (i - down, j - across)) not in cells:
                break
        else:
            return p
    return length


def _letters(grid: Grid) -> dict[int, str]:
    """One letter per colour of the grid: rows are then compared as strings."""
    return {value: chr(k) for k, value in enumerate(set(itertools.chain.from_iterable(grid)), start=1)}


def _picture(obj: Any, letters: dict[int, str], top: int, left: int, bottom: int, right: int) -> list[str] | None:
    """The object as lines of letters; None if it has a colour that the grid lacks, or two colours at one place."""
    picture = [[_HOLE] * (right - left + 1) for _ in range(bottom - top + 1)]
    for value, (i, j) in obj:
        letter = letters.get(value)
        if letter is None or picture[i - top][j - left] not in (_HOLE, letter):
            return None
        picture[i - top][j - left] = letter
    return ["".join(line) for line in picture]


def _runs(picture: list[str], text: str) -> list[tuple[int, int, str]]:
    """(row, column, letters) of every gapless stretch, the least likely in this grid first."""
    share = {letter: text.count(letter) / len(text) for letter in set(text)}
    runs = []
    for i, line in enumerate(picture):
        j = 0
        for run in line.split(_HOLE):
            if run:
                runs.append((i, j, run))
            j += len(run) + 1
    return sorted(runs, key=lambda run: prod([share[letter] for letter in run[2]]))
