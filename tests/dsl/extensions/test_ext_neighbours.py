"""Steps to neighbours, and the parts that they connect."""

import random

import pytest

from arc_submit.dsl.extensions.neighbours import CORNERS, DIRECTIONS, EIGHT, FOUR, READ, SIDES, SLANTED, box, parts

L = [(0, 0), (1, 0), (1, 1), (2, 2), (5, 5)]


def test_steps_are_four_and_eight():
    assert set(EIGHT) == {(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)} - {(0, 0)}
    assert tuple(DIRECTIONS) == (*SIDES, *CORNERS) and tuple(DIRECTIONS.values()) == EIGHT == (*FOUR, *SLANTED)
    assert DIRECTIONS["up left"] == (-1, -1) == READ[0] and set(READ) == set(EIGHT)


def test_parts_begin_where_they_are_first_met():
    assert parts(L, FOUR) == [[(0, 0), (1, 0), (1, 1)], [(2, 2)], [(5, 5)]]
    assert parts(L[::-1], EIGHT) == [[(5, 5)], [(2, 2), (1, 1), (1, 0), (0, 0)]]
    assert parts([], FOUR) == []


@pytest.mark.parametrize("steps", [FOUR, EIGHT])
def test_every_place_is_in_one_part_with_its_neighbours(steps):
    rng = random.Random(0)
    places = [(i, j) for i in range(20) for j in range(20) if rng.random() < 0.4]
    part_of = {place: number for number, part in enumerate(parts(places, steps)) for place in part}
    assert part_of.keys() == set(places) and sum(map(len, parts(places, steps))) == len(places)
    for i, j in places:
        near = {part_of[i + di, j + dj] for di, dj in steps if (i + di, j + dj) in part_of}
        assert near <= {part_of[i, j]}


def test_the_box_is_from_the_first_row_and_column_to_the_last():
    assert box(L) == (0, 0, 5, 5)
    assert box({(3, 2): 1, (1, 4): 2}) == (1, 2, 3, 4)
