"""`review.jsonl` of a traces folder: one JSON line per decision, the last one on a trace counts.

    {"trace": "PROGRAM/PARENT/TASK", "verdict": "accept", "reasons": ["clear"], "time": "2026-11-21T14:00:00+00:00"}

PARENT is empty for fresh answers. A verdict is `accept`, `reject`, or `open`: decided no more. Lines are written whole
or not at all; one that a killed process left unfinished is cut off by the next. Brings in nothing heavy.
"""

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from arc_submit.errors import DataError, OutputError
from training.edits.records import Trace

NAME = "review.jsonl"
ACCEPT, REJECT, OPEN = VERDICTS = ("accept", "reject", "open")


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on a trace."""

    trace: str
    """See `key`."""
    verdict: str
    reasons: tuple[str, ...] = ()
    time: str = ""
    """ISO 8601, UTC."""


def key(trace: Trace) -> str:
    """Return what a trace is called in the file: `PROGRAM/PARENT/TASK`."""
    return f"{trace.program}/{trace.parent.program if trace.parent is not None else ''}/{trace.task}"


def now(trace: str, verdict: str, reasons: Sequence[str] = ()) -> Decision:
    """Return a decision of this moment."""
    return Decision(trace, verdict, tuple(reasons), datetime.now(UTC).isoformat(timespec="seconds"))


def read(folder: Path) -> dict[str, Decision]:
    """Return what counts, by trace; nothing where nobody has reviewed. Traces that are open again are not in it.

    Raises:
        DataError: a line in the middle that is no decision.
    """
    path = folder / NAME
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    found: dict[str, Decision] = {}
    for number, line in enumerate(lines[:-1], start=1):  # after the last line end: nothing, or what was cut off
        decision = _decision(line, f"{path}: line {number}")
        found.pop(decision.trace, None)
        if decision.verdict != OPEN:
            found[decision.trace] = decision
    return found


def append(folder: Path, decision: Decision) -> None:
    """Write a decision to disk, whole or not at all.

    Raises:
        OutputError: it could not be written; the file is as it was.
        ValueError: not a verdict.
    """
    if decision.verdict not in VERDICTS:
        raise ValueError(f"verdict {decision.verdict!r}")
    body = {"trace": decision.trace, "verdict": decision.verdict, "reasons": decision.reasons, "time": decision.time}
    line = json.dumps(body, ensure_ascii=True).encode() + b"\n"
    path = folder / NAME
    try:
        with path.open("a+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # another page may be open on the folder
            end = _whole(file.fileno())
            try:
                if os.write(file.fileno(), line) != len(line):
                    raise OSError(0, "the disk took a part of the line only")
                os.fsync(file.fileno())
            except OSError:
                os.ftruncate(file.fileno(), end)
                raise
    except OSError as error:
        raise OutputError(f"{path}: the decision was not written ({error.strerror})") from None


def _whole(file: int) -> int:
    """Cut off a last line without its end; return the file's length."""
    end = os.lseek(file, 0, os.SEEK_END)
    start, tail = end, b""
    while start and b"\n" not in tail:
        step = min(start, 4096)
        start -= step
        tail = os.pread(file, step, start)
    kept = start + tail.rfind(b"\n") + 1
    if kept != end:
        os.ftruncate(file, kept)
    return kept


def _decision(line: bytes, where: str) -> Decision:
    try:
        body = json.loads(line)
        found = Decision(body["trace"], body["verdict"], tuple(body.get("reasons", ())), body.get("time", ""))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{where} is no decision ({type(error).__name__}: {error})") from None
    texts = (found.trace, found.verdict, found.time, *found.reasons)
    if not all(isinstance(text, str) for text in texts) or found.verdict not in VERDICTS:
        raise DataError(f"{where} is no decision: expected a trace and one of {', '.join(VERDICTS)}")
    return found
