"""Tasks to measure on: spread evenly, outputs only where all are known, parts that cover every task once."""

import json

import pytest
from helpers import entry, make_task

from arc_submit.errors import DataError
from training.evaluate import subjects


def file_of(tmp_path, count, answer="4"):
    body = {f"t{number}": entry(tests=[("3", answer)]) for number in range(count)}
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps(body))
    return str(path)


def test_held_out_tasks_come_with_their_outputs():
    found = subjects.gather("held-out", 5)
    assert (len(found.members), found.total, found.unknown) == (5, 100, 0)
    assert all(len(one.wanted) == len(one.task.test) for one in found.members)


def test_generated_tasks_are_the_same_each_time():
    once, again = (subjects.gather("generated:symmetry/unfold", 2) for _ in range(2))
    assert once == again and once.members[0].wanted is not None


def test_unknown_outputs_are_none_and_counted(tmp_path):
    found = subjects.gather(file_of(tmp_path, 3, answer=None), 0)
    assert found.unknown == 3 and {one.wanted for one in found.members} == {None}


def test_a_file_of_tasks_is_spread_evenly(tmp_path):
    found = subjects.gather(file_of(tmp_path, 10), 5)
    assert [one.task.id for one in found.members] == ["t0", "t2", "t4", "t6", "t8"]


def test_buckets_hold_every_task_once():
    small = make_task(("1", "2"), ("1", "2"), task_id="small")
    large = make_task(*[("12", "/".join(["1" * 20] * 20))] * 6, task_id="large")
    found = subjects.buckets([small, large])
    assert all(sorted(t for part in parts.values() for t in part) == ["large", "small"] for parts in found.values())
    assert found["size"] == {"changes": ["large"], "stays": ["small"]}
    assert found["demonstrations"] == {"2": ["small"], "5 and more": ["large"]}


def test_difficulty_parts_tasks_into_thirds_from_easy_to_hard():
    tasks = [make_task(task_id=name) for name in "abcdx"]
    found = subjects.buckets(tasks, {"a": 9.0, "b": 1.0, "c": 3.0, "d": 2.0})["difficulty"]
    # by difficulty b d c a; cuts at 4/3 and 8/3
    assert found == {
        "easy third": ["b"], "middle third": ["d"], "hard third": ["c", "a"], "not in the folder of traces": ["x"],
    }  # fmt: skip


@pytest.mark.parametrize("body", [{"a": {"mean_reward": 0.5, "difficulty": 2.0}}, {"a": 2.0}, {"tasks": {"a": 2.0}}])
def test_difficulty_is_read_from_a_folder_of_traces(tmp_path, body):
    (tmp_path / "difficulty.json").write_text(json.dumps(body))
    assert subjects.read_difficulty(tmp_path) == {"a": 2.0}


@pytest.mark.parametrize("text", ["[", "[1]", '{"a": "hard"}'])
def test_a_difficulty_of_another_form_is_refused(tmp_path, text):
    (tmp_path / "difficulty.json").write_text(text)
    with pytest.raises(DataError, match=r"difficulty\.json"):
        subjects.read_difficulty(tmp_path)
