"""One layer of several, by size, colours or form; where two would do there is no answer."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.picking import (
    emptiest,
    fewest_colours,
    fewest_holes,
    fewest_parts,
    fullest,
    in_commonest_colour,
    in_rarest_colour,
    largest,
    largest_box,
    most_colours,
    most_holes,
    most_parts,
    most_symmetric,
    smallest,
    smallest_box,
    tallest,
    the_broken,
    the_lopsided,
    the_solid,
    the_symmetric,
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
    ],
)
def test_one_of_two_stands_out(pick, other, expected):
    """Less of something, or what the other is not."""
    assert pick((other, expected)) == expected


def test_colours_say_which():
    """Which one has a colour, the most or the fewest of it."""
    layers = (drawn("11"), drawn("112"), drawn("1"))
    assert with_colour(layers, 2) == layers[1]
    assert with_most_of((drawn("11"), drawn("1")), 1) == layers[0]
    assert with_fewest_of(layers, 1) == layers[2]
    for pick in (with_colour, with_most_of):
        with pytest.raises(ValueError, match="no answer"):
            pick(layers, 1)


def test_a_tie_of_alike_layers_is_none():
    """The first of them is taken; if they look different there is no answer."""
    assert largest((drawn("11", 3, 3), drawn("11", 5, 5))) == drawn("11", 3, 3)
    with pytest.raises(ValueError, match="largest: no answer"):
        largest((drawn("11"), drawn("12")))
