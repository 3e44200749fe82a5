"""The whole builder on small folders: what comes out, what is refused, and that nothing depends on processes."""

import json
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dataset_traces import NOTHING_REFUSED, WRONG, exercise, folder, outputs, program, renamed, trace, traces
from typer.testing import CliRunner

import training.cli.dataset
from arc_submit.config import PromptsConfig
from arc_submit.errors import DataError, OutputError, UserError
from arc_submit.programs import from_source
from arc_submit.symbolic.expressions import HEADER
from training.cli import app
from training.dataset import alike, sides, store
from training.dataset.build import build
from training.dataset.settings import Place, Settings
from training.dataset.store import Row
from training.edits import records
from training.guard import ContaminationError
from training.review import decisions

MODEL = Path(__file__).resolve().parents[3] / "weights/small"
EXERCISES = [exercise(number) for number in range(0, 24, 3)]
FEW = Settings(eval_share=0.3, views=2)
CHAT = PromptsConfig(style="chat", tokens=3500)
assert training.cli.dataset


@pytest.fixture(autouse=True)
def nothing_is_refused(monkeypatch: pytest.MonkeyPatch):
    """The guard of the public sets takes seconds; it has tests of its own."""
    monkeypatch.setattr(sides.Refusal, "of", classmethod(lambda cls: cls(NOTHING_REFUSED, {})))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A traces folder."""
    return folder(tmp_path_factory.mktemp("made") / "traces", EXERCISES)


def rows(out: Path) -> dict[str, list[Row]]:
    return {split: list(store.load(out, split)) for split in ("train", "eval")}


def place(out: Path, *folders: Path, **more: Any) -> Place:
    return Place(folders, out, MODEL, **more)


def test_a_dataset_holds_fresh_and_edit_examples_of_both_sides(made: Path, tmp_path: Path):
    about = build(place(tmp_path / "d", made), FEW, PromptsConfig(grids=False))
    found = rows(tmp_path / "d")
    both = found["train"] + found["eval"]
    assert {row.kind for row in both} == {"fresh", "edit"}
    assert not {row.task for row in found["train"]} & {row.task for row in found["eval"]}
    assert {row.task for row in both} == {given.task.id for given in EXERCISES}
    assert len({row.id for row in both}) == len(both) == sum(about.rows.values())
    assert all(row.completion[0]["content"].startswith("def solve(I):\n") for row in both)
    assert all(row.difficulty == 2.0 and row.teacher == "stand-in" for row in both), "as the traces folder says"
    assert {path.name for path in (tmp_path / "d").iterdir()} == {
        "train", "eval", "dataset_dict.json", "dataset.json", "contents.json", "preferences.jsonl", "README.md",
        "lengths.svg",
    }  # fmt: skip
    assert store.about(tmp_path / "d") == about
    sides.check_sides(store.contents(tmp_path / "d", "train"), store.contents(tmp_path / "d", "eval"))


def test_weights_are_even_over_tasks_and_answers_with_mean_1(made: Path, tmp_path: Path):
    build(place(tmp_path / "d", made), replace(FEW, views=4, eval_share=0.0), PromptsConfig(grids=False))
    found = rows(tmp_path / "d")["train"]
    assert sum(row.weight for row in found) / len(found) == pytest.approx(1.0)
    of_task: dict[str, float] = defaultdict(float)
    of_answer: dict[tuple[str, str], float] = defaultdict(float)
    for row in found:
        of_task[row.task] += row.weight
        of_answer[row.task, row.id.rpartition("@")[0]] += row.weight
    assert len(of_task) == len(EXERCISES)
    assert list(of_task.values()) == [pytest.approx(len(found) / len(EXERCISES))] * len(of_task)
    for task in of_task:
        assert len({round(weight, 9) for (owner, _), weight in of_answer.items() if owner == task}) == 1


def test_every_answer_does_what_it_is_praised_for(made: Path, tmp_path: Path):
    build(place(tmp_path / "d", made), replace(FEW, eval_share=0.0), CHAT)
    by_id = {given.task.id: given for given in EXERCISES}
    fresh = [row for row in rows(tmp_path / "d")["train"] if row.kind == "fresh" and row.id.endswith("|0123456789|")]
    assert fresh
    for row in fresh:
        text = row.completion[0]["content"]
        assert text.startswith("<think>\nThe largest object stays.\nIt is filled with 3.\n</think>\n\n```python\n")
        code = re.search(r"```python\n(.*)```", text, re.DOTALL)
        assert code is not None
        given = by_id[row.task]
        wanted = tuple(pair.output for pair in given.task.train) + given.answers
        assert outputs(code[1], given.task.inputs) == wanted


def test_no_test_output_and_no_answer_stands_in_a_prompt(made: Path, tmp_path: Path):
    build(place(tmp_path / "d", made), replace(FEW, views=1), CHAT)
    by_id = {given.task.id: given for given in EXERCISES}
    for row in rows(tmp_path / "d")["train"]:
        answer = by_id[row.task].answers[0]
        text = "\n".join(" ".join(map(str, line)) for line in answer)
        assert text not in row.prompt[1]["content"] or answer in [p.output for p in by_id[row.task].task.train]


def same(one: Path, other: Path) -> bool:
    names = ("preferences.jsonl", "contents.json", "dataset.json", "lengths.svg")
    files = all((one / name).read_bytes() == (other / name).read_bytes() for name in names)
    return files and rows(one) == rows(other)


def test_the_same_folder_and_seed_give_the_same_dataset_and_another_seed_another(made: Path, tmp_path: Path):
    config = PromptsConfig(grids=False)
    for name, seed in (("one", 0), ("again", 0), ("other", 1)):
        build(place(tmp_path / name, made), replace(FEW, seed=seed), config)
    assert same(tmp_path / "one", tmp_path / "again")
    assert rows(tmp_path / "one") != rows(tmp_path / "other")


@pytest.mark.slow
def test_processes_do_not_change_the_dataset(made: Path, tmp_path: Path):
    many = [exercise(number, seed=8) for number in range(18)]  # two buckets
    source = folder(tmp_path / "many", many)
    settings = replace(FEW, views=3)
    build(place(tmp_path / "one", source), settings, PromptsConfig(grids=False))
    build(place(tmp_path / "two", source, processes=2), settings, PromptsConfig(grids=False))
    assert same(tmp_path / "one", tmp_path / "two")


def test_preference_pairs_are_answers_to_one_prompt(made: Path, tmp_path: Path):
    about = build(place(tmp_path / "d", made), FEW, CHAT)
    pairs = [json.loads(line) for line in (tmp_path / "d" / "preferences.jsonl").read_text().splitlines()]
    assert len(pairs) == about.preferences > 0
    for pair in pairs:
        assert pair["chosen"] != pair["rejected"] and pair["margin"] >= FEW.margin
        assert pair["margin"] == pytest.approx(pair["rewards"][0] - pair["rewards"][1], abs=1e-5)
        assert pair["split"] in ("train", "eval") and pair["prompt"][-1]["role"] == "user"


def test_right_on_the_demonstrations_alone_is_no_fresh_answer_and_an_edit_stays_unless_strict(tmp_path: Path):
    given = EXERCISES[0]
    table = {pair.input: hash(number) for number, pair in enumerate(given.task.train)}
    right = (HEADER + given.program).replace("    return O\n", "    return O if I in SEEN else hmirror(O)\n")
    cells = {len(grid) * 31 + len(grid[0]) + sum(map(sum, grid)) * 1000 for grid in table}
    right = right.replace("I in SEEN", f"size(I) * 31 + width(I) + sum(map(sum, I)) * 1000 in {cells}")
    pairs = given.task.train
    assert outputs(right, [pair.input for pair in pairs]) == tuple(pair.output for pair in pairs)
    kept = [trace(given, right), trace(given, right, program(WRONG[0]))]
    assert [each.right for each in kept] == [False, False]
    hidden = [replace(each, right=None) for each in kept]
    source = folder(tmp_path / "t", [replace(given, answers=()), EXERCISES[1]], [*hidden, *traces(EXERCISES[1])])
    build(place(tmp_path / "d", source), replace(FEW, eval_share=0.0), PromptsConfig(grids=False))
    kinds = {row.kind for row in rows(tmp_path / "d")["train"] if row.task == given.task.id}
    assert kinds == {"edit"}, "found out by fresh examples alone: its test outputs were not known"
    strict = replace(FEW, eval_share=0.0, strict=True)
    build(place(tmp_path / "s", source), strict, PromptsConfig(grids=False))
    assert {row.task for row in rows(tmp_path / "s")["train"]} == {EXERCISES[1].task.id}


def test_a_trace_that_does_not_do_what_it_says_is_left_out(tmp_path: Path):
    given, other = EXERCISES[0], EXERCISES[1]
    lying = replace(trace(given, program("hmirror(I)")), solved=(True,) * len(given.task.train), reward=1.2)
    source = folder(tmp_path / "t", [given, other], [lying, *traces(other)])
    about = build(place(tmp_path / "d", source), replace(FEW, eval_share=0.0), PromptsConfig(grids=False))
    assert about.counts["not as recorded"] == 1
    assert {row.task for row in rows(tmp_path / "d")["train"]} == {other.task.id}


def test_an_edit_whose_child_does_not_gain_what_it_says_is_left_out(tmp_path: Path):
    given, other = EXERCISES[0], EXERCISES[1]
    lying = trace(given, program("hmirror(I)"), program("trim(I)"))
    copy = trace(given, program("hmirror(identity(I))"), program("hmirror(I)"))
    every = (True,) * len(given.task.train)
    spoilt = [replace(lying, solved=every, reward=1.2), replace(copy, reward=1.1)]
    source = folder(tmp_path / "t", [given, other], [*spoilt, *traces(other)])
    edits = replace(FEW, eval_share=0.0, fresh_from_edits="no")
    about = build(place(tmp_path / "d", source), edits, PromptsConfig(grids=False))
    assert about.counts["not as recorded"] == 2
    assert {row.task for row in rows(tmp_path / "d")["train"]} == {other.task.id}


def test_a_dataset_is_joined_as_it_is_and_its_sides_stay(made: Path, tmp_path: Path):
    config = PromptsConfig(grids=False)
    build(place(tmp_path / "first", made), FEW, config)
    more = folder(tmp_path / "more", [exercise(number, seed=9) for number in range(3)])
    build(place(tmp_path / "both", tmp_path / "first", more), FEW, config)
    first, both = rows(tmp_path / "first"), rows(tmp_path / "both")
    for split in ("train", "eval"):
        old = {row.id: row.prompt for row in first[split]}
        assert old.items() <= {row.id: row.prompt for row in both[split]}.items()
        assert sum(row.weight for row in both[split]) / len(both[split]) == pytest.approx(1.0)
    with pytest.raises(alike.MixtureError, match=r"compact-1 and chat-1|chat-1 and compact-1"):
        build(place(tmp_path / "mixed", tmp_path / "first", more), FEW, CHAT)
    assert not (tmp_path / "mixed").exists()


def test_the_same_task_under_another_id_stays_on_its_side(tmp_path: Path):
    twins = [renamed(given, f"twin-{number}") for number, given in enumerate(EXERCISES[:4])]
    kept = [each for given in (*EXERCISES[:4], *twins) for each in traces(given)]
    source = folder(tmp_path / "t", [*EXERCISES[:4], *twins], kept)
    build(place(tmp_path / "d", source), replace(FEW, eval_share=0.5, views=1), PromptsConfig(grids=False))
    side = {row.task: split for split, found in rows(tmp_path / "d").items() for row in found}
    assert set(side.values()) == {"train", "eval"}
    for number, given in enumerate(EXERCISES[:4]):
        assert side[given.task.id] == side[f"twin-{number}"]


def test_given_sides_that_leak_are_refused(tmp_path: Path):
    one = folder(tmp_path / "one", EXERCISES[:2])
    other = folder(tmp_path / "other", [renamed(EXERCISES[0], "x"), EXERCISES[2]])
    with pytest.raises(sides.LeakError, match="task x of the eval side"):
        build(place(tmp_path / "d", one, evaluation=(other,)), FEW, PromptsConfig())
    clean = folder(tmp_path / "clean", EXERCISES[2:4])
    build(place(tmp_path / "d", one, evaluation=(clean,)), FEW, PromptsConfig(grids=False))
    assert {row.task for row in rows(tmp_path / "d")["eval"]} == {given.task.id for given in EXERCISES[2:4]}


def test_evaluation_content_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    known = dict.fromkeys(sides.forms(EXERCISES[3]), "arc1-training/secret")
    monkeypatch.setattr(sides.Refusal, "of", classmethod(lambda cls: cls(NOTHING_REFUSED, known)))
    source = folder(tmp_path / "t", [*EXERCISES[:3], replace(EXERCISES[3], origin="my-tasks")])
    with pytest.raises(ContaminationError, match="secret"):
        build(place(tmp_path / "d", source), FEW, PromptsConfig())
    assert [path.name for path in tmp_path.iterdir()] == ["t"]


def test_a_generated_task_that_meets_a_held_out_one_by_chance_is_left_out(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    known = dict.fromkeys(sides.forms(EXERCISES[3]), "arc1-training/secret")
    monkeypatch.setattr(sides.Refusal, "of", classmethod(lambda cls: cls(NOTHING_REFUSED, known)))
    about = build(place(tmp_path / "d", made), replace(FEW, views=1), PromptsConfig(grids=False))
    tasks = {row.task for found in rows(tmp_path / "d").values() for row in found}
    assert tasks == {given.task.id for given in EXERCISES} - {EXERCISES[3].task.id}
    assert about.counts["generated tasks that the guard refuses"] == 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: (path / records.TASKS).unlink(), "not a folder of traces"),
        (lambda path: (path / records.TRACES).unlink(), "not a folder of traces"),
        (lambda path: (path / records.TRACES).write_text(""), "no traces at all"),
        (lambda path: (path / records.TRACES).write_text('{"task": 1}\n'), "line 1 is no trace"),
        (lambda path: (path / records.TRACES).write_bytes(b'{"task": "\xff"}\n'), "line 1 is no"),
        (lambda path: (path / records.TASKS).write_text(""), "not in tasks.jsonl"),
        (lambda path: (path / records.DIFFICULTY).write_text("[]"), "difficult"),
    ],
)
def test_a_folder_that_is_none_is_said_and_leaves_nothing(tmp_path: Path, spoil: Any, said: str):
    source = folder(tmp_path / "t", EXERCISES[:2])
    spoil(source)
    with pytest.raises(DataError, match=said):
        build(place(tmp_path / "d", source), FEW, PromptsConfig())
    assert [path.name for path in tmp_path.iterdir()] == ["t"]


def test_nothing_left_says_why(tmp_path: Path):
    wrong = [trace(given, program("I"), program("hmirror(I)")) for given in EXERCISES[:2]]
    source = folder(tmp_path / "t", EXERCISES[:2], wrong)
    records.write(source / records.TRACES, wrong)
    with pytest.raises(DataError, match="nothing is left"):
        build(place(tmp_path / "d", source), FEW, PromptsConfig())


def test_what_a_person_rejected_is_left_out_and_on_request_what_nobody_accepted(tmp_path: Path):
    source = folder(tmp_path / "t", EXERCISES[:2])
    kept = list(records.read(source / records.TRACES))
    bad, good = kept[0], next(each for each in kept if each.task != kept[0].task and each.passes)
    decisions.append(source, decisions.now(decisions.key(bad), decisions.REJECT))
    decisions.append(source, decisions.now(decisions.key(good), decisions.ACCEPT))
    every = replace(FEW, eval_share=0.0, views=1)
    about = build(place(tmp_path / "d", source), every, CHAT)
    assert (about.counts["read"], about.counts["unwanted in review"]) == (len(kept) - 1, 1)
    about = build(place(tmp_path / "r", source), replace(every, reviewed=True), CHAT)
    assert (about.counts["read"], about.counts["unwanted in review"]) == (1, len(kept) - 1)
    assert {row.task for row in rows(tmp_path / "r")["train"]} == {good.task}


def test_a_task_that_differs_between_folders_is_refused(tmp_path: Path):
    one = folder(tmp_path / "one", EXERCISES[:2])
    other = folder(tmp_path / "other", [renamed(EXERCISES[2], EXERCISES[0].task.id)])
    with pytest.raises(DataError, match="another one"):
        build(place(tmp_path / "d", one, other), FEW, PromptsConfig())


def test_programs_that_grew_lose_what_changes_nothing(tmp_path: Path):
    given = EXERCISES[0]
    padded = (HEADER + given.program).replace("def solve(I):\n", "def solve(I):\n    idle = rot180(I)\n")
    source = folder(tmp_path / "t", [given, EXERCISES[1]], [trace(given, padded), *traces(EXERCISES[1])])
    about = build(place(tmp_path / "d", source), replace(FEW, eval_share=0.0), CHAT)
    assert about.counts["programs shortened"] >= 1
    (row, *_) = [r for r in rows(tmp_path / "d")["train"] if r.task == given.task.id and r.id.endswith("|0123456789|")]
    assert "idle" not in row.completion[0]["content"]
    assert f">{from_source(HEADER + given.program, 't').id}@" in row.id


def test_the_command_prints_steps_and_ends_with_one_json_line(made: Path, tmp_path: Path):
    options = ["dataset", str(made), "--out", str(tmp_path / "d"), "--model", str(MODEL), "--views", "2"]
    options += ["--set", "prompts.style=chat", "--set", "prompts.tokens=3500"]
    done = CliRunner().invoke(app, options, catch_exceptions=False)
    assert done.exit_code == 0
    said = json.loads(done.stdout.rstrip().rsplit("\n", 1)[1])
    assert said["command"] == "dataset" and said["version"] == "chat-1"
    assert said["counts"]["read"] == len(list(records.read(made / records.TRACES)))
    prompts = store.about(tmp_path / "d").prompts
    assert (prompts.style, prompts.tokens) == ("chat", 3500)
    assert "answers read" in done.stdout and "left out" in done.stdout
    card = (tmp_path / "d" / "README.md").read_text()
    assert "chat-1" in card and "Kept out" in card and "Licence" in card


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--eval-share", "1.5"], "--eval-share"),
        (["--split-by", "moon"], "--split-by"),
        (["--set", "search.width=3"], "prompts"),
        (["--set", "prompts.styel=chat"], "styel"),
        (["--model", "nowhere"], "tokenizer.json"),
        (["--examples", "nowhere"], "--examples"),
    ],
)
def test_wrong_options_are_named(made: Path, tmp_path: Path, options: list[str], said: str):
    call = ["dataset", str(made), "--out", str(tmp_path / "d"), "--model", str(MODEL), *options]
    done = CliRunner().invoke(app, call)
    assert isinstance(done.exception, UserError) and said in str(done.exception)


def test_a_dataset_that_is_there_is_replaced_only_on_request(made: Path, tmp_path: Path):
    build(place(tmp_path / "d", made), replace(FEW, views=1), PromptsConfig(grids=False))
    with pytest.raises(OutputError, match="--fresh"):
        build(place(tmp_path / "d", made), FEW, PromptsConfig(grids=False))
    about = build(place(tmp_path / "d", made, fresh=True), FEW, PromptsConfig(grids=False))
    assert sum(map(len, rows(tmp_path / "d").values())) == sum(about.rows.values())
