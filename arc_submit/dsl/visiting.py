"""In which order a container is visited, where that can be seen: `first`, `totuple`, ties of `argmax` and the like.

A tuple has its own order. A frozenset is visited in ascending order: pairs and cells item by item (so cells by colour,
row, column), sets by their ascending members, functions by name and then by what they have bound. A frozenset of
nothing but ints is the exception: it keeps CPython's own order, on which the background of a grid with tied colours
depends for everyone who knows these programs. With at most four different colours that order differs from the
ascending one only for 8 and 9, which share hash slots with 0 and 1.

So a program's result never depends on the hash seed. What is left to history: two ints of one set whose slots collide.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable
from typing import Any

_INTS = frozenset((int, bool))
_FLAT = frozenset((int, bool, tuple))
_TUPLES = frozenset((tuple,))
_SETS = frozenset((frozenset,))
_PAIRS = frozenset((2,))
_BINDERS = "arc_submit.dsl.functions"

_chained = itertools.chain.from_iterable


def visit(container: Any) -> tuple[Any, ...]:
    """All items, in visiting order."""
    items = tuple(container)
    return tuple(ascending(items)) if is_set(container) and len(items) > 1 and not all_ints(items) else items


def foremost(container: Any) -> Any:
    """The item visited first."""
    items = tuple(container)
    if not items:
        raise ValueError("an empty container has no first item")
    if not is_set(container) or len(items) == 1 or all_ints(items):
        return items[0]
    return min(items) if _places_or_cells(items) else ascending(items)[0]


def hindmost(container: Any) -> Any:
    """The item visited last."""
    if not container:
        raise ValueError("an empty container has no last item")
    return visit(container)[-1]


def is_set(container: Any) -> bool:
    """Without an order of its own."""
    return isinstance(container, (frozenset, set))


def all_ints(items: Iterable[Any]) -> bool:
    """Nothing but ints and bools."""
    return _INTS.issuperset(map(type, items))


def comparable(items: Iterable[Any]) -> bool:
    """Made of ints and tuples alone, at every depth: with sets inside, `<` would mean `is a subset of`."""
    items = tuple(items)
    while items:
        kinds = set(map(type, items))
        if kinds <= _INTS:
            return True
        if not kinds <= _FLAT:
            return False
        items = tuple(_chained([item for item in items if isinstance(item, tuple)]))
    return True


def ascending(items: Collection[Any]) -> list[Any]:
    """The items sorted, whatever they are."""
    if _places_or_cells(items):
        return sorted(items)
    if set(map(type, items)) == _SETS and all(items) and _places_or_cells(tuple(_chained(items))):
        starting = dict(zip(map(min, items), items, strict=True))
        if len(starting) == len(items):  # different smallest members: no need to sort inside
            return [starting[start] for start in sorted(starting)]
        return sorted(items, key=sorted)
    return sorted(items, key=_rank)


def _places_or_cells(items: Collection[Any]) -> bool:
    """All tuples of ints, or all pairs of an int and a tuple of ints: Python's own order is the ascending one."""
    if set(map(type, items)) != _TUPLES:
        return False
    parts = list(_chained(items))
    if all_ints(parts):
        return True
    if set(map(len, items)) != _PAIRS:
        return False
    values, spots = parts[::2], parts[1::2]
    return all_ints(values) and set(map(type, spots)) == _TUPLES and all_ints(_chained(spots))


def _rank(item: Any) -> tuple[Any, ...]:
    """A sort key that exists for every value of the DSL."""
    if isinstance(item, int):
        return (0, item)
    if isinstance(item, tuple):
        return (1, *map(_rank, item))
    if isinstance(item, frozenset):
        return (2, *sorted(map(_rank, item)))
    name = getattr(item, "__qualname__", type(item).__qualname__)
    line = getattr(getattr(item, "__code__", None), "co_firstlineno", 0)
    # What the DSL's own functions bind was there before them; others could hold themselves.
    bound = item.__closure__ or () if getattr(item, "__module__", "") == _BINDERS else ()
    return (3, name, line, *(_rank(cell.cell_contents) for cell in bound))
