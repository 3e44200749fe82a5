"""The sandbox as the rest of the kit sees it: programs and inputs in, grids and faults out.

    Sandbox.run       every distinct program once, in a shared runner if its bytecode is harmless, else alone
    Sandbox.confirm   once more, alone, under another hash seed, RNG seed, memory pattern and input order

Covered: whatever a program does, `run` returns one Ran per job and the host is unharmed (grade A; see `report`).
Not covered: kernel bugs, timing side channels, and programs whose answers happen to be equal in both lanes though they
depend on chance. Expected outputs are never given to this module; the caller compares.
"""

import hashlib
import math
import select
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from arc_submit.errors import SandboxError
from arc_submit.records import Fault, Grid, Output, Ran
from arc_submit.sandbox.config import SandboxConfig
from arc_submit.sandbox.lane import Lane, LaneDied
from arc_submit.sandbox.protocol import DIALECTS, LARGEST_ITEM, TAPE_BYTES, encode_inputs, encode_request, read_output
from arc_submit.sandbox.report import Counters, SandboxReport
from arc_submit.sandbox.work import Item, Job, Slice, Work, all_faults

SLACK_SECONDS = 5.0  # on top of every program's own wall limit, before a lane counts as hung
RECHECK_CPU = 2.0  # a second run may take this much longer: only answers are compared, not speed
KNOWN_OUTPUTS = 20_000  # decoded grids kept at hand; many programs say the same
ENTRY_BYTES = 255  # longest name of an entry
DIALECT_CODE = {dialect: code for code, dialect in enumerate(DIALECTS)}
CAPACITY = TAPE_BYTES // 2 // LARGEST_ITEM  # inputs that one runner may answer


