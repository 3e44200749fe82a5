"""Rays end before the next coloured cell or at the edge, and have the colour of the cell that shoots."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.shooting import (
    prolonged,
    prolonged_diagonally,
    rays_across,
    rays_all_ways,
    rays_both_ways,
    rays_diagonally,
    rays_down,
    rays_down_left,
    rays_down_right,
    rays_from_edges,
    rays_left,
    rays_of,
    rays_right,
    rays_up,
    rays_up_left,
    rays_up_right,
    rays_upright,
)

DOT = drawn("..... ..... ..1.. ..... ..2..", 6, 6)


@pytest.mark.parametrize(
    ("function", "rows"),
    [
        (rays_up, "..1.. ..1.. ..1.. ..2.. ..2.."),
        (rays_down, "..... ..... ..1.. ..1.. ..2.."),
        (rays_left, "..... ..... 111.. ..... 222.."),
        (rays_right, "..... ..... ..111 ..... ..222"),
        (rays_across, "..... ..... 11111 ..... 22222"),
        (rays_upright, "..1.. ..1.. ..1.. ..1.. ..2.."),
        (rays_both_ways, "..1.. ..1.. 11111 ..1.. 22222"),
        (rays_up_left, "1.... .1... 2.1.. .2... ..2.."),
        (rays_up_right, "....1 ...1. ..1.2 ...2. ..2.."),
        (rays_down_left, "..... ..... ..1.. .1... 1.2.."),
        (rays_down_right, "..... ..... ..1.. ...1. ..2.1"),
        (rays_diagonally, "1...1 .1.1. 2.1.2 .1.2. 1.2.1"),
        (rays_all_ways, "1.1.1 .111. 21112 .112. 12221"),
    ],
)
def test_rays(function, rows):
    """Where two meet, the order of the directions decides."""
    assert function(DOT) == drawn(rows, 6, 6)


def test_one_colour_shoots():
    """The others only stop it."""
    assert rays_of(DOT, 1) == drawn("..1.. ..1.. 11111 ..1.. ..2..", 6, 6)
    with pytest.raises(ValueError, match="rays_of"):
        rays_of(DOT, 0)


def test_rays_start_at_the_edge():
    """Those at a corner would have two ways to go, and take none."""
    assert rays_from_edges(drawn("3.2.. 1.... ..5.. .....")) == drawn("3.2.. 11111 ..5.. .....")


def test_lines_go_on():
    """Both ways, until something is in the way; a single cell has no direction."""
    assert prolonged(drawn("...... 3.11.. .....2 .....2 ......")) == drawn(".....2 311111 .....2 .....2 .....2")
    assert prolonged_diagonally(drawn("..... .1..3 ..1.. .....")) == drawn("1.... .1..3 ..1.. ...1.")
