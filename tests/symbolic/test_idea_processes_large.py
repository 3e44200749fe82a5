"""Processes on ten large demonstrations: no long step, and work that ends."""

import random
import time

import pytest
from hand_made import slowest

from arc_submit.dsl import replace
from arc_submit.records import Grid, Pair, Task
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.ideas.chaining.situation import Situation
from arc_submit.symbolic.ideas.processes import Processes
from arc_submit.symbolic.ideas.processes.learned import rewritings


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


@pytest.mark.parametrize("pairs", TASKS.values(), ids=TASKS)
def test_large_grids(pairs):
    task = Task("large", tuple(Pair(*pair) for pair in pairs), (pairs[0][0],))
    longest, whole = slowest(Processes(task, SymbolicConfig(), random.Random(0), time.monotonic))
    assert longest < 0.15
    assert whole < 12


def test_small_pictures_are_not_read_where_everything_changes():
    rng = random.Random(0)
    many = tuple(noise(rng, 0.2, 1) for _ in range(10))
    assert not list(rewritings(Situation(many, tuple(replace(g, 1, 2) for g in many))))
    few = tuple(noise(rng, 0.01, 1) for _ in range(10))
    assert any(rewritings(Situation(few, tuple(replace(g, 1, 2) for g in few))))
