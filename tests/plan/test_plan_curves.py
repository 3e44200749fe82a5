"""A trace as curves: what is read, what is forgotten, and which folders are refused."""

import pytest
from plan_runs import answered, folder_of_run, found, over

from arc_submit.errors import DataError, ResumeError
from arc_submit.plan import curves


def without_spent(event):
    """The event as an older version wrote it."""
    return {name: value for name, value in event.items() if name != "spent"}


STORY = [
    found("a", 1.0, right=0),
    found("a", 2.0, right=1, round=2),
    answered("a", 2.0, right=False),
    found("b", 0.5, right=0),
    found("a", 3.0, right=2, round=5),
    answered("a", 3.0, right=True, passers=1),
    over("a", 5.0, "agreed"),
    over("b", 12.0),
]


def test_a_curve_holds_promise_passer_right_and_horizon(tmp_path):
    run = curves.read(folder_of_run(tmp_path / "x", STORY))
    a, b = run.curves
    assert (a.task_id, a.horizon, a.ended) == ("a", 5.0, True)
    # Two pairs: one whole is 1 / 2, both are 1; cells of none count for nothing here.
    assert [a.promise(spent) for spent in (0.0, 1.0, 2.0, 2.9, 3.0, 9.0)] == [0.0, 0.0, 0.5, 0.5, 1.0, 1.0]
    assert (a.passes(2.9), a.passes(3.0)) == (False, True)
    assert (a.right(2.9), a.right(3.0), a.first_right) == (False, True, 3.0)
    assert (b.horizon, b.ended, b.first_right, b.passer) == (12.0, False, None, None)


def test_the_budget_is_what_the_settings_gave_a_task(tmp_path):
    run = curves.read(folder_of_run(tmp_path / "x", STORY))
    # 2 tasks x 10 s on the one worker that was heard of = 20 s, less a tenth of them in reserve (2 s < 3 s): 9 s each.
    assert (run.workers, run.mean, run.solutions, run.estimated) == (1, pytest.approx(9.0), True, False)


def test_an_answer_may_get_worse_again(tmp_path):
    story = [answered("a", 1.0, right=True), answered("a", 2.0, right=False, passers=1), over("a", 4.0)]
    a = curves.read(folder_of_run(tmp_path / "x", story)).curves[0]
    assert [a.right(spent) for spent in (0.5, 1.5, 2.5)] == [False, True, False]


def test_what_a_lost_visit_found_is_forgotten(tmp_path):
    story = [
        found("a", 1.0, right=1),
        over("a", 2.0, event="pause"),
        found("a", 3.0, right=2),  # found in a visit whose worker died: the task stands at 2 s again
        answered("a", 3.0, right=True, passers=1),
        found("a", 2.5, right=0),
        over("a", 9.0),
    ]
    a = curves.read(folder_of_run(tmp_path / "x", story)).curves[0]
    assert a.promise(9.0) == 0.5
    assert (a.passer, a.first_right, a.horizon) == (None, None, 9.0)


def test_a_pause_is_no_end(tmp_path):
    story = [found("a", 1.0, right=1), over("a", 2.0, "agreed", event="pause")]
    a = curves.read(folder_of_run(tmp_path / "x", story)).curves[0]
    assert (a.horizon, a.ended) == (2.0, False)


def test_tasks_that_were_never_begun_are_there(tmp_path):
    run = curves.read(folder_of_run(tmp_path / "x", STORY, names="abc"))
    assert [each.task_id for each in run.curves] == ["a", "b", "c"]
    assert run.curves[2].horizon == 0.0
    assert curves.times([run]) == [(5.0, True), (12.0, False)]


def test_without_solutions_nothing_is_right(tmp_path):
    run = curves.read(folder_of_run(tmp_path / "x", STORY, solutions=False))
    assert not run.solutions
    assert run.curves[0].first_right is None
    assert run.curves[0].passer == 3.0


def test_an_older_trace_is_refused_or_estimated(tmp_path):
    out = folder_of_run(tmp_path / "x", [without_spent(event) for event in STORY])
    with pytest.raises(DataError, match=r"trace\.jsonl: its events do not say `spent`.*--estimate-spent"):
        curves.read(out)
    run = curves.read(out, estimate=True)
    assert run.estimated
    # a: 5 s for 10 rounds; the passer came in round 5.
    assert (run.curves[0].passer, run.curves[0].horizon) == (2.5, 5.0)


def test_an_empty_trace_is_refused(tmp_path):
    with pytest.raises(DataError, match="no task was searched"):
        curves.read(folder_of_run(tmp_path / "x", []))


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(ResumeError, match="no run here"):
        curves.read(tmp_path)
