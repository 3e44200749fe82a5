"""Decision lists: which of several answers each thing gets, learned from the answers that would be right for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from arc_submit.dsl.extensions.things import Selector, fits
from arc_submit.symbolic.ideas.things.perceive import Seen
from arc_submit.symbolic.ideas.things.selectors import WHOLE, Selectors

Rules: TypeAlias = tuple[tuple[Selector, Any], ...]
STAY = None
"""The answer of a thing without a rule."""
MOST_PER_TABLE = 6
PER_VALUE = 0.6
MOST_SPARED = 0.5
"""What many things may take off the cost of a value: less than that, so that no list is cheaper than its answers."""


@dataclass(frozen=True, slots=True)
class Decision:
    cost: float
    rules: Rules


def decisions(
    selectors: Selectors, right: dict[Any, int], leaf_cost: dict[Any, float], shown: int
) -> Iterator[Decision]:
    """Yield decision lists that give every thing of `shown` an answer that is right for it.

    right: answer -> the things for which it is right.
    """
    answers = sorted(right, key=lambda answer: (leaf_cost[answer], -right[answer].bit_count(), str(answer)))[:14]
    alone = [a for a in answers if right[a] & shown == shown]
    for answer in alone:
        if answer is not STAY:
            yield Decision(leaf_cost[answer], (((), answer),))
    found = [*_two(selectors, right, leaf_cost, answers, shown), *_tables(selectors, right, leaf_cost, answers, shown)]
    if not found and not alone:
        found = list(islice(_three(selectors, right, leaf_cost, answers, shown), 6))
    yield from sorted(found, key=lambda decision: decision.cost)[:8]


def _two(
    selectors: Selectors, right: dict[Any, int], leaf_cost: dict[Any, float], answers: Sequence[Any], among: int
) -> Iterator[Decision]:
    """First answer by selector, second for the others."""
    for first in answers:
        if first is STAY:
            continue
        for second in answers:
            must, never = among & ~right[second], among & ~right[first]
            if first == second or must & never or not must:
                continue
            for choice in selectors.learn(must, never, most=2):
                if choice.selector:
                    cost = choice.cost + leaf_cost[first] + leaf_cost[second]
                    tail: Rules = () if second is STAY else (((), second),)
                    yield Decision(cost, ((choice.selector, first), *tail))


def _three(
    selectors: Selectors, right: dict[Any, int], leaf_cost: dict[Any, float], answers: Sequence[Any], among: int
) -> Iterator[Decision]:
    """A plain test takes some things out, two answers remain for the others."""
    for first in answers[:8]:
        if first is STAY:
            continue
        never = among & ~right[first]
        for test in selectors.tests[:60]:
            if test.picked & never or not test.picked & among:
                continue
            for rest in islice(_two(selectors, right, leaf_cost, answers[:8], among & ~test.picked), 2):
                yield Decision(rest.cost + test.cost + leaf_cost[first], ((test.selector, first), *rest.rules))


def _tables(
    selectors: Selectors, right: dict[Any, int], leaf_cost: dict[Any, float], answers: Sequence[Any], shown: int
) -> Iterator[Decision]:
    """One answer per value of a mark; every value of the test inputs was seen."""
    for name, values in marked(selectors.seen, MOST_PER_TABLE):
        if any(not mask & shown for mask in values.values()):
            continue
        rules, cost = [], 1.5
        for value, mask in sorted(values.items()):
            fitting = [a for a in answers if not mask & shown & ~right[a]]
            if not fitting:
                break
            cost += leaf_cost[fitting[0]] + PER_VALUE - min(MOST_SPARED, (mask & shown).bit_count() / 40)
            if fitting[0] is not STAY:
                rules.append((((name, value),), fitting[0]))
        else:
            yield Decision(cost, tuple(rules))


def marked(seen: Seen, most: int) -> Iterator[tuple[str, dict[int, int]]]:
    """Yield marks with a few values, all of them seen in the demonstrations: name, and value -> things."""
    names = sorted({name for _, one in seen.members for name in one.marks} - WHOLE)
    for name in names:
        values: dict[int, int] = {}
        for number, (_, one) in enumerate(seen.members):
            value = one.marks.get(name, -1)
            values[value] = values.get(value, 0) | 1 << number
        if 1 < len(values) <= most and all(mask & seen.shown for mask in values.values()):
            yield name, values


def holds(selectors: Selectors, right: dict[Any, int], leaf_cost: dict[Any, float]) -> float:
    """Return the share of demonstrations on which the list learned from the others is right."""
    train = selectors.seen.train
    if len(train) < 2:
        return 0.5
    good = 0
    for out in train:
        learned = next(decisions(selectors, right, leaf_cost, selectors.seen.shown & ~out), None)
        good += learned is not None and _is_right(selectors, learned.rules, right, out)
    return good / len(train)


def _is_right(selectors: Selectors, rules: Rules, right: dict[Any, int], out: int) -> bool:
    for number, (_, one) in enumerate(selectors.seen.members):
        if out >> number & 1:
            answer = next((answer for selector, answer in rules if fits(one, selector)), STAY)
            if not right.get(answer, 0) >> number & 1:
                return False
    return True
