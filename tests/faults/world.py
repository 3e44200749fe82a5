"""A simulated machine around the real supervisor: a clock that only waiting moves, workers that are generators, faults.

`World` is the crew (`arc_submit.run.crew.Crew`) and the clock of a `Run`. Its workers share a visit's time by the real
`budget.Plan`; a task is solved once it has been searched for as long as it needs. Twelve hours pass in a second or two;
the supervisor, the queue, the trace and the submission are the real ones, on a real disk.
"""

import errno
import heapq
import itertools
import os
import random
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from arc_submit import budget, canary, submission, trace
from arc_submit.config import LANGUAGE, BudgetConfig, RunConfig
from arc_submit.errors import OutputError
from arc_submit.records import Pair, Task
from arc_submit.run.crew import Ended
from arc_submit.tasks import TaskSet

_KEPT = 0.5  # part of a visit's work that its programs hold, where it is cut short
RIGHT = ((5, 5), (5, 5))
"""The right answer of every simulated task."""
WRONG = ((4,),)
GIB = 2**30


def make_tasks(count: int) -> TaskSet:
    """Tasks of different sizes; nothing in them matters but their names."""
    names = [f"task{number:03d}" for number in range(count)]
    pair = Pair(((1,),), ((2,),))
    return TaskSet(
        "simulated", tuple(Task(name, (pair,), (((3,) * (1 + index % 9),),)) for index, name in enumerate(names))
    )


def make_needs(
    tasks: TaskSet, seed: int, median: float, spread: float = 2.0, hopeless: float = 0.3
) -> dict[str, float]:
    """Seconds of search that each task needs: lognormal, heavy-tailed; a share of them is never solved."""
    rng = random.Random(f"needs/{seed}")
    return {
        task.id: float("inf") if rng.random() < hopeless else median * rng.lognormvariate(0.0, spread) for task in tasks
    }


class Killed(BaseException):
    """kill -9 of the supervisor: nothing that it would still do is done."""


@dataclass
class Faults:
    """What goes wrong, and when (seconds of the world's clock)."""

    kills: list[tuple[float, int]] = field(default_factory=list)
    """(when, worker)"""
    hangs: list[tuple[float, int]] = field(default_factory=list)
    cut_short: list[tuple[float, int]] = field(default_factory=list)
    """A worker dies in the middle of a line."""
    sandbox_deaths: list[tuple[float, int]] = field(default_factory=list)
    terms: list[float] = field(default_factory=list)
    """SIGTERM to the supervisor."""
    supervisor_kills: list[float] = field(default_factory=list)
    full_disk: list[tuple[float, float]] = field(default_factory=list)
    """(from, until)"""
    jumps: list[tuple[float, float]] = field(default_factory=list)
    """(when, by how much); back, too"""
    poison: frozenset[str] = frozenset()
    """Tasks that kill any worker that takes them in hand."""
    hopeless: frozenset[str] = frozenset()
    """Tasks that are never solved; no fault, but what a comparison needs."""
    sequences: float = float("inf")
    """More sequences than this and a worker's engine runs out of memory in its first visit."""
    broken_starts: list[tuple[float, float]] = field(default_factory=list)
    """(from, until): no sandbox can be started"""
    flaky: frozenset[int] = frozenset()
    """Workers whose card fails in the first round of every visit."""
    unkillable: frozenset[int] = frozenset()
    """Workers that hang and do not even end when they are killed, once."""
    bad_adapter: bool = False
    no_device: frozenset[int] = frozenset()
    """Workers whose engine never starts."""
    slow_start: float = 0.0
    """Seconds that loading the model takes beyond the usual."""
    short_memory: list[tuple[float, float]] = field(default_factory=list)
    """(from, until): the machine has next to no memory left"""


class _Search:
    """One task's search inside a simulated worker; what `budget.Plan` asks for."""

    def __init__(self, task: Task, need: float, before: float) -> None:
        self.task, self.need, self.before = task, need, before
        self.spent, self.said = 0.0, False

    @property
    def progress(self) -> float:
        return (self.before + self.spent) / self.need

    @property
    def promise(self) -> float:
        return min(0.9, self.progress)

    @property
    def finished(self) -> bool:
        return self.progress >= 1.0


