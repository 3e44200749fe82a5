"""Layers in another order, place or colour."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.arranging import (
    backwards,
    drawn_to_largest,
    dropped_down,
    dropped_left,
    dropped_right,
    dropped_up,
    painted_by_parity,
    painted_in_order,
    sorted_by_colours,
    sorted_by_frequency,
    sorted_by_size,
    sorted_from_left,
    sorted_from_top,
)

DOT = drawn("3", 2, 0)
LINE = drawn("11", 1, 3)
PAIR = drawn("12", 0, 6)


def test_layers_are_sorted():
    """Those alike keep their order."""
    some = (DOT, LINE, PAIR, DOT)
    assert sorted_by_size(some) == (LINE, PAIR, DOT, DOT)
    assert sorted_by_colours(some) == (PAIR, DOT, LINE, DOT)
    assert sorted_by_frequency(some) == (DOT, DOT, LINE, PAIR)
    assert sorted_from_left(some) == (DOT, DOT, LINE, PAIR)
    assert sorted_from_top(some) == (PAIR, LINE, DOT, DOT)
    assert backwards(some) == (DOT, PAIR, LINE, DOT)


def test_layers_are_painted_in_order():
    """There are nine colours."""
    assert painted_in_order((PAIR, DOT)) == (drawn("11", 0, 6), drawn("2", 2, 0))
    assert painted_by_parity((PAIR, DOT, LINE)) == (drawn("11", 0, 6), drawn("2", 2, 0), drawn("11", 1, 3))
    with pytest.raises(ValueError, match="no answer"):
        painted_in_order((DOT,) * 10)


def test_layers_fall_on_each_other():
    """The box around all of them is the world; what is nearest to the floor falls first."""
    bowl, stone, floor = drawn("4.4 444", 2, 0), drawn("5", 0, 1), drawn("6", 5, 4)
    assert dropped_down((stone, bowl, floor)) == (drawn("5", 4, 1), drawn("4.4 444", 4, 0), floor)
    assert dropped_up((bowl, stone)) == (drawn("4.4 444", 0, 0), stone)
    assert dropped_left((floor, bowl)) == (drawn("6", 5, 0), bowl)
    assert dropped_right((bowl, floor)) == (drawn("4.4 444", 2, 2), floor)


def test_layers_are_drawn_to_the_largest():
    """Straight and until they touch; those off its rows and columns stay, and there must be one largest."""
    block, dot, far = drawn("77 77", 5, 5), drawn("3", 0, 6), drawn("3", 0, 0)
    assert drawn_to_largest((dot, block, far)) == (drawn("3", 4, 6), block, far)
    with pytest.raises(ValueError, match="no answer"):
        drawn_to_largest((block, block))
