"""Containers: tuples and frozensets of anything. What goes in as a tuple usually comes out as a tuple.

Where the order of a frozenset shows, `visiting` decides it.
"""

# mypy: disable-error-code="no-any-return"
from __future__ import annotations

import itertools
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from arc_submit.dsl.types import (
    Callable,
    Container,
    ContainerContainer,
    FrozenSet,
    Integer,
    IntegerTuple,
    Tuple,
    TupleTuple,
)
from arc_submit.dsl.visiting import all_ints, ascending, comparable, foremost, hindmost, is_set, visit

__all__ = (
    "argmax",
    "argmin",
    "astuple",
    "combine",
    "dedupe",
    "difference",
    "extract",
    "first",
    "initset",
    "insert",
    "intersection",
    "interval",
    "last",
    "leastcommon",
    "merge",
    "mfilter",
    "mostcommon",
    "order",
    "other",
    "pair",
    "product",
    "remove",
    "repeat",
    "sfilter",
    "size",
    "sizefilter",
    "totuple",
    "valmax",
    "valmin",
)


def size(container: Container) -> Integer:
    """Number of items; for a grid the number of rows."""
    return len(container)


def combine(a: Container, b: Container) -> Container:
    """All items of a and then of b, in a container of a's type; two grids are stacked."""
    if isinstance(a, tuple):
        return a + visit(b)
    return _union((a, b))


def intersection(a: FrozenSet, b: FrozenSet) -> FrozenSet:
    """Members that two frozensets share; tuples raise."""
    return a & b


def difference(a: FrozenSet, b: FrozenSet) -> FrozenSet:
    """Items of a that b does not have, in a container of a's type."""
    if isinstance(a, frozenset) and isinstance(b, frozenset) and not _starts_with_int(a):
        return a - b
    return type(a)([item for item in a if item not in b])


def dedupe(tup: Tuple) -> Tuple:
    """The tuple without repetitions; the first appearance of each item stays."""
    return tuple(dict.fromkeys(tup))


def order(container: Container, compfunc: Callable) -> Tuple:
    """Tuple of all items, ascending by the key function."""
    if is_set(container):
        keyed = sorted([(compfunc(item), item) for item in container], key=_first_of_two)
        if comparable([key for key, _ in keyed]):
            return tuple(_ties_ascending(keyed, natural=all_ints(container)))
    return tuple(sorted(visit(container), key=compfunc))


def repeat(item: Any, num: Integer) -> Tuple:
    """Tuple with the item num times."""
    return (item,) * num


def merge(containers: ContainerContainer) -> Container:
    """Flattens one level into a container of the OUTER type: a frozenset of objects becomes one object, a tuple of
    grids one tall grid."""
    if isinstance(containers, tuple):
        return tuple(itertools.chain.from_iterable(map(visit, containers)))
    return _union(containers)


def valmax(container: Container, compfunc: Callable) -> Integer:
    """Largest value that the key function takes on the items; of an empty container, its value at 0."""
    keys = [compfunc(item) for item in container]
    if not keys:
        return compfunc(0)
    return max(keys) if comparable(keys) else compfunc(argmax(container, compfunc))


def valmin(container: Container, compfunc: Callable) -> Integer:
    """Smallest value that the key function takes on the items; of an empty container, its value at 0."""
    keys = [compfunc(item) for item in container]
    if not keys:
        return compfunc(0)
    return min(keys) if comparable(keys) else compfunc(argmin(container, compfunc))


def argmax(container: Container, compfunc: Callable) -> Any:
    """Item with the largest key; among equals the first visited. An empty container raises."""
    if is_set(container):
        keys = [compfunc(item) for item in container]
        if comparable(keys):
            return _tied(container, keys, max(keys))
    return max(visit(container), key=compfunc)


def argmin(container: Container, compfunc: Callable) -> Any:
    """Item with the smallest key; among equals the first visited. An empty container raises."""
    if is_set(container):
        keys = [compfunc(item) for item in container]
        if comparable(keys):
            return _tied(container, keys, min(keys))
    return min(visit(container), key=compfunc)


def mostcommon(container: Container) -> Any:
    """Most frequent item of a tuple; a frozenset raises, it has no counts."""
    counts = _counts(container)
    return _of_count(container, counts, max(counts.values()))


def leastcommon(container: Container) -> Any:
    """Least frequent item of a tuple; a frozenset raises, it has no counts."""
    counts = _counts(container)
    return _of_count(container, counts, min(counts.values()))


