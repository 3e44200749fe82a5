"""Ideas made of steps: turns end, nothing more comes after the end, and what is closed is let go of at once."""

import random
import weakref
from itertools import count

import pytest
from hand_made import grid

from arc_submit.records import Pair, Task
from arc_submit.symbolic.ideas import IDEAS, LATER, load
from arc_submit.symbolic.ideas.idea import SLICE, Proposal, Stepwise

TASK = Task("t", (Pair(grid("1020"), grid("1323")), Pair(grid("0100"), grid("3100"))), (grid("0010"),))
PLAIN = [name for name in IDEAS if name not in LATER and name != "layers"]
"""Ideas that compile nothing."""


def still():
    return 0.0


def test_what_is_found_ends_a_turn_cheapest_first():
    dear, cheap = Proposal("dear", 2.0), Proposal("cheap", 1.0)
    idea = Stepwise(iter([[], [dear, cheap], [dear]]), still)
    assert idea.advance(1.0) == [cheap, dear]
    assert idea.advance(1.0) == [dear] and not idea.exhausted
    assert idea.advance(1.0) == [] and idea.exhausted


def test_a_turn_makes_one_step_at_least_and_ends_at_the_deadline():
    """The clock shows 0, 1, 2, ...: after a step it has passed both the deadline and the slice."""
    ticks = count()
    steps = iter([[]] * 5)
    idea = Stepwise(steps, lambda: SLICE * next(ticks))
    assert idea.advance(100.0) == [] and len(list(steps)) == 4


@pytest.mark.parametrize("name", PLAIN)
def test_closing_lets_go_of_the_tables(name):
    idea = load(name)(TASK, None, random.Random(0), still)
    idea.advance(0.0)
    steps = weakref.ref(idea._steps)
    idea.close()
    assert steps() is None
    assert idea.exhausted and idea.advance(1.0) == []
