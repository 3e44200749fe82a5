"""Looks at the grid as a whole: mirror images, repetitions, and values that are the same for all cells."""

from collections.abc import Callable
from typing import Any

import numpy as np

from arc_submit.dsl.extensions.looks.base import COLOUR, NONE, NUMBER, YES, Cells, Sight, add
from arc_submit.dsl.extensions.looks.bodies import bodies

TURNS: dict[str, Callable[[Cells], Cells]] = {
    "left right": lambda a: a[:, ::-1],
    "up down": lambda a: a[::-1],
    "half turn": lambda a: a[::-1, ::-1],
    "diagonal": lambda a: a.T,
    "counter diagonal": lambda a: a[::-1, ::-1].T,
    "quarter turn": lambda a: np.rot90(a),
    "three quarter turn": lambda a: np.rot90(a, 3),
}


def _image(s: Sight, turn: str) -> Cells:
    found = TURNS[turn](s.a)
    return found if found.shape == s.a.shape else NONE


def _filled_images(s: Sight, turns: tuple[str, ...]) -> Cells:
    """The first filled colour among the cell and its images."""
    found = s.a.copy()
    for turn in turns:
        image = TURNS[turn](s.a)
        if image.shape == s.a.shape:
            found = np.where(found == s.ground, image, found)
    return found


def _symmetric(s: Sight, turn: str) -> bool:
    found = TURNS[turn](s.a)
    return found.shape == s.a.shape and bool((found == s.a).all())


def _wallpaper(s: Sight) -> Cells:
    """What the smallest repeated rectangle puts here, where the background is unknown; none without one."""
    i, j = np.indices(s.a.shape)
    known_i, known_j, known = i[s.full], j[s.full], s.a[s.full]
    sides = sorted((p * q, p, q) for p in range(1, s.h + 1) for q in range(1, s.w + 1) if p * q * 2 <= s.a.size)
    for _, p, q in sides:
        motif = np.full((p, q), NONE, np.int16)
        motif[known_i % p, known_j % q] = known
        if (motif != NONE).all() and (motif[known_i % p, known_j % q] == known).all():
            return motif[i % p, j % q]
    return NONE


def _stripes(s: Sight, sign: int) -> Cells:
    """What the shortest sequence along the diagonals puts here, where the background is unknown."""
    i, j = np.indices(s.a.shape)
    place = i + sign * j
    for n in range(1, s.h + s.w):
        motif = np.full(n, NONE, np.int16)
        motif[place[s.full] % n] = s.a[s.full]
        if (motif != NONE).all() and (motif[place % n] == s.a)[s.full].all():
            return motif[place % n]
    return NONE


def _order(s: Sight) -> Any:
    """Colours but the background, commonest first."""
    counts = s.counts.copy()
    counts[s.ground] = 0
    return [int(c) for c in np.argsort(-counts, kind="stable") if counts[c]]


def _ranked(s: Sight, place: int) -> int:
    order = _order(s)
    return order[place] if -len(order) <= place < len(order) else NONE


def _other(s: Sight) -> Cells:
    """The other one of the two colours beside the background."""
    order = _order(s)
    table = np.full(NONE, NONE, np.int16)
    if len(order) == 2:
        table[order[0]], table[order[1]] = order[1], order[0]
    return table[s.a]


def _extreme(s: Sight, kind: str, largest: bool) -> int:
    """The colour of the only largest or smallest body."""
    b = bodies(s, kind)
    if not b.number:
        return NONE
    best = b.sizes[1:].max() if largest else b.sizes[1:].min()
    some = {int(c) for c in b.colours[1:][b.sizes[1:] == best].argmax(1)}
    return some.pop() if len(some) == 1 else NONE


def _most_bodies(s: Sight, kind: str, most: bool) -> int:
    """The colour with the most (or fewest) bodies."""
    b = bodies(s, kind)
    if not b.number:
        return NONE
    times = np.bincount(b.colours[1:].argmax(1), minlength=NONE)
    best = times.max() if most else times[times > 0].min()
    return int((times == best).argmax()) if (times == best).sum() == 1 else NONE


