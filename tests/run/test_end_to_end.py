"""Whole runs through the console script, with real workers and a real sandbox."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ARC = [sys.executable, "-m", "arc_submit"]
REPEATABLE = ["--seconds-per-task", "120", "--set", "budget.max_rounds=3", "--set", "budget.cohort=2"]
REPEATABLE += ["--set", "symbolic.evaluations_per_round=2000"]


def arc(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the command line and return what it printed."""
    return subprocess.run([*ARC, *map(str, arguments)], capture_output=True, text=True, timeout=240, **options)


def machine_line(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    """The JSON line that every command ends with."""
    return json.loads(done.stdout.strip().splitlines()[-1])


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start the command line and leave it running."""
    return subprocess.Popen(
        [*ARC, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def wait_for(out: Path, event: str, count: int = 1, seconds: float = 90.0) -> None:
    """Wait until the trace holds so many events of a kind."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        text = (out / "trace.jsonl").read_text() if (out / "trace.jsonl").exists() else ""
        if text.count(f'"event":"{event}"') >= count:
            return
        time.sleep(0.02)
    raise AssertionError(f"no {count} events '{event}' within {seconds} s")


def test_run_then_score_solves_our_tasks(kaggle: Path, tmp_path: Path) -> None:
    done = arc("run", "--data", kaggle, "--out", tmp_path / "out", *REPEATABLE)
    assert done.returncode == 0, done.stderr
    summary = machine_line(done)
    assert summary["finished"] == summary["tasks"] == 8
    assert summary["canary"] is True
    scored = machine_line(arc("score", tmp_path / "out"))
    assert scored == {
        "p2": 1.0, "outputs": 8, "solved_outputs": 8, "tasks": 8, "solved_tasks": 8, "oracle": 1.0, "fallbacks": 0,
    }  # fmt: skip


def test_kill_minus_nine_then_resume_gives_the_answers_of_a_run_that_was_not_killed(
    kaggle: Path, tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert arc("run", "--data", kaggle, "--out", whole, *REPEATABLE).returncode == 0
    running = start("run", "--data", kaggle, "--out", killed, *REPEATABLE)
    wait_for(killed, "done", 3)
    family = psutil.Process(running.pid).children(recursive=True)
    running.kill()
    running.wait()
    finished_before = (killed / "trace.jsonl").read_text().count('"event":"done"')
    assert 3 <= finished_before < 9, "the kill was to come in the middle (8 tasks and the canary)"
    psutil.wait_procs(family, timeout=20)
    assert not [process for process in family if process.is_running()], "workers and sandboxes end with their master"

    resumed = arc("run", "--out", killed, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads((killed / "submission.json").read_text()) == json.loads((whole / "submission.json").read_text())
    events = [json.loads(line) for line in (killed / "trace.jsonl").read_text().splitlines()]
    finished = [event["task"] for event in events if event["event"] == "done"]
    assert len(finished) == len(set(finished)) == 9, "finished tasks are never redone"


def test_a_killed_worker_is_replaced_and_nothing_is_lost(kaggle: Path, tmp_path: Path) -> None:
    running = start("run", "--data", kaggle, "--out", tmp_path / "out", *REPEATABLE)
    wait_for(tmp_path / "out", "done", 2)
    workers = [
        child for child in psutil.Process(running.pid).children() if "arc_submit.worker" in " ".join(child.cmdline())
    ]
    workers[0].kill()
    out, _ = running.communicate(timeout=200)
    summary = json.loads(out.strip().splitlines()[-1])
    assert running.returncode == 0
    assert summary["restarts"] >= 1
    assert summary["finished"] == 8


def test_sigterm_leaves_a_valid_submission_and_says_so(kaggle: Path, tmp_path: Path) -> None:
    running = start("run", "--data", kaggle, "--out", tmp_path / "out", *REPEATABLE)
    wait_for(tmp_path / "out", "answer", 1)
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 128 + signal.SIGTERM
    assert json.loads(out.strip().splitlines()[-1])["stopped"] == "SIGTERM"
    assert "--resume" in err
    assert arc("score", tmp_path / "out").returncode == 0


def test_resume_with_another_seed_is_refused_and_names_the_setting(kaggle: Path, tmp_path: Path) -> None:
    arc("run", "--data", kaggle, "--out", tmp_path / "out", *REPEATABLE)
    before = (tmp_path / "out" / "submission.json").read_bytes()
    again = arc("run", "--data", kaggle, "--out", tmp_path / "out", *REPEATABLE, "--seed", "5", "--resume")
    assert again.returncode == 2
    assert "seed=0, not 5" in again.stderr
    assert "Traceback" not in again.stderr
    assert (tmp_path / "out" / "submission.json").read_bytes() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_disk_leaves_a_valid_submission(kaggle: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        done = arc("run", "--data", kaggle, "--out", small / "out", *REPEATABLE, "--set", "trace.candidates=all")
        assert "Traceback" not in done.stderr
        assert "not all of the trace was written" in done.stderr
        content = json.loads((small / "out" / "submission.json").read_text())
        assert len(content) == 8
    finally:
        subprocess.run(["umount", "-l", small], check=True)
