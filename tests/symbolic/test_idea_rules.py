"""The idea `rules` on small tasks: what it finds, that its programs do what it says, and that odd tasks do no harm."""

import random

import numpy as np
import pytest
from hand_made import execute, grid

from arc_submit.records import Pair, Task
from arc_submit.symbolic.ideas.rules import Rules
from arc_submit.symbolic.ideas.rules.canvases import canvases
from arc_submit.symbolic.ideas.rules.learn import Learner, defaults, predicted
from arc_submit.symbolic.ideas.rules.table import build, count
from arc_submit.symbolic.program import parse, render


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


def proposals(given, step=0.001, seed=0):
    clock = Ticks(step)
    idea = Rules(given, None, random.Random(seed), clock)
    found = []
    while not idea.exhausted:
        found += idea.advance(clock.time + 0.2)
    return found


def finished(steps):
    """What a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def outputs(source, grids):
    return tuple(execute(source, grid) for grid in grids)


HOLLOW = task(
    [
        ("0000000 0111000 0101000 0111003 0000000", "0000000 0111000 0141000 0111003 0000000"),
        ("0000000 0022220 0020020 0022220 5000000", "0000000 0022220 0024420 0022220 5000000"),
        ("6660000 6060010 6660000 0000000", "6660000 6460010 6660000 0000000"),
    ],
    "00000000 03333000 03003060 03333006 00000000",
)
BOTH = task(
    [("10511 01501 00511", "10 01 00"), ("11501 10500 01511", "01 00 01"), ("01500 11511 00510", "00 11 00")],
    "11510 01501 10511",
)
FRACTAL = task(
    [
        ("110 000 001", "110110000 000000000 001001000 000000000 000000000 000000000 000000110 000000000 000000001"),
        ("020 200 000", "000020000 000200000 000000000 020000000 200000000 000000000 000000000 000000000 000000000"),
    ],
    "003 300 000",
)
MOST = task(
    [("1120 0000", "1"), ("3000 0344 3300", "3"), ("0550 0700", "5"), ("800 088 200", "8")],
    "4400 0600 0600 0600",
)


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        (HOLLOW, "00000000 03333000 03443060 03333006 00000000"),
        (BOTH, "10 01 10"),
        (FRACTAL, "000000003 000000300 000000000 003000000 300000000 000000000 000000000 000000000 000000000"),
        (MOST, "6"),
    ],
    ids=["same size", "halves", "multiple", "one cell"],
)
def test_it_finds(given, answer):
    """The right answer is among the first two, and every proposal is right on all demonstrations."""
    found = sorted(proposals(given), key=lambda p: p.cost)
    answers = [outputs(p.source, given.test) for p in found]
    assert (grid(answer),) in list(dict.fromkeys(answers))[:2]
    for proposal in found:
        assert outputs(proposal.source, [pair.input for pair in given.train]) == tuple(p.output for p in given.train)
        straight = parse(proposal.source)
        assert straight is not None and render(straight) == proposal.source


def test_slices_of_time_change_nothing():
    assert proposals(HOLLOW, 0.0001) == proposals(HOLLOW, 0.3) == proposals(HOLLOW, 0.001, 7)


def test_what_is_certain_comes_before_everything_was_tried():
    """The first proposal comes with the first group that is sure of it; nothing is told twice."""
    idea = Rules(HOLLOW, None, random.Random(0), Ticks())
    steps = []
    while not idea.exhausted:
        steps.append([proposal.source for proposal in idea.advance(0.0)])
    first = next(number for number, found in enumerate(steps) if found)
    assert first < len(steps) / 2
    told = [source for found in steps for source in found]
    assert len(set(told)) == len(told)


def test_what_is_worse_than_an_early_answer_costs_no_less():
    """Votes that come in later change the order of answers, never what was told."""
    idea = Rules(HOLLOW, None, random.Random(0), Ticks())
    early = idea._proposals([(12.0, b"a", "A"), (13.0, b"b", "B")], {b"a"}, b"a")
    late = idea._proposals([(9.0, b"a", "A"), (10.0, b"b", "B"), (8.0, b"c", "C")], {b"a"})
    assert [(p.source, p.cost) for p in (*early, *late)] == [("A", 12.0), ("C", 8.0), ("B", 12.0)]


def test_the_table_takes_breath():
    """Its looks are taken a few at a time."""
    canvas = next(canvases(HOLLOW))
    steps = list(build(canvas.sights, [pair.output for pair in HOLLOW.train]))
    assert len(steps) > 10 and not any(steps)


def test_proposals_differ_on_the_tests():
    found = proposals(HOLLOW)
    assert len({outputs(p.source, HOLLOW.test) for p in found}) == len(found)


ODD = {
    "one cell": task([("1", "2")], "1"),
    "one colour": task([("333 333", "333 333")], "333 333"),
    "contradiction": task([("10", "20"), ("10", "30")], "10"),
    "no size": task([("10 00", "1"), ("111", "11 11")], "10"),
    "constant": task([("10 00", "4"), ("111", "4")], "10"),
    "other test size": task([("1010 0101", "10 01")], "101"),
    "larger than a grid": task([("1" * 20, "1" * 40)], "1" * 30),
}


@pytest.mark.parametrize("given", ODD.values(), ids=ODD)
def test_odd_tasks(given):
    for proposal in proposals(given):
        outputs(proposal.source, given.inputs)


def test_noise_is_not_explained():
    rng = np.random.default_rng(0)
    pairs = [Pair(*(tuple(map(tuple, rng.integers(0, 10, (20, 20)).tolist())) for _ in range(2))) for _ in range(3)]
    assert proposals(Task("t", tuple(pairs), (pairs[0].output,))) == []


def test_learning():
    """Rules are right on what they were learned from; a table's sets and flags tell the same."""
    canvas = next(canvases(HOLLOW))
    table = finished(build(canvas.sights, [pair.output for pair in HOLLOW.train]))
    shown = table.span(0, 3)
    assert count(shown) == len(table.output) and table.flags(shown).sum() == len(table.output)
    learner = Learner(table, np.arange(len(table.tests)), list(range(len(table.leaves))), table.costs)
    for default in defaults(table, list(range(len(table.leaves))), shown):
        rules = learner.learn(shown, default)
        assert rules is not None
        assert (predicted(table, rules)[: len(table.output)] == table.output).all()
