"""Outputs of the input's size: the input after its things did something, each what the rules say.

One family of acts accounts for all changes, decided thing by thing; or two acts do together.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from arc_submit.dsl.extensions.things_acts import MOVES, acted_things
from arc_submit.records import Grid, Task
from arc_submit.symbolic.ideas.checks import compared
from arc_submit.symbolic.ideas.things.decide import STAY, decisions, holds, marked
from arc_submit.symbolic.ideas.things.families import families
from arc_submit.symbolic.ideas.things.perceive import Seen
from arc_submit.symbolic.ideas.things.selectors import Selectors
from arc_submit.symbolic.ideas.things.trying import Gains, Tried, Trying, alone, union
from arc_submit.symbolic.ideas.things.written import Opening, Written

PAIRED = 28  # acts
MIXED = 80  # acts
MOST_VALUES = 5
MOST_PAIRS = 40
OPENINGS = 3
POOLS = ("ray", "ray up", "ray down", "stopped ray", "stopped ray up", "stopped ray down", "beam", "central beam")
"""Regions that differ in direction: which one is meant may differ from thing to thing."""


class Acting:
    """Same-size outputs, seen in one way."""

    def __init__(self, task: Task, seen: Seen, selectors: Selectors) -> None:
        self.seen = seen
        self.selectors = selectors
        self.trying = Trying(task, seen)
        self.outputs = self.trying.outputs
        self.changed = self.trying.changed
        self.every: list[Tried] = []
        """The acts that account for the most changes, once `programs` is through."""

    def programs(self) -> Iterator[Written | None]:
        """Yield programs that are right on the demonstrations; None now and then, to let others go on."""
        every: list[Tried] = []
        pools: dict[str, list[Tried]] = {}
        for family in families(self.trying):
            tried = [one for one in family if one.covers]
            yield None
            every += tried
            for one in tried:
                if one.act[0] == "paint" and one.act[1].rpartition(" ")[0] in POOLS:
                    pools.setdefault(one.act[1].rpartition(" ")[0], []).append(one)
            yield from self._decided(tried)
        for pool in pools.values():
            if len({one.act[1] for one in pool}) > 1:
                yield from self._decided(pool)
        every.sort(key=lambda one: (-one.covers.bit_count(), one.cost))
        self.every = every[:PAIRED]
        yield from self._pairs()
        yield from self._mixed(every[:MIXED])

    def _decided(self, tried: list[Tried]) -> Iterator[Written | None]:
        """Decision lists over one family."""
        complete = sorted((one for one in tried if one.covers == self.changed), key=lambda one: one.cost)
        for one in complete[:6]:
            right: dict[Any, int] = {one.act: one.right, STAY: self._may_stay([one])}
            yield from self._verified(right, {one.act: one.cost, STAY: 0.0})
        everything = 0
        for one in tried:
            everything |= one.covers
        if everything != self.changed or len(tried) < 2:
            return
        tried = sorted(tried, key=lambda one: (-len(one.gains), one.cost))[:24]
        right = {one.act: one.right for one in tried}
        costs: dict[Any, float] = {one.act: one.cost for one in tried}
        right[STAY], costs[STAY] = self._may_stay(tried), 0.0
        yield from self._verified(right, costs)

    def _may_stay(self, tried: list[Tried]) -> int:
        """The things that account for nothing that others would not."""
        by_thing: Gains = {}
        for one in tried:
            for k, gain in one.gains.items():
                by_thing[k] = by_thing.get(k, 0) | gain
        lonely = alone(list(by_thing.values()))
        found = 0
        moves = all(one.act[0] in MOVES for one in tried)
        for k, n, thing in self.trying.things:
            leaves = moves and self.trying.among(n, thing.cells)
            if not by_thing.get(k, 0) & lonely and not leaves:
                found |= 1 << k
        return found

    def _verified(self, right: dict[Any, int], costs: dict[Any, float]) -> Iterator[Written | None]:
        share = None
        for decision in decisions(self.selectors, right, costs, self.seen.shown):
            yield None
            rules = decision.rules
            if not self._is_right(rules):
                continue
            if share is None:
                share = holds(self.selectors, right, costs)
            yield self._written(rules, decision.cost + 3 * (1 - share))

    def _is_right(self, rules: Any) -> bool:
        return all(
            acted_things(scene, rules) == output for scene, output in zip(self.seen.scenes, self.outputs, strict=False)
        )

    def _written(self, rules: Any, cost: float) -> Written | None:
        outputs: list[Grid] = [acted_things(scene, rules) for scene in self.seen.test_scenes]
        unchanged = any(scene.grid == output for scene, output in zip(self.seen.test_scenes, outputs, strict=True))
        lines = (*self.seen.lines(), f"O = acted_things(x1, {rules!r})")
        return Written(lines, 1 + cost + self.seen.cost + 4 * unchanged, tuple(outputs))

    def _pairs(self) -> Iterator[Written | None]:
        """Two acts of different families, each for the things that need it."""
        left = MOST_PAIRS
        for count, (a, b) in enumerate(combinations(self.every, 2)):
            if not left:
                return
            if count % 20 == 0:
                yield None
            if (a.covers | b.covers) != self.changed or self.changed in (a.covers, b.covers):
                continue
            if a.act[:2] == b.act[:2] and a.act[0] == "paint":
                continue
            left -= 1
            lonely = alone([*a.gains.values(), *b.gains.values()])
            must_a = sum(1 << k for k, gain in a.gains.items() if gain & lonely)
            must_b = sum(1 << k for k, gain in b.gains.items() if gain & lonely)
            if must_a & must_b:
                both = ("both", a.act, b.act)
                right = {both: a.right & b.right, STAY: self.seen.shown & ~(must_a | must_b)}
                yield from self._verified(right, {both: a.cost + b.cost + 0.5, STAY: 0.0})
            else:
                right = {a.act: a.right & ~must_b, b.act: b.right & ~must_a}
                right[STAY] = self.seen.shown & ~(must_a | must_b)
                yield from self._verified(right, {a.act: a.cost + 0.3, b.act: b.cost + 0.3, STAY: 0.0})

    def _mixed(self, every: list[Tried]) -> Iterator[Written | None]:
        """Acts of any family, one for each value of a mark: of those that fit, the one that explains the most."""
        for name, values in marked(self.seen, MOST_VALUES):
            rules, covers, cost, seen_again = [], 0, 1.5, 0
            for value, mask in sorted(values.items()):
                part = mask & self.seen.shown
                best = max(
                    (one for one in every if not part & ~one.right), key=lambda one: _explained(one, part), default=None
                )
                if best is not None and _explained(best, part):
                    rules.append((((name, value),), best.act))
                    covers |= union({k: gain for k, gain in best.gains.items() if part >> k & 1})
                    groups = sum(bool(part & group) for group in self.seen.train)
                    seen_again += groups > 1
                    cost += best.cost + 0.6 + 2 * (groups == 1)
            if covers == self.changed and len({act for _, act in rules}) > 1 and seen_again:
                yield None
                if self._is_right(tuple(rules)):
                    yield self._written(tuple(rules), cost)

    def openings(self) -> Iterator[Opening]:
        """Yield first steps that are right as far as they go."""
        count = 0
        for one in self.every:
            if any(not one.covers & self.trying.among(n, here) for n, here in enumerate(self.trying.bits)):
                continue
            must = sum(1 << k for k in one.gains)
            for choice in self.selectors.learn(must, self.seen.shown & ~one.right, most=1):
                rules = ((choice.selector, one.act),)
                grids = tuple(acted_things(scene, rules) for scene in self.seen.scenes)
                if all(map(self._nearer, range(self.seen.demonstrations), grids)):
                    lines = (*self.seen.lines("p1"), f"p2 = acted_things(p1, {rules!r})")
                    yield Opening(lines, choice.cost + one.cost + self.seen.cost, grids)
                    count += 1
            if count >= OPENINGS:
                return

    def _nearer(self, number: int, grid: Grid) -> bool:
        """Every cell that differs from the input is right, and some do."""
        right, wrong = compared(self.seen.scenes[number].grid, grid, self.outputs[number])
        return right > 0 and not wrong


def _explained(one: Tried, part: int) -> float:
    """How many changed cells an act accounts for with these things; of equals the cheapest has the most."""
    cells = union({k: gain for k, gain in one.gains.items() if part >> k & 1}).bit_count()
    return cells - 0.01 * one.cost if cells else 0.0
