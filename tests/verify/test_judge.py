"""The judge's arithmetic, by hand; and what is not judged at all."""

import pytest
from helpers import G, grids, make_outcome, make_task, ran
from hypothesis import given, settings

from arc_submit.records import Fault
from arc_submit.verify import cells_right, correct, edit_reward, judge, pair_reward, same_shape

TASK = make_task(("12/34", "34/12"), ("56/78", "78/56"), test=("1", "2"))
RIGHT = (G("34/12"), G("78/56"))
TESTS = (G("3"), G("4"))
PROGRAM_FAULTS = sorted(set(Fault) - {Fault.LOST})
DOES_NOT_RUN = {Fault.SYNTAX, Fault.LOAD, Fault.ENTRY}


# One pair. -----------------------------------------------------------------------------------------------------------


def test_a_right_pair_earns_validity_shape_and_all_cells():
    # 0.1 + 0.1 + 1 ** 10 = 1.2
    assert pair_reward(G("12/34"), G("12/34")) == pytest.approx(1.2)


def test_half_of_the_cells_right_earn_almost_nothing_on_top():
    # 0.1 + 0.1 + (2 / 4) ** 10 = 0.2 + 0.0009765625
    assert pair_reward(G("12/00"), G("12/34")) == pytest.approx(0.2009765625)


def test_nine_cells_of_ten_earn_a_third():
    # 0.1 + 0.1 + 0.9 ** 10 = 0.2 + 0.3486784401
    assert pair_reward(G("1111111110"), G("1111111111")) == pytest.approx(0.5486784401)


def test_no_cell_right_earns_validity_and_shape():
    assert pair_reward(G("00/00"), G("12/34")) == pytest.approx(0.2)


@pytest.mark.parametrize("got", [G("1234"), G("1/2/3/4"), G("12"), G("12/34/56"), None])
def test_another_shape_or_no_grid_earns_validity_only(got):
    assert pair_reward(got, G("12/34")) == pytest.approx(0.1)


def test_an_invalid_program_earns_nothing():
    assert pair_reward(None, G("12/34"), valid=False) == 0.0


@settings(deadline=None, max_examples=60)
@given(grids(3), grids(3))
def test_only_the_right_grid_earns_everything(got, want):
    assert (pair_reward(got, want) == pytest.approx(1.2)) == (got == want)
    assert 0.1 <= pair_reward(got, want) <= 1.2 + 1e-9


def test_cells_right_counts_cells_and_wants_the_shape():
    assert cells_right(G("12/30"), G("12/34")) == 0.75
    assert cells_right(G("123"), G("12")) == 0.0
    assert cells_right(None, G("12")) == 0.0


def test_shapes_are_height_and_width():
    assert same_shape(G("12/34"), G("00/00"))
    assert not same_shape(G("123"), G("1/2/3"))


def test_one_right_attempt_of_two_is_enough():
    assert correct((G("1"), G("2")), G("2"))
    assert not correct((G("1"), G("2")), G("3"))
    assert not correct((), G("3"))


# One program. --------------------------------------------------------------------------------------------------------


def test_a_programs_reward_is_the_mean_over_the_demonstrations():
    outcome = judge(TASK, ran(RIGHT[0], G("78/50"), *TESTS))
    # pair 0: 1.2; pair 1: 0.2 + 0.75 ** 10 = 0.2 + 0.0563135147; mean 1.4563135147 / 2
    assert outcome.reward == pytest.approx(0.72815675735)
    assert outcome.solved == (True, False)
    assert outcome.cells == (1.0, 0.75)
    assert not outcome.passes


def test_a_passer_has_every_demonstration_right_whatever_it_says_of_the_tests():
    outcome = judge(TASK, ran(*RIGHT, Fault.ERROR, Fault.CPU))
    assert outcome.passes
    assert outcome.reward == pytest.approx(1.2)


def test_test_outputs_count_in_the_signature_only():
    one, other = judge(TASK, ran(*RIGHT, *TESTS)), judge(TASK, ran(*RIGHT, G("3"), G("5")))
    assert one.signature != other.signature
    assert (one.reward, one.solved, one.cells) == (other.reward, other.solved, other.cells)


@pytest.mark.parametrize("fault", PROGRAM_FAULTS)
def test_a_programs_own_fault_is_scored(fault):
    outcome = judge(TASK, ran(fault, fault, fault, fault))
    assert outcome.reward == pytest.approx(0.0 if fault in DOES_NOT_RUN else 0.1)
    assert outcome.solved == (False, False)
    assert outcome.cells == (0.0, 0.0)


def test_thinking_costs_a_right_shape_per_ten_thousand_tokens():
    # 1.2 - 10,000 * 1e-5 = 1.1
    assert judge(TASK, ran(*RIGHT, *TESTS), thinking_tokens=10_000).reward == pytest.approx(1.1)


@pytest.mark.parametrize("place", [0, 1])
def test_a_lost_demonstration_makes_the_program_unscored_and_never_zero(place):
    outputs = [*RIGHT, *TESTS]
    outputs[place] = Fault.LOST
    outcome = judge(TASK, ran(*outputs))
    assert outcome.reward is None
    assert not outcome.passes


def test_a_lost_test_output_leaves_the_score():
    assert judge(TASK, ran(*RIGHT, Fault.LOST, Fault.LOST)).reward == pytest.approx(1.2)


@pytest.mark.parametrize("outputs", [(), RIGHT, (*RIGHT, G("3")), (*RIGHT, *TESTS, G("5"))])
def test_another_number_of_outputs_is_a_bug_and_raises(outputs):
    with pytest.raises(ValueError, match=f"task t: {len(outputs)} outputs for 4 inputs"):
        judge(TASK, ran(*outputs))


# Edits. --------------------------------------------------------------------------------------------------------------


def test_an_edit_earns_the_difference_to_its_parent():
    parent = judge(TASK, ran(G("00/00"), G("00/00"), *TESTS))  # 0.2
    child = judge(TASK, ran(RIGHT[0], G("00/00"), *TESTS))  # (1.2 + 0.2) / 2 = 0.7
    assert edit_reward(child, parent) == pytest.approx(0.5)
    assert edit_reward(parent, child) == pytest.approx(-0.5)


def test_an_edit_with_an_unscored_side_is_unscored():
    scored, unscored = make_outcome(), make_outcome(scored=False)
    assert edit_reward(scored, unscored) is None
    assert edit_reward(unscored, scored) is None
    assert edit_reward(scored, scored) == 0.0
