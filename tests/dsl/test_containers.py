"""Tuples and frozensets: which type comes out, who wins a tie, and what an empty container does."""

import pytest

from arc_submit.dsl import (
    apply,
    argmax,
    argmin,
    astuple,
    combine,
    decrement,
    dedupe,
    difference,
    even,
    extract,
    first,
    identity,
    increment,
    initset,
    insert,
    intersection,
    interval,
    invert,
    last,
    leastcommon,
    merge,
    mfilter,
    mostcommon,
    order,
    other,
    pair,
    positive,
    product,
    remove,
    repeat,
    sfilter,
    size,
    sizefilter,
    totuple,
    valmax,
    valmin,
)

AnyError = Exception  # that a call fails is described; with which type is not
GRID = ((1, 2, 3), (4, 5, 6))


def parity(n):
    return n % 2


def has_two(container):
    return len(container) == 2


def test_size():
    """Number of items; of a grid these are the rows."""
    assert size(GRID) == 2
    assert size((4, 7)) == 2
    assert size(frozenset({1, 2, 5})) == 3
    assert size(()) == 0
    assert size(frozenset()) == 0


def test_combine():
    """The items of both in a container of the first one's type; two grids end up one above the other."""
    assert combine((1, 2), (2, 3)) == (1, 2, 2, 3)
    assert combine(frozenset({1, 2}), frozenset({2, 3})) == frozenset({1, 2, 3})
    assert combine(frozenset({1}), (1, 2)) == frozenset({1, 2})
    assert combine((1,), frozenset({1})) == (1, 1)
    assert combine(((1, 2),), ((3, 4),)) == ((1, 2), (3, 4))
    assert combine((), ()) == ()


def test_intersection():
    """Common members of two frozensets; tuples raise on either side."""
    assert intersection(frozenset({1, 2, 3}), frozenset({2, 3, 4})) == frozenset({2, 3})
    assert intersection(frozenset({1}), frozenset({2})) == frozenset()
    for a, b in (((1,), (1,)), ((1,), frozenset({1})), (frozenset({1}), (1,))):
        with pytest.raises(AnyError):
            intersection(a, b)


def test_difference():
    """Items of the first that the second lacks; a tuple keeps its order and its duplicates."""
    assert difference(frozenset({1, 2, 3}), frozenset({2, 4})) == frozenset({1, 3})
    assert difference(frozenset({(0, 0), (0, 1)}), frozenset({(0, 1), (5, 5)})) == frozenset({(0, 0)})
    assert difference((3, 1, 3, 2), (1,)) == (3, 3, 2)
    assert difference((1, 2), frozenset({2})) == (1,)
    assert difference(frozenset({1, 2}), (2,)) == frozenset({1})
    assert difference((), (1,)) == ()


def test_dedupe():
    """Of equal items the first appearance stays, the order is kept."""
    assert dedupe((3, 1, 3, 2, 1)) == (3, 1, 2)
    assert dedupe(((1, 2), (0, 0), (1, 2))) == ((1, 2), (0, 0))
    assert dedupe(()) == ()


def test_order():
    """All items ascending by key as a tuple; equal keys leave the order alone."""
    assert order((3, 1, 2), identity) == (1, 2, 3)
    assert order(frozenset({3, 1, 2}), invert) == (3, 2, 1)
    assert order((3, 2, 1, 4), parity) == (2, 4, 3, 1)  # the even ones, then the odd ones, each as they came
    assert order((2, -1, 3), positive) == (-1, 2, 3)
    assert order(((1, 2), (0, 9)), identity) == ((0, 9), (1, 2))
    assert order((1, 1), identity) == (1, 1)
    assert order(frozenset({(2, 0), (1, 1), (0, 2)}), sum) == ((0, 2), (1, 1), (2, 0))  # equal keys: ascending
    assert order(frozenset(), identity) == ()


def test_repeat():
    """A tuple with the item so many times; none for zero and below."""
    assert repeat(7, 3) == (7, 7, 7)
    assert repeat((1, 2), 2) == ((1, 2), (1, 2))
    assert repeat(7, 0) == ()
    assert repeat(7, -2) == ()


