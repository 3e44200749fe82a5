"""A run's folder: what it holds, and whether it may be used (again).

run.json          settings, data and their fingerprints: what --resume compares
trace.jsonl       the record of the run (`arc_submit.trace`)
submission.json   valid from the first second
worker-N.log      what worker N printed
report.html       made by `arc-submit report`
"""

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from arc_submit import __version__, submission, trace
from arc_submit.config import RunConfig
from arc_submit.errors import DataError, OutputError, ResumeError
from arc_submit.records import Answer
from arc_submit.tasks import NAMED, load, select
from arc_submit.tasks.files import TaskSet, read_json

SETTINGS = "run.json"
_MAY_DIFFER = frozenset({"workers"})  # settings that do not change the answers of a repeatable run
_KEYS = frozenset({"version", "data", "fingerprint", "script", "tasks", "config"})
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
    strikes: Mapping[str, int] = field(default_factory=dict)
    """Workers that died with a task in hand."""
    aside: frozenset[str] = frozenset()
    """Tasks that killed two workers."""
    paused: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The latest `pause` event of every task that was visited and is not finished."""
    rungs: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """Worker number -> where it stands on the two ladders of `arc_submit.run.ladder`."""


def create(out: Path, tasks: TaskSet, config: RunConfig, *, fresh: bool) -> None:
    """Make the folder of a new run.

    Raises:
        OutputError: it cannot be written, another process runs there, or it holds results and `fresh` is not set.
    """
    results = [out / name for name in (SETTINGS, trace.NAME, submission.NAME, "report.html")]
    try:
        found = [path.name for path in results if path.exists()]
        if found and not fresh:
            raise OutputError(
                f"{out}: holds {found[0]} already; go on with --resume, start over with --fresh, or name another --out"
            )
        out.mkdir(parents=True, exist_ok=True)
        with trace.Trace(out / trace.NAME):  # nobody else may be running here
            for old in (*results, *out.glob("worker-*.log")):
                old.unlink(missing_ok=True)
        _write_settings(out, _settings(tasks, config))
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{out}: cannot write there ({error.strerror})") from None
    reserve(out)


def settings(out: Path) -> dict[str, Any]:
    """Return run.json of a run's folder.

    Raises:
        ResumeError: the folder holds no run, or one that cannot be understood.
    """
    if not os.path.exists(out / SETTINGS):
        raise ResumeError(f"{out}: no run here (expected {SETTINGS}); was --out spelled as when the run was started?")
    found = read_json(out / SETTINGS)
    if not isinstance(found, dict) or not found.keys() >= _KEYS:
        raise ResumeError(f"{out / SETTINGS}: expected an object with {', '.join(sorted(_KEYS))}")
    return found


def config_of(out: Path) -> RunConfig:
    """Return the settings that the run was started with.

    Raises:
        ResumeError: no run here, or settings of another version.
    """
    found = settings(out)
    try:
        return RunConfig.model_validate(found["config"])
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ResumeError(
            f"{out / SETTINGS}: the setting {place} is not one of version {__version__} (written by {found['version']})"
        ) from None


def tasks_of(out: Path) -> TaskSet:
    """Return the tasks of the run, as they are now.

    Raises:
        ResumeError: no run here, or its data has changed since.
        DataError: its data is gone or cannot be read.
    """
    found = settings(out)
    chosen = select(load(found["data"], lenient=found.get("lenient", False)), found["tasks"])
    if chosen.fingerprint != found["fingerprint"]:
        raise ResumeError(f"{out}: the tasks in {found['data']} have changed since the run was started")
    return chosen


def resume(out: Path, tasks: TaskSet, config: RunConfig) -> Past:
    """Return what the run in this folder has done so far.

    Raises:
        ResumeError: no run here, or it was started with other data or settings.
    """
    before, now = settings(out), _settings(tasks, config)
    if len(before["tasks"]) != len(now["tasks"]):
        raise ResumeError(f"{out}: started with {len(before['tasks'])} tasks, not {len(now['tasks'])}")
    for name in ("data", "fingerprint", "script"):
        if before[name] != now[name]:
            raise ResumeError(f"{out}: started with {name} {before[name]}, not {now[name]}; --resume needs the same")
    for name, was, is_now in _differences(before["config"], now["config"]):
        raise ResumeError(f"{out}: started with {name}={was}, not {is_now}; --resume needs the same settings")
    reserve(out)
    past = read_past(out)
    handed_in = _handed_in(out, tasks)
    if _younger(out / submission.NAME, out / trace.NAME):
        return replace(past, answers={**past.answers, **_beyond(handed_in, past.answers)})
    return replace(past, answers={**handed_in, **past.answers})


def read_past(out: Path) -> Past:
    """Return what a run's trace says of its progress.

    Raises:
        DataError: a broken trace.
    """
    seconds, done, answers = 0.0, set(), {}
    strikes: Counter[str] = Counter()
    paused: dict[str, Mapping[str, Any]] = {}
    rungs: dict[int, tuple[int, int]] = {}
    aside: set[str] = set()
    for event in trace.read(out / trace.NAME):
        seconds = max(seconds, event["at"])
        if event["event"] == "done":
            done.add(event["task"])
            paused.pop(event["task"], None)
        elif event["event"] == "pause":
            paused[event["task"]] = event
            strikes.pop(event["task"], None)
        elif event["event"] == "aside":
            aside.add(event["task"])
        elif event["event"] == "ladder":
            rungs[event["worker"]] = (event["rung"], event["lesser"])
        elif event["event"] == "answer":
            answers[event["task"]] = trace.answer(event["answer"])
        elif event["event"] == "worker" and event["state"] == "died":
            strikes.update(event["in_hand"])
    return Past(seconds, frozenset(done), answers, strikes, frozenset(aside), paused, rungs)


def candidates(out: Path, ids: Collection[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (task id, candidate as JSON has it) for every kept program of these tasks.

    Raises:
        DataError: a broken trace.
    """
    for event in trace.read(out / trace.NAME):
        if event["event"] == "candidate" and event["task"] in ids:
            yield event["task"], event["candidate"]


