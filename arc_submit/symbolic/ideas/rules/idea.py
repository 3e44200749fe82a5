"""The idea of rules: canvas by canvas, one group of looks after the other; then in stages, if none is sure."""

import random
from collections import Counter
from collections.abc import Generator, Iterator, Sequence, Set
from dataclasses import dataclass
from math import log2
from typing import Any, TypeAlias

import numpy as np

from arc_submit.records import Task
from arc_submit.symbolic.ideas.idea import Clock, Proposal, Stepwise
from arc_submit.symbolic.ideas.rules.canvases import Canvas, canvases, staged
from arc_submit.symbolic.ideas.rules.learn import Learner, Rule, RuleList, defaults, predicted, splits
from arc_submit.symbolic.ideas.rules.table import Table, build
from arc_submit.symbolic.ideas.writing import program

GROUPS = (
    ("near",),
    ("near", "rays", "regions"),
    ("near", "places", "lines"),
    ("near", "objects", "regions"),
    ("near", "boxes", "objects"),
    ("near", "mirrors", "whole"),
    ("near", "lattice"),
    ("near", "linked", "objects", "regions"),
    ("near", "rays", "objects", "regions", "lines", "whole"),
    ("near", "rays", "places", "lines", "objects", "regions", "boxes", "mirrors", "whole", "lattice", "linked"),
)
STAGED = (
    ("near", "rays", "regions"),
    ("near", "places", "lines"),
    ("near", "rays", "objects", "regions", "lines", "whole", "lattice", "linked"),
)
STAGE_COST = 2.0
SURE = 16.0  # cost units of a proposal that needs no other stages
MOST = 5  # proposals per canvas, early ones apart
VARIANTS = 6  # first rules tried
DOUBT = 20.0  # cost units for rules whose way of learning failed on every demonstration left out
DEAREST = 42.0  # cost units of a proposal, doubt included
WORSE = 14.0  # cost units that a proposal may be dearer than the best one

Answers: TypeAlias = bytes
"""Colours of the test cells."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Rules with what speaks for them."""

    rules: RuleList
    score: float
    """Part of the demonstrations that the same way of learning got right from the others."""
    answers: Answers

    @property
    def price(self) -> float:
        """Cost units, doubt included."""
        return self.rules.cost + DOUBT * (1 - self.score)


Priced: TypeAlias = tuple[float, Answers, str]
"""Cost, answers, program."""


