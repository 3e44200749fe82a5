"""Every view that an example is shown in was proven by running it; words must hold as well."""

from dataclasses import replace

import pytest
from dataset_traces import exercise, here, outputs, parent, program
from helpers import G

from arc_submit import views
from arc_submit.programs import from_source
from arc_submit.records import Pair, Task, View
from arc_submit.symbolic.expressions import HEADER
from training.dataset import augment as augmenting
from training.dataset.augment import augment, drawn
from training.dataset.cases import Case
from training.dataset.rewrite import proposals
from training.dataset.settings import Settings
from training.dataset.words import hold
from training.exercises import Exercise

MANY = Settings(views=6)


def case(given: Exercise, source: str, before: str | None = None) -> Case:
    shown = None if before is None else from_source(before, "t")
    found = Case(
        given, "fresh" if before is None else "edit", from_source(source, "t"), "",
        None if before is None else parent(given, before), "t", 1.2, 1.2, True, shown,
    )  # fmt: skip
    found.outputs = outputs(source, given.task.inputs)
    return found


def known(cases: list[Case]) -> dict:
    found = {}
    for each in cases:
        for made in filter(None, (each.program, each.shown)):
            found[each.exercise.task.id, made.id] = outputs(made.source, each.exercise.task.inputs)
    return found


def augmented(cases: list[Case], settings: Settings = MANY, words: str = "") -> list[Case]:
    augment(cases, known(cases), settings, here, lambda _: words)
    return cases


def test_a_program_is_right_for_the_task_as_every_one_of_its_views_shows_it():
    cases = augmented([case(exercise(number), HEADER + exercise(number).program) for number in range(24)])
    turned = 0
    for each in cases:
        for seen in each.seen:
            task = views.apply_task(seen.view, each.exercise.task)
            assert outputs(seen.source, [p.input for p in task.train]) == tuple(p.output for p in task.train)
            turned += seen.view.symmetry != "identity" or seen.view.colours != View().colours
    assert turned >= 60, "of 24 * 5 views that were drawn"


def test_a_rewrite_that_is_wrong_is_not_believed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(augmenting, "proposals", lambda source, view: [program("trim(I)")])
    given = exercise(0)
    (each,) = augmented([case(given, HEADER + given.program)])
    assert {(seen.view.symmetry, seen.view.colours) for seen in each.seen} == {("identity", View().colours)}
    assert {seen.source for seen in each.seen} == {HEADER + given.program}
    assert len({seen.view.order for seen in each.seen}) == len(each.seen)


def test_an_edit_holds_only_where_its_parent_does_what_it_did():
    given = exercise(4)
    for each in augmented(
        [case(given, HEADER + given.program, program(body)) for body in ("hmirror(I)", "lefthalf(I)")]
    ):
        assert each.parent is not None and len(each.seen) > 1
        for seen in each.seen:
            task = views.apply_task(View(seen.view.symmetry, seen.view.colours), given.task)
            wanted = tuple(grid and views.apply(seen.view, grid) for grid in each.parent.outputs)
            assert outputs(seen.parent, [pair.input for pair in task.train]) == wanted


def test_no_two_examples_of_a_case_show_the_same():
    pairs = (Pair(G("12/34"), G("34/12")), Pair(G("11/22"), G("22/11")))
    given = Exercise(Task("t", pairs, (G("1/2"),)), "x")
    (each,) = augmented([case(given, program("hmirror(I)"))], replace(MANY, colours=False, turns=False))
    assert [seen.view.order for seen in each.seen] == [(), (1, 0)], "of two pairs there are two orders"


def test_views_come_from_the_seed_and_the_task():
    task = exercise(0).task
    assert drawn(task, Settings()) == drawn(task, Settings()) != drawn(task, Settings(seed=1))
    assert drawn(task, Settings(views=1)) == [View()]


def test_words_that_name_what_a_view_changes_keep_it_from_changing():
    given = exercise(0)
    (each,) = augmented(
        [case(given, HEADER + given.program)], words="Cells of colours 0 to 9, 1 2 3 4 5 6 7 8, move left."
    )
    assert {(seen.view.symmetry, seen.view.colours) for seen in each.seen} == {("identity", View().colours)}
    assert len(each.seen) > 1, "in another order the words still hold"


SWAP = (0, 2, 1, 3, 4, 5, 6, 7, 8, 9)


@pytest.mark.parametrize(
    ("words", "view", "holds"),
    [
        ("", View("rot90", SWAP, (1, 0)), True),
        ("All 1s grow.", View(colours=SWAP), False),
        ("Blue cells grow.", View(colours=SWAP), False),
        ("`ONE` is filled.", View(colours=SWAP), False),
        ("All 3s grow.", View(colours=SWAP), True),
        ("The largest object stays.", View("rot90", SWAP), True),
        ("It is mirrored.", View("rot90"), False),
        ("Cell (0, 1) changes.", View("hmirror"), False),
        ("As demonstration 2 shows.", View(order=(1, 0)), False),
        ("The first pair says so.", View(order=(1, 0)), False),
        ("As demonstration 2 shows.", View(order=(0, 1)), True),
    ],
)
def test_words_hold_where_they_name_nothing_that_moved(words: str, view: View, holds: bool):
    assert hold(words, view) is holds


@pytest.mark.parametrize("symmetry", list(views.SYMMETRIES))
@pytest.mark.parametrize(
    "body",
    [
        "tophalf(I)", "hconcat(I, vmirror(I))", "vconcat(hconcat(I, I), hmirror(hconcat(I, I)))", "rot90(I)",
        "dmirror(I)",
        "shift(asobject(I), UP)", "hupscale(I, TWO)", "subgrid(argmin(objects(I, T, F, T), uppermost), I)",
        "subgrid(argmax(objects(I, T, F, T), leftmost), I)", "fill(I, FIVE, shoot(ulcorner(asindices(I)), UNITY))",
        "replace(I, TWO, SIX)"
    ],
)  # fmt: skip
def test_directions_have_their_mirror_images(body: str, symmetry: str):
    """One of the proposals is right: T(P(grid)) = P'(T(grid)); ties of argmin are not in these grids."""
    if body.startswith("shift"):
        body = f"paint(canvas(ZERO, shape(I)), {body})"
    grids = (G("1002/0000/3304"), G("50000/00600/00000/07780"))
    view = View(symmetry)
    wanted = tuple(made and views.apply(view, made) for made in outputs(program(body), grids))
    seen = tuple(views.apply(view, grid) for grid in grids)
    assert None not in wanted
    assert wanted in [outputs(source, seen) for source in proposals(program(body), view)]
