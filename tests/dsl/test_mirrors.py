"""Turning grids, mirroring grids and patches: one small case worked out, and what undoes what."""

from arc_submit.dsl import cmirror, dmirror, hmirror, rot90, rot180, rot270, shape, ulcorner, vmirror

GRID = ((1, 2, 3), (4, 5, 6))
GRIDS = (GRID, ((7,),), ((1, 2),), ((1,), (2,)), ((1, 2), (3, 4)), ((0, 1, 2), (3, 4, 5), (6, 7, 8)))
EMPTY_ROWS = ((), ())
OBJECT = frozenset({(1, (2, 2)), (2, (4, 3))})  # bounding box: rows 2 to 4, columns 2 to 3
INDICES = frozenset({(2, 2), (4, 3)})
PATCHES = (OBJECT, INDICES, frozenset({(-3, 1), (-2, 5), (0, 0)}), frozenset({(5, 5)}))


def test_rot90():
    """Clockwise: the first row is the old first column from bottom to top; four turns are none."""
    assert rot90(GRID) == ((4, 1), (5, 2), (6, 3))
    assert rot90(()) == ()
    assert rot90(EMPTY_ROWS) == ()
    for grid in GRIDS:
        assert rot90(rot90(rot90(rot90(grid)))) == grid


def test_rot180():
    """Half a turn, which is two quarters."""
    assert rot180(GRID) == ((6, 5, 4), (3, 2, 1))
    for grid in GRIDS:
        assert rot180(grid) == rot90(rot90(grid))


def test_rot270():
    """Anticlockwise: the first row is the old last column from top to bottom; it undoes rot90."""
    assert rot270(GRID) == ((3, 6), (2, 5), (1, 4))
    assert rot270(()) == ()
    assert rot270(EMPTY_ROWS) == ()
    for grid in GRIDS:
        assert rot270(rot90(grid)) == grid


def test_hmirror():
    """Upside down; a patch within its bounding box; a tuple of places passes for a grid."""
    assert hmirror(GRID) == ((4, 5, 6), (1, 2, 3))
    assert hmirror(OBJECT) == frozenset({(1, (4, 2)), (2, (2, 3))})
    assert hmirror(INDICES) == frozenset({(4, 2), (2, 3)})
    assert hmirror(frozenset({(-3, 0), (-2, 1), (0, 0)})) == frozenset({(0, 0), (-1, 1), (-3, 0)})
    assert hmirror(((0, 1), (5, 5))) == ((5, 5), (0, 1))
    for piece in GRIDS + PATCHES:
        assert hmirror(hmirror(piece)) == piece


def test_vmirror():
    """Left and right exchanged; a patch within its bounding box."""
    assert vmirror(GRID) == ((3, 2, 1), (6, 5, 4))
    assert vmirror(OBJECT) == frozenset({(1, (2, 3)), (2, (4, 2))})
    assert vmirror(INDICES) == frozenset({(2, 3), (4, 2)})
    assert vmirror(((0, 1), (5, 6))) == ((1, 0), (6, 5))
    for piece in GRIDS + PATCHES:
        assert vmirror(vmirror(piece)) == piece


def test_dmirror():
    """Transposed; of a patch the upper left corner stays and the extents swap."""
    assert dmirror(GRID) == ((1, 4), (2, 5), (3, 6))
    assert dmirror(OBJECT) == frozenset({(1, (2, 2)), (2, (3, 4))})  # (2+2, 2+1) goes to (2+1, 2+2)
    assert dmirror(INDICES) == frozenset({(2, 2), (3, 4)})
    assert dmirror(EMPTY_ROWS) == ()
    for patch in PATCHES:
        assert ulcorner(dmirror(patch)) == ulcorner(patch)
        assert shape(dmirror(patch)) == shape(patch)[::-1]
    for piece in GRIDS + PATCHES:
        assert dmirror(dmirror(piece)) == piece


def test_cmirror():
    """Along the other diagonal: the first row is the old last column from bottom to top."""
    assert cmirror(GRID) == ((6, 3), (5, 2), (4, 1))
    # height 3, width 2: (2+0, 2+0) goes to (2+1, 2+2), (2+2, 2+1) to (2, 2)
    assert cmirror(OBJECT) == frozenset({(1, (3, 4)), (2, (2, 2))})
    assert cmirror(INDICES) == frozenset({(3, 4), (2, 2)})
    assert cmirror(EMPTY_ROWS) == ()
    for patch in PATCHES:
        assert ulcorner(cmirror(patch)) == ulcorner(patch)
        assert shape(cmirror(patch)) == shape(patch)[::-1]
    for piece in GRIDS + PATCHES:
        assert cmirror(cmirror(piece)) == piece
    for grid in GRIDS:
        assert cmirror(dmirror(grid)) == rot180(grid)
