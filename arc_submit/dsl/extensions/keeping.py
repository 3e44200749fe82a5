"""Layers -> layers: some of several, in the order they had.

A layer's size is the number of its cells that are not 0.
"""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import Flat, Packed, Rects, each
from arc_submit.dsl.extensions.tools import (
    chosen,
    colour_counts,
    colour_sets,
    extent,
    hole_counts,
    looks,
    no_layers,
    occurrences,
    outlines,
    sizes,
    symmetries,
)

NUMBERS: dict[str, str | tuple[int, ...]] = {
    "those_larger_than": (1, 2, 3),
    "those_no_larger_than": (1, 2, 3),
    "those_with": "colours",
    "those_without": "colours",
}
"""The numbers worth trying, of the functions that take one."""

# By size. -------------------------------------------------------------------------------------------------------------


@each
def those_largest(flat: Flat, rects: Rects) -> Packed:
    """Return all layers that have the most cells."""
    found = sizes(flat, rects)
    return _those(flat, rects, found == found.max())


@each
def all_but_largest(flat: Flat, rects: Rects) -> Packed:
    """Return the layers without those that have the most cells."""
    found = sizes(flat, rects)
    return _those(flat, rects, found < found.max())


@each
def those_smallest(flat: Flat, rects: Rects) -> Packed:
    """Return all layers that have the fewest cells."""
    found = sizes(flat, rects)
    return _those(flat, rects, found == found.min())


@each
def all_but_smallest(flat: Flat, rects: Rects) -> Packed:
    """Return the layers without those that have the fewest cells."""
    found = sizes(flat, rects)
    return _those(flat, rects, found > found.min())


@each
def those_larger_than(flat: Flat, rects: Rects, number: int) -> Packed:
    """Return the layers of more than `number` cells."""
    return _those(flat, rects, sizes(flat, rects) > number)


@each
def those_no_larger_than(flat: Flat, rects: Rects, number: int) -> Packed:
    """Return the layers of at most `number` cells."""
    return _those(flat, rects, sizes(flat, rects) <= number)


@each
def those_not_empty(flat: Flat, rects: Rects) -> Packed:
    """Return the layers that have a cell at all."""
    return _those(flat, rects, sizes(flat, rects) > 0)


# By form. -------------------------------------------------------------------------------------------------------------


@each
def those_solid(flat: Flat, rects: Rects) -> Packed:
    """Return the layers without an empty cell."""
    return _those(flat, rects, sizes(flat, rects) == rects[:, 1] * rects[:, 2])


@each
def those_broken(flat: Flat, rects: Rects) -> Packed:
    """Return the layers that have an empty cell."""
    return _those(flat, rects, sizes(flat, rects) < rects[:, 1] * rects[:, 2])


@each
def those_straight(flat: Flat, rects: Rects) -> Packed:
    """Return the layers of one row or one column and more than one cell."""
    lines = (rects[:, 1] == 1) != (rects[:, 2] == 1)
    return _those(flat, rects, lines)


@each
def those_symmetric(flat: Flat, rects: Rects) -> Packed:
    """Return the layers that are their own mirror image, left to right or upside down."""
    return _those(flat, rects, symmetries(flat, rects) > 0)


@each
def those_lopsided(flat: Flat, rects: Rects) -> Packed:
    """Return the layers that are not their own mirror image, left to right or upside down."""
    return _those(flat, rects, symmetries(flat, rects) == 0)


@each
def those_with_hole(flat: Flat, rects: Rects) -> Packed:
    """Return the layers that have an enclosed empty area."""
    return _those(flat, rects, hole_counts(flat, rects) > 0)


@each
def those_without_hole(flat: Flat, rects: Rects) -> Packed:
    """Return the layers that have no enclosed empty area."""
    return _those(flat, rects, hole_counts(flat, rects) == 0)


# By colours. ----------------------------------------------------------------------------------------------------------


@each
def those_with(flat: Flat, rects: Rects, colour: int) -> Packed:
    """Return the layers that have cells of a colour."""
    return _those(flat, rects, (colour_sets(flat, rects) >> colour) & 1 == 1)


@each
def those_without(flat: Flat, rects: Rects, colour: int) -> Packed:
    """Return the layers that have no cells of a colour."""
    return _those(flat, rects, (colour_sets(flat, rects) >> colour) & 1 == 0)


