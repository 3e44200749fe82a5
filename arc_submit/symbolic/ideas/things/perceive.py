"""Ways of seeing things on a task's inputs, and the things of all inputs under one number each.

Sets of things are whole numbers, bit by bit: demonstrations first, then test inputs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from arc_submit.dsl.extensions import things as ways
from arc_submit.dsl.extensions.things import Selector, Things
from arc_submit.dsl.extensions.things_marks import Thing
from arc_submit.records import Grid, Task


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The things of all inputs, seen in one way."""

    text: str
    """The call that sees them."""
    scenes: tuple[Things, ...]
    demonstrations: int
    members: tuple[tuple[int, Thing], ...]
    """(input, thing), numbered."""
    groups: tuple[int, ...]
    """The set of each input's things."""
    shown: int
    """The set of the things of demonstrations."""
    cost: float
    before: tuple[str, ...] = ()
    """Lines that make the grid that is seen; the call sees the last one's."""

    def lines(self, name: str = "x1") -> tuple[str, ...]:
        """The program up to the things, under that name."""
        start = self.before[-1].partition(" = ")[0] if self.before else "I"
        return (*self.before, f"{name} = {self.text.replace('(I', f'({start}')}")

    def kept(self, selector: Selector, after: tuple[str, ...]) -> tuple[str, ...]:
        """The program that goes on, `after`, with the things x2 that a selector picks: all of them if it is empty."""
        if not selector:
            return (*self.lines(), *(line.replace("x2", "x1") for line in after))
        return (*self.lines(), f"x2 = kept_things(x1, {selector!r})", *after)

    @property
    def train(self) -> tuple[int, ...]:
        return self.groups[: self.demonstrations]

    @property
    def test(self) -> tuple[int, ...]:
        return self.groups[self.demonstrations :]

    @property
    def test_scenes(self) -> tuple[Things, ...]:
        return self.scenes[self.demonstrations :]


def views(task: Task, before: tuple[str, ...] = (), most: int | None = None) -> Iterator[Seen | None]:
    """Yield the ways of seeing the task's inputs that differ, plain ones first; None after each input looked at."""
    known: set[Any] = set()
    for text, cost in _calls(task.inputs):
        if len(known) == most:
            return
        scenes = []
        try:
            for grid in task.inputs:
                scenes.append(_see(text, grid))
                yield None
        except ValueError:
            continue
        look = tuple(tuple((one.top, one.left, one.look) for one in scene.members) for scene in scenes)
        if look in known:
            continue
        known.add(look)
        yield _seen(text, tuple(scenes), len(task.train), cost, before)


def _seen(text: str, scenes: tuple[Things, ...], demonstrations: int, cost: float, before: tuple[str, ...]) -> Seen:
    members = tuple((number, one) for number, scene in enumerate(scenes) for one in scene.members)
    groups, start = [], 0
    for scene in scenes:
        groups.append(((1 << len(scene.members)) - 1) << start)
        start += len(scene.members)
    shown = sum(groups[:demonstrations])
    return Seen(text, scenes, demonstrations, members, tuple(groups), shown, cost, before)


def _calls(inputs: tuple[Grid, ...]) -> Iterator[tuple[str, float]]:
    black = sum(any(0 in row for row in grid) for grid in inputs)
    grounds = [0] if black else []
    if any(_commonest(grid) != 0 for grid in inputs):
        grounds.append(-1)
    for ground in grounds:
        yield f"things(I, T, T, {ground})", 0.0
        yield f"things(I, F, T, {ground})", 0.1
        yield f"things(I, T, F, {ground})", 0.3
        yield f"things(I, F, F, {ground})", 0.4
    yield "part_things(I)", 0.2
    for ground in grounds:
        yield f"colour_things(I, {ground})", 0.3
        yield f"near_things(I, {ground})", 0.6
        yield f"hole_things(I, {ground})", 0.4
        yield f"background_things(I, {ground})", 0.5
    yield "colour_things(I, 10)", 0.7
    yield "things(I, T, F, 10)", 0.7
    for rows, columns in ((1, 1), (1, 2), (2, 1), (2, 2), (1, 3), (3, 1), (3, 3), (1, 4), (4, 1), (4, 4)):
        if all(len(grid) % rows == 0 and len(grid[0]) % columns == 0 for grid in inputs):
            yield f"tile_things(I, {rows}, {columns})", 0.6
    yield "row_things(I)", 0.8
    yield "column_things(I)", 0.8
    for ground in grounds:
        yield f"dot_things(I, {ground})", 0.8


def _commonest(grid: Grid) -> int:
    cells = [c for row in grid for c in row]
    return max(sorted(set(cells)), key=cells.count)


def _see(text: str, grid: Grid) -> Things:
    """Run one of the calls above."""
    name, _, rest = text.rstrip(")").partition("(I")
    words = rest.split(", ")[1:]
    arguments = [{"T": 1, "F": 0}[word] if word in "TF" else int(word) for word in words]
    found = getattr(ways, name)(grid, *arguments)
    assert isinstance(found, Things)
    return found
