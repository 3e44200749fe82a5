"""All tasks: a supervisor without torch that hands cohorts to worker processes and keeps the submission valid.

    queue -> cohort -> worker (a process: sandbox + proposers) -> events -> trace, answers -> submission.json

Self-healing: a worker that dies or falls silent is replaced and its unfinished tasks go back to the queue; a task that
was in hand when two workers died is set aside. Finished tasks are never redone by a resumed run. Ctrl-C, SIGTERM and a
full disk leave a valid submission. Not here: the search itself (`arc_submit.solve`), what a person sees
(`arc_submit.cli`).
"""

import math
import os
import selectors
import shutil
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

from arc_submit import budget, canary, devices, folder, memory, submission, trace
from arc_submit.budget import Clock
from arc_submit.config import LANGUAGE, RunConfig
from arc_submit.errors import ArcSubmitError, OutputError
from arc_submit.records import Answer, Task
from arc_submit.score import ORIGINS
from arc_submit.tasks.files import TaskSet

_ADAPTERS = "adapters"  # folder of what test-time learning made, while the run goes on
_TICK = 0.2  # seconds between looks at the clock while no worker speaks
_LONGEST_LOOK = 5.0  # seconds; when more passed between two looks, this process was stopped (Ctrl-Z, a paused machine)
_BEAT = 5.0  # seconds between beats in the trace
MAX_STRIKES = 2  # workers that may die with a task in hand before it is set aside
_MAX_BARREN_DEATHS = 3  # workers that may die in a row before any has ever started: the machine is broken, not a task
_LONGEST_PAUSE = 60.0  # seconds before the next start, after many deaths in a row without a finished task between them
_WORKER_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
_LOOK = 0.2  # seconds between calls of a listener
_WRITE_SHARE = 0.01  # of wall time that writing the submission may take


