"""Runs as jobs: what is asked for, which command it becomes, and that submitit runs it and comes back."""

import sys
from pathlib import Path

import pytest

submitit = pytest.importorskip("submitit")

from arc_submit.errors import ConfigError, EngineError  # noqa: E402
from training.tuning import slurm  # noqa: E402


def local(line, out):
    job = slurm.submit(slurm.parse("cluster=local,gpus=0,hours=0.05"), line, out)
    return job, slurm.waited(job)


def test_what_is_asked_for_is_read():
    job = slurm.parse("partition=gpu, gpus=4,hours=12,memory=120,account=arc")
    assert (job.cluster, job.partition, job.gpus, job.hours, job.memory, job.account) == (
        "slurm", "gpu", 4, 12.0, 120.0, "arc",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [("gpus", "expected key=value"), ("gpu=4", "gpu=4"), ("gpus=many", "gpus=many"), ("hours=0", "hours=0")],
)
def test_what_makes_no_sense_is_named(text, said):
    with pytest.raises(ConfigError, match=said):
        slurm.parse(text)


def test_several_devices_are_launched_by_accelerate_and_one_is_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m").mkdir()
    words = ["--model", "m", "--recipe", "qwen-7b", "--set", "lora.rank=8"]
    line = slurm.command(Path("d"), Path("out"), words, slurm.parse("gpus=4"))
    assert line[:6] == [sys.executable, "-m", "accelerate.commands.launch", "--num_processes", "4", "-m"]
    assert line[6:] == [
        "training.sft", str(tmp_path / "d"), "--out", str(tmp_path / "out"),
        "--model", str(tmp_path / "m"), "--recipe", "qwen-7b", "--set", "lora.rank=8",
    ]  # fmt: skip
    one = slurm.command(Path("d"), Path("out"), words, slurm.parse("gpus=1"))
    assert one[:3] == [sys.executable, "-m", "training.sft"]


def test_a_job_runs_and_its_output_is_kept(tmp_path):
    job, state = local([sys.executable, "-c", "print('it ran')"], tmp_path)
    assert state == "done"
    assert "it ran" in job.stdout()
    assert job.paths.stdout.parent == tmp_path / "slurm"


def test_a_job_that_fails_says_where_its_output_is(tmp_path):
    with pytest.raises(EngineError, match=r"failed: .*; see .*slurm"):
        local([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)


def test_a_preempted_job_is_queued_again_as_it_was(tmp_path):
    again = slurm.Command(["train"], tmp_path).checkpoint()
    assert again.function.line == ["train"]


def test_without_slurm_the_job_is_refused_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="sbatch"):
        slurm.submit(slurm.parse("partition=gpu"), ["train"], tmp_path)
