"""Follow a run on Kaggle, fetch what it left, and say what that is worth.

A run that ended without an error may still have left nothing of use: `judge` reads verdict.json (written by the
notebook) and checks submission.json against the tasks.

Not here: starting a run (`push`), handing in (`submit`).
"""

import contextlib
import json
import re
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from arc_submit import submission, tasks
from arc_submit.errors import DataError
from arc_submit.kaggle.client import Client, Kernel, Output, Session
from arc_submit.kaggle.common import on_disk
from arc_submit.kaggle.trouble import KaggleError

T = TypeVar("T")

VERDICT = "verdict.json"
MISSES = 20
"""Looks in a row that may fail while one waits for hours; each is several tries by itself."""
LONGEST_SECONDS = 36 * 3600.0
"""Queues of hours and a run of 12 h."""

MEANING = {
    "NEW_SCRIPT": "saved, and not yet queued",
    "QUEUED": "waits for a machine; 4 x L4 may take hours",
    "RUNNING": "runs",
    "COMPLETE": "ended; look at its output",
    "ERROR": "failed; look at its log (`arc-submit kaggle logs`)",
    "CANCEL_REQUESTED": "is being stopped",
    "CANCEL_ACKNOWLEDGED": "was stopped by hand; it leaves no output",
}
OVER = frozenset({"COMPLETE", "ERROR", "CANCEL_ACKNOWLEDGED"})

CAUSES = (
    (r"notebook timeout|exceeded.{0,30}(run-?time|time limit)", "it ran beyond its time limit: lower hours in "
     "kernel/settings.json, or push with a longer --timeout-minutes"),
    (r"exceeded allowed compute|ran out of memory|out of memory|exceeded.{0,20}(memory|ram|disk)", "it used more "
     "memory or disk than the machine has: fewer workers or a smaller model"),
    (r"no kernel name found", "the notebook lacks metadata.kernelspec.name: pack again"),
    (r"no matching distribution|could not find a version that satisfies|hash(es)? mismatch|do not match the hashes",
     "a wheel is missing or changed: pack and push the wheels again"),
    (r"not a supported wheel|failed to load pytorch c extensions|requires a different python", "the wheels are for "
     "another Python than the image has: pin docker_image, or pack wheels for its Python"),
    (r"no kernel image is available|sm_60", "torch does not know this GPU: the machine is not the promised one"),
    (r"(temporary failure in name resolution|failed to establish a new connection|max retries exceeded)", "something "
     "wanted the internet, which a scored notebook does not have"),
    (r"no such file or directory: '?/kaggle/input", "an input is not where it was looked for: is it attached?"),
    (r"no space left on device", "the disk was full (/kaggle/working holds 20 GB)"),
    (r"submission scoring error", "the scorer could not read submission.json: check it with `arc-submit score`"),
    (r"submission csv not found|output file.{0,20}not found", "the run wrote no submission.json: see its log"),
    (r"notebook threw exception", "a cell raised: see the log of the commit run"),
    (r"kaggle error", "Kaggle's own failure; such a submission is not counted, as people report"),
)  # fmt: skip
"""What a failed run or submission said -> what people found behind it."""


def causes(text: str) -> list[str]:
    """Return what is known about the errors in a log or a message, each once."""
    return [words for pattern, words in CAUSES if re.search(pattern, text, re.IGNORECASE)]


@dataclass
class Watch:
    """Poll a run until it is over. `for session in watch` gives every answer, the last one included."""

    client: Client
    kernel: Kernel
    every: float = 30.0
    """Seconds."""
    longest: float = LONGEST_SECONDS
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def __iter__(self) -> Iterator[Session]:
        """Raises KaggleError when Kaggle refuses, or when the run goes on for longer than `longest`."""
        end = self.clock() + self.longest
        while True:
            session = patiently(lambda: self.client.session(self.kernel), self.every, self.sleep)
            yield session
            if session.state in OVER:
                return
            if self.clock() >= end:
                raise KaggleError(
                    f"{self.kernel}: still {session.state} after {self.longest / 3600:.1f} h of waiting; "
                    f"`arc-submit kaggle status {self.kernel} --wait` goes on waiting"
                )
            self.sleep(self.every)


def patiently(look: Callable[[], T], every: float, sleep: Callable[[float], None]) -> T:
    """Look, and again where only the network or Kaggle itself stood in the way: what one waits for goes on anyhow."""
    for _ in range(MISSES):
        try:
            return look()
        except KaggleError as error:
            if error.status is not None and error.status < 500 and error.status != 429:
                raise
            sleep(every)
    return look()


def require_complete(client: Client, kernel: Kernel) -> Session:
    """Return the session of a run that is over and went well.

    Raises:
        KaggleError: it still runs, or it failed.
    """
    session = client.session(kernel)
    if session.state not in OVER:
        raise KaggleError(
            f"{kernel}: {session.state} ({MEANING.get(session.state, 'unknown state')}): wait for its end with "
            f"`arc-submit kaggle status {kernel} --wait`"
        )
    if session.state != "COMPLETE":
        said = f" ({session.message})" if session.message else ""
        known = "; ".join(causes(session.message))
        raise KaggleError(
            f"{kernel}: {session.state}{said}: {known or MEANING[session.state]}; it cannot be submitted, "
            "push a new version"
        )
    return session


