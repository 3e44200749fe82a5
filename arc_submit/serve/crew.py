"""Threads with a sandbox each, and how many requests may be about at once.

    places   workers + queue: one is taken before a body is read and given back whatever becomes of the request
    worker   a thread of a standard pool; its sandbox lives as long as it does, because a zygote ends with its thread
    ticket   a batch on its way; a client that left is seen by the sandbox's clock within half a second

At the end (`drain`) what waits is sent away, what runs is finished. A sandbox that cannot be started is made anew once
per batch; if that fails too, the batch is refused and the next one tries again.
"""

import math
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from arc_submit.errors import SandboxError
from arc_submit.sandbox import Counters, Sandbox, SandboxConfig, SandboxReport
from arc_submit.serve.judging import verdicts
from arc_submit.serve.limits import Limits
from arc_submit.serve.records import Batch, Refused, Verdict

LONGEST_WAIT = 30  # seconds that a client is told to stay away at most
REMEMBERED = 512  # batches whose times are kept for the metrics

Clock = Callable[[], float]


@dataclass(slots=True, eq=False)
class Ticket:
    """A batch on its way."""

    batch: Batch | None
    """None once nobody waits for it."""
    deadline: float
    """Seconds of the crew's clock."""
    gone: bool = False

    def drop(self) -> None:
        """Nobody waits for it any more."""
        self.gone, self.batch = True, None


@dataclass(slots=True)
class Worker:
    """One thread's own."""

    sandbox: Sandbox
    ticket: Ticket | None = None
    report: SandboxReport | None = None
    """As of the last batch: a sandbox at work answers nobody."""
    before: Counters = field(default_factory=Counters)
    """Of sandboxes that it had earlier."""


