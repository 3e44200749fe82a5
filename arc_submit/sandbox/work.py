"""Bookkeeping of one call: which programs wait for which tier, and what a runner's reply means for each of them.

Pure: no process, no clock. A reply settles a program, sends it back to its queue or sends it to a process of its own;
every reply makes progress, so a call ends.
"""

import os
import signal
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from arc_submit.records import Dialect, Fault, Output, Ran
from arc_submit.sandbox.protocol import (
    DIRTY,
    LOCKED,
    OUT_OF_MEMORY,
    REPLY,
    Entry,
    TapeError,
    TapeRead,
    encode_program,
    read_tape,
)
from arc_submit.sandbox.report import Counters

MAX_DEATHS = 2  # lanes that one program may end before it is set aside
TIMERS: dict[int, Fault] = {signal.SIGPROF: Fault.CPU, signal.SIGALRM: Fault.WALL, signal.SIGXCPU: Fault.CPU}
SAID = {
    Fault.CPU: "CPU time limit",
    Fault.WALL: "wall time limit: asleep or dead-locked",
    Fault.MEMORY: "killed for memory",
    Fault.EXIT: "ended its process",
    Fault.LOST: "the sandbox lost it",
}


@dataclass(frozen=True, slots=True)
class Job:
    """A program and the grids to run it on. No expected output: none may come near a sandbox."""

    source: str
    dialect: Dialect
    entry: str
    """Name of the function to call."""
    inputs: tuple[tuple[tuple[int, ...], ...], ...]


@dataclass(slots=True, eq=False)
class Item:
    """One distinct job while it is under way."""

    key: bytes
    job: Job
    source: bytes
    inputs: bytes
    """Encoded, shared by the jobs of one task."""
    deaths: int = 0
    ran: Ran | None = None

    @property
    def count(self) -> int:
        return len(self.job.inputs)

    def encoded(self, task: int, dialect: int) -> bytes:
        return encode_program(task, dialect, self.job.entry.encode(), self.source)


def all_faults(count: int, fault: Fault, message: str = "") -> tuple[Output, ...]:
    return (Output(None, fault, message or SAID.get(fault, "")),) * count


@dataclass(slots=True)
class Slice:
    """What one runner was given."""

    shared: bool
    items: list[Item]


