"""What a look is: a whole number for every cell of a grid, known by a readable name.

A `Sight` is one grid with the looks computed so far. Looks are a colour (0..9, 10 where there is none), a number, or
yes (1) and no (0). Names are plain words, so that rules over them can be read: "enclosed", "seen left", "object size".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Cells: TypeAlias = Any
"""int16[h, w]."""

NONE = 10  # the colour of what is not there
COLOUR, NUMBER, YES = "colour", "number", "yes"


class Sight:
    """One grid and what was seen in it; every look and every part of one is computed once."""

    def __init__(self, a: Cells, ground: int | None = None) -> None:
        self.a = np.asarray(a, dtype=np.int16)
        self.h, self.w = self.a.shape
        self.counts = np.bincount(self.a.ravel(), minlength=NONE)[:NONE]
        self.ground = background(self.counts) if ground is None else ground
        self.full = self.a != self.ground
        self._kept: dict[Any, Any] = {}

    def once(self, key: Any, make: Callable[..., Any], *arguments: Any) -> Any:
        """Return what `make(self, *arguments)` gave the first time."""
        if key not in self._kept:
            self._kept[key] = make(self, *arguments)
        return self._kept[key]

    def look(self, name: str) -> Cells:
        """Return a look by name; KeyError for an unknown one."""
        found = self.once(name, LOOKS[name].make)
        if isinstance(found, np.ndarray) and found.shape == self.a.shape:
            return found.astype(np.int16)
        return np.full(self.a.shape, int(found), np.int16)


def background(counts: Any) -> int:
    """The background: the commonest colour where it fills half of the grid, else 0 where there is some."""
    commonest = int(counts.argmax())
    return commonest if 2 * counts[commonest] > counts.sum() or not counts[0] else 0


@dataclass(frozen=True, slots=True)
class Look:
    """One kind of look."""

    kind: str
    """COLOUR, NUMBER or YES."""
    cost: float
    """How far-fetched it is; 1 is the colour of the cell itself."""
    group: str
    """One of near, rays, places, lines, objects, regions, boxes, mirrors, whole, lattice, linked."""
    make: Callable[[Sight], Any]
    """Gives int[h, w], or one number for all cells."""


LOOKS: dict[str, Look] = {}
"""All looks by name."""


def add(name: str, kind: str, cost: float, group: str, make: Callable[..., Any], *arguments: Any) -> None:
    """Register a look: `make(sight, *arguments)`."""
    LOOKS[name] = Look(kind, cost, group, (lambda s: make(s, *arguments)) if arguments else make)


def shifted(a: Cells, down: int, right: int, outside: int = NONE) -> Cells:
    """Return what lies `down` rows and `right` columns away from each cell."""
    h, w = a.shape
    found = np.full((h, w), outside, np.int16)
    if abs(down) < h and abs(right) < w:
        found[max(0, -down) : h - max(0, down), max(0, -right) : w - max(0, right)] = a[
            max(0, down) : h - max(0, -down), max(0, right) : w - max(0, -right)
        ]
    return found


def components(a: Cells, counted: Any, diagonal: bool, one_colour: bool) -> tuple[Cells, int]:
    """Return a number from 1 on for each connected part of `counted` (0 elsewhere), and how many there are."""
    h, w = a.shape
    width = w + 2
    padded = np.full((h + 2, width), -1, np.int16)
    padded[1:-1, 1:-1] = np.where(counted, a if one_colour else 1, -1)
    flat = padded.ravel().tolist()
    steps = (-width, -1, 1, width) + ((-width - 1, -width + 1, width - 1, width + 1) if diagonal else ())
    labels = [0] * len(flat)
    number = 0
    for start, colour in enumerate(flat):
        if colour < 0 or labels[start]:
            continue
        number += 1
        labels[start] = number
        waiting = [start]
        while waiting:
            place = waiting.pop()
            for step in steps:
                other = place + step
                if flat[other] == colour and not labels[other]:
                    labels[other] = number
                    waiting.append(other)
    return np.array(labels, dtype=np.int16).reshape(h + 2, width)[1:-1, 1:-1], number
