"""The measuring itself: groups of tasks x seeds x checkpoints over processes, each result in the journal at once.

    subjects -> (parents, once) -> per checkpoint: solve rows and edits -> journal -> Measured

What the journal holds already is not measured again. Every checkpoint gets the same tasks, prompts, seeds and parents.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import arc_submit
from arc_submit.config import PromptsConfig
from arc_submit.prompts import Writer
from arc_submit.records import Task
from training.evaluate import edits, solve, workers
from training.evaluate.checkpoints import Checkpoint
from training.evaluate.edits import Edited
from training.evaluate.journal import Journal, key
from training.evaluate.parents import Parent, parents_of
from training.evaluate.solve import Row
from training.evaluate.subjects import Subject, Subjects

SOLVE, EDITS = "solve", "edits"
VIEWS = 16  # that a task is shown in, at most one for every program

Rows = dict[int, dict[str, Row]]
"""Seed -> task -> row."""
Edits = dict[int, dict[str, Edited]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, whichever the checkpoint."""

    subjects: Subjects
    prompts: PromptsConfig
    programs: int = 64
    views: int = VIEWS
    seeds: tuple[int, ...] = (0,)
    edits: bool = False
    children: int = 16
    parents: int = 4
    processes: int = 1
    together: int = 4
    """Tasks in one engine batch."""

    def groups(self) -> list[tuple[Subject, ...]]:
        """Return the tasks in groups."""
        members, size = self.subjects.members, self.together
        return [members[start : start + size] for start in range(0, len(members), size)]


@dataclass(slots=True)
class Measured:
    """What one checkpoint did."""

    checkpoint: Checkpoint
    rows: Rows = field(default_factory=dict)
    edits: Edits = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One line of the journal."""

    key: str
    kind: str
    seed: int
    group: tuple[Subject, ...]


def run(
    plan: Plan, checkpoints: Sequence[Checkpoint], journal: Journal, advance: Callable[[int], None] = lambda tasks: None
) -> list[Measured]:
    """Return what each checkpoint did; `advance` is told of progress, `tasks_of` in all."""
    todo = {
        checkpoint.name: [one for one in _wanted(plan, checkpoint) if journal.get(one.key) is None]
        for checkpoint in checkpoints
    }
    edited = {s.task.id: s.task for own in todo.values() for one in own if one.kind == EDITS for s in one.group}
    waiting = sum(len(one.group) for own in todo.values() for one in own) + len(edited)
    advance(tasks_of(plan, checkpoints) - waiting)
    parents = _parents(plan, edited, advance)
    for checkpoint in checkpoints:
        _measure(plan, checkpoint, todo[checkpoint.name], parents, journal, advance)
    return [_gathered(plan, checkpoint, journal) for checkpoint in checkpoints]


def tasks_of(plan: Plan, checkpoints: Sequence[Checkpoint]) -> int:
    """Return what `advance` will have heard of in all."""
    tasks = len(plan.subjects.members)
    return tasks * len(checkpoints) * len(plan.seeds) * len(_kinds(plan)) + (tasks if plan.edits else 0)


def _kinds(plan: Plan) -> tuple[str, ...]:
    return (SOLVE, *((EDITS,) if plan.edits else ()))


def _wanted(plan: Plan, checkpoint: Checkpoint) -> Iterator[_Wanted]:
    about = {
        "checkpoint": checkpoint.identity(),
        "prompts": plan.prompts.model_dump(mode="json"),
        "version": Writer(plan.prompts).version,
        "kit": arc_submit.__version__,
    }
    amounts: dict[str, dict[str, Any]] = {
        SOLVE: {"programs": plan.programs, "views": plan.views},
        EDITS: {"children": plan.children, "parents": plan.parents, "pool": plan.seeds[0]},
    }
    for kind in _kinds(plan):
        for seed in plan.seeds:
            for group in plan.groups():
                content = [repr((subject.task, subject.wanted)) for subject in group]
                found = key(kind=kind, seed=seed, tasks=content, **about, **amounts[kind])
                yield _Wanted(found, kind, seed, group)


def _parents(plan: Plan, tasks: dict[str, Task], advance: Callable[[int], None]) -> dict[str, list[Parent]]:
    """Task -> parents, of the tasks whose edits are still to be measured; those of the first seed, for all seeds."""
    found: dict[str, list[Parent]] = {task_id: [] for task_id in tasks}
    made = parents_of(tasks.values(), seed=plan.seeds[0], most=plan.parents, processes=plan.processes, advance=advance)
    for parent in made:
        found[parent.task.id].append(parent)
    return found


def _measure(
    plan: Plan,
    checkpoint: Checkpoint,
    todo: Sequence[_Wanted],
    parents: dict[str, list[Parent]],
    journal: Journal,
    advance: Callable[[int], None],
) -> None:
    bare = replace(plan, subjects=replace(plan.subjects, members=()))  # a job carries its own group alone
    jobs = [(bare, checkpoint, one, [p for s in one.group for p in parents.get(s.task.id, ())]) for one in todo]
    with workers.Pool(plan.processes) as team:
        for number, rows in team.run(_job, jobs):
            one = todo[number]
            journal.put(one.key, rows, checkpoint=checkpoint.name, kind=one.kind, seed=one.seed)
            advance(len(one.group))


def _job(plan: Plan, checkpoint: Checkpoint, one: _Wanted, parents: list[Parent]) -> list[dict[str, Any]]:
    if one.kind == EDITS:
        if not parents:
            return []
        found = edits.measure(parents, checkpoint.sample, plan.prompts, plan.children, one.seed)
        return [asdict(row) for row in found]
    tasks, wanted = [subject.task for subject in one.group], [subject.wanted for subject in one.group]
    views = min(plan.views, plan.programs)
    rows = solve.measure(tasks, wanted, checkpoint.sample, plan.prompts, plan.programs, views, one.seed)
    return [asdict(row) for row in rows]


def _gathered(plan: Plan, checkpoint: Checkpoint, journal: Journal) -> Measured:
    found = Measured(checkpoint, {seed: {} for seed in plan.seeds}, {seed: {} for seed in plan.seeds})
    for one in _wanted(plan, checkpoint):
        for body in journal.get(one.key) or ():
            if one.kind == EDITS:
                found.edits[one.seed][body["task"]] = Edited(**body)
            else:
                found.rows[one.seed][body["task"]] = _row(body)
    return found


def _row(body: dict[str, Any]) -> Row:
    tuples = {name: tuple(body[name]) for name in ("seconds", "lengths", "thinking")}
    hits = None if body["hits"] is None else tuple(body["hits"])
    return Row(**{**body, **tuples, "hits": hits})
