"""Views: every member undoes itself, agrees with the DSL, and wraps programs of every dialect."""

import random
from dataclasses import replace

import numpy as np
import pytest
from helpers import G, any_view, grids, make_task, tasks
from hypothesis import example, given, settings
from hypothesis import strategies as st

from arc_submit import dsl, views
from arc_submit.programs import from_source
from arc_submit.records import Dialect, Grid, Pair, Program, View

quickly = settings(deadline=None, max_examples=150)
SWAPPED = (0, 2, 1, 3, 4, 5, 6, 7, 8, 9)
SPUN = (*range(1, 10), 0)
WIDE = G("123/456")

# Grids and keys. -----------------------------------------------------------------------------------------------------


@quickly
@given(any_view(), grids())
def test_undo_after_apply_is_identity(view, grid):
    assert views.apply(views.inverse(view), views.apply(view, grid)) == grid


@quickly
@given(any_view(), grids())
def test_apply_after_undo_is_identity(view, grid):
    assert views.apply(view, views.apply(views.inverse(view), grid)) == grid


@pytest.mark.parametrize("symmetry", views.SYMMETRIES)
def test_every_symmetry_undoes_itself_on_a_grid_without_symmetry(symmetry):
    view = View(symmetry, SPUN)
    assert views.apply(views.inverse(view), views.apply(view, WIDE)) == WIDE


@quickly
@given(any_view())
def test_inverse_of_the_inverse_is_the_view_without_its_order(view):
    assert views.inverse(views.inverse(view)) == View(view.symmetry, view.colours)


@pytest.mark.parametrize("symmetry", views.SYMMETRIES)
@settings(deadline=None, max_examples=25)
@given(grid=grids())
def test_a_symmetry_is_the_dsl_primitive_of_its_name(symmetry, grid):
    assert views.apply(View(symmetry), grid) == getattr(dsl, symmetry)(grid)


def test_the_eight_symmetries_differ():
    assert len({views.apply(View(symmetry), WIDE) for symmetry in views.SYMMETRIES}) == 8


@pytest.mark.parametrize(
    ("symmetry", "seen"),
    [
        ("rot90", "41/52/63"),
        ("rot180", "654/321"),
        ("rot270", "36/25/14"),
        ("hmirror", "456/123"),
        ("vmirror", "321/654"),
        ("dmirror", "14/25/36"),
        ("cmirror", "63/52/41"),
    ],
)
def test_a_symmetry_worked_out_by_hand(symmetry, seen):
    assert views.apply(View(symmetry), WIDE) == G(seen)


def test_colours_c_becomes_colours_of_c():
    assert views.apply(View(colours=(5, 0, 1, 2, 3, 4, 6, 7, 8, 9)), G("01/59")) == G("50/49")


@quickly
@given(any_view())
def test_a_key_reads_back(view):
    assert views.parse(views.key(view)) == view


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rot90",
        "rot45|0123456789|",
        "rot90|012345678|",
        "rot90|0123456788|",
        "rot90|01234567890|",
        "rot90|012345678x|",
        "rot90|0123456789",
        "rot90|0123456789|a",
        "rot90|0123456789|0.0",
        "rot90|0123456789|0.2",
        "rot90|0123456789|0|1",
    ],
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(ValueError):
        views.parse(text)


# Tasks. --------------------------------------------------------------------------------------------------------------


def test_a_task_is_seen_in_the_views_order():
    task = make_task(("1", "2"), ("3", "4"), ("5", "6"))
    seen = views.apply_task(View(order=(2, 0, 1)), task)
    assert [pair.input for pair in seen.train] == [G("5"), G("1"), G("3")]
    assert seen.id == task.id


def test_without_an_order_the_pairs_come_as_they_are():
    task = make_task(("12", "21"), ("3", "4"))
    seen = views.apply_task(View("vmirror"), task)
    assert seen.train == (Pair(G("21"), G("12")), Pair(G("3"), G("4")))
    assert seen.test == (G("43/21"),)


@quickly
@given(st.data(), tasks())
def test_every_grid_of_a_task_is_seen_in_the_view(data, task):
    view = data.draw(any_view(len(task.train)))
    seen = views.apply_task(view, task)
    order = view.order or tuple(range(len(task.train)))
    assert [seen.train[place] for place in range(len(order))] == [
        Pair(views.apply(view, task.train[index].input), views.apply(view, task.train[index].output)) for index in order
    ]
    assert seen.test == tuple(views.apply(view, grid) for grid in task.test)


