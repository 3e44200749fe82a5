"""The proposers that ship, built by name.

fresh, edit, recombine, restart
            the language model (`arc_submit.search.language`), one proposer over one engine
scripted    replays model text from a file: the whole loop without a model, and a fake for tests
rules, ...  one idea each (`arc_submit.symbolic.ideas`), until it has said all it has to say
enumerate   new programs from the DSL, cheapest first
mutate      small edits of a parent
crossover   a child of two parents
"""

import random
import sys
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from arc_submit import views
from arc_submit.budget import Clock
from arc_submit.config import LANGUAGE, RunConfig
from arc_submit.errors import ConfigError, EngineError, ExtractError
from arc_submit.programs import extract, from_source
from arc_submit.records import Completion, Program, Task, View
from arc_submit.sample import build as engines
from arc_submit.sample.scripted import read_script
from arc_submit.search.language import Language
from arc_submit.search.population import Member, Population
from arc_submit.search.proposer import Proposer
from arc_submit.symbolic import Context, Enumerator, crossover, ideas, mutate

_TRIES = 3  # edits drawn for one child before giving up on it
_IDEA_SECONDS = 0.25  # of one turn of an idea; it takes up to as much longer as it looks at its clock
_CONTEXTS = 64  # views of one task whose constants are kept; a kilobyte each


class _Local:
    """A proposer that works in this process, and has nothing to begin, learn or end."""

    produced = 0

    def start(self, populations: Sequence[Population], deadline: float) -> None:
        pass

    def credit(self, task_id: str, proposer: str, gain: float) -> None:
        pass

    def kinds(self, task_id: str) -> dict[str, float]:
        return {}

    def close(self) -> None:
        pass


class Scripted(_Local):
    """Hands out completions from a list, in order, a fixed number per task and round."""

    name = "scripted"

    def __init__(self, texts: Mapping[str, Sequence[str]], per_round: int) -> None:
        self._texts = {task_id: deque(found) for task_id, found in texts.items()}
        self._per_round = per_round

    def propose(self, populations: Sequence[Population], deadline: float) -> list[list[Program]]:
        """Return the programs in the next completions; text without a program counts as handed out."""
        return [self._take(population) for population in populations]

    def exhausted(self, population: Population) -> bool:
        """Return whether the list for this task is used up."""
        return not self._texts.get(population.task.id)

    def release(self, task_id: str) -> None:
        """Forget the rest of the task's list."""
        self._texts.pop(task_id, None)

    def _take(self, population: Population) -> list[Program]:
        waiting = self._texts.get(population.task.id, deque())
        found = []
        for _ in range(min(self._per_round, len(waiting))):
            try:
                found.append(extract(Completion(waiting.popleft(), self.name)))
            except ExtractError as error:
                population.unusable[str(error)] += 1
        return found


class Ideas(_Local):
    """One idea, opened for each task and asked a quarter of a second at a time.

    With `budget.max_rounds` a turn lasts until the idea has nothing more: then what is proposed in a round does not
    depend on how fast the machine is. An idea that fails on a task is over for it, and counted; the others go on. One
    that cannot be loaded fails on every task: a worker does without it rather than without everything.
    """

    def __init__(self, name: str, config: RunConfig, now: Clock) -> None:
        self.name = name
        self._config = config
        self._now = now
        self._make = _loaded(name)
        self._open: dict[str, ideas.Idea | None] = {}
        """Task id -> its idea; None once it is exhausted: its tables are let go."""
        self._reached: dict[str, int] = {}

    def propose(self, populations: Sequence[Population], deadline: float) -> list[list[Program]]:
        """Return what the idea has found for each task in one turn."""
        return [self._advance(population, deadline) for population in populations]

    def exhausted(self, population: Population) -> bool:
        """Return whether the idea has said all it has to say."""
        return self._open.get(population.task.id, ...) is None

    def reached(self) -> dict[str, int]:
        """Return the different states that the idea has reached, by task; empty where it keeps no count (`kept`)."""
        return self._reached

    def release(self, task_id: str) -> None:
        """Forget the task."""
        self._close(task_id)
        self._open.pop(task_id)
        self._reached.pop(task_id, None)

    def _close(self, task_id: str) -> None:
        idea = self._open.get(task_id)
        if idea is not None:
            idea.close()
        self._open[task_id] = None

    def _advance(self, population: Population, deadline: float) -> list[Program]:
        task = population.task
        found: list[Program] = []
        try:
            if task.id not in self._open:
                rng = random.Random(f"{self._config.seed}/{task.id}/{self.name}")
                self._open[task.id] = self._make(task, self._config.symbolic, rng, self._now)
            idea = self._open[task.id]
            until = deadline if self._config.budget.max_rounds else min(deadline, self._now() + _IDEA_SECONDS)
            while idea is not None and not idea.exhausted and self._now() < until:
                found += [from_source(proposal.source, self.name) for proposal in idea.advance(until)]
        except Exception as error:  # whatever an idea stumbles over, the task has other proposers
            population.unusable[f"{self.name}: {type(error).__name__}: {error}"[:120]] += 1
            idea = None
        if (kept := getattr(idea, "kept", None)) is not None:
            self._reached[task.id] = kept
        if idea is None or idea.exhausted:
            self._close(task.id)
        return found


