"""Which programs of a task are worth learning from: the best, of those the shortest, of those the most different.

    too long    more than `longest` times as long as the shortest program of the task that passes
    funnel      best 64 by value -> 32 shortest -> 8 most different (rStar-ARC's curation of its training set)

Different is measured on code without comments, line by line. The eight are chosen greedily: first the best, then
always the one whose nearest neighbour among the chosen is farthest away. Ties go to the shorter, then to the id, so
that the same traces always give the same choice.
"""

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

from training.dataset.cases import Case
from training.dataset.comments import without

T = TypeVar("T")


def best(cases: Sequence[Case], most: int) -> list[Case]:
    """Return the cases of most value: right on the tests before unknown before wrong, then by gain."""
    return sorted(cases, key=lambda case: (*_value(case), *_tie(case)))[:most]


def short_enough(cases: Sequence[Case], longest: float) -> list[Case]:
    """Return the cases that are not much longer than the task's shortest passing one; all where none passes."""
    passing = [case.program.length for case in cases if case.passes]
    limit = min(passing) * longest if passing else float("inf")
    return [case for case in cases if case.program.length <= limit]


def spread(cases: Sequence[Case], shortest: int, different: int) -> list[Case]:
    """Return the most different of the shortest cases, most valuable first."""
    short = sorted(cases, key=_tie)[:shortest]
    ordered = sorted(short, key=lambda case: (*_value(case), *_tie(case)))
    return farthest(ordered, [document(case) for case in ordered], different, distance)


def farthest(
    items: Sequence[T], documents: Sequence[tuple[str, ...]], most: int, apart: Callable[..., float]
) -> list[T]:
    """Return the first item, then always the one farthest from those chosen (greedy max-min); ties: the earlier."""
    if not items:
        return []
    chosen = [0]
    nearest = [apart(documents[0], other) for other in documents]
    while len(chosen) < min(most, len(items)):
        place = max((n for n in range(len(items)) if n not in chosen), key=lambda n: (nearest[n], -n))
        chosen.append(place)
        nearest = [min(known, apart(documents[place], other)) for known, other in zip(nearest, documents, strict=True)]
    return [items[place] for place in chosen]


def document(case: Case) -> tuple[str, ...]:
    """Return what is compared: the program's lines, and those of the parent that it was made from."""
    before = [f"- {line}" for line in _lines(case.parent.source)] if case.parent else []
    return (*before, *_lines(case.program.source))


def distance(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Return the share of lines that are not common to both, in order, 0..1.

    >>> distance(("a", "b"), ("a", "b")), distance(("a", "b"), ("a", "c")), distance(("a",), ("b",))
    (0.0, 0.5, 1.0)
    """
    return 1.0 - SequenceMatcher(None, one, other, autojunk=False).ratio()


def _lines(source: str) -> list[str]:
    return [text for line in without(source).splitlines() if (text := line.strip())]


def _value(case: Case) -> tuple[int, float]:
    known = {True: 0, None: 1, False: 2}[case.right]
    return known, -case.gain


def _tie(case: Case) -> tuple[int, int, str]:
    return case.program.length, len(case.program.source), case.trace
