"""The command line as a person meets it: help, listings, and every mistake answered by one line and exit code 2."""

import json
import socket
from pathlib import Path

import pytest

from arc_submit import cli, config, folder, tasks
from arc_submit.errors import ConfigError, EngineError
from arc_submit.sample import build as engines
from arc_submit.search import proposers
from arc_submit.symbolic import ideas

SYMBOLIC = ("--set", "search.proposers=symbolic")
GOOD = {"t1": {"train": [{"input": [[1]], "output": [[2]]}], "test": [{"input": [[3]]}]}}


def call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object
) -> tuple[int, str, str]:
    """Call the entry point in this process; (exit code, standard output, standard error)."""
    monkeypatch.setattr("sys.argv", ["arc-submit", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


def write(path: Path, content: object) -> Path:
    """Write JSON, or text as it is."""
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def changed(**test: object) -> dict[str, object]:
    """The good task with its first training pair replaced."""
    return {"t1": {**GOOD["t1"], "train": [test]}}


BAD_FILES: dict[str, tuple[object, str]] = {
    "not JSON": ("hello", "not JSON"),
    "cut short": ('{"t1": {"train": [', "cut short"),
    "an empty object": ({}, "at least one task"),
    "a list": ([1], "object of tasks by id"),
    "no pairs": ({"t1": {"train": [], "test": [{"input": [[1]]}]}}, "t1"),
    "no test input": ({"t1": {"train": GOOD["t1"]["train"], "test": []}}, "test"),
    "a ragged grid": (changed(input=[[1, 2], [3]], output=[[1]]), "row 1 has 1 cells, expected 2"),
    "a cell of 10": (changed(input=[[10]], output=[[1]]), "expected an int 0..9"),
    "a negative cell": (changed(input=[[-1]], output=[[1]]), "expected an int 0..9"),
    "a bool": (changed(input=[[True]], output=[[1]]), "bool"),
    "a float": (changed(input=[[1.0]], output=[[1]]), "float"),
    "a string": (changed(input=[["1"]], output=[[1]]), "str"),
    "31 rows": (changed(input=[[1]] * 31, output=[[1]]), "31 rows"),
    "31 columns": (changed(input=[[1] * 31], output=[[1]]), "31 cells"),
    "an empty grid": (changed(input=[], output=[[1]]), "non-empty"),
    "no output": (changed(input=[[1]]), "output"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_task_file_gets_one_line_that_names_file_and_fault(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content, expected = BAD_FILES[case]
    path = write(tmp_path / "bad.json", content)
    code, _, err = call(monkeypatch, capsys, "run", "--data", path, "--out", tmp_path / "out", *SYMBOLIC)
    assert code == 2
    assert err.count("\n") == 1 and "bad.json" in err and expected in err
    assert not (tmp_path / "out").exists(), "nothing is begun with bad data"


def test_a_missing_file_lists_the_public_sets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(monkeypatch, capsys, "data", tmp_path / "none.json")
    assert code == 2 and "none.json" in err and "arc1-evaluation" in err


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("search.foo=1", "no setting 'foo'"),
        ("serch.islands=1", "did you mean 'search'"),
        ("search.islands=zero", "search.islands=zero"),
        ("budget=1", "group of settings"),
        ("nonsense", "expected key=value"),
        ("search.proposers=oracle", "unknown proposer 'oracle'"),
    ],
)
def test_a_bad_setting_is_named(
    setting: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "good.json", GOOD)
    code, _, err = call(monkeypatch, capsys, "run", "--data", path, "--out", tmp_path / "out", "--set", setting)
    assert code == 2 and err.count("\n") == 1 and expected in err


def test_an_unknown_preset_lists_the_known_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "good.json", GOOD)
    code, _, err = call(monkeypatch, capsys, "run", "--data", path, "--out", tmp_path / "o", "--preset", "lapptop")
    assert code == 2 and "lapptop" in err and "laptop" in err


def test_an_out_folder_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "good.json", GOOD)
    code, _, err = call(monkeypatch, capsys, "run", "--data", path, "--out", path, *SYMBOLIC)
    assert code == 2 and "cannot write" in err


def test_an_unknown_task_id_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(monkeypatch, capsys, "show", "ffffffff", "--data", "arc1-training")
    assert code == 2 and "ffffffff" in err


def test_resume_without_a_run_says_what_was_expected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(monkeypatch, capsys, "run", "--out", tmp_path / "none", "--resume")
    assert code == 2 and "no run here" in err


def test_scoring_without_solutions_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "good.json", GOOD)
    answer = write(tmp_path / "submission.json", {"t1": [{"attempt_1": [[1]], "attempt_2": [[2]]}]})
    code, _, err = call(monkeypatch, capsys, "score", answer, "--data", path)
    assert code == 2 and "no solutions" in err


