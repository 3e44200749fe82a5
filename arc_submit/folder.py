"""A run's folder: what it holds, and whether it may be used (again).

run.json          settings, data and their fingerprints: what --resume compares
trace.jsonl       the record of the run (`arc_submit.trace`)
submission.json   valid from the first second
worker-N.log      what worker N printed
report.html       made by `arc-submit report`
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from arc_submit import __version__, submission, trace
from arc_submit.config import RunConfig
from arc_submit.errors import OutputError, ResumeError
from arc_submit.records import Answer
from arc_submit.tasks.files import TaskSet, read_json

SETTINGS = "run.json"
_MAY_DIFFER = frozenset({"workers"})  # settings that do not change the answers of a repeatable run
_RESERVE = ".reserve"
_RESERVE_BYTES = 4 << 20  # more than any submission; freed when the disk is full, so that the last one can be written


@dataclass(frozen=True)
class Past:
    """What earlier sittings of a run left."""

    seconds: float
    """Run time used up."""
    done: frozenset[str]
    """Ids of finished tasks."""
    answers: dict[str, Answer]
    """Latest answer of every task that has one, finished or not."""


def create(out: Path, tasks: TaskSet, config: RunConfig, *, fresh: bool) -> None:
    """Make the folder of a new run.

    Raises:
        OutputError: it cannot be written, or holds a run already and `fresh` is not set.
    """
    if (out / SETTINGS).exists() and not fresh:
        raise OutputError(
            f"{out}: holds a run already; go on with --resume, start over with --fresh, or name another --out"
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
        for old in (out / trace.NAME, out / submission.NAME, out / "report.html", *out.glob("worker-*.log")):
            old.unlink(missing_ok=True)
        (out / SETTINGS).write_bytes(orjson.dumps(_settings(tasks, config), option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise OutputError(f"{out}: cannot write there ({error.strerror})") from None
    reserve(out)


def settings(out: Path) -> dict[str, Any]:
    """Return run.json of a run's folder.

    Raises:
        ResumeError: the folder holds no run.
    """
    if not (out / SETTINGS).exists():
        raise ResumeError(f"{out}: no run here (expected {SETTINGS}); was --out spelled as when the run was started?")
    found: dict[str, Any] = read_json(out / SETTINGS)
    return found


def resume(out: Path, tasks: TaskSet, config: RunConfig) -> Past:
    """Return what the run in this folder has done so far.

    Raises:
        ResumeError: no run here, or it was started with other data or settings.
    """
    before, now = settings(out), _settings(tasks, config)
    for name in ("data", "fingerprint"):
        if before[name] != now[name]:
            raise ResumeError(f"{out}: started with {name} {before[name]}, not {now[name]}; --resume needs the same")
    for name, was, is_now in _differences(before["config"], now["config"]):
        raise ResumeError(f"{out}: started with {name}={was}, not {is_now}; --resume needs the same settings")
    reserve(out)
    return read_past(out)


def read_past(out: Path) -> Past:
    """Return what a run's trace says of its progress.

    Raises:
        DataError: a broken trace.
    """
    seconds, done, answers = 0.0, set(), {}
    for event in trace.read(out / trace.NAME):
        seconds = max(seconds, event["at"])
        if event["event"] == "done":
            done.add(event["task"])
        elif event["event"] == "answer":
            answers[event["task"]] = trace.answer(event["answer"])
    return Past(seconds, frozenset(done), answers)


def reserve(out: Path) -> None:
    """Set disk space aside for the last submission, where the file system lets us."""
    path = out / _RESERVE
    if not path.exists() and shutil.disk_usage(out).free > 4 * _RESERVE_BYTES:
        path.write_bytes(bytes(_RESERVE_BYTES))


def free_reserve(out: Path) -> bool:
    """Give the reserved space back; return whether there was any."""
    path = out / _RESERVE
    held = path.exists()
    path.unlink(missing_ok=True)
    return held


def _settings(tasks: TaskSet, config: RunConfig) -> dict[str, Any]:
    return {
        "version": __version__,
        "data": tasks.name,
        "fingerprint": tasks.fingerprint,
        "tasks": [task.id for task in tasks],
        "config": config.model_dump(mode="json"),
    }


def _differences(before: dict[str, Any], now: dict[str, Any], prefix: str = "") -> list[tuple[str, Any, Any]]:
    found: list[tuple[str, Any, Any]] = []
    for key in {**before, **now}:
        was, is_now = before.get(key), now.get(key)
        if isinstance(was, dict) and isinstance(is_now, dict):
            found += _differences(was, is_now, f"{prefix}{key}.")
        elif was != is_now and key not in _MAY_DIFFER:
            found.append((f"{prefix}{key}", was, is_now))
    return found
