"""Parts keep their place on the input; a middle row or column, or lines between thirds, belong to no part."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.cutting_up import (
    bottom_half,
    bottom_row,
    corner_square,
    left_column,
    left_half,
    middle_column,
    middle_row,
    quarter,
    right_column,
    right_half,
    third_across,
    third_down,
    top_half,
    top_row,
)

ODD = drawn("12345 67891 23456", 2, 3)


@pytest.mark.parametrize(
    ("function", "numbers", "expected"),
    [
        (left_half, (), drawn("12 67 23", 2, 3)),
        (right_half, (), drawn("45 91 56", 2, 6)),
        (top_half, (), drawn("12345", 2, 3)),
        (bottom_half, (), drawn("23456", 4, 3)),
        (quarter, (0,), drawn("12", 2, 3)),
        (quarter, (1,), drawn("45", 2, 6)),
        (quarter, (2,), drawn("23", 4, 3)),
        (quarter, (3,), drawn("56", 4, 6)),
        (third_across, (0,), drawn("1 6 2", 2, 3)),
        (third_across, (1,), drawn("3 8 4", 2, 5)),
        (third_across, (2,), drawn("5 1 6", 2, 7)),
        (third_down, (1,), drawn("67891", 3, 3)),
        (corner_square, (2,), drawn("12 67", 2, 3)),
        (top_row, (), drawn("12345", 2, 3)),
        (bottom_row, (), drawn("23456", 4, 3)),
        (left_column, (), drawn("1 6 2", 2, 3)),
        (right_column, (), drawn("5 1 6", 2, 7)),
        (middle_row, (), drawn("67891", 3, 3)),
        (middle_column, (), drawn("3 8 4", 2, 5)),
    ],
)
def test_parts(function, numbers, expected):
    """Each with the place of its upper left cell."""
    assert function(ODD, *numbers) == expected


def test_even_sides_have_two_middles():
    """Both are kept, and halves leave nothing out."""
    even = drawn("1234 5678")
    assert middle_row(even) == even
    assert middle_column(even) == drawn("23 67", 0, 1)
    assert right_half(even) == drawn("34 78", 0, 2)


@pytest.mark.parametrize(
    ("function", "numbers"),
    [
        (left_half, ()),
        (top_half, ()),
        (quarter, (0,)),
        (quarter, (4,)),
        (third_across, (0,)),
        (third_down, (3,)),
        (corner_square, (2,)),
        (corner_square, (0,)),
    ],
)
def test_no_such_part(function, numbers):
    """One cell has no halves; a number has to say which."""
    with pytest.raises(ValueError, match="no answer"):
        function(drawn("1"), *numbers)
