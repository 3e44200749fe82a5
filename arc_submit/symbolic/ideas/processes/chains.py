"""Chains of steps that turn every input into its output, best first: a beam search over situations."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from arc_submit.symbolic.ideas.processes.situation import Gain, Situation
from arc_submit.symbolic.ideas.processes.steps import Grids, Step

Source: TypeAlias = Callable[[Situation], Iterator[Step]]
"""The steps worth trying in a situation."""

DEPTH = 4  # steps of a chain
WIDTH = 5  # situations kept per depth
FULL = 1  # of them, those on which everything is tried again; on the others, what was good at the start
SLACK = 0.34  # cells that a step may set wrong, per cell that it sets right
COST = 0.06  # share of the cells at the start that one unit of cost is worth


def solved(start: Situation, worth_trying: Source) -> Iterator[Situation | None]:
    """Yield situations with nothing wrong, those of the fewest steps only, and None after every step tried."""
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
                yield None
                gain = situation.gain(step, SLACK)
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
        level = sorted(reached.values(), key=lambda s: (s.left / total + COST * s.cost, s.cost))[:WIDTH]


def _worthwhile(gain: Gain) -> bool:
    return gain.pairs * 2 >= len(gain.grids)
