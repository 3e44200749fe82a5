"""The idea of patterns: recipes first, then, where none fits, chains of steps."""

import random
from collections.abc import Generator, Iterator

from arc_submit.records import Grid, Task
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.ideas.chaining.programs import chained
from arc_submit.symbolic.ideas.idea import Clock, Proposal, Stepwise
from arc_submit.symbolic.ideas.patterns.recipes import Recipe, finished, recipes, repainted
from arc_submit.symbolic.ideas.patterns.steps import steps

MOST = 12  # proposals


class Patterns(Stepwise):
    """Programs of one task. Call `advance` until `exhausted`."""

    def __init__(self, task: Task, config: SymbolicConfig, rng: random.Random, now: Clock) -> None:
        super().__init__(_proposals(task), now)


def _proposals(task: Task) -> Iterator[list[Proposal]]:
    answers: set[tuple[Grid, ...]] = set()
    for recipe in recipes(task):
        whole = yield from _whole(recipe, task)
        answer = None if whole is None else (yield from _answer(whole, task))
        if whole is None or answer is None or answer in answers:
            yield []
            continue
        answers.add(answer)
        yield [Proposal(whole.source(), whole.cost)]
        if len(answers) == MOST:
            return
    if not answers:
        yield from chained(task, steps, MOST)


def _whole(recipe: Recipe, task: Task) -> Generator[list[Proposal], None, Recipe | None]:
    """The recipe with colours painted over, None where a demonstration is against it; takes breath after every grid."""
    swaps: dict[int, int] = {}
    for pair in task.train:
        grid = recipe.on(pair.input)
        if grid is None or not repainted(grid, pair.output, swaps):
            return None
        yield []
    return finished(recipe, swaps)


def _answer(recipe: Recipe, task: Task) -> Generator[list[Proposal], None, tuple[Grid, ...] | None]:
    """What the recipe makes of the test inputs, None where one fails; takes breath after every grid."""
    answer = []
    for given in task.test:
        grid = recipe.on(given)
        if grid is None:
            return None
        answer.append(grid)
        yield []
    return tuple(answer)
