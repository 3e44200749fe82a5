"""`settings.json`: what a person may change about a Kaggle run. The solver's own settings travel in `set`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VARIABLE = "ARC_SUBMIT_SETTINGS"
"""Environment: another settings file than the one beside this module (dry runs, tests)."""
BESIDE = Path(__file__).with_name("settings.json")


class SettingsError(ValueError):
    """A settings file that cannot be used; the message names file, key and what was expected."""


@dataclass(frozen=True)
class Accelerator:
    """What the machine was asked to have."""

    name: str = "L4"
    """Part of the name that nvidia-smi gives, in any case."""
    count: int = 4
    gib: float = 22.0
    """Least memory of each, GiB (an L4 shows 22.5)."""


@dataclass(frozen=True)
class CommitRun:
    """A run that is not scored: it shows that everything works, on tasks whose answers are public."""

    tasks: tuple[str, ...] = ("0934a4d8", "36a08778", "981571dc", "aa4ec2a5")
    """Ids of the evaluation set; those that the file does not have are replaced by its first ones."""
    minutes: float = 20.0
    """For the solver."""


@dataclass(frozen=True)
class Settings:
    """All of them; the defaults are the shipped file's."""

    competition: str = "arc-prize-2026-arc-agi-2"
    """Slug, as in the mount's path."""
    hours: float = 12.0
    """Kaggle's limit for a session, from the notebook's start."""
    reserve_minutes: float = 20.0
    """Kept at the end; peers stop at 11 h 40."""
    python: str = "3.12"
    """Python of the pinned image."""
    wheels: bool = True
    """Install the wheels dataset into an environment of its own; false: this interpreter's packages."""
    preset: str = "kaggle-4xl4"
    set: tuple[str, ...] = ()
    """`a.b=c`, handed to the solver; wins over what the kernel sets itself."""
    model: str | None = None
    """Part of the mounted model's path, e.g. "owner/name/transformers/7b/1" or "name/*/7b"; null: the preset's."""
    accelerator: Accelerator | None = field(default_factory=Accelerator)
    """null: none is wanted, and none is looked for."""
    tasks: int | None = 240
    """Tasks planned for in the scored run; another number is said, and solved."""
    commit: CommitRun = field(default_factory=CommitRun)
    patience_minutes: float = 10.0
    """A mount that does not answer for so long is given up; in a scored rerun one without which nothing can be solved
    (tasks, code) only after half of what is left of the session."""
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    """`code`, `wheels` -> sha256 of the SHA256SUMS that was packed with this notebook; one that is not there is not
    compared."""
    stack: str | None = None
    """Which wheels were packed with this notebook: gpu, cpu or core; null: not compared."""


def load(environment: Mapping[str, str]) -> Settings:
    """Return the settings of the file that the environment names, else of the one beside this module.

    Raises:
        SettingsError: missing, not JSON, an unknown key, or a value of the wrong kind.
    """
    return read(Path(environment.get(VARIABLE) or BESIDE))


def read(path: Path) -> Settings:
    """Return the settings of a file.

    Raises:
        SettingsError: missing, not JSON, an unknown key, or a value of the wrong kind.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise SettingsError(f"{path}: not JSON: {error}") from None
    return _settings(content, str(path))


def _settings(content: Any, where: str) -> Settings:
    found = _known(content, Settings, where)
    if "set" in found:
        found["set"] = _texts(found["set"], f"{where}: set")
        for text in found["set"]:
            if "=" not in text:
                raise SettingsError(f"{where}: set: expected a.b=c, found {text!r}")
    if found.get("accelerator") is not None:
        card = _known(found["accelerator"], Accelerator, f"{where}: accelerator")
        _check(card, f"{where}: accelerator", name=str, count=int, gib=(int, float))
        found["accelerator"] = Accelerator(**card)
    if "commit" in found:
        commit = _known(found["commit"], CommitRun, f"{where}: commit")
        if "tasks" in commit:
            commit["tasks"] = _texts(commit["tasks"], f"{where}: commit.tasks")
        _check(commit, f"{where}: commit", minutes=(int, float))
        found["commit"] = CommitRun(**commit)
    if "fingerprints" in found:
        found["fingerprints"] = _fingerprints(found["fingerprints"], f"{where}: fingerprints")
    _check(found, where, competition=str, python=str, preset=str, wheels=bool)
    _check(found, where, hours=(int, float), reserve_minutes=(int, float), patience_minutes=(int, float))
    _check({key: value for key, value in found.items() if value is not None}, where, model=str, tasks=int, stack=str)
    settings = Settings(**found)
    if settings.reserve_minutes >= settings.hours * 60:
        raise SettingsError(
            f"{where}: reserve_minutes: expected less than the session's {settings.hours * 60:g} minutes"
        )
    return settings


def _known(content: Any, kind: type[Any], where: str) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise SettingsError(f"{where}: expected an object, found {type(content).__name__}")
    names = kind.__dataclass_fields__
    for key in content:
        if key not in names:
            raise SettingsError(f"{where}: {key}: no such setting; expected some of {', '.join(names)}")
    return dict(content)


def _texts(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise SettingsError(f"{where}: expected a list of texts, found {value!r}")
    return tuple(value)


def _fingerprints(value: Any, where: str) -> dict[str, str]:
    """Part -> sum; a part without one (null) is left out."""
    if not isinstance(value, dict) or not all(isinstance(one, str | None) for one in value.values()):
        raise SettingsError(f"{where}: expected an object of texts, found {value!r}")
    return {part: digest for part, digest in value.items() if digest}


def _check(found: Mapping[str, Any], where: str, **kinds: type | tuple[type, ...]) -> None:
    """Make sure that the keys that are there hold values of these kinds; numbers from 0 on."""
    for key in kinds.keys() & found.keys():
        value, kind = found[key], kinds[key]
        numeric, right = kind is int or isinstance(kind, tuple), True
        if numeric:
            right = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        if not (right and isinstance(value, kind)):
            names = kind.__name__ if isinstance(kind, type) and not numeric else "a number from 0 on"
            raise SettingsError(f"{where}: {key}: expected {names}, found {value!r}")
