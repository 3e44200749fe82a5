"""The programs of a task: chains of steps that leave nothing wrong, each answer to the tests once."""

from collections.abc import Iterator

from arc_submit.records import Task
from arc_submit.symbolic.ideas.chaining.chains import Budget, Source, solved
from arc_submit.symbolic.ideas.chaining.situation import starts
from arc_submit.symbolic.ideas.chaining.steps import Grids, ran, written
from arc_submit.symbolic.ideas.idea import Proposal


def chained(task: Task, worth_trying: Source, most: int) -> Iterator[list[Proposal]]:
    """Yield the programs, `most` of them at most, one at a time; empty lists to take breath."""
    answers: set[Grids] = set()
    budget = Budget()
    for start in starts(task):
        for situation in solved(start.situation, worth_trying, budget):
            answer = None if situation is None else ran(situation.steps, start.tests)
            if situation is None or answer is None or answer in answers:
                yield []
                continue
            answers.add(answer)
            yield [Proposal(written(situation.steps, start.ground), situation.cost + start.ground)]
            if len(answers) == most:
                return
