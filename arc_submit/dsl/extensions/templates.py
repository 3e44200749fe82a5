"""Templates: objects of most colours, or the largest, and what lies about of their copies, which is completed.

A copy may be turned, mirrored and enlarged; what is there of it, be it single cells, must lie as in the template, and
whole cells of an enlarged one. Copies that explain most cells come first. Left out: templates that touch each other,
and copies hidden by one another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from arc_submit.dsl.extensions.neighbours import EIGHT, Place, parts
from arc_submit.dsl.types import Boolean, Grid

__all__ = ("copies_completed", "copies_recoloured")

TIMES = (1, 2, 3, 4)  # that a copy may be enlarged
FEW = 2  # cells of a template, enlarged with it, that must be there where it has more than one that stands out
MOST_COPIES = 20
MOST_CELLS = 30  # of all templates
MOST_PARTS = 40  # objects that are no templates
TURNS = (
    (1, 0, 0, 1),
    (1, 0, 0, -1),
    (-1, 0, 0, 1),
    (-1, 0, 0, -1),
    (0, 1, 1, 0),
    (0, 1, -1, 0),
    (0, -1, 1, 0),
    (0, -1, -1, 0),
)
"""(a, b, c, d) sends (i, j) to (a i + b j, c i + d j): as it is, mirrored, half turn, diagonals and quarter turns."""
Cells: TypeAlias = Mapping[Place, int]


@dataclass(frozen=True, slots=True)
class Stencil:
    """A template as it may lie somewhere."""

    places: Any
    """int[n, 2], from an arbitrary origin."""
    colours: Any
    """int[n]."""
    least: int
    """Cells that must be there."""
    block: int
    """Places that one cell of the template takes, behind each other."""


def copies_completed(grid: Grid, turned: Boolean, kept: Boolean) -> Grid:
    """Complete what there is of copies of the objects of most colours, enlarged ones too. `turned`: turned and mirrored
    ones as well. `kept`: the objects stay, otherwise only the copies do. Many or large objects: nothing changes."""
    a = np.array(grid, np.int16)
    ground = np.bincount(a.ravel()).argmax()
    templates, rest = _sorted_out(grid, int(ground))
    if len(parts(rest, EIGHT)) > MOST_PARTS or sum(map(len, templates)) > MOST_CELLS:
        return grid
    out = a.copy()
    taken = np.zeros(a.shape, bool)
    for template in templates:
        for place in template:
            taken[place] = True
            if not kept:
                out[place] = ground
    stencils = [stencil for times in TIMES for template in templates for stencil in _stencils(template, times, turned)]
    for _ in range(MOST_COPIES):
        best = max(
            (_fit(a, ground, taken, rest, stencil) for stencil in stencils), key=lambda fit: fit[0], default=None
        )
        if best is None or best[0] == 0:
            break
        _, places, colours = best
        out[places[:, 0], places[:, 1]] = colours
        rest -= set(map(tuple, places.tolist()))
    return tuple(map(tuple, out.tolist()))


def copies_recoloured(grid: Grid) -> Grid:
    """Complete the objects that are the upper part of the largest one, each in colours of its own, with all of them
    shown."""
    ground = int(np.bincount(np.ravel(grid)).argmax())
    cells = _cells(grid, ground)
    objects = parts(cells, EIGHT)
    template = max(objects, key=len, default=[])
    colours = {cells[place] for place in template}
    rows = [list(row) for row in grid]
    for thing in objects:
        down, right = thing[0][0] - template[0][0], thing[0][1] - template[0][1]
        moved = {(i + down, j + right): cells[i, j] for i, j in template}
        paint = {moved[place]: cells[place] for place in thing if place in moved}
        alike = all(place in moved and paint[moved[place]] == cells[place] for place in thing)
        if alike and paint.keys() == colours:
            for (i, j), colour in moved.items():
                if (i, j) not in cells and 0 <= i < len(rows) and 0 <= j < len(rows[0]):
                    rows[i][j] = paint[colour]
    return tuple(map(tuple, rows))


def _cells(grid: Grid, ground: int) -> Cells:
    return {(i, j): value for i, row in enumerate(grid) for j, value in enumerate(row) if value != ground}


def _sorted_out(grid: Grid, ground: int) -> tuple[list[Cells], set[Place]]:
    """The objects of most colours, and the other cells that are not ground."""
    cells = _cells(grid, ground)
    objects = parts(cells, EIGHT)
    colours = [len({cells[place] for place in thing}) for thing in objects]
    most = max((2, *colours))
    templates: list[Cells] = [
        {place: cells[place] for place in thing} for thing, n in zip(objects, colours, strict=True) if n == most
    ]
    return templates, set(cells) - {place for template in templates for place in template}


def _stencils(template: Cells, times: int, turned: bool) -> Iterator[Stencil]:
    """A template enlarged, as it is and, if wanted, turned."""
    colours = np.array(list(template.values()))
    body = np.bincount(colours).argmax()
    least = times * times * (1 if (colours != body).sum() == 1 else FEW)
    block = np.array([(i, j) for i in range(times) for j in range(times)])
    for a, b, c, d in TURNS[: None if turned else 1]:
        moved = np.array(list(template)) @ np.array([[a, c], [b, d]])
        places = (moved[:, None] * times + block).reshape(-1, 2)
        yield Stencil(places, np.repeat(colours, times * times), least, times * times)


def _fit(a: Any, ground: Any, taken: Any, rest: set[Place], stencil: Stencil) -> tuple[int, Any, Any]:
    """The cells of `rest` that the stencil explains where it explains most, and its places and colours there."""
    best: tuple[int, Any, Any] = (0, None, None)
    tried: set[Place] = set()
    for place in (part[0] for part in parts(sorted(rest), EIGHT)):
        for own in stencil.places[:: stencil.block][stencil.colours[:: stencil.block] == a[place]]:
            shift = (int(place[0] - own[0]), int(place[1] - own[1]))
            if shift in tried:
                continue
            tried.add(shift)
            places = stencil.places + shift
            inside = ((places >= 0) & (places < a.shape)).all(1)
            places, colours = places[inside], stencil.colours[inside]
            there = a[places[:, 0], places[:, 1]]
            same = there == colours
            if taken[places[:, 0], places[:, 1]].any() or (~same & (there != ground)).any():
                continue
            explained = sum(tuple(one) in rest for one in places[same].tolist())
            if explained >= stencil.least and explained > best[0]:
                best = explained, places, colours
    return best
