"""The idea of patterns: recipes first, then chains of steps; told apart by what they make of the test inputs."""

import random
from collections.abc import Iterator

from arc_submit.records import Task
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.ideas.idea import Clock, Proposal, Stepwise
from arc_submit.symbolic.ideas.patterns.recipes import Recipe, finished, recipes
from arc_submit.symbolic.ideas.patterns.steps import steps
from arc_submit.symbolic.ideas.processes.chains import solved
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
            yield _some(self._recipe(recipe))
            if len(self._answers) == MOST:
                return
        if self._answers:
            return
        for start in starts(self._task):
            for situation in solved(start.situation, steps):
                yield [] if situation is None else _some(self._chain(start, situation))
                if len(self._answers) == MOST:
                    return

    def _recipe(self, recipe: Recipe) -> Proposal | None:
        made = []
        for pair in self._task.train:
            grid = recipe.on(pair.input)
            if grid is None or len(grid) != len(pair.output) or len(grid[0]) != len(pair.output[0]):
                return None
            made.append(grid)
        whole = finished(recipe, made, [pair.output for pair in self._task.train])
        if whole is None:
            return None
        answer = tuple(grid for grid in map(whole.on, self._task.test) if grid is not None)
        return Proposal(whole.source(), whole.cost) if self._new(answer) else None

    def _chain(self, start: Start, situation: Situation) -> Proposal | None:
        answer = ran(situation.steps, start.tests)
        if answer is None or not self._new(answer):
            return None
        return Proposal(written(situation.steps, start.ground), situation.cost + start.ground)

    def _new(self, answer: Grids) -> bool:
        """The test inputs all have an output, and not one seen before."""
        if len(answer) < len(self._task.test) or answer in self._answers:
            return False
        self._answers.add(answer)
        return True


def _some(proposal: Proposal | None) -> list[Proposal]:
    return [] if proposal is None else [proposal]
