"""A task is on one side, whatever it is called and however it is seen; what is measured on is on none."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from dataset_traces import exercise, renamed
from helpers import rows

from arc_submit import views
from arc_submit.errors import DataError
from arc_submit.records import Pair
from training.dataset.sides import LeakError, Refusal, assign, check_sides, forms, together
from training.exercises import Exercise
from training.guard import ContaminationError, Guard

ONE, OTHER = exercise(0), exercise(1)


def disguised(given: Exercise, name: str = "other") -> Exercise:
    """The task under a view and a new id, a test pair among its demonstrations."""
    view = views.draw(random.Random(3), len(given.task.train))
    task = views.apply_task(view, given.task)
    answer = views.apply(view, given.answers[0])
    task = replace(task, id=name, train=(Pair(task.test[0], answer), *task.train[1:]), test=(task.train[0].input,))
    return Exercise(task, "elsewhere", ())


def contents(*exercises: Exercise) -> dict[str, frozenset[bytes]]:
    return {given.task.id: forms(given) for given in exercises}


def test_a_task_under_a_view_on_both_sides_is_a_leak():
    with pytest.raises(LeakError, match="other"):
        check_sides(contents(ONE), contents(OTHER, disguised(ONE)))
    check_sides(contents(ONE), contents(OTHER))


def test_tasks_of_the_same_content_stay_together():
    groups = together(contents(ONE, OTHER, disguised(ONE)))
    assert sorted(map(sorted, groups)) == sorted([sorted([ONE.task.id, "other"]), [OTHER.task.id]])


def test_tasks_that_share_through_a_third_stay_together():
    forms_of = {"a": frozenset({b"1"}), "b": frozenset({b"1", b"2"}), "c": frozenset({b"2"}), "d": frozenset({b"3"})}
    assert sorted(map(sorted, together(forms_of))) == [["a", "b", "c"], ["d"]]


def test_families_stay_together_where_that_is_asked_for():
    forms_of = {"a": frozenset({b"1"}), "b": frozenset({b"2"}), "c": frozenset({b"3"})}
    assert sorted(map(sorted, together(forms_of, {"a": "x", "b": "x", "c": "y"}))) == [["a", "b"], ["c"]]


def test_about_a_share_of_the_tasks_is_on_the_eval_side_whole_groups_only():
    groups = [[f"t{number}", f"twin{number}"] for number in range(50)]
    sides = assign(groups, 0.2, 0)
    assert 16 <= sum(side == "eval" for side in sides.values()) <= 22  # 100 tasks, 20 wanted
    assert all(sides[one] == sides[other] for one, other in groups)
    assert sides == assign(groups[::-1], 0.2, 0) != assign(groups, 0.2, 1)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9])
def test_both_sides_have_a_group_when_there_are_two(share: float):
    assert sorted(assign([["a"], ["b"]], share, 0).values()) == ["eval", "train"]


def test_groups_are_not_compared_with_each_other():
    compared = 0

    class Group(list[str]):
        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return super().__eq__(other)

        __hash__ = None  # type: ignore[assignment]

    assert len(assign([Group([f"t{number}"]) for number in range(200)], 0.5, 0)) == 200
    assert compared == 0  # all pairs would be some 15,000


def test_answers_of_another_number_than_tests_are_said():
    with pytest.raises(DataError, match="2 test outputs for 1 test input"):
        forms(replace(ONE, answers=ONE.answers * 2))


def test_forms_alone_are_held_against_evaluation_and_held_out_pairs():
    for refusal in (
        Refusal(Guard((), dict.fromkeys(forms(ONE), "set/x"), {}, frozenset()), {}),
        Refusal(Guard((), {}, {}, frozenset()), dict.fromkeys(forms(ONE), "set/x")),
    ):
        with pytest.raises(ContaminationError, match=r"somewhere: task one.*set/x"):
            refusal.check_forms("somewhere", "one", forms(ONE))
        refusal.check_forms("somewhere", "other", forms(OTHER))


def test_one_group_or_no_share_is_all_train():
    assert assign([["a", "b"]], 0.5, 0) == {"a": "train", "b": "train"}
    assert set(assign([["a"], ["b"], ["c"]], 0.0, 0).values()) == {"train"}


def test_given_sides_are_kept_and_pull_their_group_along():
    assert assign([["a", "b"], ["c"]], 0.0, 0, {"a": "eval"})["b"] == "eval"
    with pytest.raises(LeakError, match="a and b"):
        assign([["a", "b"]], 0.1, 0, {"a": "train", "b": "eval"})


def test_an_evaluation_task_is_refused_by_content(tmp_path: Path):
    task = exercise(2).task
    pairs = [{"input": rows(pair.input), "output": rows(pair.output)} for pair in task.train]
    body = {"train": pairs, "test": [{"input": rows(task.test[0])}]}
    (tmp_path / "secret.json").write_text(json.dumps(body))
    given = disguised(exercise(2), "innocent")
    refusal = Refusal(Guard.of([str(tmp_path / "secret.json")]), {})
    with pytest.raises(ContaminationError, match="innocent"):
        refusal.check(given, forms(given))
    refusal.check(ONE, forms(ONE))


def test_a_held_out_task_is_refused_by_content():
    refusal = Refusal(Guard((), {}, {}, frozenset()), dict.fromkeys(forms(ONE), "arc1-training/x"))
    with pytest.raises(ContaminationError, match="held-out"):
        refusal.check(disguised(ONE), forms(disguised(ONE)))
    refusal.check(renamed(OTHER, "y"), forms(OTHER))
