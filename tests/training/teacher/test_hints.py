"""Files of what people say, and when it is told."""

import json
from pathlib import Path

import pytest

from arc_submit.errors import ConfigError, DataError
from training.teacher import hints
from training.teacher.hints import Hint, Plan

LARC = {
    "see_description": "In the input, you should see... dots",
    "grid_description": "The output grid size... is 9x9.",
    "do_description": "To make the output, you have to... join them",
}
JOINED = (
    "In the input, you should see... dots. The output grid size... is 9x9. "
    "To make the output, you have to... join them."
)


def file(folder: Path, name: str, body: object) -> Path:
    path = folder / name
    path.write_text(body if isinstance(body, str) else json.dumps(body))
    return path


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("h.json", {"abc": JOINED}),
        ("h.json", {"abc": LARC}),
        ("h.json", {"abc.json": [{**LARC, "succeeded_verification": False, "do_description": "x"}, LARC]}),
        ("h.json", [{"task_id": "abc", "description": LARC}]),
        ("h.jsonl", json.dumps({"task": "abc", "text": JOINED}) + "\n\n"),
        ("h.csv", "task_id,task_name,description_input,description_output\n"
                  "7,abc.json,\"In the input, you should see... dots. The output grid size... is 9x9\","
                  "\"To make the output, you have to... join them\"\n"),
        ("abc.json", {"descriptions": {"u1": LARC}, "name": "abc.json", "test": [{"output": [[1]]}]}),
    ],
)  # fmt: skip
def test_every_layout_gives_the_same_hint(tmp_path: Path, name: str, body: object) -> None:
    path = file(tmp_path, name, body)
    found = hints.read(path)
    assert found.by_task == {"abc": Hint(f"{path.stem}#abc", JOINED)}
    assert len(found) == 1 and len(found.digest) == 16


def test_a_folder_of_task_files_of_larc_is_read_and_its_grids_are_not(tmp_path: Path) -> None:
    action = {"action": {"tool": "check"}, "grid": [[7, 8], [5, 6]]}
    for number, name in enumerate(("aaa", "bbb")):
        body = {"name": f"{name}.json", "descriptions": {"u": {**LARC, "action_sequence": [action]}}}
        file(tmp_path, f"{number}.json", body)
    found = hints.read(tmp_path)
    assert {task: hint.text for task, hint in found.by_task.items()} == {"aaa": JOINED, "bbb": JOINED}


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("h.txt", "x", "hints are .json"),
        ("h.json", "{", "not JSON"),
        ("h.json", "3", "expected an object or a list"),
        ("h.json", [3], "entry 1 is no record"),
        ("h.json", [{"text": "x"}], "entry 1 names no task"),
        ("h.json", {"abc": ""}, "no description"),
        ("h.jsonl", '{"task": "a", "text": "b"}\n{', "line 2 is not JSON"),
        ("h.csv", "task,colour\nabc,red\n", "no description"),
    ],
)
def test_bad_files_say_what_is_wrong(tmp_path: Path, name: str, body: object, told: str) -> None:
    with pytest.raises(DataError, match=told):
        hints.read(file(tmp_path, name, body))
    with pytest.raises(DataError, match="cannot be read"):
        hints.read(tmp_path / "missing.json")


def test_rollouts_go_from_hint_to_no_hint() -> None:
    plan = Plan(rounds=2)
    assert [plan.tells(0, "t", turn, 0) for turn in range(4)] == [True, True, False, False]
    assert not Plan(rounds=0).tells(0, "t", 0, 0)


def test_a_share_of_the_prompts_is_told_and_it_is_always_the_same_one() -> None:
    plan = Plan(share=0.25)
    told = [plan.tells(3, f"t{number}", 0, 0) for number in range(400)]
    assert 70 <= sum(told) <= 130  # 100 expected, standard deviation 8.7
    assert told == [plan.tells(3, f"t{number}", 0, 0) for number in range(400)]
    with pytest.raises(ConfigError):
        Plan(share=1.5)
