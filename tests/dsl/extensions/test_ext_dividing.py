"""A layer is divided by straight cuts, and each part lies where it was."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.dividing import (
    compartments,
    compartments_by_gaps,
    each_column,
    each_row,
    left_and_right,
    parts_across,
    parts_down,
    quarters,
    squares_along,
    tiles,
    top_and_bottom,
)


def test_equal_parts():
    """What is left over in the middle belongs to neither half; what cannot be parted has no answer."""
    assert each_row(drawn("12 34", 1, 1)) == (drawn("12", 1, 1), drawn("34", 2, 1))
    assert each_column(drawn("12 34", 1, 1)) == (drawn("1 3", 1, 1), drawn("2 4", 1, 2))
    assert left_and_right(drawn("152")) == (drawn("1"), drawn("2", 0, 2))
    assert top_and_bottom(drawn("1 2")) == (drawn("1"), drawn("2", 1, 0))
    assert quarters(drawn("152 555 354")) == (drawn("1"), drawn("2", 0, 2), drawn("3", 2, 0), drawn("4", 2, 2))
    assert tiles(drawn("1122 3344"), 2) == (drawn("11"), drawn("22", 0, 2), drawn("33", 1, 0), drawn("44", 1, 2))
    assert parts_across(drawn("112233"), 3) == (drawn("11"), drawn("22", 0, 2), drawn("33", 0, 4))
    assert parts_down(drawn("1 2"), 2) == (drawn("1"), drawn("2", 1, 0))
    assert squares_along(drawn("1122 1122")) == (drawn("11 11"), drawn("22 22", 0, 2))
    for nothing in (
        lambda: tiles(drawn("123"), 2),
        lambda: squares_along(drawn("11 11")),
        lambda: quarters(drawn("1")),
        lambda: parts_down(drawn("1 2"), 0),
    ):
        with pytest.raises(ValueError):
            nothing()


def test_lines_divide():
    """Lines of one colour, or empty ones, that run all across; nothing is divided by nothing."""
    assert compartments(drawn("1.5.2 55555 ..5.3")) == (
        drawn("1."),
        drawn(".2", 0, 3),
        drawn("..", 2, 0),
        drawn(".3", 2, 3),
    )
    assert compartments_by_gaps(drawn("12.3 ....", 1, 1)) == (drawn("12", 1, 1), drawn("3", 1, 4))
    for whole in (drawn("11 11"), drawn("1. .2")):
        with pytest.raises(ValueError, match="no answer"):
            compartments(whole)


def test_too_many_parts_are_no_answer():
    """A hundred are not."""
    assert len(tiles(drawn(" ".join(["1" * 10] * 10)), 10)) == 100
    with pytest.raises(ValueError, match="tiles: no answer"):
        tiles(drawn(" ".join(["1" * 11] * 11)), 11)
