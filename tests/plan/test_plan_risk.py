"""The fit against samples of known origin, and the draws in cases with a known end."""

import math
import random

import pytest
from plan_runs import profile

from arc_submit import config
from arc_submit.plan import risk
from arc_submit.plan.arithmetic import buy
from arc_submit.plan.profile import Number


def number(value: float) -> Number:
    return Number(value=value, known="assumed", source="by hand")


def assess(times, *given, tasks=40, hours=1.0, **changes):
    settings = config.load("laptop", ["search.proposers=lm", "budget.cohort=2", *given])
    known = profile(**changes)
    return risk.assess(settings, known, buy(settings, known, hours, tasks), times, draws=100)


NEVER = risk.Times(1e12, 0.1, "by hand")
SOON = risk.Times(1.0, 0.1, "by hand")


# The fit. ------------------------------------------------------------------------------------------------------------


def test_a_fit_of_times_that_all_ended_is_mean_and_deviation_of_their_logarithms():
    found = risk.fit([(math.exp(log), True) for log in (0.0, 1.0, 2.0, 3.0, 4.0)], "x")
    assert found.median == pytest.approx(math.exp(2.0))
    assert found.spread == pytest.approx(2**0.5)


def test_a_fit_sees_through_the_cut():
    rng = random.Random(0)
    whole = [10.0 * math.exp(rng.gauss(0.0, 0.8)) for _ in range(4000)]
    found = risk.fit([(min(seconds, 8.0), seconds <= 8.0) for seconds in whole], "x")  # 61 % are cut off
    assert found.median == pytest.approx(10.0, rel=0.05)
    assert found.spread == pytest.approx(0.8, rel=0.05)


def test_too_few_ends_are_no_fit():
    assert risk.fit([(1.0, True)] * 4 + [(9.0, False)] * 50, "x") is None


def test_equal_times_have_a_spread_all_the_same():
    assert risk.fit([(5.0, True)] * 9, "x").spread > 0


# The draws. ----------------------------------------------------------------------------------------------------------


def test_a_run_that_plans_anew_leaves_nobody_out():
    found = assess(NEVER)
    assert (found.any_left, found.left, found.left_worst, found.deaths) == (0.0, 0.0, 0, 0.0)


def test_quick_tasks_are_over_early():
    # 40 searches of 1 s on two workers: 20 s of 3497; the workers start at some other moment than planned.
    assert assess(SOON).ends < 0.05


def test_visits_that_outlast_their_time_leave_the_last_ones_out():
    found = assess(NEVER, overrun_seconds=number(1000))
    assert found.any_left > 0.9
    assert found.left > 5
    assert found.ends == 1.0


def test_smaller_first_visits_leave_room_for_that():
    wide = assess(NEVER, overrun_seconds=number(30))
    narrow = assess(NEVER, "budget.first_visit=0.3", overrun_seconds=number(30))
    assert narrow.any_short < wide.any_short
    assert narrow.ends < wide.ends


def test_workers_that_die_make_short_visits():
    found = assess(NEVER, deaths_per_hour=number(3), startup_seconds=number(300))
    assert found.deaths > 1
    assert found.any_short > 0.3


def test_no_time_at_all_leaves_everybody_out():
    found = assess(NEVER, install_seconds=number(3600))
    assert (found.any_left, found.left, found.ends) == (1.0, 40.0, 1.0)


def test_the_same_seed_draws_the_same():
    assert assess(SOON, deaths_per_hour=number(1)) == assess(SOON, deaths_per_hour=number(1))


def test_unknown_tasks_mostly_stay_open():
    settings = config.load("laptop", ["search.proposers=lm"])
    plan = buy(settings, profile(), 1.0, 10)
    found = risk.assumed(profile(), plan)
    assert found.median == pytest.approx(3 * plan.task_seconds)
    assert found.source == "assumed"
