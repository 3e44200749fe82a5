"""Folders that are joined, datasets among them: what is guarded, what is on which side, what counts once."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dataset_traces import NOTHING_REFUSED, WRONG, exercise, folder, program, renamed, trace, traces

from arc_submit.config import PromptsConfig
from arc_submit.errors import DataError
from arc_submit.symbolic.expressions import HEADER
from training.dataset import sides, store
from training.dataset.build import build
from training.dataset.gather import gather
from training.dataset.settings import Place, Settings
from training.dataset.store import Row
from training.edits import records
from training.guard import ContaminationError, Guard

MODEL = Path(__file__).resolve().parents[3] / "weights/small"
EXERCISES = [exercise(number) for number in range(0, 15, 3)]
FEW = Settings(eval_share=0.0, views=2)
CONFIG = PromptsConfig(grids=False)


@pytest.fixture(autouse=True)
def nothing_is_refused(monkeypatch: pytest.MonkeyPatch):
    """The guard of the public sets takes seconds; it has tests of its own."""
    refuse(monkeypatch, Guard((), {}, {}, frozenset()))


def refuse(monkeypatch: pytest.MonkeyPatch, guard: Guard = NOTHING_REFUSED, **held: str) -> None:
    known = {found: where for where in held.values() for found in sides.forms(EXERCISES[0])}
    monkeypatch.setattr(sides.Refusal, "of", classmethod(lambda cls: cls(guard, known)))


def place(out: Path, *folders: Path, **more: Any) -> Place:
    return Place(folders, out, MODEL, **more)


def dataset(tmp_path: Path, name: str, given: list[Any], settings: Settings = FEW) -> Path:
    """A dataset of the traces of some tasks."""
    build(place(tmp_path / name, folder(tmp_path / f"{name}-traces", given)), settings, CONFIG)
    return tmp_path / name


def rows(out: Path, split: str = "train") -> list[Row]:
    return list(store.load(out, split))


def test_a_dataset_is_no_eval_side(tmp_path: Path):
    first = dataset(tmp_path, "first", EXERCISES[:2])
    more = folder(tmp_path / "more", EXERCISES[2:4])
    with pytest.raises(DataError, match="--eval takes folders of traces"):
        build(place(tmp_path / "d", more, evaluation=(first,)), FEW, CONFIG)
    assert not (tmp_path / "d").exists()


def test_beside_an_eval_side_that_is_given_a_joined_dataset_has_none(tmp_path: Path):
    both = dataset(tmp_path, "both", EXERCISES[:3], replace(FEW, eval_share=0.4))
    asked = folder(tmp_path / "asked", EXERCISES[3:])
    with pytest.raises(DataError, match="an eval side of its own"):
        build(place(tmp_path / "d", both, evaluation=(asked,)), FEW, CONFIG)
    plain = dataset(tmp_path, "plain", EXERCISES[:3])
    build(place(tmp_path / "d", plain, evaluation=(asked,)), FEW, CONFIG)
    assert {row.task for row in rows(tmp_path / "d", "eval")} == {given.task.id for given in EXERCISES[3:]}


@pytest.mark.parametrize("set_of", ["evaluation", "held-out"])
def test_a_joined_dataset_is_held_against_the_guard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, set_of: str):
    first = dataset(tmp_path, "first", EXERCISES[:2])
    more = folder(tmp_path / "more", EXERCISES[2:4])
    if set_of == "held-out":
        refuse(monkeypatch, where="arc1-training/secret")
    else:
        refuse(monkeypatch, Guard((), dict.fromkeys(sides.forms(EXERCISES[0]), "set/secret"), {}, frozenset()))
    with pytest.raises(ContaminationError, match=rf"first.*{EXERCISES[0].task.id}.*secret"):
        build(place(tmp_path / "d", first, more), FEW, CONFIG)


def without_the_first_task(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "train": dict(list(found["train"].items())[1:])}


def on_the_other_side(found: dict[str, Any]) -> dict[str, Any]:
    return {"train": {}, "eval": found["train"]}


@pytest.mark.parametrize("spoil", [without_the_first_task, on_the_other_side])
def test_a_joined_row_of_a_task_that_is_not_in_the_contents_is_said(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], dict[str, Any]]
):
    first = dataset(tmp_path, "first", EXERCISES[:2])
    path = first / store.CONTENTS
    path.write_text(json.dumps(spoil(json.loads(path.read_text()))))
    with pytest.raises(DataError, match=r"contents\.json"):
        build(place(tmp_path / "d", first, folder(tmp_path / "more", EXERCISES[2:4])), FEW, CONFIG)
    assert not (tmp_path / "d").exists()


def test_two_joined_datasets_with_one_id_for_two_tasks_are_refused(tmp_path: Path):
    one = dataset(tmp_path, "one", EXERCISES[:2])
    other = dataset(tmp_path, "other", [renamed(EXERCISES[2], EXERCISES[0].task.id), EXERCISES[3]])
    with pytest.raises(DataError, match="another one"):
        build(place(tmp_path / "d", one, other), FEW, CONFIG)


def test_a_dataset_and_its_own_traces_make_the_same_examples_once(tmp_path: Path):
    first = dataset(tmp_path, "first", EXERCISES[:3])
    about = build(place(tmp_path / "d", first, tmp_path / "first-traces"), FEW, CONFIG)
    found, before = rows(tmp_path / "d"), rows(first)
    assert Counter(row.id for row in found) == Counter(row.id for row in before)
    weights = {row.id: row.weight for row in before}
    assert {row.id: row.weight for row in found} == pytest.approx(weights)
    assert about.counts["examples that a joined dataset has"] == len(before)
    assert (tmp_path / "d" / "preferences.jsonl").read_text() == (first / "preferences.jsonl").read_text()
    assert about.preferences == store.about(first).preferences > 0


def test_new_answers_to_a_task_of_a_joined_dataset_weigh_as_much_as_the_old_ones(tmp_path: Path):
    first = dataset(tmp_path, "first", EXERCISES[:3])
    given = EXERCISES[0]
    further = trace(given, HEADER + given.program, program("shift(I, (0, 1))"))
    assert further.gain > 0 and further.parent not in [each.parent for each in traces(given)]
    more = folder(tmp_path / "more", [given], [further])
    build(place(tmp_path / "d", first, more), replace(FEW, views=4), CONFIG)
    found = rows(tmp_path / "d")
    assert len({row.id for row in found}) == len(found)
    of_task: dict[str, float] = defaultdict(float)
    of_answer: dict[str, float] = defaultdict(float)
    for row in found:
        of_task[row.task] += row.weight
        of_answer[row.id.rpartition("@")[0]] += row.weight
    assert list(of_task.values()) == [pytest.approx(len(found) / 3)] * 3
    own = [weight for answer, weight in of_answer.items() if answer.startswith(f"{given.task.id}:")]
    assert len(own) > 2 and own == [pytest.approx(own[0])] * len(own), "each answer of a task the same"


@pytest.mark.parametrize("first_knows", [True, False])
def test_a_task_whose_answers_one_folder_knows_keeps_them(tmp_path: Path, first_knows: bool):
    known, unknown = EXERCISES[0], replace(EXERCISES[0], answers=())
    one = folder(tmp_path / "one", [known if first_knows else unknown])
    other = folder(tmp_path / "other", [unknown if first_knows else known])
    found, _ = gather(place(tmp_path / "d", one, other), [])
    assert found.exercises[known.task.id].answers == known.answers
    assert found.contents[known.task.id] == sides.forms(known) > sides.forms(unknown)


def test_a_joined_dataset_that_knows_no_answers_goes_with_traces_that_do(tmp_path: Path):
    first = dataset(tmp_path, "first", [replace(EXERCISES[0], answers=()), EXERCISES[1]])
    build(place(tmp_path / "d", first, folder(tmp_path / "more", EXERCISES[:1])), FEW, CONFIG)
    assert store.contents(tmp_path / "d", "train")[EXERCISES[0].task.id] == sides.forms(EXERCISES[0])


def test_other_tests_are_the_same_task_and_other_outputs_of_the_same_tests_are_not(tmp_path: Path):
    given, other = EXERCISES[0], EXERCISES[1]
    one = folder(tmp_path / "one", [given])
    tests = replace(given, task=replace(given.task, test=other.task.test), answers=other.answers)
    found, _ = gather(place(tmp_path / "d", one, folder(tmp_path / "tests", [tests])), [])
    assert found.contents[given.task.id] == sides.forms(given) | sides.forms(tests)
    outputs = folder(tmp_path / "outputs", [replace(given, answers=other.answers)])
    with pytest.raises(DataError, match="other test outputs"):
        gather(place(tmp_path / "d", one, outputs), [])


def test_more_answers_than_tests_are_said(tmp_path: Path):
    source = folder(tmp_path / "t", [replace(EXERCISES[0], answers=EXERCISES[0].answers * 2)], [])
    with pytest.raises(DataError, match=r"2 (answers|test outputs) for 1 test"):
        build(place(tmp_path / "d", source), FEW, CONFIG)


def test_a_dataset_may_be_made_in_the_folder_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = folder(tmp_path / "t", EXERCISES[:2])
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    build(place(Path("."), Path("../t")), FEW, CONFIG)
    assert store.is_dataset(tmp_path / "here") and source.is_dir()
    assert (tmp_path / "here" / "README.md").read_text().startswith("---\npretty_name: here\n")


def test_a_generated_task_that_only_its_answer_gives_away_is_refused_in_every_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    given = EXERCISES[0]
    hidden = sides.forms(given) - sides.forms(replace(given, answers=()))
    monkeypatch.setattr(
        sides.Refusal, "of", classmethod(lambda cls: cls(NOTHING_REFUSED, dict.fromkeys(hidden, "arc1-training/x")))
    )
    one = folder(tmp_path / "one", [replace(given, answers=()), EXERCISES[1]])
    other = folder(tmp_path / "other", [given])
    evaluation = folder(tmp_path / "eval", EXERCISES[2:3])
    found, _ = gather(place(tmp_path / "d", one, other, evaluation=(evaluation,)), [])
    assert given.task.id in found.refused
    assert all(given.task.id not in known for known in (found.exercises, found.contents, found.sides))
    first = dataset(tmp_path, "first", [replace(given, answers=()), EXERCISES[1]])
    with pytest.raises(ContaminationError, match=given.task.id):
        gather(place(tmp_path / "d", first, other), [first])


def test_traces_of_both_folders_of_a_task_are_learnt_from(tmp_path: Path):
    given = EXERCISES[0]
    one = folder(tmp_path / "one", [replace(given, answers=())], [trace(given, HEADER + given.program)])
    other = folder(tmp_path / "other", [given], [trace(given, HEADER + given.program, program(WRONG[4]))])
    about = build(place(tmp_path / "d", one, other), FEW, CONFIG)
    assert about.counts["read"] == len([*records.read(one / records.TRACES), *records.read(other / records.TRACES)])
    assert {row.kind for row in rows(tmp_path / "d")} == {"fresh", "edit"}
