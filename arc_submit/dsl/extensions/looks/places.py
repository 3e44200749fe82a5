"""Looks at where a cell lies, and at the row and the column that it lies in."""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.looks.base import COLOUR, NONE, NUMBER, YES, Cells, Sight, add


def _rows(s: Sight) -> Cells:
    return np.arange(s.h)[:, None].repeat(s.w, 1)


def _columns(s: Sight) -> Cells:
    return np.arange(s.w)[None].repeat(s.h, 0)


def _from_bottom(s: Sight) -> Cells:
    return s.h - 1 - _rows(s)


def _from_right(s: Sight) -> Cells:
    return s.w - 1 - _columns(s)


def _ring(s: Sight) -> Cells:
    return np.minimum(np.minimum(_rows(s), _from_bottom(s)), np.minimum(_columns(s), _from_right(s)))


def _remainder(s: Sight, way: str, n: int) -> Cells:
    i, j = _rows(s), _columns(s)
    places = {"row": i, "column": j, "sum": i + j, "difference": i - j, "ring": _ring(s)}
    places |= {"row from bottom": _from_bottom(s), "column from right": _from_right(s)}
    return places[way] % n


def _middle(s: Sight, axis: int) -> Cells:
    place, back = ((_rows(s), _from_bottom(s)), (_columns(s), _from_right(s)))[axis]
    return abs(place - back) <= 1 if (s.h, s.w)[axis] % 2 == 0 else place == back


def _side(s: Sight, first: str) -> Cells:
    """-1, 0 or 1: before, on or after the diagonal or the middle."""
    if first == "diagonal":
        return np.sign(_rows(s) - _columns(s))
    if first == "counter diagonal":
        return np.sign(_rows(s) - _from_right(s))
    return np.sign(_rows(s) - _from_bottom(s) if first == "height" else _columns(s) - _from_right(s))


def _line_tally(s: Sight) -> tuple[Any, Any]:
    """int[10, h] and int[10, w]: how often each colour occurs in each row and in each column."""
    stack = np.stack([s.a == colour for colour in range(NONE)])
    return stack.sum(2), stack.sum(1)


def _spread(s: Sight, axis: int, line: Any) -> Cells:
    """One value for each row (axis 0) or column (axis 1), spread over its cells."""
    return np.broadcast_to(line[:, None] if axis == 0 else line[None], s.a.shape)


def _tally(s: Sight, axis: int) -> Any:
    return s.once("line tally", _line_tally)[axis]


def _holds(s: Sight, axis: int, colour: int) -> Cells:
    return _spread(s, axis, _tally(s, axis)[colour])


def _filled(s: Sight, axis: int) -> Cells:
    return _spread(s, axis, s.full.sum(1 - axis))


def _rank(s: Sight, axis: int, most: bool) -> Cells:
    """0 for the lines with most (or fewest) filled cells, then 1, and so on."""
    filled = s.full.sum(1 - axis)
    _, order = np.unique(-filled if most else filled, return_inverse=True)
    return _spread(s, axis, order)


def _own(s: Sight, axis: int) -> Cells:
    """How many cells of the line have the cell's own colour."""
    tally = _tally(s, axis)
    lines = (_rows, _columns)[axis](s)
    return tally[s.a, lines]


def _uniform(s: Sight, axis: int) -> Cells:
    return _spread(s, axis, _tally(s, axis).max(0) == (s.w, s.h)[axis])


def _colours(s: Sight, axis: int) -> Cells:
    tally = _tally(s, axis).copy()
    tally[s.ground] = 0
    return _spread(s, axis, (tally > 0).sum(0))


def _common(s: Sight, axis: int) -> Cells:
    tally = _tally(s, axis).copy()
    tally[s.ground] = 0
    return _spread(s, axis, np.where(tally.max(0) > 0, tally.argmax(0), NONE))


