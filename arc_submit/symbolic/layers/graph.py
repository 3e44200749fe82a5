"""The states that can be reached from a task's inputs, cheapest first.

Level c holds the states of cost c. A move of cost m takes the states of level c - m there, a pair those of two levels
that add up. `grow` is a generator that yields after every bite of work, so the caller keeps the clock. A state that
equals an older one on every input is dropped (`arena`), so what is searched is values, not programs.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from arc_submit.dsl.extensions.kernel import packed
from arc_submit.records import Grid
from arc_submit.symbolic.layers import arena, compiled, moves
from arc_submit.symbolic.layers.catalogue import Move

BITE = 128  # states that a kernel is tried on at once
MOST_PAIRS = 4000  # pairs of states that one move is tried on per level
ROOT = 1  # cost of the input
_KINDS = {"one": moves.ones, "split": moves.splits, "join": moves.joins, "each": moves.eaches}


class Graph:
    """The search of one task."""

    def __init__(self, inputs: Sequence[Grid], catalogue: Sequence[Move], memory: int) -> None:
        self.arena = arena.make(len(inputs), memory)
        self.moves = list(catalogue)
        self.full = False
        """No room for another state."""
        self.level = ROOT
        """The level that is being filled."""
        self._ends: list[int] = [0] * ROOT
        """Level -> number of states of that level and below."""
        flat, rects = packed(tuple((grid, (0, 0)) for grid in inputs))
        arena.add(self.arena, flat, rects)
        self._ends.append(1)

    def __len__(self) -> int:
        return int(self.arena.used[0])

    @property
    def bytes(self) -> int:
        """Memory of the arrays."""
        return sum(int(part.nbytes) for part in self.arena)

    def grow(self, highest: int) -> Iterator[None]:
        """Fill the levels up to `highest`, one after the other; stop where the arena is full."""
        while self.level < highest:
            self.level += 1
            for number, move in enumerate(self.moves):
                for _ in self._try(number, move):
                    yield
                    if self.full:
                        return
            self._ends.append(len(self))
            yield

    def of_level(self, level: int) -> range:
        """Return the numbers of the states of a level."""
        return range(self._ends[level - 1], self._ends[level]) if ROOT <= level < len(self._ends) else range(0)

    def _try(self, number: int, move: Move) -> Iterator[None]:
        kernel = compiled.kernel(move.extension)
        if move.extension.kind == "pair":
            yield from self._pairs(kernel, number, move)
            return
        states = self._taken(move.extension.kind, self.level - move.cost)
        take = _KINDS[move.extension.kind]
        for start in range(0, len(states), BITE):
            some = states[start : start + BITE]
            self.full |= take(kernel, move.number or 0, self.arena, some, number, self.level) < len(some)
            yield

    def _pairs(self, kernel: Any, number: int, move: Move) -> Iterator[None]:
        tried = 0
        rest = self.level - move.cost
        for first in range(ROOT, rest - ROOT + 1):
            left, right = self._taken("pair", first), self._taken("pair", rest - first)
            if not len(left) or not len(right):
                continue
            for state in left:
                others = right[: MOST_PAIRS - tried]
                if not len(others):
                    return
                tried += len(others)
                states = np.full(len(others), state, np.int64)
                done = moves.pairs(kernel, move.number or 0, self.arena, states, others, number, self.level)
                self.full |= done < len(others)
                yield

    def _taken(self, kind: str, level: int) -> Any:
        """Return the states of a level that a kind of kernel takes."""
        found = self.of_level(level)
        states = np.arange(found.start, found.stop, dtype=np.int64)
        if kind == "one":
            return states
        single = self.arena.single[found.start : found.stop] == 1
        return states[~single] if kind in ("join", "each") else states[single]
