"""Arithmetic on numbers and pairs. Bools count as numbers; anything that is not an int is taken as a pair."""

# mypy: disable-error-code="no-any-return"
from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from arc_submit.dsl.types import Boolean, Integer, IntegerSet, IntegerTuple, Numerical

__all__ = (
    "add",
    "crement",
    "decrement",
    "divide",
    "double",
    "even",
    "halve",
    "increment",
    "invert",
    "maximum",
    "minimum",
    "multiply",
    "positive",
    "sign",
    "subtract",
    "toivec",
    "tojvec",
)


def add(a: Numerical, b: Numerical) -> Numerical:
    """Sum of two numbers, of two pairs item by item, or of a number and both items of a pair."""
    return _itemwise(operator.add, a, b)


def subtract(a: Numerical, b: Numerical) -> Numerical:
    """a minus b, item by item for pairs; a number beside a pair serves for both items."""
    return _itemwise(operator.sub, a, b)


def multiply(a: Numerical, b: Numerical) -> Numerical:
    """Product, item by item for pairs; a number beside a pair scales both items."""
    return _itemwise(operator.mul, a, b)


def divide(a: Numerical, b: Numerical) -> Numerical:
    """Whole quotient rounded down (-7 by 2 is -4), item by item for pairs."""
    return _itemwise(operator.floordiv, a, b)


def invert(n: Numerical) -> Numerical:
    """The number, or both items of the pair, with the sign changed."""
    return -n if isinstance(n, int) else (-n[0], -n[1])


def even(n: Integer) -> Boolean:
    """Whether the number divides by two."""
    return n % 2 == 0


def double(n: Numerical) -> Numerical:
    """Twice the number or twice both items of the pair."""
    return _itemwise(operator.mul, n, 2)


def halve(n: Numerical) -> Numerical:
    """Half, rounded down (-5 gives -3); both items of a pair."""
    return _itemwise(operator.floordiv, n, 2)


def increment(x: Numerical) -> Numerical:
    """One more; for a pair, one more in both items."""
    return _itemwise(operator.add, x, 1)


def decrement(x: Numerical) -> Numerical:
    """One less; for a pair, one less in both items."""
    return _itemwise(operator.sub, x, 1)


def crement(x: Numerical) -> Numerical:
    """One step further from zero, item by item for pairs; zero stays zero."""
    return _itemwise(operator.add, x, sign(x))


def sign(x: Numerical) -> Numerical:
    """-1, 0 or 1 for negative, zero, positive; item by item for pairs."""
    if isinstance(x, int):
        return (x > 0) - (x < 0)
    return ((x[0] > 0) - (x[0] < 0), (x[1] > 0) - (x[1] < 0))


def positive(x: Integer) -> Boolean:
    """Whether the number is above zero; zero is not."""
    return x > 0


def toivec(i: Integer) -> IntegerTuple:
    """The displacement (i, 0): i rows down."""
    return (i, 0)


def tojvec(j: Integer) -> IntegerTuple:
    """The displacement (0, j): j columns to the right."""
    return (0, j)


def maximum(container: IntegerSet) -> Integer:
    """Largest item of the container; 0 if it is empty."""
    return max(container, default=0)


def minimum(container: IntegerSet) -> Integer:
    """Smallest item of the container; 0 if it is empty."""
    return min(container, default=0)


def _itemwise(operation: Callable[[Any, Any], Any], a: Numerical, b: Numerical) -> Any:
    if isinstance(a, int):
        if isinstance(b, int):
            return operation(a, b)
        return (operation(a, b[0]), operation(a, b[1]))
    if isinstance(b, int):
        return (operation(a[0], b), operation(a[1], b))
    return (operation(a[0], b[0]), operation(a[1], b[1]))
