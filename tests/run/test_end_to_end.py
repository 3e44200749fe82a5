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
from helpers import events_so_far

ARC = [sys.executable, "-m", "arc_submit"]
REPEATABLE = ["--seconds-per-task", "120", "--set", "budget.max_rounds=3", "--set", "budget.cohort=2"]
REPEATABLE += ["--set", "search.proposers=enumerate,mutate,crossover", "--set", "symbolic.evaluations_per_round=2000"]
BODIES = {
    "<canary>": "hmirror(I)", "upside-down": "hmirror(I)", "left-right": "vmirror(I)", "transposed": "dmirror(I)",
    "recoloured": "replace(I, ONE, 7)", "doubled": "hconcat(I, I)", "top-half": "tophalf(I)", "turned": "rot90(I)",
    "stacked": "vconcat(I, hmirror(I))",
}  # fmt: skip
"""What solves the tasks of conftest.py."""


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
        if events_so_far(out, event) >= count:
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
        "solved_by": {"symbolic": 8},
    }  # fmt: skip


def answered(line: str) -> str:
    """A program as the small model writes it."""
    return f"def solve(I):\n    x1 = {line}\n    return x1\n"


@pytest.fixture
def modelled(tmp_path: Path) -> list[str]:
    """Options of a run whose model answers from a script: noise, what is wrong, what is right, then more of both."""
    others = [answered(line) for line in ("I", "rot180(I)", "cmirror(I)", "hconcat(I, I)", "replace(I, 2, 3)")]
    with (tmp_path / "script.jsonl").open("w") as file:
        for task_id, line in BODIES.items():
            for text in (
                "no program",
                answered("vconcat(I, I)"),
                answered(line),
                *others,
                *map(answered, BODIES.values()),
            ):
                file.write(json.dumps({"task": task_id, "text": text}) + "\n")
    chosen = ["search.proposers=lm", "search.samples=3", "search.prompts=2", "sample.engine=scripted"]
    chosen += [f"sample.script={tmp_path / 'script.jsonl'}", "budget.max_rounds=4", "budget.cohort=2", "budget.width=2"]
    chosen += ["trace.candidates=all", "search.patience=9"]
    return ["--seconds-per-task", "120", *(word for setting in chosen for word in ("--set", setting))]


def found(out: Path) -> dict[str, list[object]]:
    """Per task: every program that ran, in order, with its round, and what the task cost."""
    events: dict[str, list[object]] = {}
    for line in (out / "trace.jsonl").read_text().splitlines():
        event = json.loads(line)
        if event["event"] == "candidate":
            events.setdefault(event["task"], []).append((event["round"], event["candidate"]))
        elif event["event"] == "done":
            kept = (event["reason"], event["rounds"], event["counts"], event["unusable"], event["tokens"])
            events.setdefault(event["task"], []).append(kept)
    return events


def test_a_model_in_the_loop_solves_our_tasks_and_is_named_for_it(
    kaggle: Path, tmp_path: Path, modelled: list[str]
) -> None:
    done = arc("run", "--data", kaggle, "--out", tmp_path / "out", *modelled)
    assert done.returncode == 0, done.stderr
    summary = machine_line(done)
    assert (summary["finished"], summary["canary"], summary["restarts"]) == (8, True, 0)
    scored = machine_line(arc("score", tmp_path / "out"))
    assert (scored["p2"], scored["fallbacks"], scored["solved_by"]) == (1.0, 0, {"model": 8})

    assert summary["passers_by"] == {"model": 8} and summary["tokens"] > 0
    assert set(summary["programs"]) <= {"fresh", "edit", "recombine", "restart"}
    ends = [json.loads(line) for line in (tmp_path / "out" / "trace.jsonl").read_text().splitlines()]
    for shares in (event["shares"] for event in ends if event["event"] == "done"):
        assert set(shares) == {"fresh", "edit", "recombine", "restart"} and abs(sum(shares.values()) - 1.0) < 1e-3

    events = found(tmp_path / "out")
    judged = [candidate for own in events.values() for _, candidate in own[:-1]]
    assert {one["program"]["proposer"] for one in judged} <= {"fresh", "edit", "recombine", "restart"}
    assert any(one["program"]["view"] for one in judged), "views were drawn"
    assert any(one["program"]["parents"] for one in judged), "programs were edited"
    assert not any(one["outputs"] for one in judged), "outputs on demonstrations stay in the worker"
    for *_, (_, _, _, unusable, tokens) in events.values():
        assert sum(unusable.values()) == 1 and tokens > 0


def test_a_run_with_a_model_is_repeatable_when_its_rounds_are_limited(
    kaggle: Path, tmp_path: Path, modelled: list[str]
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for out, workers in ((one, 1), (other, 2)):
        assert arc("run", "--data", kaggle, "--out", out, *modelled, "--set", f"workers={workers}").returncode == 0
    assert found(one) == found(other)
    assert (one / "submission.json").read_bytes() == (other / "submission.json").read_bytes()


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
