"""Functions made of functions; primitives and bound functions alike must show how many arguments they take."""

import pytest

from arc_submit.dsl import (
    apply,
    branch,
    chain,
    compose,
    double,
    first,
    fork,
    height,
    identity,
    increment,
    invert,
    lbind,
    matcher,
    objects,
    power,
    rbind,
    replace,
    size,
    subtract,
    width,
)

AnyError = Exception  # that a call fails is described; with which type is not
TWO_BY_FOUR = ((1, 2, 3, 4), (5, 6, 7, 8))


def test_compose():
    """outer(inner(x)), for one argument."""
    assert compose(double, increment)(3) == 8
    assert compose(increment, double)(3) == 7
    with pytest.raises(AnyError):
        compose(double, increment)(1, 2)
    with pytest.raises(AnyError):
        compose(double, first)(())


def test_chain():
    """h(g(f(x))): the rightmost function comes first."""
    assert chain(double, increment, invert)(3) == -4  # -3, then -2, then -4
    assert chain(invert, increment, double)(3) == -7  # 6, then 7, then -7


def test_matcher():
    """Whether the function's value equals the target, as a bool."""
    assert matcher(size, 2)((7, 8)) is True
    assert matcher(size, 2)(()) is False
    assert matcher(identity, True)(1) is True
    assert matcher(identity, (1, 2))(frozenset({1, 2})) is False


def test_rbind():
    """Fixes the last of two, three or four parameters; what comes out can be bound again."""
    assert rbind(subtract, 1)(5) == 4
    assert rbind(branch, 9)(False, 1) == 9
    assert rbind(replace, 7)(((0, 1),), 0) == ((7, 1),)
    assert rbind(rbind(replace, 7), 0)(((0, 1),)) == ((7, 1),)
    assert rbind(lambda a, b, c, d: (a, b, c, d), 4)(1, 2, 3) == (1, 2, 3, 4)
    assert rbind(objects, True)(((0, 0, 5),), True, False) == frozenset({frozenset({(5, (0, 2))})})
    assert rbind(rbind(rbind(objects, True), False), True)(((0, 0, 5),)) == frozenset({frozenset({(5, (0, 2))})})
    # functions that make functions are bound like any other
    assert rbind(rbind, 3)(subtract)(10) == 7
    assert rbind(compose, increment)(double)(3) == 8
    assert rbind(fork, width)(subtract, height)(TWO_BY_FOUR) == -2
    assert rbind(apply, (1, 2))(increment) == (2, 3)
    # one parameter is taken for four: binding goes well, no call does
    bound = rbind(double, 1)
    for args in ((), (1,), (1, 2), (1, 2, 3)):
        with pytest.raises(AnyError):
            bound(*args)
    # binding does not look at the value
    nonsense = rbind(subtract, None)
    with pytest.raises(AnyError):
        nonsense(5)


def test_lbind():
    """Fixes the first of two, three or four parameters; what comes out can be bound again."""
    assert lbind(subtract, 1)(5) == -4
    assert lbind(branch, False)(1, 9) == 9
    assert lbind(lbind(branch, True), 5)(7) == 5
    assert lbind(replace, ((0, 1),))(0, 7) == ((7, 1),)
    assert rbind(lbind(replace, ((0, 1),)), 7)(0) == ((7, 1),)
    assert lbind(lambda a, b, c, d: (a, b, c, d), 1)(2, 3, 4) == (1, 2, 3, 4)
    assert lbind(objects, ((0, 0, 5),))(True, False, True) == frozenset({frozenset({(5, (0, 2))})})
    assert lbind(rbind, subtract)(3)(10) == 7
    assert lbind(lbind, subtract)(3)(10) == -7
    assert lbind(fork, subtract)(height, width)(TWO_BY_FOUR) == -2
    assert lbind(compose, double)(increment)(3) == 8
    assert lbind(chain, double)(increment, invert)(3) == -4
    assert lbind(apply, increment)((1, 2)) == (2, 3)
    bound = lbind(double, 1)
    for args in ((), (1,), (1, 2), (1, 2, 3)):
        with pytest.raises(AnyError):
            bound(*args)


def test_power():
    """The function so many times, once being the function itself."""
    assert power(increment, 3)(0) == 3
    assert power(double, 14)(1) == 16384  # 2 ** 14
    assert power(double, 1) is double
    assert power(invert, 2)(5) == 5


def test_fork():
    """outer(a(x), b(x))."""
    assert fork(subtract, height, width)(TWO_BY_FOUR) == -2
    assert fork(subtract, width, height)(TWO_BY_FOUR) == 2
    with pytest.raises(AnyError):
        fork(subtract, height, width)(TWO_BY_FOUR, TWO_BY_FOUR)
