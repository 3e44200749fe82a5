"""Unknown cells by what lies elsewhere in like surroundings, perhaps turned."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from arc_submit.dsl.extensions.neighbours import EIGHT, box, parts
from arc_submit.dsl.extensions.patterns.unknown import UNKNOWN, Cells

MOST_HOLES = 12
FEW = 40  # cells left unknown that are filled one by one
PATCH_MARGINS = (3, 2, 1)  # cells around a hole that must look alike elsewhere


def by_patches(cells: Cells) -> Cells:
    """The cells with unknown ones filled, hole by hole, what few are left one by one."""
    for hole in _holes(cells)[:MOST_HOLES]:
        for margin in PATCH_MARGINS:
            found = _patch(cells, hole, margin)
            if found is not None:
                cells = found
                break
    if 0 < int((cells == UNKNOWN).sum()) <= FEW:
        cells = _by_neighbours(cells)
    return cells


def _by_neighbours(cells: Cells) -> Cells:
    """Unknown cells one by one, those with most known neighbours first, as most cells in the same surroundings are."""
    while True:
        left = np.argwhere(cells == UNKNOWN).tolist()
        if not left:
            return cells
        padded = np.pad(cells, 2, constant_values=UNKNOWN)
        windows = {(i, j): padded[i : i + 5, j : j + 5] for i, j in left}
        place = max(windows, key=lambda spot: (int((windows[spot] != UNKNOWN).sum()), spot))
        window = windows[place]
        known = window != UNKNOWN
        votes = np.zeros(10, np.int64)
        for turned in _turned(padded):
            views = sliding_window_view(turned, (5, 5))
            alike = ((views == window) | ~known).all((2, 3))
            votes += np.bincount(views[alike][:, 2, 2] + 1, minlength=11)[1:]
        if not votes.any():
            return cells
        cells = cells.copy()
        cells[place] = votes.argmax()


def _holes(cells: Cells) -> list[tuple[int, int, int, int]]:
    """Boxes of the unknown cells that touch; the last row and column are the first outside."""
    unknown = [(i, j) for i, j in np.argwhere(cells == UNKNOWN).tolist()]
    return [(top, left, bottom + 1, right + 1) for top, left, bottom, right in map(box, parts(unknown, EIGHT))]


def _patch(cells: Cells, hole: tuple[int, int, int, int], margin: int) -> Cells | None:
    """The cells with the hole filled by the place that agrees on most cells and contradicts none."""
    height, width = cells.shape
    top, left = max(0, hole[0] - margin), max(0, hole[1] - margin)
    bottom, right = min(height, hole[2] + margin), min(width, hole[3] + margin)
    window = cells[top:bottom, left:right]
    known = window != UNKNOWN
    best, most = None, known.size // 4
    for turned in _turned(cells):
        if turned.shape[0] < window.shape[0] or turned.shape[1] < window.shape[1]:
            continue
        views = sliding_window_view(turned, window.shape)
        clash = ((views != window) & known & (views != UNKNOWN)).any((2, 3))
        whole = (views != UNKNOWN)[:, :, ~known].all(2) & ~clash
        agreed = np.where(whole, ((views == window) & known).sum((2, 3)), -1)
        place = int(agreed.argmax())
        if agreed.flat[place] > most:
            most = int(agreed.flat[place])
            best = views[place // agreed.shape[1], place % agreed.shape[1]]
    if best is None:
        return None
    filled = cells.copy()
    filled[top:bottom, left:right] = np.where(known, window, best)
    return filled


def _turned(cells: Cells) -> Iterator[Cells]:
    for turns in range(4):
        turned = np.rot90(cells, turns)
        yield turned
        yield turned[:, ::-1]
