"""Holes found and filled, gaps between cells in line bridged."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.filling import (
    bridged,
    bridged_across,
    bridged_diagonally,
    bridged_down,
    bridged_with,
    filled,
    holes,
    holes_filled,
    outside,
    spanned,
    spanned_thinly,
    tight_holes,
    tight_holes_filled,
)

RING = drawn(".33.. 3.3.. 333.5 ...5. ..5.5", 1, 1)  # the wall has a diagonal gap at the upper left
PAIRS = drawn("1.1.2 ..... 1.2.2 .....")


def test_holes():
    """What paths to the sides do not leave is a hole, of tight walls what diagonal ones do not leave either."""
    assert holes(RING) == drawn("..... .3... ..... ..... .....", 1, 1)
    assert tight_holes(RING) == drawn("..... ..... ..... ..... .....", 1, 1)
    assert outside(RING) == drawn("3..33 ...33 ...3. 333.3 33.3.", 1, 1)
    assert holes_filled(RING, 7) == drawn(".33.. 373.. 333.5 ...5. ..5.5", 1, 1)
    assert tight_holes_filled(RING, 7) == RING
    assert tight_holes_filled(drawn("222 2.2 222"), 7) == drawn("222 272 222")


def test_a_hole_takes_the_colour_of_its_walls():
    """The commonest of each hole; at the edge nothing is a hole."""
    two = drawn("1111.222. 1..132.2. 1111.222.")
    assert filled(two) == drawn("1111.222. 11113222. 1111.222.")
    assert filled(drawn("1.1 111")) == drawn("1.1 111")


def test_gaps_between_equal_cells():
    """Only where nothing else lies between; columns go over rows."""
    assert bridged_across(PAIRS) == drawn("111.2 ..... 1.222 .....")
    assert bridged_down(PAIRS) == drawn("1.1.2 1...2 1.2.2 .....")
    assert bridged(PAIRS) == drawn("111.2 1...2 1.222 .....")
    assert bridged(drawn("..2.. 1...1 ..2..")) == drawn("..2.. 11211 ..2..")
    assert bridged_with(PAIRS, 8) == drawn("181.2 8...8 1.282 .....")
    assert bridged_diagonally(drawn("1.2 ... 2.1")) == drawn("1.2 .2. 2.1")


def test_boxes_are_spanned():
    """Between the cells of each colour; what is there already stays."""
    corners = drawn("1...2 ..... 3.1.2")
    assert spanned(corners) == drawn("111.2 111.2 311.2")
    assert spanned_thinly(drawn("1... .... .2.. ...1")) == drawn("1111 1..1 12.1 1111")


@pytest.mark.parametrize("function", [bridged_with, holes_filled, tight_holes_filled])
def test_no_such_colour(function):
    """Only 0 to 9 are colours."""
    with pytest.raises(ValueError, match="no answer"):
        function(RING, 10)
