"""Things on small grids, seen in every way, and their marks."""

import pytest

from arc_submit.dsl.extensions.things import (
    background_things,
    colour_things,
    column_things,
    dot_things,
    hole_things,
    kept_things,
    near_things,
    part_things,
    row_things,
    things,
    tile_things,
)

#   a frame with a dot in it, a bar, a dot that touches the bar at a corner
GRID = (
    (1, 1, 1, 0, 0, 0),
    (1, 2, 1, 0, 3, 0),
    (1, 1, 1, 0, 3, 0),
    (0, 0, 0, 0, 0, 4),
)


def boxes(seen):
    return [(one.top, one.left, one.height, one.width) for one in seen.members]


def marks(seen, name):
    return [one.marks.get(name, -1) for one in seen.members]


def test_connected_things():
    assert boxes(things(GRID, True, True, 0)) == [(0, 0, 3, 3), (1, 1, 1, 1), (1, 4, 2, 1), (3, 5, 1, 1)]
    assert boxes(things(GRID, False, False, 0)) == [(0, 0, 3, 3), (1, 4, 2, 1), (3, 5, 1, 1)]
    assert boxes(things(GRID, False, True, -1)) == [(0, 0, 3, 3), (1, 4, 3, 2)]
    with pytest.raises(ValueError):
        things(((0, 0),), True, True, 0)


def test_other_ways():
    assert len(colour_things(GRID, 0).members) == 4
    assert len(dot_things(GRID, 0).members) == 12
    assert len(near_things(GRID, 0).members) == 1
    assert boxes(hole_things(((1, 1, 1), (1, 0, 1), (1, 1, 1)), 0)) == [(1, 1, 1, 1)]
    assert boxes(background_things(((0, 1, 0),), 0)) == [(0, 0, 1, 1), (0, 2, 1, 1)]
    assert boxes(tile_things(GRID, 2, 3)) == [(i, j, 2, 2) for i in (0, 2) for j in (0, 2, 4)]
    assert len(row_things(GRID).members) == 4 and len(column_things(GRID).members) == 6


def test_parts_between_lines():
    grid = ((0, 5, 1, 1), (5, 5, 5, 5), (2, 5, 0, 0))
    assert boxes(part_things(grid)) == [(0, 0, 1, 1), (0, 2, 1, 2), (2, 0, 1, 1), (2, 2, 1, 2)]
    with pytest.raises(ValueError):
        part_things(((1, 2), (2, 1)))


def test_marks():
    seen = things(GRID, True, True, 0)
    assert marks(seen, "size") == [8, 1, 2, 1]
    assert marks(seen, "holes") == [1, 0, 0, 0]
    assert marks(seen, "most_size") == [0, 2, 1, 2]
    assert marks(seen, "same_size") == [1, 2, 1, 2]
    assert marks(seen, "contains") == [1, 0, 0, 0]
    assert marks(seen, "inner") == [2, -1, -1, -1]
    assert marks(seen, "outer") == [-1, 1, -1, -1]
    assert marks(seen, "touched") == [2, 1, 4, 3]
    assert marks(seen, "edge") == [1, 0, 0, 1]
    assert marks(seen, "tall") == [0, 0, 1, 0]


def test_marks_of_several_colours():
    (one,) = things(((0, 3, 3), (0, 3, 7)), False, True, 0).members
    assert (one.marks["colour"], one.marks["rare"], one.marks["few"], one.marks["colours"]) == (3, 7, 1, 2)
    assert one.marks["has_7"] == 1 and "has_4" not in one.marks


def test_a_legend_is_read_from_left_to_right():
    grid = ((1, 2, 0, 0), (0, 0, 0, 0), (0, 0, 0, 1), (0, 0, 0, 1))
    assert marks(things(grid, True, True, 0), "key")[-1] == 2


def test_kept():
    seen = things(GRID, True, True, 0)
    assert boxes(kept_things(seen, (("dot", 1), ("inside", 0)))) == [(3, 5, 1, 1)]
    assert boxes(kept_things(seen, (("not colour", 1), ("over size", 1)))) == [(1, 4, 2, 1)]
    assert boxes(kept_things(seen, ())) == boxes(seen)
    assert boxes(kept_things(seen, (("size", 5),))) == []
