"""Task files as people have them: Kaggle's pair, a folder of single tasks, one task; and everything wrong with them."""

import json
import re
from pathlib import Path

import pytest
from helpers import G, entry

from arc_submit.errors import DataError
from arc_submit.tasks import TaskSet, load, load_solutions
from arc_submit.tasks.files import Solutions, read_solutions, read_tasks, solutions_path


def save(path: Path, content) -> Path:
    path.write_text(json.dumps(content), "utf-8")
    return path


def refused(path: Path, *parts: str) -> str:
    """The one-line complaint about `path`, which must hold all `parts`."""
    with pytest.raises(DataError) as caught:
        load(str(path))
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message
    return message


@pytest.fixture
def kaggle(tmp_path):
    """A challenges file of two tasks, the second with two test inputs, and its solutions."""
    challenges = save(
        tmp_path / "arc-agi_small_challenges.json",
        {"aaaa0001": entry(), "aaaa0002": entry(tests=[("1", None), ("2", None)])},
    )
    save(tmp_path / "arc-agi_small_solutions.json", {"aaaa0001": [[[4]]], "aaaa0002": [[[5]], [[6]]]})
    return challenges


# Layouts. ------------------------------------------------------------------------------------------------------------


def test_a_kaggle_file_gives_its_tasks_in_file_order(tmp_path):
    path = save(tmp_path / "x_challenges.json", {"b": entry(), "a": entry()})
    assert [task.id for task in load(str(path))] == ["b", "a"]


def test_kaggle_solutions_stand_beside_the_challenges(kaggle):
    tasks, solutions = load(str(kaggle)), load_solutions(str(kaggle))
    assert solutions.outputs == {"aaaa0001": (G("4"),), "aaaa0002": (G("5"), G("6"))}
    solutions.check(tasks)


def test_a_folder_with_one_challenges_file_is_that_file(kaggle):
    assert load(str(kaggle.parent)).tasks == load(str(kaggle)).tasks
    assert load_solutions(str(kaggle.parent)) == load_solutions(str(kaggle))


def test_a_folder_of_single_task_files_takes_its_ids_from_the_file_names(tmp_path):
    save(tmp_path / "bbbb.json", entry(tests=[("1", "7")]))
    save(tmp_path / "aaaa.json", entry(tests=[("1", "8")]))
    assert [task.id for task in load(str(tmp_path))] == ["aaaa", "bbbb"]
    assert load_solutions(str(tmp_path)).outputs == {"aaaa": (G("8"),), "bbbb": (G("7"),)}


def test_a_single_tasks_file_gives_one_task_without_its_test_outputs(tmp_path):
    path = save(tmp_path / "cccc.json", entry(tests=[("1", "7"), ("2", "8")]))
    (task,) = load(str(path))
    assert task.id == "cccc"
    assert task.test == (G("1"), G("2"))
    assert not {7, 8} & {cell for grid in task.inputs for row in grid for cell in row}
    assert load_solutions(str(path)).outputs == {"cccc": (G("7"), G("8"))}


def test_tasks_without_outputs_have_no_solutions(tmp_path):
    path = save(tmp_path / "x_challenges.json", {"a": entry()})
    assert load_solutions(str(path)) is None


def test_the_test_outputs_in_a_file_do_not_change_the_tasks_fingerprint(tmp_path):
    with_outputs = read_tasks(save(tmp_path / "a.json", entry(tests=[("3", "9")])))
    without = read_tasks(save(tmp_path / "a.json", entry(tests=[("3", None)])))
    assert with_outputs.fingerprint == without.fingerprint


def test_the_fingerprint_follows_ids_contents_and_order():
    def fingerprint(*tasks):
        return TaskSet("x", tasks).fingerprint

    one, two = (read_task(f"t{number}") for number in (1, 2))
    assert fingerprint(one, two) == fingerprint(one, two)
    assert len({fingerprint(one, two), fingerprint(two, one), fingerprint(one), fingerprint(two)}) == 4


def read_task(task_id):
    from arc_submit.tasks import grids

    return grids.task(task_id, entry(), "here")


# Files that cannot be read. ------------------------------------------------------------------------------------------


def test_a_missing_path_is_refused_and_the_public_sets_are_named(tmp_path):
    refused(tmp_path / "nothing.json", "nothing.json", "no such file", "arc1-evaluation")


def test_a_file_that_went_missing_after_it_was_found_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"gone\.json: no such file"):
        read_tasks(tmp_path / "gone.json")


def test_an_unreadable_file_is_refused_with_the_systems_reason(tmp_path, monkeypatch):
    path = save(tmp_path / "a.json", entry())

    def denied(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    refused(path, "a.json", "cannot be read", "Permission denied")


def test_a_file_that_is_not_json_is_refused(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("train: []", "utf-8")
    assert "cut short" not in refused(path, "a.json", "not JSON")


def test_a_truncated_file_is_refused_as_such(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"aaaa": entry()})[:40], "utf-8")
    refused(path, "a.json", "not JSON", "cut short")


