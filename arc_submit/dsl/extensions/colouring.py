"""Colours of a layer: kept, dropped, painted over, ranked. No cell moves and the place stays.

Recolouring object by object goes over several layers and is not here.
"""

from arc_submit.dsl.extensions.kernel import Cells, Placed, one
from arc_submit.dsl.extensions.tools import commonest, counts, nothing

__all__ = (
    "alike",
    "backed",
    "filled_out",
    "filled_with",
    "grounded",
    "negative",
    "only",
    "only_commonest",
    "only_rarest",
    "painted",
    "ranked",
    "swapped",
    "without",
    "without_commonest",
    "without_ground",
    "without_rarest",
)

NUMBERS = {
    "backed": "colours",
    "filled_with": "colours0",
    "grounded": "colours",
    "only": "colours",
    "painted": "colours",
    "without": "colours",
}
"""Which numbers are worth trying: "colours" of the task, with 0 too ("colours0"), or these."""


@one
def only(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Keep only the cells of one colour."""
    return _kept(a, colour), y, x


@one
def without(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Drop the cells of one colour: they become 0."""
    return _exchanged(a, colour, 0), y, x


@one
def only_commonest(a: Cells, y: int, x: int) -> Placed:
    """Keep only the cells of the commonest colour other than 0."""
    return _kept(a, commonest(a)), y, x


@one
def only_rarest(a: Cells, y: int, x: int) -> Placed:
    """Keep only the cells of the rarest colour other than 0."""
    return _kept(a, _rarest(a)), y, x


@one
def without_commonest(a: Cells, y: int, x: int) -> Placed:
    """Drop the cells of the commonest colour other than 0."""
    return _exchanged(a, commonest(a), 0), y, x


@one
def without_rarest(a: Cells, y: int, x: int) -> Placed:
    """Drop the cells of the rarest colour other than 0."""
    return _exchanged(a, _rarest(a), 0), y, x


@one
def without_ground(a: Cells, y: int, x: int) -> Placed:
    """Drop the background, which is the commonest colour of all, 0 counted too."""
    found = counts(a)
    best = 0
    for colour in range(1, 10):
        if found[colour] > found[best]:
            best = colour
    return _exchanged(a, best, 0), y, x


@one
def grounded(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Make one colour the background: it becomes 0, and what was 0 becomes that colour."""
    if not 0 <= colour <= 9:
        return nothing()
    return _both_ways(a, colour, 0), y, x


@one
def backed(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Paint every cell that is 0 in a colour."""
    if not 0 <= colour <= 9:
        return nothing()
    return _exchanged(a, 0, colour), y, x


@one
def painted(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Paint every cell that is not 0 in a colour."""
    if not 0 <= colour <= 9:
        return nothing()
    return _painted(a, colour), y, x


@one
def alike(a: Cells, y: int, x: int) -> Placed:
    """Paint every cell that is not 0 in the commonest colour among them."""
    return _painted(a, commonest(a)), y, x


@one
def negative(a: Cells, y: int, x: int) -> Placed:
    """Turn figure into background and background into figure, in the commonest colour; all of it 0 turns into 1."""
    best = commonest(a)
    if best == 0:
        best = 1
    h, w = a.shape
    found = a.copy()
    for i in range(h):
        for j in range(w):
            found[i, j] = best if a[i, j] == 0 else 0
    return found, y, x


@one
def swapped(a: Cells, y: int, x: int) -> Placed:
    """Swap the two colours other than 0 of a layer that has exactly two."""
    found = counts(a)
    first, second, many = 0, 0, 0
    for colour in range(1, 10):
        if found[colour] > 0:
            many += 1
            first, second = second, colour
    if many != 2:
        return nothing()
    return _both_ways(a, first, second), y, x


@one
def ranked(a: Cells, y: int, x: int) -> Placed:
    """Paint the commonest colour other than 0 as 1, the next one as 2, and so on."""
    found = counts(a)
    h, w = a.shape
    ranks = a.copy()
    for i in range(h):
        for j in range(w):
            colour = a[i, j]
            if colour == 0:
                continue
            rank = 1
            for other in range(1, 10):
                if found[other] > found[colour] or (found[other] == found[colour] and other < colour):
                    rank += 1
            ranks[i, j] = rank
    return ranks, y, x


@one
def filled_with(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Return a layer of the same size and place, all in one colour."""
    if not 0 <= colour <= 9:
        return nothing()
    found = a.copy()
    found[:] = colour
    return found, y, x


@one
def filled_out(a: Cells, y: int, x: int) -> Placed:
    """Return a layer of the same size and place, all in its commonest colour other than 0."""
    found = a.copy()
    found[:] = commonest(a)
    return found, y, x


def _rarest(a: Cells) -> int:
    """Return the rarest colour other than 0, the smaller one of two alike; 0 where there is none."""
    found = counts(a)
    best = 0
    for colour in range(1, 10):
        if found[colour] > 0 and (best == 0 or found[colour] < found[best]):
            best = colour
    return best


def _kept(a: Cells, colour: int) -> Cells:
    h, w = a.shape
    found = a.copy()
    for i in range(h):
        for j in range(w):
            if a[i, j] != colour:
                found[i, j] = 0
    return found


def _exchanged(a: Cells, old: int, new: int) -> Cells:
    h, w = a.shape
    found = a.copy()
    for i in range(h):
        for j in range(w):
            if a[i, j] == old:
                found[i, j] = new
    return found


def _both_ways(a: Cells, first: int, second: int) -> Cells:
    h, w = a.shape
    found = a.copy()
    for i in range(h):
        for j in range(w):
            if a[i, j] == first:
                found[i, j] = second
            elif a[i, j] == second:
                found[i, j] = first
    return found


def _painted(a: Cells, colour: int) -> Cells:
    h, w = a.shape
    found = a.copy()
    for i in range(h):
        for j in range(w):
            if a[i, j] != 0:
                found[i, j] = colour
    return found
