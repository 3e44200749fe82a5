"""Chains of steps that turn every input into its output, best first: a beam search over situations."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from arc_submit.symbolic.ideas.chaining.situation import Gain, Situation
from arc_submit.symbolic.ideas.chaining.steps import Grids, Step

Source: TypeAlias = Callable[[Situation], Iterator[Step | None]]
"""The steps worth trying in a situation, and None to take breath."""

DEPTH = 4  # steps of a chain
WIDTH = 5  # situations kept per depth
FULL = 1  # of them, those on which everything is tried again; on the others, what was good at the start
SLACK = 0.34  # cells that a step may set wrong, per cell that it sets right
COST = 0.06  # share of the cells at the start that one unit of cost is worth
PROMISING = 0.05  # share of what is wrong that some first step must set right, or there is no second
MOST_CELLS = 10_000_000  # of all grids that steps are tried on


@dataclass(slots=True)
class Budget:
    """Work that may still be done, in cells of grids that steps are tried on; never by the clock."""

    cells: int = MOST_CELLS


def solved(start: Situation, worth_trying: Source, budget: Budget) -> Iterator[Situation | None]:
    """Yield situations with nothing wrong, those of the fewest steps only, and None after every grid tried on; until
    the budget is spent."""
    total = start.left
    level = [start]
    known: list[Step] = []
    found = False
    for depth in range(DEPTH):
        if found:
            return
        reached: dict[Grids, Situation] = {}
        for place, situation in enumerate(level):
            steps = worth_trying(situation) if depth == 0 or place < FULL else iter(known)
            for step in steps:
                if budget.cells <= 0:
                    return
                if step is None:
                    yield None
                    continue
                gain = yield from _tried(situation, step, budget)
                if gain is None:
                    continue
                if depth == 0:
                    known.append(step)
                if gain.right <= gain.wrong:
                    continue
                after = situation.after(step, gain)
                if after.left == 0:
                    found = True
                    yield after
                elif _worthwhile(gain) and (after.grids not in reached or reached[after.grids].cost > after.cost):
                    reached[after.grids] = after
        if depth == 0 and min((s.left for s in reached.values()), default=total) > (1 - PROMISING) * total:
            return
        level = sorted(reached.values(), key=lambda s: (s.left / total + COST * s.cost, s.cost))[:WIDTH]


def _tried(situation: Situation, step: Step, budget: Budget) -> Generator[None, None, Gain | None]:
    """What the step does, None for nothing good; takes breath after every grid."""
    gain: Gain | None = None
    for cells, found in situation.gains(step, SLACK):
        budget.cells -= cells
        gain = found
        yield None
    return gain


def _worthwhile(gain: Gain) -> bool:
    return gain.pairs * 2 >= len(gain.grids)
