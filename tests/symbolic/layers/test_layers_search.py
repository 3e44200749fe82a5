"""What the idea `layers` reaches, and that its programs say what it did."""

import random
import time
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numba")

from arc_submit.dsl import modules
from arc_submit.records import Pair, Task
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.layers import catalogue, cover, engine
from arc_submit.symbolic.layers.engine import Layers
from arc_submit.symbolic.layers.graph import Graph
from arc_submit.symbolic.layers.text import Text

SMALL = SymbolicConfig(layers_bytes=30_000_000, layers_cost=44)


def picture(seed, height=6, width=7, colours=(0, 0, 0, 1, 2, 3)):
    rng = random.Random(seed)
    return tuple(tuple(rng.choice(colours) for _ in range(width)) for _ in range(height))


def task(function, inputs):
    *shown, last = inputs
    return Task("t", tuple(Pair(grid, function(grid)) for grid in shown), (last,))


def run(source, grid):
    modules.install()
    names = {}
    exec(source, names)  # a program that the kit wrote itself
    return names["solve"](grid)


def search(given, config=SMALL, seconds=20.0):
    idea = Layers(given, config, random.Random(0), time.monotonic)
    end = time.monotonic() + seconds
    found = []
    while not idea.exhausted and time.monotonic() < end:
        found += idea.advance(end)
    return idea, found


def held(graph, state, given):
    """The layers of a state for each input, as the DSL has them."""
    rect, cell = int(graph.arena.rect0[state]), int(graph.arena.cell0[state])
    for n in range(len(given.inputs)):
        layers = []
        for _ in range(int(graph.arena.counts[state, n])):
            _, height, width, y, x = graph.arena.rects[rect].tolist()
            cells = graph.arena.cells[cell : cell + height * width].reshape(height, width)
            layers.append((tuple(map(tuple, cells.tolist())), (y, x)))
            rect, cell = rect + 1, cell + height * width
        yield layers[0] if graph.arena.single[state] else tuple(layers)


def some_states(graph):
    """States of all sorts: singles, several layers, those where a numbered step was done to each layer."""
    rng = random.Random(1)
    count, singles = len(graph), graph.arena.single[: len(graph)] == 1
    move, parent = graph.arena.origin[:count, 0], graph.arena.origin[:count, 1]
    numbered = np.array([step.number is not None and step.extension.kind == "one" for step in graph.moves])
    sorts = [
        np.flatnonzero(singles),
        np.flatnonzero(~singles),
        np.flatnonzero(~singles & numbered[move] & (parent > 0)),
    ]
    assert all(len(sort) > 30 for sort in sorts)
    return [state for sort in sorts for state in rng.sample(sort.tolist(), min(len(sort), 60))]


def test_programs_of_states_make_the_states():
    inputs = [picture(seed, 5 + seed, 6) for seed in range(3)]
    given = task(lambda grid: grid, [*inputs, picture(9)])
    moves = [replace(move, cost=10) for move in catalogue.moves(given)]
    graph = Graph(given.inputs, moves, 30_000_000)
    for _ in graph.grow(31):
        pass
    modules.install()
    for state in some_states(graph):
        text = Text(graph)
        source = text.done(text.state(state)).replace("O = cells(", "O = (")
        names = {}
        exec(source, names)  # a program that the kit wrote itself
        for grid, want in zip(given.inputs, held(graph, state, given), strict=True):
            assert names["solve"](grid) == want, source


def test_every_state_is_new():
    given = task(lambda grid: grid, [picture(seed) for seed in range(4)])
    graph = Graph(given.inputs, catalogue.moves(given), 4_000_000)
    for _ in graph.grow(36):
        pass
    seen = set()
    for state in range(len(graph)):
        cells = graph.arena.cells[graph.arena.cell0[state] : graph.arena.cell0[state + 1]].tobytes()
        rects = graph.arena.rects[graph.arena.rect0[state] : graph.arena.rect0[state + 1]].tobytes()
        seen.add((bool(graph.arena.single[state]), graph.arena.counts[state].tobytes(), rects, cells))
    assert len(seen) == len(graph) > 1000


def mirrored(grid):
    return tuple(row[::-1] for row in grid)


def largest_red_below_blue(grid):
    """Red cells above, the mirror image of the blue ones under them: two pieces."""
    flipped = grid[::-1]
    return tuple(
        tuple(2 if a == 2 else 1 if b == 1 else 0 for a, b in zip(row, other, strict=True))
        for row, other in zip(grid, flipped, strict=True)
    )


