"""The moves of the search: which extensions there are, with which numbers, at what cost.

A cost is in units of about half a bit: how unlikely a step is among the steps of programs that solved training tasks
(`costs.json`, fitted by `scripts/fit_costs.py`, where half an occurrence is imagined for each). A number costs as much
as choosing one among those tried.
"""

import importlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from arc_submit.dsl.extensions.kernel import Extension
from arc_submit.dsl.extensions.registry import FAMILIES
from arc_submit.records import Task

ASIDE = frozenset({"atop", "blank", "moved_onto"})
"""What `cover` puts pictures together with; no moves of the search."""
COSTS = Path(__file__).with_name("costs.json")


@dataclass(frozen=True, slots=True)
class Move:
    """One extension with its number."""

    extension: Extension[Any]
    number: int | None
    cost: int

    @property
    def name(self) -> str:
        return str(self.extension.__name__)

    def text(self, *arguments: str) -> str:
        """Return the call as program text."""
        number = () if self.number is None else (str(self.number),)
        return f"{self.name}({', '.join((*arguments, *number))})"

    def text_for_each(self, argument: str) -> str:
        """Return, as program text, what makes layers of layers with a function of one."""
        function = self.name if self.number is None else f"rbind({self.name}, {self.number})"
        return f"every({function}, {argument})"


@lru_cache(maxsize=1)
def extensions() -> Mapping[str, tuple[Extension[Any], str | tuple[int, ...] | None]]:
    """Return every extension over layers by name, with the numbers that it may be given."""
    found: dict[str, tuple[Extension[Any], str | tuple[int, ...] | None]] = {}
    for family in FAMILIES:
        module = importlib.import_module(f"arc_submit.dsl.extensions.{family}")
        numbers: Mapping[str, str | tuple[int, ...]] = getattr(module, "NUMBERS", {})
        for name, value in vars(module).items():
            if isinstance(value, Extension) and value.kernel.__module__ == module.__name__:
                found[name] = (value, numbers.get(name))
    return found


def moves(task: Task) -> list[Move]:
    """Return the moves for a task, cheapest first: numbers that are colours are those that the task shows."""
    costs = _costs()
    dearest = max(costs.values())
    shown = sorted(colours(task))
    found = []
    for name, (extension, given) in extensions().items():
        if name in ASIDE:
            continue
        numbers: Iterable[int | None] = (None,)
        if extension.numbers:
            numbers = (
                (shown if given == "colours0" else [c for c in shown if c]) if isinstance(given, str) else given or ()
            )
        numbers = list(numbers)
        price = costs.get(name, dearest) + round(2 * math.log2(max(1, len(numbers))))
        found += [Move(extension, number, price) for number in numbers]
    return sorted(found, key=lambda move: (move.cost, move.name, move.number or 0))


def colours(task: Task) -> set[int]:
    """Return the colours that occur in every input or in some output."""
    inputs = [{colour for row in grid for colour in row} for grid in task.inputs]
    outputs = {colour for pair in task.train for row in pair.output for colour in row}
    return set.intersection(*inputs) | outputs


@lru_cache(maxsize=1)
def _costs() -> Mapping[str, int]:
    found: Mapping[str, int] = json.loads(COSTS.read_text("utf-8"))
    return found
