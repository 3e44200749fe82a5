"""Layers: steps from the input reach pieces, and pieces laid over each other make the output.

    grow a level -> states that are what is aimed at -> frames -> pieces -> covers -> programs -> the next level

Every step is a function of the DSL's extensions, compiled. Programs come out cheapest first, at most a few for each
answer to the tests. Left out: steps after a cover, but for one that can be undone (`aims`), loops, and what a step
does to an object because of another.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from arc_submit.records import Task
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.ideas.idea import Clock, Proposal, Stepwise
from arc_submit.symbolic.layers import catalogue, cover, frames
from arc_submit.symbolic.layers.aims import Aim, aims
from arc_submit.symbolic.layers.graph import Graph
from arc_submit.symbolic.layers.pictures import Picture, Sheet, answer, source

SPELLINGS = 2  # programs proposed for the same answer
ANSWERS = 10  # different answers that may be cheaper than one that is still proposed
PIECE = 4  # cost units that another piece adds
COVERS = 3000  # pictures looked at per frame and level
GROWTH = 1.3  # times as many pieces as the last time: covers are sought again
DRAWN = 2000  # states drawn on a frame between two looks at the clock


class Easel:
    """Where one aim is worked at."""

    def __init__(self, aim: Aim, inputs: int) -> None:
        self.aim = aim
        self.sizes = np.array([output.shape for output in aim.outputs], np.int64)
        """int64[demonstrations, 2]."""
        self.target = np.concatenate([output.ravel() for output in aim.outputs])
        self.frames = frames.Frames(self.sizes)
        self.frames.constant(inputs)
        self.sheets: list[Sheet] = []


class Layers(Stepwise):
    """The search of one task. One of `arc_submit.symbolic.ideas`."""

    def __init__(self, task: Task, config: SymbolicConfig, rng: random.Random, now: Clock) -> None:
        super().__init__(self._search(), now)
        self._config = config
        self._graph = Graph(task.inputs, catalogue.moves(task), config.layers_bytes)
        outputs = [np.array(pair.output, np.uint8) for pair in task.train]
        self._easels = [Easel(aim, len(task.inputs)) for aim in aims(outputs, self._graph.moves)]
        self._tests = range(len(task.train), len(task.inputs))
        self._spelt: Counter[bytes] = Counter()
        """Programs proposed, by what they answer to the tests."""
        self._cheapest: dict[bytes, int] = {}
        """Cost of the cheapest of them."""
        self._said: set[str] = set()

    @property
    def bytes(self) -> int:
        """Memory of the tables."""
        return self._graph.bytes + sum(
            int(part.nbytes) for easel in self._easels for sheet in easel.sheets for part in sheet.pieces
        )

    @property
    def kept(self) -> int:
        """Different states reached so far."""
        return len(self._graph)

    def _search(self) -> Iterator[list[Proposal]]:
        looked, level = 0, self._graph.level
        for _ in self._graph.grow(self._config.layers_cost):
            if self._graph.level > level:
                level = self._graph.level
                if self._cheaper(level) >= ANSWERS:
                    return
                yield from self._harvest(looked)
                looked = len(self._graph)
            yield []
        yield from self._harvest(looked, growth=1.0)

    def _harvest(self, looked: int, growth: float = GROWTH) -> Iterator[list[Proposal]]:
        """What the states from `looked` on make possible; covers where there are `growth` times as many pieces."""
        for easel in self._easels:
            yield from self._paint(easel, looked, growth)

    def _paint(self, easel: Easel, looked: int, growth: float) -> Iterator[list[Proposal]]:
        last, aim = len(self._graph), easel.aim
        fitting = frames.fitting(self._graph.arena, looked, last, easel.sizes)
        right = fitting[frames.exact(self._graph.arena, fitting, easel.target)]
        yield self._best([Picture(int(self._graph.arena.cost[one]) + aim.cost, aim, int(one)) for one in right])
        easel.frames.look(self._graph, fitting)
        for number, (state, box) in enumerate(easel.frames):
            if number == len(easel.sheets):
                canvas = cover.canvas(box, aim.outputs)
                room = self._config.layers_bytes // (8 * frames.MOST * len(self._easels))
                easel.sheets.append(Sheet(state, canvas, cover.pieces(canvas.whole.size, room)))
            sheet = easel.sheets[number]
            while sheet.drawn < last:
                stop = min(last, sheet.drawn + DRAWN)
                reached = cover.draw(self._graph.arena, sheet.drawn, stop, sheet.canvas, sheet.pieces)
                sheet.drawn = last if reached < stop else stop
                yield []
            if sheet.pieces.used[0] > growth * sheet.covered:
                sheet.covered = int(sheet.pieces.used[0])
                yield self._best(self._pictures(aim, sheet))

    def _best(self, pictures: Sequence[Picture]) -> list[Proposal]:
        """Return programs for the cheapest, a few for each answer."""
        proposals: list[Proposal] = []
        for picture in sorted(pictures, key=lambda picture: (picture.cost, picture.state, picture.pieces)):
            if self._cheaper(picture.cost) >= ANSWERS:
                break  # a first level's picture of many pieces does not take the place of a later level's simple one
            key = answer(self._graph, picture, self._tests)
            if key is None or self._spelt[key] >= SPELLINGS:
                continue
            text = source(self._graph, picture)
            if text not in self._said:
                self._spelt[key] += 1
                self._cheapest.setdefault(key, picture.cost)
                self._said.add(text)
                proposals.append(Proposal(text, picture.cost))
        return proposals

    def _cheaper(self, cost: int) -> int:
        """Return how many answers proposed are cheaper than this."""
        return sum(known < cost for known in self._cheapest.values())

    def _pictures(self, aim: Aim, sheet: Sheet) -> list[Picture]:
        """Return what covers the sheet; the frame's box costs what its state does."""
        found = []
        fixed = aim.cost + (PIECE if sheet.state is None else int(self._graph.arena.cost[sheet.state]))
        for row in cover.covers(sheet.canvas, sheet.pieces, int(sheet.pieces.used[0]), COVERS):
            chosen = tuple(int(piece) for piece in row if piece >= 0)
            cost = sum(int(sheet.pieces.cost[piece]) for piece in chosen) + PIECE * len(chosen)
            found.append(Picture(cost + fixed, aim, -1, sheet, chosen))
        return found
