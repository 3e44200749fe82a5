"""Files in which some entries are not what the ARC format says, and that must be answered all the same."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers import G, entry

from arc_submit import config, folder, score, submission
from arc_submit.errors import DataError, ResumeError
from arc_submit.records import Answer
from arc_submit.run import Run
from arc_submit.tasks import TaskSet, load, select

GOOD = entry([("12/34", "34/12"), ("567/089", "089/567")], [("34/12", None)])
TWO = [{"input": [[1, 2]]}, {"input": [[3]]}]
BAD: dict[str, tuple[Any, tuple[str, ...]]] = {
    "no-train": ({"test": TWO}, ("12", "3")),
    "empty-train": ({"train": [], "test": TWO}, ("12", "3")),
    "train-no-list": ({"train": 5, "test": TWO}, ("12", "3")),
    "pair-no-object": ({"train": [[1, 2]], "test": TWO}, ("12", "3")),
    "no-output": ({"train": [{"input": [[1]]}], "test": TWO}, ("12", "3")),
    "ragged": ({"train": [{"input": [[1, 2], [3]], "output": [[1]]}], "test": TWO}, ("12", "3")),
    "colour-10": ({"train": [{"input": [[10]], "output": [[1]]}], "test": TWO}, ("12", "3")),
    "colour-minus-1": ({"train": [{"input": [[-1]], "output": [[1]]}], "test": TWO}, ("12", "3")),
    "text": ({"train": [{"input": [["1"]], "output": [[1]]}], "test": TWO}, ("12", "3")),
    "fraction": ({"train": [{"input": [[1.5]], "output": [[1]]}], "test": TWO}, ("12", "3")),
    "too-tall": ({"train": [{"input": [[1]] * 31, "output": [[1]]}], "test": TWO}, ("12", "3")),
    "empty-grid": ({"train": [{"input": [], "output": [[1]]}], "test": TWO}, ("12", "3")),
    "empty-row": ({"train": [{"input": [[]], "output": [[1]]}], "test": TWO}, ("12", "3")),
    "no-test": ({"train": GOOD["train"]}, ("0",)),
    "empty-test": ({"train": GOOD["train"], "test": []}, ("0",)),
    "test-no-list": ({"train": GOOD["train"], "test": {"input": [[1]]}}, ("0",)),
    "test-no-input": ({"train": GOOD["train"], "test": [{"output": [[1]]}, TWO[0]]}, ("0", "12")),
    "test-ragged": ({"train": GOOD["train"], "test": [TWO[0], {"input": [[1], [2, 3]]}]}, ("12", "0")),
    "test-colour": ({"train": GOOD["train"], "test": [{"input": [[12]]}, TWO[1], 7]}, ("0", "3", "0")),
    "list": ([1, 2, 3], ("0",)),
    "number": (5, ("0",)),
    "null": (None, ("0",)),
    "empty": ({}, ("0",)),
}
"""Id -> (the entry, the test inputs that a stand-in has)."""
OUTPUTS = sum(len(inputs) for _, inputs in BAD.values())
QUICK = ["--seconds-per-task", "4", "--set", "workers=1", "--set", "search.proposers=enumerate,mutate,crossover"]


def save(folder_: Path, entries: dict[str, Any], name: str = "x_challenges.json") -> Path:
    path = folder_ / name
    path.write_text(json.dumps(entries), "utf-8")
    return path


def write_mixed(home: Path) -> Path:
    """A file with one good task among all the others; the solutions of each stand beside it."""
    items = [(name, value) for name, (value, _) in BAD.items()]
    half = len(items) // 2
    solutions = {name: [[[9, 9]]] * len(inputs) for name, (_, inputs) in BAD.items()} | {"good": [[[1, 2], [3, 4]]]}
    save(home, solutions, "x_solutions.json")
    return save(home, dict([*items[:half], ("good", GOOD), *items[half:]]))


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    return write_mixed(tmp_path)


def arc(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "arc_submit", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def machine_line(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])  # type: ignore[no-any-return]


def ids(tasks: TaskSet) -> tuple[list[str], list[str]]:
    return [task.id for task in tasks], [task.id for task in tasks.unread]


# Reading. ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BAD)
def test_an_entry_that_is_malformed_is_passed_over_with_its_test_inputs(tmp_path, name):
    value, inputs = BAD[name]
    tasks = load(str(save(tmp_path, {"good": GOOD, "bad": value})), lenient=True)
    assert ids(tasks) == (["good"], ["bad"])
    assert tasks.unread[0].test == tuple(map(G, inputs))
    assert len(tasks.troubles) == 1 and "bad" in tasks.troubles[0] and "\n" not in tasks.troubles[0]


@pytest.mark.parametrize("name", BAD)
def test_unasked_it_is_an_error_that_names_the_task(tmp_path, name):
    with pytest.raises(DataError, match="bad") as caught:
        load(str(save(tmp_path, {"good": GOOD, "bad": BAD[name][0]})))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", BAD)
def test_a_submission_answers_it_by_a_fallback(tmp_path, name):
    tasks = load(str(save(tmp_path, {"good": GOOD, "bad": BAD[name][0]})), lenient=True)
    path = tmp_path / submission.NAME
    submission.write(path, [*tasks, *tasks.unread], {})
    content = submission.read(path)
    submission.check(content, [*tasks, *tasks.unread], path)
    assert len(content["bad"]) == len(BAD[name][1])


def test_a_file_without_any_good_task_is_an_error_and_says_the_first_trouble(tmp_path):
    with pytest.raises(DataError, match=r"no well-formed task among 2; the first: .*task a"):
        load(str(save(tmp_path, {"a": {"train": []}, "b": 5})), lenient=True)


def test_good_files_are_read_alike(tmp_path):
    path = str(save(tmp_path, {"a": GOOD, "b": GOOD}))
    assert load(path, lenient=True) == load(path)


def test_a_file_that_is_cut_short_is_an_error_all_the_same(tmp_path):
    path = save(tmp_path, {"a": GOOD})
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(DataError, match="cut short"):
        load(str(path), lenient=True)


def test_a_folder_of_single_files_may_hold_a_malformed_one(tmp_path):
    save(tmp_path, GOOD, "a.json")
    save(tmp_path, {"train": [], "test": TWO}, "b.json")
    assert ids(load(str(tmp_path), lenient=True)) == (["a"], ["b"])


def test_what_is_passed_over_does_not_change_who_the_tasks_are(tmp_path):
    whole = load(str(save(tmp_path, {"a": GOOD})))
    mixed = load(str(save(tmp_path, {"a": GOOD, "bad": 5})), lenient=True)
    assert mixed.fingerprint == whole.fingerprint and len(mixed) == 1


# Choosing. -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def few(tmp_path: Path) -> TaskSet:
    entries = {"a": GOOD, "bad": 5, "b": GOOD, "worse": {"train": []}, "c": GOOD}
    return load(str(save(tmp_path, entries)), lenient=True)


def test_all_of_them_are_taken_when_nothing_is_said(few):
    assert select(few) == few


def test_named_ones_are_taken_whichever_kind_they_are(few):
    chosen = select(few, ["worse", "c", "a"])
    assert ids(chosen) == (["c", "a"], ["worse"])
    assert len(chosen.troubles) == 1 and "worse" in chosen.troubles[0]


def test_a_malformed_one_that_is_not_named_is_left_out(few):
    assert ids(select(few, ["b"])) == (["b"], []) and select(few, ["b"]).troubles == ()


def test_an_id_that_is_neither_is_refused(few):
    with pytest.raises(DataError, match="no task nope"):
        select(few, ["a", "nope"])


def test_a_limit_is_for_tasks_that_can_be_searched(few):
    assert ids(select(few, limit=2)) == (["a", "b"], [])


def test_a_limit_that_does_not_bind_takes_all(few):
    assert select(few, limit=3) == few and select(few, limit=99) == few


# Whole runs. ---------------------------------------------------------------------------------------------------------


class Ear:
    def progress(self, run: Run) -> None:
        pass

    def notice(self, text: str) -> None:
        pass


def test_a_run_of_malformed_tasks_alone_answers_them(few, tmp_path):
    chosen = select(few, ["bad", "worse"])
    settings = config.load(settings=["search.proposers=symbolic", "workers=1"])
    folder.create(tmp_path / "out", chosen, settings, fresh=False)
    summary = Run(chosen, settings, tmp_path / "out").go(Ear())
    assert (summary["tasks"], summary["outputs"], summary["malformed"]) == (0, 2, ["bad", "worse"])
    assert submission.read(tmp_path / "out" / submission.NAME).keys() == {"bad", "worse"}


def test_without_lenient_the_run_is_refused_and_nothing_is_begun(mixed, tmp_path):
    done = arc("run", "--data", mixed, "--out", tmp_path / "out", *QUICK)
    assert done.returncode == 2 and "no-train" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder of a lenient run, and what it said."""
    home = tmp_path_factory.mktemp("lenient")
    out = home / "out"
    return out, arc("run", "--data", write_mixed(home), "--out", out, "--lenient", *QUICK)


