"""Choosing among objects or grids what the output asks for.

A set in which one item is the wanted one: `argmax`, `argmin` or `extract` by any known function that picks it in every
demonstration. A set of objects that take a new colour as a whole: `mfilter` by a function that picks exactly those.

Left out: choices by two functions at once, and wanted items that are turned or recoloured.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from arc_submit.symbolic.bank import Bank
from arc_submit.symbolic.canvases import Base
from arc_submit.symbolic.expressions import Entry, Production
from arc_submit.symbolic.grammar import find
from arc_submit.symbolic.outputs import Outputs
from arc_submit.symbolic.steps import Call

CHOICES = 24  # sets that are kept for new functions to be tried on


@dataclass(frozen=True, slots=True)
class Choice:
    """A set and the items wanted of it."""

    entry: Entry
    wanted: list[list[Any]]
    """Per demonstration."""
    several: bool
    """All wanted items are to be picked, not one of them."""

    @property
    def letter(self) -> str:
        """Kind of the items."""
        return "O" if self.entry.kind == "S" else "G"


class Choices:
    def __init__(self, outputs: Outputs, bank: Bank, grid: Entry) -> None:
        self._outputs = outputs
        self._bank = bank
        self._input = grid
        self._ground = Base(grid, outputs.grids) if outputs.fits(grid.values) else None
        self._choices: list[Choice] = []
        self._subgrid, self._mfilter = find("subgrid", "OG"), find("mfilter", ["S", "O>B"])
        self._matcher = find("matcher", ["O>N", "N"])
        self._limits = (find("valmax", ["S", "O>N"]), find("valmin", ["S", "O>N"]))
        self._choosers = {
            "S": (find("argmax", ["S", "O>N"]), find("argmin", ["S", "O>N"]), find("extract", ["S", "O>B"])),
            "L": (find("argmax", ["L", "G>N"]), find("argmin", ["L", "G>N"]), find("extract", ["L", "G>B"])),
        }

    def function(self, entry: Entry) -> Iterator[Call | None]:
        """Try a new function on the sets that are kept."""
        for choice in self._choices:
            if entry.kind.startswith(choice.letter + ">"):
                yield from self._choose(choice, entry)

    def container(self, entry: Entry) -> Iterator[Call | None]:
        """Keep a set that holds what is wanted, and try all known functions on it."""
        if len(self._choices) >= CHOICES:
            return
        wanted: list[list[Any]] = []
        for k in range(self._outputs.count):
            found = [item for item in entry.values[k] if self._is_wanted(entry, item, k)]
            if not found or len(entry.values[k]) == 1:
                wanted = []
                break
            wanted.append(found)
        yield None
        if wanted:
            yield from self._keep(Choice(entry, wanted, several=False))
        if entry.kind == "S":
            for changed in self._changed(entry):
                yield from self._keep(Choice(entry, changed, several=True))

    def _keep(self, choice: Choice) -> Iterator[Call | None]:
        self._choices.append(choice)
        for kind in (f"{choice.letter}>B", f"{choice.letter}>N"):
            for function in list(self._bank.of_kind(kind)):
                yield from self._choose(choice, function)

    def _is_wanted(self, entry: Entry, item: Any, k: int) -> bool:
        if entry.kind == "L":
            return bool(item == self._outputs.grids[k])
        if not item:
            return False
        rows = [place[0] for _, place in item]
        columns = [place[1] for _, place in item]
        top, left = min(rows), min(columns)
        if (max(rows) - top + 1, max(columns) - left + 1) != self._outputs.shapes[k]:
            return False
        output = self._outputs.grids[k]
        return all(output[i - top][j - left] == v for v, (i, j) in item)

    def _changed(self, entry: Entry) -> list[list[list[Any]]]:
        """Objects that change on the input as a whole, by new colour, when every object changes so or not at all."""
        base = self._ground
        if base is None:
            return []
        by_colour: dict[int, list[list[Any]]] = {}
        for k in range(self._outputs.count):
            diff, cells = base.diff_places[k], base.diff_cells[k]
            for item in entry.values[k]:
                places = frozenset(place for _, place in item)
                if diff.isdisjoint(places):
                    continue
                if not places <= diff:
                    return []
                i, j = next(iter(places))
                colour = self._outputs.grids[k][i][j]
                if all((colour, place) in cells for place in places):
                    by_colour.setdefault(colour, [[] for _ in range(self._outputs.count)])[k].append(item)
        return [by_colour[colour] for colour in sorted(by_colour)]

    def _choose(self, choice: Choice, function: Entry) -> Iterator[Call | None]:
        entry, wanted, several = choice.entry, choice.wanted, choice.several
        yield None
        boolean = function.kind.endswith("B")
        extremes = [True, True]
        alone = True
        for k in range(self._outputs.count):
            call = function.values[k]
            try:
                answers = [(item, call(item)) for item in entry.values[k]]
            except Exception:  # a primitive on an object it has no answer for: the function does not fit this set
                return
            if boolean:
                picked = [item for item, answer in answers if answer]
                if not all(item in wanted[k] for item in picked) or (
                    len(picked) != len(wanted[k]) if several else not picked
                ):
                    return
                continue
            if not answers:
                if several:
                    continue
                return
            numbers = [answer for _, answer in answers]
            for which, extreme in enumerate((max(numbers), min(numbers))):
                picked = [item for item, answer in answers if answer == extreme]
                if several and extremes[which]:
                    extremes[which] = len(picked) == len(wanted[k]) and all(item in wanted[k] for item in picked)
                    alone = alone and len(picked) == 1
                elif not any(item in wanted[k] for item in picked):
                    extremes[which] = False
            if not any(extremes):
                return
        argmax, argmin, extract = self._choosers[entry.kind]
        if boolean:
            yield Call(self._mfilter, (entry, function)) if several else self._picked(extract, entry, function)
            return
        for production, limit, right in zip((argmax, argmin), self._limits, extremes, strict=True):
            if right and several:
                same = Call(self._matcher, (function, Call(limit, (entry, function))))
                yield Call(production, (entry, function)) if alone else Call(self._mfilter, (entry, same))
            elif right:
                yield self._picked(production, entry, function)

    def _picked(self, production: Production, entry: Entry, function: Entry) -> Call:
        call = Call(production, (entry, function))
        if entry.kind == "L":
            return call
        return Call(self._subgrid, (call, self._input))
