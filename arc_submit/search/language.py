"""The language model as a proposer: four kinds of prompts, one engine, one batch a round.

    fresh      the task in a view drawn anew for every prompt (the first as it stands)
    edit       a parent, in the view that it was found in, with what it made
    recombine  two parents of one island that were found in the same view
    restart    the best attempts so far and the wish for something else, once nothing got better for a while

Where the model learns from its own answers (`arc_submit.adapt`), a share of the fresh prompts leave one demonstration
out, so that a reward says something of a pair that was not shown; each task's prompts are sampled under its adapter,
and what was sampled is kept until the learner has heard it.

A round asks for `search.prompts` prompts of each task and shares them out among the kinds by what has paid off on this
task (`arc_submit.search.shares`). All prompts of all tasks of a round go to the engine together. Its answers are turned
into programs here: the compact style leaves the import line away, views are undone by `views.wrap`.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from arc_submit import views
from arc_submit.config import RunConfig
from arc_submit.errors import ExtractError, PromptError
from arc_submit.programs import extract, from_source
from arc_submit.prompts import Attempt, Writer
from arc_submit.prompts.compact import IMPORT
from arc_submit.records import Candidate, Completion, Dialect, Program, Prompt, Task, View
from arc_submit.sample import Engine, Request, request_seed
from arc_submit.search.population import Population
from arc_submit.search.shares import Shares

KINDS = ("fresh", "edit", "recombine", "restart")


@dataclass(frozen=True, slots=True)
class _Ask:
    """One prompt on its way."""

    population: int
    kind: str
    request: Request


@dataclass(frozen=True, slots=True)
class Sampled:
    """A prompt, its answers, and the programs in them."""

    prompt: Prompt
    completions: tuple[Completion, ...]
    programs: tuple[str | None, ...]
    """Id of the program of each answer, None where there is none."""


class Language:
    """See the module. `kinds` are those of KINDS that the run's proposers name."""

    name = "lm"

    def __init__(self, config: RunConfig, engine: Engine, kinds: Sequence[str]) -> None:
        self._config, self._engine, self._kinds = config, engine, tuple(kinds)
        self._writer = Writer(config.prompts)
        self._turns: dict[str, int] = {}
        self._shares: dict[str, Shares] = {}
        self._mute: set[str] = set()
        self.adapters: dict[str, Path] = {}
        """Task -> LoRA folder that its prompts are sampled under; else what the engine began with."""
        self._began_with = engine.adapter
        self._learns = config.adapt.mode != "none"
        self._leave_out = config.adapt.leave_out if config.adapt.mode in ("grpo", "both") else 0.0
        self._sampled: dict[str, list[Sampled]] = {}
        overlap = config.search.overlap
        apart = not engine.on_cpu if overlap == "auto" else overlap
        self._thread = ThreadPoolExecutor(1, "engine") if apart else None
        self._begun: Future[list[list[Completion]]] | None = None
        self._asks: list[_Ask] | None = None
        """Prompts of the round that has begun; None between rounds."""

    @property
    def produced(self) -> int:
        """Tokens decoded since the start."""
        return self._engine.produced

    @property
    def engine(self) -> Engine:
        """The model behind it."""
        return self._engine

    def sampled(self, task_id: str) -> list[Sampled]:
        """Return what was sampled for a task since this was last asked; nothing is kept where nothing learns."""
        return self._sampled.pop(task_id, [])

    def kinds(self, task_id: str) -> dict[str, float]:
        """Return the kinds' shares of the prompts for a task."""
        return self._shares[task_id].shares() if task_id in self._shares else {}

    def start(self, populations: Sequence[Population], deadline: float) -> None:
        """Send a round's prompts; where the engine is not on this CPU it decodes while others propose."""
        asks = [ask for index, population in enumerate(populations) for ask in self._ask(index, population)]
        self._asks = asks
        if self._thread is not None:
            self._begun = self._thread.submit(self._sample, asks, deadline)

    def propose(self, populations: Sequence[Population], deadline: float) -> list[list[Program]]:
        """Return the programs of the round that `start` sent, or of a new one."""
        if self._asks is None:
            self.start(populations, deadline)
        asks = self._asks or []
        answers = self._begun.result() if self._begun is not None else self._sample(asks, deadline)
        found: list[list[Program]] = [[] for _ in populations]
        for ask, completions in zip(asks, answers, strict=True):
            population = populations[ask.population]
            found[ask.population].extend(self._programs(ask, completions, population))
        self._asks, self._begun = None, None
        return found

    def exhausted(self, population: Population) -> bool:
        """Return whether not one prompt can be written; else there is always another sample."""
        return population.task.id in self._mute and len(population) == 0

    def release(self, task_id: str) -> None:
        """Forget the task's turn and shares."""
        self._turns.pop(task_id, None)
        self._sampled.pop(task_id, None)
        self._shares.pop(task_id, None)
        self._mute.discard(task_id)

    def credit(self, task_id: str, proposer: str, gain: float) -> None:
        """Hear what one of its programs was worth."""
        if task_id in self._shares and proposer in self._kinds:
            self._shares[task_id].credit(proposer, gain)

    def close(self) -> None:
        """End the engine."""
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)
        self._engine.close()

    # Prompts. --------------------------------------------------------------------------------------------------------

    def _ask(self, index: int, population: Population) -> list[_Ask]:
        task_id = population.task.id
        turn = self._turns[task_id] = self._turns.get(task_id, -1) + 1
        shares = self._shares.setdefault(task_id, Shares(self._kinds, self._config.search.floor))
        found: list[_Ask] = []
        for kind in shares.draw(self._config.search.prompts, population.rng):
            first = turn == 0 and not found
            prompt = self._prompt(kind, population, first)
            if prompt is None and kind != "fresh":  # nothing to edit yet, or no room for it
                kind, prompt = "fresh", self._prompt("fresh", population, first)
            if prompt is not None:
                seed = request_seed(self._config.seed, task_id, turn, len(found))
                found.append(_Ask(index, kind, Request(prompt, self._config.search.samples, seed)))
        (self._mute.discard if found else self._mute.add)(task_id)
        return found

    def _prompt(self, kind: str, population: Population, first: bool) -> Prompt | None:
        try:
            prompt = self._write(kind, population, first)
        except PromptError:
            population.unusable[f"no prompt: {kind} would be longer than prompts.tokens"] += 1
            return None
        if prompt is not None and self._refused(prompt):
            population.unusable[f"no prompt: {kind} would be longer than the model's context"] += 1
            return None
        return prompt

    def _refused(self, prompt: Prompt) -> bool:
        """One prompt without room for an answer and the engine refuses the round; a server's count is only a guess."""
        return self._engine.name != "openai" and self._engine.count(prompt) >= self._engine.context

    def _write(self, kind: str, population: Population, first: bool) -> Prompt | None:
        if kind == "edit":
            return self._edit(population)
        if kind == "recombine":
            return self._recombine(population)
        if kind == "restart":
            return self._restart(population)
        return self._fresh(population, first)

    def _fresh(self, population: Population, first: bool) -> Prompt | None:
        if "fresh" not in self._kinds:
            return None
        task = population.task
        if first:
            return self._writer.fresh(task, View())
        view = views.draw(population.rng, len(task.train))
        if len(task.train) > 1 and self._leave_out and population.rng.random() < self._leave_out:
            view = views.ordered(view, view.order[1:])
        return self._writer.fresh(task, view)

    def _edit(self, population: Population) -> Prompt | None:
        for member in population.parents(1):
            view, attempt = _shown(member.candidate, population.task)
            return self._writer.edit(population.task, attempt, view)
        return None

    def _recombine(self, population: Population) -> Prompt | None:
        for member in population.parents(1):
            mate = population.mate(member)
            if mate is None:
                return None
            view, first = _shown(member.candidate, population.task)
            _, second = _shown(mate.candidate, population.task, view)
            return self._writer.crossover(population.task, first, second, view)
        return None

    def _restart(self, population: Population) -> Prompt | None:
        if population.stale < self._config.search.restart_prompt_after:
            return None
        plain = [member for member in population.best_members(8) if not member.candidate.program.view]
        attempts = [_shown(member.candidate, population.task)[1] for member in plain]
        return self._writer.restart(population.task, attempts) if attempts else None

    # Answers. --------------------------------------------------------------------------------------------------------

    def _sample(self, asks: Sequence[_Ask], deadline: float) -> list[list[Completion]]:
        """One engine call for each adapter that the prompts' tasks have."""
        answers: dict[int, list[Completion]] = {}
        wanted = {
            index: self.adapters.get(ask.request.prompt.task_id, self._began_with) for index, ask in enumerate(asks)
        }
        for adapter in dict.fromkeys(wanted.values()):
            if self._engine.adapter != adapter:
                self._engine.adapt(adapter)
            members = [index for index, own in wanted.items() if own == adapter]
            found = self._engine.sample([asks[index].request for index in members], deadline)
            answers.update(zip(members, found, strict=True))
        return [answers[index] for index in range(len(asks))]

    def _programs(self, ask: _Ask, completions: Sequence[Completion], population: Population) -> list[Program]:
        found = []
        ids: list[str | None] = []
        prompt = ask.request.prompt
        hidden = views.left_out(prompt.view, len(population.task.train))
        view = views.ordered(prompt.view, ()) if hidden else prompt.view  # its edits show every demonstration
        for completion in completions:
            population.tokens += len(completion.tokens)
            try:
                found.append(program(replace(completion, proposer=ask.kind, parents=prompt.parents), view))
                ids.append(found[-1].id)
            except ExtractError as error:
                ids.append(None)
                population.unusable[str(error)] += 1
                population.wasted[ask.kind] += 1
        if self._learns:
            said = Sampled(prompt, tuple(completions), tuple(ids))
            self._sampled.setdefault(population.task.id, []).append(said)
        return found


def program(completion: Completion, view: View) -> Program:
    """Return the program in an answer, with the DSL's import where it has none, wrapped to run on original grids.

    Raises:
        ExtractError: no program in it.
    """
    found = extract(completion)
    if found.dialect is Dialect.SOLVE and "arc_dsl" not in found.source:
        found = from_source(f"{IMPORT}\n\n\n{found.source}", found.proposer, found.parents)
    return views.wrap(found, view)


def _shown(candidate: Candidate, task: Task, beside: View | None = None) -> tuple[View, Attempt]:
    """The view that a candidate's program was found in, and the program as a prompt in that view shows it.

    `beside` is a view that differs in the order of the demonstrations at most, and is taken instead.
    """
    source, own = views.unwrap(candidate.program)
    view = beside or own
    order = view.order or tuple(range(len(task.train)))
    outputs = tuple(None if (grid := candidate.outputs[index]) is None else views.apply(view, grid) for index in order)
    solved = tuple(candidate.outcome.solved[index] for index in order)
    return view, Attempt(candidate.program.id, source, outputs, solved)