def _common_of_all(s: Sight, axis: int) -> Cells:
    return _spread(s, axis, _tally(s, axis).argmax(0))


def _only(s: Sight, axis: int) -> Cells:
    tally = _tally(s, axis).copy()
    tally[s.ground] = 0
    return _spread(s, axis, np.where((tally > 0).sum(0) == 1, tally.argmax(0), NONE))


def _end(s: Sight, axis: int, place: int) -> Cells:
    return _spread(s, axis, s.a[:, place] if axis == 0 else s.a[place])


def _empty_before(s: Sight, axis: int) -> Cells:
    """How many lines that hold nothing lie before this one."""
    return _spread(s, axis, np.cumsum(s.full.sum(1 - axis) == 0))


def _same_lines(s: Sight, axis: int) -> Cells:
    """How many lines are the same as this one, itself included."""
    lines = [line.tobytes() for line in np.ascontiguousarray(s.a if axis == 0 else s.a.T)]
    return _spread(s, axis, np.array([lines.count(line) for line in lines]))


def _line_period(s: Sight, axis: int) -> Cells:
    """What the shortest repetition of the filled cells of the line puts here; the background counts as unknown."""
    lines = s.a if axis == 0 else s.a.T
    found = np.stack([_continued(line, s.ground) for line in lines])
    return found if axis == 0 else found.T


def _continued(line: Any, ground: int) -> Any:
    places = np.arange(line.size)
    known = line != ground
    for n in range(1, line.size):
        if len(np.unique(places[known] % n)) < n:
            continue
        motif = np.full(n, NONE, np.int16)
        motif[places[known] % n] = line[known]
        if (motif[places % n] == line)[known].all():
            return motif[places % n]
    return np.full(line.size, NONE, np.int16)


def register() -> None:
    group = "places"
    for name, make in (
        ("row", _rows),
        ("column", _columns),
        ("row from bottom", _from_bottom),
        ("column from right", _from_right),
        ("ring", _ring),
    ):
        add(name, NUMBER, 2.2, group, make)
    for way in ("row", "column", "sum", "difference", "ring", "row from bottom", "column from right"):
        for n in (2, 3, 4, 5):
            add(f"{way} modulo {n}", NUMBER, 1.8 + 0.3 * n, group, _remainder, way, n)
    add("in middle row", YES, 2.6, group, _middle, 0)
    add("in middle column", YES, 2.6, group, _middle, 1)
    for way in ("diagonal", "counter diagonal", "height", "width"):
        add(f"side of {way}", NUMBER, 2.6, group, _side, way)
    for axis, line in enumerate(("row", "column")):
        group = "lines"
        for colour in range(NONE):
            add(f"{colour} in {line}", NUMBER, 1.8, group, _holds, axis, colour)
        add(f"filled in {line}", NUMBER, 2.0, group, _filled, axis)
        add(f"rank of {line} from fullest", NUMBER, 2.6, group, _rank, axis, True)
        add(f"rank of {line} from emptiest", NUMBER, 2.6, group, _rank, axis, False)
        add(f"own colour in {line}", NUMBER, 2.2, group, _own, axis)
        add(f"{line} uniform", YES, 1.8, group, _uniform, axis)
        add(f"colours in {line}", NUMBER, 2.2, group, _colours, axis)
        add(f"common in {line}", COLOUR, 2.0, group, _common, axis)
        add(f"commonest in {line}", COLOUR, 2.4, group, _common_of_all, axis)
        add(f"only in {line}", COLOUR, 2.0, group, _only, axis)
        add(f"first in {line}", COLOUR, 2.8, group, _end, axis, 0)
        add(f"last in {line}", COLOUR, 3.0, group, _end, axis, -1)
        add(f"empty before {line}", NUMBER, 3.2, group, _empty_before, axis)
        add(f"lines like this {line}", NUMBER, 3.2, group, _same_lines, axis)
        add(f"continued in {line}", COLOUR, 2.4, group, _line_period, axis)
