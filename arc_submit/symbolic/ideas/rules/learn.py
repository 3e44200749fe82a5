"""Learns ordered rules from a table: what the default colours wrongly is covered, one rule after the other.

A rule for a leaf must hold for none of the cells that the leaf would colour wrongly. If some literals hold for all the
cells that it should colour, the cheapest few of them that leave the wrong ones out are taken (a set cover, by beam);
else literals are added one by one, by how much purer they make the rule, until none of the wrong cells is left.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from arc_submit.symbolic.ideas.rules.table import Bits, Table, count

LONGEST = 4  # literals of a rule
MOST_RULES = 7
BEAM = 6
RULE_COST = 1.0
SOLUTIONS = 5  # of one rule
DEAREST = 40.0  # cost of a list of rules


@dataclass(frozen=True, slots=True)
class Rule:
    """Numbers of literals, and of the leaf."""

    literals: tuple[int, ...]
    leaf: int


@dataclass(frozen=True, slots=True)
class RuleList:
    """Rules in order; `default` is the leaf for all other cells."""

    rules: tuple[Rule, ...]
    default: int
    cost: float


class Learner:
    """Learns from some of a table's literals and leaves, with costs of its own."""

    def __init__(self, table: Table, literals: Any, leaves: list[int], costs: Any) -> None:
        self._table = table
        self._literals = literals
        self._bits = table.bits[literals]
        self._costs = costs
        self._leaves = leaves
        self._leaf_costs = table.leaf_costs

    def learn(self, shown: Bits, default: int, first: int = 0) -> RuleList | None:
        """Return rules that are right on the cells `shown`; `first` picks one of the choices for the first rule."""
        table = self._table
        open_ = table.wrong[default] & shown  # wrong so far
        active = shown.copy()  # not decided by a rule so far
        rules: list[Rule] = []
        cost = table.leaf_costs[default]
        while count(open_):
            if len(rules) == MOST_RULES or cost > DEAREST:
                return None
            choices = self._choices(open_, active)
            if len(choices) <= first:
                return None
            _, price, rule, covered = choices[first]
            first = 0
            rules.append(rule)
            cost += price
            active &= ~covered
            open_ &= ~covered
        return RuleList(tuple(rules), default, cost)

    def openings(self, shown: Bits, default: int) -> list[tuple[float, Rule]]:
        """Return first rules with their costs, also those that leave much to do, best first."""
        choices = self._choices(self._table.wrong[default] & shown, shown)
        return [(price, rule) for _, price, rule, _ in choices if len(rule.literals) <= 2]

    def _choices(self, open_: Bits, active: Bits) -> list[tuple[float, float, Rule, Bits]]:
        """Return (score, cost, rule, cells that it decides), best first."""
        targets = open_ & ~self._table.wrong[self._leaves]
        sizes = count(targets)
        worth = sizes / np.array([self._leaf_costs[leaf] for leaf in self._leaves])
        order = [k for k in np.argsort(-worth, kind="stable").tolist() if sizes[k]]
        found = []
        for k in order[:6]:
            leaf = self._leaves[k]
            avoided = self._table.wrong[leaf] & active
            for literals, price in self._rules(targets[k], avoided):
                price += RULE_COST + self._leaf_costs[leaf]
                held = self._held(literals, active)
                gain = int(count(held & open_))
                numbers = tuple(int(self._literals[n]) for n in literals)
                found.append((-gain / price, price, Rule(numbers, leaf), held))
        found.sort(key=lambda choice: choice[0])
        return found

    def _held(self, literals: tuple[int, ...], among: Bits) -> Bits:
        held = among.copy()
        for n in literals:
            held &= self._bits[n]
        return held

    def _rules(self, wanted: Bits, avoided: Bits) -> list[tuple[tuple[int, ...], float]]:
        """Return conjunctions that hold for many of `wanted` (all if possible) and none of `avoided`."""
        found = self._exact(wanted, avoided)
        if found:
            return found
        grown = self._grown(wanted, avoided)
        return self._exact(grown, avoided)[:2] if grown is not None else []

    def _exact(self, wanted: Bits, avoided: Bits) -> list[tuple[tuple[int, ...], float]]:
        """Return the cheapest conjunctions that hold for all of `wanted` and none of `avoided`."""
        if not count(avoided):
            return [((), 0.0)]
        full = np.flatnonzero(~(wanted & ~self._bits).any(-1))
        if not full.size:
            return []
        bits, costs = self._bits[full], self._costs[full]
        if count(np.bitwise_and.reduce(bits, axis=0) & avoided):
            return []
        found: list[tuple[tuple[int, ...], float]] = []
        states: list[tuple[float, tuple[int, ...], Bits]] = [(0.0, (), avoided)]
        for _ in range(LONGEST):
            longer = []
            for price, literals, left in states:
                rest = count(left & bits)
                before = int(count(left))
                for n in np.flatnonzero(rest == 0)[np.argsort(costs[rest == 0], kind="stable")[:SOLUTIONS]].tolist():
                    found.append(((*literals, n), price + float(costs[n])))
                worth = np.log2(before / np.maximum(rest, 1)) / costs
                for n in np.argsort(-worth, kind="stable")[:BEAM].tolist():
                    if rest[n] and rest[n] < before:
                        longer.append((price + float(costs[n]), (*literals, n), left & bits[n], int(rest[n])))
            if found:
                break
            longer.sort(key=lambda s: s[0] * 0.5 + np.log2(s[3]))
            states = [(price, tuple(ls), left) for price, ls, left, _ in longer[:BEAM]]
        found.sort(key=lambda solution: solution[1])
        return [(tuple(full[list(literals)].tolist()), price) for literals, price in found[:SOLUTIONS]]

    def _grown(self, wanted: Bits, avoided: Bits) -> Bits | None:
        """Return a part of `wanted` that some conjunction tells from all of `avoided`."""
        for _ in range(LONGEST):
            p = count(wanted & self._bits)
            n = count(avoided & self._bits)
            before_p, before_n = int(count(wanted)), int(count(avoided))
            purer = np.log2((p + 1e-9) / (p + n + 1e-9)) - np.log2(before_p / (before_p + before_n))
            score = np.where(p > 0, p * purer, -1.0) / (4 + self._costs)
            if score.max(initial=0.0) <= 1e-6:
                return None
            best = int(score.argmax())
            wanted = wanted & self._bits[best]
            avoided = avoided & self._bits[best]
            if not count(avoided):
                return wanted
        return None


