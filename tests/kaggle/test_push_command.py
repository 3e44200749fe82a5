"""`arc-submit kaggle ...` as a person meets it, from the first push to the score, against the stand-in."""

import json
from pathlib import Path
from typing import Any

import pytest
from api_stand_in import Kaggle
from helpers import entry
from small_pack import make_pack

from arc_submit import cli
from arc_submit.cli import kaggle as commands  # noqa: F401  hangs the commands on the application
from arc_submit.kaggle import submit

GOOD = {
    "kit": "arc-submit",
    "ok": True,
    "why": [],
    "mode": "commit",
    "canary": True,
    "score": {"solved_outputs": 1, "outputs": 4},
    "accelerator": {"name": "L4", "count": 4},
}
ANSWER = {"attempt_1": [[1]], "attempt_2": [[2]]}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Call the entry point in this process; (exit code, standard output, standard error)."""

    def called(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["arc-submit", "kaggle", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return called


def last_line(out: str) -> dict[str, Any]:
    return json.loads(out.splitlines()[-1])


def finished(kaggle: Kaggle, **changed: Any) -> None:
    """The first version leaves its output."""
    run = kaggle.kernels["me/arc-submit"][0]
    run.files = {
        "verdict.json": json.dumps(GOOD | changed).encode(),
        "submission.json": json.dumps({"t1": [ANSWER]}).encode(),
    }
    run.log = json.dumps([{"data": "all fine\n"}])


def test_from_the_push_to_the_score(kaggle: Kaggle, call: Any, tmp_path: Path) -> None:
    kaggle.competition_files["arc-agi_test_challenges.json"] = json.dumps({"t1": entry()}).encode()
    pack = make_pack(tmp_path / "pack")
    code, out, err = call("push", pack, "--wait", "--every", "0.05")
    assert code == 0, err
    assert last_line(out)["state"] == "COMPLETE"
    assert last_line(out)["parts"]["kernel"] == "pushed"
    assert "me/arc-submit/1: QUEUED after 0 min (waits for a machine" in err
    finished(kaggle)

    code, out, _ = call("status", "arc-submit/1".replace("arc-submit", "me/arc-submit"))
    assert (code, last_line(out)["state"]) == (0, "COMPLETE")

    code, out, _ = call("logs", "arc-submit")
    assert "all fine" in out and last_line(out)["lines"] == 1

    code, out, _ = call("output", "arc-submit", "-p", tmp_path / "fetched")
    assert code == 0
    assert "1 of 4 test outputs" in out
    assert last_line(out) | {"files": 0} == {
        "kernel": "me/arc-submit",
        "files": 0,
        "good": True,
        "why": [],
        "submission": "ok",
        "tasks": 1,
    }

    code, out, err = call("submit", "arc-submit", 1, "-m", "first", "--wait", "--every", "0.05")
    assert code == 0, err
    assert last_line(out) == {
        "kernel": "me/arc-submit/1",
        "competition": "arc-prize-2026-arc-agi-2",
        "submission": 77,
        "left": 0,
        "state": "COMPLETE",
        "public": "12.5",
        "error": "",
    }


def test_a_verdict_that_is_not_ok_is_submitted_only_anyway(kaggle: Kaggle, call: Any, tmp_path: Path) -> None:
    kaggle.competition_files["arc-agi_test_challenges.json"] = json.dumps({"t1": entry()}).encode()
    call("push", make_pack(tmp_path / "pack"), "--wait", "--every", "0.05")
    finished(kaggle, ok=False, why=["the canary failed"])
    code, out, err = call("submit", "arc-submit", 1)
    assert code == 2
    assert err.strip() == "arc-submit: not submitted: verdict: the canary failed (--anyway submits all the same)"
    assert kaggle.named("CreateCodeSubmission") == []
    code, out, _ = call("submit", "arc-submit", 1, "--anyway")
    assert (code, last_line(out)["submission"]) == (0, 77)


def test_anyway_does_not_overrule_a_submission_for_other_tasks(kaggle: Kaggle, call: Any, tmp_path: Path) -> None:
    kaggle.competition_files["arc-agi_test_challenges.json"] = json.dumps({"t2": entry()}).encode()
    call("push", make_pack(tmp_path / "pack"), "--wait", "--every", "0.05")
    finished(kaggle)
    code, _, err = call("submit", "arc-submit", 1, "--anyway")
    assert code == 2 and "not submitted: submission.json:" in err
    assert kaggle.named("CreateCodeSubmission") == []


def test_a_submission_that_is_made_is_said_even_if_the_count_fails(
    kaggle: Kaggle, call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kaggle.competition_files["arc-agi_test_challenges.json"] = json.dumps({"t1": entry()}).encode()
    call("push", make_pack(tmp_path / "pack"), "--wait", "--every", "0.05")
    finished(kaggle)
    submit = kaggle.create_code_submission

    def then_break(body: dict[str, Any]) -> dict[str, Any]:
        kaggle.fail("GetSubmissionLimits", 418, "teapot", times=9)
        return submit(body)

    monkeypatch.setattr(kaggle, "create_code_submission", then_break)
    code, out, _ = call("submit", "arc-submit", 1)
    assert code == 0 and "not known: counting submissions: HTTP 418" in out
    assert last_line(out)["submission"] == 77 and last_line(out)["left"] is None


def test_ctrl_c_while_waiting_says_that_it_was_submitted(
    kaggle: Kaggle, call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kaggle.competition_files["arc-agi_test_challenges.json"] = json.dumps({"t1": entry()}).encode()
    call("push", make_pack(tmp_path / "pack"), "--wait", "--every", "0.05")
    finished(kaggle)

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(submit, "watch_score", interrupted)
    code, out, err = call("submit", "arc-submit", 1, "--wait")
    assert code == 130
    assert "submitted: 77" in out.splitlines()
    assert "stopped waiting; it was submitted: 77" in err
    assert last_line(out)["submission"] == 77


def test_a_wait_that_breaks_leaves_the_line_for_machines(
    kaggle: Kaggle, call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kaggle.competition_files["arc-agi_test_challenges.json"] = json.dumps({"t1": entry()}).encode()
    call("push", make_pack(tmp_path / "pack"), "--wait", "--every", "0.05")
    finished(kaggle)
    monkeypatch.setattr(kaggle, "list_submissions", lambda body: {"submissions": []})
    code, out, err = call("submit", "arc-submit", 1, "--wait", "--every", "0.05")
    assert (code, last_line(out)["submission"]) == (2, 77)
    assert "submission 77: made, and not in the list" in err


def test_output_of_an_earlier_fetch_is_not_judged(kaggle: Kaggle, call: Any, tmp_path: Path) -> None:
    kaggle.add_run("me/arc-submit", verdict_json=json.dumps(GOOD), submission_json=json.dumps({"t1": [ANSWER]}))
    kaggle.add_run("me/arc-submit", trace_txt="it broke")
    assert call("output", "me/arc-submit/1", "-p", tmp_path)[0] == 0
    code, out, err = call("output", "me/arc-submit/2", "-p", tmp_path)
    assert code == 1
    assert (last_line(out)["good"], last_line(out)["submission"]) == (False, "missing")
    assert f"{tmp_path / 'verdict.json'}: of an earlier fetch; not looked at" in err


def test_a_folder_that_cannot_be_written_is_one_line_and_exit_code_2(kaggle: Kaggle, call: Any, tmp_path: Path) -> None:
    kaggle.add_run("me/arc-submit", verdict_json="{}")
    (tmp_path / "file").write_text("")
    code, _, err = call("output", "arc-submit", "-p", tmp_path / "file" / "fetched")
    assert code == 2 and err.count("\n") == 1 and "Not a directory" in err


def test_a_scoring_error_ends_with_exit_code_1_and_its_cause(kaggle: Kaggle, call: Any, tmp_path: Path) -> None:
    kaggle.competition_files["arc-agi_test_challenges.json"] = json.dumps({"t1": entry()}).encode()
    call("push", make_pack(tmp_path / "pack"), "--wait", "--every", "0.05")
    finished(kaggle)
    kaggle.scores = [("PENDING", ""), ("ERROR", "Notebook Timeout")]
    code, out, _ = call("submit", "arc-submit", 1, "--wait", "--every", "0.05")
    assert code == 1
    assert "beyond its time limit" in out and last_line(out)["error"] == "Notebook Timeout"


def test_a_failed_run_is_exit_code_1_and_points_to_the_log(kaggle: Kaggle, call: Any) -> None:
    run = kaggle.add_run("me/arc-submit", "ERROR")
    run.message = "Notebook Exceeded Allowed Compute"
    code, out, _ = call("status", "arc-submit")
    assert code == 1
    assert "arc-submit kaggle logs me/arc-submit" in out and "more memory or disk" in out
    assert last_line(out)["state"] == "ERROR"


def test_a_push_whose_run_fails_is_exit_code_1(kaggle: Kaggle, call: Any, tmp_path: Path) -> None:
    kaggle.states = ["RUNNING", "ERROR"]
    code, out, _ = call("push", make_pack(tmp_path / "pack"), "--wait", "--every", "0.05")
    assert (code, last_line(out)["state"]) == (1, "ERROR")


def test_doctor(kaggle: Kaggle, call: Any, tmp_path: Path) -> None:
    code, out, _ = call("doctor", make_pack(tmp_path / "pack"))
    assert (code, last_line(out)["healthy"]) == (0, True)
    kaggle.rules_accepted = False
    code, out, _ = call("doctor", tmp_path / "pack")
    assert (code, last_line(out)["checks"]["rules"]) == (1, False)


MISTAKES = {
    "a machine that is retired": (("push", "--accelerator", "NvidiaTeslaP100"), "retired; Kaggle gives NvidiaTeslaT4"),
    "a machine that there is not": (("push", "--accelerator", "NvidiaL4x4"), "expected one of"),
    "a part that there is not": (("push", "--only", "code,weight"), "expected some of code, wheels"),
    "no pack": (("push", "nowhere"), "make it with `arc-submit kaggle pack"),
    "two versions": (("submit", "me/arc-submit/2", "3"), "two different versions"),
    "no such notebook": (("status", "me/other-kernel"), "access to run of me/other-kernel is denied"),
    "not a name": (("logs", "a/b/c"), "expected a notebook as slug"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_one_line_and_exit_code_2(kaggle: Kaggle, call: Any, case: str) -> None:
    arguments, words = MISTAKES[case]
    code, out, err = call(*arguments)
    assert code == 2
    assert words in err and err.startswith("arc-submit: ") and err.count("\n") == 1
    assert out == ""


@pytest.mark.parametrize("verb", ["push", "status", "logs", "output", "submit", "doctor"])
def test_every_verb_has_help_with_examples(call: Any, verb: str) -> None:
    code, out, _ = call(verb, "--help")
    assert code == 0 and "Example" in out
