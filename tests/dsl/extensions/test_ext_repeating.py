"""Copies beside copies, cells made larger and smaller; too large a layer is no answer."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.repeating import (
    carpeted,
    copied_into_cells,
    copied_into_commonest,
    copied_into_gaps,
    enlarged,
    enlarged_by_cells,
    enlarged_by_colours,
    kaleidoscope,
    mirrored_above,
    mirrored_below,
    mirrored_on_left,
    mirrored_on_right,
    pinwheel,
    repeated_across,
    repeated_down,
    shrunk,
    shrunk_most,
    tiled,
    tiled_by_colours,
)

FOUR = drawn("12 3.", 5, 5)
WIDE = drawn("1" * 31)


@pytest.mark.parametrize(
    ("function", "numbers", "rows"),
    [
        (mirrored_on_right, (), "1221 3..3"),
        (mirrored_on_left, (), "2112 .33."),
        (mirrored_below, (), "12 3. 3. 12"),
        (mirrored_above, (), "3. 12 12 3."),
        (kaleidoscope, (0,), "1221 3..3 3..3 1221"),
        (kaleidoscope, (1,), "2112 .33. .33. 2112"),
        (kaleidoscope, (2,), "3..3 1221 1221 3..3"),
        (kaleidoscope, (3,), ".33. 2112 2112 .33."),
        (pinwheel, (0,), "1231 3..2 2..3 1321"),
        (pinwheel, (1,), "122. 3.13 31.3 .221"),
        (repeated_across, (2,), "1212 3.3."),
        (repeated_down, (3,), "12 3. 12 3. 12 3."),
        (tiled, (2,), "1212 3.3. 1212 3.3."),
        (enlarged, (2,), "1122 1122 33.. 33.."),
    ],
)
def test_copies(function, numbers, rows):
    """The place stays that of the upper left cell."""
    assert function(FOUR, *numbers) == drawn(rows, 5, 5)


def test_the_layer_says_how_often():
    """By its colours or its cells, 0 not counted."""
    two = drawn("12 ..")
    assert tiled_by_colours(two) == drawn("1212 .... 1212 ....")
    assert enlarged_by_colours(two) == enlarged(two, 2)
    assert enlarged_by_cells(drawn("121 ...")) == enlarged(drawn("121 ..."), 3)


def test_a_carpet_is_laid():
    """Of the figure, in step with where it lies."""
    assert carpeted(drawn("..... ..12. ..3..", 5, 5)) == drawn("3.3.3 12121 3.3.3", 5, 5)
    with pytest.raises(ValueError, match="carpeted"):
        carpeted(drawn("..."))


def test_cells_are_made_smaller():
    """By a given factor, or by as much as leaves every block a cell."""
    large = drawn("111222 111222 333... 333...", 1, 2)
    assert shrunk(large, 2) == drawn("112 33.", 1, 2)
    assert shrunk_most(large) == drawn("12 3.", 1, 2)
    assert shrunk_most(drawn("12 3.")) == drawn("12 3.")
    with pytest.raises(ValueError, match="shrunk"):
        shrunk(large, 4)


def test_cells_become_copies():
    """Those that are coloured, those of the commonest colour, or those that are not."""
    three = drawn("12 1.")
    assert copied_into_cells(three) == drawn("1212 1.1. 12.. 1...")
    assert copied_into_commonest(three) == drawn("12.. 1... 12.. 1...")
    assert copied_into_gaps(three) == drawn(".... .... ..12 ..1.")


@pytest.mark.parametrize(
    ("function", "numbers"),
    [
        (mirrored_on_left, ()),
        (kaleidoscope, (0,)),
        (repeated_across, (2,)),
        (repeated_down, (61,)),
        (tiled, (0,)),
        (enlarged, (2,)),
        (enlarged_by_cells, ()),
        (copied_into_cells, ()),
        (pinwheel, (0,)),
        (kaleidoscope, (4,)),
    ],
)
def test_too_large_or_no_such_number(function, numbers):
    """No side may be longer than 60 cells."""
    with pytest.raises(ValueError, match="no answer"):
        function(WIDE, *numbers)
