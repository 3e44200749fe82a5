"""The official image, where docker and the image are there. It is some 20 GB: only a person's `--docker` pulls it."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from arc_submit.dryrun.order import INPUT, SOURCE, WORKING
from arc_submit.errors import UserError

WEAKER = (
    "nothing is checked from inside: docker is believed",
    "the working folder has no cap: it is a folder of this machine",
    "memory is not measured: what runs in the container is another process's child",
)
_SECONDS = 30.0  # that the daemon may take to answer


def ready(image: str) -> str:
    """Return why the image cannot be used at once; nothing when it can."""
    if shutil.which("docker") is None:
        return "docker is not installed"
    if _fails("docker", "version", "--format", "{{.Server.Version}}"):
        return "the docker daemon cannot be reached"
    if _fails("docker", "image", "inspect", image):
        return f"the image is not on this machine ({image[:60]}...; some 20 GB, --docker pulls it)"
    return ""


def pull(image: str) -> None:
    """Fetch the image; docker shows its progress.

    Raises:
        UserError: docker is not there, or could not.
    """
    if shutil.which("docker") is None:
        raise UserError("--docker: docker is not installed; --no-docker runs without it")
    if subprocess.run(["docker", "pull", image]).returncode:
        raise UserError(f"--docker: {image} could not be pulled (see above); --no-docker runs without it")


def command(
    image: str,
    name: str,
    inner: Sequence[str],
    *,
    inputs: Path,
    source: Path,
    working: Path,
    environment: Mapping[str, str],
    gpus: bool,
) -> list[str]:
    """Return the command that runs `inner` in the image, as Kaggle's own test harness starts it.

    `--hostname localhost`: without a network a look-up of the own name would fail otherwise.
    """
    line = ["docker", "run", "--rm", "--name", name, "--network", "none", "--hostname", "localhost"]
    line += ["--shm-size", "2g", "--ulimit", "memlock=-1", *(["--gpus", "all"] if gpus else [])]
    line += ["-v", f"{inputs.absolute()}:{INPUT}:ro", "-v", f"{source.absolute()}:{SOURCE}:ro"]
    line += ["-v", f"{working.absolute()}:{WORKING}", "-w", str(WORKING)]
    for variable, value in environment.items():
        line += ["-e", f"{variable}={value}"]
    return [*line, image, *inner]


def stop(name: str, signal: str = "KILL") -> None:
    """Send the container a signal; one that has ended is let be."""
    _fails("docker", "kill", "--signal", signal, name)


def has_gpus() -> bool:
    """Return whether docker may be asked for this machine's GPUs."""
    return os.path.exists("/dev/nvidiactl")


def _fails(*line: str) -> bool:
    try:
        return bool(subprocess.run(line, capture_output=True, timeout=_SECONDS).returncode)
    except (OSError, subprocess.TimeoutExpired):
        return True
