"""Colours by what they are on a grid."""

from __future__ import annotations

from collections import Counter
from itertools import chain

from arc_submit.dsl.types import Grid, Integer


def main_colour(grid: Grid) -> Integer:
    """Return the commonest colour but 0, the smaller one of two alike."""
    return max(_shown(grid).items(), key=lambda item: (item[1], -item[0]))[0]


def rare_colour(grid: Grid) -> Integer:
    """Return the rarest colour but 0, the larger one of two alike."""
    return min(_shown(grid).items(), key=lambda item: (item[1], -item[0]))[0]


def _shown(grid: Grid) -> Counter[int]:
    """How many cells each colour but 0 has; at least one."""
    found = Counter(chain.from_iterable(grid))
    del found[0]
    if not found:
        raise ValueError("a grid of nothing but 0 has no colour")
    return found
