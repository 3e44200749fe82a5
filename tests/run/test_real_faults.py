"""Faults that are really done to a run: processes killed, files cut, devices and adapters that are not there.

The simulated ones (`tests/faults`) are many and fast; these few show that the world they simulate is this one.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from helpers import events_so_far

WEIGHTS = Path(__file__).resolve().parents[2] / "weights" / "small"
SYMBOLIC = [
    "--seconds-per-task",
    "120",
    "--set",
    "budget.max_rounds=3",
    "--set",
    "search.proposers=enumerate,mutate,crossover",
]
SYMBOLIC += ["--set", "symbolic.evaluations_per_round=2000", "--set", "workers=1"]
FOUR = "upside-down,left-right,transposed,doubled"
EASY = ["--tasks", "upside-down,left-right", "--seconds-per-task", "60", "--set", "workers=1"]
EASY += ["--set", "search.proposers=lm,symbolic", "--set", "sample.engine=hf", "--set", "budget.max_rounds=2"]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "arc_submit", *map(str, arguments)]


def arc(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=240)


def summary_of(text: str) -> dict[str, Any]:
    return json.loads(text.strip().splitlines()[-1])  # type: ignore[no-any-return]


def clean(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The summary of a run that ended well."""
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return summary_of(done.stdout)


def until(found: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait for something to be true, and return it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = found()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s")


def worker_of(running: subprocess.Popen[str]) -> psutil.Process | None:
    children = psutil.Process(running.pid).children()
    return next((child for child in children if "arc_submit.worker" in " ".join(child.cmdline())), None)


# Processes. ----------------------------------------------------------------------------------------------------------


def test_a_worker_whose_sandbox_is_killed_again_and_again_finishes_all(kaggle: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    running = subprocess.Popen(
        command("run", "--data", kaggle, "--out", out, "--tasks", FOUR, *SYMBOLIC),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    killed: set[int] = set()
    for finished in (1, 2, 3):
        until(lambda wanted=finished: events_so_far(out, "done") >= wanted or running.poll() is not None)
        worker = worker_of(running) if running.poll() is None else None
        for zygote in worker.children(recursive=True) if worker else ():
            killed.add(zygote.pid)
            zygote.kill()
    stdout, stderr = running.communicate(timeout=200)
    assert running.returncode == 0, stderr
    summary = summary_of(stdout)
    assert len(killed) >= 2, "there was something to kill"
    assert summary["finished"] == 4 and summary["canary"] is True and summary["set_aside"] == []
    assert summary["with_passer"] == 4 and summary["fallbacks"] == 0


def test_a_run_all_of_whose_processes_are_killed_at_once_but_the_first_goes_on(kaggle: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    running = subprocess.Popen(
        command("run", "--data", kaggle, "--out", out, "--tasks", FOUR, *SYMBOLIC),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(lambda: events_so_far(out, "done") >= 2)
    for process in psutil.Process(running.pid).children(recursive=True):
        process.kill()
    stdout, stderr = running.communicate(timeout=200)
    assert running.returncode == 0, stderr
    summary = summary_of(stdout)
    assert summary["finished"] == 4 and summary["restarts"] == 1 and summary["canary"] is True
    assert summary["degraded"] == []


def test_a_hard_stop_ends_a_real_run_in_time_and_leaves_no_process(kaggle: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    options = ["--set", "search.proposers=mutate,enumerate", "--set", "vote.quorum=99", "--set", "search.patience=9999"]
    done = arc(
        "run", "--data", kaggle, "--out", tmp_path / "out", "--seconds-per-task", 600, "--hard-stop", 0.1, *options
    )
    took = time.monotonic() - began
    summary = clean(done)
    assert took < 6.0 + 2.0, "six seconds, and what the interpreter takes to start and end"
    assert summary["canary"] is True
    text = str(tmp_path / "out")
    assert not [one for one in psutil.process_iter(["cmdline"]) if text in " ".join(one.info["cmdline"] or ())]


# Files. --------------------------------------------------------------------------------------------------------------


def test_a_trace_and_a_submission_that_were_cut_short_are_gone_on_from(kaggle: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = clean(arc("run", "--data", kaggle, "--out", out, "--tasks", "upside-down,left-right", *SYMBOLIC))
    whole = json.loads((out / "submission.json").read_text())
    lines = (out / "trace.jsonl").read_bytes().splitlines(keepends=True)
    ends = [number for number, line in enumerate(lines) if b'"event":"done"' in line]
    kept = lines[: ends[2]]  # the canary and one task are finished, and the next end is half written
    (out / "trace.jsonl").write_bytes(b"".join(kept) + lines[ends[2]][:37])
    text = (out / "submission.json").read_bytes()
    (out / "submission.json").write_bytes(text[: len(text) // 2])

    again = clean(arc("run", "--out", out, "--resume"))
    assert again["finished"] == first["finished"] == 2 and again["canary"] is True
    assert json.loads((out / "submission.json").read_text()) == whole
    events = [json.loads(line) for line in (out / "trace.jsonl").read_text().splitlines()]
    done = [event["task"] for event in events if event["event"] == "done"]
    assert len(done) == len(set(done)) == 3, "what was finished is not redone"


# The model. ----------------------------------------------------------------------------------------------------------


def has_cuda() -> bool:
    torch = pytest.importorskip("torch")
    pytest.importorskip("transformers")
    return bool(torch.cuda.is_available())


def damage(path: Path) -> None:
    """Turn some bytes of a safetensors file's header round."""
    content = bytearray(path.read_bytes())
    content[8:64] = bytes(byte ^ 0xFF for byte in content[8:64])
    path.write_bytes(content)


@pytest.fixture
def inside(tmp_path: Path) -> list[object]:
    """Settings of a model that holds a damaged adapter."""
    has_cuda()
    shutil.copytree(WEIGHTS, tmp_path / "model")
    damage(tmp_path / "model" / "lora" / "adapter_model.safetensors")
    return ["--set", f"sample.model={tmp_path / 'model'}", "--set", "sample.adapter=lora", "--set", "sample.device=cpu"]


@pytest.fixture
def apart(tmp_path: Path) -> list[object]:
    """Settings of a model and a damaged adapter in a folder of its own."""
    has_cuda()
    shutil.copytree(WEIGHTS / "lora", tmp_path / "adapter")
    damage(tmp_path / "adapter" / "adapter_model.safetensors")
    return ["--set", f"sample.model={WEIGHTS}", "--set", f"sample.adapter={tmp_path / 'adapter'}",
            "--set", "sample.device=cpu"]  # fmt: skip


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    said = done.stderr.strip().splitlines()[-1]
    for word in words:
        assert word.lower() in said.lower()


@pytest.mark.slow
def test_without_the_device_that_was_asked_for_the_run_does_not_begin(kaggle: Path, tmp_path: Path) -> None:
    if has_cuda():
        pytest.skip("there is a CUDA device")
    done = arc("run", "--data", kaggle, "--out", tmp_path / "out", *EASY, "--set", "sample.device=cuda")
    refused(done, "cuda")


@pytest.mark.slow
def test_without_the_device_that_was_asked_for_it_goes_on_with_less_where_that_is_allowed(
    kaggle: Path, tmp_path: Path
) -> None:
    if has_cuda():
        pytest.skip("there is a CUDA device")
    done = arc("run", "--data", kaggle, "--out", tmp_path / "out", *EASY, "--set", "sample.device=cuda", "--degrade")
    summary = clean(done)
    assert summary["degraded"] == ["worker 0: no language model"]
    assert (summary["canary"], summary["finished"], summary["set_aside"]) == (True, 2, [])
    assert "GOES ON WITH LESS" in done.stderr


@pytest.mark.parametrize("where", ["inside", "apart"])
def test_a_damaged_adapter_is_an_error_that_names_the_file(
    kaggle: Path, tmp_path: Path, where: str, request: pytest.FixtureRequest
) -> None:
    damaged = request.getfixturevalue(where)
    refused(arc("run", "--data", kaggle, "--out", tmp_path / "out", *EASY, *damaged), "adapter_model.safetensors")


@pytest.mark.slow
@pytest.mark.parametrize("where", ["inside", "apart"])
def test_a_damaged_adapter_is_done_without_where_that_is_allowed(
    kaggle: Path, tmp_path: Path, where: str, request: pytest.FixtureRequest
) -> None:
    damaged = request.getfixturevalue(where)
    done = arc("run", "--data", kaggle, "--out", tmp_path / "out", *EASY, *damaged, "--degrade")
    summary = clean(done)
    assert summary["degraded"] == ["worker 0: the base without its adapter"]
    assert (summary["canary"], summary["finished"]) == (True, 2) and summary["tokens"] > 0, "the base is used"


@pytest.mark.slow
def test_a_model_that_is_not_there_is_done_without_where_that_is_allowed(kaggle: Path, tmp_path: Path) -> None:
    has_cuda()
    gone = ["--set", f"sample.model={tmp_path / 'nowhere'}"]
    refused(arc("run", "--data", kaggle, "--out", tmp_path / "one", *EASY, *gone), "nowhere")
    done = arc("run", "--data", kaggle, "--out", tmp_path / "two", *EASY, *gone, "--degrade")
    summary = clean(done)
    assert summary["degraded"] == ["worker 0: no language model"]
    assert (summary["canary"], summary["finished"]) == (True, 2)