def _younger(one: Path, other: Path) -> bool:
    """The one was written after the other: on a full disk a submission may be, thanks to its reserve."""
    try:
        return one.stat().st_mtime_ns > other.stat().st_mtime_ns
    except FileNotFoundError:
        return False


def _beyond(handed_in: Mapping[str, Answer], traced: Mapping[str, Answer]) -> dict[str, Answer]:
    """Answers of the submission that the trace does not have; as strong as those that it has."""
    found = {}
    for task_id, answer in handed_in.items():
        known = traced.get(task_id)
        if known is None or known.attempts != answer.attempts:
            found[task_id] = answer if known is None else replace(answer, passers=known.passers)
    return found


def _handed_in(out: Path, tasks: TaskSet) -> dict[str, Answer]:
    """Answers that stand in the submission: after a full disk the trace may know less than it."""
    try:
        content = submission.read(out / submission.NAME)
    except DataError:
        return {}
    found = {}
    for task in tasks:
        entries = content.get(task.id, [])
        attempts = tuple(
            submission.without_fallbacks(given, test) for given, test in zip(entries, task.test, strict=False)
        )
        if len(attempts) == len(task.test) and any(attempts):
            found[task.id] = Answer(task.id, attempts, tuple(tuple(0 for _ in given) for given in attempts))
    return found


def reserve(out: Path) -> None:
    """Set disk space aside for the last submission, where the file system lets us."""
    path = out / _RESERVE
    try:
        if not path.exists() and shutil.disk_usage(out).free > 4 * _RESERVE_BYTES:
            path.write_bytes(bytes(_RESERVE_BYTES))
    except OSError:  # a quota that disk_usage does not show: go on without
        path.unlink(missing_ok=True)


def free_reserve(out: Path) -> bool:
    """Give the reserved space back; return whether there was any."""
    path = out / _RESERVE
    held = path.exists()
    try:
        path.unlink(missing_ok=True)
    except OSError:  # a file system that has become read-only
        return False
    return held


def _write_settings(out: Path, values: dict[str, Any]) -> None:
    draft = out / f"{SETTINGS}.new"
    draft.write_bytes(orjson.dumps(values, option=orjson.OPT_INDENT_2))
    os.replace(draft, out / SETTINGS)


def _settings(tasks: TaskSet, config: RunConfig) -> dict[str, Any]:
    script = config.search.script
    return {
        "version": __version__,
        "data": tasks.name if tasks.name in NAMED else os.path.abspath(tasks.name),
        "script": hashlib.blake2b(script.read_bytes(), digest_size=8).hexdigest() if script else None,
        "fingerprint": tasks.fingerprint,
        "tasks": [task.id for task in (*tasks, *tasks.unread)],
        "lenient": bool(tasks.unread),
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
