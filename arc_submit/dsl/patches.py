"""What every family needs to know of a patch: its places, its bounding box. Not part of the DSL itself.

Patches usually are frozensets, but tuples of places or cells turn up (`mapply` over a tuple makes them) and are taken.
One member decides whether a patch is an object (cells) or indices (places).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from arc_submit.dsl.types import Indices, IntegerTuple

Bounds = tuple[int, int, int, int]  # first row, first column, last row, last column


def is_object(patch: Any) -> bool:
    """Made of cells, not of places; an empty patch is not."""
    for member in patch:
        return isinstance(member[1], tuple)
    return False


def places(patch: Any) -> Collection[IntegerTuple]:
    """The places of a patch, perhaps with repetitions, in no particular order."""
    for member in patch:
        if isinstance(member[1], tuple):
            return [place for _, place in patch]
        break
    found: Collection[IntegerTuple] = patch
    return found


def bounds(patch: Any) -> Bounds:
    """The bounding box; an empty patch has none and raises."""
    if not patch:
        raise ValueError("an empty patch has no bounding box")
    spots = places(patch)
    rows, columns = [i for i, _ in spots], [j for _, j in spots]
    return min(rows), min(columns), max(rows), max(columns)


def outline(top: int, left: int, bottom: int, right: int) -> Indices:
    """The border of a box, both limits included."""
    across = range(left, right + 1)
    down = range(top, bottom + 1)
    return frozenset(
        [(top, j) for j in across]
        + [(bottom, j) for j in across]
        + [(i, left) for i in down]
        + [(i, right) for i in down]
    )


def moved(patch: Any, di: int, dj: int) -> frozenset[Any]:
    """Every place shifted by (di, dj), colours kept."""
    if is_object(patch):
        return frozenset([(value, (i + di, j + dj)) for value, (i, j) in patch])
    return frozenset([(i + di, j + dj) for i, j in patch])
