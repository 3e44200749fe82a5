"""The public sets by name, and how a part of a set is chosen."""

import pytest
from helpers import entry

from arc_submit.errors import DataError
from arc_submit.tasks import NAMED, TaskSet, grids, load, load_solutions, select

COUNTS = {
    "arc1-training": 400,
    "arc1-evaluation": 400,
    "arc2-training": 1000,
    "arc2-evaluation": 120,
    "kaggle2025-training": 1000,
    "kaggle2025-evaluation": 120,
}


def some(count: int) -> TaskSet:
    return TaskSet("some", tuple(grids.task(f"t{number}", entry(), "here") for number in range(count)))


def ids(tasks: TaskSet) -> list[str]:
    return [task.id for task in tasks]


def test_every_named_set_is_counted_here():
    assert NAMED.keys() == COUNTS.keys()


@pytest.mark.parametrize("name", COUNTS)
def test_a_named_set_is_whole_and_its_solutions_match(name):
    tasks, solutions = load(name), load_solutions(name)
    assert len(tasks) == COUNTS[name]
    assert tasks.name == name
    assert len(set(ids(tasks))) == COUNTS[name]
    assert solutions.outputs.keys() == set(ids(tasks))
    solutions.check(tasks)


def test_a_known_task_comes_out_as_published():
    # 25ff71a9 of ARC-AGI-1 training: every picture moves down by one row.
    (task,) = select(load("arc1-training"), ["25ff71a9"])
    assert [pair.output == (pair.input[-1], *pair.input[:-1]) for pair in task.train] == [True] * 4
    outputs = load_solutions("arc1-training").outputs["25ff71a9"]
    assert outputs == tuple((grid[-1], *grid[:-1]) for grid in task.test)


def test_a_limit_spreads_the_choice_evenly_over_the_file():
    # Task number k of n = 3 out of 10 is 10 k // 3: 0, 3, 6.
    assert ids(select(some(10), limit=3)) == ["t0", "t3", "t6"]


@pytest.mark.parametrize("limit", [None, 5, 6])
def test_a_limit_that_does_not_bind_changes_nothing(limit):
    assert select(some(5), limit=limit) == some(5)


def test_ids_are_chosen_in_the_order_named():
    assert ids(select(some(5), ["t4", "t1"])) == ["t4", "t1"]


def test_an_id_named_twice_is_one_task():
    assert ids(select(some(5), ["t4", "t1", "t4"])) == ["t4", "t1"]


def test_a_limit_counts_among_the_ids_named():
    assert ids(select(some(9), ["t8", "t7", "t6", "t5"], limit=2)) == ["t8", "t6"]


def test_an_unknown_id_is_refused_by_name():
    with pytest.raises(DataError, match="some: no task nope"):
        select(some(2), ["t1", "nope"])


def test_a_choice_keeps_the_name_of_the_set():
    assert select(some(5), limit=1).name == "some"
