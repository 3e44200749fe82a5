"""The order of programs: whole pairs first, cells only to break ties.

Cell scores mislead (an identity copy already has most cells right, and unsolved tasks have higher cell scores than
solved ones), so they are rescaled against copying the input and never outweigh a pair.
"""

from collections.abc import Sequence

from arc_submit.records import Outcome, Task
from arc_submit.verify import cells_right

_BELOW_ONE_PAIR = 0.999


def copy_baseline(task: Task) -> tuple[float, ...]:
    """Return, per demonstration pair, the share of cells that copying the input gets right."""
    return tuple(cells_right(pair.input, pair.output) for pair in task.train)


def fitness(outcome: Outcome, baseline: Sequence[float]) -> float:
    """Return 0..1: (whole pairs right + rescaled cells of the others, below one pair) / pairs.

    Unscored programs have fitness 0: they are no parents.

    >>> o = Outcome(0.7, (True, False), (1.0, 0.75), "")
    >>> round(fitness(o, (0.5, 0.5)), 3)   # (1 + (0.75 - 0.5) / (1 - 0.5) / 2 pairs) / 2 pairs
    0.625
    """
    if outcome.reward is None:
        return 0.0
    pairs = len(outcome.solved)
    gained = [
        max(0.0, (cells - copied) / (1.0 - copied)) if copied < 1.0 else 0.0
        for cells, copied, solved in zip(outcome.cells, baseline, outcome.solved, strict=True)
        if not solved
    ]
    return (sum(outcome.solved) + min(sum(gained) / pairs, _BELOW_ONE_PAIR)) / pairs
