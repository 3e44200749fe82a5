"""Who gets the next round, with a clock that moves only when told to, and hunts made of three numbers."""

import time
from dataclasses import dataclass

import pytest
from helpers import Clock
from hypothesis import given, settings
from hypothesis import strategies as st

from arc_submit.budget import Plan, Steady, boottime, cohort_size, reserve, total_seconds, worth
from arc_submit.config import BudgetConfig

CONFIG = BudgetConfig(first_share=0.5, max_share=2.0, width=1)


@dataclass
class Spending:
    """A hunt as the plan sees it."""

    promise: float = 0.0
    spent: float = 0.0
    finished: bool = False


def play(clock, plan, hunts, rounds=1000, step=1.0):
    """Take turns as the loop does, each as long as its deadline allows but at most `step`; return who went when."""
    order = []
    for _ in range(rounds):
        turn = plan.next()
        if turn is None:
            return order
        elapsed = min(step, turn.deadline - clock.time)
        assert elapsed > 0
        clock.time += elapsed
        for index in turn.members:
            hunts[index].spent += elapsed / len(turn.members)
        order.append(turn.members)
    raise AssertionError("the plan does not end")


def planned(hunts, seconds, config=CONFIG):
    clock = Clock()
    return clock, Plan(config, hunts, seconds, clock)


# Shares. -------------------------------------------------------------------------------------------------------------


def test_every_task_gets_its_first_share_before_any_gets_more():
    hunts = [Spending(promise) for promise in (0.0, 0.9, 0.0)]
    clock, plan = planned(hunts, 12.0)
    order = play(clock, plan, hunts)
    # 12 s over 3 tasks: a mean of 4 s, first shares of 2 s, in turns of 1 s.
    assert order[:6] == [(0,), (0,), (1,), (1,), (2,), (2,)]
    assert all(hunt.spent >= 2.0 for hunt in hunts)


def test_the_rest_goes_to_the_most_promising_up_to_the_cap():
    hunts = [Spending(promise) for promise in (0.0, 0.9, 0.3)]
    clock, plan = planned(hunts, 12.0)
    order = play(clock, plan, hunts)
    # Of the 6 s that are left, task 1 takes up to the cap: worth (0.9 + 0.02) / (1 + spent) stays above the others'
    # while it has spent 2..5 s (0.92 / 6 = 0.153 > 0.32 / 3 = 0.107); its cap is 2 x 4 s = 8 s.
    assert order[6:10] == [(1,), (1,), (1,), (1,)]
    assert hunts[1].spent <= 8.0
    assert hunts[0].spent == 2.0


def test_worth_falls_with_what_was_spent():
    # 0.62 / (1 + 9) = 0.062 < 0.12 / (1 + 0) = 0.12
    hunts = [Spending(0.6, spent=9.0), Spending(0.1, spent=0.0)]
    _, plan = planned(hunts, 100.0, BudgetConfig(first_share=0.0))
    assert plan.next().members == (1,)


def test_worth_rises_with_promise():
    hunts = [Spending(0.1, spent=1.0), Spending(0.6, spent=1.0), Spending(0.5, spent=1.0)]
    _, plan = planned(hunts, 100.0, BudgetConfig(first_share=0.0))
    assert plan.next().members == (1,)


def test_a_task_without_any_promise_is_still_worth_something():
    hunts = [Spending(0.0, finished=True), Spending(0.0)]
    _, plan = planned(hunts, 100.0, BudgetConfig(first_share=0.0))
    assert plan.next().members == (1,)


def test_no_task_gets_more_than_the_cap():
    hunts = [Spending(0.9), Spending(0.0, finished=True)]
    clock, plan = planned(hunts, 20.0)
    play(clock, plan, hunts)
    # A mean of 10 s, a cap of 2 x 10 s; with a cap of 1.5 only 15 s.
    assert hunts[0].spent == pytest.approx(20.0)
    hunts = [Spending(0.9), Spending(0.0, finished=True)]
    clock, plan = planned(hunts, 20.0, BudgetConfig(first_share=0.5, max_share=1.5))
    play(clock, plan, hunts)
    assert hunts[0].spent == pytest.approx(15.0)
    assert clock.time == pytest.approx(15.0)


def test_finished_tasks_get_nothing():
    hunts = [Spending(finished=True), Spending(), Spending(finished=True)]
    clock, plan = planned(hunts, 6.0)
    assert set(play(clock, plan, hunts)) == {(1,)}


def test_when_all_are_finished_there_is_no_turn():
    assert planned([Spending(finished=True)], 10.0)[1].next() is None
    assert planned([], 10.0)[1].next() is None


def test_a_wide_round_holds_several_members():
    hunts = [Spending() for _ in range(3)]
    _, plan = planned(hunts, 12.0, BudgetConfig(first_share=0.5, width=2))
    assert plan.next().members == (0, 1)
    for hunt in hunts:
        hunt.spent = 2.0
    hunts[2].promise = 0.5
    assert plan.next().members == (2, 0)


# Deadlines. ----------------------------------------------------------------------------------------------------------


def test_a_turn_ends_with_the_first_share():
    hunts = [Spending(spent=0.5), Spending()]
    clock, plan = planned(hunts, 12.0)
    clock.time = 1.0
    # A mean of 6 s, a first share of 3 s of which 0.5 s is spent: until 1 + 2.5.
    assert plan.next().deadline == pytest.approx(3.5)


def test_a_later_turn_ends_with_the_cap_or_the_deadline():
    hunts = [Spending(0.5, spent=4.0), Spending(finished=True)]
    clock, plan = planned(hunts, 12.0)
    # A mean of 6 s, a cap of 12 s, 4 s spent: until 0 + 8; at 7 s the deadline comes first.
    assert plan.next().deadline == pytest.approx(8.0)
    clock.time = 7.0
    assert plan.next().deadline == pytest.approx(12.0)


