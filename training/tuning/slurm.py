"""A run as a Slurm job, by submitit: the same command, under `accelerate launch` where there are several devices.

    arc-train sft DATASET ... --slurm partition=gpu,gpus=4,hours=12

Jobs that are preempted or run out of time are queued again by submitit, and the run goes on from its last checkpoint.
`cluster=local` runs it as a process of this machine instead, `cluster=debug` inside this one.

Left out: several nodes (one job, one node), containers.
"""

import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from arc_submit.config import Count, Stage
from arc_submit.errors import ConfigError, EngineError

BEFORE = 10  # minutes before the end of its time that a job is told, and queued again


class Job(Stage):
    """What a job asks for."""

    cluster: Literal["slurm", "local", "debug"] = "slurm"
    partition: str | None = None
    gpus: Annotated[int, Field(ge=0)] = 1
    """Devices of the node; one process each."""
    hours: Annotated[float, Field(gt=0.0)] = 12.0
    memory: Annotated[float, Field(gt=0.0)] = 64.0
    """GB of the node."""
    cpus: Count = 8
    account: str | None = None
    constraint: str | None = None
    qos: str | None = None


class Command:
    """What the job runs. Submitit sends it to the node, and asks it what to do when the job is stopped."""

    def __init__(self, line: Sequence[str], folder: Path) -> None:
        self.line, self.folder = list(line), str(folder)

    def __call__(self) -> int:
        """Run the command.

        Raises:
            EngineError: it ended with an error.
        """
        code = subprocess.run(self.line, cwd=self.folder, check=False).returncode
        if code:
            raise EngineError(f"the job's command ended with {code}: {' '.join(self.line)}")
        return code

    def checkpoint(self) -> Any:
        """Return what is queued when the job was preempted: the same again, which goes on."""
        return import_module("submitit").helpers.DelayedSubmission(self)


def parse(text: str) -> Job:
    """Return what `partition=gpu,gpus=4,hours=12` asks for.

    Raises:
        ConfigError: an unknown key, or a value out of its range.
    """
    values = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise ConfigError(f"--slurm {part}: expected key=value, e.g. partition=gpu,gpus=4,hours=12")
        values[name.strip()] = value.strip()
    try:
        return Job.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        known = ", ".join(Job.model_fields)
        raise ConfigError(f"--slurm {name}={first['input']}: {first['msg']}; expected some of {known}") from None


def command(dataset: Path, out: Path, options: Sequence[str], job: Job) -> list[str]:
    """Return the job's command line; paths are made whole, since the job may begin elsewhere."""
    several = ["-m", "accelerate.commands.launch", "--num_processes", str(job.gpus)] if job.gpus > 1 else []
    options = [_whole(word, before) for before, word in zip(["", *options], options, strict=False)]
    return [
        sys.executable,
        *several,
        "-m",
        "training.sft",
        str(dataset.resolve()),
        "--out",
        str(out.resolve()),
        *options,
    ]


def submit(job: Job, line: Sequence[str], out: Path) -> Any:
    """Hand the command in; return submitit's job.

    Raises:
        EngineError: no Slurm here, or it refuses the job.
    """
    submitit: Any = import_module("submitit")
    try:
        executor = submitit.AutoExecutor(folder=out.resolve() / "slurm", cluster=job.cluster)
        executor.update_parameters(
            name=out.name,
            timeout_min=max(1, round(60 * job.hours)),
            gpus_per_node=job.gpus,
            mem_gb=job.memory,
            cpus_per_task=job.cpus,
            nodes=1,
            tasks_per_node=1,
            **_for_slurm(job),
        )
        return executor.submit(Command(line, Path.cwd()))
    except (RuntimeError, OSError, submitit.core.utils.FailedJobError) as error:
        raise EngineError(f"--slurm: {' '.join(str(error).split())[:200]}; is this a machine with sbatch?") from None


def waited(job: Any) -> str:
    """Wait until the job has ended; return `done`.

    Raises:
        EngineError: it failed.
    """
    try:
        job.result()
    except import_module("submitit").core.utils.FailedJobError as error:
        last = str(error).strip().splitlines()[-1]
        raise EngineError(f"job {job.job_id} failed: {last}; see {job.paths.stderr}") from None
    return "done"


def _for_slurm(job: Job) -> dict[str, Any]:
    if job.cluster != "slurm":
        return {}
    given = {"partition": job.partition, "account": job.account, "constraint": job.constraint, "qos": job.qos}
    found: dict[str, Any] = {f"slurm_{name}": value for name, value in given.items() if value is not None}
    return {**found, "slurm_signal_delay_s": 60 * BEFORE}


def _whole(word: str, before: str) -> str:
    path = Path(word)
    named = before == "--model" or (before == "--recipe" and word.endswith(".toml"))
    return str(path.resolve()) if named and path.exists() else word
