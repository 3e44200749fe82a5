"""What came of it: every reason not to trust a run is found, from the files that it left."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from arc_submit.dryrun import outcome
from arc_submit.dryrun.order import Check, Report
from arc_submit.dryrun.outcome import Outcome
from arc_submit.dryrun.place import Place

TASK = {"t": {"train": [{"input": [[1]], "output": [[2]]}], "test": [{"input": [[3]]}]}}
RIGHT = {"t": [{"attempt_1": [[4]], "attempt_2": [[0]]}]}
VERDICT = {"ok": True, "why": [], "mode": "rerun", "canary": True, "fallbacks": 0, "outputs": 1, "tasks": 1}
SUMMARY = {"tasks": 1, "outputs": 1, "sandbox": "A", "submission": "x"}


class House:
    """A finished run's folder that a test spoils."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.working = folder / "working"
        self.working.mkdir()
        self.test, self.answers = folder / "test_challenges.json", folder / "dry-run_challenges.json"
        for path in (self.test, self.answers):
            path.write_text(json.dumps(TASK))
        (folder / "dry-run_solutions.json").write_text(json.dumps({"t": [[[4]]]}))
        self.put("submission.json", RIGHT)
        self.put("verdict.json", VERDICT)
        (folder / "logs").mkdir()
        (folder / "logs" / "solver.log").write_text(f"words\n{json.dumps(SUMMARY)}\n")
        with tarfile.open(self.working / "logs.tar.gz", "w:gz") as archive:
            archive.add(folder / "logs", "logs")

    def put(self, name: str, content: Any) -> None:
        (self.working / name).write_text(content if isinstance(content, str) else json.dumps(content))

    def judged(self, mode: str = "rerun", **report: Any) -> Outcome:
        found = Outcome("new", mode, Place("namespaces"), 60.0, Report(**{"code": 0, "seconds": 50.0, **report}))
        outcome.judge(found, self.folder, self.test, self.answers)
        return found


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_good_run_is_ok_valid_and_scored(house: House) -> None:
    found = house.judged()
    assert found.ok and found.valid and found.overrun == -10.0
    assert found.score is not None and found.score["p2"] == 1.0
    assert found.summary["sandbox"] == "A"
    assert all(check.status == "ok" for check in outcome.checks_of(found))
    assert json.dumps(found.line())


SPOIL: dict[str, tuple[Callable[[House], None], dict[str, Any], str]] = {
    "no verdict": (lambda house: (house.working / "verdict.json").unlink(), {}, "verdict.json: none"),
    "verdict not ok": (
        lambda house: house.put("verdict.json", {**VERDICT, "ok": False, "why": ["no card"]}),
        {},
        "verdict: no card",
    ),
    "verdict not ok without a word": (
        lambda house: house.put("verdict.json", {**VERDICT, "ok": False}),
        {},
        "does not say why",
    ),
    "canary": (lambda house: house.put("verdict.json", {**VERDICT, "canary": False}), {}, "canary was not solved"),
    "mode": (lambda house: house.put("verdict.json", {**VERDICT, "mode": "commit"}), {}, "took this for a commit run"),
    "no hand-in": (lambda house: (house.working / "submission.json").unlink(), {}, "hand-in is not valid"),
    "a task too few": (lambda house: house.put("submission.json", {}), {}, "expected 1 answers"),
    "cut short": (lambda house: house.put("submission.json", '{"t": ['), {}, "cut short"),
    "one attempt": (lambda house: house.put("submission.json", {"t": [{"attempt_1": [[4]]}]}), {}, "attempt_2"),
    "a colour too many": (
        lambda house: house.put("submission.json", {"t": [{"attempt_1": [[10]], "attempt_2": [[0]]}]}),
        {},
        "hand-in is not valid",
    ),
    "late": (lambda house: None, {"seconds": 62.5}, "missed by 2.5 s"),
    "killed": (lambda house: None, {"code": None, "seconds": 120.0, "hit_the_wall": True}, "killed 60 s after"),
    "crashed": (lambda house: None, {"code": -9}, "exit code -9"),
    "left": (lambda house: None, {"left": ["sleep 600"]}, "1 processes were left behind"),
    "interrupted": (lambda house: None, {"stopped": "SIGTERM"}, "stopped by SIGTERM"),
    "disk full": (lambda house: None, {"troubles": ["OSError: no space"]}, "no space"),
    "network": (
        lambda house: None,
        {"checks": [Check("no network", False, "there is a way out")]},
        "no network: there is a way out",
    ),
}


@pytest.mark.parametrize("name", SPOIL)
def test_each_trouble_is_a_reason(house: House, name: str) -> None:
    spoil, report, words = SPOIL[name]
    spoil(house)
    found = house.judged(**report)
    assert not found.ok and words in " | ".join(found.why), found.why


def test_weaker_is_no_reason_and_a_wrong_answer_neither(house: House) -> None:
    house.put("submission.json", {"t": [{"attempt_1": [[9]], "attempt_2": [[0]]}]})
    found = house.judged(checks=[Check("no network", False, "eth0", forced=True)])
    assert found.ok and found.score is not None and found.score["solved_outputs"] == 0


def test_a_commit_run_is_scored_by_the_kernel(house: House) -> None:
    house.put("verdict.json", {**VERDICT, "mode": "commit", "score": {"solved_outputs": 1, "outputs": 4}})
    found = house.judged("commit")
    assert found.ok and found.score == {"solved_outputs": 1, "outputs": 4}


def test_without_answers_there_is_no_score(house: House) -> None:
    (house.folder / "dry-run_solutions.json").unlink()
    found = house.judged()
    assert found.ok and found.valid and found.score is None


def test_the_last_summary_of_the_log_counts(tmp_path: Path) -> None:
    log = tmp_path / "solver.log"
    log.write_text('{"outputs": 1}\n{"outputs": 2}\n{"other": 3}\n{broken\n')
    assert outcome.last_line(log) == {"outputs": 2}
    assert outcome.last_line(tmp_path / "nowhere") == {}