def test_a_turn_is_never_too_short_to_be_of_use():
    hunts = [Spending(spent=2.999999), Spending()]
    _, plan = planned(hunts, 12.0)
    assert plan.next().deadline == pytest.approx(0.05)


def test_no_turn_reaches_past_the_deadline():
    hunts = [Spending(spent=0.0)]
    clock, plan = planned(hunts, 10.0)
    clock.time = 9.99
    assert plan.next().deadline == 10.0


@pytest.mark.parametrize("time", [10.0, 11.0])
def test_after_the_deadline_there_is_no_turn(time):
    clock, plan = planned([Spending()], 10.0)
    clock.time = time
    assert plan.next() is None


def test_a_deadline_in_the_past_gives_no_turn():
    clock = Clock()
    clock.time = 5.0
    assert Plan(CONFIG, [Spending()], 3.0, clock).next() is None


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=5),
    st.floats(0.5, 30),
    st.floats(0, 1),
    st.floats(1, 4),
    st.integers(1, 3),
)
def test_a_plan_keeps_the_deadline_the_cap_and_the_first_shares(kinds, seconds, first, cap, width):
    hunts = [Spending(promise, finished=finished) for promise, finished in kinds]
    clock, plan = planned(hunts, seconds, BudgetConfig(first_share=first, max_share=cap, width=width))
    play(clock, plan, hunts)
    assert clock.time <= seconds + 1e-9
    mean = seconds / len(hunts)
    for hunt in hunts:
        assert hunt.spent <= cap * mean + 0.05 + 1e-9
        rounds = 0.05 * (len(hunts) - 1)  # each of the others may go over its share by a shortest round
        assert hunt.finished or hunt.spent >= first * mean - rounds - 1e-6


# Runs and cohorts. ---------------------------------------------------------------------------------------------------


def test_a_run_may_take_the_tasks_seconds_over_the_workers():
    # 20 s x 60 tasks / 4 workers = 300 s
    assert total_seconds(BudgetConfig(seconds_per_task=20.0), 60, 4) == pytest.approx(300.0)


def test_more_workers_than_tasks_do_not_shorten_a_task():
    # 3 tasks on 8 workers: each has a worker of its own for 20 s.
    assert total_seconds(BudgetConfig(seconds_per_task=20.0), 3, 8) == pytest.approx(20.0)


def test_minutes_bind_when_they_are_fewer():
    config = BudgetConfig(seconds_per_task=20.0, minutes=2.0)
    assert total_seconds(config, 60, 4) == pytest.approx(120.0)
    assert total_seconds(config, 6, 4) == pytest.approx(30.0)


def test_the_reserve_is_at_most_a_tenth_of_the_run():
    config = BudgetConfig(reserve_seconds=3.0)
    assert reserve(config, 100.0) == pytest.approx(3.0)
    assert reserve(config, 10.0) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("waiting", "workers", "expected"),
    [
        (60, 4, 6),  # 60 / 8 rounds up to 8, more than the cohort of 6
        (40, 4, 5),  # 40 / 8
        (9, 4, 2),  # 9 / 8 rounds up
        (3, 4, 1),
        (1, 1, 1),
        (2, 1, 1),
        (0, 4, 0),
    ],
)
def test_cohorts_get_smaller_towards_the_end(waiting, workers, expected):
    assert cohort_size(BudgetConfig(cohort=6), waiting, workers) == expected


# What is worth a visit, and the clocks. ------------------------------------------------------------------------------


def test_worth_is_promise_and_some_hope_per_second_had():
    # (0.5 + 0.02) / (1 + 9) = 0.052; without any promise 0.02 / (1 + 3) = 0.005
    assert worth(0.5, 9.0) == pytest.approx(0.052)
    assert worth(0.0, 3.0) == pytest.approx(0.005)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1e5), st.floats(0, 1e5))
def test_more_promise_or_less_spent_is_never_worth_less(promise, other, spent, longer):
    assert worth(max(promise, other), min(spent, longer)) >= worth(min(promise, other), max(spent, longer)) > 0


def test_the_plan_goes_by_the_same_worth():
    numbers = [(0.6, 9.0), (0.1, 1.0), (0.0, 0.5), (0.3, 2.0)]
    best = max(range(4), key=lambda index: worth(*numbers[index]))
    _, plan = planned([Spending(*pair) for pair in numbers], 100.0, BudgetConfig(first_share=0.0))
    assert plan.next().members == (best,)


def test_a_steady_clock_never_goes_back():
    clock = Clock()
    clock.time = 100.0
    steady = Steady(clock)
    shown = []
    for moment in (100.0, 103.0, 50.0, 102.9, 103.0, 104.0, -1.0):
        clock.time = moment
        shown.append(steady())
    assert shown == [100.0, 103.0, 103.0, 103.0, 103.0, 104.0, 104.0]


@given(st.lists(st.floats(-1e6, 1e6)))
def test_a_steady_clock_shows_the_latest_time_so_far(times):
    clock = Clock()
    steady = Steady(clock)
    latest = 0.0
    for moment in times:
        clock.time = moment
        latest = max(latest, moment)
        assert steady() == latest


def test_the_runs_clock_goes_on_and_is_in_seconds():
    began, first = time.monotonic(), boottime()
    time.sleep(0.05)
    assert 0.05 <= boottime() - first <= time.monotonic() - began + 0.05


def test_a_system_without_that_clock_has_another(monkeypatch):
    monkeypatch.delattr(time, "CLOCK_BOOTTIME", raising=False)
    before = time.monotonic()
    assert before <= boottime() <= time.monotonic()
