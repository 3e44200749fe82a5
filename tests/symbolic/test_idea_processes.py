"""Chains of processes: each small task is solved within a second or two."""

import random
import time
from itertools import count

import pytest
from hand_made import execute, grid, make, scattered

from arc_submit.dsl.constants import DOWN, RIGHT
from arc_submit.dsl.extensions.processes import beam, beam_under, fallen, holes_painted, stamped
from arc_submit.records import Grid, Pair, Task
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.ideas.idea import Proposal
from arc_submit.symbolic.ideas.processes import Processes
from arc_submit.symbolic.program import parse


def proposals(task: Task, slice_seconds: float = 100.0) -> list[Proposal]:
    idea = Processes(task, SymbolicConfig(), random.Random(0), time.monotonic)
    found = []
    while not idea.exhausted:
        found += idea.advance(time.monotonic() + slice_seconds)
    return found


def sparse(seed: int, colours: str = "12") -> Grid:
    return scattered(seed, 8, 9, "0" * 14 + colours)


def two_beams(g: Grid) -> Grid:
    return beam(beam_under(g, 1, RIGHT, 1), 2, DOWN, 3)


def flowers(g: Grid) -> Grid:
    return stamped(g, 2, (-1, -1, -1, 1, 1, -1, 1, 1), (4, 4, 4, 4), False)


def rain(g: Grid) -> Grid:
    return fallen(g, -1, DOWN)


def on_eight(g: Grid) -> Grid:
    """Holes on a ground of 8."""
    zeros = {0: 8, 8: 0}
    ground = tuple(tuple(zeros.get(v, v) for v in row) for row in g)
    return tuple(tuple(zeros.get(v, v) for v in row) for row in holes_painted(ground, 4, False))


RINGS = ["88888 82228 82828 82228 88888", "888888 888111 888181 888111 222888", "3338 3838 3838 3338"]


@pytest.mark.parametrize("rule", [two_beams, flowers, rain])
def test_a_process_is_found(rule):
    task, answer = make(rule, [sparse(1), sparse(2), sparse(3)], sparse(4))
    found = proposals(task)
    assert any(execute(p.source, task.test[0]) == answer for p in found[:2])
    for proposal in found:
        assert parse(proposal.source) is not None
        assert all(execute(proposal.source, pair.input) == pair.output for pair in task.train)


def test_a_ground_other_than_0():
    task, answer = make(on_eight, [grid(text) for text in RINGS[:2]], grid(RINGS[2]))
    assert any(execute(p.source, task.test[0]) == answer for p in proposals(task))


def test_a_colour_that_differs_from_grid_to_grid():
    """Only what it is there says where lines start."""
    inputs = ["7..4.44", "2.55.5.", "3..8888"]
    expected = ["7774.44", "2255.5.", "3338888"]
    grids = [grid(row.replace(".", "0")) for row in (*inputs, *expected)]
    task = Task("hand", (Pair(grids[0], grids[3]), Pair(grids[1], grids[4])), (grids[2],))
    assert any(execute(p.source, task.test[0]) == grids[5] for p in proposals(task)[:2])


def test_slices_of_time_do_not_matter():
    task, _ = make(two_beams, [sparse(1), sparse(2)], sparse(4))
    assert set(proposals(task, 0.01)) == set(proposals(task))


def test_a_round_ends_at_the_deadline():
    ticks = count()
    task, _ = make(two_beams, [sparse(1), sparse(2)], sparse(4))
    idea = Processes(task, SymbolicConfig(), random.Random(0), lambda: float(next(ticks)))
    assert idea.advance(1.0) == [] and not idea.exhausted


ODD = {
    "one cell": [("1", "2")],
    "one colour": [("333 333", "333 333")],
    "other shapes": [("12", "1"), ("21", "2")],
    "contradiction": [("10", "12"), ("10", "13")],
    "only zeros": [("000 000", "100 000")],
}


@pytest.mark.parametrize("pairs", ODD.values(), ids=ODD)
def test_odd_tasks_end(pairs):
    task = Task("odd", tuple(Pair(grid(a), grid(b)) for a, b in pairs), (grid("1"),))
    for proposal in proposals(task):
        assert all(execute(proposal.source, pair.input) == pair.output for pair in task.train)
