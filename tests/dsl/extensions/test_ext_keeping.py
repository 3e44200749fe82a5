"""Some of several layers are kept, in their order."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.keeping import (
    all_but_final,
    all_but_first,
    all_but_largest,
    all_but_smallest,
    distinct,
    those_at_edge,
    those_broken,
    those_larger_than,
    those_largest,
    those_lopsided,
    those_no_larger_than,
    those_not_empty,
    those_of_commonest_shape,
    those_of_more_colours,
    those_of_one_colour,
    those_of_other_shape,
    those_of_repeated_shape,
    those_of_unrepeated_shape,
    those_off_edge,
    those_repeated,
    those_smallest,
    those_solid,
    those_straight,
    those_symmetric,
    those_unrepeated,
    those_with,
    those_with_hole,
    those_without,
    those_without_hole,
)

DOT = drawn("3")
LINE = drawn("11", 1, 3)
RING = drawn("222 2.2 222", 4, 4)
BENT = drawn("1. 12", 9, 1)
EMPTY = drawn(".. ..", 5, 8)
LAYERS = (DOT, LINE, RING, BENT)


@pytest.mark.parametrize(
    ("keep", "kept", "dropped"),
    [
        (those_solid, (DOT, LINE), (RING, BENT)),
        (those_broken, (RING, BENT), (DOT, LINE)),
        (those_straight, (LINE,), (DOT, RING, BENT)),
        (those_symmetric, (DOT, LINE, RING), (BENT,)),
        (those_lopsided, (BENT,), (DOT, LINE, RING)),
        (those_with_hole, (RING,), (DOT, LINE, BENT)),
        (those_without_hole, (DOT, LINE, BENT), (RING,)),
        (those_of_one_colour, (DOT, LINE, RING), (BENT, EMPTY)),
        (those_of_more_colours, (BENT,), (DOT, LINE, RING, EMPTY)),
        (those_not_empty, LAYERS, (EMPTY,)),
    ],
)
def test_some_are_kept_for_what_they_are(keep, kept, dropped):
    """Whatever the order; nothing is left where none fits."""
    assert keep((*kept, *dropped)) == kept
    assert keep((*dropped, *kept)) == kept
    with pytest.raises(ValueError, match="no answer"):
        keep(dropped)


def test_size_and_colour_are_given():
    """By a number."""
    assert those_larger_than(LAYERS, 2) == (RING, BENT)
    assert those_no_larger_than(LAYERS, 2) == (DOT, LINE)
    assert those_with(LAYERS, 1) == (LINE, BENT)
    assert those_without(LAYERS, 1) == (DOT, RING)


def test_extremes_are_kept_or_dropped():
    """All that are alike in it."""
    two = (DOT, LINE, LINE)
    assert those_largest(two) == all_but_smallest(two) == (LINE, LINE)
    assert those_smallest(two) == all_but_largest(two) == (DOT,)
    assert all_but_first(LAYERS) == (LINE, RING, BENT)
    assert all_but_final(LAYERS) == (DOT, LINE, RING)


def test_some_are_kept_for_what_the_others_are():
    """By looks, or by shape whatever the colours."""
    twin, red = drawn("11", 7, 7), drawn("22", 8, 8)
    some = (LINE, twin, red, DOT)
    assert distinct(some) == (LINE, red, DOT)
    assert those_repeated(some) == (LINE, twin)
    assert those_unrepeated(some) == (red, DOT)
    assert those_of_repeated_shape(some) == those_of_commonest_shape(some) == (LINE, twin, red)
    assert those_of_unrepeated_shape(some) == those_of_other_shape(some) == (DOT,)


def test_the_edge_is_that_of_the_box_around_all():
    """A layer in the midst of others does not reach it."""
    middle = drawn("5", 5, 3)
    assert those_off_edge((*LAYERS, middle)) == (LINE, middle)
    assert those_at_edge((*LAYERS, middle)) == (DOT, RING, BENT)
