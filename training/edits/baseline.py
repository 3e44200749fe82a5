"""Where the edits of a task begin: programs that do not pass.

    a folder of programs   TASK.py, `/` in an id spelled `__`
    a file                 JSONL of {"task": id, "program": source}, several of a task one below the other
    a folder of traces     what was judged there and does not pass, the best of a task first
    else                   the fittest of distinct behaviour among random typed programs on the task's inputs and their
                           mutants

Random programs are blind to the task's outputs, mutants too; only who is kept depends on them. A program of a file is a
model's text as far as we know: it runs in the sandbox alone. Left out: programs that pass, that hold an output as a
literal or that could not be judged; of two that behave alike the shorter stays.
"""

import json
import random
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from arc_submit.errors import DataError, ExtractError
from arc_submit.programs import from_source
from arc_submit.prompts import Attempt
from arc_submit.records import Candidate, Program, Task
from arc_submit.sandbox import Sandbox
from arc_submit.search.fitness import copy_baseline, fitness
from arc_submit.symbolic import Context, mutate
from arc_submit.verify.trial import trial
from training.data.harvest import wandered
from training.edits import records

RANDOM = 64  # random typed programs per task, and as many mutants of them
JUDGE_SECONDS = 600.0  # what one sandbox batch may take at most


@dataclass(frozen=True, slots=True)
class Starter:
    """A program that does not pass."""

    task: Task
    candidate: Candidate
    fitness: float
    """`arc_submit.search.fitness`, 0..1."""
    number: int
    """Among the task's starters, the fittest first."""

    @property
    def attempt(self) -> Attempt:
        """Return it as prompts show it."""
        shown = self.candidate
        return Attempt(shown.program.id, shown.program.source, shown.outputs, shown.outcome.solved)


def drawn(task: Task, seed: int, count: int = RANDOM) -> list[str]:
    """Return sources of random typed programs on a task's inputs and of as many mutants; about a second."""
    context, rng = Context.from_task(task), random.Random(f"{seed}/{task.id}/pool")
    sources = wandered(task, seed, count)
    return sources + [made for _ in range(count) if sources and (made := mutate(rng.choice(sources), rng, context))]


def pool(task: Task, sandbox: Sandbox, seed: int, count: int) -> list[Starter]:
    """Return a task's starters from nothing: the fittest that do not pass, one for each behaviour."""
    (judged,) = trial(sandbox, [(task, programs(drawn(task, seed)))], 0, time.monotonic() + JUDGE_SECONDS)
    return fittest(task, judged, count)


def fittest(task: Task, judged: Iterable[Candidate], count: int) -> list[Starter]:
    """Return up to `count` judged programs that may be edited, the fittest first, one for each behaviour."""
    copied = copy_baseline(task)

    def rank(one: Candidate) -> tuple[float, int]:
        return -fitness(one.outcome, copied), one.program.length

    usable = [one for one in judged if one.outcome.reward is not None and not one.outcome.passes and not one.literal]
    distinct: dict[str, Candidate] = {}
    for one in sorted(usable, key=rank):  # equals stay in the order in which they came
        distinct.setdefault(one.outcome.signature, one)
    ranked = list(distinct.values())[:count]
    return [Starter(task, one, fitness(one.outcome, copied), number) for number, one in enumerate(ranked)]


def programs(sources: Iterable[str]) -> list[Program]:
    """Return the distinct programs of some sources; what is none is left out."""
    found: dict[str, Program] = {}
    for source in sources:
        try:
            made = from_source(source, "baseline")
        except ExtractError:
            continue
        found.setdefault(made.id, made)
    return list(found.values())


# Files. --------------------------------------------------------------------------------------------------------------


def read(path: Path) -> dict[str, list[str]]:
    """Return the sources of a file or folder by task id.

    Raises:
        DataError: missing, of another kind, or empty.
    """
    if path.is_dir() and (path / records.JUDGED).exists():
        return of_traces(path)
    if path.is_dir():
        try:
            found = {file.stem.replace("__", "/"): [file.read_text("utf-8")] for file in sorted(path.glob("*.py"))}
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{path}: a program cannot be read ({type(error).__name__})") from None
        if not found:
            raise DataError(f"{path}: no TASK.py and no {records.JUDGED} in this folder")
        return found
    return _lines(path)


def of_traces(folder: Path) -> dict[str, list[str]]:
    """Return the distinct judged programs of another folder of traces that do not pass, the best of a task first."""
    best: dict[str, dict[str, tuple[float, str]]] = {}
    for trace in records.read(folder / records.JUDGED):
        if not trace.passes:
            best.setdefault(trace.task, {}).setdefault(trace.program, (trace.reward, trace.source))
    return {
        task: [source for _, source in sorted(known.values(), key=lambda entry: -entry[0])]
        for task, known in best.items()
    }


def _lines(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: baseline programs cannot be read ({type(error).__name__})") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            body: Mapping[str, object] = json.loads(line)
            task, source = body["task"], body["program"]
        except (ValueError, KeyError, TypeError):
            raise DataError(f'{path}: line {number} is not {{"task": id, "program": source}}') from None
        if not isinstance(task, str) or not isinstance(source, str):
            raise DataError(f"{path}: line {number}: task and program must be text")
        found.setdefault(task, []).append(source)
    if not found:
        raise DataError(f"{path}: no program in it")
    return found
