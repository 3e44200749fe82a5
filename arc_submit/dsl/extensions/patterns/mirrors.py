"""Unknown cells by the axes and centres about which a picture mirrors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from arc_submit.dsl.extensions.patterns.unknown import UNKNOWN, Cells

LEAST_SEEN = 0.3  # share of the cells that a mirror must show twice


def by_mirrors(cells: Cells) -> Cells:
    """The cells with the unknown ones filled whose image is known, several times over."""
    known = cells != UNKNOWN
    if known.all() or not known.any():
        return cells
    maps = list(_mirrors(cells))
    for _ in range(4):
        before = int((cells == UNKNOWN).sum())
        for rows, columns in maps:
            cells = _copied(cells, rows, columns)
        if int((cells == UNKNOWN).sum()) == before:
            break
    return cells


def _mirrors(cells: Cells) -> Iterator[tuple[Any, Any]]:
    """The best exact mirror of each sort as (rows, columns) of each cell's image; it may lie off the grid."""
    height, width = cells.shape
    i, j = np.indices(cells.shape)
    tall, wide = range(height // 2, height + (height - 1) // 2), range(width // 2, width + (width - 1) // 2)
    shifts = range(-(min(height, width) // 3), min(height, width) // 3 + 1)
    centres = [(s, t) for s in range(height - 5, height + 4) for t in range(width - 5, width + 4)]
    for sort in (
        [(i, s - j) for s in wide],
        [(s - i, j) for s in tall],
        [(j - s, i + s) for s in shifts],
        [(s - j, s - i) for s in range(min(height, width) * 2 // 3, max(height, width) * 4 // 3 + 1)],
    ):
        best = _best(cells, sort)
        if best is not None:
            yield best
    turns = [((s + t) // 2 - j, i + (t - s) // 2) for s, t in centres if (s + t) % 2 == 0]
    for sort in ([(s - i, t - j) for s, t in centres], turns):
        best = _best(cells, sort)
        if best is not None:
            yield best
            yield _inverse(best, cells.shape)


def _inverse(image: tuple[Any, Any], shape: tuple[int, int]) -> tuple[Any, Any]:
    rows, columns = image
    back = np.full((2, *shape), UNKNOWN)
    inside = (rows >= 0) & (columns >= 0) & (rows < shape[0]) & (columns < shape[1])
    i, j = np.nonzero(inside)
    back[0][rows[i, j], columns[i, j]] = i
    back[1][rows[i, j], columns[i, j]] = j
    return back[0], back[1]


def _best(cells: Cells, images: list[tuple[Any, Any]]) -> tuple[Any, Any] | None:
    """The image that agrees with the cells wherever both are known, and shows most of them twice."""
    best, most = None, LEAST_SEEN * cells.size
    for rows, columns in images:
        there = _looked_up(cells, rows, columns)
        both = (there != UNKNOWN) & (cells != UNKNOWN)
        seen = int(both.sum())
        if seen > most and (there[both] == cells[both]).all():
            best, most = (rows, columns), seen
    return best


def _looked_up(cells: Cells, rows: Any, columns: Any) -> Cells:
    height, width = cells.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return np.where(inside, cells[np.where(inside, rows, 0), np.where(inside, columns, 0)], UNKNOWN)


def _copied(cells: Cells, rows: Any, columns: Any) -> Cells:
    return np.where(cells == UNKNOWN, _looked_up(cells, rows, columns), cells)
