"""Learning selectors: which few tests pick the things that must be picked and none that must not.

Tests with the same outcome on every thing, of demonstrations and of test inputs, are one test: the plainest stands for
them all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from arc_submit.dsl.extensions.things import Selector
from arc_submit.dsl.extensions.things_marks import COLOURS, NUMBERS
from arc_submit.symbolic.ideas.things.perceive import Seen

MOST_TESTS = 140
MOST_IN_TRIPLES = 36
PLACES = frozenset(("top", "left", "bottom", "right", "gap"))
FORMS = frozenset(("same_shape", "same_form", "same_look", "same_colour", "same_size"))
WHOLE = frozenset(("common_colour", "rarest_colour", "largest_colour", "smallest_colour", "lone_colour"))
"""The same for every thing of a grid: colours to paint with, not tests."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A selector and whom it picks."""

    cost: float
    selector: Selector
    picked: int

    def __and__(self, other: "Choice") -> "Choice":
        """Both at once."""
        return Choice(self.cost + other.cost + 0.8, self.selector + other.selector, self.picked & other.picked)


class Selectors:
    """The tests of one way of seeing, and what can be learned with them."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        self.everything = sum(seen.groups)
        self.tests = self._tests()
        self.every = [Choice(0.0, (), self.everything), *self.tests]

    def _tests(self) -> list[Choice]:
        by_value: dict[tuple[str, int], int] = {}
        for number, (_, one) in enumerate(self.seen.members):
            for name, value in one.marks.items():
                if name not in WHOLE:
                    by_value[name, value] = by_value.get((name, value), 0) | 1 << number
        found = []
        totals: dict[str, int] = {}
        for (name, value), mask in sorted(by_value.items(), key=lambda item: item[0]):
            totals[name] = totals.get(name, 0) | mask
            if mask & self.seen.shown:
                found.append(Choice(_cost(name, value), ((name, value),), mask))
                found.append(Choice(_cost(name, value) + 0.6, ((f"not {name}", value),), self.everything & ~mask))
                if name in NUMBERS:
                    found.append(Choice(2.2, ((f"over {name}", value),), self.everything & ~totals[name]))
        plainest: dict[int, Choice] = {}
        for choice in sorted(found, key=lambda choice: (choice.cost, choice.selector)):
            part = choice.picked & self.seen.shown
            if part and part != self.seen.shown:
                plainest.setdefault(choice.picked, choice)
        return list(plainest.values())[:MOST_TESTS]

    def learn(self, must: int, never: int, groups: tuple[int, ...] = (), most: int = 4) -> list[Choice]:
        """Return the plainest selectors that pick all of `must`, none of `never`, and somebody of each group.

        They differ on the test inputs.
        """
        found: list[Choice] = []
        for choice in self._fitting(must, never, groups):
            if all(choice.picked & ~self.seen.shown != other.picked & ~self.seen.shown for other in found):
                found.append(choice)
                if len(found) >= most:
                    break
        return found

    def _fitting(self, must: int, never: int, groups: tuple[int, ...]) -> Iterator[Choice]:
        if not never:
            yield self.every[0]
        usable = [
            test for test in self.tests if test.picked & must == must and all(test.picked & group for group in groups)
        ]
        single = [test for test in usable if not test.picked & never]
        yield from single
        rest = [test for test in usable if test.picked & never and ~test.picked & never]
        yield from self._pairs(rest, never, groups)

    def _pairs(self, rest: list[Choice], never: int, groups: tuple[int, ...]) -> list[Choice]:
        found = []
        for a, b in combinations(rest, 2):
            picked = a.picked & b.picked
            if not picked & never and all(picked & group for group in groups):
                found.append(a & b)
        if not found:
            found = self._triples(rest[:MOST_IN_TRIPLES], never, groups)
        return sorted(found, key=lambda choice: choice.cost)[:40]

    @staticmethod
    def _triples(rest: list[Choice], never: int, groups: tuple[int, ...]) -> list[Choice]:
        found = []
        for a, b in combinations(range(len(rest)), 2):
            both = rest[a].picked & rest[b].picked
            left = both & never
            if left in (rest[a].picked & never, rest[b].picked & never):
                continue
            for c in rest[b + 1 :]:
                picked = both & c.picked
                if not picked & never and all(picked & group for group in groups):
                    cost = rest[a].cost + rest[b].cost + c.cost + 2.0
                    found.append(Choice(cost, rest[a].selector + rest[b].selector + c.selector, picked))
        return found

    def holds(self, must: int, never: int, groups: tuple[int, ...] = ()) -> float:
        """Return the share of demonstrations on which the selector learned from the others is right."""
        train = self.seen.train
        if len(train) < 2:
            return 0.5
        right = 0
        for number, out in enumerate(train):
            others = tuple(group & ~out for k, group in enumerate(groups) if k != number)
            learned = self.learn(must & ~out, never & ~out, others, most=1)
            if learned:
                picked = learned[0].picked & out
                here = groups[number] if groups else 0
                right += picked & must == must & out and not picked & never and (not groups or bool(picked & here))
        return right / len(train)


def _cost(name: str, value: int) -> float:
    """Bits, roughly, that it takes to say the test."""
    if name.startswith(("least_", "most_")):
        return 1.0 + 0.05 * RANK_ORDER.get(name.partition("_")[2], 9) if value == 0 else 2.2
    if name in FORMS:
        return 1.2 if value == 1 else 2.4
    if name in PLACES:
        return 4.5
    if name in COLOURS:
        return 1.3 if name == "colour" else 2.2 if value >= 0 else 2.0
    if name in NUMBERS or name in ("colours", "in_row", "in_column", "corners", "contains"):
        return 1.8
    if name.startswith("has_") or name == "corner":
        return 1.4
    return 1.0 if value == 1 else 1.3


RANK_ORDER = {
    "size": 0,
    "colours": 1,
    "holes": 2,
    "height": 3,
    "width": 3,
    "area": 3,
    "same_shape": 2,
    "top": 4,
    "left": 4,
}
