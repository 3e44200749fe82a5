"""Handing in: every check that stands before the day's only submission, then the score; and the look before it all."""

import json
from pathlib import Path
from typing import Any

import pytest
from api_stand_in import COMPETITION, Kaggle
from helpers import entry
from small_pack import make_pack, write

from arc_submit.kaggle import checkup
from arc_submit.kaggle.client import Client, KaggleError, Kernel, Limits
from arc_submit.kaggle.common import Check
from arc_submit.kaggle.submit import HandIn, watch_score, words

GOOD = {"kit": "arc-submit", "ok": True, "why": []}
ANSWER = {"attempt_1": [[1]], "attempt_2": [[2]]}


@pytest.fixture
def ran(kaggle: Kaggle) -> Kaggle:
    """Version 1 has run well; the competition's tasks are t1 and t2."""
    kaggle.competition_files["arc-agi_test_challenges.json"] = json.dumps({"t1": entry(), "t2": entry()}).encode()
    kaggle.add_run(
        "me/arc-submit",
        verdict_json=json.dumps(GOOD),
        submission_json=json.dumps({"t1": [ANSWER], "t2": [ANSWER]}),
        much_else="x",
    )
    return kaggle


def look(client: Client, version: int = 1, **settings: Any) -> list[Check]:
    return HandIn(client, Kernel("me", "arc-submit", version), COMPETITION, **settings).check()


def failed(checks: list[Check]) -> str:
    return "; ".join(f"{check.name}: {check.found}" for check in checks if not check.ok)


def test_a_good_version_passes_every_check_and_is_handed_in(ran: Kaggle, client: Client) -> None:
    hand_in = HandIn(client, Kernel("me", "arc-submit", 1), COMPETITION)
    checks = hand_in.check()
    assert [(check.name, check.ok) for check in checks] == [
        ("run", True),
        ("submissions left", True),
        ("verdict", True),
        ("submission.json", True),
    ]
    assert hand_in.send("first try") == 77
    (asked,) = ran.named("CreateCodeSubmission")
    assert asked == {
        "competitionName": COMPETITION,
        "kernelOwner": "me",
        "kernelSlug": "arc-submit",
        "kernelVersion": 1,
        "fileName": "submission.json",
        "submissionDescription": "first try",
    }
    assert client.limits(COMPETITION).left == 0


def test_a_run_that_still_runs_is_not_handed_in(ran: Kaggle, client: Client) -> None:
    ran.kernels["me/arc-submit"][0].states = ["RUNNING"]
    assert "RUNNING (runs): wait for its end" in failed(look(client))


def test_a_run_that_failed_is_not_handed_in_and_says_why(ran: Kaggle, client: Client) -> None:
    run = ran.kernels["me/arc-submit"][0]
    run.states, run.message = ["ERROR"], "Notebook Timeout"
    assert "ERROR (Notebook Timeout): it ran beyond its time limit" in failed(look(client))


def test_no_submission_left_is_told_before_anything_is_fetched(ran: Kaggle, client: Client) -> None:
    ran.limits = {"numToday": 1, "numTotal": 9, "numAllowedNow": 0}
    assert failed(look(client)) == "submissions left: none: 1 made today; the count starts anew at 00:00 UTC"
    assert ran.named("ListKernelSessionOutput") == []


def test_a_verdict_that_is_not_ok_can_be_overruled_and_nothing_else_can(ran: Kaggle, client: Client) -> None:
    run = ran.kernels["me/arc-submit"][0]
    run.files["verdict.json"] = json.dumps(GOOD | {"ok": False, "why": ["every output is a fallback"]}).encode()
    checks = look(client)
    assert [check.name for check in checks if check.forced] == ["verdict"]
    assert failed(checks) == "verdict: every output is a fallback"


def test_a_submission_for_other_tasks_is_not_handed_in(ran: Kaggle, client: Client) -> None:
    ran.kernels["me/arc-submit"][0].files["submission.json"] = json.dumps({"t9": [ANSWER]}).encode()
    assert "submission.json: " in failed(look(client))
    assert "task t1: expected 1 answers (one per test input), found 0" in failed(look(client))


def test_tasks_may_be_named_instead_of_fetched(ran: Kaggle, client: Client, tmp_path: Path) -> None:
    data = tmp_path / "tasks.json"
    write(data, {"t1": entry(), "t2": entry()})
    assert failed(look(client, data=str(data))) == ""
    assert ran.named("DownloadDataFile") == []


def test_rules_that_are_not_accepted_are_told(ran: Kaggle, client: Client) -> None:
    ran.rules_accepted = False
    with pytest.raises(KaggleError, match=rf"rules are not accepted: .*/competitions/{COMPETITION}/rules"):
        look(client)


def test_a_version_without_output_is_told(ran: Kaggle, client: Client) -> None:
    ran.kernels["me/arc-submit"][0].files = {}
    with pytest.raises(KaggleError, match="it left no output"):
        look(client)


def test_a_competition_that_is_closed_answers_with_clear_words(ran: Kaggle, client: Client) -> None:
    ran.closed = True
    with pytest.raises(KaggleError, match=r"a competition that is closed answers so, too \(HTTP 404: Not Found\)"):
        HandIn(client, Kernel("me", "arc-submit", 1), COMPETITION).send("x")