def defaults(table: Table, leaves: list[int], shown: Bits) -> list[int]:
    """Return the leaves worth starting from: no change, and the number and the look with the fewest wrong cells."""
    wrong = count(table.wrong & shown) + 0.003 * table.cells * np.array(table.leaf_costs)
    order = sorted(leaves, key=lambda k: wrong[k])
    plain = [k for k in order if table.leaves[k] == "colour"]
    numbers = [k for k in order if isinstance(table.leaves[k], int)]
    others = [k for k in order if k not in plain and k not in numbers]
    return sorted((*plain[:1], *numbers[:1], *others[:1]), key=lambda k: wrong[k])


def predicted(table: Table, rules: RuleList) -> Any:
    """Return the colours of all cells: int16[cells]."""
    found = table.values[rules.default].copy()
    for rule in reversed(rules.rules):
        held = np.bitwise_and.reduce(table.bits[list(rule.literals)], axis=0) if rule.literals else None
        where = slice(None) if held is None else table.flags(held)
        found[where] = table.values[rule.leaf][where]
    return found


def splits(table: Table, pairs: int) -> Iterator[tuple[int, Bits]]:
    """Yield each pair with the cells of the others."""
    everything = table.span(0, pairs)
    for k in range(pairs):
        yield k, everything & ~table.span(k, k + 1)
