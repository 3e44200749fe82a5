"""Counting, choosing and changing colours; the tie rules spell out which of two equally common colours wins."""

import pytest

from arc_submit.dsl import (
    color,
    colorcount,
    colorfilter,
    leastcolor,
    mostcolor,
    numcolors,
    palette,
    recolor,
    replace,
    switch,
)

AnyError = Exception  # that a call fails is described; with which type is not


def test_mostcolor():
    """The colour with most cells; a tie is settled by the slots that the colours take among 0 to 7."""
    assert mostcolor(((1, 2), (2, 3))) == 2
    assert mostcolor(frozenset({(4, (0, 0)), (4, (9, 9)), (0, (0, 1))})) == 4
    # of 0 to 7 the smallest, wherever it is met
    assert mostcolor(((5, 3),)) == 3
    assert mostcolor(((7, 0), (0, 7))) == 0
    assert mostcolor(frozenset({(5, (0, 0)), (3, (0, 1))})) == 3
    # 8 sits in slot 0 and 9 in slot 1
    assert mostcolor(((5, 8),)) == 8
    assert mostcolor(((1, 8),)) == 8
    assert mostcolor(((2, 9),)) == 9
    assert mostcolor(((9, 8),)) == 8
    assert mostcolor(((9, 0),)) == 0
    # 0 and 8, and 1 and 9, want the same slot: the first met has it
    assert mostcolor(((0, 8),)) == 0
    assert mostcolor(((8, 0),)) == 8
    assert mostcolor(((1, 9),)) == 1
    assert mostcolor(((9, 1),)) == 9
    # a colour that is not tied can push another aside: 1 in slot 1, 0 in 0, 8 finds 0 and 1 taken and goes to 6
    assert mostcolor(((1, 1, 8, 8),)) == 8
    assert mostcolor(((1, 1, 0, 8, 8),)) == 1
    assert mostcolor(((0, 8, 8, 1, 1),)) == 8  # 0 in slot 0, 8 in 1, 1 in 6
    # five colours and more: ascending
    assert mostcolor(((8, 7, 6, 5, 0),)) == 0
    assert mostcolor(((9, 8, 7, 6, 5),)) == 5
    for empty in ((), frozenset()):
        with pytest.raises(AnyError):
            mostcolor(empty)


def test_leastcolor():
    """The colour with fewest cells among those that occur; ties as for mostcolor."""
    assert leastcolor(((1, 1, 2, 3, 3),)) == 2
    assert leastcolor(((4, 4), (4, 4))) == 4  # the nine absent colours do not count
    assert leastcolor(frozenset({(6, (0, 0)), (6, (0, 1)), (7, (5, 5))})) == 7
    assert leastcolor(((5, 3),)) == 3
    assert leastcolor(((5, 8),)) == 8
    assert leastcolor(((0, 8),)) == 0
    assert leastcolor(((8, 0),)) == 8
    assert leastcolor(((1, 0, 0, 8),)) == 1  # 1 in slot 1, 0 in 0, 8 in 6
    assert leastcolor(((8, 7, 6, 5, 1),)) == 1
    for empty in ((), frozenset()):
        with pytest.raises(AnyError):
            leastcolor(empty)


def test_colorcount():
    """The element comes first; no cell of that colour is a count of zero."""
    assert colorcount(((1, 2), (2, 2)), 2) == 3
    assert colorcount(((1, 2), (2, 2)), 5) == 0
    assert colorcount(frozenset({(3, (0, 0)), (3, (-1, 4)), (5, (0, 1))}), 3) == 2
    assert colorcount(frozenset(), 0) == 0
    assert colorcount((), 0) == 0


