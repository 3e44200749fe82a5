"""Pictures with something missing or too much: each small task is solved within a second or two."""

import random
import time

import pytest
from hand_made import execute, grid, make

from arc_submit.dsl import vmirror
from arc_submit.dsl.extensions.patterns import symmetrized
from arc_submit.records import Grid, Pair, Task
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.ideas.idea import Proposal
from arc_submit.symbolic.ideas.patterns import Patterns
from arc_submit.symbolic.program import parse

MASK = 9


def proposals(task: Task, slice_seconds: float = 100.0) -> list[Proposal]:
    idea = Patterns(task, SymbolicConfig(), random.Random(0), time.monotonic)
    found = []
    while not idea.exhausted:
        found += idea.advance(time.monotonic() + slice_seconds)
    return found


def picture(seed: int) -> Grid:
    """A random quarter, mirrored twice."""
    rng = random.Random(seed)
    quarter = [[rng.randint(1, 6) for _ in range(6)] for _ in range(6)]
    half = [row + row[::-1] for row in quarter]
    return tuple(map(tuple, half + half[::-1]))


def box(seed: int) -> tuple[int, int, int, int]:
    rng = random.Random(seed)
    return rng.randint(0, 3), rng.randint(0, 3), 3, 2 + seed % 2


def hidden(seed: int, mask: int = MASK) -> Grid:
    top, left, height, width = box(seed)
    inside = {(i, j) for i in range(top, top + height) for j in range(left, left + width)}
    return tuple(
        tuple(mask if (i, j) in inside else v for j, v in enumerate(row)) for i, row in enumerate(picture(seed))
    )


def part(seed: int) -> Grid:
    top, left, height, width = box(seed)
    return tuple(row[left : left + width] for row in picture(seed)[top : top + height])


def task_of(inputs: list[Grid], outputs: list[Grid]) -> Task:
    return Task("hand", tuple(map(Pair, inputs[:-1], outputs[:-1])), (inputs[-1],))


@pytest.mark.parametrize("output", [picture, part, lambda seed: vmirror(part(seed))])
def test_what_a_mask_hides(output):
    seeds = [1, 2, 3, 4]
    task = task_of([hidden(seed) for seed in seeds], [output(seed) for seed in seeds])
    found = proposals(task)
    assert execute(found[0].source, task.test[0]) == output(4)
    assert all(parse(proposal.source) is not None for proposal in found)


@pytest.mark.parametrize("output", [picture, part])
def test_a_mask_of_another_colour_each_time(output):
    seeds = [1, 2, 3, 4]
    task = task_of([hidden(seed, 6 + seed % 3 + 1) for seed in seeds], [output(seed) for seed in seeds])
    assert execute(proposals(task)[0].source, task.test[0]) == output(4)


def test_a_picture_goes_on_in_other_colours():
    pairs = [("121 212 121", "3232 2323 3232 2323"), ("112 112 112", "3323 3323 3323 3323")]
    task = Task("hand", tuple(Pair(grid(a), grid(b)) for a, b in pairs), (grid("122 122 122"),))
    assert execute(proposals(task)[0].source, task.test[0]) == grid("3223 3223 3223 3223")


def test_symmetry_is_completed():
    inputs = ["00000 01200 01000 00000", "0000000 0340000 0434000 0000000", "000000 056600 000600 000000"]
    task, answer = make(lambda g: symmetrized(g, 0, False), [grid(text) for text in inputs[:2]], grid(inputs[2]))
    assert any(execute(p.source, task.test[0]) == answer for p in proposals(task))


def test_slices_of_time_do_not_matter():
    task = task_of([hidden(seed) for seed in (1, 2, 3)], [part(seed) for seed in (1, 2, 3)])
    assert set(proposals(task, 0.001)) == set(proposals(task))


ODD = {
    "one cell": [("1", "2")],
    "one colour": [("333 333", "333 333")],
    "contradiction": [("10", "12"), ("10", "13")],
    "only zeros": [("000 000", "1")],
    "all hidden": [("99 99", "12 34")],
}


@pytest.mark.parametrize("pairs", ODD.values(), ids=ODD)
def test_odd_tasks_end(pairs):
    task = Task("odd", tuple(Pair(grid(a), grid(b)) for a, b in pairs), (grid("1"),))
    for proposal in proposals(task):
        assert all(execute(proposal.source, pair.input) == pair.output for pair in task.train)
