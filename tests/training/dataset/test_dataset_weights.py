"""Weights: every task the same, every trace of a task the same, mean 1."""

import pytest

from training.dataset.weights import Totals, shares


def test_many_views_of_a_trace_weigh_as_much_as_one():
    found = shares({"a": 1, "b": 4, "c": 2})
    assert found == {"a": pytest.approx(1 / 3), "b": pytest.approx(1 / 12), "c": pytest.approx(1 / 6)}


def test_every_task_has_the_same_total_and_the_mean_is_1():
    totals = Totals(0.0)
    rows = [("one", 1.0)] + [("many", 0.25)] * 9  # raw weights count within a task alone
    for task, raw in rows:
        totals.add("train", task, raw, 7.0)
    found = [totals.final("train", task, raw) for task, raw in rows]
    # 10 rows, 2 tasks: 5 for each task; 5 / 9 for each of the nine
    assert found == [pytest.approx(5.0)] + [pytest.approx(5 / 9)] * 9
    assert sum(found) / len(found) == pytest.approx(1.0)


def test_with_a_power_hard_tasks_weigh_more():
    totals = Totals(1.0)
    totals.add("train", "easy", 1.0, 1.0)
    totals.add("train", "hard", 1.0, 3.0)
    # totals 1 : 3, two rows, mean 1
    assert [totals.final("train", task, 1.0) for task in ("easy", "hard")] == [pytest.approx(0.5), pytest.approx(1.5)]


def test_splits_are_weighed_apart():
    totals = Totals(0.0)
    totals.add("train", "a", 1.0, 1.0)
    totals.add("eval", "b", 0.1, 1.0)
    assert totals.final("eval", "b", 0.1) == pytest.approx(1.0)
