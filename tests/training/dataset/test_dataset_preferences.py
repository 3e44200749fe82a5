"""Pairs of children of one parent, told apart by their reward."""

from dataclasses import replace

from dataset_traces import exercise, program, trace

from training.dataset.preferences import preferences

GIVEN = exercise(0)


def child(number: int, reward: float, before: str = "hmirror(I)"):
    return replace(trace(GIVEN, program(f"shift(I, ({number}, 0))"), program(before)), reward=reward)


def test_the_better_child_of_one_parent_is_preferred():
    (found,) = preferences([child(1, 0.3), child(2, 0.9)], 4, 0.05, 0)
    assert (found.better.reward, found.worse.reward) == (0.9, 0.3) and abs(found.margin - 0.6) < 1e-12


def test_children_of_different_parents_are_not_compared():
    assert preferences([child(1, 0.3), child(2, 0.9, "vmirror(I)")], 4, 0.05, 0) == []


def test_equal_rewards_and_small_margins_make_no_pair():
    assert preferences([child(1, 0.5), child(2, 0.5)], 4, 0.0, 0) == []
    assert preferences([child(1, 0.5), child(2, 0.54)], 4, 0.05, 0) == []


def test_one_program_said_twice_is_one_child_and_a_copy_of_the_parent_is_none():
    copy = trace(GIVEN, program("hmirror(I)"), program("hmirror(I)"))
    assert len(preferences([child(1, 0.3), child(1, 0.3), child(2, 0.9), copy], 9, 0.05, 0)) == 1


def test_of_many_pairs_a_few_are_drawn_the_same_ones_every_time():
    children = [child(number, number / 10) for number in range(1, 9)]
    found = preferences(children, 4, 0.05, 0)
    assert len(found) == 4 and found == preferences(children[::-1], 4, 0.05, 0)
    assert found != preferences(children, 4, 0.05, 1)
    assert preferences(children, 0, 0.05, 0) == []
