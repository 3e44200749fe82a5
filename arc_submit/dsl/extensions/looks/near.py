"""Looks at what is near a cell, and at what is seen from it along eight rays."""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.looks.base import COLOUR, NONE, NUMBER, YES, Cells, Sight, add, shifted
from arc_submit.dsl.extensions.neighbours import CORNERS, DIRECTIONS, EIGHT, FOUR, SIDES, SLANTED, Steps

PAIRS = {
    "row": ("left", "right"),
    "column": ("up", "down"),
    "diagonal": ("up left", "down right"),
    "counter diagonal": ("up right", "down left"),
}


def _colour(s: Sight) -> Cells:
    return s.a


def _at(s: Sight, down: int, right: int) -> Cells:
    return shifted(s.a, down, right)


def _held(s: Sight, ways: Steps, colour: int) -> Cells:
    """How many of the cells `ways` away have this colour."""
    return sum((shifted(s.a, i, j) == colour).astype(np.int16) for i, j in ways)


def _filled(s: Sight, ways: Steps) -> Cells:
    return sum(shifted(s.full, i, j, 0) for i, j in ways)


def _alike(s: Sight, ways: Steps) -> Cells:
    return sum((shifted(s.a, i, j) == s.a).astype(np.int16) for i, j in ways)


def _tally(s: Sight) -> Any:
    """int[10, h, w]: how many of the eight neighbours have each colour; none for the background."""
    found = np.stack([_held(s, EIGHT, colour) for colour in range(NONE)])
    found[s.ground] = 0
    return found


def _common_neighbour(s: Sight) -> Cells:
    tally = s.once("tally", _tally)
    return np.where(tally.max(0) > 0, tally.argmax(0), NONE)


def _neighbour_colours(s: Sight) -> Cells:
    return (s.once("tally", _tally) > 0).sum(0)


def _rays(s: Sight, down: int, right: int) -> tuple[Cells, Cells]:
    """Colour and distance of the first filled cell in a direction; distance 0: none."""
    colour = np.full(s.a.shape, NONE, np.int16)
    distance = np.zeros(s.a.shape, np.int16)
    for t in range(1, max(s.h, s.w)):
        here = shifted(s.full, down * t, right * t, 0).astype(bool) & (distance == 0)
        colour[here] = shifted(s.a, down * t, right * t)[here]
        distance[here] = t
    return colour, distance


def _ray(s: Sight, name: str) -> tuple[Cells, Cells]:
    found: tuple[Cells, Cells] = s.once(("ray", name), _rays, *DIRECTIONS[name])
    return found


def _seen(s: Sight, name: str) -> Cells:
    return _ray(s, name)[0]


def _far(s: Sight, name: str) -> Cells:
    return _ray(s, name)[1]


def _between(s: Sight, first: str, second: str) -> Cells:
    """The colour that is seen in both directions."""
    one, other = _seen(s, first), _seen(s, second)
    return np.where(one == other, one, NONE)


def _between_any(s: Sight, names: tuple[str, ...]) -> Cells:
    found = np.full(s.a.shape, NONE, np.int16)
    for name in names:
        here = _between(s, *PAIRS[name])
        found = np.where(found == NONE, here, found)
    return found


def _sides(s: Sight, names: tuple[str, ...]) -> Cells:
    return sum((_seen(s, name) != NONE).astype(np.int16) for name in names)


def _only_seen(s: Sight, names: tuple[str, ...]) -> Cells:
    """The only colour seen in these directions; none where there are two."""
    stack = np.stack([_seen(s, name) for name in names])
    low, high = stack.min(0), np.where(stack == NONE, -1, stack).max(0)
    return np.where(low == high, low, NONE)


def _nearest_seen(s: Sight, names: tuple[str, ...]) -> Cells:
    """The colour seen at the smallest distance; none where two colours are equally near."""
    colours = np.stack([_seen(s, name) for name in names])
    distances = np.stack([_far(s, name) for name in names])
    distances = np.where(distances == 0, 99, distances)
    nearest = distances.min(0)
    low = np.where(distances == nearest, colours, 99).min(0)
    high = np.where(distances == nearest, colours, -1).max(0)
    return np.where((low == high) & (nearest < 99), low, NONE)


def _crossed(s: Sight) -> Cells:
    """Whether anything at all is seen both in the row and in the column."""
    along = (_seen(s, "left") != NONE) | (_seen(s, "right") != NONE)
    across = (_seen(s, "up") != NONE) | (_seen(s, "down") != NONE)
    return along & across


def _same_ray(s: Sight, first: str, second: str) -> Cells:
    """Whether the same colour as the cell's own is seen on both sides."""
    return (_seen(s, first) == s.a) & (_seen(s, second) == s.a)


def register() -> None:
    add("colour", COLOUR, 1.0, "near", _colour)
    add("filled", YES, 1.0, "near", lambda s: s.full)
    for name, (i, j) in DIRECTIONS.items():
        add(name, COLOUR, 1.6 if name in SIDES else 1.9, "near", _at, i, j)
        add(f"two {name}", COLOUR, 2.6 if name in SIDES else 3.0, "near", _at, 2 * i, 2 * j)
        add(f"seen {name}", COLOUR, 1.7 if name in SIDES else 2.2, "rays", _seen, name)
        add(f"far {name}", NUMBER, 2.3 if name in SIDES else 2.9, "rays", _far, name)
    add("filled beside", NUMBER, 1.6, "near", _filled, FOUR)
    add("filled around", NUMBER, 1.6, "near", _filled, EIGHT)
    add("filled at corners", NUMBER, 2.0, "near", _filled, SLANTED)
    add("alike beside", NUMBER, 1.7, "near", _alike, FOUR)
    add("alike around", NUMBER, 1.7, "near", _alike, EIGHT)
    add("alike at corners", NUMBER, 2.2, "near", _alike, SLANTED)
    add("alike in row", NUMBER, 2.0, "near", _alike, ((0, -1), (0, 1)))
    add("alike in column", NUMBER, 2.0, "near", _alike, ((-1, 0), (1, 0)))
    for colour in range(NONE):
        add(f"{colour} beside", NUMBER, 1.6, "near", _held, FOUR, colour)
        add(f"{colour} around", NUMBER, 1.6, "near", _held, EIGHT, colour)
        add(f"{colour} at corners", NUMBER, 2.0, "near", _held, SLANTED, colour)
    add("common neighbour", COLOUR, 2.0, "near", _common_neighbour)
    add("neighbour colours", NUMBER, 2.2, "near", _neighbour_colours)
    for name, pair in PAIRS.items():
        add(f"between in {name}", COLOUR, 1.7 if name in ("row", "column") else 2.2, "rays", _between, *pair)
        add(f"own colour both ways in {name}", YES, 2.5, "rays", _same_ray, *pair)
    add("between", COLOUR, 1.7, "rays", _between_any, ("row", "column"))
    add("between any way", COLOUR, 2.2, "rays", _between_any, tuple(PAIRS))
    for label, ways in (("beside", tuple(SIDES)), ("any way", tuple(DIRECTIONS)), ("at corners", tuple(CORNERS))):
        extra = 0.0 if label == "beside" else 0.5
        add(f"sides seen {label}", NUMBER, 1.9 + extra, "rays", _sides, ways)
        add(f"only seen {label}", COLOUR, 2.0 + extra, "rays", _only_seen, ways)
        add(f"nearest seen {label}", COLOUR, 2.0 + extra, "rays", _nearest_seen, ways)
    add("crossed", YES, 2.0, "rays", _crossed)
