"""Extents, limits, corners and centres of grids and patches; what an empty patch gives differs from one to the next."""

import pytest

from arc_submit.dsl import (
    center,
    centerofmass,
    corners,
    height,
    hline,
    leftmost,
    llcorner,
    lowermost,
    lrcorner,
    portrait,
    rightmost,
    shape,
    square,
    ulcorner,
    uppermost,
    urcorner,
    vline,
    width,
)

AnyError = Exception  # that a call fails is described; with which type is not
GRID = ((1, 2, 3), (4, 5, 6))  # two rows, three columns
EMPTY_ROWS = ((), ())
PATCH = frozenset({(-1, 2), (3, 1)})  # rows -1 to 3, columns 1 to 2, no cell in its upper left corner
OBJECT = frozenset({(7, (-1, 2)), (8, (3, 1))})
TUPLE = ((-1, 2), (3, 1))
CELLS = ((7, (-1, 2)), (8, (3, 1)))


def test_height():
    """Rows of a grid or of the bounding box; a tuple of cells passes for a grid."""
    assert height(GRID) == 2
    assert height(EMPTY_ROWS) == 2
    assert height(PATCH) == 5
    assert height(OBJECT) == 5
    assert height(CELLS) == 2  # two rows of two items
    assert height(frozenset({(4, 4)})) == 1
    assert height(frozenset()) == 0
    assert height(()) == 0


def test_width():
    """Columns of a grid's first row or of the bounding box."""
    assert width(GRID) == 3
    assert width(EMPTY_ROWS) == 0
    assert width(PATCH) == 2
    assert width(OBJECT) == 2
    assert width((*CELLS, (7, (0, 9)))) == 2  # read as a grid of pairs
    assert width(frozenset({(4, 4)})) == 1
    assert width(frozenset()) == 0
    assert width(()) == 0


def test_shape():
    """Height and width."""
    assert shape(GRID) == (2, 3)
    assert shape(EMPTY_ROWS) == (2, 0)
    assert shape(PATCH) == (5, 2)
    assert shape(OBJECT) == (5, 2)
    assert shape(frozenset()) == (0, 0)
    assert shape(()) == (0, 0)


def test_portrait():
    """Strictly higher than wide."""
    assert portrait(((1,), (2,))) is True
    assert portrait(GRID) is False
    assert portrait(((1, 2), (3, 4))) is False
    assert portrait(PATCH) is True
    assert portrait(frozenset()) is False
    assert portrait(()) is False


def test_square():
    """A grid needs equal extents, a patch a full bounding box besides; the empty set is square, `()` raises."""
    assert square(((1, 2), (3, 4))) is True
    assert square(GRID) is False
    assert square(frozenset({(0, 0), (0, 1), (1, 0), (1, 1)})) is True
    assert square(frozenset({(3, (5, 5))})) is True
    assert square(frozenset({(0, 0), (0, 1), (1, 0)})) is False
    assert square(frozenset({(0, 0), (0, 1)})) is False
    assert square(frozenset()) is True
    with pytest.raises(AnyError):
        square(())


def test_vline():
    """One column without gaps; one cell is enough, none is not; a one-column grid passes."""
    assert vline(frozenset({(-1, 4), (0, 4), (1, 4)})) is True
    assert vline(frozenset({(2, (0, 4)), (3, (1, 4))})) is True
    assert vline(frozenset({(7, 7)})) is True
    assert vline(frozenset({(0, 4), (2, 4)})) is False
    assert vline(frozenset({(0, 0), (0, 1)})) is False
    assert vline(frozenset({(0, 0), (1, 1)})) is False
    assert vline(frozenset()) is False
    assert vline(((5,), (6,))) is True


def test_hline():
    """One row without gaps; one cell is enough, none is not; of the one-row grids only the 1x1 passes."""
    assert hline(frozenset({(4, -1), (4, 0), (4, 1)})) is True
    assert hline(frozenset({(2, (4, 0)), (3, (4, 1))})) is True
    assert hline(frozenset({(7, 7)})) is True
    assert hline(frozenset({(4, 0), (4, 2)})) is False
    assert hline(frozenset({(0, 0), (1, 0)})) is False
    assert hline(frozenset()) is False
    assert hline(((5, 6),)) is False
    assert hline(((5,),)) is True