def log_text(log: str) -> str:
    """Return a log as a person reads it; Kaggle keeps a JSON list of {stream_name, time, data}."""
    with contextlib.suppress(ValueError):
        lines = json.loads(log)
        if isinstance(lines, list) and all(isinstance(line, dict) for line in lines):
            return "".join(str(line.get("data", "")) for line in lines)
    return log


def logs(client: Client, kernel: Kernel) -> str:
    """Return the run's log.

    Raises:
        KaggleError: there is none (yet).
    """
    text = log_text(client.outputs(kernel)[1])
    if not text:
        session = client.session(kernel)
        raise KaggleError(f"{kernel}: no log yet: {session.state}, {MEANING.get(session.state, 'unknown state')}")
    return text


def fetch(client: Client, kernel: Kernel, folder: Path, pattern: str | None = None) -> list[Path]:
    """Fetch the run's files and its log into `folder`; return their paths.

    Args:
        pattern: regular expression over names; None: every file.

    Raises:
        KaggleError: the version left nothing, or nothing that fits; a file could not be fetched whole.
        OutputError: the folder cannot be written.
    """
    found, log = client.outputs(kernel)
    if not found:
        session = client.session(kernel)
        if session.state not in OVER:
            raise KaggleError(f"{kernel}: {session.state}: no output before its end; `status --wait` waits for it")
        raise KaggleError(
            f"{kernel}: {session.state}, and it left no output (an old version, a run that was stopped, or one that "
            f"failed before its first file); see `arc-submit kaggle logs {kernel}`"
        )
    try:
        wanted = [one for one in found if pattern is None or re.search(pattern, one.name)]
    except re.error as error:
        raise KaggleError(f"--files {pattern!r}: not a regular expression ({error})") from error
    if not wanted:
        names = ", ".join(one.name for one in found[:10])
        raise KaggleError(f"{kernel}: no output fits {pattern!r}; there are {names}")
    paths = [_place(folder, one) for one in wanted]
    with on_disk(folder):
        for one, path in zip(wanted, paths, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            client.download(one, path)
        if log:
            paths.append(folder / f"{kernel.slug}.log")
            paths[-1].write_text(log_text(log))
    return paths


def _place(folder: Path, output: Output) -> Path:
    name = PurePosixPath(output.name)
    if name.is_absolute() or ".." in name.parts or not name.parts:
        raise KaggleError(f"output {output.name!r}: not a path inside the run's folder; nothing was fetched")
    return folder.joinpath(*name.parts)


@dataclass(frozen=True)
class Worth:
    """What a run's output is worth."""

    verdict: dict[str, Any] | None
    """verdict.json; None: there is none."""
    good: bool
    """The verdict says that a person may submit this."""
    why: tuple[str, ...]
    """Why not, in the notebook's words and ours."""
    tasks: int | None = None
    """Tasks that submission.json answers; None: there is none."""
    submission: str = ""
    """What is wrong with submission.json; empty: nothing."""
    checked: str = ""
    """What the submission was checked against; empty: its format only."""


def earlier(folder: Path, fetched: Collection[Path]) -> list[Path]:
    """Return what a judge would read that lies in the folder and was not fetched now: it is of another fetch."""
    return [path for name in (VERDICT, submission.NAME) if (path := folder / name).exists() and path not in fetched]


def judge(folder: Path, data: str | None = None, fetched: Collection[Path] | None = None) -> Worth:
    """Read verdict.json and submission.json in a folder of fetched output.

    Args:
        data: tasks that the submission must answer, all and no other; None: only its format is checked.
        fetched: the only files that count; None: all that lie there.
    """
    stale = [] if fetched is None else earlier(folder, fetched)
    verdict, why = _verdict(None if folder / VERDICT in stale else folder / VERDICT)
    good = verdict is not None and verdict.get("ok") is True
    if verdict is not None and not good:
        why += [str(line) for line in verdict.get("why") or ["the verdict is not ok, and does not say why"]]
    path = folder / submission.NAME
    if not path.is_file() or path in stale:
        return Worth(verdict, False, (*why, f"no {submission.NAME} in the output"), submission="missing")
    wanted = None if data is None else tasks.load(data)
    try:
        content = submission.read(path)
        if wanted is not None:
            submission.check(content, wanted, path)
    except DataError as error:
        return Worth(verdict, good, tuple(why), submission=str(error), checked=data or "")
    return Worth(verdict, good, tuple(why), tasks=len(content), checked=data or "")


def _verdict(path: Path | None) -> tuple[dict[str, Any] | None, list[str]]:
    if path is None or not path.is_file():
        return None, [f"no {VERDICT} in the output: the run was not made by this kit, or it broke before its end"]
    try:
        content = json.loads(path.read_text())
    except ValueError as error:
        return None, [f"{VERDICT}: not JSON ({error})"]
    if not isinstance(content, dict) or content.get("kit") != "arc-submit":
        return None, [f"{VERDICT}: not written by this kit"]
    return content, []