def _loaded(name: str) -> Callable[..., ideas.Idea]:
    try:
        return ideas.load(name)
    except (EngineError, ImportError, OSError) as error:
        why = str(error) if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
        sys.stderr.write(f"{name} is done without: {why}\n")

    def refuse(*_: object) -> ideas.Idea:
        raise EngineError(why)

    return refuse


class Enumerate(_Local):
    """Typed enumeration over the DSL, resumed where it stopped."""

    name = "enumerate"

    def __init__(self, config: RunConfig, now: Clock) -> None:
        self._config = config
        self._now = now
        self._open: dict[str, Enumerator] = {}

    def propose(self, populations: Sequence[Population], deadline: float) -> list[list[Program]]:
        """Return programs right on at least one whole pair, after one round's worth of evaluations."""
        return [self._advance(population, deadline) for population in populations]

    def exhausted(self, population: Population) -> bool:
        """Return whether the space within the configured limits is used up."""
        enumerator = self._open.get(population.task.id)
        return enumerator is not None and enumerator.exhausted

    def release(self, task_id: str) -> None:
        """Drop the bank of values: it is what takes memory."""
        enumerator = self._open.pop(task_id, None)
        if enumerator is not None:
            enumerator.close()

    def _advance(self, population: Population, deadline: float) -> list[Program]:
        task = population.task
        if task.id not in self._open:
            rng = random.Random(f"{self._config.seed}/{task.id}/enumerate")
            self._open[task.id] = Enumerator(task, self._config.symbolic, rng, self._now)
        found = self._open[task.id].advance(deadline, self._config.symbolic.evaluations_per_round)
        return [from_source(find.source, self.name) for find in found]


class _Breeder(_Local, ABC):
    """What mutation and crossover share: parents from the population, a few tries per child.

    A program that was found in a view is edited as it was found, with that view's constants, and wrapped again.
    """

    name: str

    def __init__(self, config: RunConfig, now: Clock, share: float) -> None:
        self._config = config.search
        self._now = now
        self._parents = max(1, round(config.search.parents * share))
        self._contexts: dict[str, dict[str, Context]] = {}
        """Task id -> view of a parent -> its constants."""

    def propose(self, populations: Sequence[Population], deadline: float) -> list[list[Program]]:
        """Return children of each population's parents."""
        return [self._breed(population, deadline) for population in populations]

    def exhausted(self, population: Population) -> bool:
        """Return whether there is nothing to breed from."""
        return len(population) == 0

    def release(self, task_id: str) -> None:
        """Forget the task's constants."""
        self._contexts.pop(task_id, None)

    def _breed(self, population: Population, deadline: float) -> list[Program]:
        children: list[Program] = []
        for parent in population.parents(self._parents):
            for _ in range(self._config.children):
                if self._now() >= deadline:
                    return children
                child = self._child(population, parent)
                if child is not None:
                    children.append(child)
        return children

    def _child(self, population: Population, parent: Member) -> Program | None:
        _, view = views.unwrap(parent.candidate.program)
        context = self._context(population.task, view)
        for _ in range(_TRIES):
            made = self._edit(population, parent, context)
            if made is None:
                continue
            source, parents = made
            try:
                return views.wrap(from_source(source, self.name, parents), view)
            except ExtractError:
                continue  # an edit that no longer parses is dropped
        return None

    def _context(self, task: Task, view: View) -> Context:
        known = self._contexts.setdefault(task.id, {})
        if len(known) > _CONTEXTS:
            known.clear()
        key = views.key(view)
        if key not in known:
            known[key] = Context.from_task(views.apply_task(view, task))
        return known[key]

    @abstractmethod
    def _edit(self, population: Population, parent: Member, context: Context) -> tuple[str, tuple[str, ...]] | None:
        """Return a child's source and the ids of its parents, or None when this draw gave nothing.

        The source is for the view that `parent` was found in, as `context` is.
        """