def test_colorfilter():
    """The objects of that colour as a frozenset; an empty object has no colour to ask for."""
    red, red2, blue = frozenset({(2, (0, 0)), (2, (0, 1))}), frozenset({(2, (5, 5))}), frozenset({(1, (3, 3))})
    assert colorfilter(frozenset({red, red2, blue}), 2) == frozenset({red, red2})
    assert colorfilter(frozenset({red, blue}), 7) == frozenset()
    assert colorfilter((blue, red, blue), 1) == frozenset({blue})
    assert colorfilter(frozenset(), 1) == frozenset()
    mixed = frozenset({(2, (0, 0)), (1, (0, 1)), (2, (0, 2))})
    assert colorfilter(frozenset({mixed, red}), 1) == frozenset({mixed})  # goes by its first cell, (1, (0, 1))
    assert colorfilter(frozenset({mixed, red}), 2) == frozenset({red})
    with pytest.raises(AnyError):
        colorfilter(frozenset({red, frozenset()}), 2)


def test_palette():
    """The occurring colours; a tuple of cells is read as a grid."""
    assert palette(((1, 2), (2, 1))) == frozenset({1, 2})
    assert palette(frozenset({(3, (0, 0)), (4, (0, 0))})) == frozenset({3, 4})
    assert palette(()) == frozenset()
    assert palette(((), ())) == frozenset()
    assert palette(frozenset()) == frozenset()
    assert palette(((2, (0, 1)),)) == frozenset({2, (0, 1)})


def test_numcolors():
    """The size of the palette."""
    assert numcolors(((1, 2), (2, 1))) == 2
    assert numcolors(((0, 0),)) == 1
    assert numcolors(frozenset({(3, (0, 0)), (4, (0, 0)), (4, (1, 1))})) == 2
    assert numcolors(frozenset()) == 0
    assert numcolors(()) == 0
    assert type(numcolors(((7,),))) is int


def test_color():
    """The colour of the first visited cell; empty raises."""
    assert color(frozenset({(6, (0, 0)), (6, (3, -1))})) == 6
    assert color(((3, (0, 0)), (1, (0, 1)))) == 3
    assert color(frozenset({(3, (0, 0)), (1, (0, 1))})) == 1  # cells ascend by colour first
    for empty in ((), frozenset()):
        with pytest.raises(AnyError):
            color(empty)


def test_replace():
    """Every cell of the first colour takes the second."""
    assert replace(((1, 2), (2, 1)), 2, 7) == ((1, 7), (7, 1))
    assert replace(((1, 2),), 5, 7) == ((1, 2),)
    assert replace(((1, 2),), 1, 2) == ((2, 2),)
    assert replace(((1, 2),), 1, 1) == ((1, 2),)
    assert replace(replace(((1, 2),), 1, 2), 2, 1) == ((1, 1),)  # what was merged stays merged
    assert replace((), 1, 2) == ()


def test_switch():
    """Two colours exchanged in one go; doing it twice undoes it."""
    grid = ((1, 2, 3), (2, 1, 0))
    assert switch(grid, 1, 2) == ((2, 1, 3), (1, 2, 0))
    assert switch(grid, 1, 9) == ((9, 2, 3), (2, 9, 0))
    assert switch(grid, 1, 1) == grid
    assert switch(grid, 7, 8) == grid
    for a, b in ((1, 2), (2, 1), (0, 9), (3, 3)):
        assert switch(switch(grid, a, b), a, b) == grid


def test_recolor():
    """The value comes first; places of indices, of objects and of tuples of either get it."""
    expected = frozenset({(5, (0, 0)), (5, (-1, 2))})
    assert recolor(5, frozenset({(0, 0), (-1, 2)})) == expected
    assert recolor(5, frozenset({(1, (0, 0)), (2, (-1, 2))})) == expected
    assert recolor(5, ((0, 0), (-1, 2), (0, 0))) == expected
    assert recolor(5, ((1, (0, 0)), (2, (-1, 2)))) == expected
    assert recolor(5, frozenset({(1, (0, 0)), (2, (0, 0))})) == frozenset({(5, (0, 0))})
    assert recolor(5, frozenset()) == frozenset()
    assert recolor(5, ()) == frozenset()
