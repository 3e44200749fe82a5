"""One layer of several; where two would do there is no answer."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.picking import (
    bottommost,
    emptiest,
    fewest_colours,
    fewest_holes,
    fewest_parts,
    final,
    fullest,
    furthest_left,
    furthest_right,
    in_commonest_colour,
    in_rarest_colour,
    kth,
    largest,
    largest_box,
    middle_one,
    most_central,
    most_colours,
    most_holes,
    most_parts,
    most_symmetric,
    smallest,
    smallest_box,
    tallest,
    the_broken,
    the_commonest,
    the_commonest_shape,
    the_lopsided,
    the_odd_colour,
    the_odd_one,
    the_odd_shape,
    the_rarest,
    the_solid,
    the_symmetric,
    the_unrepeated,
    the_unrepeated_shape,
    topmost,
    widest,
    with_colour,
    with_fewest_of,
    with_most_of,
)

BAR = drawn("3 3 3")
RING = drawn("222 2.2 222", 4, 4)
LONG = drawn("1..12", 9, 2)
BENT = drawn("1. 11", 2, 2)


@pytest.mark.parametrize(
    ("pick", "expected"),
    [
        (largest, RING),
        (largest_box, RING),
        (smallest_box, BAR),
        (widest, LONG),
        (fullest, BAR),
        (emptiest, LONG),
        (most_colours, LONG),
        (in_commonest_colour, RING),
        (in_rarest_colour, LONG),
        (most_holes, RING),
        (most_parts, LONG),
        (the_solid, BAR),
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


@pytest.mark.parametrize(
    ("pick", "other", "expected"),
    [
        (smallest, RING, BAR),
        (tallest, LONG, BAR),
        (fewest_colours, LONG, RING),
        (fewest_holes, RING, BAR),
        (fewest_parts, LONG, RING),
        (the_symmetric, BENT, RING),
        (the_lopsided, RING, BENT),
        (most_symmetric, LONG, RING),
        (the_broken, BAR, RING),
        (furthest_right, BAR, RING),
    ],
)
def test_one_of_two_stands_out(pick, other, expected):
    """Less of something, or what the other is not."""
    assert pick((other, expected)) == expected


def test_numbers_say_which():
    """A colour, or how many come before."""
    layers = (drawn("11"), drawn("112"), drawn("1"))
    assert with_colour(layers, 2) == layers[1]
    assert with_most_of((drawn("11"), drawn("1")), 1) == layers[0]
    assert with_fewest_of(layers, 1) == layers[2]
    assert kth(layers, 1) == layers[1]
    for nothing in (lambda: kth(layers, 3), lambda: with_colour(layers, 1), lambda: with_most_of(layers, 1)):
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


def test_a_tie_of_alike_layers_is_none():
    """The first of them is taken; if they look different there is no answer."""
    assert largest((drawn("11", 3, 3), drawn("11", 5, 5))) == drawn("11", 3, 3)
    with pytest.raises(ValueError, match="largest: no answer"):
        largest((drawn("11"), drawn("12")))
    with pytest.raises(ValueError, match="middle_one: no answer"):
        middle_one((drawn("1"), drawn("1")))
