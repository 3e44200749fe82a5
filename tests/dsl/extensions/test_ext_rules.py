"""Rules over looks: what they paint, and that every look can be taken of every grid."""

import numpy as np
import pytest

from arc_submit.dsl.extensions.looks import COLOUR, LOOKS, NONE, YES, Sight
from arc_submit.dsl.extensions.looks.base import components, shifted
from arc_submit.dsl.extensions.looks.overview import NUMBERS, ORDERS, PLACES, RANKS, WHOLE, Overview
from arc_submit.dsl.extensions.rules import (
    judged,
    overlaid,
    panels,
    repainted,
    repainted_again,
    summarised,
    upscaled_and_tiled,
)


def drawn(text):
    return tuple(tuple(int(c) for c in row) for row in text.split())


def look(text, name):
    return Sight(np.array(drawn(text))).look(name).tolist()


GRIDS = {
    "one cell": np.zeros((1, 1), int),
    "one colour": np.full((30, 30), 3),
    "one row": np.arange(30)[None] % 10,
    "all colours": np.arange(900).reshape(30, 30) % 10,
    "checks": np.indices((30, 30)).sum(0) % 2,
    "lines": np.where((np.indices((17, 17)) % 6 == 5).any(0), 8, 0),
    "nothing but lines": np.full((2, 1), 8),
    "random": np.random.default_rng(0).integers(0, 10, (13, 7)),
}


@pytest.mark.parametrize("ground", [None, 0, 1, 8])
@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_every_look_of_every_grid(grid, ground):
    """They have the grid's shape, and a colour is a colour, whatever the background."""
    sight = Sight(grid, ground)
    for name, described in LOOKS.items():
        found = sight.look(name)
        assert found.shape == grid.shape and found.dtype == np.int16, name
        if described.kind in (COLOUR, YES):
            assert found.min() >= 0 and found.max() <= (NONE if described.kind == COLOUR else 1), name


def test_as_many_bodies_as_can_be():
    """One for each cell of the largest grid."""
    sight = Sight(np.indices((60, 60)).sum(0) % 2 + 1, 0)
    assert (sight.look("part size") == 1).all() and (sight.look("part count of its colour") == 1800).all()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("enclosed", "00000 00000 01000 00000"),
        ("filled beside", "11100 22210 24210 22210"),
        ("object holes", "00000 11100 10100 11100"),
        ("box of 2", "00000 11100 12100 11100"),
        ("row", "00000 11111 22222 33333"),
        ("2 in row", "00000 33333 22222 33333"),
        ("image left right", "00000 00222 00202 00222"),
        ("commonest", "22222 22222 22222 22222"),
    ],
)
def test_looks(name, expected):
    grid = "00000 22200 20200 22200"
    assert look(grid, name) == [list(row) for row in drawn(expected)]


def test_shifted_and_components():
    a = np.array(drawn("120 020 003"))
    assert shifted(a, 0, 1).tolist() == [[2, 0, 10], [2, 0, 10], [0, 3, 10]]
    assert shifted(a, 5, 0).tolist() == [[10] * 3] * 3
    assert components(a, a > 0, False, False)[0].tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 2]]
    assert components(a, a > 0, True, False)[1] == 1
    assert components(a, a > 0, True, True)[1] == 3


def test_repainted():
    """The first rule that holds decides; a look may be the colour; without a rule a cell keeps its own."""
    ring = drawn("00000 03330 03030 03330 00000")
    assert repainted(ring, (((("enclosed", "==", 1),), 4),)) == drawn("00000 03330 03430 03330 00000")
    assert repainted(ring, (((("colour", "==", 3),), 5), ((), 1))) == drawn("11111 15551 15151 15551 11111")
    first_row = ((("row", "<", 2), ("column", ">", 0)), "down")
    assert repainted(ring, (first_row,)) == drawn("03330 03030 03030 03330 00000")
    assert repainted(ring, ()) == ring
    assert repainted(ring, (((("up", "!=", "colour"),), "up"),)) == drawn("00000 00000 03330 03030 03330")
    with pytest.raises(KeyError):
        repainted(ring, (((("no such look", "==", 1),), 4),))


def test_repainted_again():
    assert repainted_again(drawn("2000 0000"), (((("left", "==", 2),), 2),)) == drawn("2222 0000")
    assert repainted_again(drawn("0120"), (((), "right"),)) == drawn("0000")


def test_overlaid():
    """Looks of the second grid carry its place; two looks tell of all grids."""
    both = (drawn("100 010"), drawn("110 002"))
    assert overlaid(both, (((("colour", "==", 1), ("second colour", "==", 1)), 7), ((), 0))) == drawn("700 000")
    assert overlaid(both, (((("filled grids", "==", 2),), 3), ((), "first filled"))) == drawn("310 012")


def test_panels():
    assert panels(drawn("1250 3456"), 1, 2) == (drawn("12 34"), drawn("50 56"))
    assert panels(drawn("12945 34967"), 1, 2) == (drawn("12 34"), drawn("45 67"))
    assert panels(drawn("191 999 292"), 2, 2) == (((1,),), ((1,),), ((2,),), ((2,),))
    with pytest.raises(ValueError):
        panels(drawn("1234 1234"), 1, 3)
    with pytest.raises(ValueError):
        panels(drawn("12"), 1, 3)


def test_upscaled_and_tiled():
    assert upscaled_and_tiled(drawn("12"), 2, 2) == (drawn("1122 1122"), drawn("1212 1212"))


def test_small_grids_of_a_large_one():
    """A cell for each panel, or all cells for the whole."""
    four = panels(drawn("1102 1000 0033 0033"), 2, 2)
    assert judged(four, 2, 2, (((("filled cells", ">", 2),), "commonest"), ((), 0))) == drawn("10 03")
    assert judged(four, 2, 2, (((("rank by filled cells", "==", 0),), 5), ((), 0))) == drawn("00 05")
    count = (((("place", "<", "number of objects"),), 4), ((), 0))
    assert summarised(drawn("10100 00001"), 2, 2, count) == drawn("44 40")
    with pytest.raises(ValueError):
        judged(four, 3, 3, ())


def test_every_look_of_an_overview():
    for small in (Overview([Sight(GRIDS["lines"])], 2, 3), Overview([Sight(g) for g in GRIDS.values()][:6], 2, 3)):
        for name in (*WHOLE, *NUMBERS, *PLACES, *ORDERS, *RANKS):
            assert small.look(name).shape == (2, 3)