@quickly
@given(st.integers(0, 10**6), st.integers(1, 6), st.frozensets(st.integers(0, 9)))
def test_a_drawn_view_is_a_view_and_keeps_what_it_should(seed, pairs, keep):
    view = views.draw(random.Random(seed), pairs, keep=keep)
    assert views.parse(views.key(view)) == view
    assert sorted(view.order) == list(range(pairs))
    assert all(view.colours[colour] == colour for colour in keep)


def test_draws_follow_the_seed_and_reach_every_symmetry():
    drawn = [views.draw(random.Random(seed), 3) for seed in range(200)]
    assert drawn == [views.draw(random.Random(seed), 3) for seed in range(200)]
    assert {view.symmetry for view in drawn} == set(views.SYMMETRIES)


# Programs. -----------------------------------------------------------------------------------------------------------

# Each shifts rows down, paints the upper left corner 7 and appends a column of 3s: nothing commutes with that.
SOURCES = {
    Dialect.TRANSFORM: """
import numpy as np

def transform(grid):
    moved = np.roll(grid, 1, axis=0)
    moved[0, 0] = 7
    return np.hstack([moved, np.full((len(moved), 1), 3)])
""",
    Dialect.SOLVE: """
def solve_1234(I):
    moved = I[-1:] + I[:-1]
    moved = ((7,) + moved[0][1:],) + moved[1:]
    return tuple(row + (3,) for row in moved)
""",
    Dialect.MAIN: """
def main(input_grid):
    moved = input_grid[-1:] + input_grid[:-1]
    moved[0][0] = 7
    return [row + [3] for row in moved]
""",
}
FORMS = {Dialect.TRANSFORM: np.array, Dialect.SOLVE: tuple, Dialect.MAIN: lambda grid: [list(row) for row in grid]}


def call(program: Program, grid: Grid) -> Grid:
    """The program's answer on one grid. Only for the trusted programs of this file."""
    names: dict = {}
    exec(program.source, names)
    answer = names[program.entry](FORMS[program.dialect](grid))
    if program.dialect is Dialect.TRANSFORM:
        assert isinstance(answer, np.ndarray)
        assert answer.ndim == 2
        answer = answer.tolist()
    elif program.dialect is Dialect.SOLVE:
        assert isinstance(answer, tuple)
        assert all(isinstance(row, tuple) for row in answer)
    assert all(type(cell) is int for row in answer for cell in row)
    return tuple(map(tuple, answer))


def by_hand(program: Program, view: View, grid: Grid) -> Grid:
    """Into the view, run, and back out, without `wrap`."""
    return views.apply(views.inverse(view), call(program, views.apply(view, grid)))


@pytest.mark.parametrize("symmetry", views.SYMMETRIES)
@pytest.mark.parametrize("dialect", Dialect)
@settings(deadline=None, max_examples=10)
@given(colours=st.permutations(range(10)).map(tuple), grid=grids())
@example(colours=tuple(range(10)), grid=WIDE)
@example(colours=SPUN, grid=WIDE)
def test_a_wrapped_program_is_the_program_between_apply_and_undo(dialect, symmetry, colours, grid):
    program, view = from_source(SOURCES[dialect], "test"), View(symmetry, colours)
    wrapped = views.wrap(program, view)
    assert call(wrapped, grid) == by_hand(program, view, grid)


@pytest.mark.parametrize("dialect", Dialect)
@settings(deadline=None, max_examples=25)
@given(inner=any_view(), outer=any_view(), grid=grids())
def test_a_program_wrapped_twice_goes_through_both_views(dialect, inner, outer, grid):
    program = from_source(SOURCES[dialect], "test")
    once = views.wrap(program, inner)
    assert call(views.wrap(once, outer), grid) == by_hand(once, outer, grid)


def test_a_program_that_calls_itself_means_itself():
    # Keeps the first row of what it is given, by recursion: seen upside down, that is the last row.
    source = "def solve(I):\n    return I if len(I) == 1 else solve(I[:-1])\n"
    wrapped = views.wrap(from_source(source, "test"), View("hmirror"))
    assert call(wrapped, G("11/22/33")) == G("33")
    assert call(views.wrap(wrapped, View("vmirror", SWAPPED)), G("45/12")) == G("12")


