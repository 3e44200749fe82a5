"""Advantages of a group against sums done by hand. trl's own code on the same groups: test_loss.py."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arc_submit.adapt.advantage import advantages

REWARDS = st.lists(st.none() | st.floats(-1.2, 1.2), max_size=20)


def test_an_advantage_is_the_distance_from_the_mean_over_the_sample_deviation():
    # mean 0.5; deviations -0.5, 0, 0.5; sum of squares 0.5; / (3 - 1) = 0.25; root 0.5
    assert advantages([0.0, 0.5, 1.0], scale=True) == pytest.approx([-0.5 / 0.5001, 0.0, 0.5 / 0.5001])


def test_without_scale_only_the_mean_is_taken_off():
    assert advantages([0.0, 0.5, 1.0], scale=False) == pytest.approx([-0.5, 0.0, 0.5])
    assert advantages([0.50, 0.51], scale=False) == pytest.approx([-0.005, 0.005])


def test_an_unscored_answer_is_left_out_and_stays_unscored():
    # mean of 0.2 and 0.8: 0.5; sample deviation sqrt(2 * 0.3 ** 2 / 1) = 0.424264
    got = advantages([None, 0.2, None, 0.8], scale=True)
    assert got is not None
    assert got[0] is None and got[2] is None
    assert [got[1], got[3]] == pytest.approx([-0.3 / 0.424364, 0.3 / 0.424364], rel=1e-5)


def test_a_wrong_answer_is_not_an_unscored_one():
    # (0 + 0.2 + 0.8) / 3 = 1/3
    assert advantages([0.0, 0.2, 0.8], scale=False) == pytest.approx([-1 / 3, 0.2 - 1 / 3, 0.8 - 1 / 3])


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize(
    "rewards", [[], [1.0], [None, None], [1.0, None], [0.3, 0.3, 0.3], [None, 0.0, 0.0], [0.1 + 0.2, 0.3]]
)
def test_a_group_without_a_difference_teaches_nothing(rewards, scale):
    assert advantages(rewards, scale) is None


def test_a_group_that_hardly_varies_is_not_blown_up():
    # deviation of 0.5, 0.500001: 7.07e-7; 5e-7 / (7.07e-7 + 1e-4) = 0.0050
    assert advantages([0.5, 0.500001], scale=True) == pytest.approx([-0.0050, 0.0050], abs=1e-4)


@pytest.mark.parametrize("reward", [math.nan, math.inf, -math.inf])
def test_a_reward_that_is_not_finite_is_our_fault(reward):
    with pytest.raises(ValueError, match="finite"):
        advantages([0.0, 1.0, reward], scale=True)


@given(REWARDS, st.booleans())
def test_advantages_sum_to_nothing_and_keep_the_order_of_rewards(rewards, scale):
    got = advantages(rewards, scale)
    if got is None:
        return
    pairs = [(reward, gain) for reward, gain in zip(rewards, got, strict=True) if reward is not None]
    assert [gain is None for gain in got] == [reward is None for reward in rewards]
    assert sum(gain for _, gain in pairs) == pytest.approx(0, abs=1e-9)
    assert [gain for _, gain in sorted(pairs)] == sorted(gain for _, gain in pairs)
    if scale:
        spread = statistics.stdev(reward for reward, _ in pairs)
        assert statistics.stdev(gain for _, gain in pairs) == pytest.approx(spread / (spread + 1e-4))
