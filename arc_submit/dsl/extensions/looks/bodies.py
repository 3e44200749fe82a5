"""Looks at the object, region or area that a cell belongs to.

part     filled cells of one colour that touch by sides
object   filled cells of one colour that touch by sides or corners
thing    filled cells of any colours that touch by sides or corners
region   cells of one colour, the background too, that touch by sides
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from arc_submit.dsl.extensions.looks.base import COLOUR, NONE, NUMBER, YES, Cells, Sight, add, components, shifted
from arc_submit.dsl.extensions.neighbours import EIGHT, FOUR

BODIES = {"part": (False, True), "object": (True, True), "thing": (True, False), "region": (False, True)}
"""Name -> (corners touch, one colour)."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """All bodies of one kind in a grid; arrays have one entry per body, entry 0 stands for no body."""

    labels: Cells
    number: int
    sizes: Any
    top: Any
    left: Any
    bottom: Any
    right: Any
    colours: Any
    """int[bodies, 10]: cells of each colour."""

    @property
    def heights(self) -> Any:
        return self.bottom - self.top + 1

    @property
    def widths(self) -> Any:
        return self.right - self.left + 1

    def spread(self, values: Any, nothing: int) -> Cells:
        """One value for each body, spread over its cells."""
        values = np.array(values, dtype=np.int16)
        values[0] = nothing
        return values[self.labels]


def bodies(s: Sight, kind: str) -> Bodies:
    """Return the bodies of one kind."""
    found: Bodies = s.once(("bodies", kind), _bodies, kind)
    return found


def _bodies(s: Sight, kind: str) -> Bodies:
    counted = np.ones(s.a.shape, bool) if kind == "region" else s.full
    labels, number = components(s.a, counted, *BODIES[kind])
    flat = labels.ravel().astype(np.int64)
    rows = np.arange(s.h).repeat(s.w)
    columns = np.tile(np.arange(s.w), s.h)
    ends = []
    for places in (rows, columns):
        low, high = np.full(number + 1, 99), np.full(number + 1, -1)
        np.minimum.at(low, flat, places)
        np.maximum.at(high, flat, places)
        ends.append((low, high))
    colours = np.bincount(flat * NONE + s.a.ravel(), minlength=(number + 1) * NONE).reshape(-1, NONE)
    sizes = np.bincount(flat, minlength=number + 1)
    return Bodies(labels, number, sizes, ends[0][0], ends[1][0], ends[0][1], ends[1][1], colours)


# One number per body. -------------------------------------------------------------------------------------------------


def _size(s: Sight, b: Bodies) -> Any:
    return b.sizes


def _height(s: Sight, b: Bodies) -> Any:
    return b.heights


def _width(s: Sight, b: Bodies) -> Any:
    return b.widths


def _longest(s: Sight, b: Bodies) -> Any:
    return np.maximum(b.heights, b.widths)


def _position(s: Sight, b: Bodies) -> Any:
    """1 wide, -1 tall, 0 square."""
    return np.sign(b.widths - b.heights)


def _solid(s: Sight, b: Bodies) -> Any:
    return b.sizes == b.heights * b.widths


def _solid_square(s: Sight, b: Bodies) -> Any:
    return (b.sizes == b.heights * b.widths) & (b.heights == b.widths)


def _border(s: Sight, b: Bodies) -> Any:
    return (b.top == 0) | (b.left == 0) | (b.bottom == s.h - 1) | (b.right == s.w - 1)


def _from_largest(s: Sight, b: Bodies) -> Any:
    return _ranks(-b.sizes)


def _from_smallest(s: Sight, b: Bodies) -> Any:
    return _ranks(b.sizes)


def _from_left(s: Sight, b: Bodies) -> Any:
    return _ranks(b.left)


def _from_right(s: Sight, b: Bodies) -> Any:
    return _ranks(-b.right)


def _from_top(s: Sight, b: Bodies) -> Any:
    return _ranks(b.top)


def _from_bottom(s: Sight, b: Bodies) -> Any:
    return _ranks(-b.bottom)


def _ranks(values: Any) -> Any:
    """0 for the smallest value, those alike share a rank."""
    found = np.zeros(len(values), np.int64)
    if len(values) > 1:
        found[1:] = np.unique(values[1:], return_inverse=True)[1]
    return found


def _parity(s: Sight, b: Bodies) -> Any:
    return b.sizes % 2


def _variety(s: Sight, b: Bodies) -> Any:
    return (b.colours > 0).sum(1)


def _alike(s: Sight, b: Bodies) -> Any:
    """How many bodies have the same shape, itself included."""
    shapes = [b""] + [
        (b.labels[b.top[n] : b.bottom[n] + 1, b.left[n] : b.right[n] + 1] == n).tobytes() + bytes([b.heights[n]])
        for n in range(1, b.number + 1)
    ]
    times: dict[bytes, int] = {}
    for shape in shapes:
        times[shape] = times.get(shape, 0) + 1
    return [times[shape] for shape in shapes]


def _alike_in_size(s: Sight, b: Bodies) -> Any:
    return np.bincount(b.sizes[1:], minlength=1 + b.sizes.max())[b.sizes]


def _alike_in_colour(s: Sight, b: Bodies) -> Any:
    colours = b.colours.argmax(1)
    return np.bincount(colours[1:], minlength=NONE)[colours]


def _holes(s: Sight, b: Bodies, corners: int) -> Any:
    """Holes by Euler's number: windows of two by two cells with one, three, or two opposite cells of the body."""
    padded = np.zeros((s.h + 2, s.w + 2), np.int64)
    padded[1:-1, 1:-1] = b.labels
    windows = np.stack([padded[:-1, :-1], padded[:-1, 1:], padded[1:, 1:], padded[1:, :-1]])
    found = np.zeros(b.number + 1)
    for k in range(4):
        own = windows[k]
        same = (windows == own).sum(0)
        opposite = (windows[(k + 2) % 4] == own) & (same == 2)
        weight = (same == 1) * 1.0 - (same == 3) / 3 + opposite * (-corners)
        found += np.bincount(own.ravel(), weight.ravel(), minlength=b.number + 1)
    return 1 - np.rint(found / 4).astype(np.int64)


