"""Wait without hanging: for a child process, for a slow mount, for the order to stop.

A read from a mount that does not answer cannot be interrupted; `within` leaves it to a thread and goes on without it.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TypeVar

T = TypeVar("T")
_LOOK = 0.1  # seconds between looks
_BEAT = 30.0  # seconds between signs of life of a child on the notebook's output
_WAITING_BEAT = 60.0  # and of a mount that is waited for
_TAIL = 2000  # characters of a child's output that an error quotes


class Stopped(Exception):
    """Somebody sent SIGTERM or SIGINT: what is done is handed in."""


class ProcessError(RuntimeError):
    """A child process that failed or took too long; the message holds the end of what it printed."""


class Stop:
    """The order to stop, once it has come."""

    def __init__(self) -> None:
        self.reason = ""
        """The signal's name, or nothing."""

    def listen(self) -> None:
        """From now on SIGTERM and SIGINT are noted here instead of ending this process."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._heard)

    def check(self) -> None:
        """Raise Stopped when the order has come."""
        if self.reason:
            raise Stopped(f"stopped by {self.reason}")

    def pause(self, seconds: float) -> None:
        """Sleep, but not after the order has come."""
        until = time.monotonic() + seconds
        while not self.reason and time.monotonic() < until:
            time.sleep(min(_LOOK, seconds))

    def _heard(self, number: int, _: FrameType | None) -> None:
        self.reason = self.reason or signal.Signals(number).name


def within(seconds: float, work: Callable[[], T], stop: Stop) -> T:
    """Return what `work` returns, or raise what it raises.

    Raises:
        TimeoutError: it took longer; it goes on in its thread, whose result nobody will see.
        Stopped: the order to stop came first.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def call() -> None:
        try:
            results.append(work())
        except BaseException as error:  # raised again below, in the thread that asked
            errors.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    began = said = time.monotonic()
    while thread.is_alive():
        stop.check()
        now = time.monotonic()
        if now - began > seconds:
            raise TimeoutError(f"no answer within {seconds:.0f} s")
        if now - said > _WAITING_BEAT:
            said = now
            print(f"  still waiting: {now - began:.0f} s so far, {seconds:.0f} s at most", flush=True)
        thread.join(_LOOK)
    if errors:
        raise errors[0]
    return results[0]


def run(
    command: Sequence[str],
    *,
    log: Path,
    seconds: float,
    stop: Stop,
    environment: Mapping[str, str] | None = None,
    what: str = "",
) -> str:
    """Run a command in the folder of `log` to its end and return what it printed; all of it goes to that file, too.

    Raises:
        ProcessError: it is not there, failed, or took longer.
        Stopped: the order to stop came first.
    """
    what = what or Path(command[0]).name
    with open(log, "ab") as file:
        start = file.tell()
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=log.parent,  # python -c and -m import from the working directory before all else
                start_new_session=True,
            )
        except OSError as error:
            raise ProcessError(f"{what}: cannot be started: {error}") from None
        late = not _wait(child, seconds, stop, what)
    with open(log, "rb") as file:
        file.seek(start)
        output = file.read().decode("utf-8", "replace")
    stop.check()
    if late:
        raise ProcessError(f"{what}: not done after {seconds:.0f} s; it printed last: {_end(output)}")
    if child.returncode:
        raise ProcessError(f"{what}: ended with {ending(child.returncode)}; it printed last: {_end(output)}")
    return output


def ending(code: int) -> str:
    """Return words for a child's return code."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def signal_group(pid: int, number: int) -> None:
    """Send a signal to a process group that may be gone."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def _wait(child: subprocess.Popen[bytes], seconds: float, stop: Stop, what: str) -> bool:
    """Return whether it ended in time and of its own."""
    began = said = time.monotonic()
    while child.poll() is None:
        now = time.monotonic()
        if stop.reason or now - began > seconds:
            signal_group(child.pid, signal.SIGKILL)
            child.wait()
            return False
        if now - said > _BEAT:
            said = now
            print(f"  {what}: {now - began:.0f} s so far", flush=True)
        stop.pause(_LOOK)
    return True


def _end(output: str) -> str:
    return output.strip()[-_TAIL:] or "(nothing)"