def test_merge():
    """One level flattened into the outer type: a tuple of sets becomes a tuple and keeps what they share."""
    red, blue = frozenset({(2, (0, 0))}), frozenset({(1, (0, 1)), (1, (0, 2))})
    assert merge(frozenset({red, blue})) == frozenset({(2, (0, 0)), (1, (0, 1)), (1, (0, 2))})
    assert merge((frozenset({4}), frozenset({4}))) == (4, 4)
    assert merge((frozenset({2, 1}), (9,))) == (1, 2, 9)
    assert merge((frozenset({(5, 5), (0, 0)}), frozenset({(0, 0)}))) == ((0, 0), (5, 5), (0, 0))
    assert merge(frozenset({(1, 2), (2, 3)})) == frozenset({1, 2, 3})
    assert merge((GRID, ((7, 8, 9),))) == ((1, 2, 3), (4, 5, 6), (7, 8, 9))
    assert merge(()) == ()
    assert merge(frozenset()) == frozenset()
    assert merge(((), ())) == ()


def test_valmax():
    """The largest key, not its item; for an empty container the key of 0."""
    assert valmax((1, -5, 3), invert) == 5
    assert valmax(frozenset({1, 2}), identity) == 2
    assert valmax((), increment) == 1
    assert valmax(frozenset(), identity) == 0
    with pytest.raises(AnyError):
        valmax((), size)  # 0 has no size


def test_valmin():
    """The smallest key, not its item; for an empty container the key of 0."""
    assert valmin((1, -5, 3), invert) == -3
    assert valmin(frozenset({1, 2}), identity) == 1
    assert valmin((), decrement) == -1
    with pytest.raises(AnyError):
        valmin(frozenset(), size)


def test_argmax():
    """The item with the largest key, the first visited of several; keys that are sets compare as supersets."""
    assert argmax((1, -5, 3), invert) == -5
    assert argmax(frozenset({1, 2, 9}), identity) == 9
    assert argmax((2, 3, 1, 5), parity) == 3
    assert argmax((0, 2, 0), parity) == 0
    assert argmax(((0, 9), (1, 2)), identity) == (1, 2)
    a, b, c = frozenset({1}), frozenset({1, 2}), frozenset({3})
    assert argmax((a, b, c), identity) == b  # b above a, c not above b
    assert argmax((c, a, b), identity) == c  # neither a nor b is above c
    assert argmax(frozenset({(2, 0), (1, 1), (0, 2)}), sum) == (0, 2)
    assert argmax(frozenset({a, c, frozenset({0, 9})}), size) == frozenset({0, 9})
    assert argmax(frozenset({c, a}), size) == a  # members (1,) come before (3,)
    for empty in ((), frozenset()):
        with pytest.raises(AnyError):
            argmax(empty, identity)


def test_argmin():
    """The item with the smallest key, the first visited of several."""
    assert argmin((1, -5, 3), invert) == 3
    assert argmin(frozenset({1, 2, 9}), identity) == 1
    assert argmin((3, 2, 1, 4), parity) == 2
    a, b, c = frozenset({1}), frozenset({1, 2}), frozenset({3})
    assert argmin((b, a, c), identity) == a
    assert argmin((c, a, b), identity) == c
    assert argmin(frozenset({(2, 0), (1, 1), (0, 2)}), sum) == (0, 2)
    assert argmin(frozenset({c, a, b}), size) == a
    for empty in ((), frozenset()):
        with pytest.raises(AnyError):
            argmin(empty, identity)


def test_mostcommon():
    """The most frequent item of a tuple; equal counts go by the order of the set, not by first appearance."""
    assert mostcommon((1, 2, 2, 3)) == 2
    assert mostcommon(((1, 2), (3, 4), (1, 2))) == (1, 2)
    assert mostcommon((2, 1)) == 1
    assert mostcommon((5, 3, 5, 3, 1)) == 3
    assert mostcommon(((9, 0), (7, 0), (8, 0), (3, 0))) == (3, 0)  # pairs ascend
    assert mostcommon((8, 0)) == 8  # 8 and 0 want the same slot: here the first met has it
    assert mostcommon((0, 8)) == 0
    for bad in ((), frozenset(), frozenset({1, 2})):
        with pytest.raises(AnyError):
            mostcommon(bad)


