"""Hindsight: a wrong program is a right answer to the task of its own outputs.

    pool -> one program per behaviour, the shortest -> the best and the most different -> fresh and edit lessons

The relabelled task has the inputs of the real one and the program's outputs, so nothing that is taught here is wrong.
Relabelling: Andrychowicz et al., arXiv 1707.01495; selection from SOAR's paper (arXiv 2507.14172, 25 best and 25
diverse; what its code published selects is empty). Edits are taught beside fresh answers, since a model tuned on fresh
ones alone edits worse (the same, table 7). No behaviour is taught twice.

Left out: programs that hold an output as a literal, the task's or one of their own, that fail on a demonstration, that
return the input or one output whatever they are given, and programs in another dialect than the model is asked for.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from arc_submit import views
from arc_submit.config import AdaptConfig, PromptsConfig
from arc_submit.errors import PromptError
from arc_submit.programs import holds_literal
from arc_submit.prompts import Attempt, Writer
from arc_submit.prompts.writer import STYLES
from arc_submit.records import Candidate, Dialect, Grid, Pair, Program, Prompt, Task

MOST = 512
"""Behaviours that a pool remembers, some ten times what an update teaches; beyond it the weakest are forgotten."""

Outputs: TypeAlias = tuple[Grid, ...]
"""One grid per demonstration."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Outputs on the demonstrations, and the shortest program that makes them."""

    outputs: Outputs
    program: Program
    reward: float
    solved: int
    """Demonstration pairs that are right."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A prompt and the answer that it should have got."""

    prompt: Prompt
    text: str
    outputs: Outputs
    """The behaviour that it is about."""


class Pool:
    """One task's behaviours, MOST of them at most, and which were taught."""

    def __init__(self, task: Task, prompts: PromptsConfig) -> None:
        self.task = task
        self._prompts = prompts
        self._writer = Writer(prompts)
        self._behaviours: dict[Outputs, Behaviour] = {}
        self._taught: set[Outputs] = set()

    def __len__(self) -> int:
        return len(self._behaviours)

    def add(self, candidates: Sequence[Candidate]) -> None:
        """Take in judged programs."""
        for candidate in candidates:
            found = self._behaviour(candidate)
            known = None if found is None else self._behaviours.get(found.outputs)
            if found is not None and (known is None or found.program.length < known.program.length):
                self._behaviours[found.outputs] = found
        if len(self._behaviours) > MOST:
            strongest = sorted(self._behaviours.values(), key=lambda known: (-known.solved, -known.reward))
            self._behaviours = {known.outputs: known for known in strongest[:MOST]}

    def lessons(self, config: AdaptConfig, rng: random.Random, most: int) -> list[Lesson]:
        """Return at most so many lessons on behaviours not taught before, worst first; from now on they are taught."""
        most = max(0, most)
        waiting = [found for outputs, found in self._behaviours.items() if outputs not in self._taught]
        best = min(config.best, (most + 1) // 2 if config.different else most)
        chosen = select(waiting, best, min(config.different, most - best))
        found = []
        for behaviour in sorted(chosen, key=lambda behaviour: (behaviour.solved, behaviour.reward)):
            lesson = self._lesson(behaviour, config.edits, rng)
            self._taught.add(behaviour.outputs)
            if lesson is not None:
                found.append(lesson)
        return found

    def give_back(self, lessons: Sequence[Lesson]) -> None:
        """Let lessons come again: they were written, but there was no time to teach them."""
        self._taught.difference_update(lesson.outputs for lesson in lessons)

    def _behaviour(self, candidate: Candidate) -> Behaviour | None:
        reward, outputs = candidate.outcome.reward, tuple(grid for grid in candidate.outputs if grid is not None)
        inputs = tuple(pair.input for pair in self.task.train)
        if reward is None or candidate.literal or len(outputs) < len(inputs) or outputs == inputs:
            return None
        if len(outputs) > 1 and len(set(outputs)) == 1:
            return None
        wanted = Dialect.SOLVE if self._prompts.style == "compact" else Dialect(self._prompts.dialect)
        if candidate.program.dialect is not wanted:
            return None
        return Behaviour(outputs, candidate.program, reward, sum(candidate.outcome.solved))

    def _lesson(self, behaviour: Behaviour, edits: float, rng: random.Random) -> Lesson | None:
        source, view = views.unwrap(behaviour.program)
        if holds_literal(source, [views.apply(view, made) for made in behaviour.outputs]):
            return None  # `Candidate.literal` knows the task's outputs only
        pairs = zip(self.task.train, behaviour.outputs, strict=True)
        task = Task(self.task.id, tuple(Pair(pair.input, made) for pair, made in pairs), self.task.test)
        order = tuple(rng.sample(range(len(task.train)), len(task.train)))
        view = views.ordered(view, order)
        parent = self._parent(behaviour, rng) if rng.random() < edits else None
        try:
            if parent is None:
                prompt = self._writer.fresh(task, view)
            else:
                prompt = self._writer.edit(task, _attempt(parent, behaviour.outputs, order), view)
        except PromptError:
            return None  # too long for the budget of tokens, as it would be when the model is asked
        return Lesson(prompt, STYLES[self._prompts.style].answer(source), behaviour.outputs)

    def _parent(self, behaviour: Behaviour, rng: random.Random) -> Behaviour | None:
        """Another behaviour found in the same view, which the lesson turns into this one."""
        frame = views.frame(behaviour.program)
        others = [
            other
            for other in self._behaviours.values()
            if other is not behaviour and views.frame(other.program) == frame
        ]
        return rng.choice(others) if others else None


def select(behaviours: Sequence[Behaviour], best: int, different: int) -> list[Behaviour]:
    """Return the `best` behaviours by whole pairs and reward, and as many as `different` that differ most from those.

    Different: shares the fewest grids with all that was chosen before it; shorter programs first.
    """
    ranked = sorted(behaviours, key=lambda found: (-found.solved, -found.reward, found.program.length))
    chosen, left = ranked[:best], ranked[best:]
    seen = {grid for found in chosen for grid in found.outputs}
    for _ in range(min(different, len(left))):
        pick = min(left, key=lambda found: (sum(grid in seen for grid in found.outputs), found.program.length))
        left.remove(pick)
        chosen.append(pick)
        seen.update(pick.outputs)
    return chosen


def _attempt(parent: Behaviour, wanted: Outputs, order: Sequence[int]) -> Attempt:
    """The parent as a prompt in its own view shows it, judged by the relabelled task."""
    source, view = views.unwrap(parent.program)
    outputs = tuple(views.apply(view, parent.outputs[index]) for index in order)
    solved = tuple(parent.outputs[index] == wanted[index] for index in order)
    return Attempt(parent.program.id, source, outputs, solved)
