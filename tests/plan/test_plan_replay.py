"""Rows of a replay, by hand, and their standard errors."""

import pytest
from plan_runs import curve, recorded

from arc_submit.plan.replay import PASSER, RIGHT, Tuning, replayed


def rows(runs, shares=(1.0,), **more):
    """Rows by criterion, share and policy."""
    more = {"draws": 0, "tuning": Tuning(), **more}
    return {(row.what, row.share, row.policy): row for row in replayed(runs, shares, **more)}


QUICK = [curve("a", solved=2.0), curve("b", solved=9.0), curve("c", solved=14.0), curve("d")]


def test_solved_tasks_are_counted_and_compared():
    found = rows([recorded(QUICK)])  # 40 s: 10 s each
    equal, best = found[RIGHT, 1.0, "equal share"], found[RIGHT, 1.0, "oracle"]
    assert (equal.solved, best.solved) == (2, 3)
    assert equal.per_hour == pytest.approx(2 / (40 / 3600))
    assert (equal.ratio, best.ratio) == (1.0, 1.5)
    assert (equal.of_oracle, best.of_oracle) == (pytest.approx(2 / 3), 1.0)


def test_half_the_budget_is_half_the_seconds_of_each():
    found = rows([recorded(QUICK)], shares=(0.5,))  # 20 s: 5 s each; 2 + 9 fit for the oracle
    assert found[RIGHT, 0.5, "equal share"].solved == 1
    assert found[RIGHT, 0.5, "oracle"].solved == 2


def test_workers_share_the_wall_time_not_the_budget():
    one = rows([recorded(QUICK)])[RIGHT, 1.0, "equal share"]
    two = rows([recorded(QUICK, workers=2)])[RIGHT, 1.0, "equal share"]
    assert (two.solved, two.per_hour) == (one.solved, pytest.approx(2 * one.per_hour))


def test_the_whole_budget_can_be_named():
    assert rows([recorded(QUICK)], mean=15.0)[RIGHT, 1.0, "equal share"].solved == 3


def test_what_lies_beyond_the_trace_is_unsolved_and_counted():
    tasks = [curve("a", horizon=4.0), curve("b", horizon=100.0), curve("c", horizon=3.0, ended=True)]
    row = rows([recorded(tasks)])[PASSER, 1.0, "equal share"]  # 10 s each; a was seen for 4 s only
    assert (row.solved, row.beyond) == (0, 1)
    assert row.beyond_seconds == pytest.approx(6.0 / 30.0)


def test_ratios_to_nothing_are_not_numbers():
    row = rows([recorded([curve("a")])])[RIGHT, 1.0, "by worth"]
    assert (row.ratio, row.of_oracle) == (None, None)


def test_runs_add_up():
    found = rows([recorded(QUICK), recorded(QUICK, workers=2)])
    row = found[RIGHT, 1.0, "equal share"]
    assert row.solved == 4
    assert row.per_hour == pytest.approx(4 / ((40 + 20) / 3600))


def test_tuning_reaches_the_policy():
    # 20 s for two tasks. First visits of all of it: 10 s each. Of a tenth, then growing ones: 12 s for the bright one.
    tasks = [curve("a", steps=[(0.0, 0.0)]), curve("b", steps=[(0.1, 0.9)], solved=12.0)]
    assert rows([recorded(tasks)])[RIGHT, 1.0, "by worth"].solved == 0
    assert rows([recorded(tasks)], tuning=Tuning(0.1, 2.0))[RIGHT, 1.0, "by worth"].solved == 1


def test_without_solutions_only_passers_count():
    unknown = recorded(QUICK)
    object.__setattr__(unknown, "solutions", False)
    assert {what for what, _, _ in rows([unknown])} == {PASSER}


def test_standard_errors_are_those_of_tasks():
    # 40 tasks of which half are solved by anybody: the number of solved among 40 drawn has a deviation of sqrt(40 / 4).
    tasks = [curve(str(number), solved=1.0 if number % 2 else None) for number in range(40)]
    row = rows([recorded(tasks)], draws=400)[RIGHT, 1.0, "equal share"]
    assert row.solved == 20
    assert row.error == pytest.approx(10**0.5, rel=0.15)
    assert row.ratio_error == 0.0


def test_the_same_seed_gives_the_same_rows():
    run = [recorded(QUICK)]
    assert rows(run, draws=20, seed=3) == rows(run, draws=20, seed=3)
    assert rows(run, draws=20, seed=3) != rows(run, draws=20, seed=4)


def test_a_task_is_drawn_with_all_its_runs():
    # Twice the same run: had tasks been drawn apart, the deviation would be sqrt(2) times that of one, not twice.
    tasks = [curve(str(number), solved=1.0 if number % 2 else None) for number in range(40)]
    one = rows([recorded(tasks)], draws=300)[RIGHT, 1.0, "equal share"]
    two = rows([recorded(tasks), recorded(tasks)], draws=300)[RIGHT, 1.0, "equal share"]
    assert two.error == pytest.approx(2 * one.error)
