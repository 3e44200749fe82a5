"""Small hand-made tasks, one idea each, and a clock that does not move."""

import random
import time
from collections.abc import Callable, Iterator

from arc_submit.dsl import modules
from arc_submit.records import Grid, Pair, Task
from arc_submit.symbolic import Enumerator, Found, SymbolicConfig
from arc_submit.symbolic.ideas import Idea

Rule = Callable[[Grid], Grid]


def make(rule: Rule, inputs: list[Grid], test: Grid, name: str = "hand") -> tuple[Task, Grid]:
    """A task whose outputs follow a rule, and the right test output."""
    return Task(name, tuple(Pair(grid, rule(grid)) for grid in inputs), (test,)), rule(test)


def scattered(seed: int, height: int, width: int, colours: str = "00012") -> Grid:
    rng = random.Random(seed)
    return tuple(tuple(int(rng.choice(colours)) for _ in range(width)) for _ in range(height))


def grid(text: str) -> Grid:
    """A grid from rows of digits, parted by blanks or newlines."""
    return tuple(tuple(map(int, row)) for row in text.split())


def slowest(idea: Idea) -> tuple[float, float]:
    """Seconds of the processor until an idea is exhausted: the longest step, and all of them."""
    longest = whole = 0.0
    while not idea.exhausted:
        began = time.process_time()
        idea.advance(0.0)  # one step
        took = time.process_time() - began
        longest, whole = max(longest, took), whole + took
    return longest, whole


def stream(task: Task, config: SymbolicConfig | None = None, seed: int = 0, steps: int = 30_000) -> Iterator[Found]:
    """Finds one by one, until that many evaluations."""
    enumerator = Enumerator(task, config or SymbolicConfig(), random.Random(seed), lambda: 0.0)
    while not enumerator.exhausted and enumerator.evaluations < steps:
        yield from enumerator.advance(1.0, 1)


def execute(source: str, grid: Grid) -> Grid:
    """Run a `solve` program plainly."""
    modules.install()
    scope: dict[str, object] = {}
    exec(source, scope)
    solve = scope["solve"]
    assert callable(solve)
    result: Grid = solve(grid)
    return result
