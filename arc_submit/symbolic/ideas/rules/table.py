"""The looks of all inputs of a task as one table: literals and leaves as sets of cells, one bit per cell.

A literal is a test of a rule. Literals that hold for the same cells of all inputs are one, the cheapest. A leaf is a
colour that a rule may give: a number, or a look that is a colour. Cells of the demonstrations come first.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from arc_submit.dsl.extensions.looks import COLOUR, LOOKS, NONE, NUMBER, YES
from arc_submit.dsl.extensions.looks.overview import LINES, NUMBERS, ORDERS, PLACES, RANKS, WHOLE, Overview
from arc_submit.dsl.extensions.rules import ORDER, SIGNS, Sights, looked
from arc_submit.symbolic.ideas.idea import Proposal

Bits: TypeAlias = Any
"""uint64[..., words]: sets of cells."""
Test: TypeAlias = tuple[str, str, int | str]

BREATH = 20  # looks at a time
FEW = 8  # values of a number that get a test each
REFERENCES = ("colour", "commonest", "rarest", "ground", "first in row", "first in column", "common in row")
EXTRA = {"==": 0.3, "!=": 0.7, "<": 1.0, ">": 1.0}


def count(bits: Bits) -> Any:
    """Return how many cells the sets hold."""
    return np.bitwise_count(bits).sum(-1, dtype=np.int64)


@dataclass(slots=True)
class Table:
    """Everything that rules are learned from."""

    starts: list[int]
    """Where the cells of each input begin; the last entry is the number of cells."""
    output: Any
    """int16[cells of the demonstrations]."""
    own: Any
    """int16[cells]: colour of the first grid, for leaves without a colour."""
    tests: list[Test] = field(default_factory=list)
    costs: Any = None
    groups: list[set[str]] = field(default_factory=list)
    """The groups of the looks that give the same cells."""
    bits: Bits = None
    """uint64[tests, words]"""
    leaves: list[int | str] = field(default_factory=list)
    leaf_costs: list[float] = field(default_factory=list)
    leaf_groups: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    """int16[cells] for each leaf."""
    wrong: Bits = None
    """uint64[leaves, words]: cells of the demonstrations that the leaf would colour wrongly."""

    @property
    def cells(self) -> int:
        return self.starts[-1]

    def pack(self, flags: Any) -> Bits:
        """Return flags (bool[..., cells]) as sets."""
        words = -(-self.cells // 64)
        padded = np.zeros((*flags.shape[:-1], words * 64), np.uint8)
        padded[..., : self.cells] = flags
        return np.packbits(padded, axis=-1).view(np.uint64)

    def flags(self, bits: Bits) -> Any:
        """Return sets as flags."""
        return np.unpackbits(bits.view(np.uint8), axis=-1)[..., : self.cells].astype(bool)

    def span(self, first: int, last: int) -> Bits:
        """Return the cells of the inputs from `first` up to `last`, without it."""
        flags = np.zeros(self.cells, bool)
        flags[self.starts[first] : self.starts[last]] = True
        return self.pack(flags)


def overview_names(several: bool) -> dict[str, tuple[str, float, str]]:
    """Return the looks of an overview: name -> (kind, cost, group)."""
    found = {name: (LOOKS[name].kind, LOOKS[name].cost - 1.0, "near") for name in (*WHOLE, *PLACES)}
    found |= dict.fromkeys(ORDERS, (NUMBER, 1.5, "near"))
    if several:
        found |= {name: (NUMBER, LOOKS[of].cost, "near") for name, of in RANKS.items()}
    return found


def names(grids: int) -> dict[str, tuple[str, float, str]]:
    """Return the looks of so many grids: name -> (kind, cost, group)."""
    found = {name: (look.kind, look.cost, look.group) for name, look in LOOKS.items()}
    if grids > 1:
        found["filled grids"] = (NUMBER, 1.0, "near")
        found["first filled"] = (COLOUR, 1.0, "near")
        for place in ORDER[1:grids]:
            for name, (kind, cost, group) in list(found.items()):
                if name in LOOKS and (name in ("colour", "filled") or (grids == 2 and group in ("near", "lines"))):
                    found[f"{place} {name}"] = (kind, cost if name in ("colour", "filled") else cost + 0.5, group)
    return found


def build(sights: Sequence[Sights], outputs: Sequence[Any]) -> Generator[list[Proposal], None, Table]:
    """Return the table of inputs seen as `sights`, of which the first ones have `outputs`; take breath on the way."""
    starts = [0, *np.cumsum([s[0].a.size for s in sights]).tolist()]
    output = np.concatenate([np.asarray(o).ravel() for o in outputs]).astype(np.int16)
    own = np.concatenate([s[0].a.ravel() for s in sights])
    table = Table(starts, output, own)
    for number, _ in enumerate(_Builder(table, sights).fill(), 1):
        if number % BREATH == 0:
            yield []
    return table


class _Builder:
    """Fills a table, look by look."""

    def __init__(self, table: Table, sights: Sequence[Sights]) -> None:
        self._table = table
        self._sights = sights
        self._shown = len(table.output)
        self._known: dict[bytes, int] = {}
        self._bits: list[Bits] = []
        self._costs: list[float] = []
        self._vectors: dict[str, Any] = {}

    def fill(self) -> Iterator[None]:
        """Go on look by look: each is taken once, and put to use once."""
        first = self._sights[0][0]
        small = isinstance(first, Overview)
        looks = overview_names(first.several) if isinstance(first, Overview) else names(len(self._sights[0]))
        for name in looks:
            self._vectors[name] = np.concatenate([looked(s, name).ravel() for s in self._sights]).astype(np.int16)
            yield
        for name, (kind, cost, group) in sorted(looks.items(), key=lambda item: item[1][1]):
            self._literals(name, kind, cost, group)
            if small and name in (*LINES, *ORDERS):
                tests: list[Test] = [(name, sign, other) for other in NUMBERS for sign in ("==", "<")]
                self._tests(tests, [cost + 0.7 * (LOOKS[other].cost - 1.0) for other in NUMBERS for _ in (0, 1)], group)
            if kind == COLOUR:
                self._leaf(name, self._vectors[name], cost, group)
            yield
        for colour in np.unique(self._table.output).tolist():
            self._leaf(colour, np.full(self._table.cells, colour, np.int16), 1.2, "near")
        table = self._table
        words = -(-table.cells // 64)
        table.bits = np.array(self._bits, np.uint64).reshape(-1, words)
        table.costs = np.array(self._costs)
        wrong = np.zeros((len(table.leaves), table.cells), bool)
        for place, values in enumerate(table.values):
            wrong[place, : self._shown] = values[: self._shown] != table.output
        table.wrong = table.pack(wrong)

    def _literals(self, name: str, kind: str, cost: float, group: str) -> None:
        vector = self._vectors[name]
        values = np.unique(vector[: self._shown]).tolist()
        if len(values) < 2:
            return
        tests: list[Test] = []
        if kind == YES:
            tests = [(name, "==", 1), (name, "==", 0)]
        elif kind == COLOUR:
            tests = [(name, sign, v) for v in values for sign in ("==", "!=")]
            others = [other for other in REFERENCES if other != name and other in self._vectors]
            tests += [(name, sign, other) for other in others for sign in ("==", "!=")]
        else:
            some = values if len(values) <= FEW else [*values[:3], values[-1]]
            tests = [(name, sign, v) for v in some for sign in ("==", "!=")]
            cuts = values if len(values) <= FEW else [values[k * len(values) // FEW] for k in range(FEW)]
            tests += [(name, ">", v) for v in cuts[1:-1]] + [(name, "<", v) for v in cuts[2:]]
        costs = []
        for _, sign, value in tests:
            full = cost + (0.0 if kind == YES else EXTRA[sign])
            costs.append(full + (0.6 * LOOKS[value].cost if isinstance(value, str) else 0.02 * min(abs(value), 20)))
        self._tests(tests, costs, group)

    def _tests(self, tests: list[Test], costs: list[float], group: str) -> None:
        flags = np.stack(
            [SIGNS[sign](self._vectors[name], self._vectors[v] if isinstance(v, str) else v) for name, sign, v in tests]
        )
        shown = flags[:, : self._shown].sum(1)
        for test, bits, held, cost in zip(tests, self._table.pack(flags), shown.tolist(), costs, strict=True):
            if held not in (0, self._shown):
                self._keep(test, bits, cost, group)

    def _keep(self, test: Test, bits: Bits, cost: float, group: str) -> None:
        key = bits.tobytes()
        if key in self._known:
            place = self._known[key]
            self._table.groups[place].add(group)
            if self._costs[place] > cost:
                self._costs[place], self._table.tests[place] = cost, test
            return
        self._known[key] = len(self._bits)
        self._bits.append(bits)
        self._costs.append(cost)
        self._table.tests.append(test)
        self._table.groups.append({group})

    def _leaf(self, leaf: int | str, values: Any, cost: float, group: str) -> None:
        right = values[: self._shown] == self._table.output
        if not right.any():
            return
        for other in self._table.values:
            if (other == values).all():
                return
        self._table.leaves.append(leaf)
        self._table.leaf_costs.append(cost)
        self._table.leaf_groups.append(group)
        self._table.values.append(np.where(values == NONE, self._table.own, values))
