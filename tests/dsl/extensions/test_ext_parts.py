"""A layer falls into parts, and each part lies where it was cut out."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.parts import (
    blocks,
    by_colour,
    by_colour_trimmed,
    clusters,
    compartments,
    compartments_by_gaps,
    each_cell,
    each_column,
    each_row,
    empty_areas,
    empty_blocks,
    enclosed_areas,
    framed_parts,
    insides,
    left_and_right,
    parts_across,
    parts_down,
    pieces,
    pieces4,
    pieces_at_border,
    pieces_off_border,
    plain_pieces,
    plain_pieces4,
    plain_views,
    quarters,
    squares_along,
    tiles,
    top_and_bottom,
    views,
)

TWO = drawn("12..3 .1..3 .....", 4, 5)
FRAMED = drawn("..... .222. .2.2. .232. .222.", 1, 1)


def test_objects_are_connected_cells():
    """Corners and colours count or not; what is met first, row by row, comes first."""
    assert pieces(TWO) == (drawn("12 .1", 4, 5), drawn("3 3", 4, 9))
    assert plain_pieces(TWO) == (drawn("1. .1", 4, 5), drawn("2", 4, 6), drawn("3 3", 4, 9))
    assert pieces4(drawn("12. ..3")) == (drawn("12"), drawn("3", 1, 2))
    assert plain_pieces4(drawn("1. .1")) == (drawn("1"), drawn("1", 1, 1))
    assert each_cell(drawn("1. .2", 3, 3)) == (drawn("1", 3, 3), drawn("2", 4, 4))


def test_clusters_bridge_one_empty_cell():
    """Two empty cells part them."""
    assert clusters(drawn("1.2..3 ......")) == (drawn("1.2"), drawn("3", 0, 5))
    assert clusters(drawn("1.. ... ..2")) == (drawn("1.. ... ..2"),)


def test_objects_are_told_by_the_border():
    """The border is that of the layer, not of what lies in it."""
    layer = drawn("1... .... ..2. ....", 2, 2)
    assert pieces_at_border(layer) == (drawn("1", 2, 2),)
    assert pieces_off_border(layer) == (drawn("2", 4, 4),)


def test_views_hold_all_that_lies_in_the_box():
    """An object cut out leaves the others in its box out."""
    layer = drawn("111 1.. 1.2")
    assert pieces(layer)[0] == drawn("111 1.. 1..")
    assert views(layer) == (drawn("111 1.. 1.2"), drawn("2", 2, 2))
    assert plain_views(drawn("11 12")) == (drawn("11 12"), drawn("2", 1, 1))


def test_empty_areas_are_parts_too():
    """They are painted 1 and are connected by sides."""
    layer = drawn("333. 3.3. 3333", 1, 1)
    assert empty_areas(layer) == (drawn("1 1", 1, 4), drawn("1", 2, 2))
    assert enclosed_areas(layer) == (drawn("1", 2, 2),)
    assert empty_blocks(drawn("..5 ..5 555")) == (drawn("11 11"),)


def test_colours_come_apart():
    """The commonest first, in the whole or in its own box."""
    assert by_colour(drawn("12. 2..")) == (drawn(".2. 2.."), drawn("1.. ..."))
    assert by_colour_trimmed(drawn("12. 2..", 1, 1)) == (drawn(".2 2.", 1, 1), drawn("1", 1, 1))


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


def test_rectangles():
    """Frames and what is inside; full blocks wherever they are, the largest first."""
    assert insides(FRAMED) == (drawn(". 3", 3, 3),)
    assert framed_parts(FRAMED) == (drawn("222 2.2 232 222", 2, 2),)
    assert blocks(drawn("1122. 1122. .1222")) == (drawn("22 22 22", 0, 2), drawn("11 11"))


def test_too_many_parts_are_no_answer():
    """A hundred are not."""
    assert len(each_cell(drawn(" ".join(["1" * 10] * 10)))) == 100
    with pytest.raises(ValueError, match="each_cell: no answer"):
        each_cell(drawn(" ".join(["1" * 11] * 10)))
