"""A step that the goals propose: a production on known expressions or on further steps."""

from dataclasses import dataclass
from typing import TypeAlias, Union

from arc_submit.symbolic.expressions import Entry, Production

Argument: TypeAlias = Union[Entry, "Call"]


@dataclass(frozen=True, slots=True)
class Call:
    """A production to evaluate, its inner calls first."""

    production: Production
    arguments: tuple[Argument, ...]
    prompt: bool = False
    """It explains every cell by one rule: when it passes it is not held back for its cost."""


def joined(production: Production, parts: list[Argument]) -> Argument:
    """Return the parts put together from the left: `f(f(a, b), c)`."""
    result = parts[0]
    for part in parts[1:]:
        result = Call(production, (result, part))
    return result
