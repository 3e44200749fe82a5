"""One layer of several, by the others; where two would do there is no answer."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.picking_among import (
    bottommost,
    final,
    furthest_left,
    furthest_right,
    kth,
    middle_one,
    most_central,
    the_commonest,
    the_commonest_shape,
    the_odd_colour,
    the_odd_one,
    the_odd_shape,
    the_rarest,
    the_unrepeated,
    the_unrepeated_shape,
    topmost,
)

BAR = drawn("3 3 3")
RING = drawn("222 2.2 222", 4, 4)
LONG = drawn("1..12", 9, 2)


@pytest.mark.parametrize(
    ("pick", "expected"),
    [
        (topmost, BAR),
        (bottommost, LONG),
        (furthest_left, BAR),
        (most_central, RING),
        (final, LONG),
        (middle_one, RING),
    ],
)
def test_one_stands_out(pick, expected):
    """It is returned as it is, where it is."""
    assert pick((BAR, RING, LONG)) == expected


def test_the_end_of_a_layer_counts():
    """Furthest right is what ends there, wherever it begins."""
    assert furthest_right((BAR, RING)) == RING
    assert bottommost((drawn("1 1 1 1"), drawn("2", 2, 0))) == drawn("1 1 1 1")


def test_order_says_which():
    """How many come before, or as many before as after."""
    layers = (drawn("11"), drawn("112"), drawn("1"))
    assert kth(layers, 1) == layers[1]
    for nothing in (lambda: kth(layers, 3), lambda: kth(layers, -1), lambda: middle_one(layers[:2])):
        with pytest.raises(ValueError, match="no answer"):
            nothing()


def test_the_odd_one_differs_where_the_others_agree():
    """There are two others at least, and no second odd one."""
    one, two, bent = drawn("11"), drawn("22"), drawn("1. 11")
    assert the_odd_colour((one, two, one)) == two
    assert the_odd_shape((one, bent, two)) == bent
    assert the_odd_one((bent, one, one)) == bent
    for some in ((one, two), (one, one, one), (bent, two, one)):
        with pytest.raises(ValueError, match="no answer"):
            the_odd_one(some)


def test_repeats_are_counted():
    """By looks or by shape alone."""
    one, two, bent = drawn("11"), drawn("22"), drawn("1. 11")
    assert the_commonest((one, two, one)) == one
    assert the_rarest((one, two, one)) == two
    assert the_unrepeated((one, one, bent)) == bent
    assert the_unrepeated_shape((one, two, bent)) == bent
    assert the_commonest_shape((bent, two, one)) == two
    with pytest.raises(ValueError, match="no answer"):
        the_unrepeated((one, two, bent))
