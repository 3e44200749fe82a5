"""All tasks: a supervisor without torch that hands cohorts to worker processes and keeps the submission valid.

    queue -> cohort -> worker (a process: sandbox + proposers) -> events -> trace, answers -> submission.json

Self-healing: a worker that dies or falls silent is replaced and its unfinished tasks go back to the queue; a task that
was in hand when two workers died is set aside. Finished tasks are never redone by a resumed run. Ctrl-C, SIGTERM and a
full disk leave a valid submission. Not here: the search itself (`arc_submit.solve`), what a person sees
(`arc_submit.cli`).
"""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import orjson

from arc_submit import budget, canary, folder, memory, submission, trace
from arc_submit.budget import Clock
from arc_submit.config import RunConfig
from arc_submit.errors import ArcSubmitError, OutputError
from arc_submit.records import Answer, Task
from arc_submit.tasks.files import TaskSet

_TICK = 0.2  # seconds between looks at the clock while no worker speaks
_BEAT = 5.0  # seconds between beats in the trace
_MAX_STRIKES = 2  # workers that may die with a task in hand before it is set aside
_MAX_DEATHS_AT_START = 3  # workers that die before their first event: the machine is broken, not a task
_WRITE_SHARE = 0.01  # of wall time that writing the submission may take


class Listener(Protocol):
    """Hears of progress; the CLI draws it."""

    def progress(self, run: "Run") -> None:
        """Called a few times per second."""
        ...

    def notice(self, text: str) -> None:
        """Called with a line that a person should see."""
        ...


@dataclass(slots=True)
class Worker:
    """One worker process and what it holds."""

    number: int
    process: subprocess.Popen[bytes]
    heard: float
    """Clock time of its last event."""
    ready: bool = False
    """It has started and waits for a cohort."""
    started: bool = False
    """It has said its first word."""
    buffer: bytes = b""
    holds: dict[str, Task] = field(default_factory=dict)
    """Tasks of its cohort that are not done."""
    in_hand: tuple[str, ...] = ()
    """Tasks of the round that it is in."""
    until: float = 0.0
    """Clock time at which its cohort's time ends."""


