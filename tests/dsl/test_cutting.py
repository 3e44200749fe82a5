"""Cutting, joining and scaling grids, with odd sizes, slices that wrap, and parts that run over the edge."""

import pytest

from arc_submit.dsl import (
    bottomhalf,
    canvas,
    cellwise,
    compress,
    crop,
    downscale,
    hconcat,
    hsplit,
    hupscale,
    lefthalf,
    righthalf,
    rot90,
    subgrid,
    tophalf,
    trim,
    upscale,
    vconcat,
    vsplit,
    vupscale,
)

AnyError = Exception  # that a call fails is described; with which type is not
GRID = ((1, 2, 3), (4, 5, 6), (7, 8, 9))
SEVEN_WIDE = ((0, 1, 2, 3, 4, 5, 6), (9, 8, 7, 6, 5, 4, 3))


def test_crop():
    """Python's slices: short beyond the far edges, and a negative start counts from the end."""
    assert crop(GRID, (0, 1), (2, 2)) == ((2, 3), (5, 6))
    assert crop(GRID, (2, 2), (5, 5)) == ((9,),)
    assert crop(GRID, (3, 0), (1, 1)) == ()
    assert crop(GRID, (0, 3), (2, 1)) == ((), ())
    assert crop(GRID, (-1, 0), (2, 2)) == ()  # rows [-1:1]
    assert crop(GRID, (-2, 0), (1, 3)) == ((4, 5, 6),)
    assert crop(GRID, (0, -2), (1, 1)) == ((2,),)
    assert crop(GRID, (0, -1), (2, 1)) == ((), ())  # columns [-1:0]
    assert crop(GRID, (0, 0), (0, 2)) == ()
    assert crop(GRID, (0, 0), (3, 3)) == GRID


def test_subgrid():
    """The patch first: crop to its bounding box, with the slices' ways at the edges; empty raises."""
    assert subgrid(frozenset({(0, 1), (1, 2)}), GRID) == ((2, 3), (5, 6))
    assert subgrid(frozenset({(0, (2, 0)), (0, (2, 1))}), GRID) == ((7, 8),)
    assert subgrid(frozenset({(1, 1)}), GRID) == ((5,),)
    assert subgrid(frozenset({(2, 2), (4, 4)}), GRID) == ((9,),)
    assert subgrid(frozenset({(-1, 0), (0, 0)}), GRID) == ()
    assert subgrid(frozenset({(-2, 0)}), GRID) == ((4,),)
    with pytest.raises(AnyError):
        subgrid(frozenset(), GRID)


def test_trim():
    """Without the outermost rows and columns, of which a small grid has no others."""
    assert trim(GRID) == ((5,),)
    assert trim(((0, 1, 2, 3), (4, 5, 6, 7), (8, 9, 0, 1), (2, 3, 4, 5))) == ((5, 6), (9, 0))
    assert trim(((1, 2, 3), (4, 5, 6))) == ()
    assert trim(((1, 2, 3),)) == ()
    assert trim(((1, 2), (3, 4), (5, 6))) == ((),)
    assert trim(((1,), (2,), (3,), (4,))) == ((), ())


def test_tophalf():
    """The first h // 2 rows."""
    assert tophalf(((1, 2), (3, 4))) == ((1, 2),)
    assert tophalf(GRID) == ((1, 2, 3),)
    assert tophalf(((1, 2),)) == ()


def test_bottomhalf():
    """The last h // 2 rows: a middle row is in neither half."""
    assert bottomhalf(((1, 2), (3, 4))) == ((3, 4),)
    assert bottomhalf(GRID) == ((7, 8, 9),)
    assert bottomhalf(((1, 2),)) == ()


def test_lefthalf():
    """The first w // 2 columns; of a single column nothing, not even rows."""
    assert lefthalf(((1, 2), (3, 4))) == ((1,), (3,))
    assert lefthalf(GRID) == ((1,), (4,), (7,))
    assert lefthalf(((1,), (2,))) == ()


