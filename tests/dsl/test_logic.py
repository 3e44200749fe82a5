"""Truth values, comparison and choice, with what passes through when the arguments are no bools."""

import pytest

from arc_submit.dsl import both, branch, contained, either, equality, flip, greater, identity

AnyError = Exception  # that a call fails is described; with which type is not


def test_flip():
    """The negated truth value of anything, always a bool."""
    assert flip(True) is False
    assert flip(False) is True
    assert flip(0) is True
    assert flip(3) is False
    assert flip(()) is True
    assert flip(frozenset({0})) is False


def test_both():
    """Python's `and` on two values: what decides is handed through, bool or not."""
    assert both(True, True) is True
    assert both(True, False) is False
    assert both(False, True) is False
    assert both(3, 5) == 5
    assert both(0, 5) == 0
    assert both(0, 5) is not False
    assert both((), 5) == ()
    assert both(2, ()) == ()


def test_either():
    """Python's `or` on two values: what decides is handed through."""
    assert either(False, True) is True
    assert either(False, False) is False
    assert either(3, 5) == 3
    assert either(0, 5) == 5
    assert either(0, ()) == ()


def test_equality():
    """Python's equality: a tuple never equals a frozenset, 1 equals True."""
    assert equality(3, 3) is True
    assert equality(((1, 2), (3, 4)), ((1, 2), (3, 4))) is True
    assert equality((1, 2), (2, 1)) is False
    assert equality((1, 2), frozenset({1, 2})) is False
    assert equality((), frozenset()) is False
    assert equality(1, True) is True
    assert equality(flip, flip) is True


def test_greater():
    """Strict, and as Python has it: lexicographic on pairs, strict superset on sets."""
    assert greater(2, 1) is True
    assert greater(2, 2) is False
    assert greater(True, False) is True
    assert greater((1, 9), (2, 0)) is False
    assert greater((2, 1), (2, 0)) is True
    assert greater(frozenset({1, 2}), frozenset({1})) is True
    assert greater(frozenset({1}), frozenset({1})) is False
    assert greater(frozenset({1, 2}), frozenset({3})) is False  # larger, but no superset
    with pytest.raises(AnyError):
        greater((1, 2), 1)


def test_contained():
    """The value comes first; of a grid the rows are the members, not the cells."""
    assert contained(2, (1, 2)) is True
    assert contained(3, frozenset({1, 2})) is False
    assert contained((0, 1), frozenset({(0, 1)})) is True
    assert contained((3, 4), ((1, 2), (3, 4))) is True
    assert contained(3, ((1, 2), (3, 4))) is False
    assert contained(True, (1, 2)) is True
    assert contained(1, ()) is False


def test_branch():
    """The first value if the condition is truthy, else the second; often the values are functions."""
    assert branch(True, 1, 2) == 1
    assert branch(False, 1, 2) == 2
    assert branch(5, 1, 2) == 1
    assert branch((), 1, 2) == 2
    assert branch(False, flip, identity) is identity


def test_identity():
    """The argument itself, not a copy."""
    for x in (3, True, None, (1, (2, 3)), frozenset({7}), flip):
        assert identity(x) is x
