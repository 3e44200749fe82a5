"""Layers -> layer: one of several, by how it stands among them: unlike or like the others, at an end, in the middle.

Where two layers would do there is no answer, unless they look the same: then the first is taken.
"""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import Flat, Placed, Rects, join
from arc_submit.dsl.extensions.tools import (
    best_of,
    colour_sets,
    extent,
    hole_counts,
    layer_at,
    looks,
    nothing,
    occurrences,
    only_one,
    outlines,
    sizes,
    symmetries,
)

__all__ = (
    "bottommost",
    "final",
    "furthest_left",
    "furthest_right",
    "kth",
    "middle_one",
    "most_central",
    "the_commonest",
    "the_commonest_shape",
    "the_odd_colour",
    "the_odd_one",
    "the_odd_shape",
    "the_rarest",
    "the_unrepeated",
    "the_unrepeated_shape",
    "topmost",
)

NUMBERS = {"kth": (0, 1, 2, 3)}
"""The numbers worth trying, of the functions that take one."""

# By what the others are like. -----------------------------------------------------------------------------------------


@join
def the_odd_one(flat: Flat, rects: Rects) -> Placed:
    """Return the layer that differs, in shape, colours, size, holes or symmetry, while all others agree."""
    found = -1
    for mark in range(6):
        k = _odd(_marks(flat, rects, mark))
        if k >= 0 and found >= 0 and k != found:
            return nothing()
        if k >= 0:
            found = k
    return layer_at(flat, rects, found)


@join
def the_odd_colour(flat: Flat, rects: Rects) -> Placed:
    """Return the layer whose colours differ while all others have the same."""
    return layer_at(flat, rects, _odd(colour_sets(flat, rects)))


@join
def the_odd_shape(flat: Flat, rects: Rects) -> Placed:
    """Return the layer whose shape differs while all others have the same."""
    return layer_at(flat, rects, _odd(outlines(flat, rects)))


@join
def the_unrepeated(flat: Flat, rects: Rects) -> Placed:
    """Return the only layer that no other looks like."""
    return only_one(flat, rects, occurrences(looks(flat, rects)) == 1)


@join
def the_unrepeated_shape(flat: Flat, rects: Rects) -> Placed:
    """Return the only layer whose shape no other has."""
    return only_one(flat, rects, occurrences(outlines(flat, rects)) == 1)


@join
def the_commonest(flat: Flat, rects: Rects) -> Placed:
    """Return the first of the layers that look like the most others."""
    return best_of(flat, rects, occurrences(looks(flat, rects)))


@join
def the_rarest(flat: Flat, rects: Rects) -> Placed:
    """Return the first of the layers that look like the fewest others."""
    return best_of(flat, rects, -occurrences(looks(flat, rects)))


@join
def the_commonest_shape(flat: Flat, rects: Rects) -> Placed:
    """Return the first of the layers whose shape the most others have."""
    shapes = outlines(flat, rects)
    repeats = occurrences(shapes)
    best = int(np.argmax(repeats))
    for k in range(repeats.size):
        if repeats[k] == repeats[best] and shapes[k] != shapes[best]:
            return nothing()
    return layer_at(flat, rects, best)


# By place and order. --------------------------------------------------------------------------------------------------


@join
def topmost(flat: Flat, rects: Rects) -> Placed:
    """Return the layer that begins highest up."""
    return best_of(flat, rects, -rects[:, 3])


@join
def bottommost(flat: Flat, rects: Rects) -> Placed:
    """Return the layer that ends lowest down."""
    return best_of(flat, rects, rects[:, 3] + rects[:, 1])


@join
def furthest_left(flat: Flat, rects: Rects) -> Placed:
    """Return the layer that begins furthest to the left."""
    return best_of(flat, rects, -rects[:, 4])


@join
def furthest_right(flat: Flat, rects: Rects) -> Placed:
    """Return the layer that ends furthest to the right."""
    return best_of(flat, rects, rects[:, 4] + rects[:, 2])


@join
def most_central(flat: Flat, rects: Rects) -> Placed:
    """Return the layer whose middle is nearest to the middle of the box around all layers."""
    top, left, h, w = extent(rects)
    scores = np.empty(rects.shape[0], np.int64)
    for k in range(scores.size):
        down = 2 * int(rects[k, 3] - top) + rects[k, 1] - h
        right = 2 * int(rects[k, 4] - left) + rects[k, 2] - w
        scores[k] = -down * down - right * right
    return best_of(flat, rects, scores)


@join
def kth(flat: Flat, rects: Rects, number: int) -> Placed:
    """Return the layer that has `number` others before it: 0 is the first."""
    return layer_at(flat, rects, number)


@join
def final(flat: Flat, rects: Rects) -> Placed:
    """Return the last layer."""
    return layer_at(flat, rects, rects.shape[0] - 1)


@join
def middle_one(flat: Flat, rects: Rects) -> Placed:
    """Return the layer with as many before it as after it, of an odd number."""
    if rects.shape[0] % 2 == 0:
        return nothing()
    return layer_at(flat, rects, rects.shape[0] // 2)


# What they share. -----------------------------------------------------------------------------------------------------


def _odd(marks: Any) -> int:
    """Return which mark differs from all others, which agree; -1: there is none, or fewer than three marks."""
    if marks.size < 3:
        return -1
    usual = marks[0]
    if marks[1] != marks[0] and marks[2] != marks[0]:
        usual = marks[1]
    found = -1
    for k in range(marks.size):
        if marks[k] != usual:
            if found >= 0:
                return -1
            found = k
    return found


def _marks(flat: Flat, rects: Rects, mark: int) -> Any:
    """Return something about each layer; `mark`, 0 to 5, says what."""
    if mark == 0:
        return outlines(flat, rects)
    if mark == 1:
        return colour_sets(flat, rects)
    if mark == 2:
        return sizes(flat, rects)
    if mark == 3:
        return hole_counts(flat, rects)
    if mark == 4:
        return symmetries(flat, rects)
    return rects[:, 1] * 100 + rects[:, 2]
