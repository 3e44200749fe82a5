"""The idea `composed`: what it puts one behind the other, and that the whole does what the parts did."""

import random
import time

import pytest

pytest.importorskip("numba")

from arc_submit.dsl.modules import install
from arc_submit.records import Pair, Task
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.ideas import composed
from arc_submit.symbolic.ideas.composed import Composed, behind
from arc_submit.symbolic.layers import catalogue
from arc_submit.symbolic.layers.graph import Graph
from arc_submit.symbolic.layers.text import Text
from arc_submit.symbolic.program import parse, render


def drawn(text):
    return tuple(tuple(int(c) for c in row) for row in text.split())


def run(source, grid):
    install()
    names = {}
    exec(source, names)  # a program that the kit wrote itself
    return names["solve"](grid)


def cropped_and_marked(grid):
    """The box around everything, with 4 in each cell left of a 2 that is itself 0."""
    rows = [i for i, row in enumerate(grid) if any(row)]
    columns = [j for j in range(len(grid[0])) if any(row[j] for row in grid)]
    part = [row[columns[0] : columns[-1] + 1] for row in grid[rows[0] : rows[-1] + 1]]
    return tuple(
        tuple(4 if c == 0 and row[j + 1 : j + 2] == (2,) else c for j, c in enumerate(row)) for row in map(tuple, part)
    )


GRIDS = [
    drawn("000000 010200 000110 100020 000000 000000"),
    drawn("0000000 0110200 0020110 0100020 0000000"),
    drawn("00000000 00000000 00102010 00020102 00100200"),
    drawn("100020 020100 001002 000000 000000 000000 000000"),
]
TASK = Task("t", tuple(Pair(grid, cropped_and_marked(grid)) for grid in GRIDS[:3]), (GRIDS[3],))


def test_a_crop_and_then_a_rule():
    idea = Composed(TASK, SymbolicConfig(), random.Random(0), time.monotonic)
    found, end = [], time.monotonic() + 60
    while not idea.exhausted and time.monotonic() < end and not found:
        found += idea.advance(time.monotonic() + 1)
    idea.close()
    assert found
    for proposal in found:
        assert [run(proposal.source, grid) for grid in GRIDS[:3]] == [cropped_and_marked(grid) for grid in GRIDS[:3]]
    assert any(run(proposal.source, GRIDS[3]) == cropped_and_marked(GRIDS[3]) for proposal in found)


def test_an_idea_that_is_asked_is_closed_when_nobody_waits_for_it_any_more():
    class Endless:
        exhausted = closed = False

        def advance(self, deadline):
            return []

        def close(self):
            self.closed = True

    idea = Endless()
    asked = composed._asked(idea, 1000, time.monotonic)
    next(asked)
    asked.close()
    assert idea.closed


def test_the_second_program_goes_on_from_the_first_ones_cells():
    graph = Graph(TASK.inputs, catalogue.moves(TASK), 4_000_000)
    for _ in graph.grow(30):
        pass
    trimmed = next(
        state
        for state in range(len(graph))
        if graph.arena.origin[state, 0] >= 0 and graph.moves[graph.arena.origin[state, 0]].name == "trimmed"
    )
    text = Text(graph)
    name = text.state(trimmed)
    second = "from arc_dsl import *\n\n\ndef solve(I):\n    x1 = vmirror(I)\n    O = hconcat(I, x1)\n    return O\n"
    source = behind(text, name, second)
    box = run("from arc_dsl import *\nfrom arc_ext import *\n\ndef solve(I): return cells(trimmed(layer(I)))", GRIDS[0])
    assert run(source, GRIDS[0]) == tuple(row + row[::-1] for row in box)
    assert run(render(parse(source)), GRIDS[0]) == run(source, GRIDS[0])


@pytest.mark.parametrize(
    "second", ["def solve(grid):\n    return grid\n", "def solve(I):\n    J = vmirror(I)\n    return hconcat(I, J)\n"]
)
def test_what_would_become_another_program_is_refused(second):
    with pytest.raises(ValueError, match="nothing can be put before"):
        behind(Text(None), "x1", second)


@pytest.mark.parametrize(
    "given",
    [
        Task("one", (Pair(((1,),), ((2,),)),), (((1,),),)),
        Task("contradiction", (Pair(GRIDS[0], ((1,),)), Pair(GRIDS[0], ((2,),))), (GRIDS[1],)),
        Task("larger", (Pair(((1, 2),), tuple((1,) * 30 for _ in range(30))),), (((2, 1),),)),
    ],
    ids=lambda task: task.id,
)
def test_odd_tasks_end(given, monkeypatch):
    monkeypatch.setattr(composed, "STATES", 2000)
    monkeypatch.setattr(composed, "STARTS", 3)
    idea = Composed(given, SymbolicConfig(), random.Random(0), time.monotonic)
    end = time.monotonic() + 60
    while not idea.exhausted:
        assert time.monotonic() < end
        for proposal in idea.advance(time.monotonic() + 0.5):
            assert all(run(proposal.source, pair.input) == pair.output for pair in given.train)
