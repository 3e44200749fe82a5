"""Rectangles of one colour, painted wherever they lie."""

import numpy as np
import pytest
from drawn import drawn

from arc_submit.dsl.extensions.processes import blocks_painted, largest_blocks_painted


def test_rectangles_of_a_size_get_the_colour_the_upper_left_ones_where_they_overlap():
    given = drawn("...55 ...55 555.. 555..")[0]
    assert blocks_painted(given, 0, (2, 2), 3) == drawn("33.55 33.55 55533 55533")[0]
    assert blocks_painted(given, 0, (2, 3), 3) == drawn("33355 33355 555.. 555..")[0]
    assert blocks_painted(given, 0, (3, 3), 3) == blocks_painted(given, 0, (0, 2), 3) == given


def test_the_largest_rectangles_get_the_colour():
    given = drawn("...55 ...55 5.5.. 555..")[0]
    assert largest_blocks_painted(given, 0, 3) == drawn("33355 33355 5.5.. 555..")[0]
    assert largest_blocks_painted(drawn("..5. .55.")[0], 0, 3) == drawn("..5. .55.")[0]
    assert largest_blocks_painted(drawn("..5.. ..5..")[0], 0, 3) == drawn("33533 33533")[0]


@pytest.mark.parametrize("seed", range(20))
def test_no_rectangle_is_larger(seed):
    rng = np.random.default_rng(seed)
    given = tuple(map(tuple, rng.integers(0, 2, (7, 8)).tolist()))
    found = np.array(largest_blocks_painted(given, 0, 3))
    a = np.array(given)
    sizes = [
        h * w
        for h in range(2, 8)
        for w in range(2, 9)
        for i in range(8 - h)
        for j in range(9 - w)
        if not a[i : i + h, j : j + w].any()
    ]
    assert (found == 3).sum() % max(sizes, default=1) == 0 and (found == 3).any() == bool(sizes)
