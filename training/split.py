"""Which public tasks the weights may learn from, by content.

    learn    ARC-AGI-1 training without the held-out ones, and what ARC-AGI-2 training adds, each task once
    held     every fourth ARC-AGI-1 training task, by id: what development is measured on
    refused  everything that shares a pair, under any view, with an evaluation set or a held-out task

376 of the 400 ARC-AGI-1 evaluation tasks stand in ARC-AGI-2 training: the guard takes them out by content.
"""

from dataclasses import dataclass

from arc_submit.records import Task
from arc_submit.tasks import Solutions, sets
from training.guard import Guard, form

EVERY = 4  # one task in so many is held out


@dataclass(frozen=True, slots=True)
class Split:
    """The public training tasks, sorted by use."""

    learn: tuple[Task, ...]
    held: tuple[Task, ...]
    refused: tuple[tuple[str, str], ...]
    """(task id, why) of what was left out."""
    guard: str
    """The guard in words, for the manifest."""


def held_out() -> tuple[Task, ...]:
    """Return the ARC-AGI-1 training tasks that nothing is trained on."""
    return tuple(sorted(sets.load("arc1-training").tasks, key=lambda task: task.id)[::EVERY])


def split() -> Split:
    """Return the split; some seconds, nothing is read from the network or kept on disk."""
    guard = Guard.of()
    held = held_out()
    outputs = {name: sets.load_solutions(name) for name in ("arc1-training", "arc2-training")}
    known = {
        found: f"a pair of held-out {task.id}" for task in held for found in _forms(task, outputs["arc1-training"])
    }
    learn: list[Task] = []
    refused: list[tuple[str, str]] = []
    for name, solutions in outputs.items():
        for task in sets.load(name):
            forms = _forms(task, solutions)
            tests = solutions.outputs[task.id] if solutions else ()
            reason = guard.refuse(task, tests) or next((known[found] for found in forms if found in known), None)
            if reason is None:
                learn.append(task)
                known.update((found, f"{task.id} is there already") for found in forms)
            else:
                refused.append((task.id, reason))
    return Split(tuple(learn), held, tuple(refused), guard.describe())


def _forms(task: Task, solutions: Solutions | None) -> list[bytes]:
    """The content of every pair of a task, tests included."""
    tests = zip(task.test, solutions.outputs.get(task.id, ()) if solutions else (), strict=False)
    pairs = [(pair.input, pair.output) for pair in task.train]
    return [form(given, made) for given, made in (*pairs, *tests)]
