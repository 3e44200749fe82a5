"""The wheels of one stack for one Python of Kaggle, from a lock with hashes: fetched once, checked every time.

    <pack>/wheels-cp312/   WHEELS.json  requirements.txt  SHA256SUMS  wheels/*.whl

pip fetches for a Python and a glibc that this machine need not have. Each wheel must have a hash that the lock lists;
one that is there already with such a hash is kept, so a second pack fetches nothing and a broken one goes on where it
stopped. A wheel that the lock does not list (an older lock's) is removed. `requirements.txt` then pins exactly the
wheels that are there, each with its one hash, for `pip install --no-index --require-hashes --no-deps`.

Not here: the locks (`scripts/make_locks.py`), and whether what was packed can be installed (`tryout`).
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from arc_submit.errors import ArcSubmitError, OutputError, UserError
from arc_submit.kaggle import limits, sums, tags

CARD = "WHEELS.json"
STACKS = ("core", "cpu", "gpu")
BYTES = {"core": 95 * 10**6, "cpu": 850 * 10**6, "gpu": 4_500 * 10**6}
"""Of a stack's wheels, measured and rounded up; to see beforehand whether the disk will do."""
AT_ONCE = 8
"""Wheels that one call of pip fetches: what an interruption loses at most."""
PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;\\]+)((?:\s+--hash=sha256:[0-9a-f]{64})*)\s*")

