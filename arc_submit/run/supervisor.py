"""The loop over all tasks, and what becomes of workers that die, hang or run out of memory.

    queue -> visit -> worker (a process: sandbox + proposers) -> events -> book (trace, answers, submission.json)

Self-healing: a worker that dies or falls silent is replaced and its unfinished tasks go back to the queue; a task that
was in hand when two workers died is set aside; trouble that would come again (no memory, a model that cannot be used)
is met by doing without something, and that is remembered. Finished tasks are never redone by a resumed run. Ctrl-C,
SIGTERM, a full disk and a hard stop leave a valid submission. Not here: the search itself (`arc_submit.solve`), what a
person sees (`arc_submit.cli`).
"""

import math
import shutil
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from arc_submit import budget, canary, devices, folder, submission, trace
from arc_submit.budget import Clock
from arc_submit.config import LANGUAGE, RunConfig
from arc_submit.errors import ArcSubmitError
from arc_submit.records import Answer
from arc_submit.run import ladder
from arc_submit.run.book import Book
from arc_submit.run.crew import Crew, Ended, Processes
from arc_submit.run.place import Place, Worker
from arc_submit.run.queue import Entry, Queue, Visit
from arc_submit.run.shortage import Shortage
from arc_submit.run.silence import Silence
from arc_submit.run.tally import Tally
from arc_submit.run.totals import together
from arc_submit.tasks.files import TaskSet

MAX_STRIKES = 2  # workers that may die with a task in hand before it is set aside
_ADAPTERS = "adapters"  # folder of what test-time learning made, while the run goes on
_LEAST_VISIT = 0.05  # seconds; with less left, no visit is begun
_SHORTEST_WAIT = 0.001  # seconds; a clock shows no less
_LONGEST_WAIT = 2.0  # seconds between looks at the clock while no worker speaks
_LONGEST_LOOK = 5.0  # seconds; when more passed between two looks, this process was stopped (Ctrl-Z, a paused machine)
_BEAT = 5.0  # seconds between beats in the trace, and looks at memory
_LOOK = 0.2  # seconds between calls of a listener
_FRUITLESS = 3  # deaths in a row, no task finished between them, after which the same start is not tried again
_MANY = 20  # such deaths after which the next start waits long
_PAUSE = 60.0  # seconds before the next start at most, after some such deaths
_LONG_PAUSE = 600.0  # after many
_PATIENCE = 300.0  # seconds that a model which does not start is tried again before it is done without
_PATIENCE_SHARE = 0.02  # of the run, where that is less
_STUCK = 60.0  # seconds after which a killed worker that does not end is left alone
_WRITES = 3.0  # times that the last submission took to write, kept for writing the final one

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


