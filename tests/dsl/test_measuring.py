"""Looking up one cell, finding an object's appearances, and the periods of patterns."""

from arc_submit.dsl import hperiod, index, occurrences, shift, vperiod

GRID = ((1, 2, 1), (2, 1, 2))


def one_colour(*places):
    return frozenset((1, place) for place in places)


def line(*colours):
    """A row of these colours."""
    return frozenset((colour, (0, j)) for j, colour in enumerate(colours))


def pole(*colours):
    """A column of these colours."""
    return frozenset((colour, (i, 0)) for i, colour in enumerate(colours))


def test_index():
    """The colour there, `None` off the grid; negative places do not count from the end."""
    assert index(GRID, (0, 1)) == 2
    assert index(GRID, (1, 0)) == 2
    assert index(GRID, (1, 1)) == 1
    assert index(GRID, (1, 2)) == 2
    for off in ((-1, 0), (0, -1), (2, 0), (0, 3)):
        assert index(GRID, off) is None


def test_occurrences():
    """Where the object fits wholly and agrees; its own place and the gaps of its bounding box do not matter."""
    assert occurrences(GRID, line(1, 2)) == frozenset({(0, 0), (1, 1)})
    assert occurrences(GRID, shift(line(1, 2), (-7, 30))) == frozenset({(0, 0), (1, 1)})
    assert occurrences(GRID, one_colour((0, 0))) == frozenset({(0, 0), (0, 2), (1, 1)})
    assert occurrences(GRID, one_colour((0, 0), (1, 1))) == frozenset({(0, 0)})
    assert occurrences(GRID, one_colour((0, 1), (1, 0))) == frozenset({(0, 1)})  # by the box, not by a cell
    assert occurrences(((1, 1, 1),), line(1, 1)) == frozenset({(0, 0), (0, 1)})  # they may overlap
    assert occurrences(GRID, shift(pole(1, 2), (4, 5))) == frozenset({(0, 0), (0, 2)})  # not (1, 1): no row below
    assert occurrences(GRID, shift(line(2, 1), (9, 9))) == frozenset({(0, 1), (1, 0)})  # not (1, 2): no column there
    holed = frozenset({(7, (3, 4)), (7, (3, 6)), (7, (5, 5))})  # three high, three wide, with six gaps
    assert occurrences(((7, 0, 7, 0), (7, 7, 0, 7), (0, 7, 3, 3), (3, 3, 7, 3)), holed) == frozenset({(0, 0), (1, 1)})
    assert occurrences(GRID, line(3)) == frozenset()
    assert occurrences(GRID, line(1, 2, 1, 2)) == frozenset()
    assert occurrences(GRID, pole(1, 2, 1)) == frozenset()
    assert occurrences(GRID, frozenset({(1, (0, 0)), (2, (0, 0))})) == frozenset()
    # the empty object fits everywhere, one row and one column beyond the grid too: 3 * 4
    assert occurrences(GRID, frozenset()) == frozenset((i, j) for i in range(3) for j in range(4))


def test_hperiod():
    """The smallest step to the left whose remainder lies within the object; the width if there is none."""
    assert hperiod(line(1, 2, 1, 2)) == 2
    assert hperiod(line(1, 2, 1)) == 2
    assert hperiod(line(5, 5, 5)) == 1
    assert hperiod(line(1, 2, 2)) == 3
    assert hperiod(line(4)) == 1
    assert hperiod(shift(line(1, 2, 1, 2), (3, -9))) == 2
    assert hperiod(one_colour((0, 0), (0, 3))) == 3
    assert hperiod(one_colour((0, 0), (1, 3))) == 4
    # one direction only: an L has 1 since its foot slips under its upright, its mirror image has none
    assert hperiod(one_colour((0, 0), (1, 0), (1, 1))) == 1
    assert hperiod(one_colour((0, 1), (1, 0), (1, 1))) == 2
    assert hperiod(line(1, 2, 1) | shift(line(3, 3, 3), (1, 0))) == 2
    assert hperiod(frozenset()) == 0


def test_vperiod():
    """The same upward; the height if there is none."""
    assert vperiod(pole(1, 2, 1, 2)) == 2
    assert vperiod(pole(5, 5, 5)) == 1
    assert vperiod(pole(1, 2, 2)) == 3
    assert vperiod(pole(4)) == 1
    assert vperiod(line(1, 2, 1, 2)) == 1
    assert vperiod(shift(pole(1, 2, 1), (-4, 4))) == 2
    assert vperiod(one_colour((0, 0), (0, 1), (1, 1))) == 1  # moved up, (1, 1) comes to (0, 1)
    assert vperiod(one_colour((0, 0), (1, 0), (1, 1))) == 2  # (1, 1) would go to (0, 1), which is not there
    assert vperiod(frozenset()) == 0
