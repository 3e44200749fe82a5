"""The rim of a figure and the empty cells around it; the edge of the layer counts as empty."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.growing import (
    grown,
    grown_at_sides,
    haloed,
    haloed_at_corners,
    haloed_at_sides,
    inner,
    inner_painted,
    rims,
    rims_painted,
)

BLOCK = drawn("11111 11111 11211 1111.", 1, 1)
DOT = drawn("..... .2... ..... ...34")


def test_the_rim_and_the_rest():
    """A 0 at a corner makes a rim, too."""
    assert rims(BLOCK) == drawn("11111 1...1 1..11 1111.", 1, 1)
    assert inner(BLOCK) == drawn("..... .111. .12.. .....", 1, 1)
    assert rims_painted(BLOCK, 5) == drawn("55555 51115 51255 5555.", 1, 1)
    assert inner_painted(BLOCK, 0) == rims(BLOCK)


def test_growth():
    """Each empty neighbour takes a cell's own colour; a side goes before a corner."""
    assert grown(DOT) == drawn("222.. 222.. 22234 ..334")
    assert grown_at_sides(DOT) == drawn(".2... 222.. .2.34 ..334")


def test_halos():
    """In a given colour, around all cells."""
    assert haloed(DOT, 7) == drawn("777.. 727.. 77777 ..734")
    assert haloed_at_sides(DOT, 7) == drawn(".7... 727.. .7.77 ..734")
    assert haloed_at_corners(DOT, 7) == drawn("7.7.. .2... 7.777 ...34")


@pytest.mark.parametrize("function", [haloed, haloed_at_corners, haloed_at_sides, inner_painted, rims_painted])
def test_no_such_colour(function):
    """Only 0 to 9 are colours."""
    with pytest.raises(ValueError, match="no answer"):
        function(BLOCK, 10)
