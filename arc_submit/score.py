"""Score a submission as Kaggle does: one point per test output that either attempt gets exactly right.

Beside it the oracle: the share of test outputs that some program in the run's pool got right. What lies between the
two is the vote's to win.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arc_submit import folder, submission, tasks, trace
from arc_submit.config import SYMBOLIC
from arc_submit.errors import DataError
from arc_submit.records import Grid
from arc_submit.tasks import Solutions, TaskSet
from arc_submit.verify import correct

ORIGINS = {
    "fresh": "model", "edit": "model edits", "recombine": "model edits", "restart": "model edits",
    **dict.fromkeys(SYMBOLIC, "symbolic"),
}  # fmt: skip
"""Proposer -> what a person asks: did the model write it, did it edit, or was it symbolic search?"""


@dataclass(frozen=True)
class TaskScore:
    """One task's test outputs."""

    task_id: str
    right: tuple[bool, ...]
    """Per test output: either attempt is right."""
    pool: tuple[bool, ...]
    """Per test output: some program in the pool is right (False when there is no pool to look at)."""
    passers: int
    """Distinct passing programs in the pool."""
    fallbacks: int
    """Test outputs that no program answered."""
    proposer: str = ""
    """Who wrote the program behind the first attempt."""


@dataclass(frozen=True)
class Score:
    """A whole submission."""

    tasks: tuple[TaskScore, ...]
    has_pool: bool
    """Whether there was a trace to look at; without one, oracle and fallbacks are not known."""

    def summary(self) -> dict[str, Any]:
        """Return the machine-readable line: p2 and oracle as shares of test outputs, 0..1; None where not known."""
        outputs = sum(len(task.right) for task in self.tasks)
        solved = sum(sum(task.right) for task in self.tasks)
        return {
            "p2": round(solved / outputs, 4),
            "outputs": outputs,
            "solved_outputs": solved,
            "tasks": len(self.tasks),
            "solved_tasks": sum(all(task.right) for task in self.tasks),
            "oracle": round(sum(map(any, _either(self.tasks))) / outputs, 4) if self.has_pool else None,
            "fallbacks": sum(task.fallbacks for task in self.tasks) if self.has_pool else None,
            "solved_by": self.origins() if self.has_pool else None,
        }

    def origins(self) -> dict[str, int]:
        """Return solved tasks by where the program behind the first attempt came from."""
        solved = [task for task in self.tasks if all(task.right)]
        return dict(Counter(ORIGINS.get(task.proposer, task.proposer or "?") for task in solved).most_common())


def score_run(out: Path) -> Score:
    """Return the score of a run's folder, from its submission, its trace and its data's solutions.

    Raises:
        UserError: no run there, no solutions for its data, or a submission that is not in order.
    """
    chosen = folder.tasks_of(out)
    content = submission.read(out / submission.NAME)
    submission.check(content, [*chosen, *chosen.unread], out / submission.NAME)
    solutions = _solutions(chosen.name, chosen)
    return _score(_with_unread(chosen, solutions), solutions, content, out / trace.NAME)


def score_file(path: Path, data: str) -> Score:
    """Return the score of a submission file from anywhere; there is no pool, so no oracle and no fallbacks.

    Raises:
        UserError: as `score_run`.
    """
    content = submission.read(path)
    chosen = tasks.select(tasks.load(data), content)
    submission.check(content, chosen, path)
    return _score(chosen, _solutions(data, chosen), content, None)


def _with_unread(chosen: TaskSet, solutions: Solutions) -> TaskSet:
    """The tasks, and those that were malformed and passed over where their answers are known: they count as well."""
    known = (task for task in chosen.unread if len(solutions.outputs.get(task.id, ())) == len(task.test))
    return TaskSet(chosen.name, (*chosen, *known))


def _solutions(data: str, chosen: TaskSet) -> Solutions:
    found = tasks.load_solutions(data, lenient=bool(chosen.unread))
    if found is None:
        raise DataError(f"{data}: no solutions known (expected a *_solutions.json beside the challenges)")
    found.check(chosen)
    return found


def _score(
    chosen: TaskSet, solutions: Solutions, content: Mapping[str, list[tuple[Grid, ...]]], record: Path | None
) -> Score:
    pool: dict[str, list[bool]] = {}
    passers: dict[str, int] = {}
    answered: dict[str, Sequence[Sequence[Grid]]] = {}
    behind: dict[str, str] = {}
    authors: dict[tuple[str, str], str] = {}
    for event in trace.read(record) if record is not None else ():
        if event["event"] == "candidate" and event["task"] in content:
            task_id, candidate = event["task"], trace.candidate(event["candidate"])
            wanted = solutions.outputs[task_id]
            so_far = pool.setdefault(task_id, [False] * len(wanted))
            pool[task_id] = [was or got == want for was, got, want in zip(so_far, candidate.tests, wanted, strict=True)]
            authors[task_id, candidate.program.id] = candidate.program.proposer
        elif event["event"] == "answer" and event["task"] in content:
            answer = trace.answer(event["answer"])
            passers[event["task"]], answered[event["task"]] = answer.passers, answer.attempts
            behind[event["task"]] = next(iter(answer.programs), "")
    return Score(
        tuple(
            TaskScore(
                task.id,
                right=tuple(
                    correct(attempts, want)
                    for attempts, want in zip(content[task.id], solutions.outputs[task.id], strict=True)
                ),
                pool=tuple(pool.get(task.id, [False] * len(task.test))),
                passers=passers.get(task.id, 0),
                fallbacks=0
                if record is None
                else sum(not attempts for attempts in answered.get(task.id, [()] * len(task.test))),
                proposer=authors.get((task.id, behind.get(task.id, "")), ""),
            )
            for task in chosen
        ),
        has_pool=record is not None,
    )


def _either(scored: Sequence[TaskScore]) -> list[tuple[bool, bool]]:
    """(right, pool) per test output: what was handed in and right counts for the oracle as well."""
    return [both for task in scored for both in zip(task.right, task.pool, strict=True)]
