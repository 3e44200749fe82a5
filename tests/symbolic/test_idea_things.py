"""The idea `things` on small tasks: what it finds, and that odd tasks do it no harm."""

import random

import pytest

from arc_submit.dsl.modules import install
from arc_submit.records import Pair, Task
from arc_submit.symbolic.ideas.things import Things
from arc_submit.symbolic.ideas.things.perceive import views
from arc_submit.symbolic.ideas.things.selectors import Selectors


def drawn(text):
    return tuple(tuple(int(c) for c in row) for row in text.split())


def task(pairs, *tests):
    return Task("t", tuple(Pair(drawn(a), drawn(b)) for a, b in pairs), tuple(map(drawn, tests)))


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
    install()
    names = {}
    exec(source, names)
    return tuple(names["solve"](grid) for grid in grids)


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
    assert outputs(best.source, given.test) == (drawn(wanted),)


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
    seen = next(views(LARGEST))
    selectors = Selectors(seen)
    must = 1 << 1 | 1 << 2
    for choice in selectors.learn(must, seen.shown & ~must & ~(seen.train[2])):
        assert choice.picked & must == must
