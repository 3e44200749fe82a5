"""What a run's folder holds, in memory: settings, tasks, submission, score, and what the trace says of every task.

Bounded: of each task's programs only the best `_POOL` stay, however long the trace is. The canary's events are set
apart. Not here: which of it is shown, and how (`build`).
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arc_submit import canary, folder, score, submission, tasks, trace
from arc_submit.errors import DataError
from arc_submit.records import Answer, Candidate, Grid, Outcome, Program
from arc_submit.score import TaskScore
from arc_submit.tasks import Solutions, TaskSet

_POOL = 100  # best programs per task that stay in memory while the trace is read


@dataclass(frozen=True, slots=True)
class Found:
    """A judged program, without its grids."""

    program: Program
    outcome: Outcome
    literal: bool
    tests: tuple[str, ...]
    """Per test input: its output as rows of digits, empty when there is none."""
    round: int
    at: float
    """Seconds of run time."""

    @property
    def rank(self) -> tuple[float, ...]:
        """Higher is better; the vote's order: voters, passers, whole pairs, cells, the shorter program."""
        votes = self.outcome.reward is not None and not self.literal
        solved, cells = sum(self.outcome.solved), sum(self.outcome.cells)
        return (votes, self.outcome.passes, solved, cells, -len(self.program.source))


@dataclass(slots=True)
class Seen:
    """What the trace says of one task."""

    pool: dict[str, Found] = field(default_factory=dict)
    """Best programs by id."""
    answer: Answer | None = None
    """The latest."""
    voices: dict[tuple[int, Grid], int] = field(default_factory=dict)
    """(test input, grid) -> programs that stood behind it as an attempt, of every answer that there was."""
    done: dict[str, Any] | None = None
    """The event."""
    learning: list[dict[str, Any]] = field(default_factory=list)
    """`signs` and `adapt` events: one a round, and a few."""
    strikes: int = 0
    """Workers that died with the task in hand."""

    def take(self, found: Found) -> None:
        """Remember a program; when there are too many, forget the weakest."""
        self.pool[found.program.id] = found
        if len(self.pool) >= 2 * _POOL:
            best = sorted(self.pool.values(), key=lambda found: found.rank, reverse=True)[:_POOL]
            self.pool = {found.program.id: found for found in best}


@dataclass(slots=True)
class Gathered:
    """A run's folder."""

    out: Path
    settings: dict[str, Any]
    tasks: TaskSet
    seen: dict[str, Seen]
    """By task id, every task of the run."""
    attempts: dict[str, list[tuple[Grid, ...]]]
    """Task id -> per test input the attempts of the submission; empty when there is none."""
    solutions: Solutions | None = None
    scores: dict[str, TaskScore] = field(default_factory=dict)
    """By task id; empty when there are no solutions."""
    summary: dict[str, float | int | None] = field(default_factory=dict)
    """`Score.summary` of the whole."""
    notes: list[str] = field(default_factory=list)
    """What a reader should know before believing the page."""
    moments: list[tuple[float, str, str, bool]] = field(default_factory=list)
    """(seconds of run time, `passer` | `right` | `done`, task id, whether it is so from now on)."""
    canary: Answer | None = None
    canary_done: bool = False
    sandbox: dict[str, Any] = field(default_factory=dict)
    """The latest report of a worker's sandbox."""
    seconds: float = 0.0
    """Run time, all sittings."""
    sittings: int = 0
    deaths: int = 0
    """Workers that died."""


def gather(out: Path) -> Gathered:
    """Read a run's folder.

    Raises:
        UserError: no run there, its data is gone or has changed, or a broken trace.
    """
    settings, chosen = folder.settings(out), folder.tasks_of(out)
    found = Gathered(out, settings, chosen, {task.id: Seen() for task in chosen}, {})
    _read_submission(found)
    _read_solutions(found)
    for event in trace.read(out / trace.NAME):
        _hear(found, event)
    return found


def digits(grid: Grid) -> str:
    """Return a grid as rows of digits.

    >>> digits(((1, 2), (3, 4)))
    '12\\n34'
    """
    return "\n".join("".join(map(str, row)) for row in grid)


def _read_submission(found: Gathered) -> None:
    path = found.out / submission.NAME
    try:
        content = submission.read(path)
        submission.check(content, found.tasks, path)
        found.attempts = content
    except DataError as error:
        found.notes.append(f"No attempts to show. {error}")


def _read_solutions(found: Gathered) -> None:
    """Solutions and score, where both can be had; one without the other would be half a story."""
    data = found.settings["data"]
    if not found.attempts:
        return
    try:
        solutions = tasks.load_solutions(data)
        if solutions is not None:
            scored = score.score_run(found.out)
            found.solutions, found.summary = solutions, scored.summary()
            found.scores = {task.task_id: task for task in scored.tasks}
    except DataError as error:
        found.notes.append(f"Not scored. {error}")


def _hear(found: Gathered, event: dict[str, Any]) -> None:
    found.seconds = max(found.seconds, event["at"])
    kind = event["event"]
    if kind == "run":
        found.sittings += 1
    elif kind == "worker":
        _hear_worker(found, event)
    elif event.get("task") == canary.TASK.id:
        if kind == "answer":
            found.canary = trace.answer(event["answer"])
        found.canary_done |= kind == "done"
    elif event.get("task") in found.seen:
        _hear_task(found, found.seen[event["task"]], event)


def _hear_worker(found: Gathered, event: dict[str, Any]) -> None:
    found.sandbox = event.get("sandbox") or found.sandbox
    if event["state"] == "died":
        found.deaths += 1
        for task_id in Counter(event["in_hand"]):
            if task_id in found.seen:
                found.seen[task_id].strikes += 1


def _hear_task(found: Gathered, seen: Seen, event: dict[str, Any]) -> None:
    task_id, at = event["task"], event["at"]
    if event["event"] == "candidate":
        seen.take(_found(trace.candidate(event["candidate"]), event))
    elif event["event"] == "answer":
        seen.answer = answer = trace.answer(event["answer"])
        for index, grids in enumerate(answer.attempts):
            for grid, voices in zip(grids, answer.votes[index], strict=False):
                seen.voices[index, grid] = voices
        found.moments.append((at, "passer", task_id, answer.passers > 0))
        if found.solutions is not None:
            wanted = found.solutions.outputs[task_id]
            right = all(want in grids for grids, want in zip(answer.attempts, wanted, strict=False))
            found.moments.append((at, "right", task_id, right))
    elif event["event"] in ("signs", "adapt"):
        seen.learning.append(event)
    elif event["event"] == "done":
        seen.done = event
        found.moments.append((at, "done", task_id, True))


def _found(candidate: Candidate, event: dict[str, Any]) -> Found:
    tests = tuple("" if grid is None else digits(grid) for grid in candidate.tests)
    return Found(candidate.program, candidate.outcome, candidate.literal, tests, event.get("round", 0), event["at"])
