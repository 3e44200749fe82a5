"""Colours of grids and objects. The most common colour of a grid is its background; 0 is a colour like any other.

Ties are settled by the order of a CPython set into which the colours were put as they are met: row by row in a grid,
ascending in an object. With five or more colours that is the ascending order; with fewer, see `visiting`.
"""

# mypy: disable-error-code="no-any-return"
from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

from arc_submit.dsl.patches import places
from arc_submit.dsl.types import Element, Grid, Integer, IntegerSet, Object, Objects, Patch

__all__ = (
    "color",
    "colorcount",
    "colorfilter",
    "leastcolor",
    "mostcolor",
    "numcolors",
    "palette",
    "recolor",
    "replace",
    "switch",
)


def mostcolor(element: Element) -> Integer:
    """The colour with the most cells in a grid or object: the background wherever one is meant."""
    colours = _colours(element)
    counts = Counter(colours)
    return _of_count(colours, counts, max(counts.values()))


def leastcolor(element: Element) -> Integer:
    """The colour with the fewest cells among those that occur in a grid or object."""
    colours = _colours(element)
    counts = Counter(colours)
    return _of_count(colours, counts, min(counts.values()))


def colorcount(element: Element, value: Integer) -> Integer:
    """Number of cells of that colour in a grid or object."""
    if isinstance(element, tuple):
        return sum([row.count(value) for row in element])
    return sum([colour == value for colour, _ in element])


def colorfilter(objs: Objects, value: Integer) -> Objects:
    """The objects of that colour, going by one cell of each."""
    return frozenset([obj for obj in objs if color(obj) == value])


def palette(element: Element) -> IntegerSet:
    """Frozenset of the colours that occur in a grid or object."""
    return frozenset(_colours(element))


def numcolors(element: Element) -> Integer:
    """Number of different colours in a grid or object."""
    return len(set(_colours(element)))


def color(obj: Object) -> Integer:
    """Colour of a one-coloured object; of a several-coloured one the smallest."""
    cells: Any = obj
    return cells[0][0] if isinstance(cells, tuple) else min([colour for colour, _ in cells])


def replace(grid: Grid, replacee: Integer, replacer: Integer) -> Grid:
    """The grid with every cell of colour replacee turned into replacer."""
    return tuple(
        [tuple([replacer if value == replacee else value for value in row]) if replacee in row else row for row in grid]
    )


def switch(grid: Grid, a: Integer, b: Integer) -> Grid:
    """The grid with two colours exchanged."""
    return tuple([tuple([b if value == a else a if value == b else value for value in row]) for row in grid])


def recolor(value: Integer, patch: Patch) -> Object:
    """The patch as an object of that one colour; the colour is given FIRST."""
    return frozenset([(value, place) for place in places(patch)])


def _colours(element: Any) -> list[int]:
    """The colour of every cell, in visiting order."""
    if isinstance(element, tuple):
        return list(itertools.chain.from_iterable(element))
    return sorted([colour for colour, _ in element])


def _of_count(colours: list[int], counts: Counter[int], count: int) -> int:
    tied = [colour for colour, times in counts.items() if times == count]
    if len(tied) == 1:
        return tied[0]
    return next(colour for colour in set(colours) if counts[colour] == count)
