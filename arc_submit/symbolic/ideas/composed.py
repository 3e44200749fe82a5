"""Composed: first steps over layers, then another idea on what they made of the inputs.

    states near the output (a small search of `layers`) -> the task with its inputs replaced -> rules, things, processes

A state is near when it has every output's size, the nearer the more cells are right. What the second idea finds is put
behind the lines that make the state. Left out: more than one change of idea, and states of other sizes.
"""

import random
import re
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from arc_submit.records import Pair, Task
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.ideas.idea import Clock, Idea, Proposal, Stepwise
from arc_submit.symbolic.ideas.processes import Processes
from arc_submit.symbolic.ideas.rules import Rules
from arc_submit.symbolic.ideas.things import Things
from arc_submit.symbolic.layers import catalogue, frames
from arc_submit.symbolic.layers.graph import Graph
from arc_submit.symbolic.layers.pictures import grids
from arc_submit.symbolic.layers.text import Text

BYTES = 30_000_000  # of the small search
STATES = 40_000  # that it reaches at most
STARTS = 10  # states that are gone on from
STEP = 2.0  # cost units of having changed ideas
NEXT: tuple[tuple[Callable[..., Idea], int], ...] = ((Rules, 60), (Things, 400), (Processes, 1500))
"""Ideas, and the steps that each may make on one state: about a second."""


class Composed(Stepwise):
    """The idea, opened for one task."""

    def __init__(self, task: Task, config: SymbolicConfig, rng: random.Random, now: Clock) -> None:
        super().__init__(_search(task, config, rng, now), now)


def _search(task: Task, config: SymbolicConfig, rng: random.Random, now: Clock) -> Iterator[list[Proposal]]:
    graph = Graph(task.inputs, catalogue.moves(task), BYTES)
    for _ in graph.grow(config.layers_cost):
        if len(graph) > STATES:
            break
        yield []
    for state in _near(task, graph):
        inputs = grids(graph, state, len(task.inputs))
        pairs = tuple(Pair(grid, pair.output) for grid, pair in zip(inputs, task.train, strict=False))
        other = Task(task.id, pairs, tuple(inputs[len(pairs) :]))
        text = Text(graph)
        name = text.state(state)
        cost = int(graph.arena.cost[state]) / 4 + STEP
        for idea, steps in NEXT:
            for found in _asked(idea(other, config, rng, now), steps, now):
                yield [Proposal(behind(text, name, one.source), one.cost + cost) for one in found]


def _asked(idea: Idea, steps: int, now: Clock) -> Iterator[list[Proposal]]:
    try:
        for _ in range(steps):
            if idea.exhausted:
                break
            yield idea.advance(now())  # one step
    finally:
        idea.close()


def _near(task: Task, graph: Graph) -> Iterator[int]:
    """The states of the outputs' sizes that have most cells right; each behaviour on the demonstrations once."""
    outputs = [np.array(pair.output, np.uint8) for pair in task.train]
    fitting = frames.fitting(graph.arena, 0, len(graph), np.array([output.shape for output in outputs], np.int64))
    target = np.concatenate([output.ravel() for output in outputs])
    held, seen = graph.arena, set[bytes]()
    ranked: list[tuple[float, int]] = []
    for state in fitting.tolist():
        cells = held.cells[held.cell0[state] : held.cell0[state] + target.size]
        if state == 0 or np.array_equal(cells, target) or (key := cells.tobytes()) in seen:
            continue
        seen.add(key)
        wrong = float((cells != target).mean())
        ranked.append((wrong + int(held.cost[state]) / 400, state))
    return islice((state for _, state in sorted(ranked)), STARTS)


def behind(text: Text, name: str, source: str) -> str:
    """Return the program that first runs the lines of `text` and then `source` on the cells of the layer `name`.

    Args:
        source: a program of the DSL in straight lines, `def solve(I)`.

    Raises:
        ValueError: it is written otherwise, or has a J of its own.
    """
    header, _, body = source.partition("def solve(I):\n")
    if not body or re.search(r"\bJ\b", body):
        raise ValueError(f"nothing can be put before this program: {source}")
    imports = ["from arc_dsl import *\n", "from arc_ext import *\n"]
    shift = len(text.lines)
    body = re.sub(r"\bx(\d+)\b", lambda found: f"x{int(found[1]) + shift}", body)
    body = re.sub(r"\bI\b", "J", body)
    kept = [line for line in header.splitlines(keepends=True) if line.strip() and line not in imports]
    first = "".join(text.lines) + f"    J = cells({name})\n"
    return "".join([*imports, *kept, "\n\ndef solve(I):\n", first, body])