@pytest.mark.parametrize("function", [mirrored, lambda grid: grid[:3], largest_red_below_blue])
def test_it_finds(function):
    given = task(function, [picture(seed) for seed in range(4)])
    _, found = search(given)
    assert found
    right = [all(run(proposal.source, grid) == function(grid) for grid in given.inputs) for proposal in found]
    assert right[0]


def test_proposals_are_right_on_every_demonstration():
    given = task(largest_red_below_blue, [picture(seed) for seed in range(4)])
    _, found = search(given)
    for proposal in found:
        for pair in given.train:
            assert run(proposal.source, pair.input) == pair.output, proposal.source


def test_the_same_seed_finds_the_same_however_time_is_sliced():
    given = task(largest_red_below_blue, [picture(seed) for seed in range(4)])
    whole = search(given)[1]
    sliced, idea = [], Layers(given, SMALL, random.Random(0), time.monotonic)
    while not idea.exhausted:
        sliced += idea.advance(time.monotonic() + 0.01)
    assert [proposal.source for proposal in sliced] == [proposal.source for proposal in whole]


@pytest.mark.parametrize(
    "inputs",
    [
        [((0,),)] * 3,
        [((5,),), ((5,),)],
        [tuple((3,) * 30 for _ in range(30))] * 4,
        [picture(seed, 30, 30, (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)) for seed in range(11)],
    ],
)
def test_odd_inputs_stay_within_bounds(inputs):
    given = task(lambda grid: ((1,),), inputs)
    began = time.process_time()
    idea, _ = search(given, SMALL, 3.0)
    assert time.process_time() - began < 20
    assert idea.bytes < 4 * SMALL.layers_bytes


def kaleidoscope(grid):
    upper = [row + row[::-1] for row in largest_red_below_blue(grid)]
    return tuple(upper + upper[::-1])


def test_what_a_mosaic_is_made_of_is_aimed_at():
    given = task(kaleidoscope, [picture(seed) for seed in range(4)])
    _, found = search(given)
    assert any(all(run(one.source, grid) == kaleidoscope(grid) for grid in given.inputs) for one in found)
    assert all(run(one.source, pair.input) == pair.output for one in found for pair in given.train)


def test_the_search_ends_when_nothing_more_can_be_proposed(monkeypatch):
    monkeypatch.setattr(engine, "ANSWERS", 1)
    given = task(lambda grid: grid, [picture(seed, 12, 12) for seed in range(4)])
    idea, found = search(given, replace_config(layers_bytes=200_000_000, layers_cost=60))
    assert found and idea.exhausted and idea.kept < 10_000


def test_answers_larger_than_a_grid_are_not_proposed():
    def three_times(grid):
        return tuple(tuple(c for c in row for _ in range(3)) for row in grid for _ in range(3))

    given = Task(
        "t", tuple(Pair(picture(s, 5, 5), three_times(picture(s, 5, 5))) for s in range(3)), (picture(4, 12, 12),)
    )
    found = search(given, replace_config(layers_cost=30))[1]
    assert all(len(run(proposal.source, given.test[0])) <= 30 for proposal in found)


def test_contradictory_demonstrations_give_nothing():
    one, two = picture(1), picture(2)
    given = Task("t", (Pair(one, two), Pair(one, one)), (picture(3),))
    assert search(given)[1] == []


def test_memory_is_what_was_asked_for():
    given = task(lambda grid: ((1, 2), (3, 4)), [picture(seed, 15, 15) for seed in range(4)])
    idea, _ = search(given, replace_config(layers_cost=200), 10.0)
    assert idea.kept > 1000
    assert idea.bytes < 3 * SMALL.layers_bytes


def replace_config(**values):
    return SMALL.model_copy(update=values)


# Covers. --------------------------------------------------------------------------------------------------------------


def test_a_piece_that_is_wrong_may_lie_under_one_that_is_right():
    output = np.array([[1, 2, 0]], np.uint8)
    canvas = cover.canvas(np.array([[1, 3, 0, 0], [1, 3, 0, 0]]), [output])
    some = cover.pieces(1, 10_000)
    for number, cells in enumerate(([1, 0, 0], [3, 2, 0])):
        active = np.uint64(sum(1 << k for k, colour in enumerate(cells) if colour))
        right = np.uint64(sum(1 << k for k, colour in enumerate(cells) if colour and colour == output[0, k]))
        some.active[number], some.right[number], some.cost[number] = active, right, 1
    some.used[0] = 2
    rows = cover.covers(canvas, some, 2, 10).tolist()
    assert rows == [[0, 1, -1, -1, -1, -1]]
