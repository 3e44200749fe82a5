"""Processes on ten large demonstrations: no long step, and work that ends."""

import gc
import random
import time
from collections.abc import Iterator

import pytest
from hand_made import grid

from arc_submit.dsl import replace
from arc_submit.dsl.extensions.processes import spread
from arc_submit.records import Grid, Pair, Task
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.ideas.processes import Processes
from arc_submit.symbolic.ideas.processes.chains import Budget, solved
from arc_submit.symbolic.ideas.processes.learned import rewritings
from arc_submit.symbolic.ideas.processes.situation import Situation
from arc_submit.symbolic.ideas.processes.steps import Step


def noise(rng: random.Random, density: float, colours: int) -> Grid:
    return tuple(tuple(rng.randint(1, colours) * (rng.random() < density) for _ in range(30)) for _ in range(30))


def noisy() -> list[tuple[Grid, Grid]]:
    rng = random.Random(0)
    return [(noise(rng, 0.9, 9), noise(rng, 0.9, 9)) for _ in range(10)]


def speckled() -> list[tuple[Grid, Grid]]:
    """A tenth of the cells is painted."""
    rng = random.Random(0)
    grids = [noise(rng, 0.5, 2) for _ in range(10)]
    return [(g, tuple(tuple(v or 4 * (rng.random() < 0.2) for v in row) for row in g)) for g in grids]


TASKS = {"noise": noisy(), "specks": speckled()}


@pytest.fixture
def alone():
    """What other tests left in memory is not gone through while a step is timed."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("pairs", TASKS.values(), ids=TASKS)
def test_large_grids(pairs):
    task = Task("large", tuple(Pair(*pair) for pair in pairs), (pairs[0][0],))
    idea = Processes(task, SymbolicConfig(), random.Random(0), time.monotonic)
    longest = whole = 0.0
    while not idea.exhausted:
        began = time.process_time()
        idea.advance(0.0)  # one step
        took = time.process_time() - began
        longest, whole = max(longest, took), whole + took
    assert longest < 0.15
    assert whole < 12


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


def test_small_pictures_are_not_read_where_everything_changes():
    rng = random.Random(0)
    many = tuple(noise(rng, 0.2, 1) for _ in range(10))
    assert not list(rewritings(Situation(many, tuple(replace(g, 1, 2) for g in many))))
    few = tuple(noise(rng, 0.01, 1) for _ in range(10))
    assert any(rewritings(Situation(few, tuple(replace(g, 1, 2) for g in few))))
