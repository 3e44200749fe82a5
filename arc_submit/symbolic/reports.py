"""Which expressions are worth telling, and when.

A program that passes is held back the longer the more it costs: with the outputs to aim at, a long chain of fills that
fits by chance is often met before the short program that is right. Once a program is out, those far dearer are dropped.
A step that says of itself that it explains every cell (`prompt`) does not wait.
Programs that are right on some demonstrations only come out at once while they are among the best so far.

Costs here are those of the program as written, shared lines counted once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush, heapreplace

from arc_submit.records import Grid
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.expressions import Entry, nodes, to_source
from arc_submit.symbolic.outputs import Outputs
from arc_submit.symbolic.values import Vector


@dataclass(frozen=True, slots=True)
class Found:
    """A program that is right on at least one demonstration."""

    source: str
    pairs_solved: int
    """Demonstrations whose output is reproduced."""
    cells: float
    """Mean share of right cells over the demonstrations, 0..1; 0 where the shape is wrong."""
    cost: int
    """Cost units of the program."""
    lines: int
    """Lines of the body."""
    passes: bool
    """Right on every demonstration."""
    outputs: tuple[Grid, ...]
    """What it makes of every input: demonstrations first, then tests, in the task's order."""


class Reports:
    def __init__(self, outputs: Outputs, order: Sequence[int], config: SymbolicConfig) -> None:
        self._outputs = outputs
        self._order = order
        self._config = config
        self._dearest = outputs.worth()
        self._held: list[tuple[int, int, Found]] = []
        self._partials: list[tuple[int, float, int]] = []
        self._agreeing: dict[Vector, set[str]] = {}

    def passes(self, values: Vector) -> bool:
        """Return whether a program with these values has passed before."""
        return values in self._agreeing

    def offer(self, entry: Entry, evaluations: int, prompt: bool) -> None:
        """Take in a grid expression if it is right somewhere and among the best of its like."""
        solved, cells = self._outputs.score(entry.values)
        if not solved:
            return
        below = list(nodes(entry))
        cost = sum(node.production.cost for node in below)
        passes = solved == self._outputs.count
        if not (self._is_new(entry, cost) if passes else self._is_good((solved, cells, -cost))):
            return
        grids: list[Grid] = [()] * len(entry.values)
        for place, value in zip(self._order, entry.values, strict=True):
            grids[place] = value
        lines = max(1, sum(not node.production.inline for node in below))
        found = Found(to_source(entry), solved, cells, cost, lines, passes, tuple(grids))
        wait = min(self._config.patience, max(0, cost - self._config.prompt_cost) * self._config.wait_per_cost)
        heappush(self._held, (evaluations + wait if passes and not prompt else 0, entry.number, found))

    def due(self, evaluations: int) -> Found | None:
        """Return the next program whose time has come."""
        while self._held and self._held[0][0] <= evaluations:
            found = heappop(self._held)[2]
            if not found.passes:
                return found
            if found.cost <= self._dearest:
                self._dearest = min(self._dearest, 2 * found.cost + self._config.slack)
                return found
        return None

    def _is_new(self, entry: Entry, cost: int) -> bool:
        if cost > self._dearest:
            return False
        sources = self._agreeing.setdefault(entry.values, set())
        source = to_source(entry)
        if len(sources) >= self._config.agreeing_finds or source in sources:
            return False
        sources.add(source)
        return True

    def _is_good(self, rank: tuple[int, float, int]) -> bool:
        if len(self._partials) < self._config.partial_finds:
            heappush(self._partials, rank)
            return True
        if not self._partials or rank <= self._partials[0]:
            return False
        heapreplace(self._partials, rank)
        return True
