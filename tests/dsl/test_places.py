"""Sets of places: neighbours, lines, outlines and fillings; none of them knows the limits of a grid."""

import pytest

from arc_submit.dsl import (
    asindices,
    backdrop,
    box,
    connect,
    delta,
    dneighbors,
    hfrontier,
    inbox,
    ineighbors,
    neighbors,
    normalize,
    ofcolor,
    outbox,
    shift,
    shoot,
    toindices,
    vfrontier,
)

AnyError = Exception  # that a call fails is described; with which type is not
RING = frozenset({(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)})  # the 8 around (0, 0)


def places(*items):
    return frozenset(items)


def block(rows, columns):
    """Every place of these rows and columns."""
    return frozenset((i, j) for i in rows for j in columns)


def test_asindices():
    """All places of the grid."""
    assert asindices(((7, 7, 7), (7, 7, 7))) == places((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2))
    assert asindices(((5,),)) == places((0, 0))


def test_ofcolor():
    """The places with that colour; the colour comes last."""
    grid = ((1, 2), (2, 0))
    assert ofcolor(grid, 2) == places((0, 1), (1, 0))
    assert ofcolor(grid, 9) == frozenset()
    assert ofcolor(grid, 0) | ofcolor(grid, 1) | ofcolor(grid, 2) == asindices(grid)


def test_toindices():
    """An object's places; places are returned as they are, a tuple of them as that tuple; empty is the empty set."""
    assert toindices(places((3, (0, 0)), (4, (0, 0)), (5, (-1, 2)))) == places((0, 0), (-1, 2))
    assert toindices(places((0, 0), (1, 1))) == places((0, 0), (1, 1))
    assert toindices(((1, 1), (0, 0), (1, 1))) == ((1, 1), (0, 0), (1, 1))
    assert toindices(((3, (0, 0)), (4, (0, 0)))) == places((0, 0))
    assert toindices(frozenset()) == frozenset()
    assert toindices(()) == frozenset()


def test_shift():
    """Every place moved, never clipped, colours kept; an empty patch is returned as is."""
    assert shift(places((0, 0), (2, 3)), (-1, 1)) == places((-1, 1), (1, 4))
    assert shift(places((7, (0, 0)), (8, (0, 0))), (2, -3)) == places((7, (2, -3)), (8, (2, -3)))
    assert shift(((0, 0), (0, 0), (1, 1)), (1, 0)) == places((1, 0), (2, 1))
    assert shift(((7, (0, 0)),), (1, 0)) == places((7, (1, 0)))
    assert shift(frozenset(), (1, 1)) == frozenset()
    assert shift((), (1, 1)) == ()


def test_normalize():
    """The bounding box comes to start at (0, 0); an empty patch is returned as is."""
    assert normalize(places((-2, 5), (0, 3))) == places((0, 2), (2, 0))
    assert normalize(places((7, (4, 4)), (8, (5, 6)))) == places((7, (0, 0)), (8, (1, 2)))
    assert normalize(((3, 3), (3, 4))) == places((0, 0), (0, 1))
    assert normalize(frozenset()) == frozenset()
    assert normalize(()) == ()
    assert normalize(places((0, 2), (1, 3))) == places((0, 0), (1, 1))
    assert normalize(places((2, 0), (3, 1))) == places((0, 0), (1, 1))
    patch = places((1, 4), (2, 2))
    assert normalize(shift(patch, (-9, 7))) == normalize(patch)


def test_dneighbors():
    """The 4 places that share an edge, negative ones included."""
    assert dneighbors((0, 0)) == places((-1, 0), (1, 0), (0, -1), (0, 1))
    assert dneighbors((5, 7)) == places((4, 7), (6, 7), (5, 6), (5, 8))


def test_ineighbors():
    """The 4 places that share only a corner."""
    assert ineighbors((0, 0)) == places((-1, -1), (-1, 1), (1, -1), (1, 1))
    assert ineighbors((5, 7)) == places((4, 6), (4, 8), (6, 6), (6, 8))


def test_neighbors():
    """All 8 around, the place itself not among them."""
    assert neighbors((0, 0)) == RING
    assert neighbors((5, 7)) == dneighbors((5, 7)) | ineighbors((5, 7))
    assert not dneighbors((5, 7)) & ineighbors((5, 7))


def test_connect():
    """The straight segment with both ends along a row, a column or a diagonal; otherwise nothing."""
    assert connect((2, 1), (2, 4)) == places((2, 1), (2, 2), (2, 3), (2, 4))
    assert connect((1, -1), (-1, -1)) == places((-1, -1), (0, -1), (1, -1))
    assert connect((0, 0), (2, 2)) == places((0, 0), (1, 1), (2, 2))
    assert connect((0, 3), (2, 1)) == places((0, 3), (1, 2), (2, 1))
    assert connect((0, 0), (1, 2)) == frozenset()
    assert connect((4, 4), (4, 4)) == places((4, 4))
    for a, b in (((0, 0), (0, 5)), ((3, 1), (0, 1)), ((0, 0), (-3, 3)), ((0, 0), (1, 3))):
        assert connect(a, b) == connect(b, a)