def test_solutions_that_do_not_match_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "my_challenges.json", GOOD)
    write(tmp_path / "my_solutions.json", {"t1": [[[1]], [[2]]]})
    code, _, err = call(monkeypatch, capsys, "data", path)
    assert code == 2 and "t1" in err and "expected 1 solutions" in err


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ([{"attempt_1": [[1]]}], "attempt_2"),
        ([], "expected 1 answers"),
        ([{"attempt_1": [[11]], "attempt_2": [[1]]}], "expected an int 0..9"),
        ([{"attempt_1": [[1], [1, 2]], "attempt_2": [[1]]}], "row 1"),
    ],
)
def test_a_bad_submission_is_refused(
    entry: object, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "my_challenges.json", GOOD)
    write(tmp_path / "my_solutions.json", {"t1": [[[1]]]})
    answer = write(tmp_path / "submission.json", {"t1": entry})
    code, _, err = call(monkeypatch, capsys, "score", answer, "--data", path)
    assert code == 2 and expected in err and "t1" in err


def test_a_right_submission_scores_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "my_challenges.json", GOOD)
    write(tmp_path / "my_solutions.json", {"t1": [[[4]]]})
    answer = write(tmp_path / "submission.json", {"t1": [{"attempt_1": [[1]], "attempt_2": [[4]]}]})
    code, out, _ = call(monkeypatch, capsys, "score", answer, "--data", path)
    assert code == 0
    assert json.loads(out.splitlines()[-1])["p2"] == 1.0


@pytest.mark.parametrize("command", ["run", "score", "solve", "show", "data", "doctor", "report"])
def test_every_command_has_help_with_an_example(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call(monkeypatch, capsys, command, "--help")
    assert code == 0 and "Usage" in out
    assert "Example" in out


def test_show_draws_a_task_and_ends_with_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call(monkeypatch, capsys, "show", "007bbfb7", "--data", "arc1-training", "--solutions")
    assert code == 0 and "train 4 in 3x3" in out
    assert json.loads(out.splitlines()[-1]) == {"task": "007bbfb7", "train": 5, "test": 1}


@pytest.mark.parametrize("option", [("--limit", "1"), ("--tasks", "t1"), ("--preset", "other"), ("--fresh",)])
def test_resume_refuses_options_that_would_change_the_run(
    option: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(monkeypatch, capsys, "run", "--out", tmp_path / "out", "--resume", *option)
    assert code == 2 and option[0] in err and "--resume" in err


def test_a_missing_script_is_said_before_anything_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "good.json", GOOD)
    said = call(
        monkeypatch, capsys, "run", "--data", path, "--out", tmp_path / "o", "--set", "search.proposers=scripted"
    )
    assert said[0] == 2 and "search.script" in said[2]
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("value", ["inf", "nan", "0", "-1"])
def test_a_time_that_is_none_is_refused(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "good.json", GOOD)
    code, _, err = call(
        monkeypatch, capsys, "run", "--data", path, "--out", tmp_path / "o", "--seconds-per-task", value
    )
    assert code == 2 and "budget.seconds_per_task" in err


def test_what_may_not_be_looked_at_is_a_users_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "good.json", GOOD)
    long = tmp_path / ("x" * 300)  # as a folder without permission, it raises on every look
    code, _, err = call(monkeypatch, capsys, "data", long)
    assert code == 2 and err.count("\n") == 1
    code, _, err = call(monkeypatch, capsys, "run", "--data", path, "--out", long, *SYMBOLIC)
    assert code == 2 and "cannot write" in err


