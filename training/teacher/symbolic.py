"""Symbolic search as a teacher: the line from tasks to traces works with no model and no API at all.

    fresh   the enumerator's best programs, of different behaviour first (`arc_submit.symbolic.Enumerator`)
    edit    a short climb from the parent: mutants and crossings of the best so far, a few generations

Answers are text as everybody's: a short `<think>` of our own (`explain`), then commented code. Work goes to processes
of their own, one question a time each. What it finds is a function of (seed of the question, task, parent, settings).

A parent may have been written by a model: it is edited only where it is straight-line DSL, whose text never runs (its
calls are read, checked against the DSL's names and written anew), and its children are run and judged in the sandbox.
Of another parent it has nothing to say. Left out: views, memory across questions.
"""

import asyncio
import random
import time
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from arc_submit.errors import EngineError, ExtractError
from arc_submit.programs import from_source
from arc_submit.prompts import Attempt
from arc_submit.prompts.sections import estimate
from arc_submit.records import Candidate, Program, Task
from arc_submit.sandbox import Sandbox, SandboxConfig
from arc_submit.symbolic import Context, Enumerator, SymbolicConfig, crossover, mutate
from arc_submit.symbolic.program import parse, render, used
from arc_submit.verify.trial import trial
from training.exercises import spelled
from training.teacher import explain
from training.teacher.archive import Archive, request_id
from training.teacher.processes import pool
from training.teacher.records import Question, Reply

NAME = "symbolic"
VERSION = 1  # of what the answers are made by: answers of another version are not taken from an archive
CROSSED = 0.2  # share of the children of a generation that have two parents
LINES = 12  # of a child at most, or MORE than its parent's: crossings double what they cross
MORE = 4
TRIES = 3  # edits drawn for one child before giving up on it
JUDGE_SECONDS = 120.0  # what one sandbox batch may take at most
PER_BEHAVIOUR = 2  # programs of equal outputs that are offered before those of others


@dataclass(frozen=True, slots=True)
class SymbolicSettings:
    """How hard it tries."""

    evaluations: int = 15_000
    """Expressions enumerated for a fresh question: a second or two."""
    generations: int = 4
    """Of one climb."""
    children: int = 48
    """Of each generation."""
    beam: int = 6
    """Programs that a generation is bred from, the parent among them at first."""


@dataclass(frozen=True, slots=True)
class _Job:
    """What goes to a process."""

    task: Task
    parent: Attempt | None
    n: int
    seed: int
    settings: SymbolicSettings


class SymbolicTeacher:
    """See the module; a `training.teacher.records.Teacher`."""

    name = NAME

    def __init__(
        self, processes: int = 1, settings: SymbolicSettings = SymbolicSettings(), archive: Archive | None = None
    ) -> None:
        self._settings = settings
        self._archive = archive
        self._pool = pool(processes)

    async def ask(self, question: Question) -> list[Reply]:
        """Return at most n distinct answers, the best first; see `records.Teacher`.

        Raises:
            EngineError: a process died.
        """
        parent = question.attempts[0] if question.attempts else None
        job = _Job(question.task, parent, question.n, question.seed, self._settings)
        asked = _asked(job)
        request = request_id(NAME, asked)
        known = self._archive.get(request) if self._archive is not None else None
        if known is not None:
            return known
        try:
            texts = await asyncio.get_running_loop().run_in_executor(self._pool, answers, job)
        except BrokenProcessPool:
            raise EngineError(f"teacher {NAME}: a process died while it searched, perhaps for want of memory") from None
        replies = [Reply(text, tokens=estimate(text), request=request) for text in texts]
        if self._archive is not None:
            await asyncio.wrap_future(self._archive.submit(request, asked, {}, replies, teacher=NAME))
        return replies

    async def close(self) -> None:
        """End the processes."""
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)


def _asked(job: _Job) -> dict[str, Any]:
    """All that the answers depend on, as JSON."""
    task = job.task
    return {
        "kind": "fresh" if job.parent is None else "edit",
        "task": [task.id, [[spelled(p.input), spelled(p.output)] for p in task.train], list(map(spelled, task.test))],
        "parent": job.parent.source if job.parent is not None else "",
        "n": job.n,
        "seed": job.seed,
        "settings": asdict(job.settings),
        "version": VERSION,
    }


