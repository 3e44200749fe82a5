"""Programs to improve, the same for everyone who tries: of random typed programs and their mutants, the fittest.

Of 64 random typed programs and 64 mutants of them per task, the 4 fittest of distinct behaviour that do not pass
(`arc_submit.search.fitness`), the shorter of equals, then the first drawn. They are drawn as those that traces begin
with (`training.edits.baseline`), which ranks equals in another order: here it is that of the figures in docs/LOG.md.
Test outputs are not looked at. (seed, task) decides everything.

Left out: parents written by the model itself, which would differ from model to model.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from arc_submit.records import Candidate, Task
from arc_submit.sandbox import Sandbox
from arc_submit.search.fitness import copy_baseline, fitness
from arc_submit.symbolic import Context
from arc_submit.verify.trial import trial
from training.edits import baseline
from training.evaluate import workers

PARENTS = 4  # of each task
JUDGE_SECONDS = 600.0  # what one sandbox batch may take at most


@dataclass(frozen=True, slots=True)
class Parent:
    """A program that does not pass."""

    task: Task
    candidate: Candidate
    fitness: float
    """0..1, below 1."""
    baseline: tuple[float, ...]
    """Share of cells that copying the input gets right, per demonstration."""
    context: Context
    number: int
    """Among the task's parents."""


def parents_of(
    tasks: Iterable[Task],
    *,
    seed: int = 0,
    most: int = PARENTS,
    processes: int = 1,
    advance: Callable[[int], None] = lambda tasks: None,
) -> list[Parent]:
    """Return the parents of all tasks, in the tasks' order; a task may have none. About two seconds a task and core.

    `advance` is told how many more tasks are done.

    Raises:
        SandboxError: no sandbox process can be started at all.
    """
    jobs = [(task, seed, most) for task in tasks]
    with workers.Pool(processes) as team:
        found = {}
        for number, own in team.run(_job, jobs):
            found[number] = own
            advance(1)
    return [parent for number in sorted(found) for parent in found[number]]


def _job(task: Task, seed: int, most: int) -> list[Parent]:
    return pool(task, workers.sandbox(), seed, most)


def pool(task: Task, sandbox: Sandbox, seed: int, most: int = PARENTS) -> list[Parent]:
    """Return a task's parents: the fittest that do not pass, one for each behaviour, the shorter of equals."""
    found = baseline.programs(baseline.drawn(task, seed))
    (judged,) = trial(sandbox, [(task, found)], 0, time.monotonic() + JUDGE_SECONDS)
    context, copied = Context.from_task(task), copy_baseline(task)
    return [
        Parent(task, candidate, fitness(candidate.outcome, copied), copied, context, number)
        for number, candidate in enumerate(_fittest(judged, copied)[:most])
    ]


def _fittest(judged: Sequence[Candidate], copied: tuple[float, ...]) -> list[Candidate]:
    usable = [c for c in judged if c.outcome.reward is not None and not c.outcome.passes and not c.literal]
    ranked = sorted(usable, key=lambda c: (-fitness(c.outcome, copied), c.program.length))
    distinct = list({c.outcome.signature: c for c in reversed(ranked)}.values())[::-1]
    distinct.sort(key=lambda c: (-fitness(c.outcome, copied), c.program.length))
    return distinct
