"""How two patches lie to each other: shared lines, distance, direction, and what moves the one to the other."""

import pytest

from arc_submit.dsl import adjacent, bordering, gravitate, hmatching, manhattan, position, vmatching

AnyError = Exception  # that a call fails is described; with which type is not
EMPTY = frozenset()


def places(*items):
    return frozenset(items)


def rectangle(height, width, top=0, left=0):
    return frozenset((top + i, left + j) for i in range(height) for j in range(width))


def test_hmatching():
    """Some row is occupied by both, whatever the columns."""
    assert hmatching(places((0, 0), (3, 0)), places((3, 9))) is True
    assert hmatching(places((0, 0), (4, 0)), places((2, 0))) is False  # between, but not in a shared row
    assert hmatching(places((5, (1, 1))), places((1, 7))) is True
    assert hmatching(((0, 0), (3, 0)), ((5, (3, 9)),)) is True
    assert hmatching(EMPTY, places((0, 0))) is False
    assert hmatching(EMPTY, EMPTY) is False


def test_vmatching():
    """Some column is occupied by both, whatever the rows."""
    assert vmatching(places((0, 0), (0, 3)), places((9, 3))) is True
    assert vmatching(places((0, 0), (0, 4)), places((0, 2))) is False
    assert vmatching(places((5, (1, 1))), places((7, 1))) is True
    assert vmatching(((0, 0), (0, 3)), ((5, (9, 3)),)) is True
    assert vmatching(places((0, 0)), EMPTY) is False


def test_manhattan():
    """The smallest sum of row and column difference over all pairs of cells; empty raises."""
    assert manhattan(places((0, 0)), places((2, 3))) == 5
    assert manhattan(places((0, 0), (5, 5)), places((2, 3), (9, 5))) == 4  # (5, 5) to (9, 5)
    assert manhattan(places((0, 0), (1, 1)), places((1, 1), (7, 7))) == 0
    assert manhattan(places((3, (0, -2))), places((4, (0, 2)))) == 4
    assert manhattan(((0, 0),), ((1, 1),)) == 2
    # large patches: apart, touching, one inside the other, one in the other's hole
    block, hole = rectangle(30, 30), rectangle(20, 20, 5, 5)
    assert manhattan(block, rectangle(30, 30, 32, 33)) == 3 + 4  # (29, 29) to (32, 33)
    assert manhattan(block, rectangle(30, 30, 0, 30)) == 1
    assert manhattan(block, hole) == 0
    assert manhattan(hole, block) == 0
    assert manhattan(block, places((14, 14))) == 0
    assert manhattan(block, rectangle(2, 2, 14, 32)) == 3  # columns 29 to 32
    assert manhattan(block, rectangle(2, 2, 14, -5)) == 4  # columns -4 to 0
    assert manhattan(block, rectangle(2, 2, -7, 14)) == 6  # rows -6 to 0
    assert manhattan(block, rectangle(2, 2, 34, 14)) == 5  # rows 29 to 34
    assert manhattan(block - hole, rectangle(10, 12, 10, 10)) == 4  # columns 10 to 21 between 4 and 25
    assert manhattan(rectangle(10, 12, 10, 10), block - hole) == 4
    for a, b in ((EMPTY, places((0, 0))), (places((0, 0)), EMPTY), (EMPTY, EMPTY)):
        with pytest.raises(AnyError):
            manhattan(a, b)


def test_adjacent():
    """A distance of exactly one: neither overlap nor contact by a corner."""
    assert adjacent(places((0, 0)), places((0, 1))) is True
    assert adjacent(places((0, 0), (4, 4)), places((5, 4), (9, 9))) is True
    assert adjacent(places((0, 0)), places((1, 1))) is False
    assert adjacent(places((0, 0)), places((0, 0))) is False
    assert adjacent(places((0, 0), (0, 1)), places((0, 1), (0, 2))) is False
    assert adjacent(places((0, 0)), places((0, 2))) is False
    assert adjacent(((3, (0, 0)),), ((4, (1, 0)),)) is True
    for a, b in ((EMPTY, places((0, 0))), (places((0, 0)), EMPTY)):
        with pytest.raises(AnyError):
            adjacent(a, b)


