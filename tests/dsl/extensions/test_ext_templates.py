"""Copies of a template completed: as they are, turned, enlarged, in other colours."""

import time

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.templates import copies_completed, copies_recoloured

TEMPLATE = """
    ..........
    .812......
    .88.......
    ..........
    ..........
"""


def painted(given, *cells: tuple[int, int, int]):
    """A grid, or a drawing of one, with some cells in other colours."""
    rows = [list(row) for row in (drawn(given)[0] if isinstance(given, str) else given)]
    for i, j, colour in cells:
        rows[i][j] = colour
    return tuple(map(tuple, rows))


def test_a_copy_of_which_two_cells_are_there_is_completed():
    given = painted(TEMPLATE, (3, 6, 1), (3, 7, 2))
    assert copies_completed(given, False, True) == painted(given, (3, 5, 8), (4, 5, 8), (4, 6, 8))


def test_the_template_goes_where_it_is_not_kept():
    given = painted(TEMPLATE, (3, 6, 1), (3, 7, 2))
    assert copies_completed(given, False, False) == painted(
        given, (1, 1, 0), (1, 2, 0), (1, 3, 0), (2, 1, 0), (2, 2, 0), (3, 5, 8), (4, 5, 8), (4, 6, 8)
    )


def test_a_turned_copy_is_completed_only_if_wanted():
    given = painted(TEMPLATE, (2, 6, 1), (3, 6, 2))  # a quarter turn
    assert copies_completed(given, False, True) == given
    turned = copies_completed(given, True, True)
    assert turned[1][6] == 8 and sum(row.count(8) for row in turned) == 6


def test_an_enlarged_copy_is_completed_as_far_as_the_grid_goes():
    small = ((0, 0, 0, 0, 0, 0, 0), (3, 1, 0, 0, 0, 0, 0)) + ((0,) * 7,) * 2
    given = painted(small, (2, 5, 3), (2, 6, 3), (3, 5, 3), (3, 6, 3))
    assert copies_completed(given, False, True) == given  # what is missing lies off the grid
    given = painted(small, (2, 3, 3), (2, 4, 3), (3, 3, 3), (3, 4, 3))
    assert copies_completed(given, False, True) == painted(given, (2, 5, 1), (2, 6, 1), (3, 5, 1), (3, 6, 1))


def test_a_copy_in_other_colours_is_completed():
    given = drawn("33233233 ........ 884..... ........ 11...... .5.5....")[0]
    wanted = drawn("33233233 ........ 88488488 ........ 11...... .5.5....")[0]
    assert copies_recoloured(given) == wanted


@pytest.mark.parametrize("given", [((0,),), ((3,),), ((1, 2),), ((0,) * 30,) * 30, ((1, 2, 3) * 10,) * 30])
def test_grids_without_copies_stay(given):
    for turned in (False, True):
        assert copies_completed(given, turned, True) == given
    assert copies_recoloured(given) == given


def test_many_objects_are_let_be_and_some_are_quick():
    dots = tuple(tuple(1 + (i + j) % 2 if i % 2 == j % 2 == 0 else 0 for j in range(30)) for i in range(30))
    began = time.process_time()
    assert copies_completed(dots, True, True) == dots
    few = painted(dots[:1] * 30, *((i, 7 * j, 3) for i in (5, 12, 19) for j in range(4)), (5, 1, 4), (12, 8, 4))
    copies_completed(few, True, True)
    assert time.process_time() - began < 1.0
