"""The idea `things` on small tasks: what it finds, and that odd tasks do it no harm."""

import random

import pytest
from hand_made import execute, grid

from arc_submit.records import Pair, Task
from arc_submit.symbolic.ideas.things import Things
from arc_submit.symbolic.ideas.things.decide import decisions
from arc_submit.symbolic.ideas.things.idea import _best
from arc_submit.symbolic.ideas.things.perceive import views
from arc_submit.symbolic.ideas.things.selectors import Selectors
from arc_submit.symbolic.ideas.things.sizing import sized
from arc_submit.symbolic.ideas.things.written import Written


def task(pairs, *tests):
    return Task("t", tuple(Pair(grid(a), grid(b)) for a, b in pairs), tuple(map(grid, tests)))


class Ticks:
    """A clock that moves by itself."""

    def __init__(self, step=0.001):
        self.time = 0.0
        self.step = step

    def __call__(self):
        self.time += self.step
        return self.time


def proposals(given, step=0.001):
    clock = Ticks(step)
    idea = Things(given, None, random.Random(0), clock)
    found = []
    while not idea.exhausted:
        found += idea.advance(clock.time + 0.2)
    return found


def outputs(source, grids):
    return tuple(execute(source, grid) for grid in grids)


LARGEST = task(
    [("1000 0022 0022", "22 22"), ("330 330 004", "33 33"), ("60 07 07", "7 7")],
    "5550 0008",
)
HOLLOW = task(
    [
        ("11100 10100 11103 00003", "11100 14100 11103 00003"),
        ("02220 02020 02220 50000", "02220 02420 02220 50000"),
    ],
    "00000 33300 30306 33300",
)
BY_SIZE = task(
    [
        ("50005 50000 50550", "10003 10000 10220"),
        ("05550 00000 50055", "01110 00000 30022"),
    ],
    "55505 00000 55000",
)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [(LARGEST, "555"), (HOLLOW, "00000 33300 34306 33300"), (BY_SIZE, "11103 00000 22000")],
)
def test_the_cheapest_is_right(given, wanted):
    best = min(proposals(given), key=lambda proposal: proposal.cost)
    assert outputs(best.source, given.test) == (grid(wanted),)


@pytest.mark.parametrize("given", [LARGEST, HOLLOW, BY_SIZE])
def test_proposals_are_right_on_the_demonstrations(given):
    for proposal in proposals(given):
        assert outputs(proposal.source, given.inputs)[: len(given.train)] == tuple(pair.output for pair in given.train)


def test_slices_of_time_change_nothing():
    at_once = {proposal.source for proposal in proposals(BY_SIZE, step=1e-9)}
    bit_by_bit = {proposal.source for proposal in proposals(BY_SIZE, step=0.05)}
    assert at_once == bit_by_bit


@pytest.mark.parametrize(
    "given",
    [
        task([("1", "1")], "1"),
        task([("0", "5"), ("0", "6")], "0"),
        task([("00 00", "0")], "00 00"),
        task([("12 21", "33 33"), ("45 54", "33 33")], "12 21"),
        task([(" ".join(["123" * 10] * 30), " ".join(["0" * 30] * 30))], " ".join(["10" * 15, "01" * 15] * 15)),
    ],
)
def test_odd_tasks(given):
    assert len(proposals(given)) <= 20


def test_a_selector_picks_who_must_and_nobody_who_must_not():
    seen = next(filter(None, views(LARGEST)))
    selectors = Selectors(seen)
    must = 1 << 1 | 1 << 2
    for choice in selectors.learn(must, seen.shown & ~must & ~(seen.train[2])):
        assert choice.picked & must == must


def test_more_things_never_make_a_decision_cheaper_than_its_answers():
    dots = " ".join(["1020" * 7, "0" * 28] * 4)
    seen = next(filter(None, views(task([(dots, dots)] * 3, dots))))
    ones = sum(1 << number for number, (_, one) in enumerate(seen.members) if one.marks["colour"] == 1)
    right = {"a": ones, "b": sum(seen.groups) & ~ones}
    found = list(decisions(Selectors(seen), right, {"a": 1.0, "b": 1.0}, seen.shown))
    assert found and min(decision.cost for decision in found) > 2.0


def test_every_answer_is_a_grid():
    """At most thirty cells a side and at least one; no outputs twice, not even for less."""
    dot, large, wide = ((1,),), ((1,),) * 31, ((1,) * 31,)
    made = [Written((f"O = {number}",), 3.0, (grid,)) for number, grid in enumerate((dot, large, wide, (), ((),)))]
    known = {}
    assert list(_best(iter(made), known)) == [made[:1]]
    assert list(_best(iter([Written(("O = I",), 1.0, (dot,))]), known)) == [[]]


def test_test_inputs_are_not_blown_up():
    """Three times the size is an opening for the small test input, not for the large one."""
    demonstration = ("12 34", " ".join(["121212", "343434"] * 3))
    small, large = (list(sized(task([demonstration], test))) for test in ("12 34", " ".join(["1" * 11] * 11)))
    assert any("upscale" in opening.lines[0] for opening in small) and not large


def test_no_outputs_twice():
    for given in (LARGEST, HOLLOW, BY_SIZE):
        found = [outputs(proposal.source, given.test) for proposal in proposals(given)]
        assert len(set(found)) == len(found)


def test_looking_takes_breath():
    """Once after each input of each way of seeing."""
    assert list(views(BY_SIZE))[: len(BY_SIZE.inputs)] == [None] * len(BY_SIZE.inputs)
