"""The solver's packages: a wheels dataset, installed offline into an environment of its own.

Of its own, because the image's packages are others than the solver's. All that is installed is in the lock
(requirements.txt), with its hash: nothing is resolved, so `--no-deps`. uv where there is one and it works, else pip.
`venv --without-pip`, because images on Debian's Python come without ensurepip.

Where some wheels are missing, damaged or made for another Python, the others are installed and it is said loudly:
symbolic search needs few of them.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kernel import mounts, process, sums
from kernel.mounts import Dataset
from kernel.process import ProcessError, Stop

CARD = "WHEELS.json"
PART = "wheels"
_LOCK = "requirements.txt"
_DONE = ".arc-submit"  # file in a finished environment: the sum of the lock that it was made from
_INSTALL_SECONDS = 2400.0
_OLD_NAMES = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}


class WheelsError(RuntimeError):
    """No environment could be made; the message says why."""


@dataclass(frozen=True)
class Installed:
    """An environment for the solver."""

    python: str
    """Path of its interpreter."""
    stack: str
    """gpu, cpu or core."""
    fingerprint: str
    """Sum of the dataset's list of sums."""
    complaints: list[str]
    """What is not as it was packed; none when all is well."""
    notes: list[str]


@dataclass(frozen=True)
class Requirement:
    """One entry of the lock."""

    name: str
    version: str
    text: str
    """As it stands there, hashes included, in one line."""


def install(root: Path, temp: Path, venv: Path, log: Path, stop: Stop) -> Installed:
    """Make the environment from the newest wheels dataset that fits a Python of this machine.

    Raises:
        MountError: there is no wheels dataset.
        WheelsError: none fits, or nothing could be installed.
    """
    dataset, base, notes = choose(mounts.datasets(root, CARD, PART), sys.executable)
    lock = dataset.folder / _LOCK
    if not lock.is_file():
        raise WheelsError(f"{lock}: missing; pack the wheels again")
    stack, python = str(dataset.card.get("stack", "?")), str(venv / "bin" / "python")
    fingerprint = sums.sum_of(dataset.folder / sums.NAME)
    mark = venv / _DONE
    if mark.is_file() and mark.read_text("utf-8") == sums.sum_of(lock):
        return Installed(python, stack, fingerprint, [], [*notes, "the environment of an earlier start is used again"])
    listed = sums.read(dataset.folder / sums.NAME)
    folders = mounts.roots(dataset, PART, temp)
    matched = sums.match(listed, folders, believe_names=True)
    links = _link(matched, temp / "links")
    damaged = [] if sums.sum_of(lock) == listed.get(_LOCK) else [f"wheels: {lock} differs from what was packed"]
    if matched.renamed:
        notes.append(f"wheels found by content under another name: {sums.shorten(matched.renamed)}")
    _environment(base, venv, log, stop)
    try:
        _install(venv, base, links, lock, log, stop)
    except ProcessError as error:
        print(f"  {error}\n  looking for what is wrong with the wheels", flush=True)
        matched = sums.match(listed, folders)
        links = _link(matched, temp / "links")
        complaints = _install_rest(venv, base, links, lock, matched, temp, log, stop)
    else:
        complaints = [f"wheels: {words}" for words in matched.complaints]
        if not complaints:
            mark.write_text(sums.sum_of(lock), "utf-8")
    return Installed(python, stack, fingerprint, [*damaged, *complaints], notes)


def choose(found: list[Dataset], python: str) -> tuple[Dataset, str, list[str]]:
    """Return the newest dataset made for a Python that this machine has, that Python, and what to say.

    Raises:
        WheelsError: none is.
    """
    running = tag()
    fitting = [dataset for dataset in found if dataset.card.get("abi") == running]
    notes = []
    if fitting:
        base = python
    else:
        abis = sums.shorten({str(dataset.card.get("abi")) for dataset in found})
        notes.append(f"this Python is {running}, the wheels are for {abis}")
        others = [(dataset, _other_python(dataset)) for dataset in found]
        fitting = [dataset for dataset, other in others if other]
        if not fitting:
            raise WheelsError(
                f"this Python is {running}, the wheels are for {abis}, and no such Python is on this machine: pin the "
                "image that they were packed for (docker_image), or pack wheels for this one"
            )
        base = next(other for _, other in others if other)
        notes.append(f"the environment is made with {base}")
    if len(fitting) > 1:
        notes.append(f"{len(fitting)} wheels datasets fit; the newest is used, created {fitting[0].created}")
    notes.append(f"wheels: {fitting[0].folder}, stack {fitting[0].card.get('stack')}")
    return fitting[0], base, notes


def tag(version: tuple[int, int] = sys.version_info[:2]) -> str:
    """Return a Python's tag as wheels have it, e.g. cp312."""
    return f"cp{version[0]}{version[1]}"


def requirements(text: str) -> list[Requirement]:
    """Return the pinned entries of a lock; comments, options and anything that is not pinned are passed over."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        pinned = re.match(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;]+)", line)
        if pinned:
            found.append(Requirement(_normal(pinned[1]), pinned[2], " ".join(line.split())))
    return found


def machine_glibc() -> tuple[int, int] | None:
    """Return this machine's glibc; None where it does not tell."""
    version = re.match(r"(\d+)\.(\d+)", platform.libc_ver()[1])
    return (int(version[1]), int(version[2])) if version else None


