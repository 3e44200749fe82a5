"""The solver in a subprocess: watched, started again when it dies, stopped when the session's time is over.

    start -> stream its output, take its answers over -> ended?
        exit 0, 130, 143     it ended in good order
        exit 2               a person's mistake (settings, data): once more without their settings, symbolic only
        anything else        it died: again with --resume, at most five times, each time later

In its own process group, so that nothing of it outlives the hand-in. Not here: what is solved first and how worker
processes are watched (that is the solver's own supervisor).
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from kernel.process import Stop, ending, signal_group

IN_ORDER = (0, 130, 143)
MISTAKE = 2
MOST_RESTARTS = 5
PAUSES = (2.0, 5.0, 15.0, 30.0, 60.0)  # seconds before each restart
GRACE = 20.0  # seconds between SIGTERM and SIGKILL
SYMBOLIC = "search.proposers=symbolic"
_MIRROR_EVERY = 2.0  # seconds between looks at its submission
_LOOK = 0.1
_LEAST = 2.0  # seconds below which nothing is started any more
_LOG_BYTES = 64 << 20  # what is kept of its output
_SHOWN_LINES = 20_000  # what the notebook shows of it


@dataclass(frozen=True)
class Order:
    """What the solver is asked to do."""

    python: str
    """Interpreter that has its packages."""
    challenges: Path
    out: Path
    """Its run folder."""
    preset: str
    settings: tuple[str, ...]
    """`a.b=c`, later ones winning."""
    tasks: tuple[str, ...]
    """Ids; none: all."""
    environment: Mapping[str, str]
    log: Path
    pidfile: Path
    """Holds the process group while it runs: a kernel that is started again ends what the one before has left."""


@dataclass
class Ended:
    """How it went."""

    code: int | None = None
    """The last return code; None: it was never started."""
    summary: dict[str, Any] | None = None
    """Its last JSON line."""
    restarts: int = 0
    troubles: list[str] = field(default_factory=list)
    """What went wrong, in words."""
    degraded: list[str] = field(default_factory=list)
    out: Path | None = None
    """The last run folder."""
    folders: list[Path] = field(default_factory=list)
    """Every run folder that was used."""

    @property
    def in_order(self) -> bool:
        return self.code in IN_ORDER


def symbolic() -> tuple[str, ...]:
    """Return settings for a search without a model, whatever the preset: the CPU does all, one worker per core.

    Presets for accelerators hold 16 tasks a worker, 250 MB each; on 48 cores that would be the whole memory.
    """
    return (SYMBOLIC, f"workers={len(os.sched_getaffinity(0))}", "budget.cohort=2", "budget.width=1")


def command(order: Order, minutes: float, resume: bool) -> list[str]:
    """Return the command line; a resumed run keeps its preset, settings and tasks."""
    line = [order.python, "-m", "arc_submit", "run", "--data", str(order.challenges), "--out", str(order.out)]
    line += ["--hard-stop", f"{minutes:.3f}", "--lenient", "--degrade"]
    if resume:
        return [*line, "--resume"]
    line += ["--fresh", "--preset", order.preset]
    # The clock alone limits the run: with another number of tasks than planned, the mean time per task is another.
    own = [f"budget.minutes={minutes:.3f}", f"budget.seconds_per_task={minutes * 60 * 64:.0f}"]
    for setting in (*own, *order.settings):
        line += ["--set", setting]
    return [*line, "--tasks", ",".join(order.tasks)] if order.tasks else line


def solve(
    order: Order,
    left: Callable[[], float],
    stop: Stop,
    mirror: Callable[[Path], None],
    *,
    again: bool = False,
    pauses: Sequence[float] = PAUSES,
    grace: float = GRACE,
) -> Ended:
    """Run the solver until it has ended in order, cannot go on, or `left()` seconds are over.

    `mirror` is called with its submission every few seconds and at the end. `again`: go on with a run that is there.
    """
    ended = Ended(folders=[order.out])
    _end_leftover(order.pidfile)
    resume = again and _can_resume(order.out)
    while left() > _LEAST and not stop.reason:
        ended.code = Sitting(order, resume, left, stop, mirror, grace).go(ended)
        if ended.in_order or stop.reason or left() <= 0:
            break
        words = f"the solver ended with {ending(ended.code)}"
        ended.troubles.append(words)
        if ended.code == MISTAKE and not resume:
            if order.settings == symbolic():
                break
            print(f"  {words}: settings or data are wrong; once more with symbolic proposers only", flush=True)
            ended.degraded.append("symbolic proposers only and none of `set`, after exit code 2")
            order = replace(order, out=_next(order.out), settings=symbolic())
            ended.folders.append(order.out)
            continue
        if ended.restarts == MOST_RESTARTS:
            print(f"  {words}; it was started again {MOST_RESTARTS} times already", flush=True)
            break
        if ended.code == MISTAKE:  # it cannot go on with that folder; the answers in it are kept by the mirror
            order = replace(order, out=_next(order.out))
            ended.folders.append(order.out)
        resume = _can_resume(order.out)
        pause = min(pauses[min(ended.restarts, len(pauses) - 1)], max(0.0, left()))
        print(f"  {words}; again in {pause:.0f} s{' with --resume' if resume else ''}", flush=True)
        stop.pause(pause)
        ended.restarts += 1
    ended.out = order.out
    return ended


class Sitting:
    """One start of the solver."""

    def __init__(
        self,
        order: Order,
        resume: bool,
        left: Callable[[], float],
        stop: Stop,
        mirror: Callable[[Path], None],
        grace: float,
    ) -> None:
        self._order, self._left, self._stop, self._mirror, self._grace = order, left, stop, mirror, grace
        seconds = left()
        self._command = command(order, (seconds - min(60.0, seconds / 10)) / 60, resume)
        self._summary: dict[str, Any] | None = None
        self._lock = threading.Lock()
        self._shown = 0

    def go(self, ended: Ended) -> int:
        """Return its return code when it is over."""
        print(f"  $ {' '.join(self._command)}", flush=True)
        with open(self._order.log, "ab") as log:
            child = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(self._order.environment),
                cwd=self._order.log.parent,
                start_new_session=True,
            )
            self._order.pidfile.write_text(str(child.pid), "utf-8")
            assert child.stdout and child.stderr
            readers = [
                threading.Thread(target=self._read, args=(pipe, log, keep), daemon=True)
                for pipe, keep in ((child.stdout, True), (child.stderr, False))
            ]
            for reader in readers:
                reader.start()
            code = self._watch(child, ended)
            signal_group(child.pid, signal.SIGKILL)  # whatever it left running
            for reader in readers:
                reader.join(5.0)
        self._order.pidfile.unlink(missing_ok=True)
        self._mirror(self._order.out / "submission.json")
        ended.summary = self._summary or ended.summary
        return code

    def _watch(self, child: subprocess.Popen[bytes], ended: Ended) -> int:
        looked = 0.0
        while child.poll() is None:
            if self._stop.reason or self._left() <= 0:
                return self._terminate(child, ended)
            if time.monotonic() - looked > _MIRROR_EVERY:
                self._mirror(self._order.out / "submission.json")
                looked = time.monotonic()
            self._stop.pause(_LOOK)
        return child.returncode

    def _terminate(self, child: subprocess.Popen[bytes], ended: Ended) -> int:
        why = self._stop.reason or "the end of the session's time"
        print(f"  {why}: the solver gets SIGTERM", flush=True)
        signal_group(child.pid, signal.SIGTERM)
        try:
            return child.wait(self._grace)
        except subprocess.TimeoutExpired:
            ended.troubles.append(f"the solver did not stop within {self._grace:.0f} s of SIGTERM and was killed")
            signal_group(child.pid, signal.SIGKILL)
            return child.wait()

    def _read(self, pipe: IO[bytes], log: IO[bytes], keep: bool) -> None:
        """Pass its lines on; of standard output, keep the last that is its summary."""
        while line := pipe.readline(1 << 20):
            if keep and line.startswith(b"{"):
                self._summary = summary(line) or self._summary
            with self._lock:
                if log.tell() < _LOG_BYTES:
                    log.write(line)
                    log.flush()
                self._shown += 1
                if self._shown <= _SHOWN_LINES:
                    sys.stdout.write("  | " + line.decode("utf-8", "replace").rstrip("\n") + "\n")
                    sys.stdout.flush()
                elif self._shown == _SHOWN_LINES + 1:
                    print("  | (the rest is in the log only)", flush=True)


def summary(line: bytes) -> dict[str, Any] | None:
    """Return the solver's summary if this line is one."""
    try:
        content = json.loads(line)
    except ValueError:
        return None
    return content if isinstance(content, dict) and {"tasks", "outputs", "submission"} <= content.keys() else None


