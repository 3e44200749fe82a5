"""Cells that spread and fall: over whole rows and columns, into empty areas, down to the ground.

Rays, which stop at other cells, are `shooting`.
"""

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Placed, one

__all__ = (
    "fallen_down",
    "fallen_left",
    "fallen_right",
    "fallen_up",
    "flooded",
    "lines_across",
    "lines_both_ways",
    "lines_upright",
    "nearest_spread",
    "outvoted_across",
    "outvoted_upright",
)

NUMBERS: dict[str, str | tuple[int, ...]] = {}
"""Which numbers are worth trying: no function here takes one."""


# Whole rows and columns. ----------------------------------------------------------------------------------------------


@one
def lines_across(a: Cells, y: int, x: int) -> Placed:
    """Fill each row that has a coloured cell with the colour of its first one, other coloured cells too."""
    return _lines(a, a.copy()), y, x


@one
def lines_upright(a: Cells, y: int, x: int) -> Placed:
    """Fill each column that has a coloured cell with the colour of its first one, other coloured cells too."""
    return _lines(a.T, a.copy().T).T.copy(), y, x


@one
def lines_both_ways(a: Cells, y: int, x: int) -> Placed:
    """Fill each row, and then each column, that has a coloured cell with the colour of its first one."""
    return _lines(a.T, _lines(a, a.copy()).T).T.copy(), y, x


@one
def outvoted_across(a: Cells, y: int, x: int) -> Placed:
    """Fill each row with its commonest colour, 0 counted too."""
    return _outvoted(a), y, x


@one
def outvoted_upright(a: Cells, y: int, x: int) -> Placed:
    """Fill each column with its commonest colour, 0 counted too."""
    return _outvoted(a.T).T.copy(), y, x


# Falling and flooding. ------------------------------------------------------------------------------------------------


@one
def fallen_down(a: Cells, y: int, x: int) -> Placed:
    """Let every coloured cell fall down as far as it goes."""
    return _fallen(a[::-1])[::-1].copy(), y, x


@one
def fallen_up(a: Cells, y: int, x: int) -> Placed:
    """Let every coloured cell rise as far as it goes."""
    return _fallen(a), y, x


@one
def fallen_left(a: Cells, y: int, x: int) -> Placed:
    """Let every coloured cell slide to the left as far as it goes."""
    return _fallen(a.T).T.copy(), y, x


@one
def fallen_right(a: Cells, y: int, x: int) -> Placed:
    """Let every coloured cell slide to the right as far as it goes."""
    return _fallen(a[:, ::-1].T).T[:, ::-1].copy(), y, x


@one
def nearest_spread(a: Cells, y: int, x: int) -> Placed:
    """Give every 0 the colour of the nearest coloured cell, in steps to the sides; where two colours tie it stays 0."""
    h, w = a.shape
    steps = np.full((h, w), -1, np.int64)
    nearest = np.zeros((h, w), np.int64)  # one bit per colour
    queue = np.empty(h * w, np.int64)
    size, k = 0, 0
    for i in range(h):
        for j in range(w):
            if a[i, j] != 0:
                steps[i, j] = 0
                nearest[i, j] = 1 << int(a[i, j])
                queue[size] = i * w + j
                size += 1
    while k < size:
        p, q = queue[k] // w, queue[k] % w
        k += 1
        for r, s in ((p - 1, q), (p + 1, q), (p, q - 1), (p, q + 1)):
            if r < 0 or s < 0 or r >= h or s >= w:
                continue
            if steps[r, s] < 0:
                steps[r, s] = steps[p, q] + 1
                queue[size] = r * w + s
                size += 1
            if steps[r, s] == steps[p, q] + 1:
                nearest[r, s] |= nearest[p, q]
    found = a.copy()
    for i in range(h):
        for j in range(w):
            for colour in range(1, 10):
                if nearest[i, j] == 1 << colour:
                    found[i, j] = colour
    return found, y, x


@one
def flooded(a: Cells, y: int, x: int) -> Placed:
    """Fill each area of 0 that touches coloured cells of a single colour with that colour, and leave the others."""
    h, w = a.shape
    found = a.copy()
    seen = a != 0
    area = np.empty(h * w, np.int64)
    for i in range(h):
        for j in range(w):
            if seen[i, j]:
                continue
            colour, single = 0, True
            size, k = 1, 0
            area[0] = i * w + j
            seen[i, j] = True
            while k < size:
                p, q = area[k] // w, area[k] % w
                k += 1
                for r, s in ((p - 1, q), (p + 1, q), (p, q - 1), (p, q + 1)):
                    if r < 0 or s < 0 or r >= h or s >= w:
                        continue
                    if a[r, s] != 0:
                        single = single and (colour == 0 or colour == a[r, s])
                        colour = int(a[r, s])
                    elif not seen[r, s]:
                        seen[r, s] = True
                        area[size] = r * w + s
                        size += 1
            if single:
                for k in range(size):
                    found[area[k] // w, area[k] % w] = colour
    return found, y, x


def _lines(a: Cells, onto: Cells) -> Cells:
    """Fill the rows of `onto` that have a coloured cell in `a`."""
    h, w = a.shape
    for i in range(h):
        for j in range(w):
            if a[i, j] != 0:
                onto[i, :] = a[i, j]
                break
    return onto


def _fallen(a: Cells) -> Cells:
    """Return every cell risen as far as it goes."""
    h, w = a.shape
    found = np.zeros((h, w), np.uint8)
    for j in range(w):
        top = 0
        for i in range(h):
            if a[i, j] != 0:
                found[top, j] = a[i, j]
                top += 1
    return found


def _outvoted(a: Cells) -> Cells:
    """Return each row in its commonest colour, the smaller one of two alike."""
    h, w = a.shape
    found = np.empty((h, w), np.uint8)
    for i in range(h):
        many = np.zeros(10, np.int64)
        for j in range(w):
            many[a[i, j]] += 1
        found[i, :] = np.argmax(many)
    return found
