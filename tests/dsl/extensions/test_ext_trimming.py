"""What is empty or says nothing is cut off or dropped; a layer that is cut keeps its place on the input."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.trimming import (
    at_origin,
    box_outline,
    condensed,
    distinct_columns,
    distinct_rows,
    midmost,
    shaved,
    solid_box,
    squeezed,
    trimmed,
    trimmed_inside,
)

FIGURE = drawn("..... .12.. .1.1. ..... .....", 10, 20)
EMPTY = drawn("... ...")


def test_the_box_around_a_figure_is_cut_out():
    """Its place moves along; nothing there, or no room inside, is no answer."""
    assert trimmed(FIGURE) == drawn("12. 1.1", 11, 21)
    assert trimmed_inside(drawn("..... .333. .343. .333.")) == drawn("4", 2, 2)
    for function, layer in [(trimmed, EMPTY), (trimmed_inside, FIGURE), (trimmed_inside, EMPTY)]:
        with pytest.raises(ValueError, match="no answer"):
            function(layer)


def test_the_outermost_cells_are_cut_off():
    """Empty or not."""
    assert shaved(drawn("1234 5678 9123", 4, 4)) == drawn("67", 5, 5)
    with pytest.raises(ValueError, match="shaved"):
        shaved(drawn("11 11"))


def test_the_middle_is_cut_out():
    """One cell of an odd side, two of an even one."""
    assert midmost(drawn("123 456 789", 1, 1)) == drawn("5", 2, 2)
    assert midmost(drawn("1234 5678")) == drawn("23 67", 0, 1)


def test_only_the_place_changes():
    """The cells stay."""
    assert at_origin(FIGURE) == (FIGURE[0], (0, 0))


def test_the_box_is_drawn():
    """Solid or as an outline, in the commonest colour; of nothing, nothing."""
    tall = drawn("..... .1... ..22. .1.1. .....", 3, 3)
    assert solid_box(tall) == drawn("..... .111. .111. .111. .....", 3, 3)
    assert box_outline(tall) == drawn("..... .111. .1.1. .111. .....", 3, 3)
    assert box_outline(FIGURE) == drawn("..... .111. .111. ..... .....", 10, 20)
    assert solid_box(EMPTY) == box_outline(EMPTY) == EMPTY


def test_empty_rows_and_columns_are_dropped():
    """Between the figures, too."""
    assert squeezed(drawn("..... 1...2 ..... 3...4", 5, 6)) == drawn("12 34", 6, 6)
    with pytest.raises(ValueError, match="squeezed"):
        squeezed(EMPTY)


def test_equal_rows_and_columns_are_dropped():
    """Next to each other only, or anywhere."""
    assert condensed(drawn("1121 1121 3343 1121", 2, 2)) == drawn("121 343 121", 2, 2)
    assert distinct_rows(drawn("12 34 12 12 56")) == drawn("12 34 56")
    assert distinct_columns(drawn("1213 4561")) == drawn("1213 4561")
    assert distinct_columns(drawn("1213 4543")) == drawn("123 453")
