"""Two layers make one."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.merging import (
    both_in_place,
    centred_on,
    cut_to,
    gaps_filled_from,
    in_both,
    in_colour_of,
    in_colours_of,
    in_either,
    in_first_only,
    in_neither,
    in_one_only,
    kept_where,
    kept_where_not,
    mirror_tiled_over,
    moved_to_touch,
    pieces_beside,
    pieces_not_under,
    pieces_under,
    put_in_cells,
    put_in_cells_painted,
    put_in_gaps,
    scaled_to,
    set_above,
    set_beside,
    stamped_at_corners,
    stamped_at_middles,
    tiled_from_corner,
    tiled_over,
    where_alike,
    where_different,
)

GRID = drawn("123 456 789", 2, 2)
BOX = drawn("55 5.", 3, 3)
A = drawn("11. 1..", 4, 4)
B = drawn(".2. 1.2", 0, 0)


def test_layers_lie_in_their_places():
    """One is cut to the other's rectangle or cells, or both are kept."""
    assert cut_to(GRID, BOX) == drawn("56 89", 3, 3)
    assert cut_to(GRID, drawn("... ...", 4, 1)) == drawn(".78 ...", 4, 1)
    assert both_in_place(BOX, GRID) == drawn("123 455 759", 2, 2)
    assert both_in_place(drawn("1"), drawn("2", 1, 2)) == drawn("1.. ..2")
    assert kept_where(GRID, BOX) == drawn("... .56 .8.", 2, 2)
    assert kept_where_not(GRID, BOX) == drawn("123 4.. 7.9", 2, 2)


def test_one_layer_moves_to_the_other():
    """Straight until it touches, or onto its middle."""
    assert moved_to_touch(drawn("1", 3, 0), GRID) == drawn("1", 3, 1)
    assert moved_to_touch(drawn("1", 9, 4), GRID) == drawn("1", 5, 4)
    assert centred_on(drawn("1"), GRID) == drawn("1", 3, 3)
    with pytest.raises(ValueError, match="no answer"):
        moved_to_touch(drawn("1"), GRID)


def test_equal_layers_are_compared():
    """Cell by cell, wherever they lie; the result lies where the first does."""
    assert in_both(A, B) == drawn(".1. 1..", 4, 4)
    assert in_first_only(A, B) == drawn("1.. ...", 4, 4)
    assert in_either(A, B) == drawn("11. 1.2", 4, 4)
    assert in_one_only(A, B) == drawn("1.. ..2", 4, 4)
    assert in_neither(A, B) == drawn("..1 .1.", 4, 4)
    assert where_alike(A, B) == drawn("... 1..", 4, 4)
    assert where_different(A, B) == drawn("11. ...", 4, 4)
    for function in (in_both, in_either, in_one_only, where_alike):
        with pytest.raises(ValueError, match="no answer"):
            function(A, BOX)


def test_colours_come_from_the_other():
    """The commonest, or all by how common they are."""
    assert in_colour_of(A, BOX) == drawn("55. 5..", 4, 4)
    assert in_colours_of(drawn("112"), drawn("3444.")) == drawn("443")
    assert gaps_filled_from(A, BOX) == drawn("115 155", 4, 4)
    for call in (lambda: in_colour_of(A, drawn("..")), lambda: in_colours_of(drawn("12"), BOX)):
        with pytest.raises(ValueError, match="no answer"):
            call()


def test_one_layer_fills_the_other():
    """From its own place, from the corner, mirrored each time, or enlarged."""
    canvas = drawn("..... .....")
    assert tiled_over(drawn("12", 0, 1), canvas) == drawn("21212 21212")
    assert tiled_from_corner(drawn("12", 0, 1), canvas) == drawn("12121 12121")
    assert mirror_tiled_over(drawn("12"), canvas) == drawn("12211 12211")
    assert scaled_to(drawn("12", 5, 5), drawn(".... ....", 1, 1)) == drawn("1122 1122", 1, 1)
    assert scaled_to(drawn("1122 1122"), drawn("..")) == drawn("12")
    for other in (drawn("..."), drawn("."), drawn(".. .. ..")):
        with pytest.raises(ValueError, match="no answer"):
            scaled_to(drawn("1.22 1122"), other)


def test_one_layer_takes_the_place_of_cells():
    """Of those that are there, or of the gaps; in its own colours or theirs."""
    one, other = drawn("1."), drawn("2. .3")
    assert put_in_cells(one, other) == drawn("1... ..1.")
    assert put_in_gaps(one, other) == drawn("..1. 1...")
    assert put_in_cells_painted(one, other) == drawn("2... ..3.")
    with pytest.raises(ValueError, match="no answer"):
        put_in_cells(drawn("1" * 31), other)


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


def test_objects_are_told_by_the_other_layer():
    """Under it, or beside it."""
    layer, mark = drawn("1.22.. 1....4", 1, 1), drawn("7", 1, 3)
    assert pieces_under(layer, mark) == drawn("..22.. ......", 1, 1)
    assert pieces_not_under(layer, mark) == drawn("1..... 1....4", 1, 1)
    assert pieces_beside(layer, drawn("7", 1, 2)) == drawn("1.22.. 1.....", 1, 1)