def test_a_lenient_run_solves_the_good_one_and_answers_all(finished):
    out, done = finished
    summary = machine_line(done)
    assert (summary["tasks"], summary["finished"], summary["with_passer"], summary["canary"]) == (1, 1, 1, True)
    assert summary["outputs"] == OUTPUTS + 1 and summary["fallbacks"] == OUTPUTS
    assert summary["malformed"] == list(BAD)
    assert done.stderr.count("passed over") == len(BAD)
    content = json.loads((out / submission.NAME).read_text())
    assert {name: len(found) for name, found in content.items()} == {
        **{name: len(inputs) for name, (_, inputs) in BAD.items()}, "good": 1,
    }  # fmt: skip
    assert [[1, 2], [3, 4]] in content["good"][0].values()


def test_a_lenient_run_is_resumed(finished):
    out, _ = finished
    content = json.loads((out / submission.NAME).read_text())
    again = machine_line(arc("run", "--out", out, "--resume"))
    assert again["malformed"] == list(BAD) and again["outputs"] == OUTPUTS + 1 and again["finished"] == 1
    assert json.loads((out / submission.NAME).read_text()) == content


def test_a_lenient_run_is_scored(finished):
    scored = machine_line(arc("score", finished[0]))
    assert scored["solved_tasks"] == 1 and scored["solved_by"] == {"symbolic": 1}


