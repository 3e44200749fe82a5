"""The idea of patterns: recipes first, then chains of steps; told apart by what they make of the test inputs."""

import random
from collections.abc import Generator, Iterator

from arc_submit.records import Task
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.ideas.idea import Clock, Proposal, Stepwise
from arc_submit.symbolic.ideas.patterns.recipes import Recipe, finished, recipes, repainted
from arc_submit.symbolic.ideas.patterns.steps import steps
from arc_submit.symbolic.ideas.processes.chains import Budget, solved
from arc_submit.symbolic.ideas.processes.situation import Situation, Start, starts
from arc_submit.symbolic.ideas.processes.steps import Grids, ran, written

MOST = 12  # proposals
BYTES = 8_000_000  # lattices and situations that are held at a time, roughly


class Patterns(Stepwise):
    """Programs of one task. Call `advance` until `exhausted`."""

    def __init__(self, task: Task, config: SymbolicConfig, rng: random.Random, now: Clock) -> None:
        super().__init__(self._proposals(), now)
        self._task = task
        self._answers: set[Grids] = set()

    @property
    def bytes(self) -> int:
        return 0 if self.exhausted else BYTES

    def _proposals(self) -> Iterator[list[Proposal]]:
        for recipe in recipes(self._task):
            proposal = yield from self._recipe(recipe)
            yield _some(proposal)
            if len(self._answers) == MOST:
                return
        if self._answers:
            return
        budget = Budget()
        for start in starts(self._task):
            for situation in solved(start.situation, steps, budget):
                yield [] if situation is None else _some(self._chain(start, situation))
                if len(self._answers) == MOST:
                    return

    def _recipe(self, recipe: Recipe) -> Generator[list[Proposal], None, Proposal | None]:
        """The recipe's proposal, None where a demonstration is against it; takes breath after every grid."""
        swaps: dict[int, int] = {}
        for pair in self._task.train:
            grid = recipe.on(pair.input)
            if grid is None or not repainted(grid, pair.output, swaps):
                return None
            yield []
        whole = finished(recipe, swaps)
        if whole is None:
            return None
        answer = []
        for given in self._task.test:
            grid = whole.on(given)
            if grid is None:
                return None
            answer.append(grid)
            yield []
        return Proposal(whole.source(), whole.cost) if self._new(tuple(answer)) else None

    def _chain(self, start: Start, situation: Situation) -> Proposal | None:
        answer = ran(situation.steps, start.tests)
        if answer is None or not self._new(answer):
            return None
        return Proposal(written(situation.steps, start.ground), situation.cost + start.ground)

    def _new(self, answer: Grids) -> bool:
        """The test outputs have not been seen before."""
        if answer in self._answers:
            return False
        self._answers.add(answer)
        return True


def _some(proposal: Proposal | None) -> list[Proposal]:
    return [] if proposal is None else [proposal]
