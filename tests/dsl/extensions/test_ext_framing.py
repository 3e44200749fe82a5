"""Borders are put on and painted; lines are whole rows and columns of one colour other than 0."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.framing import (
    bordered,
    bordered_alike,
    box_drawn,
    corner_cells,
    edge_cells,
    edge_painted,
    footprint,
    grid_lines,
    lines_blanked,
    lines_taken_out,
)

GRID = drawn("1.511 .151. 55555 ..51.", 3, 3)


def test_borders():
    """The layer grows by them, or loses its outermost cells."""
    assert bordered(drawn("12", 3, 3), 4) == drawn("4444 4124 4444", 2, 2)
    assert bordered_alike(drawn("122", 3, 3)) == drawn("22222 21222 22222", 2, 2)
    assert edge_painted(drawn("123 456 789"), 2) == drawn("222 252 222")
    with pytest.raises(ValueError, match="no answer"):
        bordered(drawn("1" * 59), 4)


def test_a_box_is_drawn_around_a_figure():
    """As far as there is room."""
    assert box_drawn(drawn(".... .1.. ..1. ...."), 8) == drawn("8888 81.8 8.18 8888")
    assert box_drawn(drawn("1... .... ...."), 8) == drawn("18.. 88.. ....")
    assert box_drawn(drawn("..."), 8) == drawn("...")


def test_outermost_cells():
    """All around, or at the corners."""
    nine = drawn("123 456 789", 1, 1)
    assert edge_cells(nine) == drawn("123 4.6 789", 1, 1)
    assert corner_cells(nine) == drawn("1.3 ... 7.9", 1, 1)
    assert edge_cells(drawn("12 34")) == corner_cells(drawn("12 34")) == drawn("12 34")


def test_only_the_size_is_kept():
    """Not the colours, and not the place."""
    assert footprint(drawn("..5 ...", 9, 9)) == drawn("111 111")


def test_lines():
    """Kept alone, blanked in place, taken out."""
    assert grid_lines(GRID) == drawn("..5.. ..5.. 55555 ..5..", 3, 3)
    assert lines_blanked(GRID) == drawn("1..11 .1.1. ..... ...1.", 3, 3)
    assert lines_taken_out(GRID) == drawn("1.11 .11. ..1.", 3, 3)
    with pytest.raises(ValueError, match="lines_taken_out"):
        lines_taken_out(drawn("55 55"))


@pytest.mark.parametrize("function", [bordered, box_drawn, edge_painted])
def test_no_such_colour(function):
    """Only 0 to 9 are colours."""
    with pytest.raises(ValueError, match="no answer"):
        function(GRID, 10)
