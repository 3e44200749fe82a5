"""A task that the kit is known to solve: every run solves it first.

An always-valid submission can hide a solver that is dead. If the canary does not come out solved, the run says so.
The task is our own: turn the picture upside down.
"""

from arc_submit.config import RunConfig
from arc_submit.records import Answer, Grid, Pair, Task
from arc_submit.verify import correct

_INPUTS: tuple[Grid, ...] = (
    ((1, 0, 0), (0, 2, 0), (3, 3, 0), (0, 0, 4)),
    ((5, 5, 0, 0), (0, 6, 0, 1), (0, 0, 7, 0)),
    ((0, 8, 8), (2, 0, 0), (0, 9, 0), (0, 0, 1), (4, 0, 4)),
)
_TEST: Grid = ((2, 0, 1, 0), (0, 3, 0, 0), (6, 6, 0, 5))

SECONDS = 15.0  # far more than it takes (0.1 s for the enumerator)
MODEL_SECONDS = 120.0  # where a language model is alone: two rounds of a large one
TASK = Task("<canary>", tuple(Pair(grid, grid[::-1]) for grid in _INPUTS), (_TEST,))


def settings(config: RunConfig) -> RunConfig:
    """Return the run's settings with no patience: the first program that passes is enough."""
    return config.model_copy(update={"search": config.search.model_copy(update={"patience": 0})})


def due(config: RunConfig) -> bool:
    """Return whether the proposers are expected to solve it: the enumerator is, and a model that sees the task."""
    return bool({"enumerate", "fresh"} & set(config.search.proposers))


def seconds(config: RunConfig) -> float:
    """Return the seconds that the canary may take."""
    return SECONDS if "enumerate" in config.search.proposers else MODEL_SECONDS


def solved(answer: Answer | None) -> bool:
    """Return whether an attempt at the canary is right."""
    return answer is not None and correct(answer.attempts[0], _TEST[::-1])
