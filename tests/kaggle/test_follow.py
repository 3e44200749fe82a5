"""Following a run, reading its log, fetching and judging its output."""

import json
from pathlib import Path
from typing import Any

import pytest
from api_stand_in import Kaggle
from helpers import entry

from arc_submit.kaggle import follow
from arc_submit.kaggle.client import Client, KaggleError, Kernel

MINE = Kernel("me", "arc-submit")
OK = {"kit": "arc-submit", "ok": True, "why": [], "mode": "commit"}
ANSWER = {"attempt_1": [[1]], "attempt_2": [[2]]}


def tasks_file(folder: Path, *ids: str) -> str:
    path = folder / "challenges.json"
    path.write_text(json.dumps({name: entry() for name in ids}))
    return str(path)


def left(folder: Path, verdict: Any = OK, submission: Any = None) -> Path:
    """A folder of fetched output."""
    if verdict is not None:
        (folder / "verdict.json").write_text(verdict if isinstance(verdict, str) else json.dumps(verdict))
    if submission is not None:
        (folder / "submission.json").write_text(json.dumps(submission))
    return folder


# waiting


def test_watching_ends_when_the_run_does(kaggle: Kaggle, client: Client) -> None:
    kaggle.add_run("me/arc-submit").states = ["QUEUED", "QUEUED", "RUNNING", "COMPLETE"]
    slept: list[float] = []
    seen = [session.state for session in follow.Watch(client, MINE, every=7, sleep=slept.append)]
    assert seen == ["QUEUED", "QUEUED", "RUNNING", "COMPLETE"]
    assert slept == [7, 7, 7]


def test_a_blip_while_watching_does_not_end_it(kaggle: Kaggle, client: Client) -> None:
    kaggle.add_run("me/arc-submit").states = ["RUNNING", "COMPLETE"]
    kaggle.fail("GetKernelSessionStatus", 502, times=2)
    assert [session.state for session in follow.Watch(client, MINE, sleep=lambda s: None)] == ["RUNNING", "COMPLETE"]


def test_an_outage_of_minutes_while_watching_does_not_end_it_and_a_refusal_does(kaggle: Kaggle, client: Client) -> None:
    kaggle.add_run("me/arc-submit").states = ["RUNNING", "COMPLETE"]
    kaggle.hang_up("GetKernelSessionStatus", times=20)  # four looks of five tries each
    slept: list[float] = []
    assert len(list(follow.Watch(client, MINE, every=7, sleep=slept.append))) == 2
    assert slept == [7, 7, 7, 7, 7]
    kaggle.fail("GetKernelSessionStatus", 401, "Unauthenticated")
    with pytest.raises(KaggleError, match="does not accept your credentials"):
        list(follow.Watch(client, MINE, sleep=slept.append))
    kaggle.hang_up("GetKernelSessionStatus", times=10_000)
    with pytest.raises(KaggleError, match="no answer from Kaggle"):
        list(follow.Watch(client, MINE, sleep=slept.append))


def test_watching_is_not_for_ever(kaggle: Kaggle, client: Client) -> None:
    kaggle.add_run("me/arc-submit", "QUEUED")
    now = iter(range(0, 100_000, 3600))
    with pytest.raises(KaggleError, match=r"still QUEUED after 2\.0 h"):
        list(follow.Watch(client, MINE, longest=7200, sleep=lambda s: None, clock=lambda: next(now)))


def test_every_state_of_the_client_has_a_meaning(kaggle: Kaggle) -> None:
    from kagglesdk.kernels.types.kernels_enums import KernelWorkerStatus

    assert follow.MEANING.keys() == {state.name for state in KernelWorkerStatus}


# logs


def test_a_log_is_shown_as_a_person_reads_it(kaggle: Kaggle, client: Client) -> None:
    run = kaggle.add_run("me/arc-submit")
    run.log = json.dumps([{"stream_name": "stdout", "time": 1.0, "data": "one\n"}, {"data": "two\n"}])
    assert follow.logs(client, MINE) == "one\ntwo\n"
    run.log = "bare text"
    assert follow.logs(client, MINE) == "bare text"


