"""Looks at other cells' looks: beside, in the row or column of, or in the same body as a cell that is so and so."""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.looks.base import COLOUR, LOOKS, NONE, NUMBER, YES, Cells, Sight, add, shifted
from arc_submit.dsl.extensions.looks.bodies import BODIES, bodies
from arc_submit.dsl.extensions.neighbours import EIGHT, FOUR


def _is(s: Sight, name: str, value: int) -> Cells:
    return s.look(name) == value


def _beside(s: Sight, name: str) -> Cells:
    flags = s.look(name)
    return np.stack([shifted(flags, i, j, 0) for i, j in FOUR]).any(0)


def _around(s: Sight, name: str) -> Cells:
    flags = s.look(name)
    return np.stack([shifted(flags, i, j, 0) for i, j in EIGHT]).any(0)


def _in_line(s: Sight, name: str, axis: int) -> Cells:
    return np.broadcast_to(s.look(name).any(1 - axis, keepdims=True), s.a.shape)


def _with(s: Sight, name: str, kind: str) -> Cells:
    b = bodies(s, kind)
    held = np.bincount(b.labels.ravel(), s.look(name).ravel(), minlength=b.number + 1) > 0
    return b.spread(held, 0)


def _touches(s: Sight, kind: str, colour: int) -> Cells:
    """Whether the body has a cell of the colour beside it, that is not its own."""
    b = bodies(s, kind)
    found = np.zeros(b.number + 1, bool)
    for i, j in FOUR:
        here = (shifted(s.a, i, j) == colour) & (shifted(b.labels, i, j, -1) != b.labels)
        found[b.labels[here]] = True
    return b.spread(found, 0)


def _holds(s: Sight, colour: int) -> Cells:
    b = bodies(s, "thing")
    return b.spread(b.colours[:, colour], -1)


def _distances(s: Sight, diagonal: bool) -> Any:
    """Distance of every cell from each colour but the background: int[10, h, w]; 99 where there is none."""
    found = np.full((NONE, *s.a.shape), 99, np.int16)
    for colour in range(NONE):
        if colour == s.ground or not s.counts[colour]:
            continue
        flags = s.a == colour
        distance = np.where(flags, 0, 99).astype(np.int16)
        ways = EIGHT if diagonal else FOUR
        for _ in range(s.h + s.w):
            nearer = np.minimum.reduce([shifted(distance, di, dj, 99) for di, dj in ways]) + 1
            if (nearer >= distance).all():
                break
            distance = np.minimum(distance, nearer)
        found[colour] = distance
    return found


def _far(s: Sight, diagonal: bool) -> Cells:
    return s.once(("distances", diagonal), _distances, diagonal).min(0)


def _nearest(s: Sight, diagonal: bool) -> Cells:
    distances = s.once(("distances", diagonal), _distances, diagonal)
    low = distances.min(0)
    return np.where(((distances == low).sum(0) == 1) & (low < 99), distances.argmin(0), NONE)


def register() -> None:
    group = "linked"
    bases = ["enclosed", "crossed", "object solid", "part on border"]
    for name, of, value in (
        ("largest object", "object rank from largest", 0),
        ("smallest object", "object rank from smallest", 0),
        ("largest thing", "thing rank from largest", 0),
        ("single cell", "object size", 1),
        ("object of two cells", "object size", 2),
        ("unlike the others", "object count alike", 1),
        ("only one of its colour", "object count of its colour", 1),
        ("of many colours", "thing colours", 2),
    ):
        add(name, YES, LOOKS[of].cost + 0.3, group, _is, of, value)
        bases.append(name)
    add("of the rarest colour", YES, 2.4, group, lambda s: s.a == s.look("rarest"))
    bases.append("of the rarest colour")
    for colour in range(NONE):
        for kind in BODIES:
            add(f"{kind} touches {colour}", YES, 2.2, group, _touches, kind, colour)
        add(f"{colour} in thing", NUMBER, 2.3, group, _holds, colour)
    for name in bases:
        cost = LOOKS[name].cost + 0.8
        add(f"beside {name}", YES, cost, group, _beside, name)
        add(f"around {name}", YES, cost, group, _around, name)
        add(f"in row of {name}", YES, cost + 0.2, group, _in_line, name, 0)
        add(f"in column of {name}", YES, cost + 0.2, group, _in_line, name, 1)
        for kind in ("thing", "region"):
            add(f"in {kind} with {name}", YES, cost + 0.3, group, _with, name, kind)
    for label, diagonal in (("steps", False), ("king's steps", True)):
        add(f"{label} to filled", NUMBER, 2.3, group, _far, diagonal)
        add(f"nearest by {label}", COLOUR, 2.3, group, _nearest, diagonal)