class Crew:
    """A context manager: workers start on entering and end on leaving."""

    def __init__(self, config: SandboxConfig, workers: int, limits: Limits, *, clock: Clock = time.monotonic) -> None:
        self.workers, self.limits, self._config, self._clock = workers, limits, config, clock
        self.places = workers + limits.queue
        self.taken = self.running = 0
        self.draining = False
        self.renewed = 0
        """Sandboxes that were made anew."""
        self.counts: Counter[str] = Counter()
        self.seconds: deque[float] = deque(maxlen=REMEMBERED)
        """Of the last batches, judging alone."""
        self._cutoff = math.inf
        self._own = threading.local()
        self._all: list[Worker] = []
        self._turn = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> "Crew":
        """Start every worker's sandbox. SandboxError: one cannot be started."""
        self._pool = ThreadPoolExecutor(self.workers, "sandbox")
        together = threading.Barrier(self.workers)  # one start on each thread
        started = [self._pool.submit(self._start, together) for _ in range(self.workers)]
        try:
            for one in started:
                one.result()
        except SandboxError:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Wait for what runs and end every sandbox."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        for worker in self._all:
            worker.sandbox.close()

    def drain(self) -> None:
        """Send away what waits and take nothing new; what runs has `limits.grace_seconds`."""
        self.draining = True
        self._cutoff = self._clock() + self.limits.grace_seconds
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def hurry(self) -> None:
        """What runs is given up, unscored."""
        self._cutoff = -math.inf

    # --- requests -----------------------------------------------------------------------------------------------------

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place. For one thread alone, the event loop's.

        Raises:
            Refused: all are taken (429), or the server is on its way out (503).
        """
        if self.draining:
            raise leaving()
        if self.taken >= self.places:
            raise Refused(
                429,
                "full",
                f"all {self.places} places are taken",
                expected="fewer requests at a time",
                retry_after=self.wait_seconds(),
            )
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1

    def wait_seconds(self) -> int:
        """After which a place may be free: the queue at the speed of the last batches."""
        recent = list(self.seconds)
        mean = sum(recent) / len(recent) if recent else 1.0
        return max(1, min(LONGEST_WAIT, math.ceil(mean * self.limits.queue / 2 / self.workers)))

    def ticket(self, batch: Batch) -> Ticket:
        """Return a ticket whose time runs from now."""
        return Ticket(batch, self._clock() + batch.deadline_seconds)

    def left(self, ticket: Ticket) -> float:
        """Seconds until its deadline."""
        return ticket.deadline - self._clock()

    def submit(self, ticket: Ticket) -> "Future[list[Verdict]]":
        """Queue a ticket. Refused: the server is on its way out; the future: 503 where no sandbox can be started."""
        if self._pool is None or self.draining:
            raise leaving()
        return self._pool.submit(self._work, ticket)

    # --- on a worker's thread -----------------------------------------------------------------------------------------

    def _start(self, together: threading.Barrier) -> None:
        worker = Worker(Sandbox(self._config, clock=self._time))
        self._own.worker = worker
        with self._turn:
            self._all.append(worker)
        together.wait()
        worker.report = worker.sandbox.report()

    def _time(self) -> float:
        """The sandbox's clock: over at once when nobody waits, or when the server's time is up."""
        now, ticket = self._clock(), self._own.worker.ticket
        return math.inf if now >= self._cutoff or (ticket is not None and ticket.gone) else now

    def _work(self, ticket: Ticket) -> list[Verdict]:
        batch, worker = ticket.batch, self._own.worker
        if batch is None:
            raise Refused(499, "gone", "the client left")
        worker.ticket = ticket
        with self._turn:
            self.running += 1
        began = self._clock()
        try:
            made = self._tried(worker, batch, ticket.deadline)
        finally:
            worker.ticket = None
            with self._turn:
                self.running -= 1
        spent = self._clock() - began
        with self._turn:
            self.seconds.append(spent)
            self.counts["batches"] += 1
            self.counts["programs"] += len(made)
            self.counts["unscored"] += sum(verdict.reward is None for verdict in made)
        return made

    def _tried(self, worker: Worker, batch: Batch, deadline: float) -> list[Verdict]:
        try:
            made = verdicts(worker.sandbox, batch, deadline)
        except SandboxError:
            self._renew(worker)
            try:
                made = verdicts(worker.sandbox, batch, deadline)
            except SandboxError as error:
                with self._turn:
                    self.counts["broken"] += 1
                raise Refused(503, "sandbox", f"no sandbox can be started: {error}", retry_after=5) from error
        worker.report = worker.sandbox.report()
        return made

    def _renew(self, worker: Worker) -> None:
        worker.sandbox.close()
        with self._turn:
            self.renewed += 1
            if worker.report is not None:
                worker.before = _sum(worker.before, worker.report.counters)
                worker.report = SandboxReport(worker.report.grade, worker.report.layers, worker.report.versions)
            worker.sandbox = Sandbox(self._config, clock=self._time)

    # --- what it says of itself ---------------------------------------------------------------------------------------

    def report(self) -> SandboxReport | None:
        """Grade and layers of the first sandbox, counters of all; None before the start."""
        with self._turn:
            known = [worker.report for worker in self._all if worker.report is not None]
            if not known:
                return None
            counters = Counters()
            for worker in self._all:
                counters = _sum(counters, worker.before)
            for report in known:
                counters = _sum(counters, report.counters)
        grade = max(report.grade for report in known)  # the worst
        return SandboxReport(grade, known[0].layers, known[0].versions, counters)

    def state(self) -> dict[str, Any]:
        """Queue and counters, for /health and the end."""
        report = self.report()
        return {
            "queue": {
                "places": self.places,
                "taken": self.taken,
                "running": self.running,
                "workers": self.workers,
            },
            "counters": {
                name: self.counts[name] for name in ("requests", "refused", "batches", "programs", "unscored", "broken")
            }
            | {"restarts": self.renewed + (report.counters.restarts if report is not None else 0)},
        }

    def metrics(self) -> dict[str, Any]:
        """More of the same, for graphs."""
        report, recent = self.report(), sorted(self.seconds)
        return self.state() | {
            "answers": {name[7:]: number for name, number in sorted(self.counts.items()) if name.startswith("status ")},
            "batch_seconds": {
                name: round(recent[min(len(recent) - 1, int(share * len(recent)))], 4) if recent else None
                for name, share in (("median", 0.5), ("p90", 0.9), ("largest", 1.0))
            },
            "sandbox": asdict(report.counters) if report is not None else {},
            "resident_bytes": _resident(),
        }


def leaving() -> Refused:
    """What is said while the server ends."""
    return Refused(503, "ending", "the server is ending; ask another, or again later", retry_after=5)


def _sum(one: Counters, other: Counters) -> Counters:
    return Counters(**{name: value + getattr(other, name) for name, value in asdict(one).items()})


def _resident() -> int | None:
    """Bytes of memory that this process holds, its sandboxes not counted; None where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None