def test_no_log_yet_says_where_the_run_stands(kaggle: Kaggle, client: Client) -> None:
    kaggle.add_run("me/arc-submit", "QUEUED")
    with pytest.raises(KaggleError, match="no log yet: QUEUED, waits for a machine"):
        follow.logs(client, MINE)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Notebook Timeout", "beyond its time limit"),
        ("Your notebook tried to allocate more memory; it ran out of memory", "more memory or disk"),
        ("ValueError: No kernel name found in notebook and no override provided.", "kernelspec"),
        ("ERROR: No matching distribution found for vllm==0.30.0", "wheel is missing"),
        ("ImportError: Failed to load PyTorch C extensions", "another Python"),
        ("ConnectionError: Max retries exceeded with url: /api/models", "internet"),
        ("OSError: [Errno 28] No space left on device", "disk was full"),
        ("Submission CSV Not Found", "no submission.json"),
    ],
)
def test_known_errors_have_known_causes(said: str, words: str) -> None:
    assert any(words in line for line in follow.causes(f"Traceback\n{said}\n"))


def test_a_log_without_errors_has_no_causes() -> None:
    assert follow.causes("all tasks finished\nsubmission.json written\n") == []


# fetching


def test_output_of_several_pages_is_fetched_whole(kaggle: Kaggle, client: Client, tmp_path: Path) -> None:
    run = kaggle.add_run("me/arc-submit")
    run.files = {name: name.encode() for name in ("a.txt", "b.txt", "run/c.txt", "submission.json", "verdict.json")}
    run.log = "fine"
    fetched = follow.fetch(client, MINE, tmp_path)
    assert {str(path.relative_to(tmp_path)) for path in fetched} == {*run.files, "arc-submit.log"}
    assert (tmp_path / "run/c.txt").read_bytes() == b"run/c.txt"


def test_only_files_that_fit(kaggle: Kaggle, client: Client, tmp_path: Path) -> None:
    kaggle.add_run("me/arc-submit", a_txt="a", b_log="b")
    assert [path.name for path in follow.fetch(client, MINE, tmp_path, "txt$")] == ["a.txt"]
    with pytest.raises(KaggleError, match=r"no output fits 'zip\$'; there are a\.txt, b\.log"):
        follow.fetch(client, MINE, tmp_path, "zip$")
    with pytest.raises(KaggleError, match="not a regular expression"):
        follow.fetch(client, MINE, tmp_path, "(")


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil.txt", "a/../../evil.txt"])
def test_a_name_that_leads_out_of_the_folder_is_refused(
    kaggle: Kaggle, client: Client, tmp_path: Path, name: str
) -> None:
    kaggle.add_run("me/arc-submit").files = {"a.txt": b"a", name: b"evil"}
    with pytest.raises(KaggleError, match="not a path inside the run's folder; nothing was fetched"):
        follow.fetch(client, MINE, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("state", "words"), [("RUNNING", "no output before its end"), ("CANCEL_ACKNOWLEDGED", "it left no output")]
)
def test_a_version_without_output_says_why(
    kaggle: Kaggle, client: Client, tmp_path: Path, state: str, words: str
) -> None:
    kaggle.add_run("me/arc-submit", state)
    with pytest.raises(KaggleError, match=words):
        follow.fetch(client, MINE, tmp_path)


# judging


def test_a_good_run_is_good(tmp_path: Path) -> None:
    data = tasks_file(tmp_path, "t1", "t2")
    worth = follow.judge(left(tmp_path, OK, {"t1": [ANSWER], "t2": [ANSWER]}), data)
    assert (worth.good, worth.why, worth.tasks, worth.submission) == (True, (), 2, "")


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (OK | {"ok": False, "why": ["the canary failed"]}, "the canary failed"),
        (OK | {"ok": False}, "does not say why"),
        (OK | {"ok": "yes"}, "does not say why"),
        (None, "no verdict.json"),
        ("{", "not JSON"),
        ({"ok": True}, "not written by this kit"),
    ],
)
def test_a_verdict_that_is_not_ok_says_why(tmp_path: Path, verdict: Any, words: str) -> None:
    worth = follow.judge(left(tmp_path, verdict, {"t1": [ANSWER]}))
    assert not worth.good
    assert any(words in line for line in worth.why)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"other": [ANSWER]}, "task t1: expected 1 answers"),
        ({"t1": [ANSWER], "other": [ANSWER]}, "task other: not one of the 1 tasks"),
        ({"t1": [ANSWER, ANSWER]}, "expected 1 answers"),
        ({"t1": [{"attempt_1": [[1]]}]}, "attempt_1 and attempt_2"),
        ({"t1": [{"attempt_1": [[10]], "attempt_2": [[1]]}]}, "expected an int 0..9"),
        ([], "expected an object"),
        (None, "missing"),
    ],
)
def test_a_submission_for_other_tasks_or_of_another_form_is_told(tmp_path: Path, content: Any, words: str) -> None:
    data = tasks_file(tmp_path, "t1")
    worth = follow.judge(left(tmp_path, OK, content), data)
    assert words in worth.submission