def initset(value: Any) -> FrozenSet:
    """Frozenset with the value as its only member."""
    return frozenset((value,))


def sfilter(container: Container, condition: Callable) -> Container:
    """The items for which the condition holds, same container type: cells of an object, rows of a grid."""
    return type(container)([item for item in container if condition(item)])


def mfilter(container: Container, function: Callable) -> FrozenSet:
    """The items for which the function holds, merged: kept objects become one object. A tuple in gives a tuple out."""
    merged: Any = merge(sfilter(container, function))
    return merged


def extract(container: Container, condition: Callable) -> Any:
    """The first item for which the condition holds; raises if there is none."""
    for item in visit(container):
        if condition(item):
            return item
    raise ValueError("no item satisfies the condition")


def totuple(container: FrozenSet) -> Tuple:
    """The items as a tuple, ascending."""
    return tuple(visit(container))


def first(container: Container) -> Any:
    """The first item: row of a place, colour of a cell, top row of a grid. Raises on an empty container."""
    return foremost(container)


def last(container: Container) -> Any:
    """The last item: column of a place, place of a cell, bottom row of a grid. Raises on an empty container."""
    return hindmost(container)


def insert(value: Any, container: FrozenSet) -> FrozenSet:
    """The frozenset with the value (given FIRST) added; a tuple raises."""
    return container | {value}


def remove(value: Any, container: Container) -> Container:
    """The container without the items equal to the value (given FIRST); nothing happens if it is not there."""
    return type(container)([item for item in container if item != value])


def other(container: Container, value: Any) -> Any:
    """The first item that differs from the value (given LAST): the other one of two."""
    return foremost(remove(value, container))


def interval(start: Integer, stop: Integer, step: Integer) -> Tuple:
    """Tuple start, start+step, ... up to but not including stop; a negative step counts down."""
    return tuple(range(start, stop, step))


def astuple(a: Integer, b: Integer) -> IntegerTuple:
    """The pair (a, b), of any two values."""
    return (a, b)


def product(a: Container, b: Container) -> FrozenSet:
    """Frozenset of all pairs of an item of a with an item of b."""
    return frozenset(itertools.product(a, b))


def pair(a: Tuple, b: Tuple) -> TupleTuple:
    """Tuple of pairs of items at equal positions; the longer one's surplus is dropped."""
    return tuple(zip(visit(a), visit(b), strict=False))


def sizefilter(container: Container, n: Integer) -> FrozenSet:
    """The items with exactly n members, always as a frozenset."""
    return frozenset([item for item in container if len(item) == n])


_first_of_two = itemgetter(0)


def _ties_ascending(keyed: list[tuple[Any, Any]], natural: bool) -> Iterator[Any]:
    """The items of (key, item) pairs sorted by key, equal keys in visiting order: as they are, or ascending."""
    for _, group in itertools.groupby(keyed, key=_first_of_two):
        tied = [item for _, item in group]
        yield from tied if natural or len(tied) == 1 else ascending(tied)


def _starts_with_int(items: Any) -> bool:
    """Looks at one item only: which way to build a set is all that hangs on it."""
    for item in items:
        return isinstance(item, int)
    return False


def _union(containers: Any) -> frozenset[Any]:
    union: frozenset[Any] = frozenset().union(*containers)
    if _starts_with_int(union):  # ints are added one by one: the order of a set of ints shows
        return frozenset(itertools.chain.from_iterable(containers))
    return union


def _tied(container: Container, keys: list[Any], best: Any) -> Any:
    """The first visited of the items whose key is the best one; keys come in the set's own order."""
    items = tuple(container)
    if keys.count(best) == 1 or all_ints(items):
        return items[keys.index(best)]
    return ascending([item for item, key in zip(items, keys, strict=True) if key == best])[0]


def _counts(container: Container) -> dict[Any, int]:
    if not isinstance(container, tuple):
        raise TypeError("only a tuple has counts")
    counts: dict[Any, int] = {}
    for item in container:
        counts[item] = counts.get(item, 0) + 1
    return counts


def _of_count(container: Container, counts: dict[Any, int], count: int) -> Any:
    tied = [item for item, times in counts.items() if times == count]
    if len(tied) == 1:
        return tied[0]
    return next(item for item in visit(frozenset(container)) if counts[item] == count)
