"""`arc-train evaluate` with a scripted model: figures, resume, warnings, a user's mistakes in one line."""

import json
import re

import pytest
from helpers import entry
from typer.testing import CliRunner

import training.cli.evaluate
from arc_submit.errors import ConfigError, UserError, WeightsError
from training.cli import app
from training.evaluate import edits, parents, solve

FLIP = "def solve(I):\n    return hmirror(I)\n"
PAIRS = (("12/34", "34/12"), ("56/78", "78/56"))


@pytest.fixture
def tasks(tmp_path):
    body = {f"t{number}": entry(PAIRS, [(f"1{number}/34", f"34/1{number}")]) for number in range(3)}
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps(body))
    return path


def script(tmp_path, name, texts, count=3):
    path = tmp_path / f"{name}.jsonl"
    lines = [json.dumps({"task": f"t{number}", "text": text}) for number in range(count) for text in texts]
    path.write_text("\n".join(lines))
    return path


def command(tmp_path, tasks, texts, *more, programs=4):
    file = script(tmp_path, "script", texts)
    words = ["evaluate", "small", "--data", str(tasks), "--programs", str(programs), "--views", "1", "--seeds", "0"]
    scripted = ["--set", "sample.engine=scripted", "--set", f"sample.script={file}", "--out", str(tmp_path / "out")]
    return CliRunner().invoke(app, [*words, *scripted, *more], catch_exceptions=True)


def line(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[-1])


def test_a_model_that_knows_the_answer_solves_everything(tmp_path, tasks):
    found = line(command(tmp_path, tasks, [FLIP, "no code", "def solve(I):\n    return I\n", FLIP]))
    assert found["checkpoints"]["small"]["p2"] == 1.0
    body = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    figures = body["checkpoints"]["small"]["solve"]
    assert figures["unusable"] == {"no code in the text": 3}
    assert figures["distinct_programs"] == 0.5  # 2 of 4 answers
    assert figures["pass_at"] == {"1": 0.5, "2": 0.8333, "4": 1.0}
    for name in ("evaluation.md", "last-mile.svg", "programs.svg"):
        assert (tmp_path / "out" / name).stat().st_size > 500
    rows = [json.loads(text) for text in (tmp_path / "out" / "rows.jsonl").read_text().splitlines()]
    assert [(row["task"], row["right"]) for row in rows] == [("t0", 1), ("t1", 1), ("t2", 1)]


def test_the_same_command_measures_nothing_twice(tmp_path, tasks, monkeypatch):
    first = line(command(tmp_path, tasks, [FLIP] * 4))

    def never(*arguments):
        raise AssertionError("measured again")

    monkeypatch.setattr(solve, "measure", never)
    assert line(command(tmp_path, tasks, [FLIP] * 4))["checkpoints"] == first["checkpoints"]
    assert isinstance(command(tmp_path, tasks, [FLIP] * 4, programs=2).exception, AssertionError)


def test_edits_are_measured_on_the_same_parents(tmp_path, tasks):
    result = command(tmp_path, tasks, [FLIP] * 40, "--edits", "--children", "2", "--parents", "2")
    line(result)
    figures = json.loads((tmp_path / "out" / "evaluation.json").read_text())["checkpoints"]["small"]["edits"]
    # the same right program twice for each parent: one distinct child, better and a passer
    assert figures["share_better"] == 1.0
    assert figures["passers"] == figures["ran"] == figures["parents"] > 0
    assert figures["better_per_asked"] == figures["success"] == 0.5


def test_tasks_without_solutions_say_so(tmp_path):
    body = {f"t{number}": entry(PAIRS, [(f"1{number}/34", None)]) for number in range(3)}
    (tmp_path / "blind.json").write_text(json.dumps(body))
    result = command(tmp_path, tmp_path / "blind.json", [FLIP] * 4)
    found = line(result)["checkpoints"]["small"]
    assert (found["p2"], found["tasks_with_passer"]) == (None, 1.0)
    assert "test outputs of 3 of 3 tasks are not known" in result.output