def test_leastcommon():
    """The least frequent item of a tuple; ties as for mostcommon."""
    assert leastcommon((1, 1, 2)) == 2
    assert leastcommon((2, 1)) == 1
    assert leastcommon((7, 4, 4, 2)) == 2  # 7 and 2 occur once, the set has 2 first
    assert leastcommon((6,)) == 6
    assert leastcommon(((9, 0), (7, 0), (8, 0), (3, 0), (3, 0))) == (7, 0)
    assert leastcommon((8, 0)) == 8
    assert leastcommon((0, 8)) == 0
    for bad in ((), frozenset(), frozenset({1, 2})):
        with pytest.raises(AnyError):
            leastcommon(bad)


def test_initset():
    """A frozenset whose one member is the value, whatever it is."""
    assert initset(3) == frozenset({3})
    assert initset((1, 2)) == frozenset({(1, 2)})
    assert initset(frozenset()) == frozenset({frozenset()})
    assert initset(identity) == frozenset({identity})


def test_sfilter():
    """What satisfies the condition, in the same type and order; an object shows its cells, a grid its rows."""
    assert sfilter((4, 1, 2, 4), even) == (4, 2, 4)
    assert sfilter(frozenset({1, 2, 3}), even) == frozenset({2})
    assert sfilter((0, 1, (), (0,)), identity) == (1, (0,))  # truthy is enough
    obj = frozenset({(1, (0, 0)), (2, (0, 1))})
    assert sfilter(obj, lambda cell: cell[0] == 2) == frozenset({(2, (0, 1))})
    assert sfilter(GRID, lambda row: row[0] == 4) == ((4, 5, 6),)
    assert sfilter(frozenset({1}), even) == frozenset()


def test_mfilter():
    """sfilter, then merge: a tuple comes out as a tuple."""
    sets = frozenset({frozenset({1}), frozenset({2, 3}), frozenset({3, 4})})
    assert mfilter(sets, has_two) == frozenset({2, 3, 4})
    assert mfilter(((1, 2), (3,), (1, 2)), has_two) == (1, 2, 1, 2)
    assert mfilter(((3,),), has_two) == ()
    assert mfilter(frozenset(), has_two) == frozenset()


def test_extract():
    """The first visited item that fits; none raises, also inside a mapped function."""
    assert extract((1, 4, 2), even) == 4
    assert extract(frozenset({1, 2, 3}), even) == 2
    assert extract(frozenset((i, i % 3) for i in range(-9, 10)), lambda place: place[1] == 0) == (-9, 0)
    for nothing_fits in ((1, 3), (), frozenset()):
        with pytest.raises(AnyError):
            extract(nothing_fits, even)
    with pytest.raises(AnyError):
        apply(lambda c: extract(c, even), ((2,), (1,), (4,)))


def test_totuple():
    """The items as a tuple in visiting order: ascending for anything but ints, so cells by colour, row, column."""
    assert totuple(frozenset({3})) == (3,)
    assert totuple(frozenset({3, 1, 2})) == (1, 2, 3)
    assert totuple(frozenset()) == ()
    assert totuple(frozenset({(5, -2), (0, 1), (-1, 9), (0, -3)})) == ((-1, 9), (0, -3), (0, 1), (5, -2))
    assert totuple(frozenset({(2, (0, 0)), (1, (3, 3)), (1, (0, 5))})) == ((1, (0, 5)), (1, (3, 3)), (2, (0, 0)))
    # sets by their ascending members: () before ((0, 0), (0, 1)) before ((0, 0), (9, 9)) before ((0, 2),)
    a, b, c = frozenset({(0, 1), (0, 0)}), frozenset({(9, 9), (0, 0)}), frozenset({(0, 2)})
    assert totuple(frozenset({c, b, frozenset(), a})) == (frozenset(), a, b, c)
    assert totuple(frozenset({c, b})) == (b, c)
    assert totuple(frozenset({c, b, a})) == (a, b, c)


