"""Floods, falling, growth: small processes on a grid, run to their end."""

import pytest
from drawn import drawn

from arc_submit.dsl.constants import DOWN, ORIGIN, RIGHT, F, T
from arc_submit.dsl.extensions.processes import (
    bars_sorted,
    boxed,
    closed_in,
    drawn_to,
    fallen,
    fallen_things,
    filled_regions,
    framed,
    holes_painted,
    main_colour,
    moved_by,
    rare_colour,
    repeated,
    rewritten,
    ringed,
    rippled,
    spread,
    stamped,
    touched,
)
from arc_submit.dsl.types import Grid


def g(rows: str) -> Grid:
    return drawn(rows)[0]


RING = g("333. 3.3. 333.")


def test_spreading():
    assert spread(g("2.1 ..1 11."), 2, 0, 4, F) == g("241 441 11.")
    assert spread(g("2.1 ..1 11."), 2, 0, 4, T) == g("241 441 114")
    assert spread(g("2.1 ..1 11."), 2, 1, 5, T) == g("2.1 ..1 11.")
    assert spread(g("25. 55."), 2, 5, -1, F) == g("22. 22.")


def test_spreading_through_several_colours():
    """-1 is every colour but 0, -3 every colour but 0 and 2; nothing is beyond the edge."""
    assert spread(g("2.1 531 ..."), 2, -1, 4, F) == g("2.4 444 ...")
    assert spread(g("2.1 531 ..."), 2, -1, -1, F) == g("2.2 222 ...")
    assert spread(g("123. 2..2"), 1, -3, 4, T) == g("123. 2..2")
    assert spread(g("1321 5..2"), 1, -3, 4, F) == g("1421 4..2")
    assert spread(g("2"), 2, -1, 4, T) == g("2")


def test_holes():
    assert holes_painted(RING, 7, F) == g("333. 373. 333.")
    assert holes_painted(RING, -1, F) == g("333. 333. 333.")
    assert holes_painted(g("33. 3.3 333"), 7, T) == g("33. 3.3 333")


def test_regions_by_a_trait():
    """0 cells, 1 height, 2 width, 3 square, 4 rectangle, 5 at the edge, 6 and 7 ranks, 8 odd, 9 holes, 10 around."""
    seen = g("55.5 55.5 ...5")
    left, right = g("11.5 11.5 ...5"), g("55.1 55.1 ...1")
    for trait, of_left, of_right in ((0, 4, 3), (1, 2, 3), (2, 2, 1), (3, 1, 0), (6, 0, 1), (7, 1, 0), (8, 0, 1)):
        assert filled_regions(seen, 5, trait, of_left, 1) == left
        assert filled_regions(seen, 5, trait, of_right, 1) == right
    assert filled_regions(seen, 5, 4, 1, 1) == filled_regions(seen, 5, 5, 1, 1) == g("11.1 11.1 ...1")
    assert filled_regions(RING, 3, 9, 1, 2) == g("222. 2.2. 222.")
    assert filled_regions(RING, 0, 5, 0, 2) == g("333. 323. 333.")
    assert filled_regions(g("333. 3.3. 3334"), 0, 10, 3, 2) == g("3332 3232 3334")


def test_closed_in():
    assert closed_in(g(".2. 2.2 .2."), 2, 4) == g(".2. 242 .2.")


def test_falling():
    assert fallen(g("1.2 1.. ..."), 1, DOWN) == g("..2 1.. 1..")
    assert fallen(g("1.2 1.. ..."), -1, DOWN) == g("... 1.. 1.2")
    assert fallen(g("12."), -1, RIGHT) == g(".12")
    assert fallen_things(g("11. 1.. ... ..5"), 1, DOWN, F) == g("... ... 11. 1.5")
    assert fallen_things(g("12 .. .."), 2, DOWN, T) == g(".. .. 12")
    assert fallen(g("1.2"), 1, ORIGIN) == fallen_things(g("1.2"), 1, ORIGIN, F) == g("1.2")


def test_attraction():
    assert drawn_to(g("1..2 .... 1..."), 1, 2, F) == g("..12 .... 1...")
    assert drawn_to(g("1..2 .... 1..."), 1, 2, T) == g("..12 .... ....")
    assert drawn_to(g("1..1. ...1. ...1."), -1, -1, T) == g("..11. ...1. ...1.")


def test_moving_and_sorting():
    assert moved_by(g("1.2"), 1, (0, 1), F) == g(".12")
    assert moved_by(g("1.2"), -1, (0, 1), F) == g(".1.")
    assert moved_by(g("1.2"), -1, (0, 1), T) == g("21.")
    assert bars_sorted(g("11. 111 1.."), F, T) == g("111 11. 1..")
    assert bars_sorted(g("..1 1.1"), T, F) == g("..1 .11")


def test_stamps():
    assert stamped(g("... .2. ..."), 2, (-1, 0, 0, 1), (5, -1), F) == g(".5. .22 ...")
    assert stamped(g("24"), 2, (0, 1), (5,), F) == g("24")
    assert stamped(g("24"), 2, (0, 1), (5,), T) == g("25")
    assert stamped(g("2."), 2, (0, -1), (5,), T) == g("2.")  # clipped


def test_pictures_for_pictures():
    assert rewritten(g("1.1.1"), (1, 2), (1, 0), (-1, 3)) == g("13131")
    assert rewritten(g("1.2."), (1, 2), (-1, 0), (4, -1)) == g("4.4.")
    assert rewritten(g("1."), (3, 3), (0,) * 9, (1,) * 9) == g("1.")


def test_what_is_drawn_around():
    assert ringed(g("... .2. ..."), 2, 3, F) == g(".3. 323 .3.")
    assert ringed(g("... .2. ..."), -1, -1, T) == g("222 222 222")
    assert boxed(g("2... .2.2"), 2, 5, F) == g("25.. 52.2")
    assert boxed(g("2... .2.2"), 2, 5, T) == g("2555 5252")
    assert framed(g(".... .2.. ...."), 2, 5, 1, F) == g("555. 525. 555.")
    assert framed(g("2.2 ... 2.2"), 2, -1, 0, T) == g("222 2.2 222")


def test_rings_to_the_edge():
    assert rippled(g("2...."), 2, (0, 3), T) == g("2.3.3")
    assert rippled(g("... .2. ..."), 2, (3,), F) == g("333 323 333")
    assert rippled(g("2.5. 2.5."), 2, (-1,), F) == g("225. 225.")


def test_objects_again_and_again():
    assert repeated(g("12......"), -1, RIGHT, 0, -1) == g("12121212")
    assert repeated(g("12......"), -1, RIGHT, 1, -1) == g("12.12.12")
    assert repeated(g("2...5."), 2, RIGHT, 1, 3) == g("2.3.5.")
    assert repeated(g("2."), 2, ORIGIN, 0, 3) == g("2.")


def test_cells_that_touch():
    assert touched(g("1.5 15. 1.5"), 5, 1, 3, F) == g("1.5 13. 1.5")
    assert touched(g("1.. .55"), 5, 1, 3, T) == g("1.. .35")


def test_colours_by_what_they_are():
    assert main_colour(g("..1 122")) == 1
    assert rare_colour(g("..1 123")) == 3
    with pytest.raises(ValueError, match="no colour"):
        main_colour(g("..."))
