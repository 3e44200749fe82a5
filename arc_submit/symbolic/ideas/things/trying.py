"""Trying acts on things: is what an act paints in the output, and which changed cells does it account for.

Acts come in families whose members exclude each other: one region in any colour; the moves; the turns; the copies.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from arc_submit.dsl.extensions.things_acts import Act, Painted, deed
from arc_submit.dsl.extensions.things_marks import CLEAR, COLOURS, Look, Place, Thing
from arc_submit.dsl.extensions.things_rays import DIRECTIONS, FANS
from arc_submit.dsl.extensions.things_regions import REGIONS
from arc_submit.records import Task
from arc_submit.symbolic.ideas.things.perceive import Seen

Gains: TypeAlias = dict[int, int]
"""Thing -> changed cells that it accounts for."""
Done: TypeAlias = list[tuple[int, int, Thing, Painted]]
"""(number of a thing, its input, the thing, what it would paint)."""
HEAVY = 1800  # cells
MANY = 120  # things
FEW = 30  # things
LIGHT = ("cells", "holes", "rest of box", "halo", "skin", "core", "even cells", "odd cells", "few cells", "main cells")
"""Regions that are tried where things are many or large."""
DYED = ("shift", "copy", "reflect", "stride", "turn", "wear")
"""Acts that are also tried with another colour."""
REACH = 4  # cells
MOST_STAMPS = 8
MOST_VECTORS = 5
MODELS = tuple(
    (name, 0) for name in ("most_size", "least_size", "most_colours", "most_holes", "least_top", "least_left")
)
MODELS += (("same_form", 1), ("same_colour", 1), ("symmetric", 1), ("not dot", 1))
DEARER = (
    ("cells", 0.3),
    ("holes", 0.3),
    ("ray", 0.5),
    ("stopped", 0.8),
    ("beam", 0.7),
    ("central", 0.7),
    ("even", 0.6),
    ("odd", 0.6),
)
"""What regions cost, by how their names begin."""
TURNS = ("lr", "ud", "half", "right", "left", "dg", "ad")


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
        self.single: dict[tuple[str, int], list[Place]] = {}
        """The cells of rays in one direction, by region and thing."""
        self.bits: list[dict[Place, int]] = []
        """For each demonstration its changed cells, each with a bit of its own."""
        count = 0
        for pair in task.train:
            here = {}
            for i, (before, after) in enumerate(zip(pair.input, pair.output, strict=True)):
                for j, (a, b) in enumerate(zip(before, after, strict=True)):
                    if a != b:
                        here[i, j] = 1 << count
                        count += 1
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

    def families(self) -> Iterator[Iterator[Tried]]:
        heavy = sum(len(one.cells) for *_, one in self.things) > HEAVY or len(self.things) > MANY
        for name in LIGHT if heavy else REGIONS:
            if name in ("grid", "ground") and len(self.things) > FEW:
                continue
            cells = [(k, n, one, self._cells(name, k, n, one)) for k, n, one in self.things]
            yield self._painted(name, next((c for start, c in DEARER if name.startswith(start)), 0.35), cells)
        if heavy:
            return
        yield self._moved()
        yield self._tried([("turn", way) for way in TURNS], 0.8)
        yield self._tried([("mend", way) for way in ("lr", "ud", "both", "turns", "half", "dg", "ad")], 0.8)
        copies: list[Act] = [("reflect", way) for way in DIRECTIONS]
        copies += [("repeat", way, gap) for way in DIRECTIONS for gap in (0, 1)]
        copies += [("copy", *vector) for vector in self._vectors()]
        yield self._tried(copies, 0.9)
        yield (one for act in self._stamps() for one in self._tried([act], 1.1 + 0.08 * len(act[1])))
        yield self._tried([("become", mark) for mark in ("colour", "inner", "twin", "near", "rare")], 1.0)
        yield self._tried([(act, test) for act in ("become", "wear") for test in MODELS], 1.1)

    def _cells(self, name: str, k: int, number: int, one: Thing) -> list[Place]:
        """The cells of a region; those of several directions are put together from single ones."""
        kind = next((kind for kind in ("ray", "stopped ray", "beam") if name.startswith(kind + " ")), "")
        fan = FANS[name[len(kind) + 1 :]] if kind else ()
        if len(fan) > 1:
            return [place for part in fan for place in self.single[f"{kind} {part}", k]]
        found = list(REGIONS[name](self.seen.scenes[number], one))
        if kind:
            self.single[name, k] = found
        return found

    def _painted(self, name: str, cost: float, cells: list[tuple[int, int, Thing, list[Place]]]) -> Iterator[Tried]:
        """One region, with every colour that could be meant."""
        empty, labels, gains = 0, {}, {}
        for k, n, _, places in cells:
            if not places:
                empty |= 1 << k
                continue
            output = self.outputs[n]
            shades = {output[i][j] for i, j in places}
            if len(shades) == 1:
                labels[k] = shades.pop()
                gains[k] = self.among(n, places)
        useful = {labels[k] for k, gain in gains.items() if gain}
        leaves: list[tuple[Any, float]] = [(colour, 0.4) for colour in sorted(useful)]
        leaves += [("background", 0.3), *((mark, 0.8) for mark in COLOURS)] if useful else []
        for leaf, more in leaves:
            right = empty
            for k, label in labels.items():
                n, one = self.seen.members[k]
                own = self.seen.scenes[n].background if leaf == "background" else one.marks.get(leaf, -1)
                if label == (leaf if isinstance(leaf, int) else own):
                    right |= 1 << k
            mine = {k: gain for k, gain in gains.items() if right >> k & 1 and gain}
            if mine:
                yield Tried(("paint", name, leaf), cost + more, right, mine, union(mine))

    def _moved(self) -> Iterator[Tried]:
        """Ways to go: a slide is right where the thing lies anywhere ahead in the output."""
        acts: list[tuple[Act, float]] = [(("remove",), 0.6)]
        acts += [(("hop", way), 0.7) for way in tuple(DIRECTIONS)]
        acts += [(("shift", *vector), 0.9) for vector in self._vectors()]
        acts += [(("stride", i, j), 1.0) for i, j in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (2, 0), (0, 2))]
        acts += [(("cross", way), 1.0) for way in ("lr", "ud", "half")]
        acts += [(("approach", colour), 1.0) for colour in (*range(10), "colour", "near", "largest_colour")]
        leaves = ("colour", "near", "largest_colour")
        acts += [(("step", colour, n), 1.2) for colour in (*range(10), *leaves) for n in (1, 2)]
        sides = ("top", "bottom", "left", "right", "row", "column")
        acts += [(("level", side, colour), 1.1) for side in sides for colour in (*range(10), *leaves)]
        for act, cost in acts:
            yield from self._tried([act], cost)
        for way in DIRECTIONS:
            right, gains = 0, {}
            for k, n, one in self.things:
                fits, gain = self._ahead(n, one, DIRECTIONS[way])
                right |= fits << k
                if fits and gain:
                    gains[k] = gain
            yield Tried(("slide", way), 0.7, right, gains, union(gains))

    def _ahead(self, number: int, one: Thing, step: Place) -> tuple[bool, int]:
        output = self.outputs[number]
        fits, gain = False, self.among(number, one.cells)
        for far in range(30):
            moved = {(i + step[0] * far, j + step[1] * far): c for (i, j), c in one.cells.items()}
            if any(not (0 <= i < len(output) and 0 <= j < len(output[0])) for i, j in moved):
                break
            if all(output[i][j] == c for (i, j), c in moved.items()):
                fits = True
                gain |= self.among(number, moved)
        return fits, gain

    def _stamps(self) -> list[Act]:
        """For each form that several small things share: what the output shows around them all."""
        alike: dict[Look, list[tuple[int, Thing]]] = {}
        for _, n, one in self.things:
            if one.height <= 3 and one.width <= 3:
                names = {CLEAR: -1, one.marks["colour"]: 11, one.marks["rare"]: 12}
                alike.setdefault(one.look, []).append((n, one))
                alike.setdefault(tuple(tuple(names.get(c, c) for c in row) for row in one.look), []).append((n, one))
        found: list[Act] = []
        for things in alike.values():
            cells = self._around(things)
            if cells and ("stamp", cells) not in found and len(found) < MOST_STAMPS:
                found.append(("stamp", cells))
        return found

    def _around(self, things: list[tuple[int, Thing]]) -> tuple[tuple[int, int, int | str], ...]:
        """The changed cells, from the upper left corner on, that the output shows around most of these things."""
        shown: dict[Place, list[tuple[int, Thing]]] = {}
        changed = set()
        for n, one in things:
            output, here = self.outputs[n], self.bits[n]
            for i in range(-REACH, one.height + REACH):
                for j in range(-REACH, one.width + REACH):
                    y, x = one.top + i, one.left + j
                    if 0 <= y < len(output) and 0 <= x < len(output[0]):
                        shown.setdefault((i, j), []).append((output[y][x], one))
                        if (y, x) in here:
                            changed.add((i, j))
        enough = max(2.0, 0.5 * len(things))
        cells = (
            (i, j, _meant(seen)) for (i, j), seen in sorted(shown.items()) if (i, j) in changed and len(seen) >= enough
        )
        return tuple((i, j, colour) for i, j, colour in cells if colour is not None)

    def _vectors(self) -> list[Place]:
        """The fixed ways by which the most things lie somewhere else in the output."""
        counts: dict[Place, set[int]] = {}
        for k, n, one in self.things[:40]:
            output = self.outputs[n]
            height, width = len(output), len(output[0])
            ground = self.seen.scenes[n].background
            ai, aj = next(iter(one.cells))
            for i in range(height):
                for j in range(width):
                    di, dj = i - ai, j - aj
                    if output[i][j] == ground or not (di or dj):
                        continue
                    if all(
                        0 <= y + di < height and 0 <= x + dj < width and output[y + di][x + dj] == output[i][j]
                        for y, x in one.cells
                    ) or all(
                        0 <= y + di < height and 0 <= x + dj < width and output[y + di][x + dj] == c
                        for (y, x), c in one.cells.items()
                    ):
                        counts.setdefault((di, dj), set()).add(k)
        order = sorted(counts, key=lambda v: (-len(counts[v]), abs(v[0]) + abs(v[1]), v))
        return order[:MOST_VECTORS]

    def _tried(self, acts: list[Act], cost: float) -> Iterator[Tried]:
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


def _meant(seen: list[tuple[int, Thing]]) -> int | str | None:
    """Return the colour that explains what is seen with each thing: a mark of theirs, or one number."""
    for mark in ("colour", "rare"):
        if all(colour == one.marks[mark] for colour, one in seen):
            return mark
    colours = {colour for colour, _ in seen}
    return colours.pop() if len(colours) == 1 else None


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