def test_righthalf():
    """The last w // 2 columns; of a single column nothing, not even rows."""
    assert righthalf(((1, 2), (3, 4))) == ((2,), (4,))
    assert righthalf(GRID) == ((3,), (6,), (9,))
    assert righthalf(((1,), (2,))) == ()


def test_hsplit():
    """Parts side by side, each w // n wide; any remainder puts exactly one column between neighbours."""
    assert hsplit(((1, 2, 3, 4), (5, 6, 7, 8)), 2) == (((1, 2), (5, 6)), ((3, 4), (7, 8)))
    assert hsplit(GRID, 1) == (GRID,)
    assert hsplit(((1, 2, 3, 4, 5),), 2) == (((1, 2),), ((4, 5),))
    # 7 by 2 is 3 each, at 0 and 4; by 3 it is 2 each, at 0, 3 and 6, so the last is narrower
    assert hsplit(SEVEN_WIDE, 2) == (((0, 1, 2), (9, 8, 7)), ((4, 5, 6), (5, 4, 3)))
    assert hsplit(SEVEN_WIDE, 3) == (((0, 1), (9, 8)), ((3, 4), (6, 5)), ((6,), (3,)))
    # by 5 it is 1 each, at 0, 2, 4, 6 and 8
    assert hsplit(SEVEN_WIDE, 5) == (((0,), (9,)), ((2,), (7,)), ((4,), (5,)), ((6,), (3,)), ((), ()))
    # 8 by 3 is 2 each with 2 left over, but one is skipped at a time: at 0, 3 and 6
    assert hsplit(((0, 1, 2, 3, 4, 5, 6, 7),), 3) == (((0, 1),), ((3, 4),), ((6, 7),))
    # 11 by 4 is 2 each with 3 left over: at 0, 3, 6 and 9
    assert hsplit((tuple(range(11)),), 4) == (((0, 1),), ((3, 4),), ((6, 7),), ((9, 10),))
    assert hsplit(((1, 2), (3, 4)), 3) == (((), ()), ((), ()), ((), ()))
    with pytest.raises(AnyError):
        hsplit(GRID, 0)


def test_vsplit():
    """The same from top to bottom; parts over the edge have fewer rows or none."""
    assert vsplit(((1, 2), (3, 4)), 2) == (((1, 2),), ((3, 4),))
    assert vsplit(GRID, 1) == (GRID,)
    assert vsplit(((1,), (2,), (3,), (4,), (5,)), 2) == (((1,), (2,)), ((4,), (5,)))
    seven_high = ((0,), (1,), (2,), (3,), (4,), (5,), (6,))
    assert vsplit(seven_high, 3) == (((0,), (1,)), ((3,), (4,)), ((6,),))
    assert vsplit(seven_high, 5) == (((0,),), ((2,),), ((4,),), ((6,),), ())
    assert vsplit(((1, 2), (3, 4)), 3) == ((), (), ())
    with pytest.raises(AnyError):
        vsplit(GRID, 0)
    # what vsplit does to rows, hsplit does to columns: a clockwise turn keeps the parts' order
    for n in (2, 3, 4):
        assert vsplit(rot90(SEVEN_WIDE), n) == tuple(rot90(part) for part in hsplit(SEVEN_WIDE, n))


def test_hconcat():
    """Side by side; the surplus rows of the taller one are dropped."""
    assert hconcat(((1,), (2,)), ((3, 4), (5, 6))) == ((1, 3, 4), (2, 5, 6))
    assert hconcat(((1,), (2,)), ((3,),)) == ((1, 3),)
    assert hconcat(((1,),), ((3,), (4,))) == ((1, 3),)
    assert hconcat(canvas(0, (2, 0)), ((1,), (2,))) == ((1,), (2,))
    assert hconcat((), GRID) == ()


def test_vconcat():
    """One above the other; widths are not checked and `()` is neutral."""
    assert vconcat(((1, 2),), ((3, 4), (5, 6))) == ((1, 2), (3, 4), (5, 6))
    assert vconcat(((1, 2),), ((3,),)) == ((1, 2), (3,))
    assert vconcat((), GRID) == GRID
    assert vconcat(GRID, ()) == GRID


