"""Patterns on ten large demonstrations: no long step, no endless work, no answer that is too large."""

import random
import time
from collections.abc import Callable

import pytest
from hand_made import execute, grid, slowest

from arc_submit.records import Grid, Pair, Task
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.ideas.patterns import Patterns
from arc_submit.symbolic.ideas.patterns.recipes import Recipe, finished, repainted


def noise(rng: random.Random, density: float, colours: int) -> Grid:
    return tuple(tuple(rng.randint(1, colours) * (rng.random() < density) for _ in range(30)) for _ in range(30))


def hidden(picture: Grid) -> Grid:
    return tuple(tuple(9 if 3 <= i < 15 > j else v for j, v in enumerate(row)) for i, row in enumerate(picture))


def wiped(picture: Grid) -> Grid:
    return ((0,) * 30,) * 30


def completed(picture: Grid) -> Grid:
    return tuple(tuple(a or b for a, b in zip(row, row[::-1], strict=True)) for row in picture)


@pytest.mark.parametrize(
    ("before", "after", "density", "colours"),
    [(hidden, tuple, 1.0, 8), (tuple, completed, 0.5, 1), (tuple, wiped, 0.5, 9), (tuple, hidden, 0.5, 8)],
    ids=["hidden", "symmetric", "wiped", "painted"],
)
def test_large_grids(before: Callable[[Grid], Grid], after: Callable[[Grid], Grid], density: float, colours: int):
    rng = random.Random(0)
    pictures = [noise(rng, density, colours) for _ in range(10)]
    pairs = tuple(Pair(before(picture), after(picture)) for picture in pictures)
    task = Task("large", pairs, (before(noise(rng, density, colours)),))
    longest, whole = slowest(Patterns(task, SymbolicConfig(), random.Random(0), time.monotonic))
    assert longest < 0.15
    assert whole < 8


def test_no_answer_is_larger_than_a_grid_may_be():
    pairs = [
        ("12 21", "121212 212121 121212 212121 121212 212121"),
        ("33 34", "333333 343434 333333 343434 333333 343434"),
    ]
    task = Task("hand", tuple(Pair(grid(a), grid(b)) for a, b in pairs), (((1, 2) * 6,) * 12,))
    assert all(len(execute(source, task.test[0])) <= 30 for source in sources(task))
    small = Task("hand", task.train, (grid("56 65"),))
    assert any(execute(source, small.test[0]) == ((5, 6) * 3, (6, 5) * 3) * 3 for source in sources(small))


def sources(task: Task) -> list[str]:
    idea = Patterns(task, SymbolicConfig(), random.Random(0), time.monotonic)
    found = []
    while not idea.exhausted:
        found += [proposal.source for proposal in idea.advance(time.monotonic() + 9)]
    return found


def test_colours_are_painted_over_one_for_one():
    swaps: dict[int, int] = {}
    assert repainted(grid("12"), grid("32"), swaps)
    assert not repainted(grid("1"), grid("4"), swaps)
    assert not repainted(grid("1"), grid("3 3"), swaps)
    assert not repainted(grid("567"), grid("896"), {})  # too many
    recipe = Recipe(("O = identity(I)",), lambda picture: picture, 1.0)
    whole = finished(recipe, {1: 3, 2: 2})
    assert whole is not None and whole.on(grid("12")) == grid("32")
    assert finished(recipe, {1: 2, 2: 3}) is None
