"""What a task suggests to an edit: its colours, numbers and pairs, each as program text.

Derived from the shapes and colours of demonstrations and test inputs; the rest of the DSL's constants come after.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from arc_submit.dsl.registry import CONSTANTS
from arc_submit.records import Task
from arc_submit.symbolic.terminals import colour_costs, hinted_numbers, literal, shape_of


@dataclass(frozen=True, slots=True)
class Context:
    """Constants to use in edits, likely ones first."""

    colours: tuple[str, ...]
    """Colours that occur in the task."""
    numbers: tuple[str, ...]
    """Factors between shapes, then small numbers."""
    pairs: tuple[str, ...]
    """Output shapes, then the DSL's directions and shapes."""

    @classmethod
    def from_task(cls, task: Task) -> "Context":
        shapes = sorted({shape_of(pair.output) for pair in task.train})
        sides = sorted({side for shape in shapes for side in shape if side <= 10})
        numbers = [*hinted_numbers(task), *sides, 0, 1, 2, 3, -1]
        return cls(
            colours=tuple(literal(colour) for colour in colour_costs(task)),
            numbers=_unique(literal(number) for number in numbers),
            pairs=_unique([*map(literal, shapes), *_named(tuple)]),
        )

    def of_kind(self, kind: str) -> tuple[str, ...]:
        """Return constants of a kind; empty for kinds that have none.

        >>> Context(("TWO",), ("ONE",), ("UP",)).of_kind("C")
        ('TWO',)
        """
        if kind == "B":
            return ("T", "F")
        return {"C": self.colours, "N": self.numbers, "V": self.pairs}.get(kind, ())


def _named(wanted: type) -> list[str]:
    return [name for name, value in CONSTANTS.items() if type(value) is wanted]


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
