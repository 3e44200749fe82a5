"""Functions over containers. Whatever a mapped function raises reaches the caller: no result is cut short."""

# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from typing import Any

from arc_submit.dsl.containers import merge
from arc_submit.dsl.types import Callable, Container, ContainerContainer, FrozenSet, Tuple
from arc_submit.dsl.visiting import visit

__all__ = ("apply", "mapply", "mpapply", "papply", "prapply", "rapply")


def apply(function: Callable, container: Container) -> Container:
    """The function of each item, in a container of the same type; a frozenset merges equal results."""
    return type(container)([function(item) for item in container])


def rapply(functions: Container, value: Any) -> Container:
    """Each function of the container applied to the one value; the result has the functions' container type."""
    return type(functions)([function(value) for function in functions])


def mapply(function: Callable, container: ContainerContainer) -> FrozenSet:
    """The function of each item, results merged: the union for a frozenset. A tuple gives a tuple."""
    merged: Any = merge(apply(function, container))
    return merged


def papply(function: Callable, a: Tuple, b: Tuple) -> Tuple:
    """Tuple of function(x, y) for items at equal positions; stops with the shorter one."""
    return tuple([function(x, y) for x, y in zip(visit(a), visit(b), strict=False)])


def mpapply(function: Callable, a: Tuple, b: Tuple) -> Tuple:
    """Like `papply`, with the results flattened into one tuple."""
    return tuple(merge(papply(function, a, b)))


def prapply(function: Callable, a: Container, b: Container) -> FrozenSet:
    """Frozenset of function(x, y) for every x of a with every y of b."""
    return frozenset([function(x, y) for x in a for y in b])
