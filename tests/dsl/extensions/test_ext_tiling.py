"""One layer fills another, or each of its cells."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.tiling import (
    mirror_tiled_over,
    put_in_cells,
    put_in_cells_painted,
    put_in_gaps,
    scaled_to,
    tiled_from_corner,
    tiled_over,
)


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