class Sandbox:
    """A context manager; lanes start when they are first needed. Safe to share between threads, one call at a time."""

    def __init__(self, config: SandboxConfig | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.config = config or SandboxConfig()
        self._clock = clock
        self._lanes: dict[bool, list[Lane]] = {False: [], True: []}
        self._hello: dict[str, object] = {}
        self._counters = Counters()
        self._cache: OrderedDict[bytes, Ran] = OrderedDict()
        self._fatal: set[bytes] = set()
        self._usable = self.config.lanes
        self._outputs: dict[bytes, Output] = {}
        self._turn = threading.RLock()
        self.looks = 0
        """Times that busy lanes were looked after: grows while programs run, each within its own limits of time."""
        self._finalizer = weakref.finalize(self, _kill_all, self._lanes)

    def __enter__(self) -> Self:
        with self._turn:
            self._lane(recheck=False, index=0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill every lane. The sandbox may be used again: it starts new ones."""
        with self._turn:
            _kill_all(self._lanes)

    # --- what callers ask ---------------------------------------------------------------------------------------------

    def run(self, jobs: Sequence[Job], deadline: float = math.inf, *, recheck: bool = False) -> list[Ran]:
        """One Ran per job, same order; whatever is not done by `deadline` (seconds of the clock) is LOST.

        `recheck` uses lane B: alone, other seeds, inputs in reverse. SandboxError: no lane can be started.
        """
        with self._turn:
            items = self._items(jobs, recheck)
            distinct = {item.key: item for item in reversed(items)}
            work = self._work(list(reversed(distinct.values())), recheck)
            self._drive(work, deadline, recheck)
            rans = [self._taken(distinct[item.key], recheck) for item in items]
            self._counters.programs += len(jobs)
            self._counters.remembered += len(items) - len(distinct)
            self._counters.lost += sum(ran.lost for ran in rans)
            return rans

    def confirm(
        self, jobs: Sequence[Job], deadline: float = math.inf, first: Sequence[Ran] | None = None
    ) -> list[bool | None]:
        """Does each program give the same grids again in lane B? None: could not be told. `first`: what `run` gave."""
        before = self.run(jobs, deadline) if first is None else first
        again = self.run(jobs, deadline, recheck=True)
        return [_same(one, other) for one, other in zip(before, again, strict=True)]

    def report(self) -> SandboxReport:
        """Layers, versions and counters; starts a lane when none has run yet."""
        with self._turn:
            if not self._hello:
                self._lane(recheck=False, index=0)
            hello = self._hello
        return SandboxReport(
            grade=str(hello["grade"]),
            layers=dict(hello["layers"]),  # type: ignore[call-overload]
            versions=dict(hello["versions"]),  # type: ignore[call-overload]
            counters=replace(self._counters),
        )

    def pids(self) -> list[int]:
        """Of the zygotes that are alive, for those who watch."""
        return [lane.pid for lanes in self._lanes.values() for lane in lanes if lane.alive]

    # --- jobs ---------------------------------------------------------------------------------------------------------

    def _items(self, jobs: Sequence[Job], recheck: bool) -> list[Item]:
        encoded: dict[int, tuple[bytes, bytes]] = {}  # by identity: the jobs of a task share one tuple
        items = []
        for job in jobs:
            if id(job.inputs) not in encoded:
                grids = encode_inputs(job.inputs[::-1] if recheck else job.inputs)
                encoded[id(job.inputs)] = grids, hashlib.blake2b(grids, digest_size=16).digest()
            grids, digest = encoded[id(job.inputs)]
            if not 1 <= len(job.entry.encode()) <= ENTRY_BYTES:
                raise ValueError(f"entry {job.entry[:40]!r}")
            source = job.source.encode("utf-8", "surrogatepass")
            head = b"%b%d%d%b\0" % (digest, recheck, DIALECT_CODE[job.dialect], job.entry.encode())
            key = hashlib.blake2b(head + source, digest_size=16).digest()
            items.append(Item(key, job, source, grids))
        return items

    def _work(self, items: list[Item], recheck: bool) -> Work:
        """Queues of what neither the cache nor a glance at the source can answer."""
        cpu = self.config.cpu_seconds * (RECHECK_CPU if recheck else 1.0)
        work = Work(self._counters, cpu, self._output, fatal=self._fatal)
        for item in items:
            item.ran = self._known(item)
            if item.ran is None:
                alone = recheck or not self.config.strict_language
                (work.alone if alone else work.shared).append(item)
        return work

    def _known(self, item: Item) -> Ran | None:
        if item.key in self._cache:
            self._cache.move_to_end(item.key)
            self._counters.remembered += 1
            return self._cache[item.key]
        if item.key in self._fatal:
            return Ran(all_faults(item.count, Fault.LOST, "set aside: it ended two lanes"))
        wrong = _glance(item.source, self.config.max_source_bytes)
        return Ran(all_faults(item.count, Fault.SYNTAX, wrong)) if wrong else None

    def _taken(self, item: Item, recheck: bool) -> Ran:
        """The result of an item, remembered unless lost, in the caller's order of inputs."""
        ran = item.ran or Ran(all_faults(item.count, Fault.LOST, "the deadline came first"))
        if not ran.lost and self.config.cache_size:
            self._cache[item.key] = ran
            while len(self._cache) > self.config.cache_size:
                self._cache.popitem(last=False)
        return Ran(ran.outputs[::-1], ran.cpu_seconds, ran.isolated) if recheck else ran

    def _output(self, raw: bytes) -> Output:
        """A decoded item of a tape; equal ones share one object."""
        from_before = self._outputs.get(raw)
        if from_before is None:
            if len(self._outputs) >= KNOWN_OUTPUTS:
                self._outputs.clear()
            from_before = self._outputs[raw] = read_output(raw)
        return from_before

    # --- lanes --------------------------------------------------------------------------------------------------------

    def _lane(self, recheck: bool, index: int) -> Lane:
        """The lane of this number, started or replaced when need be."""
        lanes = self._lanes[recheck]
        if index < len(lanes):
            if lanes[index].idle_and_well():
                return lanes[index]
            lanes[index].kill()
        lane = Lane(self.config, recheck)
        grade = str(lane.hello["grade"])
        if grade > self.config.require:
            lane.kill()
            raise SandboxError(f"the sandbox is grade {grade}, sandbox.require asks for {self.config.require}")
        self._hello = self._hello or lane.hello
        lanes[index : index + 1] = [lane]
        return lane

    def _drive(self, work: Work, deadline: float, recheck: bool) -> None:
        """Keep the lanes busy until nothing waits or the deadline is there."""
        busy: dict[Lane, tuple[Slice, float]] = {}
        try:
            while (work.shared or work.alone or busy) and self._clock() < deadline:
                self.looks += 1
                self._hand_out(work, busy, recheck)
                self._wait(busy, deadline)
                for lane in list(busy):
                    self._attend(lane, work, busy)
        finally:
            for lane in busy:  # the deadline, or Ctrl-C: kill rather than wait, and read no stale reply later
                lane.kill()

    def _hand_out(self, work: Work, busy: dict[Lane, tuple[Slice, float]], recheck: bool) -> None:
        for index in range(self._usable):
            lanes = self._lanes[recheck]
            if index < len(lanes) and lanes[index] in busy:
                continue
            if not work.shared and not work.alone:
                return
            try:
                lane = self._lane(recheck, index)
            except SandboxError:
                if not busy:
                    raise
                self._usable = max(1, index)  # go on with the lanes that there are
                return
            given = work.next_slice(self.config.batch, CAPACITY)
            wall = work.cpu_seconds * self.config.wall_factor
            busy[lane] = given, time.monotonic() + wall * len(given.items) + SLACK_SECONDS
            try:
                lane.send(_frame(given, work.cpu_seconds, wall))
            except LaneDied:
                self._bury(lane, work, busy)

    def _wait(self, busy: dict[Lane, tuple[Slice, float]], deadline: float) -> None:
        """Until a lane has something to say, can take more, is late, or the deadline is there."""
        if not busy:
            return
        poll = select.poll()
        for lane in busy:
            reads, writes = lane.interest()
            poll.register(reads, select.POLLIN)
            if writes is not None:
                poll.register(writes, select.POLLOUT)
        latest = min(late for _, late in busy.values()) - time.monotonic()
        poll.poll(max(0.0, min(latest, deadline - self._clock(), 0.5)) * 1000)

    def _attend(self, lane: Lane, work: Work, busy: dict[Lane, tuple[Slice, float]]) -> None:
        given, late = busy[lane]
        try:
            lane.push()
            reply = lane.receive()
        except LaneDied:
            self._bury(lane, work, busy)
            return
        if reply is not None:
            del busy[lane]
            work.settle(given, reply)
        elif time.monotonic() > late:
            self._bury(lane, work, busy)

    def _bury(self, lane: Lane, work: Work, busy: dict[Lane, tuple[Slice, float]]) -> None:
        lane.kill()
        self._counters.restarts += 1
        work.blame(busy.pop(lane)[0])


def _frame(given: Slice, cpu: float, wall: float) -> bytes:
    """The request for a slice; every task's inputs travel once."""
    tasks: dict[bytes, int] = {}
    programs = []
    for item in given.items:
        task = tasks.setdefault(item.inputs, len(tasks))
        programs.append(item.encoded(task, DIALECT_CODE[item.job.dialect]))
    return encode_request(given.shared, cpu, wall, list(tasks), programs)


def _glance(source: bytes, limit: int) -> str:
    """What is wrong with a source before anything compiles it; empty: nothing."""
    if len(source) > limit:
        return f"{len(source)} bytes of source, at most {limit} are taken"
    if b"\0" in source:
        return "a NUL byte in the source"
    try:
        source.decode()
    except UnicodeDecodeError:
        return "the source is not text"
    return ""


def _same(one: Ran, other: Ran) -> bool | None:
    if one.lost or other.lost:
        return None
    return _grids(one) == _grids(other)


def _grids(ran: Ran) -> tuple[Grid | None, ...]:
    return tuple(output.grid for output in ran.outputs)


def _kill_all(lanes: dict[bool, list[Lane]]) -> None:
    for each in lanes.values():
        for lane in each:
            lane.kill()
        each.clear()
