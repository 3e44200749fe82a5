"""Small outputs: how many things there are, their colours in order, their sizes as bars, a map of them."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from arc_submit import dsl
from arc_submit.dsl.extensions.things import Things, kept_things
from arc_submit.dsl.extensions.things_marks import COLOURS
from arc_submit.dsl.extensions.things_small import (
    band_things,
    bar_things,
    count_things,
    diagonal_grid,
    listed_things,
    map_places,
    map_things,
    sorted_things,
    tally_grid,
)
from arc_submit.records import Grid, Task
from arc_submit.symbolic.ideas.things.decide import STAY, decisions, holds
from arc_submit.symbolic.ideas.things.finishing import CHANGES, ORDERS, ending
from arc_submit.symbolic.ideas.things.perceive import Seen
from arc_submit.symbolic.ideas.things.selectors import Choice, Selectors
from arc_submit.symbolic.ideas.things.written import Written

MOST_COUNTED = 30


class Counting:
    """Small outputs, seen in one way."""

    def __init__(self, task: Task, seen: Seen, selectors: Selectors) -> None:
        self.seen = seen
        self.selectors = selectors
        self.outputs = [pair.output for pair in task.train]
        self.sizes = [dsl.shape(output) for output in self.outputs]

    def programs(self) -> Iterator[Written | None]:
        yield from self._mapped()
        if max(height * width for height, width in self.sizes) > 400:
            return
        yield from self._counted()
        yield from self._scaled()
        yield from self._listed()

    # ------------------------------------------------------------------ counts

    def _counted(self) -> Iterator[Written | None]:
        """The count as cells in reading order of a fixed grid, or as the side of a one-coloured one."""
        inks = {c for output in self.outputs for row in output for c in row} - {0}
        if len(inks) != 1:
            return
        colour = inks.pop()
        counts = [sum(c != 0 for row in output for c in row) for output in self.outputs]
        if len(set(counts)) == 1:
            return
        height, width = self.sizes[0]
        shapes: list[tuple[str, Callable[[int], Grid]]] = [
            (f"canvas({colour}, (1, 1))|O = hupscale(X, N)", lambda n: dsl.canvas(colour, (1, n))),
            (f"canvas({colour}, (1, 1))|O = vupscale(X, N)", lambda n: dsl.canvas(colour, (n, 1))),
            (f"canvas({colour}, (1, 1))|O = upscale(X, N)", lambda n: dsl.canvas(colour, (n, n))),
            (f"diagonal_grid(N, {colour})|", lambda n: diagonal_grid(n, colour)),
            (f"tally_grid(N, {colour}, {height}, {width})|", lambda n: tally_grid(n, colour, height, width)),
            (
                f"tally_grid(N, {colour}, {width}, {height})|O = dmirror(X)",
                lambda n: _turned(tally_grid(n, colour, width, height)),
            ),
        ]
        for text, shape in shapes:
            wanted = []
            for output, count in zip(self.outputs, counts, strict=True):
                side = len(output) if " upscale" in text else count
                if side > max(height * width, 30) or not self._shows(shape, side, output):
                    break
                wanted.append(side)
            else:
                yield from self._counters(text, shape, wanted)

    @staticmethod
    def _shows(shape: Callable[[int], Grid], count: int, output: Grid) -> bool:
        try:
            return shape(count) == output
        except ValueError:
            return False

    def _scaled(self) -> Iterator[Written | None]:
        """The input as many times larger as there are things of some sort."""
        wanted = [
            len(output) // len(scene.grid) if dsl.upscale(scene.grid, len(output) // len(scene.grid)) == output else 0
            for output, scene in zip(self.outputs, self.seen.scenes, strict=False)
        ]
        if 0 in wanted or len(set(wanted)) == 1:
            return
        yield None
        for choice in sorted(self.selectors.every, key=lambda choice: choice.cost):
            counts = [(choice.picked & group).bit_count() for group in self.seen.groups]
            if counts[: len(wanted)] == wanted and min(counts) > 0 and max(counts) < 10:
                outputs: tuple[Any, ...] = tuple(
                    dsl.upscale(scene.grid, count)
                    for scene, count in zip(self.seen.test_scenes, counts[len(wanted) :], strict=True)
                )
                lines = self.seen.kept(choice.selector, ("x3 = count_things(x2)", "O = upscale(I, x3)"))
                yield Written(lines, 2.0 + choice.cost + self.seen.cost, outputs)

    def _counters(self, text: str, shape: Callable[[int], Grid], wanted: list[int]) -> Iterator[Written | None]:
        yield None
        found = [choice for choice in self.selectors.every if self._counts(choice.picked) == wanted]
        if not found:
            for a, b in combinations(self.selectors.tests[:60], 2):
                if self._counts(a.picked & b.picked) == wanted:
                    found.append(a & b)
        for choice in sorted(found, key=lambda choice: choice.cost)[:4]:
            try:
                outputs = tuple(shape(count_things(kept_things(s, choice.selector))) for s in self.seen.test_scenes)
            except ValueError:
                continue
            first, _, second = text.replace("X", "x4").replace("N", "x3").partition("|")
            tail = (f"x4 = {first}", second) if second else (f"O = {first}",)
            lines = self.seen.kept(choice.selector, ("x3 = count_things(x2)", *tail))
            yield Written(lines, 2.2 + choice.cost + self.seen.cost, outputs)

    def _counts(self, picked: int) -> list[int]:
        return [(picked & group).bit_count() for group in self.seen.train]

    # ------------------------------------------------------------------ lists

    def _listed(self) -> Iterator[Written | None]:
        makers: list[tuple[str, Callable[[Things], Grid]]] = [
            ("listed_things(x3)", listed_things),
            ("band_things(x3)", band_things),
        ]
        for name in ("size", "height", "width", "few"):
            makers.append((f"bar_things(x3, ('{name}',))", _bars(name)))
        small = [choice for choice in self.selectors.every if max(self._counts(choice.picked)) <= MOST_COUNTED]
        for choice in small[:60]:
            if not self._could_list(choice.picked):
                continue
            yield None
            for text, maker in makers:
                for order in ORDERS[:6] if choice.selector else ORDERS:
                    yield from self._list(choice, order, text, maker)

    def _could_list(self, picked: int) -> bool:
        return all(count in size and count > 0 for count, size in zip(self._counts(picked), self.sizes, strict=True))

    def _list(
        self, choice: Choice, order: tuple[str, int], text: str, maker: Callable[[Things], Grid]
    ) -> Iterator[Written | None]:
        def made(scene: Things) -> Grid:
            return maker(sorted_things(kept_things(scene, choice.selector), order))

        try:
            first = made(self.seen.scenes[0])
            fitting = [change for change in CHANGES[:8] if change[1](first) == self.outputs[0]]
            if not fitting:
                return
            grids = [made(scene) for scene in self.seen.scenes]
        except ValueError:
            return
        for after, change, more in fitting:
            changed = [change(grid) for grid in grids]
            if changed[: len(self.outputs)] == self.outputs:
                tail = (f"x3 = sorted_things(x2, {order!r})", *ending("x4", text, after))
                lines = self.seen.kept(choice.selector, tail)
                cost = 2.4 + choice.cost + more + self.seen.cost + 0.1 * ORDERS.index(order)
                yield Written(lines, cost, tuple(changed[len(self.outputs) :]))

    # ------------------------------------------------------------------ maps

    def _mapped(self) -> Iterator[Written | None]:
        """One cell per thing, its colour by rules."""
        seen = self.seen
        labels: dict[int, int] = {}
        start = 0
        for number, output in enumerate(self.outputs):
            places = map_places(seen.scenes[number])
            height, width = max(i for i, _ in places) + 1, max(j for _, j in places) + 1
            if (height, width) != self.sizes[number] or len(set(places)) < len(places):
                return
            for k, (i, j) in enumerate(places):
                labels[start + k] = output[i][j]
            start += len(places)
        if start < 2 or (all(len(scene.members) == 1 for scene in seen.scenes) and len(set(labels.values())) < 2):
            return
        right: dict[Any, int] = {}
        for k, label in labels.items():
            right[label] = right.get(label, 0) | 1 << k
            for mark in COLOURS:
                if seen.members[k][1].marks.get(mark, -1) == label:
                    right[mark] = right.get(mark, 0) | 1 << k
        costs: dict[Any, float] = {leaf: 0.5 if isinstance(leaf, int) else 0.8 for leaf in right}
        right[STAY], costs[STAY] = 0, 9.0
        share = None
        for decision in decisions(self.selectors, right, costs, seen.shown):
            yield None
            grids = [map_things(scene, decision.rules) for scene in seen.scenes]
            if grids[: len(self.outputs)] == self.outputs:
                if share is None:
                    share = holds(self.selectors, right, costs)
                lines = (*seen.lines(), f"O = map_things(x1, {decision.rules!r})")
                cost = 1.5 + decision.cost + seen.cost + 3 * (1 - share)
                yield Written(lines, cost, tuple(grids[len(self.outputs) :]))


def _turned(grid: Grid) -> Grid:
    turned: Grid = tuple(zip(*grid, strict=True))
    return turned


def _bars(name: str) -> Callable[[Things], Grid]:
    return lambda things: bar_things(things, (name,))
