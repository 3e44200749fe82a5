"""Whole kernels in a subprocess, on fake places and with a solver that misbehaves: what is handed in, what is said."""

import hashlib
import json
import os
import signal
import stat
import tarfile
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from fake_session import write_sums

A = [{"attempt_1": [[7]], "attempt_2": [[0]]}]
FALLBACK = {
    "a": [{"attempt_1": [[1, 1]], "attempt_2": [[0]]}],
    "b": [{"attempt_1": [[2, 2]], "attempt_2": [[0]]}] * 2,
}
SOLVED = {"a": A, "b": A * 2}


def packed(session: Any) -> set[str]:
    with tarfile.open(session.working / "logs.tar.gz") as archive:
        return set(archive.getnames())


def nvidia_smi(session: Any, script: str) -> str:
    """Put a fake nvidia-smi on the path; return the path."""
    tool = session.root / "bin" / "nvidia-smi"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    return f"{tool.parent}{os.pathsep}{os.environ['PATH']}"


def wait_until(what: Any, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_a_rerun_hands_in_the_solvers_answers_and_leaves_four_files(mounted):
    printed = mounted.run()
    assert mounted.submission == SOLVED
    assert mounted.verdict["ok"] and mounted.verdict["mode"] == "rerun" and mounted.verdict["canary"] is True
    assert (mounted.verdict["tasks"], mounted.verdict["outputs"], mounted.verdict["fallbacks"]) == (2, 3, 0)
    assert {path.name for path in mounted.working.iterdir()} == {"submission.json", "verdict.json", "logs.tar.gz"}
    assert {"run/run.json", "run/report.html", "logs/solver.log"} <= packed(mounted)
    assert "rerun" in printed.splitlines()[0] and f"of commit {mounted.verdict['commit']}: OK" in printed


def test_a_commit_run_scores_a_few_evaluation_tasks_and_leaves_the_fallback(mounted):
    mounted.changes = {"commit": {"tasks": ["e2", "gone"], "minutes": 5}}
    printed = mounted.run(rerun=False)
    assert mounted.submission == FALLBACK
    assert mounted.verdict["mode"] == "commit" and mounted.verdict["score"] == {"solved_outputs": 2, "outputs": 2}
    assert mounted.verdict["ok"], printed
    assert "not in the evaluation file: gone; in their place: e1" in printed
    assert "commit/run.json" in packed(mounted)


def test_the_solver_sees_no_solutions_and_no_secrets(mounted):
    mounted.run("secrets", rerun=False, KAGGLE_USER_SECRETS_TOKEN="hush")
    seen = json.loads((mounted.working / "environment.json").read_text())
    assert "hush" not in seen.values() and seen["HF_HUB_OFFLINE"] == "1"
    assert {path.name for path in (mounted.temp / "data").iterdir()} == {"arc-agi_evaluation_challenges.json"}
    assert seen["PYTHONPATH"].split(os.pathsep)[0] == str(mounted.temp / "code")


@pytest.mark.parametrize("competition", ["arc-prize-2026-arc-agi-2", "Competitions/ARC-Prize-2026-ARC-AGI-2"])
def test_old_and_miscased_layouts_are_found(session, competition):
    session.competition(at=competition)
    session.code(at="arc-submit-code", packed=True)
    session.run()
    assert session.submission == SOLVED
    assert session.verdict["ok"]


def test_nothing_mounted_is_said_with_a_picture_of_what_is_there(session):
    (session.input / "datasets" / "me").mkdir(parents=True)
    (session.input / "datasets" / "me" / "holiday.jpg").touch()
    printed = session.run()
    assert "Attach the competition" in printed and "holiday.jpg" in printed and "NOT OK" in printed
    assert "NO submission.json could be written" in session.verdict["why"]


def test_without_code_the_fallback_is_handed_in(session):
    session.competition()
    session.run()
    assert session.submission == FALLBACK
    assert not session.verdict["ok"] and "only the fallback is handed in" in session.verdict["why"][0]


def test_damaged_code_is_not_run(mounted):
    (mounted.input / "datasets/me/arc-submit-code/code/arc_submit/cli.py").write_text("import os\n")
    printed = mounted.run()
    assert mounted.submission == FALLBACK and "solver ok at work" not in printed
    assert "code/arc_submit/cli.py" in mounted.verdict["why"][0]


def test_an_older_bundle_than_the_notebook_is_no_ground_to_submit_on(mounted):
    mounted.run(ARC_SUBMIT_COMMIT="f" * 40)
    assert mounted.submission == SOLVED
    assert [f"the notebook is of commit {'f' * 40}" in words for words in mounted.verdict["why"]] == [True]


def test_the_newest_of_two_bundles_runs(mounted):
    mounted.code(at="datasets/me/older", commit="d" * 40, created="2025-01-01")
    printed = mounted.run()
    assert mounted.verdict["commit"].startswith("c0ffee") and "2 code bundles are mounted" in printed


def test_malformed_tasks_are_covered_and_named(session):
    session.competition({"a": {"train": [], "test": "?"}, "b": 5, "c": {"train": 0, "test": [{"input": [[11]]}]}})
    session.code()
    session.run("nothing")
    none = [{"attempt_1": [[0]], "attempt_2": [[0]]}]
    assert session.submission == {"a": none, "b": none, "c": none}
    assert session.verdict["malformed"] == ["a", "b", "c"]


def test_a_test_file_that_is_cut_short_is_said(mounted):
    path = mounted.input / "competitions/arc-prize-2026-arc-agi-2/arc-agi_test_challenges.json"
    path.write_text(path.read_text()[:-5])
    mounted.run()
    assert "not JSON, or cut short" in mounted.verdict["why"][0]


def test_a_solver_that_dies_goes_on_where_it_was(mounted):
    mounted.run("dies-once")
    assert mounted.submission == SOLVED
    assert mounted.verdict["ok"] and mounted.verdict["restarts"] == 1
    with tarfile.open(mounted.working / "logs.tar.gz") as archive:
        starts = archive.extractfile("run/starts.jsonl").read().decode().splitlines()  # type: ignore[union-attr]
    assert ["--resume" in start for start in starts] == [False, True]
    assert "the solver ended with signal SIGKILL" in mounted.verdict["notes"]


def test_a_refused_setting_is_tried_once_with_symbolic_proposers(mounted):
    mounted.changes = {"set": ["budget.cohrt=3"]}
    printed = mounted.run("refuses-lm")
    assert mounted.submission == SOLVED
    assert "went on with less: symbolic proposers only and none of `set`, after exit code 2" in mounted.verdict["why"]
    second = [line for line in printed.splitlines() if line.startswith("  $ ")][1]
    assert "cohrt" not in second and "--set budget.cohort=2" in second


def test_a_refusal_that_stays_is_given_up(mounted):
    mounted.run("refuses")
    assert mounted.submission == FALLBACK
    assert "the solver ended with exit code 2" in mounted.verdict["why"]


@pytest.mark.parametrize(
    ("fake", "submission", "why"),
    [
        ("half", FALLBACK, "every output is a fallback: no program answered anything"),
        ("wrong-grids", FALLBACK, "every output is a fallback: no program answered anything"),
        ("nothing", FALLBACK, "every output is a fallback: no program answered anything"),
        ("dead", SOLVED, "the canary was not solved: a task that the kit is known to solve came out wrong"),
        ("degraded", SOLVED, "went on with less: base without adapter"),
        ("silent", SOLVED, "the language model was silent: not one token was decoded; see logs.tar.gz for why"),
    ],
)
def test_what_is_handed_in_is_valid_and_what_went_wrong_is_said(mounted, fake, submission, why):
    printed = mounted.run(fake)
    assert mounted.submission == submission
    assert mounted.verdict["why"] == [why]
    assert f"  - {why}" in printed


def test_sigterm_to_the_kernel_ends_in_an_orderly_hand_in(mounted):
    kernel = mounted.start(FAKE="waits")
    wait_until(lambda: (mounted.working / "run" / "submission.json").exists())
    kernel.send_signal(signal.SIGTERM)
    printed, _ = kernel.communicate(timeout=40)
    assert kernel.returncode == 0, printed
    assert mounted.submission == SOLVED  # all answers, written by the solver when it got SIGTERM in turn
    assert mounted.verdict["why"] == ["stopped by SIGTERM"]


def test_answers_are_taken_over_while_the_solver_works(mounted):
    kernel = mounted.start(FAKE="waits")
    wait_until(lambda: (mounted.working / "submission.json").exists() and mounted.submission["a"] == A)
    assert mounted.submission["b"] == FALLBACK["b"]
    kernel.terminate()
    kernel.communicate(timeout=40)


def test_a_killed_kernel_that_is_started_again_ends_the_old_solver_and_goes_on(mounted):
    kernel = mounted.start(FAKE="waits")
    wait_until(lambda: (mounted.working / "submission.json").exists() and mounted.submission["a"] == A)
    left = int((mounted.temp / "solver.pid").read_text())
    kernel.kill()
    kernel.communicate()
    assert psutil.pid_exists(left)
    mounted.run("ok", ARC_SUBMIT_AGAIN="1")
    wait_until(lambda: not psutil.pid_exists(left) or psutil.Process(left).status() == psutil.STATUS_ZOMBIE)
    assert mounted.submission == SOLVED
    with tarfile.open(mounted.working / "logs.tar.gz") as archive:
        starts = archive.extractfile("run/starts.jsonl").read().decode().splitlines()  # type: ignore[union-attr]
    assert "--resume" in starts[-1]


def test_the_sessions_end_stops_the_solver_in_time(mounted):
    mounted.changes = {"hours": 0.0022, "reserve_minutes": 0.02}  # 7.9 s less 1.2 s
    began = time.monotonic()
    mounted.run("waits")
    assert time.monotonic() - began < 20
    assert mounted.submission == SOLVED and mounted.verdict["ok"]


@pytest.mark.parametrize(
    ("script", "why", "sets"),
    [
        ("for i in 1 2 3 4; do echo 'NVIDIA L4, 23034, 550.90'; done", [], []),
        (
            "echo 'Tesla T4, 15360, 550.90'; echo 'Tesla T4, 15360, 550.90'",
            ["accelerator: expected 4 x L4 with 22 GiB, found 2 x Tesla T4 (15.0 GiB)"],
            ["workers=2"],
        ),
        (
            "echo 'NVIDIA-SMI has failed because it could not communicate with the driver' >&2; exit 9",
            ["accelerator: AcceleratorError: nvidia-smi: exit code 9"],
            [],
        ),
        (
            "echo 'No devices were found'; exit 6",
            ["accelerator: expected 4 x L4 with 22 GiB, found none", "went on with less: no accelerator"],
            ["search.proposers=symbolic", f"workers={len(os.sched_getaffinity(0))}"],
        ),
    ],
    ids=["promised", "other", "broken", "none"],
)
def test_the_accelerator_is_compared_with_the_promise(mounted, script, why, sets):
    mounted.changes = {"accelerator": {"name": "L4", "count": 4, "gib": 22}}
    printed = mounted.run(PATH=nvidia_smi(mounted, script))
    assert len(mounted.verdict["why"]) == len(why)
    assert all(found.startswith(wanted) for found, wanted in zip(mounted.verdict["why"], why, strict=True))
    assert all(f"--set {setting}" in printed for setting in sets)
    assert ("search.proposers" in printed) is ("search.proposers=symbolic" in sets)  # a tool that fails is no reason
    assert mounted.verdict["accelerator"]["driver"] == ("550.90" if "550.90" in script else "")
    assert mounted.verdict["accelerator"]["fits"] is not bool(why)
    assert mounted.submission == SOLVED


def test_wheels_that_are_wanted_and_missing_leave_this_interpreter(mounted):
    mounted.changes = {"wheels": True}
    mounted.run()
    assert mounted.submission == SOLVED
    assert "this interpreter's packages are used" in mounted.verdict["why"][0]


def test_the_solver_runs_in_the_environment_of_the_wheels(mounted):
    mounted.changes = {"wheels": True}
    mounted.wheels()
    printed = mounted.run()
    assert mounted.verdict["ok"], printed
    assert str(mounted.temp / "venv" / "bin" / "python") in printed


def test_a_model_that_is_not_mounted_leaves_symbolic_search(mounted):
    mounted.changes = {"model": "me/seven/transformers/7b/1"}
    printed = mounted.run()
    assert "--set search.proposers=symbolic" in printed
    assert "went on with less: no model" in mounted.verdict["why"] and mounted.submission == SOLVED


def test_a_mounted_model_reaches_the_solver_and_a_damaged_one_is_said(mounted):
    model = mounted.input / "models/me/seven/transformers/7b/1"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    (model / "model.safetensors").write_bytes(b"weights")
    (model / "SHA256SUMS").write_text(f"{'0' * 64}  model.safetensors\n")
    mounted.changes = {"model": "Me/seven/*/7b"}
    printed = mounted.run()
    assert f"--set sample.model={model}" in printed
    assert "model: 1 files differ from what was packed: model.safetensors" in mounted.verdict["why"]


def test_broken_settings_are_said_and_the_shipped_ones_used(mounted, tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text('{"hours": "twelve"}')
    mounted.run(ARC_SUBMIT_SETTINGS=str(bad))
    assert "hours: expected a number from 0 on, found 'twelve'" in mounted.verdict["why"][0]
    assert mounted.submission == SOLVED


def hang(session: Any) -> Path:
    """Make the code's list of sums one that does not answer: it waits for a writer."""
    listing: Path = session.input / "datasets/me/arc-submit-code/SHA256SUMS"
    listing.rename(session.root / "SHA256SUMS")
    os.mkfifo(listing)
    return listing


def answer(session: Any, listing: Path) -> None:
    """Let it answer: what was waited for first, and whoever reads it later."""
    content = (session.root / "SHA256SUMS").read_bytes()
    writers: list[int] = []

    def opened() -> bool:
        try:
            writers.append(os.open(listing, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:  # nobody waits for it yet
            return False
        return True

    wait_until(opened)
    (session.root / "SHA256SUMS").replace(listing)
    os.write(writers[0], content)
    os.close(writers[0])


def test_a_mount_that_does_not_answer_is_given_up(mounted):
    mounted.changes = {"patience_minutes": 0.03, "commit": {"tasks": ["e1"], "minutes": 5}}
    hang(mounted)
    mounted.run(rerun=False)
    assert "no answer within 2 s" in mounted.verdict["why"][0]
    assert mounted.submission == FALLBACK


def test_a_scored_rerun_waits_for_half_of_what_is_left(mounted):
    mounted.changes = {"patience_minutes": 0.001, "hours": 0.008, "reserve_minutes": 0.02}  # 28.8 s less 1.2 s
    listing = hang(mounted)
    kernel = mounted.start(FAKE="ok")
    wait_until(lambda: (mounted.working / "submission.json").exists())
    time.sleep(1.0)  # far more than patience_minutes
    answer(mounted, listing)
    kernel.communicate(timeout=40)
    assert mounted.submission == SOLVED and mounted.verdict["ok"]


def test_a_model_that_wrote_no_program_is_no_ground_to_submit_on(mounted):
    mounted.run("silent")
    assert (mounted.verdict["tokens"], mounted.verdict["programs"]) == (0, {"mutate": 5})
    assert mounted.verdict["passers_by"] == {"mutate": 2} and not mounted.verdict["ok"]


def test_an_answer_that_could_not_be_written_is_taken_over_at_the_last_look(mounted):
    """As after a kernel that was killed while the disk was full, and a second one whose solver cannot start."""
    folder = mounted.working / "run"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text('["a", "b"]')
    (folder / "submission.json").write_text(json.dumps({"a": A, "b": FALLBACK["b"]}))
    code = mounted.input / "datasets/me/arc-submit-code"
    (code / "code/arc_submit/cli.py").write_text("raise ImportError\n")
    write_sums(code)
    mounted.run(ARC_SUBMIT_AGAIN="1")
    assert mounted.submission == {"a": A, "b": FALLBACK["b"]}
    assert not folder.exists()


@pytest.mark.parametrize("part", ["code", "wheels"])
def test_a_dataset_of_another_pack_is_named(mounted, part):
    mounts = {"code": mounted.input / "datasets/me/arc-submit-code", "wheels": mounted.wheels()}
    sums = {name: hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest() for name, folder in mounts.items()}
    mounted.changes = {"wheels": True, "fingerprints": {**sums, part: "f" * 64}, "stack": "core"}
    mounted.run()
    assert len(mounted.verdict["why"]) == 1 and mounted.submission == SOLVED
    assert f"the {part} dataset is of another pack than this notebook" in mounted.verdict["why"][0]


def test_wheels_of_another_stack_are_no_ground_to_submit_on(mounted):
    mounted.wheels()
    mounted.changes = {"wheels": True, "stack": "gpu"}
    mounted.run()
    assert "holds the core stack, this notebook's pack gpu" in mounted.verdict["why"][0]
    assert mounted.submission == SOLVED


def test_other_data_than_the_competitions_is_no_ground_to_submit_on(session):
    session.competition(at="datasets/someone/arc-copy")
    session.code()
    session.run()
    assert "is the competition attached?" in session.verdict["why"][0]


def test_settings_of_the_person_win_and_the_clock_alone_limits(mounted: Any) -> None:
    mounted.changes = {"set": ["budget.cohort=3"], "preset": "laptop"}
    printed = mounted.run()
    line = next(line for line in printed.splitlines() if line.startswith("  $ "))
    assert "--preset laptop" in line and line.index("budget.minutes=") < line.index("budget.cohort=3")
    minutes = float(line.split("--hard-stop ")[1].split()[0])
    assert 698 < minutes <= 699  # 12 h less 20 minutes less one
    assert f"--data {Path(mounted.temp, 'data', 'arc-agi_test_challenges.json')}" in line