def _mirrored(s: Sight, b: Bodies) -> Any:
    """0 none, 1 left-right, 2 up-down, 3 both."""
    found = [0]
    for n in range(1, b.number + 1):
        box = b.labels[b.top[n] : b.bottom[n] + 1, b.left[n] : b.right[n] + 1] == n
        found.append(int((box == box[:, ::-1]).all()) + 2 * int((box == box[::-1]).all()))
    return found


# One colour per body. -------------------------------------------------------------------------------------------------


def _common(s: Sight, b: Bodies) -> Any:
    return b.colours.argmax(1)


def rare(s: Sight, b: Bodies) -> Any:
    """The rarest colour of each body."""
    return np.where(b.colours > 0, b.colours, 9999).argmin(1)


def _frame(s: Sight, b: Bodies) -> Any:
    """The only colour that touches the body by a side; none for two colours."""
    low, high = np.full(b.number + 1, 99), np.full(b.number + 1, -1)
    for i, j in FOUR:
        other, colour = shifted(b.labels, i, j, -1), shifted(s.a, i, j)
        here = (other != b.labels) & (other >= 0)
        np.minimum.at(low, b.labels[here], colour[here])
        np.maximum.at(high, b.labels[here], colour[here])
    return np.where(low == high, low, NONE)


def _touched(s: Sight, b: Bodies) -> Any:
    """The commonest filled colour around the body, corners too."""
    tally = np.zeros((b.number + 1, NONE + 1), np.int64)
    for i, j in EIGHT:
        other, colour = shifted(b.labels, i, j, -1), shifted(s.a, i, j)
        here = (other != b.labels) & (other >= 0) & (colour != s.ground)
        np.add.at(tally, (b.labels[here], colour[here]), 1)
    return np.where(tally.max(1) > 0, tally.argmax(1), NONE)


