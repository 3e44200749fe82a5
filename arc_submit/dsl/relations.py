"""How two patches, or a patch and a grid, lie to each other."""

from __future__ import annotations

from collections.abc import Collection

from arc_submit.dsl.extent import center
from arc_submit.dsl.patches import bounds, places
from arc_submit.dsl.types import Boolean, Grid, Integer, IntegerTuple, Patch

__all__ = ("adjacent", "bordering", "gravitate", "hmatching", "manhattan", "position", "vmatching")

_REACH = 42  # steps: how far `gravitate` moves at most
_PAIRS = 1000  # pairs of places: from here on it pays to look at the rims only


def hmatching(a: Patch, b: Patch) -> Boolean:
    """Whether some ROW is occupied by both patches."""
    return not {i for i, _ in places(a)}.isdisjoint([i for i, _ in places(b)])


def vmatching(a: Patch, b: Patch) -> Boolean:
    """Whether some COLUMN is occupied by both patches."""
    return not {j for _, j in places(a)}.isdisjoint([j for _, j in places(b)])


def manhattan(a: Patch, b: Patch) -> Integer:
    """Smallest row distance plus column distance between a cell of a and one of b; 0 if they overlap."""
    ours, theirs = frozenset(places(a)), frozenset(places(b))
    if not ours.isdisjoint(theirs):
        return 0
    if len(ours) * len(theirs) > _PAIRS:
        ours, theirs = _rim(ours), _rim(theirs)
    return min([abs(i - k) + abs(j - m) for i, j in ours for k, m in theirs])


def adjacent(a: Patch, b: Patch) -> Boolean:
    """Whether two patches touch along an edge; overlap and contact at corners do not count."""
    ours, theirs = places(a), frozenset(places(b))
    if not ours or not theirs:
        raise ValueError("an empty patch is nowhere")
    return theirs.isdisjoint(ours) and not theirs.isdisjoint(_around(ours))


def bordering(patch: Patch, grid: Grid) -> Boolean:
    """Whether the patch's bounding box reaches an edge of the grid."""
    top, left, bottom, right = bounds(patch)
    return top == 0 or left == 0 or bottom == len(grid) - 1 or right == len(grid[0]) - 1


def position(a: Patch, b: Patch) -> IntegerTuple:
    """Direction from the centre of a to the centre of b, both items in -1..1; (0, -1) if they coincide."""
    (i, j), (k, m) = center(a), center(b)
    if i == k:
        return (0, 1 if j < m else -1)
    down = 1 if i < k else -1
    if j == m:
        return (down, 0)
    return (down, 1 if j < m else -1)


def gravitate(source: Patch, destination: Patch) -> IntegerTuple:
    """How far the source must move to touch the destination: vertically if they share a column, else horizontally;
    42 steps if they never meet."""
    (i, j), (k, m) = center(source), center(destination)
    if vmatching(source, destination):
        di, dj = (1 if i < k else -1, 0)
    else:
        di, dj = (0, 1 if j < m else -1)
    ours, theirs = places(source), frozenset(places(destination))
    halo = frozenset(_around(theirs)) - theirs
    for steps in range(_REACH):
        if not halo.isdisjoint(ours) and theirs.isdisjoint(ours):
            return (steps * di, steps * dj)
        ours = [(i + di, j + dj) for i, j in ours]
    return (_REACH * di, _REACH * dj)


def _around(spots: Collection[IntegerTuple]) -> list[IntegerTuple]:
    """The edge neighbours of all places, with repetitions."""
    return (
        [(i - 1, j) for i, j in spots]
        + [(i + 1, j) for i, j in spots]
        + [(i, j - 1) for i, j in spots]
        + [(i, j + 1) for i, j in spots]
    )


def _rim(spots: frozenset[IntegerTuple]) -> frozenset[IntegerTuple]:
    """The places with a neighbour outside: the nearest pair of two disjoint sets lies on their rims."""
    return frozenset(
        [
            (i, j)
            for i, j in spots
            if not ((i - 1, j) in spots and (i + 1, j) in spots and (i, j - 1) in spots and (i, j + 1) in spots)
        ]
    )