def test_an_empty_file_is_refused_as_cut_short(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"")
    refused(path, "a.json", "not JSON", "cut short")


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b'{"a": "\xff\xfe"}')
    refused(path, "a.json", "not JSON")


# Files that can be read but are not tasks. ---------------------------------------------------------------------------


def test_an_empty_object_is_refused(tmp_path):
    refused(save(tmp_path / "a.json", {}), "a.json", "expected at least one task")


def test_a_list_of_tasks_is_refused(tmp_path):
    refused(save(tmp_path / "a.json", [entry()]), "a.json", "expected an object of tasks by id", "list")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"train": []}, "expected a non-empty list 'train'"),
        ({"test": []}, "expected a non-empty list 'test'"),
        ({"test": [{"input": [[1, 2], [3]]}]}, "test[0].input: row 1 has 1 cells"),
        ({"test": [{"input": [[10]]}]}, "test[0].input: row 0, column 0: expected an int 0..9"),
        ({"test": [{"input": [[True]]}]}, "expected an int 0..9, found bool True"),
        ({"test": [{"input": [[1.0]]}]}, "expected an int 0..9, found float 1.0"),
        ({"test": [{"input": [["1"]]}]}, "expected an int 0..9, found str '1'"),
        ({"test": [{"input": [[1] * 31]}]}, "expected at most 30"),
        ({"test": [{"input": []}]}, "expected a non-empty list of rows"),
    ],
)
@pytest.mark.parametrize("layout", ["kaggle", "single"])
def test_a_bad_task_is_refused_with_file_and_task_id_in_every_layout(tmp_path, layout, change, expected):
    body = entry() | change
    if layout == "kaggle":
        path = save(tmp_path / "x_challenges.json", {"good": entry(), "badtask": body})
    else:
        path = save(tmp_path / "badtask.json", body)
    refused(path, path.name, "task badtask", expected)


def test_a_single_task_without_train_is_refused_by_its_own_name(tmp_path):
    refused(save(tmp_path / "badtask.json", {"test": entry()["test"]}), "badtask.json", "task badtask", "'train'")


def test_an_empty_folder_is_refused(tmp_path):
    refused(tmp_path, str(tmp_path), "expected *.json task files", "found none")


def test_several_challenges_files_in_a_folder_are_refused_and_named(tmp_path):
    for name in ("a_challenges.json", "b_challenges.json"):
        save(tmp_path / name, {"t": entry()})
    refused(tmp_path, "expected one challenges file", "a_challenges.json", "b_challenges.json")


def test_a_task_id_that_two_files_of_a_folder_hold_is_refused(tmp_path):
    save(tmp_path / "one.json", {"twin": entry()})
    save(tmp_path / "two.json", {"twin": entry()})
    refused(tmp_path, "two.json: task twin: already found in", "one.json")


# Solutions that do not match. ----------------------------------------------------------------------------------------


def test_solutions_without_one_of_the_tasks_are_refused(kaggle):
    solutions = Solutions({"aaaa0001": (G("4"),)})
    expected = f"{kaggle}: task aaaa0002: expected solutions, found none for this id"
    with pytest.raises(DataError, match=re.escape(expected)):
        solutions.check(load(str(kaggle)))


def test_solutions_for_another_number_of_test_inputs_are_refused(kaggle):
    solutions = Solutions({"aaaa0001": (G("4"),), "aaaa0002": (G("5"),)})
    with pytest.raises(DataError, match=r"task aaaa0002: expected 2 solutions \(one per test input\), found 1"):
        solutions.check(load(str(kaggle)))


def test_solutions_for_tasks_that_are_not_asked_for_do_no_harm(kaggle):
    Solutions({"other": (G("1"),), "aaaa0001": (G("4"),), "aaaa0002": (G("5"), G("6"))}).check(load(str(kaggle)))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([], "expected an object of solutions by id, found list"),
        ({"aaaa0001": []}, "task aaaa0001: expected a non-empty list of output grids"),
        ({"aaaa0001": 3}, "task aaaa0001: expected a non-empty list of output grids"),
        ({"aaaa0001": [[[1], [2, 3]]]}, "task aaaa0001: [0]: row 1 has 2 cells"),
        ({"aaaa0001": [[1, 2]]}, "task aaaa0001: [0]: row 0: expected a non-empty list of cells, found int 1"),
    ],
)
def test_a_bad_solutions_file_is_refused_by_its_own_name(kaggle, content, expected):
    save(kaggle.with_name("arc-agi_small_solutions.json"), content)
    with pytest.raises(DataError, match=re.escape("arc-agi_small_solutions.json")) as caught:
        read_solutions(kaggle)
    assert expected in str(caught.value)


def test_only_challenges_files_have_solutions_beside_them():
    assert solutions_path(Path("d/x_challenges.json")) == Path("d/x_solutions.json")
    assert solutions_path(Path("d/x.json")) is None