class Run:
    """One sitting of a run. `go` does everything; the attributes are what a listener may look at."""

    def __init__(
        self,
        tasks: TaskSet,
        config: RunConfig,
        out: Path,
        past: folder.Past | None = None,
        *,
        now: Clock = time.monotonic,
        worker: Sequence[str] = (sys.executable, "-m", "arc_submit.worker"),
    ) -> None:
        self.tasks, self.config, self.out = tasks, config, out
        self.answers: dict[str, Answer] = dict(past.answers) if past else {}
        self.done: set[str] = set(past.done) if past else set()
        self.set_aside: list[str] = []
        self.restarts = 0
        self.stopped = ""
        """Why it ended early: the signal's name, or nothing."""
        self.sandbox: dict[str, Any] = {}
        """The latest report of a worker's sandbox."""
        self.reasons: Counter[str] = Counter()
        self.fallbacks = 0
        self.peak_bytes = 0
        """Most memory that the run was seen to hold, workers and sandboxes included."""
        self.total_seconds = budget.total_seconds(config.budget, len(tasks), config.worker_count)
        self._now = now
        self._worker_command = worker
        self._began = now() - (past.seconds if past else 0.0)
        self._earlier = {task_id: answer for task_id, answer in self.answers.items() if task_id not in self.done}
        self._queue: deque[Task] = deque(sorted(self._open_tasks(), key=_cells, reverse=True))
        if _has_generator(config) and canary.TASK.id not in self.done:
            self._queue.appendleft(canary.TASK)
        self._strikes: Counter[str] = Counter()
        self._workers: list[Worker] = []
        self._selector = selectors.DefaultSelector()
        self._failed_starts = 0
        self._stale = True
        self._written_at, self._write_took = -1e9, 0.0
        self._write_error: OutputError | None = None
        self._beaten = self._began

    @property
    def elapsed(self) -> float:
        """Seconds of run time, earlier sittings included."""
        return self._now() - self._began

    @property
    def left(self) -> float:
        """Seconds until search must end."""
        return self.total_seconds - budget.reserve(self.config.budget, self.total_seconds) - self.elapsed

    @property
    def canary_solved(self) -> bool | None:
        """Whether the canary came out solved; None while it is not finished, or was not part of the run."""
        return canary.solved(self.answers.get(canary.TASK.id)) if canary.TASK.id in self.done else None

    def go(self, listener: Listener) -> dict[str, Any]:
        """Run to the end and return the summary.

        Raises:
            OutputError: the last submission could not be written (an earlier one is still valid).
            ArcSubmitError: workers cannot be started.
        """
        self._write_submission()
        if self._write_error is not None:
            raise self._write_error
        with trace.Trace(self.out / trace.NAME) as record, self._signals():
            self._record = record
            self._note({"event": "run", "config": self.config.model_dump(mode="json"), "tasks": len(self.tasks)})
            try:
                self._loop(listener)
            finally:
                self._stop_workers()
                self._selector.close()
            self._note({"event": "beat"})
        self._write_submission()
        if record.failed is not None:
            listener.notice(f"{record.path}: not all of the trace was written ({record.failed.strerror})")
        if self._write_error is not None:
            raise self._write_error
        folder.free_reserve(self.out)
        return self._summary()

    # The loop. -------------------------------------------------------------------------------------------------------

    def _loop(self, listener: Listener) -> None:
        while not self.stopped and self._goes_on():
            self._staff(listener)
            for key, _ in self._selector.select(_TICK):
                self._hear(key.data, listener)
            self._watch(listener)
            self._save()
            listener.progress(self)

    def _goes_on(self) -> bool:
        """Search goes on while there is time and work; cohorts in progress get a moment to hand in what they have."""
        holding = any(worker.holds for worker in self._workers)
        if self.left > 0:
            return bool(self._queue) or holding
        return holding and self.left > -0.5 * budget.reserve(self.config.budget, self.total_seconds)

    def _staff(self, listener: Listener) -> None:
        """Start workers while there is work for them, and give a cohort to each that is free."""
        busy = sum(not worker.ready for worker in self._workers)
        wanted = min(self.config.worker_count, len(self._queue) + busy)
        while len(self._workers) < wanted:
            self._start_worker()
        for worker in list(self._workers):
            if worker.ready and self._queue and self.left > 0:
                self._give(worker)

    def _give(self, worker: Worker) -> None:
        cohort, seconds = self._next_cohort()
        worker.ready, worker.holds = False, {task.id: task for task in cohort}
        worker.in_hand, worker.until, worker.heard = (), self._now() + seconds, self._now()
        command = {"cohort": cohort, "seconds": seconds}
        try:
            assert worker.process.stdin is not None
            worker.process.stdin.write(trace.encode(command))
            worker.process.stdin.flush()
        except BrokenPipeError:
            pass  # it died while idle; its end of file tells `_hear`, which requeues the cohort

    def _next_cohort(self) -> tuple[list[Task], float]:
        if self._queue[0] is canary.TASK:
            return [self._queue.popleft()], min(canary.SECONDS, self.left)
        workers = self.config.worker_count
        now = self._now()
        promised = sum(max(0.0, worker.until - now) for worker in self._workers if worker.holds)
        waiting = len(self._queue)
        size = budget.cohort_size(self.config.budget, waiting, workers)
        seconds = budget.cohort_seconds(self.left, workers, promised, waiting, size)
        return [self._queue.popleft() for _ in range(size)], seconds

    # Workers. --------------------------------------------------------------------------------------------------------

    def _start_worker(self) -> None:
        taken = {worker.number for worker in self._workers}
        number = next(number for number in range(len(taken) + 1) if number not in taken)
        with open(self.out / f"worker-{number}.log", "ab") as log:
            process = subprocess.Popen(
                self._worker_command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"},
            )
        assert process.stdin is not None and process.stdout is not None
        worker = Worker(number, process, self._now())
        self._workers.append(worker)
        os.set_blocking(process.stdout.fileno(), False)
        self._selector.register(process.stdout, selectors.EVENT_READ, worker)
        try:
            process.stdin.write(trace.encode({"config": self.config.model_dump(mode="json")}))
            process.stdin.flush()
        except BrokenPipeError:
            pass  # died at once: `_hear` finds out

    def _hear(self, worker: Worker, listener: Listener) -> None:
        assert worker.process.stdout is not None
        try:
            received = os.read(worker.process.stdout.fileno(), 1 << 20)
        except BlockingIOError:
            return
        if not received:
            self._bury(worker, listener)
            return
        worker.heard = self._now()
        *lines, worker.buffer = (worker.buffer + received).split(b"\n")
        for line in lines:
            self._take(worker, orjson.loads(line), listener)

    def _take(self, worker: Worker, event: dict[str, Any], listener: Listener) -> None:
        kind = event["event"]
        if kind == "turn":
            worker.in_hand = tuple(event["tasks"])
            return
        if kind in ("worker", "idle"):
            self.sandbox = event["sandbox"]
            worker.ready, worker.started, worker.in_hand = True, True, ()
            if kind == "idle":
                self._finish_cohort(worker)
                return
        elif kind == "answer":
            self._answer(event["task"], trace.answer(event["answer"]))
        elif kind == "done":
            self._finish(worker, event, listener)
        self._note({**event, "worker": worker.number})

    def _answer(self, task_id: str, answer: Answer) -> None:
        """Take a task's latest answer, unless an earlier sitting left one with more passers behind it."""
        earlier = self._earlier.get(task_id)
        if earlier is not None and earlier.passers > answer.passers:
            return
        self.answers[task_id] = answer
        self._stale = True

    def _finish(self, worker: Worker, event: dict[str, Any], listener: Listener) -> None:
        task_id = event["task"]
        worker.holds.pop(task_id, None)
        self.done.add(task_id)
        if task_id != canary.TASK.id:
            self.reasons[event["reason"]] += 1
        elif not self.canary_solved:
            listener.notice(
                "THE CANARY WAS NOT SOLVED: a task that the kit is known to solve came out wrong. The submission will "
                "be valid but mostly fallbacks; run `arc-submit doctor`."
            )

    def _finish_cohort(self, worker: Worker) -> None:
        """An idle worker holds nothing; tasks it was given but did not finish go back to the queue."""
        self._queue.extend(worker.holds.values())
        worker.holds = {}

    def _bury(self, worker: Worker, listener: Listener) -> None:
        """A worker's output ended: requeue what it held, count strikes, let `_staff` start another."""
        assert worker.process.stdout is not None and worker.process.stdin is not None
        self._selector.unregister(worker.process.stdout)
        worker.process.stdout.close()
        worker.process.kill()
        code = worker.process.wait()
        self._workers.remove(worker)
        self.restarts += 1
        self._note(
            {"event": "worker", "state": "died", "code": code, "in_hand": worker.in_hand, "worker": worker.number}
        )
        listener.notice(f"worker {worker.number} died (exit code {code}); its {len(worker.holds)} open tasks go back")
        self._failed_starts = 0 if worker.started else self._failed_starts + 1
        if self._failed_starts >= _MAX_DEATHS_AT_START:
            raise ArcSubmitError(f"workers cannot be started: see {self.out / f'worker-{worker.number}.log'}")
        for task_id in worker.in_hand:
            self._strikes[task_id] += 1
        for task in worker.holds.values():
            if self._strikes[task.id] < _MAX_STRIKES:
                self._queue.append(task)
            else:
                self.set_aside.append(task.id)
                listener.notice(f"task {task.id} is set aside: {_MAX_STRIKES} workers died on it")

    def _watch(self, listener: Listener) -> None:
        """Kill workers that have been silent for too long; `_hear` finds them dead."""
        for worker in self._workers:
            if not worker.ready and self._now() - worker.heard > self.config.budget.stall_seconds:
                listener.notice(f"worker {worker.number} has been silent for {self.config.budget.stall_seconds:.0f} s")
                worker.process.kill()
                worker.heard = self._now()

    def _stop_workers(self) -> None:
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.wait()
            assert worker.process.stdout is not None
            worker.process.stdout.close()
        self._workers = []

    # What is kept. ---------------------------------------------------------------------------------------------------

    def _note(self, event: dict[str, Any]) -> None:
        self._record.append({**event, "at": round(self.elapsed, 3)})

    def _save(self) -> None:
        """Write the submission when it is out of date, a beat when nothing was written for a while."""
        now = self._now()
        if self._stale and now - self._written_at > max(1.0, self._write_took / _WRITE_SHARE):
            self._write_submission()
        if now - self._beaten > _BEAT:
            self._beaten = now
            self.peak_bytes = max(self.peak_bytes, memory.tree_bytes())
            self._note({"event": "beat"})

    def _write_submission(self) -> None:
        """Write it; on a full disk free the reserve and try once more, else keep the error for the end."""
        started = self._now()
        try:
            try:
                self.fallbacks = submission.write(self.out / submission.NAME, self.tasks, self.answers)
            except OutputError:
                if not folder.free_reserve(self.out):
                    raise
                self.fallbacks = submission.write(self.out / submission.NAME, self.tasks, self.answers)
            self._write_error, self._stale = None, False
        except OutputError as error:
            self._write_error = error
        self._written_at = self._now()
        self._write_took = self._written_at - started

    def _summary(self) -> dict[str, Any]:
        return {
            "tasks": len(self.tasks),
            "outputs": sum(len(task.test) for task in self.tasks),
            "finished": sum(task.id in self.done for task in self.tasks),
            "with_passer": sum(self.answers[task.id].passers > 0 for task in self.tasks if task.id in self.answers),
            "fallbacks": self.fallbacks,
            "canary": self.canary_solved,
            "seconds": round(self.elapsed, 1),
            "peak_mb": round(self.peak_bytes / 1e6),
            "restarts": self.restarts,
            "set_aside": self.set_aside,
            "stopped": self.stopped,
            "sandbox": self.sandbox.get("grade"),
            "submission": str(self.out / submission.NAME),
        }

    def _open_tasks(self) -> Iterator[Task]:
        return (task for task in self.tasks if task.id not in self.done)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM end the loop at its next look; the submission is written as always."""

        def stop(number: int, _: object) -> None:
            self.stopped = signal.Signals(number).name

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _cells(task: Task) -> int:
    """Size of a task: the longest prompts go first, so that no long one is left for the end."""
    return sum(len(grid) * len(grid[0]) for grid in task.inputs)


def _has_generator(config: RunConfig) -> bool:
    """Whether some proposer can write programs for a task that nobody prepared."""
    return any(name != "scripted" for name in config.search.proposers)
