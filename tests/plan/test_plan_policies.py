"""Each policy on traces small enough to be done by hand, and what must hold for all of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_runs import curve

from arc_submit.plan.policies import Equal, Flow, Oracle, Purse, Visits


def oracle() -> Oracle:
    return Oracle(lambda each: each.first_right)


# By hand. ------------------------------------------------------------------------------------------------------------


def test_equal_share_leaves_what_solved_tasks_do_not_use():
    tasks = [curve(horizon=2.0, ended=True), curve(), curve()]
    assert Equal().spend(tasks, Purse(1, 30.0)) == [2.0, 10.0, 10.0]


def test_equal_share_is_never_more_than_the_wall_time():
    # 3 workers x 10 s over 2 tasks would be 15 s each, but a task has one worker at a time.
    assert Equal().spend([curve(), curve()], Purse(3, 10.0)) == [10.0, 10.0]


def test_flow_hands_what_is_left_to_those_behind():
    tasks = [curve(horizon=2.0, ended=True), curve(), curve()]
    # 30 s: a third is 10 s, 2 s of it used; 28 s over two: 14 s each.
    assert Flow().spend(tasks, Purse(1, 30.0)) == pytest.approx([2.0, 14.0, 14.0])


def test_flow_does_not_give_away_what_is_promised():
    # Two workers, 10 s, four tasks: 20 / 4 = 5 s, then (20 - 5 promised) / 3 = 5 s. The first ends after 1 s: 9 s are
    # left on both, 4 of them promised to the second: (18 - 4) / 2 = 7 s for the third. At 5 s the second ends: the
    # fourth gets what is free until the end, 5 x 2 - 3 = 7 s, of which only 5 are left.
    tasks = [curve(horizon=1.0, ended=True), curve(), curve(), curve()]
    assert Flow().spend(tasks, Purse(2, 10.0)) == pytest.approx([1.0, 5.0, 7.0, 5.0])


def test_by_worth_gives_first_visits_then_the_rest_to_the_most_promising():
    dull, bright = curve(steps=[(0.0, 0.0)]), curve(steps=[(1.0, 0.5)])
    # 20 s: a mean of 10 s, first visits of half the fair share. First: 0.5 x 20 / 2 = 5 s. Second: 15 s free + 5 s had
    # are 20 s, of which half of a half is 5 s. Then (0.5 + 0.02) / 6 beats 0.02 / 6: visits of 5 s and what is left.
    assert Visits(0.5, 1.0, 4.0).spend([dull, bright], Purse(1, 20.0)) == pytest.approx([5.0, 15.0])


def test_by_worth_stops_at_the_cap():
    dull, bright = curve(steps=[(0.0, 0.0)]), curve(steps=[(1.0, 0.5)])
    # A cap of 1.2 x 10 s: bright stops at 12 s, dull gets the 3 s that are left.
    assert Visits(0.5, 1.0, 1.2).spend([dull, bright], Purse(1, 20.0)) == pytest.approx([8.0, 12.0])


def test_by_worth_leaves_a_task_whose_search_is_over():
    tasks = [curve(horizon=1.0, ended=True, steps=[(1.0, 1.0)]), curve()]
    assert Visits(0.5, 2.0, 4.0).spend(tasks, Purse(1, 20.0)) == pytest.approx([1.0, 19.0])


def test_the_order_of_worth_can_be_replaced():
    dull, bright = curve(steps=[(0.0, 0.0)]), curve(steps=[(1.0, 0.5)])
    contrary = Visits(0.5, 1.0, 4.0, worth=lambda promise, spent: -promise)
    assert contrary.spend([dull, bright], Purse(1, 20.0)) == pytest.approx([15.0, 5.0])


def test_the_oracle_takes_the_quickest_first_and_nothing_else():
    tasks = [curve(solved=9.0), curve(solved=2.0), curve(), curve(solved=4.0), curve(solved=8.0)]
    # 15 s: 2 + 4 + 8 fit, 9 does not.
    assert oracle().spend(tasks, Purse(1, 15.0)) == [0.0, 2.0, 0.0, 4.0, 8.0]


def test_the_oracle_cannot_give_a_task_more_than_the_wall_time():
    assert oracle().spend([curve(solved=6.0)], Purse(2, 5.0)) == [0.0]


def test_nothing_to_share_out():
    for policy in (Equal(), Flow(), Visits(), oracle()):
        assert policy.spend([], Purse(2, 10.0)) == []


# For all. ------------------------------------------------------------------------------------------------------------


@st.composite
def any_curves(draw):
    """Tasks that are solved or not, end by themselves or not, and show promise at some time."""
    made = []
    for _ in range(draw(st.integers(1, 12))):
        horizon = draw(st.floats(0.5, 40.0))
        solved = draw(st.one_of(st.none(), st.floats(0.01, 1.0).map(lambda part, whole=horizon: part * whole)))
        steps = [(0.1, draw(st.floats(0.0, 0.4))), (5.0, draw(st.floats(0.4, 1.0)))]
        made.append(curve(solved=solved, horizon=horizon, ended=draw(st.booleans()), steps=steps))
    return made


PURSES = st.builds(Purse, st.integers(1, 4), st.floats(0.5, 60.0))
VISITS = st.builds(Visits, st.floats(0.05, 1.0), st.floats(0.1, 4.0), st.floats(1.0, 8.0))


def solved(curves, spent) -> int:
    return sum(each.right(seconds) for each, seconds in zip(curves, spent, strict=True))


@settings(max_examples=150, deadline=None)
@given(any_curves(), PURSES, VISITS)
def test_nobody_spends_more_than_there_is(curves, purse, visits):
    for policy in (Equal(), Flow(), visits, oracle()):
        spent = policy.spend(curves, purse)
        assert all(0.0 <= seconds <= purse.seconds * (1 + 1e-6) for seconds in spent), policy.name
        assert sum(spent) <= purse.total * (1 + 1e-6), policy.name
        assert all(s <= c.horizon for s, c in zip(spent, curves, strict=True) if c.ended and policy.name != "oracle")


@settings(max_examples=150, deadline=None)
@given(any_curves(), PURSES, VISITS)
def test_the_oracle_is_never_beaten(curves, purse, visits):
    best = solved(curves, oracle().spend(curves, purse))
    for policy in (Equal(), Flow(), visits):
        assert solved(curves, policy.spend(curves, purse)) <= best, policy.name


@settings(max_examples=100, deadline=None)
@given(any_curves(), st.integers(1, 4), st.floats(0.5, 30.0), st.floats(1.0, 3.0))
def test_more_time_solves_no_less(curves, workers, seconds, more):
    for policy in (Equal(), oracle()):
        less = solved(curves, policy.spend(curves, Purse(workers, seconds)))
        assert solved(curves, policy.spend(curves, Purse(workers, seconds * more))) >= less, policy.name


@settings(max_examples=100, deadline=None)
@given(any_curves(), PURSES, st.floats(0.05, 1.0), st.floats(0.1, 4.0), st.floats(1.0, 8.0))
def test_time_is_not_left_lying_about_while_tasks_want_it(curves, purse, first, growth, most):
    spent = Visits(first, growth, most).spend(curves, purse)
    cap = most * purse.total / len(curves)
    wanting = sum(
        seconds < cap * (1 - 1e-6) and not (each.ended and seconds >= each.horizon)
        for each, seconds in zip(curves, spent, strict=True)
    )
    if wanting >= purse.workers:
        assert sum(spent) == pytest.approx(purse.total, rel=1e-6)
