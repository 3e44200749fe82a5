"""Colours spread over rows, columns and empty areas; cells fall and keep their order."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.spreading import (
    fallen_down,
    fallen_left,
    fallen_right,
    fallen_up,
    flooded,
    lines_across,
    lines_both_ways,
    lines_upright,
    nearest_spread,
    outvoted_across,
    outvoted_upright,
)

DOT = drawn("..... ..... ..1.. ..... ..2..", 6, 6)


@pytest.mark.parametrize(
    ("function", "rows"),
    [
        (lines_across, "..... ..... 11111 ..... 22222"),
        (lines_upright, "..1.. ..1.. ..1.. ..1.. ..1.."),
        (lines_both_ways, "..1.. ..1.. 11111 ..1.. 22122"),
        (fallen_down, "..... ..... ..... ..1.. ..2.."),
        (fallen_up, "..1.. ..2.. ..... ..... ....."),
        (fallen_left, "..... ..... 1.... ..... 2...."),
        (fallen_right, "..... ..... ....1 ..... ....2"),
        (flooded, "..... ..... ..1.. ..... ..2.."),
        (nearest_spread, "11111 11111 11111 ..... 22222"),
    ],
)
def test_spread(function, rows):
    """In the colour of the cell that spreads."""
    assert function(DOT) == drawn(rows, 6, 6)


def test_areas_are_flooded():
    """By a single colour around them; two leave an area as it is, and so do none."""
    assert flooded(drawn("1.1.2 11111 .3...")) == drawn("111.2 11111 .3...")
    assert flooded(drawn("..")) == drawn("..")


def test_the_majority_of_a_row_or_column():
    """The smaller colour of two alike, 0 being one."""
    votes = drawn("1.1 .22 333")
    assert outvoted_across(votes) == drawn("111 222 333")
    assert outvoted_upright(votes) == drawn(".01 .01 .01")


def test_falling_keeps_the_order():
    """Of the cells that fall."""
    assert fallen_down(drawn("12 3. .4")) == drawn(".. 12 34")
    assert fallen_right(drawn("1.2 3..")) == drawn(".12 ..3")
    assert fallen_left(drawn(".12 ..3")) == drawn("12. 3..")
