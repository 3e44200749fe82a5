"""Counts are drawn at the place of the layer counted; a count of 0 is no answer."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.counting import (
    cells_in_line,
    cells_on_diagonal,
    colour_bars,
    colours_in_line,
    colours_in_square,
    commonest_cell,
    objects_in_line,
    objects_in_square,
    objects_on_diagonal,
    palette_across,
    palette_down,
    rarest_cell,
)

LAYER = drawn("22.1 2..1 ...2", 4, 4)  # 2: four cells in two objects; 1: two cells in one object


@pytest.mark.parametrize(
    ("function", "rows"),
    [
        (cells_in_line, "222222"),
        (objects_in_line, "222"),
        (objects_in_square, "222 222 222"),
        (objects_on_diagonal, "2.. .2. ..2"),
        (colours_in_line, "22"),
        (colours_in_square, "22 22"),
        (commonest_cell, "2"),
        (rarest_cell, "1"),
        (palette_down, "2 1"),
        (palette_across, "21"),
        (colour_bars, "2222 11.."),
    ],
)
def test_counts(function, rows):
    """In the commonest colour, or in the colours counted."""
    assert function(LAYER) == drawn(rows, 4, 4)
    with pytest.raises(ValueError, match="no answer"):
        function(drawn("... ..."))


def test_a_diagonal_of_cells():
    """As many as are not 0; no more than fit a layer."""
    assert cells_on_diagonal(drawn("33 3.")) == drawn("3.. .3. ..3")
    with pytest.raises(ValueError, match="no answer"):
        cells_on_diagonal(drawn("1111111111 " * 7))
