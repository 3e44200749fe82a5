"""Chains of steps, whoever says which steps: what is paid for, and when there is no second step."""

from collections.abc import Iterator

from hand_made import grid

from arc_submit.dsl import replace
from arc_submit.dsl.extensions.processes import spread
from arc_submit.symbolic.ideas.chaining.chains import Budget, solved
from arc_submit.symbolic.ideas.chaining.situation import Situation
from arc_submit.symbolic.ideas.chaining.steps import Step

PAIRS = Situation((grid("111110"), grid("10111")), (grid("222223"), grid("23222")))


def some(situation: Situation) -> Iterator[Step | None]:
    yield Step(replace, (0, 3))
    yield None
    yield Step(replace, (1, 2))


def test_what_is_tried_is_paid_for():
    budget = Budget()
    found = [situation for situation in solved(PAIRS, some, budget) if situation is not None]
    assert [len(situation.steps) for situation in found] == [2, 2]
    spent = Budget().cells - budget.cells
    assert spent == 11 * 6  # two steps, and both again after each of them
    assert [s for s in solved(PAIRS, some, Budget(spent - 11)) if s is not None] == found[:1]
    assert not any(solved(PAIRS, some, Budget(20)))


def test_a_first_step_must_get_somewhere():
    """One cell of 25 is set right: there is no second step, though it would set all others right."""
    before, after = ((0, *(1,) * 24),), ((3, *(2,) * 24),)

    def apart(situation: Situation) -> Iterator[Step | None]:
        yield Step(replace, (0, 3))
        if situation.steps:
            yield Step(spread, (3, 1, 2, True))

    assert not any(solved(Situation((before,) * 2, (after,) * 2), apart, Budget()))
