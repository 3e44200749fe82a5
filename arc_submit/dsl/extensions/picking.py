"""Layers -> layer: one of several, by what it is: its size, its colours, its form.

Where two layers would do there is no answer, unless they look the same: then the first is taken. A layer's size is the
number of its cells that are not 0. By what the others are: picking_among.py.
"""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import Flat, Placed, Rects, join
from arc_submit.dsl.extensions.tools import (
    at,
    best_of,
    colour_counts,
    commonest,
    hole_counts,
    labels,
    only_one,
    sizes,
    symmetries,
)

__all__ = (
    "emptiest",
    "fewest_colours",
    "fewest_holes",
    "fewest_parts",
    "fullest",
    "in_commonest_colour",
    "in_rarest_colour",
    "largest",
    "largest_box",
    "most_colours",
    "most_holes",
    "most_parts",
    "most_symmetric",
    "smallest",
    "smallest_box",
    "tallest",
    "the_broken",
    "the_lopsided",
    "the_solid",
    "the_symmetric",
    "widest",
    "with_colour",
    "with_fewest_of",
    "with_most_of",
)

NUMBERS = {"with_colour": "colours", "with_most_of": "colours", "with_fewest_of": "colours"}
"""The numbers worth trying, of the functions that take one: the colours of the task."""

# By size. -------------------------------------------------------------------------------------------------------------


@join
def largest(flat: Flat, rects: Rects) -> Placed:
    """Return the layer with the most cells."""
    return best_of(flat, rects, sizes(flat, rects))


@join
def smallest(flat: Flat, rects: Rects) -> Placed:
    """Return the layer with the fewest cells."""
    return best_of(flat, rects, -sizes(flat, rects))


@join
def largest_box(flat: Flat, rects: Rects) -> Placed:
    """Return the layer of the largest height times width."""
    return best_of(flat, rects, rects[:, 1] * rects[:, 2])


@join
def smallest_box(flat: Flat, rects: Rects) -> Placed:
    """Return the layer of the smallest height times width."""
    return best_of(flat, rects, -rects[:, 1] * rects[:, 2])


@join
def tallest(flat: Flat, rects: Rects) -> Placed:
    """Return the layer with the most rows."""
    return best_of(flat, rects, rects[:, 1])


@join
def widest(flat: Flat, rects: Rects) -> Placed:
    """Return the layer with the most columns."""
    return best_of(flat, rects, rects[:, 2])


@join
def fullest(flat: Flat, rects: Rects) -> Placed:
    """Return the layer with the fewest empty cells."""
    return best_of(flat, rects, sizes(flat, rects) - rects[:, 1] * rects[:, 2])


@join
def emptiest(flat: Flat, rects: Rects) -> Placed:
    """Return the layer with the most empty cells."""
    return best_of(flat, rects, rects[:, 1] * rects[:, 2] - sizes(flat, rects))


# By colours. ----------------------------------------------------------------------------------------------------------


@join
def most_colours(flat: Flat, rects: Rects) -> Placed:
    """Return the layer with the most colours."""
    return best_of(flat, rects, colour_counts(flat, rects))


@join
def fewest_colours(flat: Flat, rects: Rects) -> Placed:
    """Return the layer with the fewest colours."""
    return best_of(flat, rects, -colour_counts(flat, rects))


@join
def in_commonest_colour(flat: Flat, rects: Rects) -> Placed:
    """Return the layer in the colour that most of all cells have."""
    return best_of(flat, rects, _colour_totals(flat, rects))


@join
def in_rarest_colour(flat: Flat, rects: Rects) -> Placed:
    """Return the layer in the colour that fewest of all cells have."""
    return best_of(flat, rects, -_colour_totals(flat, rects))


@join
def with_colour(flat: Flat, rects: Rects, colour: int) -> Placed:
    """Return the only layer that has cells of a colour."""
    return only_one(flat, rects, _cells_of(flat, rects, colour) > 0)


@join
def with_most_of(flat: Flat, rects: Rects, colour: int) -> Placed:
    """Return the layer that has the most cells of a colour."""
    return best_of(flat, rects, _cells_of(flat, rects, colour))


@join
def with_fewest_of(flat: Flat, rects: Rects, colour: int) -> Placed:
    """Return the layer that has the fewest cells of a colour."""
    return best_of(flat, rects, -_cells_of(flat, rects, colour))


# By form. -------------------------------------------------------------------------------------------------------------


@join
def most_holes(flat: Flat, rects: Rects) -> Placed:
    """Return the layer with the most enclosed empty areas."""
    return best_of(flat, rects, hole_counts(flat, rects))


@join
def fewest_holes(flat: Flat, rects: Rects) -> Placed:
    """Return the layer with the fewest enclosed empty areas."""
    return best_of(flat, rects, -hole_counts(flat, rects))


@join
def most_parts(flat: Flat, rects: Rects) -> Placed:
    """Return the layer that falls into the most objects; cells that touch at a corner belong together."""
    return best_of(flat, rects, _part_counts(flat, rects))


@join
def fewest_parts(flat: Flat, rects: Rects) -> Placed:
    """Return the layer that falls into the fewest objects; cells that touch at a corner belong together."""
    return best_of(flat, rects, -_part_counts(flat, rects))


@join
def the_symmetric(flat: Flat, rects: Rects) -> Placed:
    """Return the only layer that is its own mirror image, left to right or upside down."""
    return only_one(flat, rects, symmetries(flat, rects) > 0)


@join
def the_lopsided(flat: Flat, rects: Rects) -> Placed:
    """Return the only layer that is not its own mirror image, left to right or upside down."""
    return only_one(flat, rects, symmetries(flat, rects) == 0)


@join
def most_symmetric(flat: Flat, rects: Rects) -> Placed:
    """Return the layer that is its own mirror image in the most ways."""
    return best_of(flat, rects, symmetries(flat, rects))


@join
def the_solid(flat: Flat, rects: Rects) -> Placed:
    """Return the only layer without an empty cell."""
    return only_one(flat, rects, sizes(flat, rects) == rects[:, 1] * rects[:, 2])


@join
def the_broken(flat: Flat, rects: Rects) -> Placed:
    """Return the only layer that has an empty cell."""
    return only_one(flat, rects, sizes(flat, rects) < rects[:, 1] * rects[:, 2])


# What they share. -----------------------------------------------------------------------------------------------------


def _cells_of(flat: Flat, rects: Rects, colour: int) -> Any:
    """Return how many cells of a colour each layer has."""
    found = np.zeros(rects.shape[0], np.int64)
    for k in range(found.size):
        found[k] = np.count_nonzero(at(flat, rects, k) == colour)
    return found


def _colour_totals(flat: Flat, rects: Rects) -> Any:
    """Return how many cells, of all layers, have the commonest colour of each layer."""
    colours = np.empty(rects.shape[0], np.int64)
    for k in range(colours.size):
        colours[k] = commonest(at(flat, rects, k))
    totals = np.zeros(10, np.int64)
    for k in range(rects.shape[0]):
        for cell in at(flat, rects, k).ravel():
            totals[cell] += 1
    return totals[colours]


def _part_counts(flat: Flat, rects: Rects) -> Any:
    """Return how many objects each layer falls into."""
    found = np.empty(rects.shape[0], np.int64)
    for k in range(found.size):
        _, found[k] = labels(at(flat, rects, k), True, False)
    return found
