"""Objects found on a grid: by connection, by colour, by line, or cut out by a patch."""

import pytest

from arc_submit.dsl import asobject, fgpartition, frontiers, merge, objects, partition, toobject

AnyError = Exception  # that a call fails is described; with which type is not


def cells(*items):
    return frozenset(items)


THREE, ONE, TWO = (3, (0, 2)), (1, (1, 0)), (2, (1, 1))
GRID = (
    (0, 0, 3),
    (1, 2, 0),
    (0, 0, 0),
)
UPPER_ZEROS = cells((0, (0, 0)), (0, (0, 1)))
LOWER_ZEROS = cells((0, (1, 2)), (0, (2, 0)), (0, (2, 1)), (0, (2, 2)))


def test_objects():
    """Components by edge or also by corner, of one colour or of any, without the most common colour or with it."""
    singles = {cells(THREE), cells(ONE), cells(TWO)}
    assert objects(GRID, True, False, True) == singles
    assert objects(GRID, True, True, True) == singles
    assert objects(GRID, False, False, True) == {cells(THREE), cells(ONE, TWO)}
    assert objects(GRID, False, True, True) == {cells(THREE, ONE, TWO)}  # (0, 2) and (1, 1) meet at a corner
    assert objects(GRID, True, False, False) == singles | {UPPER_ZEROS, LOWER_ZEROS}
    assert objects(GRID, True, True, False) == singles | {UPPER_ZEROS | LOWER_ZEROS}
    assert objects(GRID, False, False, False) == {cells(THREE, ONE, TWO) | UPPER_ZEROS | LOWER_ZEROS}
    assert objects(grid=GRID, univalued=False, diagonal=False, without_bg=True) == {cells(THREE), cells(ONE, TWO)}
    # every direction leads on: up in a U, to both sides of a V that starts in its right arm
    u_shape = cells((6, (0, 0)), (6, (1, 0)), (6, (1, 1)), (6, (1, 2)), (6, (0, 2)))
    assert objects(((6, 0, 6), (6, 6, 6), (0, 0, 0), (0, 0, 0)), True, False, True) == {u_shape}
    v_shape = ((0, 0, 0, 0, 6), (0, 6, 0, 6, 0), (0, 0, 6, 0, 0))
    places_of_v = ((0, 4), (1, 3), (2, 2), (1, 1))
    assert objects(v_shape, True, True, True) == {cells(*((6, place) for place in places_of_v))}
    assert objects(v_shape, True, False, True) == {cells((6, place)) for place in places_of_v}
    w_shape = ((6, 0, 6), (0, 6, 0))
    assert objects(w_shape, False, True, False) == {asobject(w_shape)}
    assert objects(w_shape, True, True, False) == {
        cells((6, (0, 0)), (6, (1, 1)), (6, (0, 2))),
        cells((0, (1, 0)), (0, (0, 1)), (0, (1, 2))),
    }
    # the last cell of a row does not touch the first of the next
    assert objects(((0, 0, 6), (6, 0, 0)), True, True, True) == {cells((6, (0, 2))), cells((6, (1, 0)))}
    # the background is the most common colour, not 0, and ties are settled as in mostcolor
    assert objects(((5, 5), (5, 0)), True, False, True) == {cells((0, (1, 1)))}
    assert objects(((0, 8),), True, False, True) == {cells((8, (0, 1)))}
    assert objects(((8, 0),), True, False, True) == {cells((0, (0, 1)))}
    assert objects(((4, 4), (4, 4)), True, False, True) == frozenset()
    assert objects(((4, 4), (4, 4)), True, False, False) == {cells(*((4, (i, j)) for i in (0, 1) for j in (0, 1)))}
    found = objects(GRID, True, False, False)
    assert isinstance(found, frozenset)
    assert all(isinstance(obj, frozenset) for obj in found)
    assert merge(found) == asobject(GRID)
    with pytest.raises(AnyError):
        objects((), True, False, True)


def test_partition():
    """One object per colour, connected or not, background included; together they are the grid."""
    assert partition(GRID) == {cells(THREE), cells(ONE), cells(TWO), UPPER_ZEROS | LOWER_ZEROS}
    assert partition(((7, 7),)) == {cells((7, (0, 0)), (7, (0, 1)))}
    for grid in (GRID, ((1, 2), (2, 1)), ((9,),)):
        parts = partition(grid)
        assert merge(parts) == asobject(grid)
        assert sum(len(part) for part in parts) == len(asobject(grid))


def test_fgpartition():
    """One object per colour but the most common one."""
    assert fgpartition(GRID) == {cells(THREE), cells(ONE), cells(TWO)}
    assert fgpartition(((5, 0, 5), (0, 5, 5))) == {cells((0, (0, 1)), (0, (1, 0)))}
    assert fgpartition(((7, 7),)) == frozenset()
    assert fgpartition(((0, 8),)) == {cells((8, (0, 1)))}
    assert fgpartition(((8, 0),)) == {cells((0, (0, 1)))}


def test_toobject():
    """The patch first: its places take the grid's colours, whatever it had; places off the grid are left out."""
    assert toobject(frozenset({(0, 2), (1, 1)}), GRID) == cells(THREE, TWO)
    assert toobject(frozenset({(9, (0, 2)), (8, (0, 2))}), GRID) == cells(THREE)
    assert toobject(((1, 0), (1, 0)), GRID) == cells(ONE)
    assert toobject(frozenset({(-1, 0), (0, -1), (3, 0), (0, 3), (1, 0)}), GRID) == cells(ONE)
    assert toobject(frozenset(), GRID) == frozenset()
    assert toobject((), GRID) == frozenset()


def test_asobject():
    """All cells of the grid, colour first."""
    assert asobject(((1, 2), (3, 0))) == cells((1, (0, 0)), (2, (0, 1)), (3, (1, 0)), (0, (1, 1)))
    assert asobject(((5,),)) == cells((5, (0, 0)))


def test_frontiers():
    """Every row and every column of one colour, each as an object; the same cells count once."""
    grid = ((1, 1, 1), (2, 1, 3))
    assert frontiers(grid) == {
        cells((1, (0, 0)), (1, (0, 1)), (1, (0, 2))),
        cells((1, (0, 1)), (1, (1, 1))),
    }
    assert frontiers(((1, 2), (2, 1))) == frozenset()
    assert frontiers(((5,),)) == {cells((5, (0, 0)))}
    # one row, and each of its two columns
    assert frontiers(((3, 3),)) == {cells((3, (0, 0)), (3, (0, 1))), cells((3, (0, 0))), cells((3, (0, 1)))}
