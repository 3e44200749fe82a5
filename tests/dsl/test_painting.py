"""Painting: places off the grid are ignored, negative ones never wrap, and the background is the most common colour."""

from arc_submit.dsl import canvas, cover, fill, move, paint, recolor, shift, underfill, underpaint

GRID = ((0, 0, 0), (0, 2, 0))
OFF = frozenset({(-1, -1), (-1, 0), (0, -1), (2, 0), (0, 3), (9, 9)})


def cells(*items):
    return frozenset(items)


def test_fill():
    """The places take the value, whatever colours an object has."""
    expected = ((7, 0, 0), (0, 7, 0))
    assert fill(GRID, 7, frozenset({(0, 0), (1, 1)})) == expected
    assert fill(GRID, 7, cells((1, (0, 0)), (3, (1, 1)))) == expected
    assert fill(GRID, 7, ((0, 0), (1, 1), (0, 0))) == expected
    assert fill(GRID, 7, ((1, (0, 0)), (3, (1, 1)))) == expected
    assert fill(GRID, 7, OFF) == GRID
    assert fill(GRID, 7, OFF | {(0, 2)}) == ((0, 0, 7), (0, 2, 0))
    assert fill(GRID, 7, frozenset()) == GRID
    assert fill(GRID, 7, ()) == GRID


def test_paint():
    """The cells with their own colours; in a tuple the later of two at one place stays."""
    assert paint(GRID, cells((5, (0, 0)), (6, (1, 1)))) == ((5, 0, 0), (0, 6, 0))
    assert paint(GRID, ((5, (0, 0)), (6, (0, 0)))) == ((6, 0, 0), (0, 2, 0))
    assert paint(GRID, ((6, (0, 0)), (5, (0, 0)))) == ((5, 0, 0), (0, 2, 0))
    assert paint(GRID, frozenset((colour, (0, 0)) for colour in range(10))) == ((9, 0, 0), (0, 2, 0))  # ascending
    assert paint(GRID, recolor(7, OFF)) == GRID
    assert paint(GRID, frozenset()) == GRID
    assert paint(GRID, ()) == GRID


def test_underfill():
    """Only where the grid has its most common colour."""
    everywhere = frozenset((i, j) for i in range(2) for j in range(3))
    assert underfill(GRID, 7, everywhere) == ((7, 7, 7), (7, 2, 7))
    assert underfill(GRID, 7, ((0, 0), (1, 1))) == ((7, 0, 0), (0, 2, 0))
    assert underfill(GRID, 7, ((3, (0, 0)), (3, (1, 1)))) == ((7, 0, 0), (0, 2, 0))
    assert underfill(((4, 4, 0), (4, 0, 4)), 7, everywhere) == ((7, 7, 0), (7, 0, 7))
    assert underfill(((0, 8),), 7, everywhere) == ((7, 8),)  # a tie: the first met of 0 and 8
    assert underfill(((8, 0),), 7, everywhere) == ((7, 0),)
    assert underfill(GRID, 7, OFF) == GRID
    assert underfill(GRID, 7, frozenset()) == GRID


def test_underpaint():
    """Only where the background still shows at that moment: of two cells for one place the first stays."""
    assert underpaint(GRID, cells((5, (0, 0)), (6, (1, 1)))) == ((5, 0, 0), (0, 2, 0))
    assert underpaint(GRID, ((5, (0, 0)), (6, (0, 0)))) == ((5, 0, 0), (0, 2, 0))
    assert underpaint(GRID, ((0, (0, 0)), (6, (0, 0)))) == ((6, 0, 0), (0, 2, 0))  # 0 is the background itself
    assert underpaint(GRID, frozenset((colour, (0, 0)) for colour in range(3, 10))) == ((3, 0, 0), (0, 2, 0))
    # the background is that of the given grid: painting 1 over most of it makes 1 no background
    assert underpaint(((0, 0, 0),), ((1, (0, 0)), (1, (0, 1)), (3, (0, 0)))) == ((1, 1, 0),)
    assert underpaint(((4, 4, 0),), cells((5, (0, 1)), (5, (0, 2)))) == ((4, 5, 0),)
    assert underpaint(GRID, recolor(7, OFF)) == GRID
    assert underpaint(GRID, frozenset()) == GRID


def test_cover():
    """The places take the most common colour of the given grid."""
    assert cover(GRID, frozenset({(1, 1)})) == ((0, 0, 0), (0, 0, 0))
    assert cover(((4, 4, 0), (4, 0, 2)), cells((9, (0, 2)), (9, (1, 2)))) == ((4, 4, 4), (4, 0, 4))
    assert cover(GRID, ((0, 0), (1, 1))) == ((0, 0, 0), (0, 0, 0))
    assert cover(((8, 0),), frozenset({(0, 1)})) == ((8, 8),)  # a tie: the first met of 8 and 0
    assert cover(((0, 8),), frozenset({(0, 1)})) == ((0, 0),)
    assert cover(GRID, OFF) == GRID
    assert cover(GRID, frozenset()) == GRID


def test_move():
    """cover, then paint shifted: cells that leave the grid are lost, and the object need not be there at first."""
    two = cells((2, (1, 1)))
    assert move(GRID, two, (0, 1)) == ((0, 0, 0), (0, 0, 2))
    assert move(GRID, two, (-1, -1)) == ((2, 0, 0), (0, 0, 0))
    assert move(GRID, two, (1, 0)) == ((0, 0, 0), (0, 0, 0))
    assert move(GRID, two, (0, -2)) == ((0, 0, 0), (0, 0, 0))  # column -1 does not wrap
    assert move(GRID, two, (0, 0)) == GRID
    assert move(GRID, cells((7, (0, 0))), (0, 1)) == ((0, 7, 0), (0, 2, 0))
    assert move(((4, 1, 2, 4),), cells((1, (0, 1)), (2, (0, 2))), (0, 1)) == ((4, 4, 1, 2),)
    assert move(GRID, frozenset(), (1, 1)) == GRID
    assert move(GRID, two, (-1, 1)) == paint(cover(GRID, two), shift(two, (-1, 1)))


def test_canvas():
    """One colour in so many rows and columns; no rows make `()`, no columns make empty rows."""
    assert canvas(3, (2, 1)) == ((3,), (3,))
    assert canvas(0, (1, 3)) == ((0, 0, 0),)
    assert canvas(3, (0, 5)) == ()
    assert canvas(3, (-1, 5)) == ()
    assert canvas(3, (2, 0)) == ((), ())
    assert canvas(3, (2, -4)) == ((), ())