def test_another_competition_is_not_found(ran: Kaggle, client: Client) -> None:
    with pytest.raises(KaggleError, match="there is no competition arc-prize-1999"):
        HandIn(client, Kernel("me", "arc-submit", 1), "arc-prize-1999").check()


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(0, 4, 1, False), "1 (0 made today, 4 in all)"),
        (Limits(0, 0, 0, False), "you are not in this competition yet"),
        (Limits(1, 4, 0, False), "00:00 UTC"),
        (Limits(0, 90, 0, True), "all 90 that the competition allows are made"),
    ],
)
def test_counts_are_said_in_words(limits: Limits, said: str) -> None:
    assert said in words(limits, COMPETITION)


def test_the_score_is_waited_for(ran: Kaggle, client: Client) -> None:
    ran.scores = [("PENDING", ""), ("PENDING", ""), ("COMPLETE", "31.5")]
    ref = HandIn(client, Kernel("me", "arc-submit", 1), COMPETITION).send("mine")
    slept: list[float] = []
    seen = list(watch_score(client, COMPETITION, ref, "mine", 60, sleep=slept.append))
    assert [one.state for one in seen] == ["PENDING", "PENDING", "COMPLETE"]
    assert seen[-1].public == "31.5"
    assert slept == [60, 60]


def test_a_submission_without_a_number_is_found_by_its_description(ran: Kaggle, client: Client) -> None:
    ran.submissions = [{"ref": 5, "description": "other"}, {"ref": 6, "description": "mine"}]
    ran.scores = [("ERROR", "Submission Scoring Error")]
    (last,) = watch_score(client, COMPETITION, 0, "mine", 60)
    assert (last.ref, last.state, last.error) == (6, "ERROR", "Submission Scoring Error")


def test_a_submission_that_the_list_does_not_show_yet_is_waited_for(ran: Kaggle, client: Client) -> None:
    slept: list[float] = []

    def then_it_shows(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            ran.submissions = [{"ref": 99, "description": "mine"}]

    ran.scores = [("COMPLETE", "1.0")]
    assert [one.ref for one in watch_score(client, COMPETITION, 99, "", 60, sleep=then_it_shows)] == [99]
    ran.submissions, slept[:] = [], []
    with pytest.raises(KaggleError, match="submission 99: made, and not in the list"):
        list(watch_score(client, COMPETITION, 99, "", 60, sleep=slept.append))
    assert 5 <= len(slept) < 20


# doctor


def checks_of(pack: Path) -> dict[str, tuple[bool | None, str]]:
    found = checkup.examine(pack, COMPETITION, lambda: Client(sleep=lambda seconds: None, pauses=()))
    return {check.name: (check.ok, check.found) for check in found}


def test_all_is_well(kaggle: Kaggle, tmp_path: Path) -> None:
    found = checks_of(make_pack(tmp_path / "pack"))
    assert [name for name, (ok, _) in found.items() if ok is False] == []
    assert found["login"] == (True, "me, by legacy api key")
    assert found["GPU hours"][1].startswith("29.0 of 30.0 left, renewed 2026-11-28")
    assert found["pack: code"] == (True, "card valid, 3 files as listed")
    assert found["rules"] == (True, f"accepted for {COMPETITION}")
    assert found["verified"][0] is None


def test_rules_quota_and_submissions_are_told_apart(kaggle: Kaggle, tmp_path: Path) -> None:
    kaggle.rules_accepted = False
    kaggle.gpu_seconds = (108000, 108000)
    kaggle.limits = {"numToday": 0, "numTotal": 0, "numAllowedNow": 0}
    found = checks_of(make_pack(tmp_path / "pack"))
    assert found["rules"][0] is False and "not accepted: open kaggle.com" in found["rules"][1]
    assert found["GPU hours"][0] is False
    assert found["submissions left"][0] is False and "not in this competition yet" in found["submissions left"][1]


def test_offline_the_pack_is_checked_all_the_same(
    kaggle: Kaggle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kaggle.hang_up("IntrospectToken", times=99)
    monkeypatch.delenv("KAGGLE_USERNAME")
    monkeypatch.setenv("KAGGLE_API_TOKEN", "KGAT_secret")
    pack = make_pack(tmp_path / "pack")
    write(pack / "code/BUNDLE.json", "changed")
    found = checks_of(pack)
    assert found["login"][0] is None and "no answer from Kaggle" in found["login"][1]
    assert found["GPU hours"] == (None, "needs a login")
    assert found["pack: code"][0] is False and "changed since it was packed" in found["pack: code"][1]
    assert found["pack: kernel"][0] is True
    assert "KGAT_secret" not in str(found)


def test_without_credentials_it_says_where_to_get_them(
    kaggle: Kaggle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME")
    monkeypatch.delenv("KAGGLE_KEY")
    found = checks_of(tmp_path / "nothing")
    assert found["credentials"] == (False, "none found; kaggle.com/settings/api makes a token")
    assert found["login"][0] is False
    assert found["pack"][0] is False


def test_a_key_that_others_may_read_is_a_failure(kaggle: Kaggle, home: Path, tmp_path: Path) -> None:
    key = home / ".kaggle" / "kaggle.json"
    write(key, {})
    key.chmod(0o644)
    found = checks_of(tmp_path)
    assert found["credentials' mode"] == (False, f"others may read {key}: chmod 600 {key}")
