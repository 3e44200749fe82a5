"""How long a worker may say nothing."""

import pytest

from arc_submit.config import BudgetConfig
from arc_submit.run.silence import Silence

CONFIG = BudgetConfig(stall_seconds=180.0, least_stall_seconds=30.0, load_seconds=1200.0)


def heard(*seconds: float, words: int = 0, config: BudgetConfig = CONFIG) -> Silence:
    """After these silences, and so many more words without any."""
    silence = Silence(config)
    for length in (*seconds, *[0.0] * words):
        silence.broken(length)
    return silence


def test_before_anything_was_heard_the_limit_is_the_one_that_was_set():
    assert Silence(CONFIG).limit(loading=False) == 180.0


def test_forty_nine_words_are_too_few_to_learn_from_and_fifty_are_enough():
    assert heard(words=49).limit(loading=False) == 180.0
    assert heard(words=50).limit(loading=False) == 30.0


@pytest.mark.parametrize(("longest", "limit"), [(0.1, 30.0), (3.0, 30.0), (5.0, 50.0), (18.0, 180.0), (99.0, 180.0)])
def test_ten_times_the_longest_silence_between_the_floor_and_what_was_set(longest, limit):
    assert heard(1e-3, longest, 1e-3, words=60).limit(loading=False) == pytest.approx(limit)


def test_what_was_set_binds_even_below_the_floor():
    config = BudgetConfig(stall_seconds=5.0, least_stall_seconds=30.0)
    assert heard(words=60, config=config).limit(loading=False) == 5.0


@pytest.mark.parametrize("words", [0, 500])
def test_a_worker_that_loads_its_model_has_a_limit_of_its_own(words):
    assert heard(words=words).limit(loading=True) == 1200.0


def test_the_longest_counts_not_the_latest():
    assert heard(9.0, words=500).limit(loading=False) == pytest.approx(90.0)


def test_a_clock_that_went_back_changes_nothing():
    assert heard(-5.0, words=60).limit(loading=False) == 30.0