def fits(wheel: str, requirement: Requirement, abi: str, glibc: tuple[int, int] | None) -> bool:
    """Return whether a wheel of this file name is the required version and may be installed on that Python.

    `glibc`: the machine's; None: unknown, any may be asked for.
    """
    parts = wheel.removesuffix(".whl").split("-")
    if len(parts) not in (5, 6) or not wheel.endswith(".whl") or (len(parts) == 6 and not parts[2][:1].isdigit()):
        return False
    if _normal(parts[0]) != requirement.name or parts[1].replace("_", "+") != requirement.version.replace("_", "+"):
        return False
    pythons, abis, machines = (part.split(".") for part in parts[-3:])
    minor = int(abi.removeprefix("cp3"))
    stable = any(re.fullmatch(r"cp3\d+", one) and int(one[3:]) <= minor for one in pythons) and "abi3" in abis
    pure = any(re.fullmatch(r"py3\d*", one) and int(one[3:] or 0) <= minor for one in pythons) and "none" in abis
    own = abi in pythons and bool({abi, "none"} & set(abis))
    return (stable or pure or own) and any(_runs_on(one, glibc) for one in machines)


def _install_rest(
    venv: Path, base: str, links: Path, lock: Path, matched: sums.Match, temp: Path, log: Path, stop: Stop
) -> list[str]:
    """Install what is there, fits and is undamaged; return what was left out."""
    wanted = requirements(lock.read_text("utf-8"))
    abi = _tag_of(base)
    names, glibc = sorted(path.name for path in links.iterdir()), machine_glibc()
    there = [one for one in wanted if any(fits(name, one, abi, glibc) for name in names)]
    absent = [f"{one.name}=={one.version}" for one in wanted if one not in there]
    if not there:
        raise WheelsError(f"{lock.parent}: not one wheel can be used on {abi} ({'; '.join(matched.complaints)})")
    rest = temp / "requirements-rest.txt"
    rest.write_text("\n".join(one.text for one in there) + "\n", "utf-8")
    try:
        _install(venv, base, links, rest, log, stop)
    except ProcessError as error:
        raise WheelsError(f"{lock.parent}: {error}") from None
    complaints = [f"wheels: {words}" for words in matched.complaints]
    if absent:
        complaints.append(f"wheels: no usable wheel on {abi} for {sums.shorten(absent)}")
    return complaints or ["wheels: they could be installed at the second attempt only"]


def _environment(base: str, venv: Path, log: Path, stop: Stop) -> None:
    """Make an empty environment.

    Raises:
        WheelsError: neither venv nor uv can.
    """
    shutil.rmtree(venv, ignore_errors=True)
    commands = [[base, "-m", "venv", "--without-pip", str(venv)]]
    if uv := shutil.which("uv"):
        commands.append([uv, "venv", "--offline", "--no-config", "--python", base, str(venv)])
    complaints = []
    for command in commands:
        try:
            process.run(command, log=log, seconds=300, stop=stop, environment=_clean(os.environ), what="making a venv")
            return
        except ProcessError as error:
            complaints.append(str(error))
    raise WheelsError("; ".join(complaints))


def _install(venv: Path, base: str, links: Path, lock: Path, log: Path, stop: Stop) -> None:
    """Install a lock.

    Raises:
        ProcessError: uv (where there is one) and pip failed.
    """
    python, environment = str(venv / "bin" / "python"), _clean(os.environ)
    what = ["--no-index", "--find-links", str(links), "--no-deps", "--require-hashes", "-r", str(lock)]
    if uv := shutil.which("uv"):
        environment["UV_CACHE_DIR"] = str(venv.parent / "uv-cache")
        command = [uv, "pip", "install", "--offline", "--no-config", "--compile-bytecode", "--python", python, *what]
        try:
            process.run(command, log=log, seconds=_INSTALL_SECONDS, stop=stop, environment=environment, what="uv")
            return
        except ProcessError as error:
            print(f"  uv could not; trying pip ({str(error).splitlines()[0][:200]})", flush=True)
    flags = ["--disable-pip-version-check", "--no-input", "--no-cache-dir", "--no-color"]
    command = [sys.executable, "-m", "pip", "--python", python, "install", *flags, *what]
    process.run(command, log=log, seconds=_INSTALL_SECONDS, stop=stop, environment=environment, what="pip")


def _link(matched: sums.Match, folder: Path) -> Path:
    """Make a folder with a link to every wheel under its listed name: installers read the name."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, path in matched.found.items():
        if name.endswith(".whl"):
            (folder / Path(name).name).symlink_to(path)
    return folder


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what steers Python and installers elsewhere."""
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith(("PIP_", "UV_", "PYTHON", "VIRTUAL_ENV"))
    }
    return {**kept, "PIP_CONFIG_FILE": os.devnull}


def _runs_on(machine: str, glibc: tuple[int, int] | None) -> bool:
    """Whether a platform tag is for x86-64 Linux with this glibc or an older one."""
    if machine in ("any", "linux_x86_64"):
        return True
    name = machine.removesuffix("_x86_64")
    version = re.fullmatch(r"manylinux_(\d+)_(\d+)", name)
    asked = (int(version[1]), int(version[2])) if version else _OLD_NAMES.get(name)
    return name != machine and asked is not None and (glibc is None or asked <= glibc)


def _other_python(dataset: Dataset) -> str | None:
    """A Python of this machine that the dataset was made for, and that runs."""
    path = shutil.which(f"python{dataset.card.get('python')}")
    return path if path and _tag_of(path) == dataset.card.get("abi") else None


def _tag_of(python: str) -> str:
    code = "import sys; print('cp%d%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