def test_a_model_without_papers_is_a_warning(tmp_path, tasks):
    result = command(tmp_path, tasks, [FLIP] * 4)
    assert "nobody knows what it has seen" in result.output
    assert "nobody knows" in (tmp_path / "out" / "evaluation.md").read_text()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--seeds", "0,0"], "a seed twice"),
        (["--seeds", "x"], "whole numbers"),
        (["--set", "budget.cohort=2"], "only prompts"),
        (["--set", "sample.model=x"], "name the checkpoint"),
        (["--set", "prompts.style=verse"], "prompts.style"),
        (["--difficulty", "nowhere"], "difficulty.json|cannot be read"),
        (["--against", "small"], "compared with itself"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, tasks, more, says):
    result = command(tmp_path, tasks, [FLIP], *more)
    assert isinstance(result.exception, UserError) and "\n" not in str(result.exception)
    assert re.search(says, str(result.exception))


def test_missing_folders_are_named(tmp_path):
    invoke = CliRunner().invoke
    gone = invoke(app, ["evaluate", str(tmp_path / "none"), "--out", str(tmp_path / "out")])
    assert isinstance(gone.exception, WeightsError) and "none" in str(gone.exception)
    bare = invoke(app, ["evaluate", "weights/small", "--adapter", "nope", "--out", str(tmp_path / "out")])
    assert isinstance(bare.exception, WeightsError) and "no such adapter" in str(bare.exception)


def test_the_small_model_is_not_asked_in_chat():
    pytest.importorskip("torch")
    found = CliRunner().invoke(app, ["evaluate", "weights/small", "--set", "prompts.style=chat"])
    assert isinstance(found.exception, ConfigError) and "prompts.style=compact" in str(found.exception)


def test_several_checkpoints_edit_the_same_programs(tmp_path):
    """From Python: the parents are made once; a checkpoint of right answers beats one of none."""
    from arc_submit.config import SampleConfig
    from arc_submit.tasks import load

    (tmp_path / "tasks.json").write_text(json.dumps({f"t{n}": entry(PAIRS, [("1", "1")]) for n in range(3)}))
    pool = parents.parents_of(load(str(tmp_path / "tasks.json")), seed=0, most=2)
    assert [parent.number for parent in pool] == [0, 1] * 3 and all(parent.fitness < 1 for parent in pool)
    made = {}
    for name, text in (("good", FLIP), ("bad", "no code")):
        sample = SampleConfig(engine="scripted", script=script(tmp_path, name, [text] * 8))
        done = []
        made[name] = edits.edit_success(name, None, pool, children=2, sample=sample, advance=done.append)
        assert sum(done) == 3
    assert list(made["good"]) == ["t0", "t1", "t2"] and made["good"]["t0"].share == 1.0
    assert made["bad"]["t0"].unusable == 4 and made["bad"]["t0"].share is None
    assert edits.compare(made["good"], made["bad"], "per_asked").wins == 3


def test_the_command_is_listed_with_examples():
    assert training.cli.evaluate.evaluate.__doc__
    shown = CliRunner().invoke(app, ["evaluate", "--help"], env={"COLUMNS": "200"}).stdout
    assert "Examples" in shown and "--against-adapter" in shown


@pytest.mark.slow
def test_two_checkpoints_are_compared_over_two_processes(tmp_path, tasks):
    pytest.importorskip("torch")
    from sample.tiny import tiny_adapter, tiny_model

    model = tiny_model(tmp_path / "tiny")
    adapter = tiny_adapter(tmp_path / "tuned", model)
    words = ["evaluate", str(model), "--adapter", str(adapter), "--against-adapter", "none", "--data", "held-out"]
    few = ["--tasks", "8", "--programs", "2", "--seeds", "0,1", "--edits", "--children", "1", "--parents", "1"]
    quick = ["--set", "sample.max_new_tokens=8", "--processes", "2", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, [*words, *few, *quick])
    found = line(result)
    assert len(found["checkpoints"]) == 2 and found["compared"]["p2"]["tasks"] == 8
    assert found["warnings"] >= 3  # nobody knows what model and adapter have seen, and how they were asked
    again = CliRunner().invoke(app, [*words, *few, *quick, "--processes", "1"])
    assert line(again)["checkpoints"] == found["checkpoints"]
