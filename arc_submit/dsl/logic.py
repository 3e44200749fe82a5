"""Truth values, comparison and choice. Every argument is already evaluated: nothing here is lazy."""

from __future__ import annotations

from typing import Any

from arc_submit.dsl.types import Boolean, Container, Integer

__all__ = ("both", "branch", "contained", "either", "equality", "flip", "greater", "identity")


def flip(b: Boolean) -> Boolean:
    """The opposite truth value."""
    return not b


def both(a: Boolean, b: Boolean) -> Boolean:
    """Logical and: b if a holds, else a."""
    return a and b


def either(a: Boolean, b: Boolean) -> Boolean:
    """Logical or: a if it holds, else b."""
    return a or b


def equality(a: Any, b: Any) -> Boolean:
    """Whether two values are equal; a tuple never equals a frozenset."""
    return bool(a == b)


def greater(a: Integer, b: Integer) -> Boolean:
    """Whether a is strictly larger than b."""
    return a > b


def contained(value: Any, container: Container) -> Boolean:
    """Whether the value (given FIRST) is an item of the container."""
    return value in container


def branch(condition: Boolean, a: Any, b: Any) -> Any:
    """a if the condition holds, else b; works on functions too, and both are evaluated beforehand."""
    return a if condition else b


def identity(x: Any) -> Any:
    """The argument itself."""
    return x
