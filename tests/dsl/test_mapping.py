"""Functions over containers: the container's type decides the result's, and no error gets lost on the way."""

import pytest

from arc_submit.dsl import (
    add,
    apply,
    astuple,
    dneighbors,
    double,
    even,
    extract,
    first,
    increment,
    initset,
    invert,
    mapply,
    mpapply,
    multiply,
    paint,
    papply,
    prapply,
    rapply,
    recolor,
    subtract,
    toivec,
)

AnyError = Exception  # that a call fails is described; with which type is not


def test_apply():
    """One result per item in the same type; a frozenset merges equal results; errors reach the caller."""
    assert apply(increment, (1, 1, 5)) == (2, 2, 6)
    assert apply(even, frozenset({1, 2, 3})) == frozenset({True, False})
    assert apply(first, ((1, 2), (3, 4))) == (1, 3)
    assert apply(increment, ()) == ()
    assert apply(increment, frozenset()) == frozenset()
    for container in (((1,), (), (2,)), frozenset({(1,), ()})):
        with pytest.raises(AnyError):
            apply(first, container)
    with pytest.raises(AnyError):
        apply(lambda c: extract(c, even), ((2,), (3,)))


def test_rapply():
    """Every function on the one value; the type is that of the container of functions."""
    assert rapply((increment, double, increment), 3) == (4, 6, 4)
    assert rapply(frozenset({increment, double}), 3) == frozenset({4, 6})
    assert rapply(frozenset({increment, double}), 1) == frozenset({2})  # both say 2
    assert rapply((), 3) == ()
    with pytest.raises(AnyError):
        rapply((first,), ())


def test_mapply():
    """apply, then merge: a union for a frozenset, one long tuple with duplicates for a tuple."""
    assert mapply(toivec, frozenset({1, 2})) == frozenset({0, 1, 2})
    assert mapply(toivec, (1, 2)) == (1, 0, 2, 0)
    assert mapply(initset, (4, 4)) == (4, 4)
    # the neighbours of (0, 0) and of (0, 2) share (0, 1)
    assert mapply(dneighbors, frozenset({(0, 0), (0, 2)})) == frozenset(
        {(-1, 0), (1, 0), (0, -1), (0, 1), (-1, 2), (1, 2), (0, 3)}
    )
    # in a tuple each set's members follow in ascending order, and (0, 1) comes twice
    assert mapply(dneighbors, ((0, 0), (0, 2))) == (
        *((-1, 0), (0, -1), (0, 1), (1, 0)),
        *((-1, 2), (0, 1), (0, 3), (1, 2)),
    )
    assert mapply(initset, ()) == ()
    assert mapply(initset, frozenset()) == frozenset()


def test_papply():
    """Item with item by position, as far as the shorter one goes."""
    assert papply(subtract, (10, 20), (1, 2)) == (9, 18)
    assert papply(add, (1, 2, 3), (10, 20)) == (11, 22)
    assert papply(add, (1,), (10, 20)) == (11,)
    assert papply(add, (), (1,)) == ()
    with pytest.raises(AnyError):
        papply(extract, ((2,), (1,)), (even, even))


def test_mpapply():
    """papply, then merge: a flat tuple in order of position, so that painting it lets later positions win."""
    assert mpapply(astuple, (1, 2), (3, 4)) == (1, 3, 2, 4)
    assert mpapply(astuple, (1, 1, 9), (1, 1)) == (1, 1, 1, 1)
    place = frozenset({(0, 0)})
    cells = mpapply(recolor, (3, 1), (place, place))
    assert cells == ((3, (0, 0)), (1, (0, 0)))
    assert paint(((0, 0),), cells) == ((1, 0),)
    assert mpapply(recolor, (3,), (frozenset({(1, 0), (0, 1)}),)) == ((3, (0, 1)), (3, (1, 0)))
    assert mpapply(astuple, (), ()) == ()


def test_prapply():
    """Every x with every y, always a frozenset."""
    assert prapply(multiply, frozenset({1, 2}), (3, 4)) == frozenset({3, 4, 6, 8})
    assert prapply(subtract, (5,), (1, 2)) == frozenset({4, 3})
    assert prapply(add, (0, 1), (0, 1)) == frozenset({0, 1, 2})
    assert prapply(add, (), (1,)) == frozenset()
    assert prapply(lambda x, y: invert(x), (1, 2), frozenset({7, 8})) == frozenset({-1, -2})
