"""Traces for the tests of the dataset: generated tasks, the program behind each as the right answer, simple wrong ones.

Programs run in this process: our own code wrote every one of them.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from arc_submit.programs import from_source
from arc_submit.records import Grid, Ran
from arc_submit.records import Output as One
from arc_submit.sandbox import Job
from arc_submit.symbolic.expressions import HEADER
from arc_submit.verify import pair_reward
from training.edits import records
from training.edits.records import Parent, Trace
from training.exercises import GENERATED, Exercise, write
from training.guard import Guard
from training.tasks.item import Unfit, run
from training.tasks.registry import item

THOUGHT = "Okay, so let me think. The largest object stays. Hmm, I think the largest object stays. It is filled with 3."
NOTHING_REFUSED = Guard((), {}, {}, frozenset())


def exercise(number: int, seed: int = 7) -> Exercise:
    """A generated task."""
    made = item(seed, number)
    return Exercise(made.task, f"{GENERATED}/{made.origin}", (made.test,), made.source)


def program(body: str) -> str:
    """A DSL program of one expression."""
    return f"{HEADER}def solve(I):\n    O = {body}\n    return O\n"


def outputs(source: str, grids: Sequence[Grid]) -> tuple[Grid | None, ...]:
    """What a program makes of grids, None where it fails."""
    found: list[Grid | None] = []
    for grid in grids:
        try:
            found.append(run(source.replace(HEADER.strip(), ""), [grid])[0])
        except Unfit:
            found.append(None)
    return tuple(found)


def here(jobs: Sequence[Job]) -> list[Ran]:
    """Stands for the sandbox: the same answers, without its processes."""
    return [Ran(tuple(One(made) for made in outputs(job.source, job.inputs))) for job in jobs]


def parent(given: Exercise, source: str) -> Parent:
    """A program as an edit prompt shows it."""
    pairs = given.task.train
    made = outputs(source, [pair.input for pair in pairs])
    rewards = [pair_reward(grid, pair.output) for grid, pair in zip(made, pairs, strict=True)]
    solved = tuple(grid == pair.output for grid, pair in zip(made, pairs, strict=True))
    return Parent(from_source(source, "t").id, source, sum(rewards) / len(rewards), solved, made)


def trace(given: Exercise, source: str, before: str | None = None, thinking: str = THOUGHT) -> Trace:
    """A judged answer; with `before` an edit of that program."""
    own = parent(given, source)
    right = outputs(source, given.task.test) == given.answers if given.answers else None
    return Trace(
        given.task.id, "fresh" if before is None else "edit", own.program, source, own.reward, own.solved, right,
        thinking, None if before is None else parent(given, before), "stand-in", "r1", "chat-1",
    )  # fmt: skip


WRONG = ("hmirror(I)", "trim(I)", "rot90(I)", "lefthalf(I)", "switch(I, ONE, TWO)", "fill(I, THREE, asindices(I))")


def traces(given: Exercise) -> list[Trace]:
    """A fresh answer that is right, edits of wrong programs that end right, and one that ends wrong."""
    best = HEADER + given.program
    found = [trace(given, best)]
    for body in WRONG[:3]:
        found.append(trace(given, best, program(body)))
    found += [trace(given, program(WRONG[3]), program(WRONG[4])), trace(given, program(WRONG[5]), program(WRONG[0]))]
    return [each for each in found if each.parent is None or not all(each.parent.solved)]


def folder(path: Path, exercises: Sequence[Exercise], kept: Sequence[Trace] | None = None) -> Path:
    """A traces folder, as `arc-train traces` leaves one."""
    path.mkdir(parents=True)
    judged = [each for given in exercises for each in traces(given)] if kept is None else list(kept)
    write(path / records.TASKS, exercises)
    records.write(path / records.JUDGED, judged)
    records.write(path / records.TRACES, [each for each in judged if each.gain > 0])
    (path / records.DIFFICULTY).write_text(
        json.dumps({given.task.id: {"mean": 0.5, "difficulty": 2.0, "answers": 3} for given in exercises})
    )
    return path


def renamed(given: Exercise, name: str) -> Exercise:
    """The same task under another id."""
    return replace(given, task=replace(given.task, id=name))
