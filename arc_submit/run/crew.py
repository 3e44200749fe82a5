"""Worker processes as the supervisor sees them: start, send, hear, kill. Workers are known by their numbers.

The supervisor asks for nothing else of the outside world but the clock, so a test can put a simulated crew in its place
(`tests/faults/world.py`). Not here: what an event means, and what is done about a worker that ended (`supervisor`).
"""

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import orjson

from arc_submit import memory, trace

_NONSENSE = b"\n"  # in place of what is unread: the worker is killed, and what else it says is not heard
_LAST_WAIT = 10.0  # seconds for a killed worker to end before it is left alone
TICK = 0.2  # seconds that a wait lasts at most: a signal is noticed, and a listener served, so often
ENVIRONMENT = MappingProxyType({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"})


@dataclass(frozen=True, slots=True)
class Ended:
    """A worker's output ended: it is dead."""

    code: int
    """Exit code; negative: the signal that killed it."""
    words: str = ""
    """The last line of its log."""
    starved: bool = False
    """The kernel killed it for want of memory, as far as can be told."""


class Crew(Protocol):
    """Workers by number. A number that has ended may be started again."""

    def start(self, number: int, settings: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        """Start a worker with these settings.

        Raises:
            OSError: no memory, no processes, no disk.
        """
        ...

    def send(self, number: int, command: Mapping[str, Any]) -> None:
        """Tell a worker something. One that has died hears nothing; its end is yet to be heard."""
        ...

    def wait(self, seconds: float) -> Iterable[tuple[int, "Mapping[str, Any] | Ended"]]:
        """Wait for words of workers, at most so long, and return them as (number, event or end) in their order."""
        ...

    def kill(self, number: int) -> None:
        """Kill a worker; its end is heard like any other."""
        ...

    def forget(self, number: int) -> None:
        """Give up a killed worker whose end does not come; nothing more is heard of it."""
        ...

    def log(self, number: int) -> str:
        """Return where a worker's log is, for people."""
        ...

    def held(self, number: int) -> int:
        """Return the bytes of memory that a worker and its sandbox hold."""
        ...

    def total(self) -> int:
        """Return the bytes of memory that the whole run holds."""
        ...

    def spare(self) -> float:
        """Return the bytes of memory that the machine has left; infinity where that cannot be known."""
        ...

    def close(self) -> None:
        """Kill all workers and wait for their ends."""
        ...


class Processes:
    """The crew of a real run: one process per worker, JSON lines both ways (`arc_submit.worker`)."""

    def __init__(self, out: Path, command: Sequence[str] = (sys.executable, "-m", "arc_submit.worker")) -> None:
        self._out, self._command = out, command
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._unread: dict[int, bytes] = {}
        self._selector = selectors.DefaultSelector()
        self._oom_kills = memory.oom_kills()

    def start(self, number: int, settings: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        """See `Crew.start`."""
        with open(self.log(number), "ab") as errors:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **ENVIRONMENT, **environment},
            )
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        self._processes[number], self._unread[number] = process, b""
        self._selector.register(process.stdout, selectors.EVENT_READ, number)
        self.send(number, {"config": settings})

    def send(self, number: int, command: Mapping[str, Any]) -> None:
        """See `Crew.send`."""
        stream = self._processes[number].stdin
        assert stream is not None
        with suppress(BrokenPipeError):  # its end of file tells `wait`
            stream.write(trace.encode(command))
            stream.flush()

    def wait(self, seconds: float) -> Iterable[tuple[int, Mapping[str, Any] | Ended]]:
        """See `Crew.wait`; at most `TICK` seconds."""
        for key, _ in self._selector.select(max(0.0, min(seconds, TICK))):
            yield from self._read(key.data)

    def kill(self, number: int) -> None:
        """See `Crew.kill`."""
        self._processes[number].kill()

    def forget(self, number: int) -> None:
        """See `Crew.forget`."""
        self._let_go(self._processes.pop(number), number)

    def log(self, number: int) -> str:
        """Return the path of a worker's log."""
        return str(self._out / f"worker-{number}.log")

    def held(self, number: int) -> int:
        """See `Crew.held`."""
        return memory.tree_bytes(self._processes[number].pid)

    def total(self) -> int:
        """See `Crew.total`."""
        return memory.tree_bytes()

    def spare(self) -> float:
        """See `Crew.spare`."""
        return memory.spare_bytes()

    def close(self) -> None:
        """See `Crew.close`."""
        for process in self._processes.values():
            process.kill()
        for number in list(self._processes):
            with suppress(subprocess.TimeoutExpired):  # stuck in a driver: not ours to wait for
                self._processes[number].wait(_LAST_WAIT)
            self.forget(number)
        self._selector.close()

    def _read(self, number: int) -> Iterable[tuple[int, Mapping[str, Any] | Ended]]:
        stream = self._processes[number].stdout
        assert stream is not None
        try:
            received = os.read(stream.fileno(), 1 << 20)
        except BlockingIOError:
            return
        if not received:
            self._processes[number].kill()
            yield number, self._bury(number)
            return
        if self._unread[number] == _NONSENSE:
            return
        *lines, self._unread[number] = (self._unread[number] + received).split(b"\n")
        for line in lines:
            event = _event(line)
            if event is None:
                self._processes[number].kill()  # it has lost its mind; what it said before stands
                self._unread[number] = _NONSENSE
                return
            yield number, event

    def _bury(self, number: int) -> Ended:
        """Collect a killed or dead process; what it had not finished saying is lost."""
        process = self._processes.pop(number)
        self._let_go(process, number)
        code, kills = process.wait(), memory.oom_kills()
        starved, self._oom_kills = code == -signal.SIGKILL and kills > self._oom_kills, kills
        return Ended(code, _last_line(Path(self.log(number))), starved)

    def _let_go(self, process: subprocess.Popen[bytes], number: int) -> None:
        del self._unread[number]
        assert process.stdout is not None and process.stdin is not None
        self._selector.unregister(process.stdout)
        process.stdout.close()
        with suppress(BrokenPipeError):  # a command that nobody read
            process.stdin.close()


def _event(line: bytes) -> Mapping[str, Any] | None:
    """What a worker said; None: nothing that a worker says."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("event"), str) else None


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").split("\n") if log.exists() else []
    return next((line for line in reversed(lines) if line.strip()), "it is empty")
