"""Colours kept, dropped, painted over and ranked; the place stays."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.colouring import (
    alike,
    backed,
    filled_out,
    filled_with,
    grounded,
    negative,
    only,
    only_commonest,
    only_rarest,
    painted,
    ranked,
    swapped,
    without,
    without_commonest,
    without_ground,
    without_rarest,
)

THREE = drawn("1122 .233 2...", 4, 5)  # four of 2, two of 1, two of 3, four of 0


def test_colours_are_kept_or_dropped():
    """By name or by how often they occur; of two alike the smaller one counts as commoner, and as rarer."""
    assert only(THREE, 1) == drawn("11.. .... ....", 4, 5)
    assert only(THREE, 9) == drawn(".... .... ....", 4, 5)
    assert without(THREE, 2) == drawn("11.. ..33 ....", 4, 5)
    assert only_commonest(THREE) == drawn("..22 .2.. 2...", 4, 5)
    assert without_commonest(THREE) == without(THREE, 2)
    assert only_rarest(THREE) == only(THREE, 1)
    assert without_rarest(THREE) == without(THREE, 1)
    assert only_commonest(drawn("..")) == drawn("..")


def test_a_background_is_dropped_or_chosen():
    """The commonest colour with 0 counted; or a given one, which changes places with 0."""
    assert without_ground(drawn("881 8.8")) == drawn("..1 ...")
    assert without_ground(drawn("..1 8..")) == drawn("..1 8..")
    assert grounded(drawn("88. 818"), 8) == drawn("..8 .1.")
    assert backed(drawn("1. .2"), 5) == drawn("15 52")


def test_cells_are_painted():
    """In a given colour, the commonest one, or the one that was not there."""
    assert painted(THREE, 7) == drawn("7777 .777 7...", 4, 5)
    assert alike(THREE) == painted(THREE, 2)
    assert negative(drawn("3.3 ..1")) == drawn(".3. 33.")
    assert negative(drawn("..")) == drawn("11")
    assert filled_with(THREE, 0) == drawn(".... .... ....", 4, 5)
    assert filled_out(THREE) == drawn("2222 2222 2222", 4, 5)


def test_two_colours_are_swapped():
    """0 is no colour; with one or three there is no answer."""
    assert swapped(drawn("1.2 2..")) == drawn("2.1 1..")
    with pytest.raises(ValueError, match="swapped"):
        swapped(THREE)


def test_colours_become_ranks():
    """By how often they occur, the smaller one first of two alike."""
    assert ranked(THREE) == drawn("2211 .133 1...", 4, 5)


@pytest.mark.parametrize("function", [backed, filled_with, grounded, painted])
@pytest.mark.parametrize("colour", [-1, 10])
def test_no_such_colour(function, colour):
    """Only 0 to 9 are colours."""
    with pytest.raises(ValueError, match="no answer"):
        function(THREE, colour)
