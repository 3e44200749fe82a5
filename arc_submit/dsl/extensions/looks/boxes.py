"""Looks at the background that is enclosed, and at the boxes around bodies and colours."""

import numpy as np

from arc_submit.dsl.extensions.looks.base import COLOUR, NONE, NUMBER, YES, Cells, Sight, add, components
from arc_submit.dsl.extensions.looks.bodies import bodies, rare


def _enclosed(s: Sight, diagonal: bool) -> Cells:
    labels, number = components(s.a, ~s.full, diagonal, False)
    outer = np.zeros(number + 1, bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        outer[edge] = True
    return (labels > 0) & ~outer[labels]


def _boxes(s: Sight, kind: str) -> Cells:
    """Number of the smallest body whose box holds the cell, and has two rows and columns at least."""
    b = bodies(s, kind)
    found = np.zeros(s.a.shape, np.int64)
    for n in np.argsort(-b.heights * b.widths, kind="stable"):
        if n and b.heights[n] > 1 and b.widths[n] > 1:
            found[b.top[n] : b.bottom[n] + 1, b.left[n] : b.right[n] + 1] = n
    return found


def _box(s: Sight, kind: str, what: str) -> Cells:
    b, n = bodies(s, kind), s.once(("boxes", kind), _boxes, kind)
    i, j = np.indices(s.a.shape)
    if what == "colour":
        return np.where(n > 0, b.colours.argmax(1)[n], NONE)
    if what == "rare":
        return np.where(n > 0, rare(s, b)[n], NONE)
    up, down, left, right = i - b.top[n], b.bottom[n] - i, j - b.left[n], b.right[n] - j
    values = {
        "in": n > 0,
        "size": b.sizes[n],
        "ring": np.minimum(np.minimum(up, down), np.minimum(left, right)),
        "middle row": abs(up - down) <= 1 - b.heights[n] % 2,
        "middle column": abs(left - right) <= 1 - b.widths[n] % 2,
    }
    return np.where(n > 0, values[what], -1 if what == "ring" else 0)


def _colour_box(s: Sight, colour: int) -> Cells:
    """0 outside the box around all cells of a colour, 1 on its border, 2 within."""
    found = np.zeros(s.a.shape, np.int16)
    i, j = np.nonzero(s.a == colour)
    if i.size:
        found[i.min() : i.max() + 1, j.min() : j.max() + 1] = 1
        found[i.min() + 1 : i.max(), j.min() + 1 : j.max()] = 2
    return found


def register() -> None:
    add("enclosed", YES, 1.6, "regions", _enclosed, False)
    add("enclosed at corners too", YES, 2.0, "regions", _enclosed, True)
    for kind in ("object", "thing"):
        for what, sort, cost in (
            ("in", YES, 1.9),
            ("colour", COLOUR, 2.2),
            ("rare", COLOUR, 2.6),
            ("ring", NUMBER, 2.5),
            ("size", NUMBER, 3.0),
            ("middle row", YES, 3.0),
            ("middle column", YES, 3.0),
        ):
            add(f"{kind} box {what}", sort, cost, "boxes", _box, kind, what)
    for colour in range(NONE):
        add(f"box of {colour}", NUMBER, 2.3, "boxes", _colour_box, colour)