class Mutate(_Breeder):
    """Small edits of one parent."""

    name = "mutate"

    def _edit(self, population: Population, parent: Member, context: Context) -> tuple[str, tuple[str, ...]] | None:
        program = parent.candidate.program
        source = mutate(views.unwrap(program)[0], population.rng, context)
        return None if source is None else (source, (program.id,))


class Crossover(_Breeder):
    """Children of two parents from one island."""

    name = "crossover"

    def _edit(self, population: Population, parent: Member, context: Context) -> tuple[str, tuple[str, ...]] | None:
        mate = population.mate(parent)
        if mate is None:
            return None
        first, second = parent.candidate.program, mate.candidate.program
        source = crossover(views.unwrap(first)[0], views.unwrap(second)[0], population.rng, context)
        return None if source is None else (source, (first.id, second.id))


def build(config: RunConfig, now: Clock) -> list[Proposer]:
    """Return the proposers that the configuration names, in its order.

    Raises:
        ConfigError: `scripted` without a readable script.
        WeightsError: a checkpoint that is not usable.
        EngineError: the engine's libraries are missing, or it does not start.
    """
    share = config.search.crossover_share
    script, each = config.search.script, config.search.scripted_per_round
    makers: dict[str, Callable[[], Proposer]] = {
        **{name: partial(Ideas, name, config, now) for name in ideas.IDEAS},
        "scripted": lambda: Scripted(read_script(script, "search.script"), each),
        "enumerate": lambda: Enumerate(config, now),
        "mutate": lambda: Mutate(config, now, 1.0 - share),
        "crossover": lambda: Crossover(config, now, share),
    }
    kinds = [name for name in config.search.proposers if name in LANGUAGE]
    found: list[Proposer] = [_language(config, kinds, now)] if kinds else []
    return found + [makers[name]() for name in config.search.proposers if name not in LANGUAGE]


def check(config: RunConfig) -> None:
    """Make sure, without loading anything heavy, that `build` has what it needs.

    Raises:
        ConfigError: libraries that are not installed, no server, `scripted` without a readable script, or an engine
            that cannot lend its model for test-time learning.
        WeightsError: a checkpoint or adapter that is not usable.
    """
    if "scripted" in config.search.proposers:
        read_script(config.search.script, "search.script")
    if set(config.search.proposers) & set(LANGUAGE):
        engines.check(config.sample)
        _check_learning(config)


def _check_learning(config: RunConfig) -> None:
    learning, engine = config.adapt, config.sample.engine
    if learning.mode == "none":
        return
    if engine in ("openai", "scripted"):
        raise ConfigError(
            f"adapt.mode={learning.mode}: sample.engine={engine} has no weights to tune; "
            "take hf or vllm, or adapt.mode=none"
        )
    if engine != "hf" and learning.rank > config.sample.lora_rank:
        raise ConfigError(
            f"adapt.rank={learning.rank}: vLLM has room for rank {config.sample.lora_rank}; raise sample.lora_rank"
        )


def _language(config: RunConfig, kinds: Sequence[str], now: Clock) -> Language:
    return Language(config, engines.build(config.sample, now), kinds)