# The language model, before anything is begun. -----------------------------------------------------------------------


def nobody() -> str:
    """The URL of a port at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


MODELS = {
    "no model folder": (["sample.model=nowhere"], "sample.model=nowhere: no folder"),
    "no script": (["sample.engine=scripted"], "sample.script=none"),
    "a script that is gone": (["sample.engine=scripted", "sample.script=gone.jsonl"], "sample.script=gone.jsonl"),
    "no server": (["sample.engine=openai", f"sample.server={nobody()}"], "nobody answers (Connection refused)"),
    "no URL": (["sample.engine=openai", "sample.server=here"], "sample.server=here: expected a URL"),
    "no port": (["sample.engine=openai", "sample.server=http://here:x/v1"], "expected a URL"),
}


@pytest.mark.parametrize("command", ["run", "solve"])
@pytest.mark.parametrize("case", MODELS)
def test_a_model_that_is_not_there_gets_one_line_and_nothing_is_begun(
    case: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, expected = MODELS[case]
    monkeypatch.setattr(engines, "_found", lambda module: True)
    monkeypatch.delenv("http_proxy", raising=False)
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    path = write(tmp_path / "good.json", GOOD)
    given = ("--data", path, "--out", tmp_path / "out") if command == "run" else ("t1", "--data", path)
    chosen = [word for setting in ["search.proposers=lm", *settings] for word in ("--set", setting)]
    code, out, err = call(monkeypatch, capsys, command, *given, *chosen)
    assert code == 2 and out == ""
    assert err.count("\n") == 1 and expected in err
    assert [entry.name for entry in tmp_path.iterdir()] == ["good.json"]


def test_an_engine_without_weights_cannot_be_tuned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, script = write(tmp_path / "good.json", GOOD), write(tmp_path / "script.jsonl", "")
    chosen = ("--set", "search.proposers=lm", "--set", "sample.engine=scripted", "--set", f"sample.script={script}")
    code, out, err = call(monkeypatch, capsys, "solve", "t1", "--data", path, *chosen, "--adapt", "grpo")
    assert code == 2 and out == "" and err.count("\n") == 1
    assert "adapt.mode=grpo: sample.engine=scripted has no weights to tune; take hf or vllm" in err


def test_an_adapter_that_vllm_has_no_room_for_is_refused_before_anything_loads() -> None:
    chosen = config.load(settings=["sample.engine=vllm", "adapt.mode=both", "adapt.rank=128"])
    with pytest.raises(ConfigError, match=r"adapt\.rank=128: vLLM has room for rank 64; raise sample\.lora_rank"):
        proposers.check(chosen)


@pytest.mark.parametrize(("words", "expected"), [("none", "none"), ("both", "both")])
def test_the_word_none_is_a_way_of_learning(words: str, expected: str) -> None:
    assert config.load(settings=[f"adapt.mode={words}"]).adapt.mode == expected


def test_a_way_of_learning_that_is_none_gets_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "good.json", GOOD)
    code, _, err = call(monkeypatch, capsys, "solve", "t1", "--data", path, "--adapt", "rlhf")
    assert code == 2 and "adapt.mode=rlhf" in err and "'hindsight'" in err


def test_solve_says_which_idea_found_a_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [[[0, 2], [3, 0]], [[4, 0, 0], [0, 5, 6]], [[7, 8, 0], [1, 2, 3]]]
    train = [{"input": row, "output": [[9 if cell == 0 else cell for cell in line] for line in row]} for row in rows]
    path = write(tmp_path / "holes.json", {"holes": {"train": train, "test": [{"input": [[0, 1], [1, 0]]}]}})
    chosen = ("--set", "search.proposers=rules", "--seconds", "20")
    for verbose in (True, False):
        given = ("solve", "holes", "--data", path, *chosen, *(["-v"] if verbose else []))
        code, out, _ = call(monkeypatch, capsys, *given)
        assert code == 0 and "by rules: passes every demonstration" in out
        assert ("Rules for single cells, learned from the demonstrations" in " ".join(out.split())) == verbose


def test_a_run_compiles_what_is_missing_behind_its_first_submission_and_goes_on_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[object, bool]] = []

    def prepare(names: object) -> None:
        asked.append((names, (tmp_path / "out" / "submission.json").exists()))
        raise EngineError("layers: a kernel does not compile here")

    monkeypatch.setattr(ideas, "prepare", prepare)
    path = write(tmp_path / "good.json", GOOD)
    chosen = ("--set", "search.proposers=rules", "--set", "workers=1", "--out", tmp_path / "out")
    code, _, err = call(monkeypatch, capsys, "run", "--data", path, "--seconds-per-task", "2", *chosen)
    assert code == 0 and asked == [(("rules",), True)] and "does not compile here" in err


def test_solve_says_which_idea_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr(ideas, "load", lambda name: broken)
    path = write(tmp_path / "good.json", GOOD)
    chosen = ("--set", "search.proposers=rules", "--seconds", "5")
    code, out, err = call(monkeypatch, capsys, "solve", "t1", "--data", path, *chosen)
    assert code == 0 and "THE IDEA rules FAILED: ZeroDivisionError: a mistake" in err
    assert json.loads(out.splitlines()[-1])["failed_ideas"] == {"rules": "ZeroDivisionError: a mistake"}


@pytest.mark.slow
def test_solve_shows_how_it_learnt(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    settings = ("search.proposers=lm", "budget.max_rounds=4", "adapt.when=open", "adapt.answers=64", "adapt.share=1.0")
    chosen = [word for setting in settings for word in ("--set", setting)]
    given = ("solve", "239be575", "--data", "arc1-training", "--adapt", "both", "--seconds", "200", *chosen)
    cli.app(list(given), standalone_mode=False)
    out = capsys.readouterr().out
    learning = json.loads(out.splitlines()[-1])["learning"]
    assert learning["updates"] >= 2 and learning["reward_after"] is not None
    assert "mean reward of fresh answers, by round" in out and "learned" in out


@pytest.mark.parametrize(("engine", "missing"), [("hf", "torch"), ("vllm", "vllm"), ("openai", "openai")])
def test_libraries_that_are_missing_are_named_with_what_to_do(
    engine: str, missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engines, "_found", lambda module: module != missing)
    path = write(tmp_path / "good.json", GOOD)
    chosen = ("--set", "search.proposers=lm,symbolic", "--set", f"sample.engine={engine}")
    code, out, err = call(monkeypatch, capsys, "run", "--data", path, "--out", tmp_path / "out", *chosen)
    assert code == 2 and out == ""
    assert err.count("\n") == 1 and f"sample.engine={engine}: {missing} not installed; pip install" in err
    assert not (tmp_path / "out").exists()


def test_symbolic_search_asks_for_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    from arc_submit.search import proposers

    monkeypatch.setattr(engines, "_found", lambda module: False)
    proposers.check(config.load(settings=["search.proposers=symbolic", "sample.model=nowhere"]))


def test_a_server_that_listens_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_found", lambda module: True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        engines.check(config.SampleConfig(engine="openai", server=url))


def test_a_server_behind_a_proxy_is_left_to_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_found", lambda module: True)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    engines.check(config.SampleConfig(engine="openai", server="http://a-host.invalid/v1"))


def test_a_run_whose_model_is_gone_is_not_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engines, "_found", lambda module: True)
    path, out = write(tmp_path / "good.json", GOOD), tmp_path / "out"
    settings = config.load(settings=["search.proposers=lm", "sample.engine=hf", "sample.model=nowhere"])
    folder.create(out, tasks.load(str(path)), settings, fresh=False)
    before = {entry.name: entry.read_bytes() for entry in out.iterdir()}
    code, _, err = call(monkeypatch, capsys, "run", "--out", out, "--resume")
    assert code == 2 and err.count("\n") == 1 and "sample.model=nowhere" in err
    assert {entry.name: entry.read_bytes() for entry in out.iterdir()} == before
