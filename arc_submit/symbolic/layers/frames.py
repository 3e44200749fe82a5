"""Boxes that the outputs may fill: those of states of the outputs' sizes, and the size that all outputs share."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from arc_submit.symbolic.layers.compiled import jit
from arc_submit.symbolic.layers.graph import Graph

MOST = 5  # frames of a task
LARGEST = 30


@jit
def fitting(arena, first, last, sizes):  # type: ignore[no-untyped-def]
    """Return the states of one layer per input that have the sizes int64[demonstrations, 2]: int64[n]."""
    found = np.empty(last - first, np.int64)
    number = 0
    for state in range(first, last):
        if arena.single[state] == 0:
            continue
        rect = arena.rect0[state]
        good = True
        for n in range(arena.counts.shape[1]):
            h, w = arena.rects[rect + n, 1], arena.rects[rect + n, 2]
            if n < sizes.shape[0]:
                good &= h == sizes[n, 0] and w == sizes[n, 1]
            else:
                good &= h <= LARGEST and w <= LARGEST
        if good:
            found[number] = state
            number += 1
    return found[:number].copy()


@jit
def exact(arena, states, target):  # type: ignore[no-untyped-def]
    """Return which states of fitting sizes begin with the cells of the demonstrations' outputs: bool[n]."""
    found = np.ones(states.size, np.bool_)
    for n in range(states.size):
        cell = arena.cell0[states[n]]
        for k in range(target.size):
            if arena.cells[cell + k] != target[k]:
                found[n] = False
                break
    return found


class Frames:
    """The boxes found so far, cheapest first."""

    def __init__(self, sizes: Any) -> None:
        self._sizes = sizes
        self._seen: set[bytes] = set()
        self.boxes: list[tuple[int | None, Any]] = []
        """(state that has the box, or None for a constant size at the origin; int64[N, 4])."""

    def constant(self, inputs: int) -> None:
        """Take in the size that all outputs share, if they do."""
        if len({tuple(size) for size in self._sizes.tolist()}) == 1:
            self._offer(None, np.array([[*self._sizes[0], 0, 0]] * inputs, np.int64))

    def look(self, graph: Graph, states: Any) -> None:
        """Take in the boxes of states that fit."""
        inputs = graph.arena.counts.shape[1]
        for state in states.tolist():
            if len(self.boxes) >= MOST:
                return
            rect = int(graph.arena.rect0[state])
            self._offer(state, graph.arena.rects[rect : rect + inputs, 1:].copy())

    def __iter__(self) -> Iterator[tuple[int | None, Any]]:
        return iter(self.boxes)

    def _offer(self, state: int | None, box: Any) -> None:
        key = box.tobytes()
        if key not in self._seen and len(self.boxes) < MOST:
            self._seen.add(key)
            self.boxes.append((state, box))
