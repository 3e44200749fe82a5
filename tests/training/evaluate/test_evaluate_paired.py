"""Paired statistics against sums by hand; no word without two standard errors."""

import math

import pytest

from training.evaluate import paired
from training.evaluate.paired import Paired


def test_mean_and_standard_error_are_those_of_the_differences():
    found = paired.paired([(0.5, 0.0), (0.5, 0.0), (0.25, 0.25), (0.0, 0.25)])
    assert found.difference == 0.1875  # (0.5 + 0.5 + 0 - 0.25) / 4
    # squares 0.3125**2 * 2 + 0.1875**2 + 0.4375**2 = 0.421875; / 3 = 0.140625 = 0.375**2; / sqrt(4)
    assert found.standard_error == pytest.approx(0.1875)
    assert (found.wins, found.losses, found.tasks) == (2, 1, 4)


def test_the_sign_test_counts_the_tail_on_both_sides():
    assert paired.sign_test(3, 1) == 0.625  # 2 * (4 + 1) / 2**4
    assert paired.sign_test(0, 6) == 0.03125  # 2 / 2**6
    assert paired.sign_test(0, 0) == 1.0
    assert paired.sign_test(700, 700) == 1.0  # beyond what a float power holds


def test_rounding_is_no_win():
    assert paired.paired([(0.1 + 0.2, 0.3)]).wins == 0


def test_mcnemar_looks_at_the_tasks_that_one_of_them_solved():
    first = dict.fromkeys("abcdef", True) | {"g": False, "only first": True}
    second = dict.fromkeys("abcdef", False) | {"g": True}
    assert paired.mcnemar(first, second) == (6, 1, 0.125)  # 2 * (7 + 1) / 2**7


def test_the_interval_holds_the_mean_and_is_the_same_again():
    values = [0.0, 0.0, 0.0, 1.0] * 10
    low, high = paired.bootstrap(values)
    assert low < 0.25 < high
    # normal: 0.25 +- 1.96 * sqrt(0.1875 / 40) = 0.116 .. 0.384
    assert (low, high) == pytest.approx((0.116, 0.384), abs=0.03)
    assert paired.bootstrap(values) == (low, high) != paired.bootstrap(values, seed=1)


def test_differences_that_are_all_alike_have_no_spread():
    found = paired.paired([(0.5, 0.25)] * 10)
    assert (found.standard_error, found.interval, found.verdict) == (0.0, (0.25, 0.25), "better")


@pytest.mark.parametrize(
    ("difference", "error", "verdict"),
    [
        (0.2, 0.09, "better"),
        (0.2, 0.1, "no difference shown"),
        (-0.2, 0.09, "worse"),
        (0.0, 0.0, "no difference shown"),
    ],
)
def test_a_word_is_said_beyond_two_standard_errors(difference, error, verdict):
    assert Paired(10, difference, error, 0, 0, 1.0, (0.0, 0.0)).verdict == verdict


def test_shares_are_compared_as_the_shares_that_they_are():
    found = paired.paired([(1.0, 0.0), (0.0, 1.0)], [1.0, 3.0])
    assert found.difference == 0.0  # 1/4 - 1/4, where the mean of the tasks' own is (1 - 1/3) / 2
    # residuals 1 and -1: sqrt(2 / 1 * 2) / 4
    assert (found.standard_error, found.wins, found.losses) == (0.5, 1, 1)
    assert paired.bootstrap([1.0, -1.0], [1.0, 3.0]) == pytest.approx((-1 / 3, 1.0))


def test_the_ratio_of_ones_is_the_mean():
    # s of 1 and 3 is sqrt(2), n = 2
    assert paired.ratio([(1.0, 1.0), (3.0, 1.0)]) == (2.0, 1.0)
    assert math.isnan(paired.ratio([(1.0, 1.0)])[1]) and math.isnan(paired.ratio([])[0])


def test_nine_tasks_are_too_few_for_a_word():
    assert paired.paired([(1.0, 0.0)] * 9).verdict == "no difference shown"


def test_nothing_to_compare_is_not_a_zero():
    found = paired.paired([])
    assert math.isnan(found.difference) and math.isnan(found.standard_error)
    assert found.verdict == "no difference shown"


def test_tasks_that_one_side_lacks_are_left_out():
    found = paired.by_name({"a": 1.0, "b": None, "c": 0.5}, {"a": 0.0, "b": 1.0})
    assert (found.tasks, found.difference) == (1, 1.0)