def _alone(s: Sight) -> int:
    """The colour of the only filled cell that is a body of its own."""
    b = bodies(s, "object")
    single = b.colours[1:][b.sizes[1:] == 1].argmax(1)
    return int(single[0]) if len(set(single.tolist())) == 1 else NONE


def _frequency(s: Sight) -> Cells:
    """How many cells have the cell's own colour."""
    return s.counts[s.a]


def _frequency_rank(s: Sight) -> Cells:
    table = np.full(NONE, -1, np.int16)
    table[_order(s)] = np.arange(len(_order(s)))
    return table[s.a]


def _corner(s: Sight, i: int, j: int) -> int:
    return int(s.a[i, j])


def _kinds(s: Sight) -> int:
    return len(_order(s))


def _number(s: Sight, kind: str) -> int:
    return bodies(s, kind).number


def _filled_cells(s: Sight) -> int:
    return int(s.full.sum())


def _largest(s: Sight, kind: str) -> int:
    return int(bodies(s, kind).sizes[1:].max(initial=0))


def _enclosed_cells(s: Sight) -> int:
    return int(s.look("enclosed").sum())


def _amount(s: Sight, colour: int) -> int:
    return int(s.counts[colour])


def _amount_bodies(s: Sight, kind: str, colour: int) -> int:
    return int((bodies(s, kind).colours[1:, colour] > 0).sum())


def register() -> None:
    for turn in TURNS:
        cost = 2.0 if turn in ("left right", "up down") else 2.3
        add(f"image {turn}", COLOUR, cost, "mirrors", _image, turn)
        add(f"symmetric {turn}", YES, 3.5, "whole", _symmetric, turn)
    add("filled images", COLOUR, 2.4, "mirrors", _filled_images, ("left right", "up down", "half turn"))
    add("filled images, turns too", COLOUR, 2.8, "mirrors", _filled_images, tuple(TURNS))
    add("wallpaper", COLOUR, 2.2, "mirrors", _wallpaper)
    add("stripes", COLOUR, 2.4, "mirrors", _stripes, 1)
    add("counter stripes", COLOUR, 2.4, "mirrors", _stripes, -1)
    add("ground", COLOUR, 2.0, "whole", lambda s: s.ground)
    for name, place in (("commonest", 0), ("next commonest", 1), ("commonest but two", 2), ("rarest", -1)):
        add(name, COLOUR, 2.0 if place in (0, -1) else 2.5, "whole", _ranked, place)
    add("other colour", COLOUR, 2.2, "whole", _other)
    add("alone", COLOUR, 2.6, "whole", _alone)
    for kind in ("object", "thing"):
        add(f"colour of largest {kind}", COLOUR, 2.4, "whole", _extreme, kind, True)
        add(f"colour of smallest {kind}", COLOUR, 2.6, "whole", _extreme, kind, False)
    add("colour with most objects", COLOUR, 2.6, "whole", _most_bodies, "object", True)
    add("colour with fewest objects", COLOUR, 2.6, "whole", _most_bodies, "object", False)
    add("times in grid", NUMBER, 3.0, "whole", _frequency)
    add("rank of colour", NUMBER, 2.8, "whole", _frequency_rank)
    for name, (i, j) in {"up left": (0, 0), "up right": (0, -1), "down left": (-1, 0), "down right": (-1, -1)}.items():
        add(f"corner {name}", COLOUR, 2.6, "whole", _corner, i, j)
    add("number of colours", NUMBER, 3.4, "whole", _kinds)
    add("filled cells", NUMBER, 3.2, "whole", _filled_cells)
    add("enclosed cells", NUMBER, 3.4, "whole", _enclosed_cells)
    for kind in ("object", "thing"):
        add(f"size of largest {kind}", NUMBER, 3.6, "whole", _largest, kind)
    for kind in ("part", "object", "thing"):
        add(f"number of {kind}s", NUMBER, 3.4, "whole", _number, kind)
    for colour in range(NONE):
        add(f"amount of {colour}", NUMBER, 3.8, "whole", _amount, colour)
        add(f"objects of {colour}", NUMBER, 4.0, "whole", _amount_bodies, "object", colour)
