"""Trying acts on things: is what an act paints in the output, and which changed cells does it account for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from arc_submit.dsl.extensions.neighbours import Place
from arc_submit.dsl.extensions.things_acts import Act, Painted, deed
from arc_submit.dsl.extensions.things_marks import Thing
from arc_submit.records import Task
from arc_submit.symbolic.ideas.checks import differences
from arc_submit.symbolic.ideas.things.perceive import Seen

Gains: TypeAlias = dict[int, int]
"""Thing -> changed cells that it accounts for."""
Done: TypeAlias = list[tuple[int, int, Thing, Painted]]
"""(number of a thing, its input, the thing, what it would paint)."""
DYED = ("shift", "copy", "reflect", "stride", "turn", "wear")
"""Acts that are also tried with another colour."""


@dataclass(frozen=True, slots=True)
class Tried:
    """An act tried on all things of the demonstrations."""

    act: Act
    cost: float
    right: int
    """The things for which what it paints is in the output."""
    gains: Gains
    covers: int


class Trying:
    """Acts on the things of all demonstrations, seen in one way."""

    def __init__(self, task: Task, seen: Seen) -> None:
        self.seen = seen
        self.outputs = [pair.output for pair in task.train]
        self.things = [(k, n, one) for k, (n, one) in enumerate(seen.members) if n < seen.demonstrations]
        self.bits: list[dict[Place, int]] = []
        """For each demonstration its changed cells, each with a bit of its own."""
        count = 0
        for pair in task.train:
            here = {place: 1 << bit for bit, place in enumerate(differences(pair.input, pair.output), count)}
            count += len(here)
            self.bits.append(here)
        self.changed = (1 << count) - 1
        self.first = min(range(seen.demonstrations), key=lambda n: seen.train[n].bit_count())
        """The demonstration with the fewest things: acts with many forms are tried there before anywhere else."""

    def among(self, number: int, places: Iterable[Place]) -> int:
        """The changed ones among these cells."""
        found, here = 0, self.bits[number]
        for place in places:
            if place in here:
                found |= here[place]
        return found

    def tried(self, acts: list[Act], cost: float) -> Iterator[Tried]:
        """Yield those of the acts that account for something."""
        for act in acts:
            done: Done = []
            if not self._useful(act):
                continue
            for k, n, one in self.things:
                scene = self.seen.scenes[n]
                painted = deed(scene, one, act, scene.grid)
                if painted is not None:
                    done.append((k, n, one, painted))
            found = self._result(act, cost, done)
            if found is not None:
                yield found
            elif act[0] in DYED:
                yield from self._dyed(act, cost, done)

    def _useful(self, act: Act) -> bool:
        """An act with many forms accounts for something in the plainest demonstration."""
        if act[0] not in ("approach", "level", "step", "become", "wear"):
            return True
        scene = self.seen.scenes[self.first]
        for one in scene.members:
            painted = deed(scene, one, act, scene.grid)
            if painted is not None and (act[0] == "wear" or self._gain(self.first, one, act, painted)):
                return True
        return False

    def _result(self, act: Act, cost: float, done: Done) -> Tried | None:
        right, gains = 0, {}
        for k, n, one, painted in done:
            gain = self._gain(n, one, act, painted)
            if gain is not None:
                right |= 1 << k
                if gain:
                    gains[k] = gain
        return Tried(act, cost, right, gains, union(gains)) if gains else None

    def _dyed(self, act: Act, cost: float, done: Done) -> Iterator[Tried]:
        """The act where the output shows the right form in one other colour."""
        colours: dict[int, set[int]] = {}
        for _, n, one, painted in done:
            output, ground = self.outputs[n], self.seen.scenes[n].background
            shades = {
                output[i][j]
                for (i, j), c in painted.items()
                if c != ground and 0 <= i < len(output) and 0 <= j < len(output[0])
            }
            if len(shades) == 1 and shades != {one.marks["colour"]}:
                colours.setdefault(shades.pop(), set()).add(n)
        for colour, where in sorted(colours.items()):
            if len(where) == self.seen.demonstrations:
                dyed = [
                    (k, n, one, _dye(painted, colour, self.seen.scenes[n].background)) for k, n, one, painted in done
                ]
                found = self._result(("dyed", colour, act), cost + 0.6, dyed)
                if found is not None:
                    yield found

    def _gain(self, number: int, one: Thing, act: Act, painted: Painted) -> int | None:
        """Return the changed cells that the act accounts for; None when the output shows something else."""
        output = self.outputs[number]
        height, width = len(output), len(output[0])
        inside = {p: c for p, c in painted.items() if 0 <= p[0] < height and 0 <= p[1] < width}
        if any(output[i][j] != c for (i, j), c in inside.items()):
            return None
        if (act[2] if act[0] == "dyed" else act)[0] in ("copy", "repeat", "reflect", "mend", "stamp"):
            return self.among(number, inside)
        ground = self.seen.scenes[number].background
        left = [p for p in one.cells if p not in inside]
        if act[0] == "remove" and any(output[i][j] != ground for i, j in left):
            return None
        return self.among(number, inside) | self.among(number, left)


def _dye(painted: Painted, colour: int, ground: int) -> Painted:
    return {place: c if c == ground else colour for place, c in painted.items()}


def union(gains: Gains) -> int:
    found = 0
    for gain in gains.values():
        found |= gain
    return found


def alone(masks: list[int]) -> int:
    """The bits that are in one mask only."""
    once = twice = 0
    for mask in masks:
        twice |= once & mask
        once |= mask
    return once & ~twice
