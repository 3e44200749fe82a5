"""Arithmetic on numbers and pairs. Expected values are worked out by hand from the description of each primitive."""

import pytest

from arc_submit.dsl import (
    add,
    crement,
    decrement,
    divide,
    double,
    even,
    halve,
    increment,
    invert,
    maximum,
    minimum,
    multiply,
    positive,
    sign,
    subtract,
    toivec,
    tojvec,
)

AnyError = Exception  # that a call fails is described; with which type is not


def test_add():
    """Number with number, pair with pair, number with pair on either side; of longer tuples the first two items."""
    assert add(2, 3) == 5
    assert add((1, 2), (10, 20)) == (11, 22)
    assert add(5, (1, 2)) == (6, 7)
    assert add((1, 2), -5) == (-4, -3)
    assert add((1, 2), (True, False)) == (2, 2)  # 1 + 1, 2 + 0
    assert add(True, True) == 2
    assert add((1, 2, 3), (4, 5, 6)) == (5, 7)


def test_subtract():
    """Left minus right, also when only one side is a pair."""
    assert subtract(2, 5) == -3
    assert subtract((5, 1), (2, 4)) == (3, -3)
    assert subtract(3, (1, 2)) == (2, 1)
    assert subtract((1, 2), 3) == (-2, -1)
    assert subtract(True, (0, True)) == (1, 0)


def test_multiply():
    """Product, itemwise for pairs: no dot product."""
    assert multiply(-3, 4) == -12
    assert multiply((2, 3), (4, -5)) == (8, -15)
    assert multiply(2, (3, 4)) == (6, 8)
    assert multiply((3, 4), 0) == (0, 0)
    assert multiply(True, 5) == 5
    assert multiply(False, (5, 6)) == (0, 0)


def test_divide():
    """The quotient is rounded towards minus infinity; a zero divisor raises, in one item of a pair too."""
    assert divide(7, 2) == 3
    assert divide(-7, 2) == -4  # -3.5 goes down
    assert divide(7, -2) == -4
    assert divide(-7, -2) == 3
    assert divide((9, 8), (2, 3)) == (4, 2)
    assert divide((7, -7), 2) == (3, -4)
    assert divide(7, (2, -2)) == (3, -4)
    assert type(divide(6, 2)) is int
    for a, b in ((1, 0), ((1, 2), 0), ((1, 2), (1, 0)), (1, (0, 1))):
        with pytest.raises(AnyError):
            divide(a, b)


def test_invert():
    """Negated number or pair; True is the number one."""
    assert invert(4) == -4
    assert invert(0) == 0
    assert invert((1, -2)) == (-1, 2)
    assert invert(True) == -1
    for n in (-3, 0, 5, (2, -7)):
        assert invert(invert(n)) == n


def test_even():
    """Divisible by two, for negatives and zero as well; the answer is a bool."""
    assert even(4) is True
    assert even(7) is False
    assert even(0) is True
    assert even(-3) is False
    assert even(-4) is True
    assert even(True) is False


def test_double():
    """Twice, itemwise."""
    assert double(-3) == -6
    assert double((2, -5)) == (4, -10)
    assert double(True) == 2


def test_halve():
    """Floor of the half, itemwise: odd negatives go further down."""
    assert halve(6) == 3
    assert halve(5) == 2
    assert halve(-5) == -3
    assert halve((-1, 7)) == (-1, 3)
    assert halve(True) == 0
    for n in range(-6, 7):
        assert halve(double(n)) == n


def test_increment():
    """Plus one, both items of a pair."""
    assert increment(-1) == 0
    assert increment((-1, 4)) == (0, 5)
    assert increment(True) == 2


def test_decrement():
    """Minus one, both items of a pair."""
    assert decrement(0) == -1
    assert decrement((0, 5)) == (-1, 4)
    assert decrement(False) == -1
    for n in (-2, 0, 3, (4, -4)):
        assert increment(decrement(n)) == n


def test_crement():
    """One step away from zero; zero stays where it is; itemwise."""
    assert crement(1) == 2
    assert crement(-1) == -2
    assert crement(0) == 0
    assert crement((3, -3)) == (4, -4)
    assert crement((0, 2)) == (0, 3)
    assert crement(True) == 2


def test_sign():
    """-1, 0 or 1, itemwise."""
    assert sign(9) == 1
    assert sign(-9) == -1
    assert sign(0) == 0
    assert sign((-4, 0)) == (-1, 0)
    assert sign((0, 7)) == (0, 1)
    for n in (-1, 0, 1):
        assert sign(n) == n
        assert sign((n, -n)) == (n, -n)


def test_positive():
    """Strictly above zero; the answer is a bool."""
    assert positive(1) is True
    assert positive(0) is False
    assert positive(-1) is False
    assert positive(True) is True


def test_toivec():
    """The number becomes the row of a displacement; a bool stays a bool."""
    assert toivec(3) == (3, 0)
    assert toivec(-2) == (-2, 0)
    assert toivec(True) == (True, 0)
    assert toivec(True)[0] is True


def test_tojvec():
    """The number becomes the column of a displacement."""
    assert tojvec(3) == (0, 3)
    assert tojvec(-2) == (0, -2)
    for n in (-1, 0, 4):
        assert add(toivec(n), tojvec(n)) == (n, n)


def test_maximum():
    """Largest member of any container; zero if there is none; pairs compare lexicographically."""
    assert maximum(frozenset({1, 9, 2})) == 9
    assert maximum((4, 7, 7)) == 7
    assert maximum((-3, -7)) == -3  # the zero stands in for an empty container only
    assert maximum(((1, 5), (2, 0))) == (2, 0)
    assert maximum(frozenset()) == 0
    assert maximum(()) == 0


def test_minimum():
    """Smallest member of any container; zero if there is none."""
    assert minimum(frozenset({5, 9, 2})) == 2
    assert minimum((4, 7)) == 4
    assert minimum(((2, 0), (1, 5))) == (1, 5)
    assert minimum(frozenset()) == 0
    assert minimum(()) == 0