class Run:
    """One sitting of a run. `go` does everything; the attributes are what a listener may look at.

    Args:
        hard_stop: seconds from now after which this sitting is over and its files are written, whatever is left of the
            run's own time, which counts from `go`.
        degrade: where the model cannot be used, go on with less instead of ending with an error.

    Raises:
        OutputError: another process writes to this folder, or nothing can be written there.
    """

    def __init__(
        self,
        tasks: TaskSet,
        config: RunConfig,
        out: Path,
        past: folder.Past | None = None,
        *,
        now: Clock = budget.boottime,
        crew: Crew | None = None,
        hard_stop: float = math.inf,
        degrade: bool = False,
    ) -> None:
        self.tasks, self.config, self.out = tasks, config, out
        self.done: set[str] = set(past.done) if past else set()
        self.set_aside: list[str] = sorted(past.aside) if past else []
        self.stopped = ""
        """Why it ended early: the signal's name, or nothing."""
        self.sandbox: dict[str, Any] = {}
        """The latest report of a worker's sandbox."""
        self.tally = Tally()
        self.total_seconds = budget.total_seconds(config.budget, len(tasks), config.worker_count)
        self._now = budget.Steady(now)
        self._earlier = past.seconds if past else 0.0
        """Seconds of earlier sittings."""
        self._began = self._now() - self._earlier
        self._sitting_seconds, self._stop_at = hard_stop, self._now() + hard_stop
        self._degrade = degrade
        self._crew: Crew = crew or Processes(out)
        self._book = Book(out, [*tasks, *tasks.unread], past.answers if past else {}, self._now)
        self._strikes: Counter[str] = Counter(past.strikes if past else {})
        self._queue = Queue(
            config.budget, self._entries(past), self.total_seconds * config.worker_count, max(1, len(tasks))
        )
        rungs = past.rungs if past else {}
        self._places = [Place(number, *rungs.get(number, (0, 0))) for number in range(config.worker_count)]
        self._workers: dict[int, Worker] = {}
        self._silence = Silence(config.budget)
        self._shortage = Shortage(self._crew, config.budget.least_memory_gib * 2**30, self._now)
        self._canary_due = canary.due(config) and canary.TASK.id not in self.done
        self._canary_waits = self._canary_due and bool(self._queue)
        self._devices = devices.visible()
        self._said: set[str] = set()
        self._seen = set(past.paused) if past else set()
        """Tasks that have had a visit."""
        self._any_started = False
        self._idle_until_dry: float | None = None
        """`idle_share` when the queue was first empty."""
        self._first_ready: float | None = None
        self._looked_at = self._shown_at = self._now()
        self._beaten = self._began

    @property
    def answers(self) -> Mapping[str, Answer]:
        """Latest answer of every task that has one."""
        return self._book.answers

    @property
    def fallbacks(self) -> int:
        """Test outputs of the submission whose first attempt no program made."""
        return self._book.fallbacks

    @property
    def elapsed(self) -> float:
        """Seconds of run time, earlier sittings included."""
        return self._now() - self._began

    @property
    def left(self) -> float:
        """Seconds until search must end."""
        return min(self.total_seconds - self.elapsed, self._stop_at - self._now()) - self._reserve

    @property
    def canary_solved(self) -> bool | None:
        """Whether the canary came out solved; None while it is not finished, or was not part of the run."""
        return canary.solved(self.answers.get(canary.TASK.id)) if canary.TASK.id in self.done else None

    @property
    def visited(self) -> int:
        """Tasks that are finished, or have had their first visit and wait for another."""
        return sum(task.id in self.done or task.id in self._seen for task in self.tasks)

    @property
    def idle_share(self) -> float | None:
        """Part of the workers' time without a visit, from the first start until the queue was empty; None: no start."""
        return self._idle_share if self._idle_until_dry is None else self._idle_until_dry

    @property
    def _idle_share(self) -> float | None:
        now = self._now()
        if self._first_ready is None or now <= self._first_ready:
            return None
        busy = sum(place.busy for place in self._places)
        busy += sum(now - worker.since for worker in self._workers.values() if worker.since)
        return max(0.0, 1.0 - busy / ((now - self._first_ready) * len(self._places)))

    @property
    def degraded(self) -> list[str]:
        """What workers go on without, in words; empty: nothing."""
        without = ((place, ladder.words(self.config, place.rung, place.lesser)) for place in self._places)
        return [f"worker {place.number}: {words}" for place, words in without if words]

    def go(self, listener: Listener) -> dict[str, Any]:
        """Run to the end and return the summary; its `unwritten` says why the last answers did not reach the file.

        Raises:
            ArcSubmitError: workers cannot be started.
        """
        with self._book, self._signals():
            self._looked_at = self._shown_at = self._beaten = self._now()
            self._began = self._beaten - self._earlier
            self._note({"event": "run", "config": self.config.model_dump(mode="json"), "tasks": len(self.tasks)})
            if self.left <= 0 and self._queue:
                listener.notice("the time is used up; a new run, or a later hard stop, is needed")
            try:
                self._loop(listener)
            finally:
                self._book.save(now=True)
                self.tally.peak_bytes = max(self.tally.peak_bytes, self._crew.total())
                self._crew.close()
                shutil.rmtree(self.out / _ADAPTERS, ignore_errors=True)
            self._end()
        self._last_words(listener)
        return self._summary()

    # The loop. -------------------------------------------------------------------------------------------------------

    def _loop(self, listener: Listener) -> None:
        while self._goes_on():
            self._staff(listener)
            for number, word in self._crew.wait(self._wait()):
                if self.stopped:
                    break  # the signal may have reached the workers as well: their ends are nobody's fault
                self._hear(self._workers[number], word, listener)
            self._watch(listener)
            self._keep(listener)

    def _goes_on(self) -> bool:
        """Search goes on while there is time and work; visits in progress get a moment to hand in what they have."""
        if self.stopped:
            return False
        holding = any(worker.holds for worker in self._workers.values())
        if self.left > 0:
            return holding or self._work_waits
        return holding and self.left > -0.5 * self._reserve

    def _staff(self, listener: Listener) -> None:
        """Start workers while there is work for them, and give a visit to each that is free."""
        if not self._work_waits and self._idle_until_dry is None:
            self._idle_until_dry = self._idle_share
        busy = sum(not worker.ready for worker in self._workers.values())
        wanted = min(len(self._places), len(self._queue) + self._canary_waits + busy)
        for place in self._places if wanted > len(self._workers) and self._shortage.may_start() else ():
            free = place.number not in self._workers and self._now() >= place.start_after
            if free and len(self._workers) < wanted:
                self._start(place, listener)
        for worker in self._workers.values():
            if worker.ready and self._work_waits and self.left > _LEAST_VISIT:
                self._give(worker)

    def _give(self, worker: Worker) -> None:
        visit = self._next_visit(worker)
        worker.ready, worker.holds = False, {entry.task.id: entry for entry in visit.entries}
        worker.since = worker.heard = self._now()
        worker.in_hand, worker.until = (), self._now() + visit.seconds
        seeds = {}
        for entry in visit.entries:
            if entry.programs and self._may_recall:
                self._book.begin_again(entry.task.id)
                seeds[entry.task.id] = entry.seeds()
        cohort = [entry.task for entry in visit.entries]
        self._crew.send(worker.place.number, {"cohort": cohort, "seconds": visit.seconds, "seeds": seeds})

    def _next_visit(self, worker: Worker) -> Visit:
        if self._canary_waits:
            self._canary_waits = False
            return Visit((Entry(canary.TASK),), min(canary.seconds(self.config), self.left))
        now, places = self._now(), len(self._places)
        promised = sum(min(max(0.0, other.until - now), self.left) for other in self._workers.values() if other.holds)
        settings = self._settings(worker.place)
        without_model = settings.search.proposers != self.config.search.proposers
        largest = 1 if without_model else settings.budget.cohort  # it is slow: it shall not hold many tasks back
        return self._queue.next(self.left, self.left * places - promised, places, largest)

    def _wait(self) -> float:
        """Seconds until something is due whatever workers say."""
        end = self.left if self.left > 0 else self.left + 0.5 * self._reserve
        starts = [place.start_after - self._now() for place in self._places if place.start_after > self._now()]
        return max(_SHORTEST_WAIT, min(_LONGEST_WAIT, end, *starts))

    @property
    def _may_recall(self) -> bool:
        """Whether searches may begin with programs of earlier ones; not where limited rounds make a run repeatable."""
        return self.config.budget.max_rounds is None

    @property
    def _work_waits(self) -> bool:
        return self._canary_waits or len(self._queue) > 0

    @property
    def _reserve(self) -> float:
        """Seconds kept for writing, by how long writing takes here."""
        whole = min(self.total_seconds, self._sitting_seconds)
        return max(budget.reserve(self.config.budget, whole), _WRITES * self._book.writing_seconds)

    # What workers say. -----------------------------------------------------------------------------------------------

    def _hear(self, worker: Worker, word: Mapping[str, Any] | Ended, listener: Listener) -> None:
        if isinstance(word, Ended):
            self._bury(worker, word, listener)
            return
        now = self._now()
        if worker.holds:
            self._silence.broken(now - worker.heard)
        worker.heard = now
        self._take(worker, dict(word), listener)

    def _take(self, worker: Worker, event: dict[str, Any], listener: Listener) -> None:
        kind = event["event"]
        if kind == "turn":
            worker.in_hand = tuple(event["tasks"])
            return
        if "produced" in event:
            self.tally.tokens += event["produced"] - worker.produced
            worker.produced = event["produced"]
        if kind == "tokens":
            return
        if kind == "worker":
            worker.loading = event["state"] == "loading"
            if event["state"] == "failed":
                worker.trouble = event["kind"]
            elif event["state"] == "started":
                self._ready(worker, event)
        elif kind == "idle":
            self._ready(worker, event)
            self._end_visit(worker)
            return
        elif kind == "candidate":
            self._remember(worker, event)
        elif kind == "answer":
            event["spent"] = self._spent(worker, event)
            if not self._book.take(event["task"], trace.answer(event["answer"])):
                return
        elif kind == "adapt":
            self._note_learning(event, listener)
        elif kind == "done":
            event = self._finish(worker, event, listener)
        self._note({**event, "worker": worker.place.number})

    def _ready(self, worker: Worker, event: Mapping[str, Any]) -> None:
        if not worker.started:
            self._silence.loaded(self._now() - worker.born)
        self._any_started, self.sandbox, worker.place.unready = True, event["sandbox"], 0
        worker.ready, worker.started, worker.loading, worker.in_hand = True, True, False, ()
        if self._first_ready is None:
            self._first_ready = self._now()

    def _finish(self, worker: Worker, event: dict[str, Any], listener: Listener) -> dict[str, Any]:
        """A search is over, or only its visit: return the event with the numbers of all visits."""
        task_id = event["task"]
        entry = worker.holds.pop(task_id)
        worker.place.fruitless = 0
        self.tally.programs.update(event.get("authors", {}))
        if task_id != canary.TASK.id:
            self.tally.ideas(task_id, event.get("unusable", {}))
        total = together(entry.totals, event)
        entry.visits, entry.suspect = entry.visits + 1, False
        self._strikes.pop(task_id, None)  # it has been through a whole visit
        total["visits"] = entry.visits
        if event["reason"] == "time" and task_id != canary.TASK.id:
            self._seen.add(task_id)
            entry.spent, entry.promise = total.get("spent", 0.0), total.get("promise", 0.0)
            entry.totals = {**total, "event": "pause"}
            self._queue.back(entry)
            return entry.totals
        self.done.add(task_id)
        if task_id != canary.TASK.id:
            self.tally.reasons[event["reason"]] += 1
        elif not self.canary_solved:
            listener.notice(_CANARY_WORDS)
        return total

    def _remember(self, worker: Worker, event: dict[str, Any]) -> None:
        """A program was kept: a later visit may begin with it."""
        event["spent"] = self._spent(worker, event)
        self.tally.candidate(event["candidate"])
        if event["task"] in worker.holds:
            worker.holds[event["task"]].remember(event["candidate"])

    def _spent(self, worker: Worker, event: Mapping[str, Any]) -> float:
        """Seconds of search on the event's task, earlier visits included."""
        entry = worker.holds.get(event["task"])
        return round(float(event.get("spent", 0.0)) + (entry.spent if entry else 0.0), 3)

    def _note_learning(self, event: dict[str, Any], listener: Listener) -> None:
        """Count updates, and say once what ended learning for all tasks of a worker."""
        if event["task"] != canary.TASK.id:
            self.tally.learning[event["verdict"]] += 1
        why = event["why"]
        if "Error: " in why and why not in self._said:
            self._said.add(why)
            listener.notice(f"test-time learning has ended: {why}")

    def _end_visit(self, worker: Worker) -> None:
        """Tasks that a visit was given but did not finish go back to the queue."""
        worker.place.busy += self._now() - worker.since if worker.since else 0.0
        worker.since = 0.0
        for entry in worker.holds.values():
            self._back(entry)
        worker.holds = {}

    def _back(self, entry: Entry) -> None:
        if entry.task.id == canary.TASK.id:
            self._canary_waits = True
        else:
            self._queue.back(entry)

    # Workers come and go. --------------------------------------------------------------------------------------------

    def _settings(self, place: Place) -> RunConfig:
        return ladder.settings(self.config, place.rung, place.lesser)

    def _start(self, place: Place, listener: Listener) -> None:
        """Start a worker. Adapters go to the run's folder, since a worker that is killed cleans nothing up."""
        settings = self._settings(place).model_dump(mode="json")
        if settings["adapt"]["folder"] is None:
            settings["adapt"]["folder"] = str(self.out.resolve() / _ADAPTERS)
        try:
            self._crew.start(place.number, settings, devices.of_worker(self.config, place.number, self._devices))
        except OSError as error:  # no memory, no processes, no disk: passing trouble, perhaps
            listener.notice(f"worker {place.number} cannot be started ({error.strerror})")
            self._trouble(place, "", str(error), listener)
            return
        self._workers[place.number] = Worker(place, self._now(), self._now())

    def _bury(self, worker: Worker, end: Ended, listener: Listener) -> None:
        """A worker is dead: its tasks go back, strikes are counted, and `_staff` starts another."""
        place = worker.place
        del self._workers[place.number]
        self.tally.restarts += 1
        if end.starved and not worker.trouble:
            worker.trouble = "memory"
        in_hand = worker.in_hand or tuple(worker.holds)
        if worker.trouble in ("memory", "short") or (place.fruitless and len(in_hand) > 1):
            in_hand = ()  # not the tasks' doing, or rather the place's: its last worker came to nothing as well
        died = {"event": "worker", "state": "died", "code": end.code, "in_hand": in_hand, "why": worker.trouble}
        self._note({**died, "worker": place.number})
        listener.notice(
            f"worker {place.number} died (exit code {end.code}, see {self._crew.log(place.number)}); its "
            f"{len(worker.holds)} tasks go back"
        )
        self._strikes.update(in_hand)
        for task_id, entry in list(worker.holds.items()):
            self._book.begin_again(task_id)
            entry.suspect = self._strikes[task_id] > 0
            if self._strikes[task_id] >= MAX_STRIKES:
                del worker.holds[task_id]
                self._set_aside(entry, listener)
        self._end_visit(worker)
        if not worker.started:
            place.unready_since = place.unready_since if place.unready else self._now()
            place.unready += _FRUITLESS if worker.trouble == "silence" else 1
        self._trouble(place, worker.trouble, end.words, listener)

    def _set_aside(self, entry: Entry, listener: Listener) -> None:
        if entry.task.id == canary.TASK.id:
            self.done.add(canary.TASK.id)
            listener.notice(_CANARY_WORDS)
            return
        self.set_aside.append(entry.task.id)
        self._note({"event": "aside", "task": entry.task.id})
        listener.notice(f"task {entry.task.id} is set aside: {MAX_STRIKES} workers died on it")

    def _trouble(self, place: Place, kind: str, words: str, listener: Listener) -> None:
        """A worker has ended before its time: step down, or wait.

        Waiting grows with the deaths in a row: a machine in passing trouble (no memory, no processes, no sandbox) must
        not use up every task's strikes, nor the model, in a minute.

        Raises:
            ArcSubmitError: no worker has ever started, and nothing can be left out.
        """
        place.fruitless += 1
        place.short += kind == "short"
        starved = kind == "memory" or (kind == "short" and place.short > 1)
        tried = place.unready >= _FRUITLESS and self._now() - place.unready_since >= self._patience
        spoilt = kind == "engine" and place.fruitless >= 2 * _FRUITLESS  # it starts, and then nothing comes of it
        useless = kind == "weights" or spoilt or (tried and kind in ("engine", "memory", "silence", ""))
        if (starved and self._step(place, listener, rung=1)) or (
            useless and self._degrade and self._step(place, listener, lesser=1)
        ):
            place.fruitless = place.unready = 0
            return
        if not self._any_started and place.fruitless >= _FRUITLESS and not self._degrade:
            raise ArcSubmitError(f"workers cannot be started; see {self._crew.log(place.number)}: {words}")
        if place.fruitless >= _MANY:
            place.start_after = self._now() + _LONG_PAUSE
            listener.notice(f"worker {place.number} rests: {place.fruitless} deaths without a finished task")
        elif max(place.fruitless - 2, place.unready - 1) > 0:
            pause = min(_PAUSE, 2.0 ** max(place.fruitless - 2, place.unready - 1))
            place.start_after = self._now() + min(pause, self._patience)

    @property
    def _patience(self) -> float:
        """Seconds that a model which does not start is tried again."""
        return min(_PATIENCE, _PATIENCE_SHARE * min(self.total_seconds, self._sitting_seconds))

    def _step(self, place: Place, listener: Listener, *, rung: int = 0, lesser: int = 0) -> bool:
        """Do without something from now on; return whether there was anything."""
        if place.rung + rung > len(ladder.RUNGS) or place.lesser + lesser > len(ladder.less(self.config)):
            return False
        place.rung, place.lesser = place.rung + rung, place.lesser + lesser
        without = ladder.words(self.config, place.rung, place.lesser)
        self._note({"event": "ladder", "worker": place.number, "rung": place.rung, "lesser": place.lesser})
        listener.notice(f"WORKER {place.number} GOES ON WITH LESS: {without}")
        return True

    def _watch(self, listener: Listener) -> None:
        """Kill workers that have been silent for too long; `_hear` finds them dead. Our own pauses do not count."""
        now = self._now()
        asleep, self._looked_at = now - self._looked_at, now
        if asleep > _LONGEST_LOOK:
            for worker in self._workers.values():
                worker.heard += asleep
                worker.until += asleep if worker.holds else 0.0
        for worker in list(self._workers.values()):
            if worker.doomed is not None and now - worker.doomed > _STUCK:
                self._crew.forget(worker.place.number)
                self._bury(worker, Ended(-signal.SIGKILL, "it does not end"), listener)
                continue
            limit = self._silence.limit(loading=worker.loading)
            if not worker.ready and worker.doomed is None and now - worker.heard > limit:
                listener.notice(f"worker {worker.place.number} has been silent for {limit:.0f} s")
                self._end_worker(worker, worker.trouble or "silence")

    def _guard_memory(self, listener: Listener) -> None:
        """End the largest worker where memory is short: it goes on with less, once there is more."""
        number = self._shortage.victim(self._workers)
        if number is None:
            return
        least = self.config.budget.least_memory_gib
        listener.notice(
            f"the machine has less than {least:g} GiB of memory left: worker {number}, the largest, is ended, and "
            "started again when there is more"
        )
        self._end_worker(self._workers[number], "short")

    def _end_worker(self, worker: Worker, why: str) -> None:
        worker.trouble, worker.doomed = why, self._now()
        self._crew.kill(worker.place.number)

    # What is kept. ---------------------------------------------------------------------------------------------------

    def _note(self, event: Mapping[str, Any]) -> None:
        self._book.note({**event, "at": round(self.elapsed, 3)})

    def _keep(self, listener: Listener) -> None:
        """Write the submission where it is out of date, a beat now and then, and show progress."""
        now = self._now()
        self._book.save()
        if now - self._beaten > _BEAT:
            self._beaten = now
            self.tally.peak_bytes = max(self.tally.peak_bytes, self._crew.total())
            self._note({"event": "beat"})
            self._guard_memory(listener)
        if now - self._shown_at > _LOOK:
            self._shown_at = now
            listener.progress(self)

    def _end(self) -> None:
        """The run's time is over: tasks that waited for another visit are finished.

        They are not where a signal or a hard stop ended this sitting alone: a later one may visit them.
        """
        self._note({"event": "beat"})
        if self.stopped or (self.total_seconds - self.elapsed > 2.0 * self._reserve and len(self._queue)):
            return
        for entry in self._queue.paused:
            self.done.add(entry.task.id)
            self.tally.reasons["time"] += 1
            self._note({**entry.totals, "event": "done"})

    def _last_words(self, listener: Listener) -> None:
        """What a person must know, once all is over."""
        if self._canary_due and canary.TASK.id not in self.done and not self.stopped:
            self.done.add(canary.TASK.id)
            listener.notice(_CANARY_WORDS)
        asked = set(self.config.search.proposers) & set(LANGUAGE)
        if asked and self.tally.reasons and not self.tally.model_wrote:
            listener.notice(_MUTE_WORDS)
        for idea, failed in self.tally.failed.items():
            why = self.tally.first_failure[idea]
            listener.notice(f"THE IDEA {idea} FAILED on {len(failed)} of {self.visited} tasks, first with {why}")
        listener.progress(self)
        if self._book.error is not None:
            listener.notice(f"THE LAST ANSWERS ARE NOT IN THE SUBMISSION: {self._book.error}")
        record = self._book.trace
        if record.failed is not None or record.lost:
            why = f" ({record.failed.strerror})" if record.failed is not None else ""
            listener.notice(f"{record.path}: not all of the trace was written{why}; {record.lost} events are lost")

    def _summary(self) -> dict[str, Any]:
        return {
            "tasks": len(self.tasks),
            "outputs": sum(len(task.test) for task in (*self.tasks, *self.tasks.unread)),
            "malformed": [task.id for task in self.tasks.unread],
            "finished": self.visited,
            "with_passer": sum(self.answers[task.id].passers > 0 for task in self.tasks if task.id in self.answers),
            "passers_by": self.tally.passers_by(self.tasks, self.answers),
            "programs": dict(self.tally.programs.most_common()),
            "tokens": self.tally.tokens,
            "learning": dict(self.tally.learning),
            "failed_ideas": {idea: len(failed) for idea, failed in self.tally.failed.items()},
            "fallbacks": self.fallbacks,
            "model": bool(set(self.config.search.proposers) & set(LANGUAGE)),
            "canary": self.canary_solved,
            "canary_due": self._canary_due,
            "seconds": round(self.elapsed, 1),
            "idle_share": None if self.idle_share is None else round(self.idle_share, 4),
            "peak_mb": round(self.tally.peak_bytes / 1e6),
            "restarts": self.tally.restarts,
            "degraded": self.degraded,
            "set_aside": self.set_aside,
            "stopped": self.stopped,
            "unwritten": str(self._book.error or ""),
            "sandbox": self.sandbox.get("grade"),
            "submission": str(self.out / submission.NAME),
        }

    def _entries(self, past: folder.Past | None) -> Iterator[Entry]:
        """Tasks to be searched; those that an earlier sitting visited, with what it left."""
        struck = {task_id for task_id, strikes in self._strikes.items() if strikes}
        open_ = [task for task in self.tasks if task.id not in self.done and task.id not in self.set_aside]
        entries = {task.id: Entry(task, task.id in struck) for task in open_}
        paused = {task_id: event for task_id, event in (past.paused if past else {}).items() if task_id in entries}
        for task_id, event in paused.items():
            entry = entries[task_id]
            entry.visits, entry.spent, entry.promise = event["visits"], event["spent"], event["promise"]
            entry.totals = dict(event)
        known = entries if past and self._may_recall else {}
        for task_id, candidate in folder.candidates(self.out, known) if known else ():
            entries[task_id].remember(candidate)
        return iter(entries.values())

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