def test_uppermost():
    """The smallest row."""
    for patch in (PATCH, OBJECT, TUPLE, CELLS):
        assert uppermost(patch) == -1
    for empty in ((), frozenset()):
        with pytest.raises(AnyError):
            uppermost(empty)


def test_lowermost():
    """The largest row."""
    for patch in (PATCH, OBJECT, TUPLE, CELLS):
        assert lowermost(patch) == 3
    for empty in ((), frozenset()):
        with pytest.raises(AnyError):
            lowermost(empty)


def test_leftmost():
    """The smallest column."""
    for patch in (PATCH, OBJECT, TUPLE, CELLS):
        assert leftmost(patch) == 1
    for empty in ((), frozenset()):
        with pytest.raises(AnyError):
            leftmost(empty)


def test_rightmost():
    """The largest column."""
    for patch in (PATCH, OBJECT, TUPLE, CELLS):
        assert rightmost(patch) == 2
    for empty in ((), frozenset()):
        with pytest.raises(AnyError):
            rightmost(empty)


def test_ulcorner():
    """Smallest row and column of the bounding box, cell or no cell there; `()` if empty."""
    for patch in (PATCH, OBJECT, TUPLE, CELLS):
        assert ulcorner(patch) == (-1, 1)
    assert ulcorner(frozenset()) == ()


def test_urcorner():
    """Smallest row, largest column; `()` if empty."""
    for patch in (PATCH, OBJECT, TUPLE, CELLS):
        assert urcorner(patch) == (-1, 2)
    assert urcorner(frozenset()) == ()


def test_llcorner():
    """Largest row, smallest column; `()` if empty."""
    for patch in (PATCH, OBJECT, TUPLE, CELLS):
        assert llcorner(patch) == (3, 1)
    assert llcorner(frozenset()) == ()


def test_lrcorner():
    """Largest row and column; `()` if empty."""
    for patch in (PATCH, OBJECT, TUPLE, CELLS):
        assert lrcorner(patch) == (3, 2)
    assert lrcorner(frozenset()) == ()


def test_corners():
    """The four corners, fewer if they coincide; of an empty patch the set that holds `()`."""
    for patch in (PATCH, OBJECT, TUPLE, CELLS):
        assert corners(patch) == frozenset({(-1, 1), (-1, 2), (3, 1), (3, 2)})
    assert corners(frozenset({(0, 1), (0, 4)})) == frozenset({(0, 1), (0, 4)})
    assert corners(frozenset({(5, 5)})) == frozenset({(5, 5)})
    assert corners(frozenset()) == frozenset({()})


def test_center():
    """The middle of the bounding box; of two middle lines the lower and the right one."""
    assert center(frozenset({(2, 2), (4, 4)})) == (3, 3)
    assert center(frozenset({(0, 0), (1, 1)})) == (1, 1)
    assert center(frozenset({(0, 0), (0, 3)})) == (0, 2)  # 0 + 1 // 2, 0 + 4 // 2
    assert center(frozenset({(-3, -3), (-2, -2)})) == (-2, -2)
    assert center(PATCH) == (1, 2)  # -1 + 5 // 2, 1 + 2 // 2
    assert center(OBJECT) == (1, 2)
    assert center(frozenset({(6, 7)})) == (6, 7)
    with pytest.raises(AnyError):
        center(frozenset())


def test_centerofmass():
    """The floor of the mean place; two colours at one place weigh once above and twice below the line."""
    assert centerofmass(frozenset({(0, 0), (0, 1), (3, 1)})) == (1, 0)  # 3 / 3, 2 / 3
    assert centerofmass(frozenset({(-1, 0), (0, 0)})) == (-1, 0)  # -1 / 2 goes down
    assert centerofmass(frozenset({(4, (2, 6)), (5, (3, 7))})) == (2, 6)
    assert centerofmass(frozenset({(1, (2, 2)), (5, (2, 2))})) == (1, 1)  # 2 / 2
    assert centerofmass(frozenset()) == ()
