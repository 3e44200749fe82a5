"""A layer falls into groups of cells, and each lies where it was cut out."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.pieces import (
    clusters,
    each_cell,
    empty_areas,
    enclosed_areas,
    framed_parts,
    insides,
    pieces,
    pieces4,
    pieces_at_border,
    pieces_off_border,
    plain_pieces,
    plain_pieces4,
    plain_views,
    views,
)

TWO = drawn("12..3 .1..3 .....", 4, 5)


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


def test_frames_hold_what_is_inside():
    """A frame of one colour, and something else inside; a full rectangle is none."""
    framed = drawn("..... .222. .2.2. .232. .222.", 1, 1)
    assert insides(framed) == (drawn(". 3", 3, 3),)
    assert framed_parts(framed) == (drawn("222 2.2 232 222", 2, 2),)
    with pytest.raises(ValueError, match="no answer"):
        framed_parts(drawn("222 222 222"))


def test_empty_areas_are_parts_too():
    """They are painted 1 and are connected by sides."""
    layer = drawn("333. 3.3. 3333", 1, 1)
    assert empty_areas(layer) == (drawn("1 1", 1, 4), drawn("1", 2, 2))
    assert enclosed_areas(layer) == (drawn("1", 2, 2),)


def test_too_many_parts_are_no_answer():
    """A hundred are not."""
    assert len(each_cell(drawn(" ".join(["1" * 10] * 10)))) == 100
    with pytest.raises(ValueError, match="each_cell: no answer"):
        each_cell(drawn(" ".join(["1" * 11] * 10)))
