"""Layers that are damaged: cells filled in by the symmetry or the tiling that fits the rest, specks taken out.

A symmetry or a tiling fits if no two known cells contradict it. Missing cells are those of one colour, which may be 0.
"""

from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Placed, one
from arc_submit.dsl.extensions.tools import nothing

__all__ = (
    "mirror_repaired",
    "only_blocks",
    "smoothed_over",
    "specks",
    "tile",
    "tile_repaired",
    "without_blocks",
    "without_specks",
)

NUMBERS: dict[str, str | tuple[int, ...]] = {
    "mirror_repaired": "colours0",
    "only_blocks": (2, 3),
    "tile_repaired": "colours0",
    "without_blocks": (2, 3),
}
"""Which numbers are worth trying: "colours" of the task with 0 too ("colours0"), or these."""

_SMALL = 40  # cells: up to here a tile may be shifted from one row of tiles to the next
_UNKNOWN = 255


# Symmetry and tiling. -------------------------------------------------------------------------------------------------


@one
def mirror_repaired(a: Cells, y: int, x: int, missing: int) -> Placed:
    """Fill the cells of one colour from the mirror images, across, upright and diagonal, that fit the other cells."""
    known = _known(a, missing)
    for _ in range(2):  # what one axis fills in, the others may carry on
        _mirror(known)
        _mirror(known.T)
        _diagonal_mirror(known)
    return _filled_in(a, known), y, x