# In a process of its own. --------------------------------------------------------------------------------------------


def answers(job: _Job) -> list[str]:
    """Return the texts for one question, best first."""
    rng = random.Random(f"{job.seed}/{job.task.id}/symbolic")
    if job.parent is None:
        return [explain.fresh(job.task, source, job.seed).text for source in enumerated(job, rng)]
    return [explain.edit(job.task, job.parent, source, job.seed).text for source in climbed(job, job.parent, rng)]


def enumerated(job: _Job, rng: random.Random) -> list[str]:
    """Return programs that the enumerator finds; a clock that stands: evaluations end it, never the time."""
    config = SymbolicConfig(evaluations_per_round=job.settings.evaluations, memory_bytes=120_000_000, patience=4_000)
    found = Enumerator(job.task, config, rng, lambda: 0.0).advance(1.0, 10**9)
    found.sort(key=lambda find: (-find.pairs_solved, -find.cells, find.cost, find.source))
    texts = [(find.source, repr(find.outputs)) for find in found]
    return _spread(texts, job.n)


def climbed(job: _Job, parent: Attempt, rng: random.Random) -> list[str]:
    """Return children of a parent, the best first: not the parent, and nothing that gives just what it gives."""
    straight = parse(parent.source)
    if straight is None:
        return []
    context, settings = Context.from_task(job.task), job.settings
    start, longest = _program(parent.source), max(LINES, len(used(straight)) + MORE)
    known: dict[str, Candidate] = {}
    beam: list[str] = [parent.source]
    for _ in range(settings.generations):
        children: dict[str, Program] = {}
        for _ in range(settings.children):
            child = _child(beam, rng, context, longest)
            if child is not None and child.id not in known and (start is None or child.id != start.id):
                children.setdefault(child.id, child)
        (judged,) = trial(_sandbox(), [(job.task, list(children.values()))], 0, time.monotonic() + JUDGE_SECONDS)
        known.update((one.program.id, one) for one in judged if one.outcome.reward is not None and not one.literal)
        ranked = _ranked(known)
        if ranked and ranked[0].outcome.passes:
            break
        distinct = {one.outcome.signature: one for one in reversed(ranked)}
        best = sorted(distinct.values(), key=_rank)[: settings.beam - 1]
        beam = [parent.source, *(one.program.source for one in best)]
    fresh = [one for one in _ranked(known) if one.outputs != parent.outputs]
    return _spread([(one.program.source, one.outcome.signature) for one in fresh], job.n)


def _child(beam: list[str], rng: random.Random, context: Context, longest: int) -> Program | None:
    for _ in range(TRIES):
        first = rng.choice(beam)
        if len(beam) > 1 and rng.random() < CROSSED:
            source = crossover(first, rng.choice(beam), rng, context)
        else:
            source = mutate(first, rng, context)
        straight = parse(source) if source is not None else None
        if straight is None or len(used(straight)) > longest:
            continue
        child = _program(render(straight))
        if child is not None:
            return child
    return None


def _program(source: str) -> Program | None:
    try:
        return from_source(source, NAME)
    except ExtractError:
        return None


def _ranked(known: dict[str, Candidate]) -> list[Candidate]:
    return sorted(known.values(), key=_rank)


def _rank(one: Candidate) -> tuple[float, float, int, str]:
    return (-sum(one.outcome.solved), -(one.outcome.reward or 0.0), one.program.length, one.program.id)


def _spread(texts: list[tuple[str, str]], n: int) -> list[str]:
    """The first n of (source, behaviour), at most PER_BEHAVIOUR of a behaviour; then the others, in order."""
    counts: dict[str, int] = {}
    first: list[str] = []
    rest: list[str] = []
    for source, behaviour in texts:
        counts[behaviour] = counts.get(behaviour, 0) + 1
        (first if counts[behaviour] <= PER_BEHAVIOUR else rest).append(source)
    return [*first, *rest][:n]


@cache
def _sandbox() -> Sandbox:
    """One for the process: it ends with it."""
    return Sandbox(SandboxConfig())