def test_first():
    """The first visited item, the row of a pair, the colour of a cell; empty raises, also inside a mapping."""
    assert first((3, 1, 2)) == 3
    assert first((5, (0, 1))) == 5
    assert first(frozenset({3, 1, 2})) == 1
    assert first(frozenset({(4, 4)})) == (4, 4)
    assert first(frozenset({(3, 1), (0, 5), (0, 4)})) == (0, 4)
    for empty in ((), frozenset()):
        with pytest.raises(AnyError):
            first(empty)
    with pytest.raises(AnyError):
        apply(first, ((1,), (), (2,)))  # must not be cut short to (1,)


def test_last():
    """The last visited item, the column of a pair, the place of a cell; empty raises."""
    assert last((3, 1, 2)) == 2
    assert last((5, (0, 1))) == (0, 1)
    assert last(frozenset({3, 1, 2})) == 3
    assert last(frozenset({(4, 4)})) == (4, 4)
    assert last(frozenset({(3, 1), (0, 5), (3, 2)})) == (3, 2)
    for empty in ((), frozenset()):
        with pytest.raises(AnyError):
            last(empty)


def test_insert():
    """The value comes first and joins a set; a tuple raises."""
    assert insert(3, frozenset({1})) == frozenset({1, 3})
    assert insert(1, frozenset({1})) == frozenset({1})
    assert insert((0, 0), frozenset()) == frozenset({(0, 0)})
    with pytest.raises(AnyError):
        insert(3, (1,))


def test_remove():
    """The value comes first; all items equal to it go, and it need not occur."""
    assert remove(2, (1, 2, 3, 2)) == (1, 3)
    assert remove(2, frozenset({1, 2})) == frozenset({1})
    assert remove(9, (1, 1)) == (1, 1)
    assert remove(1, (True, 2)) == (2,)
    assert remove((1, 2, 3), GRID) == ((4, 5, 6),)
    assert remove(1, ()) == ()


def test_other():
    """The first visited item that is not the value; nothing left raises."""
    assert other(frozenset({1, 2}), 1) == 2
    assert other(frozenset({1, 2}), 2) == 1
    assert other((1, 1, 3, 2), 1) == 3
    assert other((4, 5), 9) == 4
    assert other(frozenset({(2, 0), (0, 1), (1, 0)}), (0, 1)) == (1, 0)
    for nothing_left in ((1, 1), (), frozenset({1}), frozenset()):
        with pytest.raises(AnyError):
            other(nothing_left, 1)


def test_interval():
    """Start included, stop excluded, as a tuple; negative steps count down; step 0 raises."""
    assert interval(0, 5, 2) == (0, 2, 4)
    assert interval(5, 0, -2) == (5, 3, 1)
    assert interval(-1, 2, 1) == (-1, 0, 1)
    assert interval(3, 3, 1) == ()
    assert interval(0, 5, -1) == ()
    with pytest.raises(AnyError):
        interval(0, 5, 0)


def test_astuple():
    """The pair of any two values."""
    assert astuple(1, 2) == (1, 2)
    assert astuple((1, 2), frozenset()) == ((1, 2), frozenset())


def test_product():
    """Every member with every member, always a frozenset."""
    assert product(frozenset({1, 2}), frozenset({3, 4})) == frozenset({(1, 3), (1, 4), (2, 3), (2, 4)})
    assert product((1, 1), (2, 2)) == frozenset({(1, 2)})
    assert product((5,), frozenset({5})) == frozenset({(5, 5)})
    assert product((1, 2), ()) == frozenset()


def test_pair():
    """Pairs by position; the surplus of the longer one is dropped."""
    assert pair((1, 2), (3, 4)) == ((1, 3), (2, 4))
    assert pair((1, 2, 3), (4, 5)) == ((1, 4), (2, 5))
    assert pair((1,), (4, 5)) == ((1, 4),)
    assert pair((), (1, 2)) == ()


def test_sizefilter():
    """The items with so many members, always as a frozenset."""
    sets = frozenset({frozenset(), frozenset({1}), frozenset({2}), frozenset({3, 4})})
    assert sizefilter(sets, 1) == frozenset({frozenset({1}), frozenset({2})})
    assert sizefilter(sets, 0) == frozenset({frozenset()})
    assert sizefilter(sets, 3) == frozenset()
    assert sizefilter(((1,), (2, 3), (1,)), 1) == frozenset({(1,)})