def _per_body(s: Sight, kind: str, make: Any, nothing: int) -> Cells:
    b = bodies(s, kind)
    return b.spread(make(s, b), nothing)


def _holes_look(s: Sight, kind: str) -> Cells:
    b = bodies(s, kind)
    return b.spread(_holes(s, b, 1 if BODIES[kind][0] else -1), 0)


# The cell within its body. --------------------------------------------------------------------------------------------


def _inside(s: Sight, kind: str, way: str) -> Cells:
    b = bodies(s, kind)
    i, j = np.indices(s.a.shape)
    up, down = i - b.top[b.labels], b.bottom[b.labels] - i
    left, right = j - b.left[b.labels], b.right[b.labels] - j
    ways = {"row in": up, "row from bottom in": down, "column in": left, "column from right in": right}
    ways["ring in"] = np.minimum(np.minimum(up, down), np.minimum(left, right))
    ways["centre of"] = ((up - down) ** 2 <= 1) & ((left - right) ** 2 <= 1)
    ways["sum in"] = up + left
    base, _, part = way.partition(" modulo ")
    found = ways[base] % int(part) if part else ways[base]
    return np.where(b.labels > 0, found, 0 if base == "centre of" else -1)


def register() -> None:
    numbers = {
        "size": (_size, 2.0),
        "height": (_height, 2.3),
        "width": (_width, 2.3),
        "length": (_longest, 2.6),
        "lie": (_position, 2.6),
        "rank from largest": (_from_largest, 2.0),
        "rank from smallest": (_from_smallest, 2.0),
        "rank from left": (_from_left, 2.8),
        "rank from right": (_from_right, 2.8),
        "rank from top": (_from_top, 2.8),
        "rank from bottom": (_from_bottom, 2.8),
        "size modulo 2": (_parity, 2.8),
        "count alike": (_alike, 2.6),
        "count of its size": (_alike_in_size, 3.0),
        "count of its colour": (_alike_in_colour, 2.6),
        "mirrored": (_mirrored, 3.0),
    }
    flags = {"solid": (_solid, 2.2), "solid square": (_solid_square, 2.2), "on border": (_border, 2.0)}
    ways = ("row in", "row from bottom in", "column in", "column from right in", "ring in", "sum in")
    for kind in BODIES:
        group = "regions" if kind == "region" else "objects"
        extra = {"part": 0.0, "object": 0.1, "thing": 0.3, "region": 0.1}[kind]
        for name, (make, cost) in numbers.items():
            add(f"{kind} {name}", NUMBER, cost + extra, group, _per_body, kind, make, -1)
        for name, (make, cost) in flags.items():
            add(f"{kind} {name}", YES, cost + extra, group, _per_body, kind, make, 0)
        add(f"{kind} holes", NUMBER, 2.2 + extra, group, _holes_look, kind)
        for way in ways:
            add(f"{way} {kind}", NUMBER, 2.8 + extra, group, _inside, kind, way)
            add(f"{way} modulo 2 {kind}", NUMBER, 3.0 + extra, group, _inside, kind, f"{way} modulo 2")
        add(f"centre of {kind}", YES, 2.6 + extra, group, _inside, kind, "centre of")
        add(f"{kind} frame", COLOUR, 2.2 + extra, group, _per_body, kind, _frame, NONE)
        add(f"{kind} neighbour", COLOUR, 2.2 + extra, group, _per_body, kind, _touched, NONE)
    add("thing colours", NUMBER, 2.4, "objects", _per_body, "thing", _variety, 0)
    add("thing colour", COLOUR, 2.2, "objects", _per_body, "thing", _common, NONE)
    add("thing rare colour", COLOUR, 2.4, "objects", _per_body, "thing", rare, NONE)