def test_shoot():
    """The segment over 42 steps, start included: 43 places for a unit direction; longer steps leave no gaps."""
    assert shoot((0, 0), (1, 1)) == frozenset((k, k) for k in range(43))
    assert shoot((5, 5), (-1, 0)) == frozenset((i, 5) for i in range(-37, 6))
    assert shoot((2, 7), (1, -1)) == frozenset((2 + k, 7 - k) for k in range(43))
    assert shoot((2, 2), (0, 0)) == places((2, 2))
    assert shoot((0, 0), (0, 2)) == frozenset((0, j) for j in range(85))
    assert shoot((0, 0), (1, 2)) == frozenset()


def test_vfrontier():
    """The location's column over rows 0 to 29, wherever its row."""
    column = frozenset((i, 4) for i in range(30))
    assert vfrontier((7, 4)) == column
    assert vfrontier((50, 4)) == column
    assert vfrontier((True, 4)) == column


def test_hfrontier():
    """The location's row over columns 0 to 29, wherever its column."""
    row = frozenset((7, j) for j in range(30))
    assert hfrontier((7, 4)) == row
    assert hfrontier((7, -3)) == row


def test_backdrop():
    """All places of the bounding box."""
    assert backdrop(places((-1, 2), (0, 4))) == places((-1, 2), (-1, 3), (-1, 4), (0, 2), (0, 3), (0, 4))
    assert backdrop(places((3, (0, 0)), (4, (1, 1)))) == places((0, 0), (0, 1), (1, 0), (1, 1))
    assert backdrop(((0, 0), (1, 1))) == places((0, 0), (0, 1), (1, 0), (1, 1))
    assert backdrop(places((6, 6))) == places((6, 6))
    assert backdrop(frozenset()) == frozenset()
    assert backdrop(()) == frozenset()


def test_delta():
    """The places of the bounding box that the patch lacks."""
    assert delta(places((0, 0), (1, 2))) == places((0, 1), (0, 2), (1, 0), (1, 1))
    assert delta(places((5, (0, 0)), (6, (1, 1)))) == places((0, 1), (1, 0))
    assert delta(((5, (0, 0)), (6, (1, 1)))) == places((0, 1), (1, 0))
    assert delta(places((0, 0), (0, 1))) == frozenset()
    assert delta(frozenset()) == frozenset()
    assert delta(()) == frozenset()
    for patch in (places((0, 0), (3, 2)), places((-2, 1), (0, 0), (1, 1))):
        assert delta(patch) | patch == backdrop(patch)
        assert not delta(patch) & patch


def test_box():
    """The outline of the bounding box; an empty patch is returned as is."""
    assert box(places((-1, -1), (1, 1))) == RING
    assert box(places((2, (-1, 0)), (3, (1, 1)), (3, (0, -1)))) == RING
    assert box(((1, -1), (-1, 1))) == RING
    assert box(places((2, 0), (2, 3))) == places((2, 0), (2, 1), (2, 2), (2, 3))
    assert box(places((6, 6))) == places((6, 6))
    assert box(block(range(4), range(3))) == block(range(4), range(3)) - places((1, 1), (2, 1))
    assert box(frozenset()) == frozenset()
    assert box(()) == ()


def test_outbox():
    """The outline one further out on all sides, negative places included; empty raises."""
    assert outbox(places((0, 0))) == RING
    assert outbox(((0, 0),)) == RING
    assert outbox(places((4, (0, 0)))) == RING
    # 1x2: the 3x4 block around it without the two in the middle
    assert outbox(places((0, 0), (0, 1))) == block(range(-1, 2), range(-1, 3)) - places((0, 0), (0, 1))
    for empty in ((), frozenset()):
        with pytest.raises(AnyError):
            outbox(empty)


def test_inbox():
    """The outline one further in; where limits cross they are exchanged, so thin patches grow; empty raises."""
    assert inbox(places((0, 0), (3, 3))) == places((1, 1), (1, 2), (2, 1), (2, 2))
    assert inbox(places((0, 0), (4, 4))) == shift(RING, (2, 2))
    assert inbox(((0, 0), (2, 2))) == places((1, 1))
    assert inbox(places((4, (0, 0)))) == RING
    assert inbox(block(range(2), range(2))) == block(range(2), range(2))
    assert inbox(places((5, 0), (5, 1), (5, 2))) == places((4, 1), (5, 1), (6, 1))
    assert inbox(places((0, 0), (1, 3))) == places((0, 1), (0, 2), (1, 1), (1, 2))
    assert inbox(places((0, 0), (0, 1))) == block(range(-1, 2), range(2))  # rows -1 to 1, columns 0 to 1
    for empty in ((), frozenset()):
        with pytest.raises(AnyError):
            inbox(empty)
