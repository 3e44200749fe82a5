"""Functions from functions. What is returned takes positional arguments and can be bound again.

`rbind` and `lbind` read the number of parameters from the function's code, as declared; built-in functions, which have
none, raise when they are bound.
"""

from __future__ import annotations

from typing import Any

from arc_submit.dsl.types import Boolean, Callable, Integer

__all__ = ("chain", "compose", "fork", "lbind", "matcher", "power", "rbind")


def compose(outer: Callable, inner: Callable) -> Callable:
    """The function x -> outer(inner(x))."""

    def composed(x: Any) -> Any:
        return outer(inner(x))

    return composed


def chain(h: Callable, g: Callable, f: Callable) -> Callable:
    """The function x -> h(g(f(x))): the rightmost one goes first."""

    def chained(x: Any) -> Any:
        return h(g(f(x)))

    return chained


def matcher(function: Callable, target: Any) -> Callable:
    """The test x -> whether function(x) equals the target."""

    def matches(x: Any) -> Boolean:
        return bool(function(x) == target)

    return matches


def rbind(function: Callable, fixed: Any) -> Callable:
    """The function with its LAST parameter fixed: rbind(ofcolor, 5) takes a grid."""
    parameters = function.__code__.co_argcount
    if parameters == 2:

        def bound_last(x: Any) -> Any:
            return function(x, fixed)

        return bound_last
    if parameters == 3:

        def bound_last_of_three(x: Any, y: Any) -> Any:
            return function(x, y, fixed)

        return bound_last_of_three

    def bound_last_of_four(x: Any, y: Any, z: Any) -> Any:
        return function(x, y, z, fixed)

    return bound_last_of_four


def lbind(function: Callable, fixed: Any) -> Callable:
    """The function with its FIRST parameter fixed: lbind(shift, obj) takes a displacement."""
    parameters = function.__code__.co_argcount
    if parameters == 2:

        def bound_first(y: Any) -> Any:
            return function(fixed, y)

        return bound_first
    if parameters == 3:

        def bound_first_of_three(y: Any, z: Any) -> Any:
            return function(fixed, y, z)

        return bound_first_of_three

    def bound_first_of_four(y: Any, z: Any, u: Any) -> Any:
        return function(fixed, y, z, u)

    return bound_first_of_four


def power(function: Callable, n: Integer) -> Callable:
    """The function applied n times in a row; n below 1 raises."""
    if n < 1:
        raise ValueError("a function is applied at least once")
    if n == 1:
        return function

    def powered(x: Any) -> Any:
        for _ in range(n):
            x = function(x)
        return x

    return powered


def fork(outer: Callable, a: Callable, b: Callable) -> Callable:
    """The function x -> outer(a(x), b(x))."""

    def forked(x: Any) -> Any:
        return outer(a(x), b(x))

    return forked