class World:
    """See the module. `now` is the clock; `events` what was heard, for tests that want to look."""

    def __init__(
        self,
        needs: Mapping[str, float],
        faults: Faults | None = None,
        *,
        round_seconds: float = 20.0,
        load: float = 60.0,
    ) -> None:
        self.time = 1000.0
        self.needs = {canary.TASK.id: 1.0, **needs}
        self.faults = faults or Faults()
        self.round_seconds, self.load = round_seconds, load
        self.done_before: dict[str, float] = {}
        """Seconds of search that survive in a task's programs."""
        self.dead = False
        self.worked = 0.0
        """Seconds of search in visits that came to their end, at the speed of a worker with a model."""
        self._heap: list[tuple[float, int, int, int]] = []
        self._ticket = itertools.count()
        self._workers: dict[int, Iterator[tuple[float, Any]]] = {}
        self._life: dict[int, int] = {}
        self._inbox: dict[int, list[Mapping[str, Any]]] = {}
        self._pending: dict[int, Any] = {}
        self._hung: set[int] = set()
        self._stuck = set(self.faults.unkillable)
        self._due = sorted(self._incidents())

    def now(self) -> float:
        """The world's clock."""
        return self.time

    # The crew. --------------------------------------------------------------------------------------------------------

    def start(self, number: int, settings: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        self._life[number] = next(self._ticket)
        self._inbox[number] = []
        self._workers[number] = self._work(number, RunConfig.model_validate(settings))
        self._hung.discard(number)
        self._advance(number)

    def send(self, number: int, command: Mapping[str, Any]) -> None:
        if number in self._workers:
            self._inbox[number].append(command)
            self._advance(number)

    def wait(self, seconds: float) -> Iterator[tuple[int, Any]]:
        until = self.time + seconds
        while True:
            at = min(self._heap[0][0] if self._heap else float("inf"), self._due[0][0] if self._due else float("inf"))
            if at > until:
                break
            self.time = max(self.time, at)
            word = self._happen() if self._due and self._due[0][0] <= at else self._speak()
            if word is not None:
                yield word
                return
        self.time = max(self.time, until)

    def kill(self, number: int) -> None:
        if number in self._hung and number in self._stuck:
            self._stuck.discard(number)
        elif number in self._workers:
            self._end(number, -signal.SIGKILL)

    def forget(self, number: int) -> None:
        self._workers.pop(number, None)
        self._pending.pop(number, None)
        self._life.pop(number, None)

    def log(self, number: int) -> str:
        return f"worker-{number}.log"

    def held(self, number: int) -> int:
        return GIB * (1 + number)

    def total(self) -> int:
        return GIB

    def spare(self) -> float:
        return 0.1 * GIB if any(start <= self.time < end for start, end in self.faults.short_memory) else 8.0 * GIB

    def close(self) -> None:
        self._workers.clear()
        self._heap.clear()
        self._pending.clear()
        self._life.clear()

    # Time. ------------------------------------------------------------------------------------------------------------

    def _speak(self) -> tuple[int, Any] | None:
        _, _, number, life = heapq.heappop(self._heap)
        if self._life.get(number) != life:
            return None  # of a worker that has died since
        event = self._pending.pop(number)
        if isinstance(event, Ended):
            self._workers.pop(number, None)
            self._life.pop(number, None)
            return number, event
        if number in self._hung:
            return None
        self._advance(number)
        return number, event

    def _advance(self, number: int) -> None:
        """Let a worker work up to the next thing that it says; it waits where it has nothing to do."""
        if number in self._pending or number not in self._workers or number in self._hung:
            return
        said = next(self._workers[number], None)
        if said is None:
            return
        delay, event = said
        self._push(number, delay, event)

    def _push(self, number: int, delay: float, event: Any) -> None:
        self._pending[number] = event
        heapq.heappush(self._heap, (self.time + delay, next(self._ticket), number, self._life[number]))

    def _end(self, number: int, code: int) -> None:
        """A worker is gone; the supervisor hears of it at once."""
        self._workers.pop(number, None)
        self._hung.discard(number)
        self._life[number] = next(self._ticket)  # what it was about to say is never heard
        self._push(number, 0.0, Ended(code, "killed"))

    def _incidents(self) -> Iterator[tuple[float, int, str, Any]]:
        faults = self.faults
        begun = self.time
        for kind in ("kills", "hangs", "cut_short", "sandbox_deaths", "jumps"):
            for at, what in getattr(faults, kind):
                yield begun + at, next(self._ticket), kind, what
        for kind in ("terms", "supervisor_kills"):
            for at in getattr(faults, kind):
                yield begun + at, next(self._ticket), kind, None
        faults.broken_starts = [(begun + start, begun + end) for start, end in faults.broken_starts]
        faults.full_disk = [(begun + start, begun + end) for start, end in faults.full_disk]
        faults.short_memory = [(begun + start, begun + end) for start, end in faults.short_memory]

    def _happen(self) -> tuple[int, Any] | None:
        _, _, kind, what = self._due.pop(0)
        if kind == "jumps":
            self._jump(what)
        elif kind == "terms":
            os.kill(os.getpid(), signal.SIGTERM)
        elif kind == "supervisor_kills":
            self.dead = True
            raise Killed
        elif what in self._workers:
            if kind == "hangs":
                self._hung.add(what)
            elif kind == "sandbox_deaths":
                self._end(what, 1)
                return what, {"event": "worker", "state": "failed", "kind": "sandbox", "why": "no sandbox process"}
            else:
                self._end(what, -signal.SIGKILL)
        return None

    def _jump(self, by: float) -> None:
        """The clock jumps; when it goes back, all that waits moves along."""
        self.time += by
        if by < 0:
            self._heap = [(at + by, ticket, number, life) for at, ticket, number, life in self._heap]
            heapq.heapify(self._heap)

    # A worker. --------------------------------------------------------------------------------------------------------

    def _work(self, number: int, config: RunConfig) -> Iterator[tuple[float, Any] | None]:
        """What a worker says and how long it takes to say it; None: it waits for a command."""
        faults, has_model = self.faults, bool(set(config.search.proposers) & set(LANGUAGE))
        if any(start <= self.time < end for start, end in faults.broken_starts):
            yield 2.0, _failed("sandbox", "no sandbox process can be started")
            yield 0.0, Ended(1, "SandboxError: no sandbox process can be started")
            return
        if has_model:
            yield 1.0, {"event": "worker", "state": "loading"}
            if faults.bad_adapter and config.sample.adapter is not None:
                yield 5.0, _failed("weights", "adapter_model.safetensors: damaged")
                yield 0.0, Ended(1, "WeightsError: adapter_model.safetensors: damaged")
                return
            if number in faults.no_device:
                yield 5.0, _failed("engine", "no CUDA device")
                yield 0.0, Ended(1, "EngineError: no CUDA device")
                return
            yield self.load + faults.slow_start, {"event": "worker", "state": "started", "sandbox": {"grade": "A"}}
        else:
            yield 1.0, {"event": "worker", "state": "started", "sandbox": {"grade": "A"}}
        tokens = 0
        while True:
            if not self._inbox[number]:
                yield None
                continue
            command = self._inbox[number].pop(0)
            if has_model and number in faults.flaky:
                yield 0.0, {"event": "turn", "tasks": [task.id for task in command["cohort"]]}
                yield 5.0, _failed("engine", "CUDA error: uncorrectable ECC error")
                yield 0.0, Ended(1, "EngineError: CUDA error: uncorrectable ECC error")
                return
            if has_model and config.sample.sequences > faults.sequences:
                yield 3.0, _failed("memory", "CUDA out of memory")
                yield 0.0, Ended(1, "EngineError: CUDA out of memory")
                return
            began, speed = self.time, 1.0 if has_model else 0.25
            for delay, event in self._visit(number, command, config, speed):
                tokens += 1000
                if isinstance(event, Ended):
                    yield delay, event
                    return
                yield delay, {**event, "produced": tokens} if event["event"] == "tokens" else event
            self.worked += speed * (self.time - began)
            yield 0.0, {"event": "idle", "sandbox": {"grade": "A"}, "produced": tokens}

    def _visit(
        self, number: int, command: Mapping[str, Any], config: RunConfig, speed: float
    ) -> Iterator[tuple[float, dict[str, Any] | Ended]]:
        began = self.time
        searches = []
        for task in command["cohort"]:
            before = self.done_before.get(task.id, 0.0) if command["seeds"].get(task.id) else 0.0
            searches.append(_Search(task, self.needs[task.id], before))
        plan = budget.Plan(config.budget, searches, began + command["seconds"], self.now)
        closed: set[str] = set()
        while turn := plan.next():
            members = [searches[index] for index in turn.members]
            yield 0.0, {"event": "turn", "tasks": [search.task.id for search in members]}
            if any(search.task.id in self.faults.poison for search in members):
                yield 1.0, Ended(-signal.SIGSEGV, "Segmentation fault")
                return
            length = min(self.round_seconds, max(0.05, turn.deadline - self.time))
            yield length, {"event": "tokens"}
            for search in members:
                search.spent += speed * length / len(members)
                self.done_before[search.task.id] = search.before + _KEPT * search.spent
                yield from self._say(search)
                if search.finished:
                    closed.add(search.task.id)
                    yield 0.0, _done(search, "agreed")
        for search in searches:
            if search.task.id not in closed:
                self.done_before[search.task.id] = search.before + search.spent
                yield 0.0, _done(search, "time")

    def _say(self, search: _Search) -> Iterator[tuple[float, dict[str, Any]]]:
        """A first program that is partly right, and the one that is right."""
        if not search.said or search.finished:
            search.said = True
            yield 0.0, _candidate(search)
            yield 0.0, _answer(search)


def _failed(kind: str, why: str) -> dict[str, Any]:
    return {"event": "worker", "state": "failed", "kind": kind, "why": why}


def _done(search: _Search, reason: str) -> dict[str, Any]:
    return {
        "event": "done", "task": search.task.id, "reason": reason, "rounds": 1, "promise": search.promise,
        "spent": search.spent, "seconds": {"loop": search.spent}, "counts": {}, "authors": {"fresh": 1},
    }  # fmt: skip


def _candidate(search: _Search) -> dict[str, Any]:
    name = f"{search.task.id}-{'right' if search.finished else 'part'}"
    program = {
        "id": name, "source": "def solve(I): return I", "dialect": "solve", "entry": "solve", "length": 9,
        "proposer": "fresh", "parents": [], "view": "",
    }  # fmt: skip
    outcome = {"reward": search.promise, "solved": [search.finished], "cells": [search.promise], "signature": name}
    candidate = {"program": program, "outcome": outcome, "tests": [], "literal": False}
    return {"event": "candidate", "task": search.task.id, "round": 1, "spent": search.spent, "candidate": candidate}


def _answer(search: _Search) -> dict[str, Any]:
    grid = search.task.test[0][::-1] if search.task is canary.TASK else RIGHT if search.finished else WRONG
    answer = {
        "task_id": search.task.id, "attempts": [[[list(row) for row in grid]]], "votes": [[1]],
        "programs": [f"{search.task.id}-p"], "passers": 2 if search.finished else 0,
    }  # fmt: skip
    return {"event": "answer", "task": search.task.id, "spent": search.spent, "answer": answer}


@contextmanager
def disk(world: World) -> Iterator[None]:
    """Let the disk be full when the world says so, and write nothing for a supervisor that is dead."""
    write_line, write_file = trace.Trace._write, submission.write

    def full() -> bool:
        return any(start <= world.time < end for start, end in world.faults.full_disk)

    def line(self: trace.Trace, text: bytes) -> None:
        if world.dead:
            raise OSError(errno.EIO, "dead")
        if full():
            raise OSError(errno.ENOSPC, "No space left on device")
        write_line(self, text)

    def file(path: Path, *given: Any) -> int:
        if world.dead:
            return 0
        if full():
            raise OutputError(f"{path}: cannot write the submission (No space left on device)")
        return write_file(path, *given)

    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(trace.Trace, "_write", line))
        stack.enter_context(mock.patch.object(submission, "write", file))
        yield


def budget_of(minutes: float, tasks: int, workers: int, **settings: Any) -> BudgetConfig:
    """Budget settings under which a run lasts so many minutes."""
    return BudgetConfig(minutes=minutes, seconds_per_task=minutes * 60 * workers / tasks * 1.001, **settings)
