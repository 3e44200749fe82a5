"""The idea of processes: chains found on the demonstrations, told apart by what they make of the test inputs."""

import random
from collections.abc import Iterator
from itertools import chain

from arc_submit.records import Task
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.ideas.idea import Clock, Proposal, Stepwise
from arc_submit.symbolic.ideas.processes.candidates import candidates
from arc_submit.symbolic.ideas.processes.chains import Budget, solved
from arc_submit.symbolic.ideas.processes.learned import rewritings, stamps
from arc_submit.symbolic.ideas.processes.situation import Situation, starts
from arc_submit.symbolic.ideas.processes.steps import Grids, Step, ran, written

MOST = 20  # proposals
BYTES = 4_000_000  # situations and steps that are held at a time, roughly


class Processes(Stepwise):
    """Programs of one task. Call `advance` until `exhausted`."""

    def __init__(self, task: Task, config: SymbolicConfig, rng: random.Random, now: Clock) -> None:
        super().__init__(self._proposals(), now)
        self._task = task

    @property
    def bytes(self) -> int:
        return 0 if self.exhausted else BYTES

    def _proposals(self) -> Iterator[list[Proposal]]:
        answers: set[Grids] = set()
        budget = Budget()
        for start in starts(self._task):
            for situation in solved(start.situation, _steps, budget):
                answer = None if situation is None else ran(situation.steps, start.tests)
                if situation is None or answer is None or answer in answers:
                    yield []
                    continue
                answers.add(answer)
                yield [Proposal(written(situation.steps, start.ground), situation.cost + start.ground)]
                if len(answers) == MOST:
                    return


def _steps(situation: Situation) -> Iterator[Step | None]:
    return chain(candidates(situation), stamps(situation), rewritings(situation))
