"""Which task is on which side, by content: a task under a view, a new id or another order is the same task.

Tasks that share a pair (`training.guard.form`: any orientation, any colours, tests among them where their outputs are
known) belong together and go to one side. Two datasets that are given apart leak when a pair of one is in the other:
`check_sides` refuses them. Content of an evaluation set, or of the tasks that development is measured on, is refused
wherever it comes from.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from arc_submit.errors import DataError
from arc_submit.tasks import load_solutions
from training.exercises import Exercise
from training.guard import ContaminationError, Guard, form
from training.split import held_out

Contents: TypeAlias = Mapping[str, frozenset[bytes]]
"""Task id -> forms of its pairs."""


class LeakError(DataError):
    """One task on both sides."""


def forms(exercise: Exercise) -> frozenset[bytes]:
    """Return the forms of an exercise's pairs, its tests among them where their outputs are known.

    Raises:
        DataError: test outputs, but not one for each test input.
    """
    task = exercise.task
    if exercise.answers and len(exercise.answers) != len(task.test):
        inputs = f"{len(task.test)} test input{'s' if len(task.test) != 1 else ''}"
        raise DataError(
            f"task {task.id}: {len(exercise.answers)} test outputs for {inputs}; give each its own, or none"
        )
    pairs = [(pair.input, pair.output) for pair in task.train]
    pairs += list(zip(task.test, exercise.answers, strict=True)) if exercise.answers else []
    return frozenset(form(given, made) for given, made in pairs)


class Refusal:
    """The guard of the evaluation sets and of the held-out tasks."""

    def __init__(self, guard: Guard, held: Mapping[bytes, str]) -> None:
        self._guard, self._held = guard, held

    @classmethod
    @lru_cache(maxsize=1)
    def of(cls) -> "Refusal":
        """Return the one of the public sets; some seconds, once."""
        known = load_solutions("arc1-training")
        outputs = known.outputs if known else {}
        held = {
            found: f"arc1-training/{task.id}"
            for task in held_out()
            for found in forms(Exercise(task, "", outputs.get(task.id, ())))
        }
        return cls(Guard.of(), held)

    def check(self, exercise: Exercise, content: frozenset[bytes]) -> None:
        """Make sure that a task may be trained on.

        Raises:
            ContaminationError: it holds content of an evaluation set or of a held-out task.
        """
        self._guard.check(exercise.task, exercise.answers)
        where = next((self._held[found] for found in content if found in self._held), None)
        if where is not None:
            raise ContaminationError(
                f"task {exercise.task.id}: a pair of the held-out task {where}, turned or recoloured at most: leave it "
                f"out; development is measured on it (`training.split`)"
            )

    def check_forms(self, where: str, task: str, content: Iterable[bytes]) -> None:
        """Make sure of the same where no more than a task's forms are known: in a dataset that is joined.

        Raises:
            ContaminationError: one of them is that of an evaluation pair or of a held-out task.
        """
        for found in content:
            met = self._guard.pairs.get(found) or self._held.get(found)
            if met is not None:
                raise ContaminationError(
                    f"{where}: task {task} has a pair of {met}, turned or recoloured at most: build the dataset again "
                    f"without it; that set is measured on"
                )

    def describe(self) -> str:
        """Return one line for a manifest."""
        return f"{self._guard.describe()}; nor with a held-out task of arc1-training: {len(self._held)} pairs"


def check_sides(train: Contents, evaluation: Contents) -> None:
    """Make sure that two sides share no task, whatever it is called and however it is seen.

    Raises:
        LeakError: naming a task of each side that share a pair.
    """
    known = {found: task for task, content in train.items() for found in content}
    for task, content in evaluation.items():
        for found in content:
            if found in known:
                raise LeakError(
                    f"task {task} of the eval side shares a pair with task {known[found]} of the train side, turned or "
                    f"recoloured at most: take one of them out, or leave the split to one call of `arc-train dataset`"
                )


def together(contents: Contents, family: Mapping[str, str] | None = None) -> list[list[str]]:
    """Return the tasks in groups that belong on one side: sharing a pair, or a family where families are given."""
    leader: dict[object, str] = {}
    group: dict[str, str] = {}

    def root(task: str) -> str:
        while group[task] != task:
            group[task] = group[group[task]]
            task = group[task]
        return task

    for task, content in contents.items():
        group[task] = task
        marks: list[object] = [*content]
        if family is not None and family.get(task):
            marks.append(family[task])
        for mark in marks:
            other = root(leader.setdefault(mark, task))
            if other != root(task):
                group[root(task)] = other
    found: dict[str, list[str]] = {}
    for task in contents:
        found.setdefault(root(task), []).append(task)
    return list(found.values())


def assign(
    groups: Sequence[Sequence[str]], share: float, seed: int, fixed: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return each task's side: about `share` of the tasks are `eval`, whole groups, drawn by the seed and their ids.

    Args:
        groups: of `together`.
        share: 0..1. Above 0 and with two groups or more, at least one group is on either side.
        seed: another seed, another draw.
        fixed: sides of tasks that are given; their groups follow them.

    Raises:
        LeakError: a group with tasks that are given on both sides.
    """
    fixed = fixed or {}
    sides: dict[str, str] = {}
    free = []
    for group in groups:
        given = {fixed[task]: task for task in group if task in fixed}
        if len(given) > 1:
            raise LeakError(
                f"tasks {given['train']} and {given['eval']} share content and are given on different sides: "
                f"take one of them out"
            )
        if given:
            sides.update(dict.fromkeys(group, next(iter(given))))
        else:
            free.append(group)
    wanted, taken = share * sum(map(len, free)), 0
    chosen: list[Sequence[str]] = []
    for group in sorted(free, key=lambda group: _draw(seed, group)) if len(free) > 1 else ():
        if taken + len(group) / 2 <= wanted:
            chosen.append(group)
            taken += len(group)
    if share > 0 and len(free) > 1 and len(chosen) in (0, len(free)):
        chosen = [min(free, key=lambda group: (len(group), _draw(seed, group)))]
    for group in free:
        sides.update(dict.fromkeys(group, "train"))
    sides.update((task, "eval") for group in chosen for task in group)
    return sides


def _draw(seed: int, group: Iterable[str]) -> bytes:
    return hashlib.blake2b(f"{seed}/{min(group)}".encode(), digest_size=16).digest()
