"""The order of programs: a whole pair outweighs any number of cells."""

import pytest
from helpers import make_outcome, make_task
from hypothesis import given, settings
from hypothesis import strategies as st

from arc_submit.search.fitness import copy_baseline, fitness

CLEAN = (0.0, 0.0)


def test_the_baseline_is_what_copying_the_input_gets():
    # 12 -> 12: all cells; 12/34 -> 12/00: half; 12 -> 1: the wrong shape.
    assert copy_baseline(make_task(("12", "12"), ("12/34", "12/00"), ("12", "1"))) == (1.0, 0.5, 0.0)


def test_all_pairs_right_is_one_and_nothing_right_is_zero():
    assert fitness(make_outcome((True, True)), CLEAN) == 1.0
    assert fitness(make_outcome((False, False)), CLEAN) == 0.0


def test_cells_count_from_the_baseline_up():
    # pair 0 right: 1; pair 1: (0.75 - 0.5) / (1 - 0.5) = 0.5, over 2 pairs 0.25; (1 + 0.25) / 2 = 0.625
    outcome = make_outcome((True, False), cells=(1.0, 0.75))
    assert fitness(outcome, (0.5, 0.5)) == pytest.approx(0.625)


def test_a_copy_of_the_input_is_worth_nothing():
    assert fitness(make_outcome((False, False), cells=(0.9, 0.8)), (0.9, 0.8)) == 0.0


def test_worse_than_a_copy_is_not_below_nothing():
    assert fitness(make_outcome((False, False), cells=(0.1, 0.2)), (0.9, 0.8)) == 0.0


def test_cells_of_a_pair_that_a_copy_solves_count_only_as_a_pair():
    assert fitness(make_outcome((False, False), cells=(0.99, 0.0)), (1.0, 0.0)) == 0.0
    assert fitness(make_outcome((True, False), cells=(1.0, 0.0)), (1.0, 0.0)) == 0.5


def test_unscored_is_no_parent():
    assert fitness(make_outcome((True, True), scored=False), CLEAN) == 0.0


@st.composite
def judged(draw):
    """A baseline and two outcomes on the same pairs. Unsolved pairs may have almost all cells right."""
    pairs = draw(st.integers(1, 6))
    share = st.one_of(st.floats(0, 1), st.just(0.999999))

    def outcome():
        solved = tuple(draw(st.booleans()) for _ in range(pairs))
        return make_outcome(solved, cells=tuple(1.0 if right else draw(share) for right in solved))

    return tuple(draw(share) for _ in range(pairs)), outcome(), outcome()


@settings(deadline=None, max_examples=300)
@given(judged())
def test_more_whole_pairs_always_win(case):
    baseline, one, other = case
    if sum(one.solved) > sum(other.solved):
        assert fitness(one, baseline) > fitness(other, baseline)
    if sum(one.solved) < sum(other.solved):
        assert fitness(one, baseline) < fitness(other, baseline)
    assert 0.0 <= fitness(one, baseline) <= 1.0


@settings(deadline=None, max_examples=100)
@given(judged(), st.data())
def test_among_equal_pairs_more_cells_never_lose(case, data):
    baseline, one, _ = case
    better = tuple(data.draw(st.floats(share, 1)) for share in one.cells)
    assert fitness(make_outcome(one.solved, cells=better), baseline) >= fitness(one, baseline)