def _can_resume(out: Path) -> bool:
    return (out / "run.json").is_file()


def _next(out: Path) -> Path:
    """A folder beside, for a run that cannot go on in this one."""
    base, _, number = out.name.partition("-")
    return out.with_name(f"{base}-{int(number or 1) + 1}")


def _end_leftover(pidfile: Path) -> None:
    """End the solver of a kernel that was killed: nobody reads its output, and it holds the run folder."""
    try:
        pid = int(pidfile.read_text("utf-8"))
    except (OSError, ValueError):
        return
    if not _is_there(pid):
        return
    print(f"  a solver of an earlier start is still there (process group {pid}); ending it", flush=True)
    signal_group(pid, signal.SIGTERM)
    until = time.monotonic() + GRACE
    while _is_there(pid) and time.monotonic() < until:
        time.sleep(_LOOK)
    signal_group(pid, signal.SIGKILL)


def _is_there(group: int) -> bool:
    """Whether a process group has a process of ours: not another's that got the number since.

    Its leader may be gone: workers outlive a solver that was killed.
    """
    return any(_belongs(int(name), group) for name in os.listdir("/proc") if name.isdigit())


def _belongs(pid: int, group: int) -> bool:
    try:
        return os.getpgid(pid) == group and b"arc_submit" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it has ended
        return False