def test_bordering():
    """The patch first: a limit of its bounding box is exactly the grid's; what sticks out does not count there."""
    grid = ((0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0))  # four rows, three columns
    assert bordering(places((1, 1)), grid) is False
    assert bordering(places((2, 1)), grid) is False
    assert bordering(places((0, 1)), grid) is True
    assert bordering(places((1, 0)), grid) is True
    assert bordering(places((3, 1)), grid) is True
    assert bordering(places((5, (1, 2))), grid) is True
    assert bordering(places((-1, 1)), grid) is False
    assert bordering(places((4, 1)), grid) is False
    assert bordering(places((-1, 1), (0, 1), (1, 1)), grid) is False  # crosses row 0, but starts above it
    assert bordering(places((-1, 1), (3, 1)), grid) is True
    with pytest.raises(AnyError):
        bordering(EMPTY, grid)


def test_position():
    """Where the second lies seen from the first, by their centres; equal centres give (0, -1)."""
    here = places((4, 4))
    assert position(here, places((4, 9))) == (0, 1)
    assert position(here, places((4, 0))) == (0, -1)
    assert position(here, places((9, 4))) == (1, 0)
    assert position(here, places((0, 4))) == (-1, 0)
    assert position(here, places((5, 9))) == (1, 1)
    assert position(here, places((5, 0))) == (1, -1)
    assert position(here, places((0, 9))) == (-1, 1)
    assert position(here, places((0, 3))) == (-1, -1)
    assert position(here, here) == (0, -1)
    assert position(places((0, 0), (2, 2)), places((1, 1))) == (0, -1)
    assert position(places((0, 0), (1, 0)), places((3, (1, 4)))) == (0, 1)  # the centre of the first is (1, 0)
    for a, b in ((EMPTY, here), (here, EMPTY)):
        with pytest.raises(AnyError):
            position(a, b)


def test_gravitate():
    """Unit steps until adjacent: vertical over a shared column, else horizontal; 42 if contact never comes."""
    assert gravitate(places((0, 0)), places((4, 0))) == (3, 0)
    assert gravitate(places((4, 0)), places((0, 0))) == (-3, 0)
    assert gravitate(places((0, 0)), places((0, 3))) == (0, 2)
    assert gravitate(places((0, 3)), places((0, 0))) == (0, -2)
    assert gravitate(places((5, (0, 0))), places((6, (0, 3)))) == (0, 2)
    assert gravitate(places((0, 0)), places((0, 1))) == (0, 0)
    assert gravitate(places((0, 0)), places((1, 0))) == (0, 0)
    # no shared line: horizontal all the same, past the destination
    assert gravitate(places((0, 0)), places((3, 5))) == (0, 42)
    assert gravitate(places((0, 5)), places((3, 0))) == (0, -42)
    # equal centre columns without a shared column: to the left
    assert gravitate(places((0, 0), (0, 2)), places((5, 1))) == (0, -42)
    # no shared line either, but passing above the destination makes contact
    assert gravitate(places((0, 0)), places((1, 5))) == (0, 5)
    # a shared column comes before a shared row: column 5, centre rows 0 and 2, so down until (2, 5) is above (3, 5)
    assert gravitate(places((0, 0), (0, 5)), places((0, 2), (3, 5))) == (2, 0)
    # overlap does not stop it: from inside it leaves downwards, equal centres send it up
    assert gravitate(places((0, 0)), places((0, 0), (1, 0), (2, 0))) == (3, 0)
    assert gravitate(places((1, 1)), places((1, 1))) == (-1, 0)
    for a, b in ((EMPTY, places((0, 0))), (places((0, 0)), EMPTY)):
        with pytest.raises(AnyError):
            gravitate(a, b)