_MUTE_WORDS = (
    "THE LANGUAGE MODEL WROTE NO PROGRAM THAT RAN: all programs are of other proposers; see the unusable texts in the "
    "trace, and run `arc-submit doctor`."
)
_CANARY_WORDS = (
    "THE CANARY WAS NOT SOLVED: a task that the kit is known to solve came out wrong. The submission will be valid but "
    "mostly fallbacks; run `arc-submit doctor`."
)


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
    """It has been ready once."""
    loading: bool = False
    """Its model is on its way."""
    produced: int = 0
    """Tokens that its model has decoded."""
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
        self.tokens = 0
        """Tokens that models have decoded in this sitting."""
        self.programs: Counter[str] = Counter()
        """Programs run in this sitting, by proposer."""
        self.learning: Counter[str] = Counter()
        """Updates of test-time learning in this sitting, by what became of them."""
        self._said: set[str] = set()
        self.fallbacks = 0
        self.peak_bytes = 0
        """Most memory that the run was seen to hold, workers and sandboxes included."""
        self.total_seconds = budget.total_seconds(config.budget, len(tasks), config.worker_count)
        self._now = now
        self._worker_command = worker
        self._began = now() - (past.seconds if past else 0.0)
        self._earlier = {task_id: answer for task_id, answer in self.answers.items() if task_id not in self.done}
        self._queue: deque[Task] = deque(sorted(self._open_tasks(), key=_cells, reverse=True))
        self._authors: dict[str, str] = {}
        """Id of a passing program -> its proposer."""
        self._devices = devices.visible()
        self._canary_due = canary.due(config) and canary.TASK.id not in self.done
        if self._canary_due and self._queue:
            self._queue.appendleft(canary.TASK)
        self._strikes: Counter[str] = Counter(past.strikes if past else {})
        self._workers: list[Worker] = []
        self._selector = selectors.DefaultSelector()
        self._any_started = False
        self._barren_deaths = 0
        """Deaths in a row without a finished task between them."""
        self._start_after = -math.inf
        self._looked_at = self._shown_at = now()
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

    @property
    def _model_wrote(self) -> bool:
        return any(self.programs[name] for name in LANGUAGE)

    @property
    def finished(self) -> int:
        """Tasks that are finished, the canary not counted."""
        return sum(task.id in self.done for task in self.tasks)

    def go(self, listener: Listener) -> dict[str, Any]:
        """Run to the end and return the summary.

        Raises:
            OutputError: the last submission could not be written (an earlier one is still valid).
            ArcSubmitError: workers cannot be started.
        """
        with trace.Trace(self.out / trace.NAME) as record, self._signals():  # the trace's lock comes before any writing
            self._write_submission()
            if self._write_error is not None:
                raise self._write_error
            self._record = record
            self._note({"event": "run", "config": self.config.model_dump(mode="json"), "tasks": len(self.tasks)})
            if self.left <= 0 and self._queue:
                listener.notice("the time of this run is used up; a new run with more minutes is needed")
            try:
                self._loop(listener)
            finally:
                self.peak_bytes = max(self.peak_bytes, memory.tree_bytes())
                self._stop_workers()
                self._selector.close()
                self._note({"event": "beat"})
                if self._stale:
                    self._write_submission()
        if self._canary_due and canary.TASK.id not in self.done and self._strikes[canary.TASK.id] >= MAX_STRIKES:
            self.done.add(canary.TASK.id)
            listener.notice(_CANARY_WORDS)
        if set(self.config.search.proposers) & set(LANGUAGE) and self.reasons and not self._model_wrote:
            listener.notice(_MUTE_WORDS)
        listener.progress(self)
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
            if self._now() - self._shown_at > _LOOK:
                self._shown_at = self._now()
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
        while len(self._workers) < wanted and self._now() >= self._start_after:
            self._start_worker(listener)
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
            return [self._queue.popleft()], min(canary.seconds(self.config), self.left)
        workers = self.config.worker_count
        now = self._now()
        promised = sum(max(0.0, worker.until - now) for worker in self._workers if worker.holds)
        waiting = len(self._queue)
        size = budget.cohort_size(self.config.budget, waiting, workers)
        seconds = budget.cohort_seconds(self.left, workers, promised, waiting, size)
        return [self._queue.popleft() for _ in range(size)], seconds

    # Workers. --------------------------------------------------------------------------------------------------------

    def _start_worker(self, listener: Listener) -> None:
        taken = {worker.number for worker in self._workers}
        number = next(number for number in range(len(taken) + 1) if number not in taken)
        try:
            process = self._spawn(number, self.out / f"worker-{number}.log")
        except OSError as error:  # no memory, no processes, no disk: passing trouble, perhaps
            listener.notice(f"worker {number} cannot be started ({error.strerror})")
            self._pause(str(error))
            return
        assert process.stdin is not None and process.stdout is not None
        worker = Worker(number, process, self._now())
        self._workers.append(worker)
        os.set_blocking(process.stdout.fileno(), False)
        self._selector.register(process.stdout, selectors.EVENT_READ, worker)
        try:
            process.stdin.write(trace.encode({"config": self._worker_settings()}))
            process.stdin.flush()
        except BrokenPipeError:
            pass  # died at once: `_hear` finds out

    def _worker_settings(self) -> dict[str, Any]:
        """The run's settings; adapters go to the run's folder, since a worker that is killed cleans nothing up."""
        settings = self.config.model_dump(mode="json")
        if settings["adapt"]["folder"] is None:
            settings["adapt"]["folder"] = str(self.out.resolve() / _ADAPTERS)
        return settings

    def _spawn(self, number: int, log: Path) -> "subprocess.Popen[bytes]":
        with open(log, "ab") as errors:
            return subprocess.Popen(
                self._worker_command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **_WORKER_ENVIRONMENT, **devices.of_worker(self.config, number, self._devices)},
            )

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
        if "produced" in event:
            self.tokens += event["produced"] - worker.produced
            worker.produced = event["produced"]
        if kind == "tokens":
            return
        if kind == "worker" and event["state"] == "loading":
            worker.loading = True
        elif kind in ("worker", "idle"):
            self._any_started, worker.loading = True, False
            self.sandbox = event["sandbox"]
            worker.ready, worker.started, worker.in_hand = True, True, ()
            if kind == "idle":
                self._finish_cohort(worker)
                return
        elif kind == "candidate":
            self._note_author(event["candidate"])
        elif kind == "answer":
            if not self._answer(event["task"], trace.answer(event["answer"])):
                return
        elif kind == "adapt":
            self._note_learning(event, listener)
        elif kind == "done":
            self._finish(worker, event, listener)
        self._note({**event, "worker": worker.number})

    def _answer(self, task_id: str, answer: Answer) -> bool:
        """Take a task's latest answer unless an earlier search left a stronger one; return whether it was taken."""
        earlier = self._earlier.get(task_id)
        if earlier is not None and _strength(earlier) > _strength(answer):
            return False
        self.answers[task_id] = answer
        self._stale = True
        return True

    def _finish(self, worker: Worker, event: dict[str, Any], listener: Listener) -> None:
        task_id = event["task"]
        worker.holds.pop(task_id, None)
        self.done.add(task_id)
        self._barren_deaths = 0
        self.programs.update(event.get("authors", {}))
        if task_id != canary.TASK.id:
            self.reasons[event["reason"]] += 1
        elif not self.canary_solved:
            listener.notice(_CANARY_WORDS)

    def _note_learning(self, event: dict[str, Any], listener: Listener) -> None:
        """Count updates, and say once what ended learning for all tasks of a worker."""
        if event["task"] != canary.TASK.id:
            self.learning[event["verdict"]] += 1
        why = event["why"]
        if "Error: " in why and why not in self._said:
            self._said.add(why)
            listener.notice(f"test-time learning has ended: {why}")

    def _note_author(self, candidate: dict[str, Any]) -> None:
        outcome, program = candidate["outcome"], candidate["program"]
        if outcome["reward"] is not None and all(outcome["solved"]):
            self._authors[program["id"]] = program["proposer"]

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
        log = self.out / f"worker-{worker.number}.log"
        listener.notice(
            f"worker {worker.number} died (exit code {code}, see {log}); its {len(worker.holds)} tasks go back"
        )
        self._pause(f"see {log}: {_last_line(log)}")
        for task_id in worker.in_hand or worker.holds:
            self._strikes[task_id] += 1
        for task in worker.holds.values():
            if task.id in self.answers:
                self._earlier[task.id] = self.answers[task.id]
            if self._strikes[task.id] < MAX_STRIKES:
                self._queue.append(task)
            elif task.id != canary.TASK.id:
                self.set_aside.append(task.id)
                listener.notice(f"task {task.id} is set aside: {MAX_STRIKES} workers died on it")

    def _pause(self, why: str) -> None:
        """Count a death, and wait longer before the next start the more of them came without a finished task between.

        A machine in passing trouble (no memory, no processes) must not use up every task's strikes in a minute.
        """
        self._barren_deaths += 1
        if not self._any_started and self._barren_deaths >= _MAX_BARREN_DEATHS:
            raise ArcSubmitError(f"workers cannot be started; {why}")
        if self._barren_deaths > 2:
            self._start_after = self._now() + min(_LONGEST_PAUSE, 2.0 ** (self._barren_deaths - 2))

    def _watch(self, listener: Listener) -> None:
        """Kill workers that have been silent for too long; `_hear` finds them dead. Our own pauses do not count."""
        asleep = self._now() - self._looked_at
        self._looked_at = self._now()
        if asleep > _LONGEST_LOOK:
            for worker in self._workers:
                worker.heard += asleep
        for worker in self._workers:
            limit = self.config.budget.load_seconds if worker.loading else self.config.budget.stall_seconds
            if not worker.ready and self._now() - worker.heard > limit:
                listener.notice(f"worker {worker.number} has been silent for {limit:.0f} s")
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
        shutil.rmtree(self.out / _ADAPTERS, ignore_errors=True)

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
            "finished": self.finished,
            "with_passer": sum(self.answers[task.id].passers > 0 for task in self.tasks if task.id in self.answers),
            "passers_by": self._passers_by(),
            "programs": dict(self.programs.most_common()),
            "tokens": self.tokens,
            "learning": dict(self.learning),
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

    def _passers_by(self) -> dict[str, int]:
        """Tasks with a passer, by where the program behind their first attempt came from."""
        answers = (self.answers[task.id] for task in self.tasks if task.id in self.answers)
        programs = (answer.programs[0] for answer in answers if answer.passers)
        authors = (self._authors.get(program, "earlier sittings" if program else "?") for program in programs)
        return dict(Counter(ORIGINS.get(author, author) for author in authors).most_common())

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


def _strength(answer: Answer) -> tuple[int, int]:
    """Order of two answers to one task: passers first, then test outputs that are answered at all."""
    return answer.passers, sum(map(bool, answer.attempts))


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").split("\n") if log.exists() else []
    return next((line for line in reversed(lines) if line.strip()), "it is empty")
