"""Children of programs: asked of a model or of symbolic mutation, run, and compared with their parent.

A child is better when its fitness (`arc_submit.search.fitness`) is above its parent's, as search sees it; it gains
when its reward is (`arc_submit.verify`), which traces are kept by. It is judged in the sandbox, by demonstrations
alone. Children are counted once per parent, and a parent's own text never.

Left out: crossover, views, parents chosen by Thompson sampling; a child's later fate.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from arc_submit.errors import ExtractError, PromptError
from arc_submit.programs import from_source
from arc_submit.prompts import Attempt, Writer
from arc_submit.records import Candidate, Program, Task
from arc_submit.sample import Engine, Request, request_seed
from arc_submit.sandbox import Sandbox
from arc_submit.search.fitness import fitness
from arc_submit.search.language import program
from arc_submit.symbolic import mutate
from arc_submit.verify import edit_reward
from arc_submit.verify.trial import trial
from training.evaluate.parents import JUDGE_SECONDS, Parent

TRIES = 3  # edits drawn for one mutant before giving up on it, as in search
PROBES = 4
ENGINE_SECONDS = 3600.0  # what one engine batch may take at most

Proposer: TypeAlias = Callable[[Sequence[Parent], int], list[list[Program | None]]]
"""Parents and turn in, children of each out; None for one that came to nothing."""


@dataclass(frozen=True, slots=True)
class Child:
    """A program that ran."""

    better: bool
    gains: bool
    repeats: bool
    """Gave what its parent gives."""
    passes: bool
    id: str
    fitness: float


@dataclass(slots=True)
class Brood:
    """The children of one parent by one side, in their order."""

    asked: int = 0
    unusable: int = 0
    """No program in the answer, or no edit found."""
    children: list[Child] = field(default_factory=list)
    """Distinct, run."""
    known: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Spent:
    """Seconds."""

    propose: float = 0.0
    judge: float = 0.0

    @property
    def total(self) -> float:
        """All of them."""
        return self.propose + self.judge


def edits(engine: Engine, writer: Writer, children: int, seed: int) -> Proposer:
    """Return the model as a proposer: one edit prompt per parent, all parents in one batch."""

    def propose(parents: Sequence[Parent], turn: int) -> list[list[Program | None]]:
        requests, owners = [], []
        for index, parent in enumerate(parents):
            shown = parent.candidate
            attempt = Attempt(shown.program.id, shown.program.source, shown.outputs, shown.outcome.solved)
            try:
                prompt = writer.edit(parent.task, attempt)
            except PromptError:
                continue  # too long for the budget: this side has no children of it
            requests.append(Request(prompt, children, request_seed(seed, parent.task.id, turn, parent.number)))
            owners.append(index)
        found: list[list[Program | None]] = [[None] * children for _ in parents]
        answers = engine.sample(requests, time.monotonic() + ENGINE_SECONDS)
        for owner, request, completions in zip(owners, requests, answers, strict=True):
            for number, completion in enumerate(completions):
                try:
                    found[owner][number] = program(completion, request.prompt.view)
                except ExtractError:
                    continue
        return found

    return propose


def mutants(children: int, seed: int) -> Proposer:
    """Return symbolic mutation as a proposer."""

    def propose(parents: Sequence[Parent], turn: int) -> list[list[Program | None]]:
        found = []
        for parent in parents:
            rng = random.Random(f"{seed}/{parent.task.id}/{turn}/{parent.number}")
            found.append([_mutant(parent, rng) for _ in range(children)])
        return found

    return propose


def _mutant(parent: Parent, rng: random.Random) -> Program | None:
    for _ in range(TRIES):
        source = mutate(parent.candidate.program.source, rng, parent.context)
        if source is None:
            return None
        try:
            return from_source(source, "mutate", (parent.candidate.program.id,))
        except ExtractError:
            continue
    return None


def breed(
    parents: Sequence[Parent], maker: Proposer, sandbox: Sandbox, turn: int, broods: Sequence[Brood], spent: Spent
) -> None:
    """Ask for children of all parents, run the new ones and add them to the broods."""
    began = time.monotonic()
    proposed = maker(parents, turn)
    asked = time.monotonic()
    batch: list[tuple[Task, list[Program]]] = []
    for parent, brood, made in zip(parents, broods, proposed, strict=True):
        new = []
        brood.asked += len(made)
        for child in made:
            if child is None:
                brood.unusable += 1
            elif child.id != parent.candidate.program.id and child.id not in brood.known:
                brood.known.add(child.id)
                new.append(child)
        batch.append((parent.task, new))
    judged = trial(sandbox, batch, PROBES, time.monotonic() + JUDGE_SECONDS)
    for parent, brood, candidates in zip(parents, broods, judged, strict=True):
        brood.children += [
            _child(parent, candidate) for candidate in candidates if candidate.outcome.reward is not None
        ]
    spent.propose += asked - began
    spent.judge += time.monotonic() - asked


def _child(parent: Parent, candidate: Candidate) -> Child:
    reached = 0.0 if candidate.literal else fitness(candidate.outcome, parent.baseline)
    gain = edit_reward(candidate.outcome, parent.candidate.outcome)
    return Child(
        better=reached > parent.fitness + 1e-9,
        gains=not candidate.literal and gain is not None and gain > 1e-9,
        repeats=candidate.outcome.signature == parent.candidate.outcome.signature,
        passes=candidate.outcome.passes and not candidate.literal,
        id=candidate.program.id,
        fitness=reached,
    )
