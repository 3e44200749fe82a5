"""What is mounted: the competition's six files and our datasets, in both layouts, and no answer where none may be."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from arc_submit import score, tasks
from arc_submit.dryrun import inputs
from arc_submit.dryrun.inputs import OWNER, Chosen
from arc_submit.errors import ConfigError, DataError
from kernel import mounts

SLUG = "arc-prize-2026-arc-agi-2"
IDS = ("00576224", "009d5c81")  # of arc1-evaluation, and of the training file that is mounted
FILES = (
    "arc-agi_evaluation_challenges.json",
    "arc-agi_evaluation_solutions.json",
    "arc-agi_test_challenges.json",
    "arc-agi_training_challenges.json",
    "arc-agi_training_solutions.json",
    "sample_submission.json",
)


@pytest.fixture(scope="module")
def chosen() -> Chosen:
    return inputs.choose("arc1-evaluation", IDS, None, "rerun")


@pytest.fixture(scope="module")
def rerun(chosen: Chosen, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rerun") / "files"
    inputs.competition(folder, chosen, "rerun")
    return folder


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A code bundle of a few bytes, with its card and a wheel."""
    folder = tmp_path / "code"
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "main.py").write_text("print(1)\n")
    (folder / "some.whl").write_bytes(b"wheel")
    (folder / "BUNDLE.json").write_text(json.dumps({"kit": "arc-submit", "kind": "code", "commit": "abc"}))
    (folder / "dataset-metadata.json").write_text("{}")
    return folder


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_a_rerun_has_the_chosen_tasks_in_its_test_file_in_order_and_without_answers(rerun: Path) -> None:
    assert tuple(sorted(os.listdir(rerun))) == FILES
    test = read(rerun / "arc-agi_test_challenges.json")
    assert tuple(test) == IDS
    assert {key for task in test.values() for pair in task["test"] for key in pair} == {"input"}
    sample = read(rerun / "sample_submission.json")
    assert {task_id: len(entries) for task_id, entries in sample.items()} == {
        task_id: len(task["test"]) for task_id, task in test.items()
    }


def test_a_rerun_holds_the_answers_to_its_tasks_in_no_file_at_all(rerun: Path, chosen: Chosen) -> None:
    public = {task.id for task in tasks.load(inputs.TRAINING)}
    assert chosen.ids <= public  # they would be there if nobody had taken them out
    for name in set(FILES) - {"arc-agi_test_challenges.json", "sample_submission.json"}:
        assert not chosen.ids & set(read(rerun / name)), name
    assert len(read(rerun / "arc-agi_training_challenges.json")) == 1000 - 2
    assert len(read(rerun / "arc-agi_evaluation_solutions.json")) == 120


def test_a_commit_run_has_the_tasks_and_their_answers_in_the_evaluation_file(chosen: Chosen, tmp_path: Path) -> None:
    inputs.competition(tmp_path / "files", chosen, "commit")
    evaluation = read(tmp_path / "files" / "arc-agi_evaluation_challenges.json")
    solutions = read(tmp_path / "files" / "arc-agi_evaluation_solutions.json")
    assert tuple(evaluation)[:2] == IDS and solutions.keys() == evaluation.keys()
    assert chosen.solutions is not None
    wanted = chosen.solutions.outputs[IDS[0]]
    assert solutions[IDS[0]] == [[list(row) for row in grid] for grid in wanted]
    assert len(read(tmp_path / "files" / "arc-agi_test_challenges.json")) == inputs.PLACEHOLDERS


def test_what_is_mounted_is_what_load_gives(rerun: Path, chosen: Chosen) -> None:
    assert tasks.load(str(rerun / "arc-agi_test_challenges.json")).tasks == chosen.tasks.tasks


@pytest.mark.parametrize(
    ("layout", "competition", "bundle"),
    [
        ("new", f"competitions/{SLUG}", f"datasets/{OWNER}/arc-submit-code"),
        ("old", SLUG, "arc-submit-code"),
    ],
)
def test_the_kernel_finds_everything_in_either_layout(
    layout: str, competition: str, bundle: str, rerun: Path, code: Path, tmp_path: Path
) -> None:
    root = tmp_path / layout
    inputs.mount(root, layout, SLUG, rerun, {"arc-submit-code": code})
    found = mounts.competition(root, SLUG)
    assert found.how == f"{layout} layout" and found.own and found.folder == root / competition
    dataset = mounts.datasets(root, "BUNDLE.json", "code")[0]
    assert dataset.folder == root / bundle and dataset.card["commit"] == "abc"


def test_cards_are_not_mounted_and_wheels_are_linked_not_copied(rerun: Path, code: Path, tmp_path: Path) -> None:
    inputs.mount(tmp_path / "in", "old", SLUG, rerun, {"c": code})
    mounted = tmp_path / "in" / "c"
    assert sorted(os.listdir(mounted)) == ["BUNDLE.json", "code", "some.whl"]
    assert (mounted / "some.whl").samefile(code / "some.whl")
    assert not (mounted / "BUNDLE.json").samefile(code / "BUNDLE.json")


def test_the_scorer_has_the_answers(chosen: Chosen, tmp_path: Path) -> None:
    path = inputs.answers(tmp_path / "answers", chosen)
    assert chosen.solutions is not None
    right = {
        task.id: [{"attempt_1": grid, "attempt_2": [[0]]} for grid in chosen.solutions.outputs[task.id]]
        for task in chosen.tasks
    }
    (tmp_path / "submission.json").write_text(json.dumps(right))
    assert score.score_file(tmp_path / "submission.json", str(path)).summary()["p2"] == 1.0


def test_tasks_without_answers_can_be_rerun_but_not_committed(tmp_path: Path) -> None:
    path = tmp_path / "x_challenges.json"
    path.write_text(json.dumps({"t": {"train": [{"input": [[1]], "output": [[2]]}], "test": [{"input": [[3]]}]}}))
    assert inputs.choose(str(path), (), None, "rerun").solutions is None
    with pytest.raises(ConfigError, match="no solutions"):
        inputs.choose(str(path), (), None, "commit")
    with pytest.raises(DataError, match="no task nowhere"):
        inputs.choose(str(path), ("nowhere",), None, "rerun")
