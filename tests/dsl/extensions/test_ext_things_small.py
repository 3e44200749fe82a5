"""What is made of things: one cut out, a count, a list, bars, a map."""

import pytest

from arc_submit.dsl.extensions.things import kept_things, part_things, things
from arc_submit.dsl.extensions.things_small import (
    band_things,
    bar_things,
    count_things,
    diagonal_grid,
    joined_things,
    listed_things,
    map_things,
    sorted_things,
    tally_grid,
    thing_colour,
    thing_grid,
    thing_window,
)

GRID = ((2, 0, 3, 3), (2, 1, 0, 3), (0, 0, 0, 0))


def seen():
    return things(GRID, True, True, 0)


def test_one_thing():
    assert thing_grid(sorted_things(seen(), ("left", -1))) == ((3, 3), (0, 3))
    assert thing_window(seen(), 0) == ((2,), (2,))
    assert thing_window(seen(), 1) == ((2, 0), (2, 1), (0, 0))
    assert thing_colour(seen()) == 2
    with pytest.raises(ValueError):
        thing_window(seen(), -1)
    with pytest.raises(ValueError):
        thing_grid(kept_things(seen(), (("size", 9),)))


def test_counts():
    assert count_things(seen()) == 3
    assert tally_grid(3, 8, 2, 2) == ((8, 8), (8, 0))
    assert diagonal_grid(2, 4) == ((4, 0), (0, 4))
    with pytest.raises(ValueError):
        tally_grid(5, 8, 2, 2)


def test_lists():
    order = sorted_things(seen(), ("size", -1))
    assert listed_things(order) == ((3,), (2,), (1,))
    assert bar_things(order, ("size",)) == ((3, 3, 3), (2, 2, 0), (1, 0, 0))
    assert band_things(order) == ((3, 3, 3), (2, 2, 2), (1, 1, 1))


def test_side_by_side():
    two = things(((1, 0, 2), (1, 0, 2)), True, True, 0)
    assert joined_things(two, 0) == ((1, 2), (1, 2))
    assert joined_things(two, 1) == ((1,), (1,), (2,), (2,))
    with pytest.raises(ValueError):
        joined_things(seen(), 0)


def test_a_map():
    parts = part_things(((0, 5, 1), (5, 5, 5), (2, 5, 0)))
    assert map_things(parts, (((), "colour"),)) == ((0, 1), (2, 0))
    assert map_things(parts, (((("colour", 2),), 7),)) == ((0, 0), (7, 0))
