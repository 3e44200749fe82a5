"""Layers with room for what is to grow beyond them."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions import room

LAYER = drawn("12", 3, 4)


def test_the_layer_lies_at_the_upper_left():
    assert room.with_room(LAYER, 2) == drawn("12.. ....", 3, 4)
    assert room.with_room_below(LAYER, 3) == drawn("12 .. ..", 3, 4)
    assert room.with_room_on_right(LAYER, 2) == drawn("12..", 3, 4)
    assert room.with_room_to_square(LAYER) == drawn("12 ..", 3, 4)


def test_there_is_no_room_beyond_the_limit_nor_a_smaller_layer():
    for function, layer, times in (
        (room.with_room, drawn("1" * 31), 2),
        (room.with_room, LAYER, 0),
        (room.with_room_on_right, drawn("1" * 31), 2),
    ):
        with pytest.raises(ValueError, match="no answer"):
            function(layer, times)
