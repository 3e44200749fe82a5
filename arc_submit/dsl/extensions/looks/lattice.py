"""Looks in a grid that whole rows and columns of one colour divide into panels."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from arc_submit.dsl.extensions.looks.base import COLOUR, NONE, NUMBER, YES, Cells, Sight, add


@dataclass(frozen=True, slots=True)
class Lattice:
    """Panels, numbered in rows; on a dividing line `panel` is -1."""

    line: int
    """Colour of the lines, NONE without any."""
    panel: Cells
    row: Cells
    column: Cells
    inner_row: Cells
    inner_column: Cells
    columns: int
    number: int
    tally: Any
    """int[panels, 10]: cells of each colour."""


def _lattice(s: Sight) -> Lattice:
    down, across = s.h, s.w
    full_rows = {i: int(s.a[i, 0]) for i in range(down) if (s.a[i] == s.a[i, 0]).all()}
    full_columns = {j: int(s.a[0, j]) for j in range(across) if (s.a[:, j] == s.a[0, j]).all()}
    found = [*full_rows.values(), *full_columns.values()]
    colours = [c for c in dict.fromkeys(found) if c != s.ground]
    line = max(colours, key=found.count) if colours else NONE
    rows = _numbered(down, [i for i, c in full_rows.items() if c == line])
    columns = _numbered(across, [j for j, c in full_columns.items() if c == line])
    width = int(columns[0].max(initial=-1)) + 1
    height = int(rows[0].max(initial=-1)) + 1
    row, inner_row = (np.repeat(part[:, None], across, 1) for part in rows)
    column, inner_column = (np.repeat(part[None], down, 0) for part in columns)
    panel = np.where((row >= 0) & (column >= 0), row * width + column, -1)
    number = width * height
    here = panel >= 0
    tally = np.bincount(panel[here] * NONE + s.a[here], minlength=number * NONE).reshape(-1, NONE)
    return Lattice(line, panel, row, column, inner_row, inner_column, width, number, tally)


def _numbered(length: int, lines: list[int]) -> tuple[Any, Any]:
    """Number of the stretch between lines that each place lies in, -1 on a line; and the place within it."""
    stretch, inner, number, place = np.full(length, -1), np.full(length, -1), -1, 0
    for i in range(length):
        if i in lines:
            place = 0
            continue
        number += place == 0
        stretch[i], inner[i] = number, place
        place += 1
    return stretch, inner


def _found(s: Sight) -> Lattice:
    found: Lattice = s.once("lattice", _lattice)
    return found


def _spread(s: Sight, values: Any, nothing: int) -> Cells:
    """One value for each panel, spread over its cells."""
    lattice = _found(s)
    return np.append(np.asarray(values, np.int16), nothing)[lattice.panel]


def _plain(s: Sight) -> Any:
    """The tally without the background."""
    tally = _found(s).tally.copy()
    tally[:, s.ground] = 0
    return tally


def _place(s: Sight, name: str) -> Cells:
    lattice = _found(s)
    found: Cells = getattr(lattice, name)
    return np.where(lattice.panel >= 0, found, -1)


def _filled(s: Sight) -> Cells:
    return _spread(s, _plain(s).sum(1), -1)


def _rank(s: Sight, sign: int) -> Cells:
    return _spread(s, np.unique(sign * _plain(s).sum(1), return_inverse=True)[1], -1)


def _colours(s: Sight) -> Cells:
    return _spread(s, (_plain(s) > 0).sum(1), -1)


def _rank_by_colours(s: Sight) -> Cells:
    return _spread(s, np.unique(-(_plain(s) > 0).sum(1), return_inverse=True)[1], -1)


def _common(s: Sight) -> Cells:
    tally = _plain(s)
    return _spread(s, np.where(tally.max(1, initial=0) > 0, tally.argmax(1), NONE), NONE)


def _held(s: Sight, colour: int) -> Cells:
    return _spread(s, _found(s).tally[:, colour], -1)


def _same_place(s: Sight, filled: bool) -> Cells:
    """The commonest colour at this place of all panels; the commonest filled one, if need be."""
    lattice = _found(s)
    here = lattice.panel >= 0
    side = max(s.h, s.w)
    place = np.where(here, lattice.inner_row * side + lattice.inner_column, 0)
    tally = np.bincount(place[here] * NONE + s.a[here], minlength=side * side * NONE).reshape(-1, NONE)
    if filled:
        tally[:, s.ground] = 0
    colours = np.where(tally.max(1) > 0, tally.argmax(1), NONE)
    return np.where(here, colours[place], NONE)


def _map(s: Sight) -> Cells:
    """The colour that the cell of the fullest panel has which lies where this panel lies among all."""
    lattice = _found(s)
    best = int(_plain(s).sum(1).argmax()) if lattice.number else -1
    table = np.full((s.h + 1, s.w + 1), NONE, np.int16)
    here = lattice.panel == best
    if best >= 0:
        table[lattice.inner_row[here], lattice.inner_column[here]] = s.a[here]
    return np.where(lattice.panel >= 0, table[lattice.row, lattice.column], NONE)


def _of_panels(s: Sight) -> Cells:
    """The colour of the panel that lies where this cell lies in its own."""
    lattice = _found(s)
    tally = _plain(s)
    colours = np.where(tally.max(1, initial=0) > 0, tally.argmax(1), NONE)
    rows = lattice.number // max(1, lattice.columns)
    inside = (lattice.panel >= 0) & (lattice.inner_row < rows) & (lattice.inner_column < lattice.columns)
    place = np.where(inside, lattice.inner_row * lattice.columns + lattice.inner_column, 0)
    return np.where(inside, colours[place], NONE) if lattice.number else NONE


def register() -> None:
    group = "lattice"
    add("line colour", COLOUR, 2.2, group, lambda s: _found(s).line)
    add("on line", YES, 2.0, group, lambda s: _found(s).panel < 0)
    for name, field in (("panel", "panel"), ("panel row", "row"), ("panel column", "column")):
        add(name, NUMBER, 2.4, group, _place, field)
    add("row in panel", NUMBER, 2.6, group, _place, "inner_row")
    add("column in panel", NUMBER, 2.6, group, _place, "inner_column")
    add("filled in panel", NUMBER, 2.4, group, _filled)
    add("rank of panel from fullest", NUMBER, 2.3, group, _rank, -1)
    add("rank of panel from emptiest", NUMBER, 2.3, group, _rank, 1)
    add("colours in panel", NUMBER, 2.6, group, _colours)
    add("rank of panel by colours", NUMBER, 2.8, group, _rank_by_colours)
    add("common in panel", COLOUR, 2.2, group, _common)
    add("same place in panels", COLOUR, 2.4, group, _same_place, False)
    add("same place in panels, filled", COLOUR, 2.3, group, _same_place, True)
    add("in fullest panel, panel's place", COLOUR, 2.6, group, _map)
    add("colour of panel at own place", COLOUR, 2.6, group, _of_panels)
    for colour in range(NONE):
        add(f"{colour} in panel", NUMBER, 2.3, group, _held, colour)
