"""The run's record, one JSON object per line: at once checkpoint, source of the report, candidate pool, training data.

Events (key `event`, and `at`: seconds of run time, earlier sittings included):

    run         settings and number of tasks: once per sitting
    candidate   a judged program with its answers for the test inputs; `spent`: seconds that its task has had by then
    answer      a task's attempts, whenever they improve; `spent` as above
    done        a task is finished: why, rounds, seconds per stage, counts, tokens, programs run and share by proposer
    pause       a task's visit is over and another may come: as `done`, all visits so far together, and their number
    signs       what the model's answers of one round were like: adapter, valid, distinct, length, rewards (adapt.mode)
    adapt       an update of a task's adapter: learned, rolled back, skipped or stopped, why, and what it took
    aside       a task that killed two workers is set aside
    worker      a worker is loading its model, started (with its sandbox's report), failed or died (with what it held)
    ladder      a worker goes on with less (`arc_submit.run.ladder`)
    beat        nothing but the time, so that a killed run knows how long it ran

A worker also sends `turn` (the tasks of the round that begins), `tokens` (that its model, sandbox or learner got on,
and the tokens decoded) and `idle`; these are not kept.

Only the supervisor writes. A line cut short by a kill is skipped on reading; every other bad line is an error.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import orjson

from arc_submit.errors import DataError, OutputError
from arc_submit.records import Answer, Candidate, Dialect, Grid, Outcome, Pair, Program, Task

NAME = "trace.jsonl"
_EXPENDABLE = frozenset({"candidate", "beat", "signs"})  # what a resumed run can do without
_BLOCK = 1 << 16  # bytes read at once when looking for the last line's end


class Trace:
    """Appends events to a file that no other process may write meanwhile.

    While the disk is full, programs are lost and counted; what a resumed run needs (answers, ends of tasks) waits until
    there is room again. `failed` says what went wrong, None while nothing does.

    Raises:
        OutputError: another run writes this trace.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.failed: OSError | None = None
        self.lost = 0
        """Events that were never written."""
        self._waiting: list[bytes] = []
        self._file: IO[bytes] = open(path, "a+b", buffering=0)  # noqa: SIM115 - closed by close()
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel lets go of it however we end
        except BlockingIOError:
            self._file.close()
            raise OutputError(f"{path}: another run is writing here; stop it first, or name another --out") from None
        _end_line(self._file)

    def append(self, event: Mapping[str, Any]) -> None:
        """Write one event; unless `failed` is set it has reached the operating system when this returns."""
        if self.failed is not None and event.get("event") in _EXPENDABLE:
            self._drain()
            if self.failed is not None:
                self.lost += 1
                return
        self._waiting.append(encode(event))
        self._drain()

    def _drain(self) -> None:
        try:
            while self._waiting:
                self._write(self._waiting[0])
                del self._waiting[0]
            self.failed = None
        except OSError as error:
            self.failed = error

    def _write(self, line: bytes) -> None:
        """Write a whole line or nothing."""
        end = self._file.seek(0, os.SEEK_END)
        try:
            view = memoryview(line)
            while view:
                view = view[self._file.write(view) :]
        except OSError:
            self._file.truncate(end)
            raise

    def close(self) -> None:
        """Write what waits, if there is room now, and close the file."""
        self._drain()
        self.lost += len(self._waiting)
        self._file.close()

    def __enter__(self) -> "Trace":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def encode(event: Mapping[str, Any]) -> bytes:
    """Return the event as one line of JSON. Records become objects by their fields' names."""
    return orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the events of a trace; nothing when there is no file. A last line cut short is left out.

    Raises:
        DataError: a line in the middle is not JSON.
    """
    if not path.exists():
        return
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise DataError(f"{path}: line {number}: not JSON: {error.msg}") from None


def _end_line(file: IO[bytes]) -> None:
    """Cut off a last line that a kill left unfinished, so that the next event starts on a line of its own."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - _BLOCK)
        file.seek(start)
        newline = file.read(end - start).rfind(b"\n")
        if newline >= 0:
            file.truncate(start + newline + 1)
            return
        end = start
    file.truncate(0)


# From JSON back to records. ------------------------------------------------------------------------------------------


def grid(value: Any) -> Grid:
    """Lists of lists -> Grid."""
    return tuple(map(tuple, value))


def task(value: Mapping[str, Any]) -> Task:
    """JSON -> Task."""
    pairs = tuple(Pair(grid(pair["input"]), grid(pair["output"])) for pair in value["train"])
    return Task(value["id"], pairs, tuple(map(grid, value["test"])))


def answer(value: Mapping[str, Any]) -> Answer:
    """JSON -> Answer."""
    return Answer(
        value["task_id"],
        tuple(tuple(map(grid, attempts)) for attempts in value["attempts"]),
        tuple(map(tuple, value["votes"])),
        tuple(value["programs"]),
        value["passers"],
    )


def program(value: Mapping[str, Any]) -> Program:
    """JSON -> Program.

    Raises:
        KeyError, TypeError: fields are missing or unknown.
    """
    return Program(**{**value, "dialect": Dialect(value["dialect"]), "parents": tuple(value["parents"])})


def candidate(value: Mapping[str, Any]) -> Candidate:
    """JSON -> Candidate.

    Raises:
        DataError: fields are missing or unknown: another version wrote the trace.
    """
    try:
        outcome = value["outcome"]
        return Candidate(
            program(value["program"]),
            Outcome(outcome["reward"], tuple(outcome["solved"]), tuple(outcome["cells"]), outcome["signature"]),
            tuple(None if found is None else grid(found) for found in value["tests"]),
            value["literal"],
        )
    except (KeyError, TypeError):
        raise DataError("the trace was written by another version of arc-submit; read it with that version") from None
