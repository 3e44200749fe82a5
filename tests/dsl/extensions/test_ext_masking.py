"""What lies under or beside another layer is told from the rest."""

from drawn import drawn

from arc_submit.dsl.extensions.masking import (
    cut_to,
    kept_where,
    kept_where_not,
    pieces_beside,
    pieces_not_under,
    pieces_under,
)

GRID = drawn("123 456 789", 2, 2)
BOX = drawn("55 5.", 3, 3)


def test_cells_are_told_by_the_other_layer():
    """By its rectangle or by its cells, each in its place."""
    assert cut_to(GRID, BOX) == drawn("56 89", 3, 3)
    assert cut_to(GRID, drawn("... ...", 4, 1)) == drawn(".78 ...", 4, 1)
    assert cut_to(GRID, drawn("..", 9, 9)) == drawn("..", 9, 9)
    assert kept_where(GRID, BOX) == drawn("... .56 .8.", 2, 2)
    assert kept_where_not(GRID, BOX) == drawn("123 4.. 7.9", 2, 2)


def test_objects_are_told_by_the_other_layer():
    """Under it, or beside it."""
    layer, mark = drawn("1.22.. 1....4", 1, 1), drawn("7", 1, 3)
    assert pieces_under(layer, mark) == drawn("..22.. ......", 1, 1)
    assert pieces_not_under(layer, mark) == drawn("1..... 1....4", 1, 1)
    assert pieces_beside(layer, drawn("7", 1, 2)) == drawn("1.22.. 1.....", 1, 1)