class Rules(Stepwise):
    """The idea, opened for one task."""

    def __init__(self, task: Task, config: object, rng: random.Random, now: Clock) -> None:
        super().__init__(self._search(), now)
        self._task = task
        self._told: dict[Answers, float] = {}
        """What answers were proposed for."""

    def _search(self) -> Iterator[list[Proposal]]:
        for canvas in canvases(self._task):
            table = yield from self._table(canvas)
            found: list[Hypothesis] = []
            early: set[Answers] = set()
            for some in self._hypotheses(table, GROUPS):
                found += some
                certain = min((one for one in some if one.score == 1), key=lambda h: h.price, default=None)
                if certain is None or certain.price > SURE:
                    yield []
                else:
                    early |= {certain.answers} - self._told.keys()
                    yield self._proposals(self._priced(canvas, table, found), early, certain.answers)
            yield self._proposals(self._priced(canvas, table, found), early)
            sure = any(one.price <= SURE for one in found)
            if canvas.same_size and "colour" in table.leaves and not sure:
                yield from self._in_stages(table)

    def _table(self, canvas: Canvas) -> Generator[list[Proposal], None, Table]:
        yield []
        return (yield from build(canvas.sights, [pair.output for pair in self._task.train]))

    def _in_stages(self, table: Table) -> Iterator[list[Proposal]]:
        """Paint by one rule first, and learn the others on what it leaves."""
        shown, default = table.span(0, len(self._task.train)), table.leaves.index("colour")
        seen: set[bytes] = set()
        priced: list[Priced] = []
        for groups in STAGED:
            numbers, leaves = _of_groups(table, groups)
            learner = Learner(table, numbers, leaves, table.costs[numbers])
            for price, rule in learner.openings(shown, default)[:2]:
                canvas = staged(self._task, _written(table, [rule]), price + STAGE_COST)
                yield []
                key = b"".join(s.a.tobytes() for (s,) in canvas.sights) if canvas else b""
                if canvas is None or key in seen:
                    continue
                seen.add(key)
                following = yield from self._table(canvas)
                found: list[Hypothesis] = []
                for some in self._hypotheses(following, STAGED):
                    found += some
                    yield []
                priced += self._priced(canvas, following, found)
        yield self._proposals(priced)

    def _hypotheses(self, table: Table, ways: tuple[tuple[str, ...], ...]) -> Iterator[list[Hypothesis]]:
        tried: set[tuple[int, ...]] = set()
        for groups in ways:
            numbers, leaves = _of_groups(table, groups)
            if tuple(numbers) not in tried:
                tried.add(tuple(numbers))
                yield from self._learned(table, Learner(table, numbers, leaves, table.costs[numbers]), leaves)

    def _learned(self, table: Table, learner: Learner, leaves: list[int]) -> Iterator[list[Hypothesis]]:
        pairs = len(self._task.train)
        shown = table.span(0, pairs)
        for default in defaults(table, leaves, shown):
            plain = learner.learn(shown, default)
            yield []
            if plain is None:
                continue
            lists = [plain]
            for first in range(1, VARIANTS):
                other = learner.learn(shown, default, first)
                lists += [] if other is None else [other]
                yield []
            right = 0.5 if pairs == 1 else 0.0
            for place, others in splits(table, pairs) if pairs > 1 else ():
                rules = learner.learn(others, default)
                right += rules is not None and _right(table, rules, place)
                yield []
            test = table.starts[pairs]
            yield [Hypothesis(some, right / pairs, predicted(table, some)[test:].tobytes()) for some in lists]

    def _priced(self, canvas: Canvas, table: Table, found: list[Hypothesis]) -> list[Priced]:
        """Return the best program for each answer; the more ways lead to an answer, the cheaper it is."""
        votes = Counter(one.answers for one in found)
        best: dict[Answers, Hypothesis] = {}
        for one in sorted(found, key=lambda h: h.price):
            best.setdefault(one.answers, one)
        return [
            (one.price + canvas.cost - log2(votes[answers]), answers, source(canvas, table, one.rules))
            for answers, one in best.items()
        ]

    def _proposals(
        self, priced: list[Priced], early: Set[Answers] = frozenset(), only: Answers | None = None
    ) -> list[Proposal]:
        """Return those worth proposing, but no answer twice.

        Those told early have their place among them, and what is worse now costs no less than they did.
        """
        ranked = sorted(priced, key=lambda item: item[0])
        found: list[Proposal] = []
        places, least = 0, 1.0
        for price, answers, text in ranked:
            if places == MOST or price > min(DEAREST, ranked[0][0] + WORSE):
                break
            if answers in self._told:
                places += answers in early
                least = max(least, self._told[answers])
            elif only in (None, answers):
                places += 1
                self._told[answers] = max(least, price)
                found.append(Proposal(text, self._told[answers]))
        return found


def _right(table: Table, rules: RuleList, place: int) -> bool:
    """Whether rules are right on one demonstration."""
    first, last = table.starts[place], table.starts[place + 1]
    return bool((predicted(table, rules)[first:last] == table.output[first:last]).all())


def _of_groups(table: Table, groups: tuple[str, ...]) -> tuple[Any, list[int]]:
    """Return the numbers of literals and leaves that groups of looks give."""
    numbers = [n for n, own in enumerate(table.groups) if own.intersection(groups)]
    return np.array(numbers, np.int64), [n for n, group in enumerate(table.leaf_groups) if group in groups]


def _written(table: Table, rules: Sequence[Rule]) -> tuple[Any, ...]:
    """Return rules as programs have them."""
    return tuple((tuple(table.tests[n] for n in rule.literals), table.leaves[rule.leaf]) for rule in rules)


def source(canvas: Canvas, table: Table, rules: RuleList) -> str:
    """Return the program."""
    written = _written(table, rules.rules)
    if table.leaves[rules.default] != "colour":
        written = (*written, ((), table.leaves[rules.default]))
    idle = not written and canvas.lines[-1].startswith("O = repainted(x1")
    lines = (canvas.lines[0].replace("x1", "O", 1),) if idle else canvas.lines
    return program(line.format(rules=repr(written)) for line in lines)