def test_hupscale():
    """Every cell repeated along its row; by zero the rows are empty."""
    assert hupscale(((1, 2), (3, 4)), 2) == ((1, 1, 2, 2), (3, 3, 4, 4))
    assert hupscale(GRID, 1) == GRID
    assert hupscale(((1, 2), (3, 4)), 0) == ((), ())


def test_vupscale():
    """Every row repeated; by zero there are none."""
    assert vupscale(((1, 2), (3, 4)), 2) == ((1, 2), (1, 2), (3, 4), (3, 4))
    assert vupscale(GRID, 1) == GRID
    assert vupscale(GRID, 0) == ()


def test_upscale():
    """Cells become blocks; an object keeps its upper left corner; indices raise."""
    assert upscale(((1, 2),), 2) == ((1, 1, 2, 2), (1, 1, 2, 2))
    assert upscale(GRID, 1) == GRID
    assert upscale(GRID, 0) == ()
    # corner (-1, 3): the cell one down and one right of it lands two down and two right
    assert upscale(frozenset({(5, (-1, 3)), (6, (0, 4))}), 2) == frozenset(
        {
            (5, (-1, 3)), (5, (-1, 4)), (5, (0, 3)), (5, (0, 4)),
            (6, (1, 5)), (6, (1, 6)), (6, (2, 5)), (6, (2, 6)),
        }
    )  # fmt: skip
    # the corner belongs to the bounding box, (0, 0) here, not to a cell
    assert upscale(frozenset({(5, (0, 1)), (5, (1, 0))}), 2) == frozenset(
        (5, place) for place in ((0, 2), (0, 3), (1, 2), (1, 3), (2, 0), (2, 1), (3, 0), (3, 1))
    )
    assert upscale(frozenset({(5, (7, 7))}), 1) == frozenset({(5, (7, 7))})
    assert upscale(frozenset(), 3) == frozenset()
    with pytest.raises(AnyError):
        upscale(frozenset({(0, 0), (0, 1)}), 2)


def test_downscale():
    """The upper left cell of each block, without a vote; sizes round up; zero raises."""
    assert downscale(GRID, 2) == ((1, 3), (7, 9))
    assert downscale(((1, 7), (7, 7)), 2) == ((1,),)
    assert downscale(((0, 1, 2, 3, 4, 5, 6),), 3) == ((0, 3, 6),)
    assert downscale(GRID, 1) == GRID
    assert downscale(GRID, 9) == ((1,),)
    for factor in (1, 2, 3):
        assert downscale(upscale(GRID, factor), factor) == GRID
    with pytest.raises(AnyError):
        downscale(GRID, 0)


def test_compress():
    """Without the one-coloured rows and columns of the original grid."""
    assert compress(((1, 1, 1), (1, 2, 3), (1, 4, 5))) == ((2, 3), (4, 5))
    assert compress(GRID) == GRID
    # once the first row is gone the last column is of one colour, but it was not before
    assert compress(((1, 1), (1, 2), (3, 2))) == ((1, 2), (3, 2))
    assert compress(((1, 1), (2, 2))) == ()
    assert compress(((1, 2), (1, 2))) == ((), ())
    assert compress(((1, 2, 3),)) == ((),)  # columns of one cell are of one colour
    assert compress(((4,),)) == ()


def test_cellwise():
    """The common colour where both agree, else the fallback; of the first one's size."""
    assert cellwise(((1, 2), (3, 4)), ((1, 0), (3, 4)), 9) == ((1, 9), (3, 4))
    assert cellwise(((1, 2),), ((1, 2, 5), (7, 7, 7)), 0) == ((1, 2),)
    assert cellwise(GRID, GRID, 0) == GRID
    for smaller in (((1, 2, 3), (4, 5, 6)), ((1, 2), (4, 5), (7, 8))):
        with pytest.raises(AnyError):
            cellwise(GRID, smaller, 0)
