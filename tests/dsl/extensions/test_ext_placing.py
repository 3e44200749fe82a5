"""One layer is laid on, moved to or set beside another."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.placing import (
    both_in_place,
    centred_on,
    moved_to_touch,
    set_above,
    set_beside,
    stamped_at_corners,
    stamped_at_middles,
)

GRID = drawn("123 456 789", 2, 2)
BOX = drawn("55 5.", 3, 3)


def test_both_are_kept_in_their_places():
    """The first lies on top."""
    assert both_in_place(BOX, GRID) == drawn("123 455 759", 2, 2)
    assert both_in_place(drawn("1"), drawn("2", 1, 2)) == drawn("1.. ..2")
    with pytest.raises(ValueError, match="no answer"):
        both_in_place(drawn("1"), drawn("2", 60, 0))  # 61 rows


def test_one_layer_moves_to_the_other():
    """Straight until it touches, or onto its middle."""
    assert moved_to_touch(drawn("1", 3, 0), GRID) == drawn("1", 3, 1)
    assert moved_to_touch(drawn("1", 9, 4), GRID) == drawn("1", 5, 4)
    assert centred_on(drawn("1"), GRID) == drawn("1", 3, 3)
    with pytest.raises(ValueError, match="no answer"):
        moved_to_touch(drawn("1"), GRID)


def test_layers_stand_together():
    """The one need not be as large as the other."""
    assert set_beside(drawn("1"), BOX) == drawn("155 .5.")
    assert set_above(drawn("1"), BOX) == drawn("1. 55 5.")


def test_one_layer_is_stamped_on_each_object():
    """What lies outside is lost."""
    dots = drawn("3.... ..... ...4.", 1, 1)
    assert stamped_at_corners(drawn("12 21"), dots) == drawn("12... 21... ...12", 1, 1)
    assert stamped_at_middles(drawn(".1. 1.1 .1."), dots) == drawn("31... 1..1. ..141", 1, 1)
    with pytest.raises(ValueError, match="no answer"):
        stamped_at_corners(drawn("1"), drawn(".."))