@pytest.mark.parametrize("symmetry", ["hmirror", "rot90"])
def test_a_wrapped_program_can_be_called_again(symmetry):
    program, view = from_source(SOURCES[Dialect.SOLVE], "test"), View(symmetry, SPUN)
    wrapped = views.wrap(views.wrap(program, view), view)
    names: dict = {}
    exec(wrapped.source, names)
    assert names[wrapped.entry](WIDE) == names[wrapped.entry](WIDE) == call(wrapped, WIDE)


def test_a_program_that_fails_leaves_its_wrapper_in_place():
    source = "def solve(I):\n    return ((I[0][0] // I[0][1],),)\n"
    wrapped = views.wrap(from_source(source, "test"), View("vmirror"))
    names: dict = {}
    exec(wrapped.source, names)
    with pytest.raises(ZeroDivisionError):
        names["solve"](G("05"))
    assert names["solve"](G("28")) == G("4")


def test_an_entry_that_is_an_assignment_can_be_wrapped():
    wrapped = views.wrap(from_source("solve = lambda I: I[:1]\n", "test"), View("hmirror"))
    assert call(wrapped, G("11/22/33")) == G("33")


def test_a_wrapped_program_keeps_its_dialect_entry_and_origin():
    program = from_source(SOURCES[Dialect.SOLVE], "test", ("parent",))
    wrapped = views.wrap(program, View("rot90", order=(1, 0)))
    assert (wrapped.dialect, wrapped.entry) == (Dialect.SOLVE, "solve_1234")
    assert (wrapped.proposer, wrapped.parents) == ("test", ("parent",))
    assert wrapped.view == "rot90|0123456789|1.0"
    assert wrapped.source.startswith(program.source.rstrip())


def test_wrapped_programs_have_an_id_per_view():
    program = from_source(SOURCES[Dialect.SOLVE], "test")
    wrapped = [views.wrap(program, View(symmetry)) for symmetry in views.SYMMETRIES if symmetry != "identity"]
    wrapped += [views.wrap(program, View("rot90", SWAPPED)), views.wrap(program, View("rot90", SPUN))]
    assert len({program.id, *(found.id for found in wrapped)}) == 1 + 7 + 2


@pytest.mark.parametrize("symmetry", views.SYMMETRIES)
@pytest.mark.parametrize("dialect", Dialect)
@settings(deadline=None, max_examples=10)
@given(colours=st.permutations(range(10)).map(tuple), order=st.sampled_from([(), (1, 0), (2, 0, 1)]))
@example(colours=SPUN, order=())
@example(colours=tuple(range(10)), order=())
def test_unwrap_gives_back_what_wrap_was_given(dialect, symmetry, colours, order):
    program, view = from_source(SOURCES[dialect].lstrip(), "test"), View(symmetry, colours, order)
    wrapped = views.wrap(program, view)
    seen = View() if wrapped is program else view  # a view that changes no grid is not written down
    assert views.unwrap(wrapped) == (program.source, seen)


def test_unwrap_undoes_the_last_of_two_wraps():
    once = views.wrap(from_source(SOURCES[Dialect.SOLVE], "test"), View("hmirror"))
    source, view = views.unwrap(views.wrap(once, View("vmirror", SWAPPED)))
    assert view == View("vmirror", SWAPPED)
    assert source == once.source.rstrip() + "\n"


def test_unwrap_ends_a_source_with_one_line_end():
    program = from_source("def solve(I):\n    return I  # as it is\n\n\n", "test")
    assert views.unwrap(views.wrap(program, View("rot90")))[0] == "def solve(I):\n    return I  # as it is\n"


def test_a_program_that_says_it_has_a_view_needs_a_wrapper():
    bare = replace(from_source(SOURCES[Dialect.SOLVE], "test"), view="rot90|0123456789|")
    with pytest.raises(ValueError, match="has a view and no wrapper"):
        views.unwrap(bare)


def test_a_view_that_changes_no_grid_leaves_the_program_alone():
    program = from_source(SOURCES[Dialect.SOLVE], "test")
    assert views.wrap(program, View(order=(1, 0))) is program
