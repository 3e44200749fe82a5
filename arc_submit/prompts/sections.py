"""Parts of a prompt, and the token budget that decides which of them stay.

What may be left out carries a rank below zero or above it: views of grids (wrong outputs, diffs, test inputs) go first,
highest rank first, then demonstrations from the last to the first; kind, facts and code never go.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from arc_submit.records import Grid

_COUNTED = re.compile(r"[0-9]|[^0-9\s]{1,3}|\n")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A program that was tried, as a prompt shows it; outputs in the orientation of the prompt's view."""

    id: str
    source: str
    """Code for the prompt's view."""
    outputs: tuple[Grid | None, ...]
    """Per demonstration, None where it failed."""
    solved: tuple[bool, ...]
    """Per demonstration."""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a prompt's text."""

    name: str
    text: str
    rank: int = 0
    """0: stays. Above: a view of a grid; below: a demonstration. Left out in the order 2, 1, -3, -4, ..."""


def estimate(text: str) -> int:
    """Return about how many tokens a text has where every digit is one (Qwen, Llama): an upper estimate.

    >>> estimate("012\\n345\\n")
    8
    """
    return len(_COUNTED.findall(text))


def fit(
    sections: Sequence[Section], budget: int, count: Callable[[str], int]
) -> tuple[list[Section], tuple[str, ...], int]:
    """Return (what stays, names of what was left out in that order, tokens of what stays).

    The tokens are above the budget when what may not be left out is too long by itself.
    """
    sizes = {id(section): count(section.text) for section in sections}
    total = sum(sizes.values())
    droppable = sorted((s for s in sections if s.rank), key=lambda s: (s.rank < 0, -s.rank))
    dropped: list[Section] = []
    while total > budget and droppable:
        section = droppable.pop(0)
        dropped.append(section)
        total -= sizes[id(section)]
    gone = {id(section) for section in dropped}
    kept = [section for section in sections if id(section) not in gone]
    return kept, tuple(section.name for section in dropped), total
