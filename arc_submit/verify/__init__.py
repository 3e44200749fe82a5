"""The one judge: compare what a program returned with what was wanted.

Truth lives here, in the parent; the sandbox never sees it. Reward, fixed by the kit's design:

    pair       0.1 the program is valid  +  0.1 its output has the right shape  +  (share of cells right) ** 10
    program    mean over the demonstration pairs  -  a small penalty per thinking token

An edit's reward is the difference to its parent's. Search compares whole pairs first and cells only to break ties
(`arc_submit.search.fitness`): unsolved tasks have higher cell scores than solved ones.

A pair the sandbox could not judge makes the whole program unscored: reward None, never 0.
"""

from collections.abc import Sequence
from operator import eq

from arc_submit.programs import signature
from arc_submit.records import Fault, Grid, Outcome, Output, Ran, Task

VALID = 0.1  # reward for a program that compiles, loads and has an entry point
SHAPE = 0.1  # reward for an output of the right height and width
SHARPNESS = 10  # exponent on the share of cells right: 0.9 of the cells is worth 0.35
PENALTY_PER_TOKEN = 1e-5  # per thinking token: 10,000 tokens cost what a right shape earns

_INVALID = (Fault.SYNTAX, Fault.LOAD, Fault.ENTRY)


def judge(task: Task, ran: Ran, thinking_tokens: int = 0) -> Outcome:
    """Return the outcome of a program that ran on `task.inputs`.

    Raises:
        ValueError: `ran` does not hold one output per demonstration and test input.
    """
    if len(ran.outputs) != len(task.inputs):
        raise ValueError(f"task {task.id}: {len(ran.outputs)} outputs for {len(task.inputs)} inputs")
    judged = list(zip(ran.outputs, (pair.output for pair in task.train), strict=False))  # demonstrations come first
    cells = tuple(cells_right(output.grid, want) for output, want in judged)
    return Outcome(
        reward=_reward(judged, cells, thinking_tokens),
        solved=tuple(share == 1.0 for share in cells),
        cells=cells,
        signature=signature(ran.outputs),
    )


def _reward(judged: Sequence[tuple[Output, Grid]], cells: Sequence[float], thinking_tokens: int) -> float | None:
    if any(output.fault is Fault.LOST for output, _ in judged):
        return None
    rewards = [
        pair_reward(output.grid, want, share, valid=output.fault not in _INVALID)
        for (output, want), share in zip(judged, cells, strict=True)
    ]
    return sum(rewards) / len(rewards) - PENALTY_PER_TOKEN * thinking_tokens


def pair_reward(got: Grid | None, want: Grid, share: float | None = None, *, valid: bool = True) -> float:
    """Return the reward of one pair, 0..1.2; `share` is `cells_right(got, want)` where that is known already.

    >>> pair_reward(((1, 2),), ((1, 2),)), pair_reward(((1,),), ((1, 2),)), pair_reward(None, ((1,),), valid=False)
    (1.2, 0.1, 0.0)
    """
    if not valid:
        return 0.0
    if got is None or not same_shape(got, want):
        return VALID
    return VALID + SHAPE + float((cells_right(got, want) if share is None else share) ** SHARPNESS)


def edit_reward(child: Outcome, parent: Outcome) -> float | None:
    """Return the child's reward minus the parent's; None when either is unscored."""
    if child.reward is None or parent.reward is None:
        return None
    return child.reward - parent.reward


def cells_right(got: Grid | None, want: Grid) -> float:
    """Return the share of cells right, 0..1; 0 when there is no grid or its shape is wrong."""
    if got == want:
        return 1.0
    if got is None or not same_shape(got, want):
        return 0.0
    right = sum(len(b) if a == b else sum(map(eq, a, b)) for a, b in zip(got, want, strict=True))
    return right / (len(want) * len(want[0]))


def same_shape(a: Grid, b: Grid) -> bool:
    """Return whether both have the same height and width."""
    return len(a) == len(b) and len(a[0]) == len(b[0])


def correct(attempts: Sequence[Grid], want: Grid) -> bool:
    """Return whether any attempt is the wanted grid: one test output as Kaggle scores it."""
    return any(attempt == want for attempt in attempts)
