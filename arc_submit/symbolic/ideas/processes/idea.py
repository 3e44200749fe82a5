"""The idea of processes: steps with plain constants, and steps whose constants are read off, in chains."""

import random
from collections.abc import Iterator
from itertools import chain

from arc_submit.records import Task
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.ideas.chaining.programs import chained
from arc_submit.symbolic.ideas.chaining.situation import Situation
from arc_submit.symbolic.ideas.chaining.steps import Step
from arc_submit.symbolic.ideas.idea import Clock, Stepwise
from arc_submit.symbolic.ideas.processes.candidates import candidates
from arc_submit.symbolic.ideas.processes.learned import rewritings, stamps

MOST = 20  # proposals


class Processes(Stepwise):
    """Programs of one task. Call `advance` until `exhausted`."""

    def __init__(self, task: Task, config: SymbolicConfig, rng: random.Random, now: Clock) -> None:
        super().__init__(chained(task, _steps, MOST), now)


def _steps(situation: Situation) -> Iterator[Step | None]:
    return chain(candidates(situation), stamps(situation), rewritings(situation))
