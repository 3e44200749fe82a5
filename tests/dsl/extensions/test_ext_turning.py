"""Turns and mirror images keep the place of the upper left cell; nudged, rolled and symmetric layers their size."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.turning import (
    antitransposed,
    mirrored,
    nudged_down,
    nudged_left,
    nudged_right,
    nudged_up,
    rolled_down,
    rolled_left,
    rolled_right,
    rolled_up,
    symmetric_across,
    symmetric_diagonally,
    symmetric_four_ways,
    symmetric_in_turns,
    symmetric_upright,
    transposed,
    turned_around,
    turned_left,
    turned_right,
    upside_down,
)

SIX = drawn("123 456", 7, 8)
SQUARE = drawn("12. ..3 ...")


@pytest.mark.parametrize(
    ("function", "rows"),
    [
        (upside_down, "456 123"),
        (mirrored, "321 654"),
        (turned_around, "654 321"),
        (turned_right, "41 52 63"),
        (turned_left, "36 25 14"),
        (transposed, "14 25 36"),
        (antitransposed, "63 52 41"),
        (nudged_up, "456 ..."),
        (nudged_down, "... 123"),
        (nudged_left, "23. 56."),
        (nudged_right, ".12 .45"),
        (rolled_up, "456 123"),
        (rolled_down, "456 123"),
        (rolled_left, "231 564"),
        (rolled_right, "312 645"),
    ],
)
def test_moved_cells(function, rows):
    """Every cell has its one new place."""
    assert function(SIX) == drawn(rows, 7, 8)


def test_rolling_goes_the_right_way():
    """Two rows cannot tell up from down."""
    assert rolled_up(drawn("1 2 3")) == drawn("2 3 1")
    assert rolled_down(drawn("1 2 3")) == drawn("3 1 2")


@pytest.mark.parametrize(
    ("function", "rows"),
    [
        (symmetric_across, "121 3.3 ..."),
        (symmetric_upright, "12. ..3 12."),
        (symmetric_four_ways, "121 3.3 121"),
        (symmetric_diagonally, "12. 2.3 .3."),
        (symmetric_in_turns, "121 3.3 131"),
    ],
)
def test_mirror_images_fill_what_is_empty(function, rows):
    """The layer's own cells stay, and of the images the first one counts."""
    assert function(SQUARE) == drawn(rows)


@pytest.mark.parametrize("function", [symmetric_diagonally, symmetric_in_turns])
def test_only_squares_have_diagonals(function):
    """An oblong layer is no answer."""
    with pytest.raises(ValueError, match="no answer"):
        function(SIX)
