"""What things do where they are, one example per act, and regions by example."""

import pytest

from arc_submit.dsl.extensions.things import things
from arc_submit.dsl.extensions.things_acts import ACTS, acted_things
from arc_submit.dsl.extensions.things_regions import REGIONS

ALL = ()


def drawn(text):
    return tuple(tuple(int(c) for c in row) for row in text.split())


def after(text, act, selector=ALL):
    return "\n".join(
        "".join(map(str, row)) for row in acted_things(things(drawn(text), True, True, 0), ((selector, act),))
    )


def same(found, text):
    return found.split() == text.split()


@pytest.mark.parametrize(
    ("before", "act", "wanted"),
    [
        ("111 101 111", ("paint", "holes", 4), "111 141 111"),
        ("010", ("paint", "halo", 2), "212"),
        ("1001 0000", ("paint", "links", 3), "1331 0000"),
        ("100 002 000", ("remove",), "000 000 000"),
        ("100 000", ("shift", 1, 2), "000 001"),
        ("1100 0000", ("stride", 0, 1), "0011 0000"),
        ("100 000", ("cross", "lr"), "001 000"),
        ("10 00 02", ("slide", "down"), "00 00 12"),
        ("10 00 00", ("hop", "down"), "00 00 10"),
        ("10 11 00", ("turn", "lr"), "01 11 00"),
        ("100 110 000", ("mend", "lr"), "110 110 000"),
        ("1000 0000", ("copy", 1, 1), "1000 0100"),
        ("1100", ("reflect", "right"), "1111"),
        ("10000", ("repeat", "right", 1), "10101"),
        ("000 010 000", ("stamp", ((-1, -1, 5), (0, 1, 6), (9, 9, 3))), "500 016 000"),
        ("0700", ("stamp", ((0, 1, "colour"), (0, 2, 2))), "0772"),
        ("10 00", ("dyed", 5, ("shift", 1, 0)), "00 50"),
        ("010 000", ("both", ("paint", "cross", 2), ("paint", "cells", 3)), "232 020"),
    ],
)
def test_one_act(before, act, wanted):
    assert same(after(before, act), wanted)


def test_towards_another():
    assert same(after("10002", ("approach", 2), (("colour", 1),)), "00012")
    assert same(after("1000 0000 0002", ("approach", 2), (("colour", 1),)), "0000 0010 0002")
    assert same(after("100 000 002", ("step", 2, 1), (("colour", 1),)), "000 010 002")
    assert same(after("100 000 002", ("level", "bottom", 2), (("colour", 1),)), "000 000 102")


def test_like_another():
    assert same(after("22000 20030 00000", ("wear", ("most_size", 0)), (("colour", 3),)), "22330 20300 00000")
    assert same(after("22000 20020 00000", ("become", ("most_size", 0)), (("dot", 1),)), "22220 20200 00000")


def test_things_that_slide_stop_at_each_other():
    assert same(after("1 2 0 0", ("slide", "down")), "0 0 1 2")


def test_the_first_rule_that_fits():
    seen = things(drawn("101"), True, True, 0)
    rules = (((("at_left", 1),), ("paint", "cells", 5)), ((), ("paint", "cells", "colour")))
    assert acted_things(seen, rules) == ((5, 0, 1),)


def test_what_goes_beyond_the_grid_is_lost():
    assert same(after("01", ("shift", 0, 1)), "00")


@pytest.mark.parametrize("name", REGIONS)
def test_every_region_lies_on_the_grid(name):
    seen = things(drawn("1000 0220 0020 3000"), True, True, 0)
    for one in seen.members:
        assert all(0 <= i < 4 and 0 <= j < 4 for i, j in REGIONS[name](seen, one))


@pytest.mark.parametrize(
    ("name", "parity"),
    [
        ("even cells", lambda i, j: (i + j) % 2 == 0),
        ("odd cells", lambda i, j: (i + j) % 2 == 1),
        ("odd rows", lambda i, j: i % 2 == 1),
        ("odd columns", lambda i, j: j % 2 == 1),
    ],
)
def test_even_and_odd_count_from_zero(name, parity):
    """Within the thing, not on the grid."""
    (one,) = things(drawn("0000 0111 0111 0111"), True, True, 0).members
    places = {(i - 1, j - 1) for i, j in REGIONS[name](None, one)}
    assert places == {(i, j) for i in range(3) for j in range(3) if parity(i, j)}


def test_every_act_is_known():
    assert {"shift", "slide", "turn", "become"} <= set(ACTS)