@each
def those_of_one_colour(flat: Flat, rects: Rects) -> Packed:
    """Return the layers of exactly one colour."""
    return _those(flat, rects, colour_counts(flat, rects) == 1)


@each
def those_of_more_colours(flat: Flat, rects: Rects) -> Packed:
    """Return the layers of two colours or more."""
    return _those(flat, rects, colour_counts(flat, rects) > 1)


# By the others. -------------------------------------------------------------------------------------------------------


@each
def distinct(flat: Flat, rects: Rects) -> Packed:
    """Return the layers without those that look like an earlier one."""
    found = looks(flat, rects)
    flags = np.ones(found.size, np.bool_)
    for k in range(found.size):
        for n in range(k):
            if found[n] == found[k]:
                flags[k] = False
    return _those(flat, rects, flags)


@each
def those_repeated(flat: Flat, rects: Rects) -> Packed:
    """Return the layers that look like another one."""
    return _those(flat, rects, occurrences(looks(flat, rects)) > 1)


@each
def those_unrepeated(flat: Flat, rects: Rects) -> Packed:
    """Return the layers that no other looks like."""
    return _those(flat, rects, occurrences(looks(flat, rects)) == 1)


@each
def those_of_repeated_shape(flat: Flat, rects: Rects) -> Packed:
    """Return the layers whose shape another one has, whatever the colours."""
    return _those(flat, rects, occurrences(outlines(flat, rects)) > 1)


@each
def those_of_unrepeated_shape(flat: Flat, rects: Rects) -> Packed:
    """Return the layers whose shape no other has, whatever the colours."""
    return _those(flat, rects, occurrences(outlines(flat, rects)) == 1)


@each
def those_of_commonest_shape(flat: Flat, rects: Rects) -> Packed:
    """Return the layers whose shape is the one that most have."""
    repeats = occurrences(outlines(flat, rects))
    return _those(flat, rects, repeats == repeats.max())


@each
def those_of_other_shape(flat: Flat, rects: Rects) -> Packed:
    """Return the layers whose shape is not the one that most have."""
    repeats = occurrences(outlines(flat, rects))
    return _those(flat, rects, repeats < repeats.max())


# By place and order. --------------------------------------------------------------------------------------------------


@each
def those_at_edge(flat: Flat, rects: Rects) -> Packed:
    """Return the layers that reach an edge of the box around all layers."""
    return _those(flat, rects, _reach(rects))


@each
def those_off_edge(flat: Flat, rects: Rects) -> Packed:
    """Return the layers that reach no edge of the box around all layers."""
    return _those(flat, rects, ~_reach(rects))


@each
def all_but_first(flat: Flat, rects: Rects) -> Packed:
    """Return the layers without the first."""
    return _those(flat, rects, np.arange(rects.shape[0]) > 0)


@each
def all_but_final(flat: Flat, rects: Rects) -> Packed:
    """Return the layers without the last."""
    return _those(flat, rects, np.arange(rects.shape[0]) < rects.shape[0] - 1)


# What they share. -----------------------------------------------------------------------------------------------------


def _those(flat: Flat, rects: Rects, flags: Any) -> Packed:
    """Return the layers that are flagged."""
    keep = np.flatnonzero(flags)
    if keep.size == 0:
        return no_layers()
    return chosen(flat, rects, keep)


def _reach(rects: Rects) -> Any:
    """Return which layers reach an edge of the box around all."""
    top, left, h, w = extent(rects)
    upright = (rects[:, 3] == top) | (rects[:, 3] + rects[:, 1] == top + h)
    return upright | (rects[:, 4] == left) | (rects[:, 4] + rects[:, 2] == left + w)


__all__ = (
    "all_but_final",
    "all_but_first",
    "all_but_largest",
    "all_but_smallest",
    "distinct",
    "those_at_edge",
    "those_broken",
    "those_larger_than",
    "those_largest",
    "those_lopsided",
    "those_no_larger_than",
    "those_not_empty",
    "those_of_commonest_shape",
    "those_of_more_colours",
    "those_of_one_colour",
    "those_of_other_shape",
    "those_of_repeated_shape",
    "those_of_unrepeated_shape",
    "those_off_edge",
    "those_repeated",
    "those_smallest",
    "those_solid",
    "those_straight",
    "those_symmetric",
    "those_unrepeated",
    "those_with",
    "those_with_hole",
    "those_without",
    "those_without_hole",
)
