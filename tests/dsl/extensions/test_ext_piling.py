"""Several layers make one."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.piling import (
    any_cells,
    any_cells_last_on_top,
    cells_once,
    closed_up,
    colours_in_column,
    colours_in_grid,
    colours_in_row,
    colours_on_diagonal,
    common_cells,
    commonest_cells,
    commonest_colours,
    piled,
    piled_last_on_top,
    piled_smallest_on_top,
    side_by_side,
    side_by_side_apart,
    side_by_side_on_ground,
    stacked,
    stacked_apart,
)

WIDE = drawn("11 11", 2, 2)
DOT = drawn("2", 3, 3)
THREE = (drawn("11. ..."), drawn("2.2 ...", 5, 5), drawn("3.3 ...", 9, 9))


def test_layers_lie_over_each_other_in_place():
    """The first, the last or the smallest on top; the box around all."""
    assert piled((WIDE, DOT)) == piled_last_on_top((DOT, WIDE)) == WIDE
    assert piled((DOT, WIDE)) == piled_smallest_on_top((WIDE, DOT)) == drawn("11 12", 2, 2)
    assert piled((DOT, drawn("5", 1, 4))) == drawn(".5 .. 2.", 1, 3)
    with pytest.raises(ValueError, match="no answer"):
        piled((DOT, drawn("5", 80, 4)))


def test_gaps_are_closed():
    """Where the layers lie in rows and columns; or each becomes a cell."""
    four = (drawn("11", 0, 0), drawn("22", 0, 4), drawn("33", 3, 0), drawn("4.", 3, 4))
    assert closed_up(four) == drawn("1122 334.")
    assert closed_up(four[1:]) == drawn("..22 334.", 0, 0)
    assert colours_in_grid(four) == drawn("12 34")
    with pytest.raises(ValueError, match="no answer"):
        closed_up((WIDE, DOT))


def test_layers_stand_in_line():
    """They need not be equally large; the place is that of the first."""
    assert side_by_side((WIDE, DOT)) == drawn("112 11.", 2, 2)
    assert side_by_side_on_ground((WIDE, DOT)) == drawn("11. 112", 2, 2)
    assert side_by_side_apart((WIDE, DOT)) == drawn("11.2 11..", 2, 2)
    assert stacked((DOT, WIDE)) == drawn("2. 11 11", 3, 3)
    assert stacked_apart((DOT, WIDE)) == drawn("2. .. 11 11", 3, 3)
    with pytest.raises(ValueError, match="no answer"):
        stacked((WIDE,) * 31)


def test_each_layer_gives_a_cell():
    """In its commonest colour."""
    assert colours_in_row((WIDE, DOT, DOT)) == drawn("122")
    assert colours_in_column((WIDE, DOT)) == drawn("1 2")
    assert colours_on_diagonal((WIDE, DOT)) == drawn("1. .2")


def test_equal_layers_vote():
    """Cell by cell, wherever they lie; the first of them gives the colour, or most of them."""
    assert common_cells(THREE) == drawn("1.. ...")
    assert any_cells(THREE) == drawn("112 ...")
    assert any_cells_last_on_top(THREE) == drawn("313 ...")
    assert cells_once(THREE) == drawn(".1. ...")
    five = (*THREE, THREE[2], drawn("... ..."))
    assert commonest_cells(five) == drawn("3.. ...")  # two layers each: what the first has
    assert commonest_colours(five) == drawn("313 ...")
    for function in (common_cells, any_cells_last_on_top, commonest_cells):
        with pytest.raises(ValueError, match="no answer"):
            function((WIDE, DOT))