def test_a_lenient_run_has_a_report(finished):
    assert machine_line(arc("report", finished[0]))["bytes"] > 0


def test_a_lenient_run_on_files_that_hold_their_own_outputs_is_scored(tmp_path):
    (tmp_path / "data").mkdir()
    save(tmp_path / "data", entry([("1", "2")], [("3", "4")]), "a.json")
    save(tmp_path / "data", {"train": [], "test": [{"input": [[1]], "output": [[11]]}]}, "b.json")
    tasks = load(str(tmp_path / "data"), lenient=True)
    folder.create(tmp_path / "out", tasks, config.load(), fresh=False)
    answer = Answer("a", ((G("4"),),), ((1,),), ("p",), 1)
    submission.write(tmp_path / "out" / submission.NAME, [*tasks, *tasks.unread], {"a": answer})
    assert score.score_run(tmp_path / "out").summary()["solved_outputs"] == 1


def test_the_submission_of_a_lenient_run_is_scored_beside_its_data(mixed, tmp_path):
    tasks = load(str(mixed), lenient=True)
    submission.write(tmp_path / submission.NAME, [*tasks, *tasks.unread], {})
    done = arc("score", tmp_path / submission.NAME, "--data", mixed)
    assert "Traceback" not in done.stderr and done.returncode in (0, 2)
    if done.returncode == 2:
        assert "malformed" in done.stderr or "no-train" in done.stderr


def test_a_resumed_run_sees_that_a_malformed_task_has_been_mended(tmp_path):
    path = save(tmp_path, {"a": GOOD, "b": 5})
    settings = config.load(settings=["search.proposers=symbolic"])
    folder.create(tmp_path / "out", load(str(path), lenient=True), settings, fresh=False)
    save(tmp_path, {"a": GOOD, "b": GOOD})
    with pytest.raises(ResumeError, match="changed"):
        folder.tasks_of(tmp_path / "out")


def test_a_run_remembers_that_it_was_lenient(few, tmp_path):
    settings = config.load(settings=["search.proposers=symbolic"])
    folder.create(tmp_path / "out", few, settings, fresh=False)
    assert ids(folder.tasks_of(tmp_path / "out")) == (["a", "b", "c"], ["bad", "worse"])
    folder.resume(tmp_path / "out", folder.tasks_of(tmp_path / "out"), settings)