@one
def tile_repaired(a: Cells, y: int, x: int, missing: int) -> Placed:
    """Fill the cells of one colour, no more than two thirds, by the smallest tile that fits the others throughout."""
    h, w = a.shape
    known = _known(a, missing)
    places = np.nonzero(known.ravel() != _UNKNOWN)[0]
    if places.size == a.size:
        return known, y, x
    if 3 * places.size < a.size:
        return nothing()
    for size in range(1, h * w // 2 + 1):
        for tall in range(1, min(h, size) + 1):
            wide = size // tall
            if tall * wide != size or wide > w or (size > _SMALL and (2 * tall > h or 2 * wide > w)):
                continue
            for step in range(wide if size <= _SMALL and tall < h else 1):
                cells = _tile(known, places, tall, wide, step)
                if cells.size == 0:
                    continue
                for i in range(h):
                    for j in range(w):
                        known[i, j] = cells[i % tall, (j - i // tall * step) % wide]
                return known, y, x
    return nothing()


@one
def tile(a: Cells, y: int, x: int) -> Placed:
    """Cut out the smallest tile that the whole layer, 0 included, repeats; the last tiles may be cut off."""
    tall, wide = _period(a), _period(a.T)
    return a[:tall, :wide].copy(), y, x


# Specks and blocks. ---------------------------------------------------------------------------------------------------


@one
def without_specks(a: Cells, y: int, x: int) -> Placed:
    """Drop each cell that has no neighbour of its colour, corners too."""
    return _specks(a, False), y, x


@one
def specks(a: Cells, y: int, x: int) -> Placed:
    """Keep only cells that have no neighbour of their colour, corners too."""
    return _specks(a, True), y, x


@one
def only_blocks(a: Cells, y: int, x: int, side: int) -> Placed:
    """Keep only cells that belong to a square of this side in one colour."""
    if side < 1:
        return nothing()
    return _blocks(a, side, True), y, x


@one
def without_blocks(a: Cells, y: int, x: int, side: int) -> Placed:
    """Drop the cells that belong to a square of this side in one colour; thin lines and single cells stay."""
    if side < 1:
        return nothing()
    return _blocks(a, side, False), y, x


@one
def smoothed_over(a: Cells, y: int, x: int) -> Placed:
    """Give each cell the colour that most of the three by three cells around it have, 0 counted too, if most agree."""
    h, w = a.shape
    found = a.copy()
    for i in range(h):
        for j in range(w):
            many = np.zeros(10, np.int64)
            size = 0
            for p in range(max(0, i - 1), min(h, i + 2)):
                for q in range(max(0, j - 1), min(w, j + 2)):
                    many[a[p, q]] += 1
                    size += 1
            best = np.argmax(many)
            if 2 * many[best] > size:
                found[i, j] = best
    return found, y, x


def _known(a: Cells, missing: int) -> Cells:
    """Return the cells with those that are missing marked as such."""
    h, w = a.shape
    known = a.copy()
    for i in range(h):
        for j in range(w):
            if a[i, j] == missing:
                known[i, j] = _UNKNOWN
    return known


def _filled_in(a: Cells, known: Cells) -> Cells:
    h, w = a.shape
    found = a.copy()
    for i in range(h):
        for j in range(w):
            if known[i, j] != _UNKNOWN:
                found[i, j] = known[i, j]
    return found


def _mirror(known: Cells) -> None:
    """Fill in what the upright mirror shows that fits best, if a quarter of the known cells bear it out."""
    h, w = known.shape
    here = np.count_nonzero(known != _UNKNOWN)
    best, most = -1, 0
    for axis in range(w // 2, w - 1 + (w - 1) // 2 + 1 if here < known.size else 0):
        seen = 0
        for i in range(h):
            for j in range(max(0, axis - w + 1), (axis + 1) // 2):
                if known[i, j] == _UNKNOWN or known[i, axis - j] == _UNKNOWN:
                    continue
                if known[i, j] != known[i, axis - j]:
                    seen = -1
                    break
                seen += 1
            if seen < 0:
                break
        if seen > most:
            best, most = axis, seen
    if best < 0 or 8 * most < here:
        return
    for i in range(h):
        for j in range(max(0, best - w + 1), min(w, best + 1)):
            if known[i, j] == _UNKNOWN:
                known[i, j] = known[i, best - j]


def _diagonal_mirror(known: Cells) -> None:
    """Fill in what the mirror along a falling diagonal shows that fits best, on the same terms."""
    h, w = known.shape
    here = np.count_nonzero(known != _UNKNOWN)
    best, most = 0, 0
    for axis in range(-(w // 2), h // 2 + 1 if here < known.size else -w):  # rows below the main diagonal
        seen = 0
        for i in range(max(0, axis), min(h, axis + w)):
            for j in range(i - axis + 1, min(w, h - axis)):
                if known[i, j] == _UNKNOWN or known[j + axis, i - axis] == _UNKNOWN:
                    continue
                if known[i, j] != known[j + axis, i - axis]:
                    seen = -1
                    break
                seen += 1
            if seen < 0:
                break
        if seen > most:
            best, most = axis, seen
    if most == 0 or 8 * most < here:
        return
    for i in range(max(0, best), min(h, best + w)):
        for j in range(max(0, -best), min(w, h - best)):
            if known[i, j] == _UNKNOWN:
                known[i, j] = known[j + best, i - best]


def _tile(known: Cells, places: Any, tall: int, wide: int, step: int) -> Cells:
    """Return the tile, shifted by `step` from one row of tiles to the next; without cells: it does not fit."""
    w = known.shape[1]
    found = np.full((tall, wide), _UNKNOWN, np.uint8)
    left = tall * wide
    for place in places:
        i, j = place // w, place % w
        p, q = i % tall, (j - i // tall * step) % wide
        if found[p, q] == _UNKNOWN:
            found[p, q] = known[i, j]
            left -= 1
        elif found[p, q] != known[i, j]:
            return np.zeros((0, 0), np.uint8)
    return found if left == 0 else np.zeros((0, 0), np.uint8)


def _period(a: Cells) -> int:
    """Return after how many rows they repeat."""
    h, w = a.shape
    for n in range(1, h):
        repeats = True
        for i in range(n, h):
            for j in range(w):
                if a[i, j] != a[i - n, j]:
                    repeats = False
                    break
            if not repeats:
                break
        if repeats:
            return n
    return int(h)


def _specks(a: Cells, keep: bool) -> Cells:
    h, w = a.shape
    found = a.copy()
    for i in range(h):
        for j in range(w):
            many = 0
            for p in range(max(0, i - 1), min(h, i + 2)):
                for q in range(max(0, j - 1), min(w, j + 2)):
                    if a[p, q] == a[i, j]:
                        many += 1
            if (many == 1) != keep:
                found[i, j] = 0
    return found


def _blocks(a: Cells, side: int, keep: bool) -> Cells:
    h, w = a.shape
    block = np.zeros((h, w), np.bool_)
    for i in range(h - side + 1):
        for j in range(w - side + 1):
            if a[i, j] == 0:
                continue
            equal = True
            for p in range(i, i + side):
                for q in range(j, j + side):
                    equal = equal and a[p, q] == a[i, j]
            if equal:
                block[i : i + side, j : j + side] = True
    found = a.copy()
    for i in range(h):
        for j in range(w):
            if block[i, j] != keep:
                found[i, j] = 0
    return found
