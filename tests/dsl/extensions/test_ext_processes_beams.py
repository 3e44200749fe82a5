"""Lines that run from cells: straight, stopped, thrown back, with corners."""

from drawn import drawn

from arc_submit.dsl.constants import DOWN, LEFT, RIGHT, UNITY, UP, F, T
from arc_submit.dsl.extensions.processes import (
    beam,
    beam_away,
    beam_free,
    beam_near,
    beam_over,
    beam_tips,
    beam_to,
    beam_under,
    bounced,
    cornered,
    elbowed,
    joined_over,
    joined_under,
    striped,
    winding,
)
from arc_submit.dsl.types import Grid

SIDEWAYS = (0, 1, 0, -1)


def g(rows: str) -> Grid:
    return drawn(rows)[0]


def test_a_beam_stops_before_what_is_in_its_way():
    assert beam(g("2...5. ......"), 2, RIGHT, 3) == g("23335. ......")
    assert beam(g("..2... ......"), 2, SIDEWAYS, 2) == g("222222 ......")
    assert beam(g("2.1 ..."), -1, DOWN, -1) == g("2.1 2.1")
    assert beam(g("2.1 ..."), -2, DOWN, -1) == g("2.1 2..")  # every colour but 0 and 1
    assert beam(g("2.1 ..."), 4, DOWN, 4) == g("2.1 ...")


def test_a_beam_that_must_reach_something():
    seen = g("2..5 2...")
    assert beam_to(seen, 2, 5, RIGHT, 2) == g("2225 2...")
    assert beam_free(seen, 2, RIGHT, 2) == g("2..5 2222")
    assert beam_to(g("2..2 2..3"), -1, -1, RIGHT, -1) == g("2222 2..3")


def test_a_beam_that_does_not_stop():
    assert beam_under(g("2.5."), 2, RIGHT, 2) == g("2252")
    assert beam_over(g("2.52"), 2, RIGHT, 3) == g("2332")
    assert joined_under(g("2.5.2."), 2, RIGHT, 3) == g("23532.")
    assert joined_over(g("2.5.2."), 2, RIGHT, 3) == g("23332.")


def test_where_a_beam_runs_may_depend_on_what_is_around():
    assert beam_away(g("..... .52.. ....."), 2, 2) == g("..... .5222 .....")
    assert beam_near(g(".... .2.. .... ...."), 2, 3) == g(".3.. .2.. .... ....")


def test_a_line_goes_on_from_its_tip():
    assert beam_tips(g("..... ..... ..1.. 11... 11..."), 1, 1) == g("....1 ...1. ..1.. 11... 11...")
    assert beam_tips(g("11..."), 1, 3) == g("11333")
    assert beam_tips(g("1...."), 1, 3) == g("1....")


def test_colours_of_a_line_may_alternate():
    assert striped(g("2....."), 2, RIGHT, (5, -1)) == g("252525")
    assert striped(g("2....."), 2, RIGHT, (0, 4)) == g("2.4.4.")


def test_lines_with_corners():
    assert bounced(g("... ... ... 1.."), 1, (-1, 1), T, 1) == g(".1. ..1 .1. 1..")
    assert bounced(g(".... 1... ...."), 1, UNITY, F, 1) == g("...1 1.1. .1..")
    assert winding(g("1...5 ..... ....."), 1, RIGHT, T, 2) == g("12225 ...2. ...2.")
    assert cornered(g("1.. ..."), 1, RIGHT, DOWN, 2) == g("122 ..2")
    assert elbowed(g("1... .... ...4"), 1, 4, F, 2) == g("1222 ...2 ...4")
    assert elbowed(g("1... .... ...4"), 1, 4, T, 2) == g("1... 2... 2224")


def test_a_way_of_no_length_ends():
    for function in (beam, beam_free, beam_under, beam_over, joined_under, joined_over):
        assert function(g("2."), 2, (0, 0), 3) == g("2.")
    assert cornered(g("2."), 2, LEFT, UP, 3) == g("2.")