Tick = Callable[[str], None]
"""Called with a wheel's name when it is there."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of a lock."""

    name: str
    """As the registry spells it in comparisons: lower-case, single hyphens."""
    version: str
    hashes: frozenset[str]
    """sha256 in hex of each wheel that may be installed for it."""

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that is there and is one that its pin lists."""

    file: Path
    version: str
    """With its local part, e.g. 2.13.0+cpu."""
    sha256: str
    glibc: tuple[int, int]
    """The oldest that takes it; (0, 0): any."""


@dataclass(frozen=True, slots=True)
class Wheelhouse:
    """What was built."""

    folder: Path
    stack: str
    python: str
    wheels: tuple[Wheel, ...]
    fetched: int
    """How many were not there before."""
    removed: int
    """How many were there and belong to no pin."""

    @property
    def renamed(self) -> list[str]:
        """Names with `+`: not established that they survive an upload; the kernel then finds them by content."""
        return [wheel.file.name for wheel in self.wheels if "+" in wheel.file.name]


def build(folder: Path, stack: str, python: str, lock: Path, tick: Tick = lambda name: None) -> Wheelhouse:
    """Fetch what is missing of a stack's wheels and write the folder's papers.

    Raises:
        UserError: no such lock, or a pin without a wheel for this Python in the indexes that pip asks.
        OutputError: the disk is too small.
    """
    pins, house = read_lock(lock), folder / "wheels"
    there, stale = sort_out(house, pins, python)
    for file in stale:
        file.unlink()
    for wheel in there.values():
        tick(wheel.file.name)
    missing = [pin for pin in pins if pin not in there]
    if missing:
        room = BYTES[stack] - sum(wheel.file.stat().st_size for wheel in there.values())
        limits.check_room(folder, max(0, room), f"fetching the wheels of the {stack} stack")
    for some in _batches(missing):
        fetch(some, house, python, tick)
        fresh, _ = sort_out(house, some, python)
        there |= fresh
        _check_complete(some, there, house, python)
    wheels = tuple(there[pin] for pin in pins)
    _write_papers(folder, stack, python, lock, dict(zip(pins, wheels, strict=True)))
    return Wheelhouse(folder, stack, python, wheels, len(missing), len(stale))


def read_lock(lock: Path) -> list[Pin]:
    """Return the pins of a lock file.

    Raises:
        UserError: missing, a line that is not a pin, or a pin without a hash.
    """
    if not lock.is_file():
        raise UserError(f"{lock}: no such lock; make it with scripts/make_locks.py")
    text = "\n".join(line for line in lock.read_text("utf-8").splitlines() if not line.lstrip().startswith("#"))
    pins = []
    for line in text.replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        match = PIN.fullmatch(line)
        if match is None:
            raise UserError(f"{lock}: {line.strip()[:80]!r} is not `name==version --hash=sha256:...`")
        hashes = frozenset(re.findall(r"[0-9a-f]{64}", match[3]))
        if not hashes:
            raise UserError(f"{lock}: {match[1]}=={match[2]} has no hash; make the lock with scripts/make_locks.py")
        pins.append(Pin(_spelled(match[1]), match[2], hashes))
    if not pins:
        raise UserError(f"{lock}: no pins; make it with scripts/make_locks.py")
    return pins


def sort_out(house: Path, pins: Iterable[Pin], python: str) -> tuple[dict[Pin, Wheel], list[Path]]:
    """(the wheel of each pin that has one there, files that belong to no pin or stand there twice)"""
    by_name = {pin.name: pin for pin in pins}
    found: dict[Pin, Wheel] = {}
    stale = []
    for file in sorted(house.glob("*")):
        parts = tags.WHEEL.fullmatch(file.stem) if file.suffix == ".whl" else None
        pin = by_name.get(_spelled(parts["name"])) if parts else None
        wheel = _accepted(file, parts, pin, python) if parts and pin else None
        if wheel is None or pin is None or pin in found:
            stale.append(file)
        else:
            found[pin] = wheel
    return found, stale


def fetch(pins: Sequence[Pin], house: Path, python: str, tick: Tick) -> None:
    """Let pip download the wheels of some pins; raise where it cannot, in words that say what to do."""
    house.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        wanted = Path(folder) / "wanted.txt"
        wanted.write_text("".join(f"{pin} {_hash_options(pin.hashes)}\n" for pin in pins))
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary=:all:"]
        command += ["--implementation", "cp", "--python-version", python, "--abi", tags.abi(python), "--abi", "none"]
        command += [word for place in tags.platforms() for word in ("--platform", place)]
        command += ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
        command += ["--dest", str(house), "--requirement", str(wanted)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
            said = []
            for line in pip.stdout or ():
                said.append(line.rstrip())
                if collected := re.match(r"Collecting (\S+)", line):
                    tick(collected[1])
    if pip.returncode:
        _explain(said, pins, python)


def _accepted(file: Path, parts: re.Match[str], pin: Pin, python: str) -> Wheel | None:
    version, oldest = parts["version"], tags.glibc(parts["place"])
    if version.split("+")[0] != pin.version or oldest is None or not tags.fits(file.name, python):
        return None
    value = sums.sha256(file)
    return Wheel(file, version, value, oldest) if value in pin.hashes else None


def _check_complete(pins: Iterable[Pin], there: Mapping[Pin, Wheel], house: Path, python: str) -> None:
    missing = [str(pin) for pin in pins if pin not in there]
    if missing:
        raise UserError(f"{house}: no wheel for {tags.abi(python)} came of {', '.join(missing)}; make the lock again")


def _write_papers(folder: Path, stack: str, python: str, lock: Path, wheels: Mapping[Pin, Wheel]) -> None:
    oldest = max(wheel.glibc for wheel in wheels.values())
    lines = [f"{pin.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for pin, wheel in wheels.items()]
    (folder / "requirements.txt").write_text("".join(lines), "utf-8")
    said: dict[str, Any] = {
        "kit": "arc-submit",
        "kind": "wheels",
        "stack": stack,
        "python": python,
        "abi": tags.abi(python),
        "platform": "manylinux_{}_{}_x86_64".format(*oldest) if oldest > tags.ANY else "any",
        "lock": lock.name,
        "lock_sha256": sums.sha256(lock),
        "wheels": len(wheels),
        "bytes": sum(wheel.file.stat().st_size for wheel in wheels.values()),
    }
    before = _card(folder)
    same = before.get("created") and {**said, "created": None} == {**before, "created": None}
    said["created"] = before["created"] if same else datetime.now(UTC).isoformat(timespec="seconds")
    (folder / CARD).write_text(json.dumps(said, indent=2) + "\n", "utf-8")
    sums.write(folder, {wheel.file: wheel.sha256 for wheel in wheels.values()})


def _card(folder: Path) -> dict[str, Any]:
    """What an earlier pack says about itself; empty where there is none that can be read."""
    try:
        return dict(json.loads((folder / CARD).read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def _explain(said: Sequence[str], pins: Sequence[Pin], python: str) -> None:
    """Raise what pip's refusal means."""
    text = "\n".join(said)
    advice = "name an index or a folder that has it with PIP_EXTRA_INDEX_URL or PIP_FIND_LINKS"
    if "No module named pip" in text:
        raise UserError(f"{sys.executable} has no pip; run it with `-m ensurepip`, or pack with --no-wheels")
    if "No space left on device" in text:
        raise OutputError("the disk is full; make room and pack again, which goes on from here")
    if none := re.search(r"No matching distribution found for ([^\s=]+==[^\s(]+)", text):
        raise UserError(
            f"{none[1]}: the package indexes that pip asks have no wheel for {tags.abi(python)} on x86-64 Linux"
            f" (glibc {tags.GLIBC[0]}.{tags.GLIBC[1]} or older); {advice}"
        )
    if "DO NOT MATCH THE HASHES" in text:
        blamed = re.search(r"^\s*([^\s=]+==\S+?)(?: from .*)?:?$", text.split("MATCH THE HASHES", 1)[1], re.M)
        named = blamed[1] if blamed else " ".join(map(str, pins))
        build = " (its lock lists the CPU builds, and the index offered another)" if named.startswith("torch==") else ""
        raise UserError(f"{named}: what the index offers is not a wheel that the lock lists{build}; {advice}")
    errors = [line for line in said if line.startswith("ERROR")] or said[-3:]
    raise ArcSubmitError(f"pip could not download: {' '.join(errors)[:500] or 'it said nothing'}")


def _batches(pins: Sequence[Pin]) -> Iterator[Sequence[Pin]]:
    for start in range(0, len(pins), AT_ONCE):
        yield pins[start : start + AT_ONCE]


def _hash_options(hashes: Iterable[str]) -> str:
    return " ".join(f"--hash=sha256:{value}" for value in sorted(hashes))


def _spelled(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