@dataclass(slots=True)
class Work:
    """The queues of one call."""

    counters: Counters
    cpu_seconds: float
    output_of: Callable[[bytes], Output]
    shared: deque[Item] = field(default_factory=deque)
    alone: deque[Item] = field(default_factory=deque)
    fatal: set[bytes] = field(default_factory=set)
    """Keys of programs that ended too many lanes."""

    def next_slice(self, batch: int, capacity: int) -> Slice:
        """Up to `batch` programs with at most `capacity` inputs between them. Something must be waiting."""
        if not self.shared:
            return Slice(False, [self.alone.popleft()])
        items = [self.shared.popleft()]
        room = capacity - items[0].count
        while self.shared and len(items) < batch and self.shared[0].count <= room:
            room -= self.shared[0].count
            items.append(self.shared.popleft())
        return Slice(True, items)

    # --- a reply ------------------------------------------------------------------------------------------------------

    def settle(self, given: Slice, reply: bytes) -> None:
        """Read a runner's reply. A bad tape sends a shared slice to isolation; alone it is the program's doing."""
        status, cpu_us, _, _ = REPLY.unpack_from(reply)
        self.counters.runners += 1
        self.counters.cpu_seconds += cpu_us / 1e6
        try:
            tape = read_tape(reply[REPLY.size :], [item.count for item in given.items], self.output_of)
        except TapeError:
            self._scribbled(given, cpu_us)
            return
        if not tape.flags & LOCKED:
            self.blame(given)
        elif given.shared:
            self._settle_shared(given.items, tape, status, cpu_us)
        else:
            self._settle_alone(given.items[0], tape, status, cpu_us)

    def _scribbled(self, given: Slice, cpu_us: int) -> None:
        if given.shared:
            self._isolate(given.items)
        else:
            (item,) = given.items
            item.ran = Ran(all_faults(item.count, Fault.CRASH, "wrote over its results"), cpu_us / 1e6, True)

    def _settle_alone(self, item: Item, tape: TapeRead, status: int, cpu_us: int) -> None:
        self.counters.isolated += 1
        outputs = tape.entries[0].outputs if tape.entries else []
        missing = item.count - len(outputs)
        if missing:
            fault, message = self._ending(status, cpu_us)
            outputs = [*outputs, *all_faults(missing, fault, message)]
        item.ran = Ran(tuple(outputs), cpu_us / 1e6, True)

    def _settle_shared(self, items: list[Item], tape: TapeRead, status: int, cpu_us: int) -> None:
        """Covered programs are final; the one in flight is judged by how the runner ended; the rest runs again."""
        self.counters.shared += len(tape.entries)
        for item, entry in zip(items, tape.entries[: tape.clean], strict=False):
            self._final_or_alone(item, entry)
        uncovered, rest, moved = items[tape.clean : len(tape.entries)], items[len(tape.entries) :], tape.clean
        if tape.flags & DIRTY:
            self.counters.tampered += 1
            moved += self._isolate(uncovered)
            uncovered = []
        elif tape.entries and not tape.entries[-1].ended:
            moved += self._in_flight(uncovered.pop(), tape, status, cpu_us)
        again = [*uncovered, *rest]
        if not moved:  # the runner died between programs: never give the same work to a runner for ever
            self._isolate(again[:1])
            again = again[1:]
        self.shared.extendleft(reversed(again))

    def _final_or_alone(self, item: Item, entry: Entry) -> None:
        if entry.escalate or entry.memory:
            self._isolate([item])
        else:
            item.ran = Ran(tuple(entry.outputs), entry.cpu_us / 1e6)

    def _in_flight(self, item: Item, tape: TapeRead, status: int, cpu_us: int) -> int:
        """A timer counts at once, it is the program's own; anything else must show again alone."""
        entry = tape.entries[-1]
        fault = TIMERS.get(os.WTERMSIG(status)) if os.WIFSIGNALED(status) else None
        if fault is None or entry.escalate or entry.memory:
            return self._isolate([item])
        missing = item.count - len(entry.outputs)
        spent = min(max(cpu_us - tape.mark_us, 0), cpu_us)
        item.ran = Ran((*entry.outputs, *all_faults(missing, fault)), spent / 1e6)
        return 1

    def _ending(self, status: int, cpu_us: int) -> tuple[Fault, str]:
        """Why did a process of one program end early?"""
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == OUT_OF_MEMORY:
            return Fault.MEMORY, ""
        if os.WIFEXITED(status):
            return Fault.EXIT, f"{SAID[Fault.EXIT]} with status {os.WEXITSTATUS(status)}"
        number = os.WTERMSIG(status)
        if number in TIMERS:
            return TIMERS[number], ""
        if number == signal.SIGKILL:
            return (Fault.CPU if cpu_us / 1e6 >= self.cpu_seconds else Fault.MEMORY), ""
        return Fault.CRASH, f"killed by {signal.Signals(number).name if number < 32 else number}"

    def _isolate(self, items: Sequence[Item]) -> int:
        self.counters.escalated += len(items)
        self.alone.extend(items)
        return len(items)

    # --- a lane that died ---------------------------------------------------------------------------------------------

    def blame(self, given: Slice) -> None:
        """A lane ended under this work: each program gets one more chance, alone; after that it is set aside."""
        for item in given.items:
            item.deaths += 1
            if item.deaths < MAX_DEATHS:
                self.alone.append(item)
                continue
            self.fatal.add(item.key)
            self.counters.quarantined += 1
            item.ran = Ran(all_faults(item.count, Fault.LOST, "set aside: it ended two lanes"), 0.0, True)
