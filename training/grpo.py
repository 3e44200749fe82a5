"""GRPO over many tasks: the loss, the judge and the guard of test time, on a model that is tuned once for all.

    python -m training.grpo --recipe toy --out out/grpo-toy          three seeds, measured before and after
    python -m training.grpo --generators symmetry,lines --batches 60 --out out/grpo --set adapt.policy_rate=3e-4
    python -m training.grpo --real --batches 400 --prompts 16 --group 64 --out out/grpo --set sample.model=FOLDER
    python -m training.grpo --driver trl ...                         trl's trainer instead, for GPUs (`grpo_trl`)

    curriculum -> prompts -> a group of answers each -> sandbox and judge -> advantages -> steps of adapt.batch answers
      -> adapter -> engine, and so on

One sampler, several optimizer steps per batch of samples; answers that could not be judged, or were cut off, bear no
loss. Every batch of samples is held against what the start sampled (`arc_submit.adapt.guard`): where it looks much
worse, the last adapter that looked well comes back and the run ends, saying why. Stopped, the same command goes on from
its last checkpoint, to the same result.

In the folder: `adapter/` (peft's format, safetensors), `curves.json` and `.svg`, `curriculum.json`, `result.json`.
`--set` takes the solver's settings: adapt.* (rank, policy_rate, batch, clip, ...), sample.*, prompts.*.

Left out: edit prompts; a critic; an optimizer that outlives its batch of samples (as at test time, it begins anew with
each, so a checkpoint is the adapter and a place); several processes, which the trl driver is for.
"""

import argparse
import json
import math
import os
import random
import re
import shutil
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import fmean
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import Field, ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from arc_submit.adapt.advantage import advantages
from arc_submit.adapt.guard import Guard, Signs, signs
from arc_submit.adapt.learner import probe
from arc_submit.adapt.records import Example, Group, Learnt, Move, divergence
from arc_submit.config import AdaptConfig, Count, RunConfig, Stage, load
from arc_submit.errors import ArcSubmitError, ConfigError, EngineError, PromptError, ResumeError
from arc_submit.prompts import Writer
from arc_submit.records import Completion, Prompt, Task
from arc_submit.sample import Engine, Request, chat, request_seed
from arc_submit.sample.engine import Lender
from arc_submit.sample.forcing import Forcing, Thinking, chosen
from arc_submit.sandbox import Sandbox
from training import charts, rollouts
from training.curriculum import Curriculum, Pick

if TYPE_CHECKING:
    from arc_submit.adapt.lora import Lora, State
    from arc_submit.adapt.step import Trainer

RECIPES = Path(__file__).parent / "recipes" / "grpo"
PROBED = 16  # answers that the divergence from the start is measured on, and that tell what the engine wears
FEW = 4  # tasks of each level that the start is sampled on, for the guard
LINE = 15.0  # seconds between two lines where there is no terminal
SECONDS = 3600.0  # that an engine may take for a batch: more than it ever does
REAL = "real"  # in place of a level: real tasks change theirs
MEASURED = "measured"


class Plan(Stage):
    """What is learnt from, and how much. How it is learnt stands in `adapt`."""

    generators: tuple[str, ...] = ()
    """Families of `training.tasks`, or single generators (`symmetry/unfold`); comma-separated on the command line."""
    items: Count = 4
    """Tasks of each generator."""
    real: bool = False
    """Learn from the learning side of `training.split` too."""
    batches: Count = 40
    """Batches of samples."""
    prompts: Count = 8
    """Prompts, each of another task, of one batch."""
    group: Annotated[int, Field(ge=2)] = 32
    """Answers to each."""
    measured: Annotated[int, Field(ge=0)] = 48
    """Tasks that the mean reward is measured on before and after, and that nothing is learnt from."""
    answers: Count = 16
    """Answers to each of them; the random numbers are always the same."""
    measure_every: Annotated[int, Field(ge=0)] = 0
    """Batches between two measurements on the way; 0: none."""
    save_every: Count = 5
    """Batches between two checkpoints."""
    least_thinking: Annotated[int, Field(ge=0)] = 0
    """Tokens that a model thinks at least and at most (`arc_submit.sample.forcing`); 0: it is not forced."""
    most_thinking: Annotated[int, Field(ge=0)] = 0
    margin: Annotated[float, Field(ge=0.0)] | None = None
    """By how much the mean reward is to rise, for every seed; a run that misses it exits with 1."""


class Recipe(Stage):
    """A file of training/recipes/grpo."""

    seeds: tuple[int, ...] = (0,)
    settings: tuple[str, ...] = ()
    """As after --set."""
    plan: Plan = Plan()


@dataclass(slots=True)
class Place:
    """Where a run stands; what a checkpoint holds beside factors and curriculum."""

    batch: int = 0
    """Batches of samples that are done."""
    before: float | None = None
    """Mean reward on the measured tasks under the start; None: nothing is measured."""
    baseline: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Level -> signs of the start's answers to its tasks."""
    curves: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    """Name -> (batch, value)."""
    kl: float = 0.0
    """Divergence of the last adapter that was seen to be well from the start, nats per token."""
    unscored: int = 0
    seconds: float = 0.0
    why: str = ""
    """Why the run ended early."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run came to; `result.json`."""

    seed: int
    before: float | None
    """Mean reward of the measured tasks, 0..1.2."""
    after: float | None
    batches: int
    retired: int
    unscored: int
    kl: float
    seconds: float
    why: str
    """Why it ended early; empty when it did not."""
    guard: str
    """What keeps the measured tasks apart from those learnt from."""

    @property
    def gain(self) -> float | None:
        """By how much the mean reward rose."""
        return None if self.before is None or self.after is None else self.after - self.before


class Run:
    """One run in a folder. A context manager: it holds an engine and a sandbox.

    Raises:
        ConfigError: nothing to learn from, or an engine that does not lend its model.
        ResumeError: the folder holds a run with other settings.
    """

    def __init__(self, plan: Plan, config: RunConfig, out: Path) -> None:
        from arc_submit.sample.build import build

        self.plan, self.config, self.out = plan, config, out
        self._told = described(plan, config, "own")
        self.tasks = gathered(plan, config.seed)
        self.curriculum = Curriculum({task_id: source.lines for task_id, source in self.tasks.learn.items()})
        self.place = Place()
        out.mkdir(parents=True, exist_ok=True)
        found = _latest(out)
        if found is not None:
            _same(out, json.loads((found / "place.json").read_text("utf-8"))["of"], self._told)
        self._writer = Writer(config.prompts)
        self._engine = cast(Lender, build(config.sample))
        if not hasattr(self._engine, "lend"):
            raise ConfigError(f"sample.engine={self._engine.name} cannot be trained; expected hf or vllm")
        self._sampler = forcing(self._engine, plan)
        self._sandbox = Sandbox(config.sandbox)
        self._start = self._engine.adapter
        self._lora, self._trainer = self._ready()
        self._good: State = self._lora.snapshot()
        if found is not None:
            self._resume(found)

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._sandbox.close()
        self._engine.close()

    def train(self, show: "Show") -> Result:
        """Go on to the end, and write adapter, curves and result."""
        place, plan = self.place, self.plan
        if not place.baseline:
            self._look_at_start()
        while place.batch < plan.batches and not place.why:
            began = time.monotonic()
            self._batch()
            place.seconds += time.monotonic() - began
            show.update(place.batch, self._text())
            due = plan.measure_every and place.batch % plan.measure_every == 0 and place.batch < plan.batches
            if due and not place.why:
                self._mark("measured", self.measure()[0])
            if not place.why and (place.batch % plan.save_every == 0 or place.batch == plan.batches):
                self._save()
        return self._finish()

    # One batch of samples. --------------------------------------------------------------------------------------------

    def _batch(self) -> None:
        place = self.place
        number = place.batch
        rng = random.Random(f"{self.config.seed}/{number}/grpo")
        picks = self.curriculum.draw(self.plan.prompts, rng)
        if not picks:
            place.why = "every task has retired"
            return
        asked = self._asked([(pick, self.tasks.learn[pick.task_id].task) for pick in picks], rng)
        groups, completions = self._answered(asked, number)
        kl = self._divergence(groups, completions)
        if why := self._breach(groups, kl):
            self._roll_back(f"guard, before batch {number + 1}: {why}")
            return
        self._good, place.kl = self._lora.snapshot(), kl
        for found in groups:
            self.curriculum.heard(found.task_id, [answer.reward for answer in found.answers])
        learnt = self._update(groups, completions, rng)
        if not place.why:
            place.batch += 1
            self._note(groups, learnt)

    def _asked(self, picked: Sequence[tuple[Pick, Task]], rng: random.Random) -> list[tuple[Task, Prompt]]:
        """Prompts of the tasks that fit into the model."""
        found = []
        for pick, task in picked:
            try:
                prompt = rollouts.fresh(
                    self._writer, task, rng, augmented=pick.augmented, leave_out=self.config.adapt.leave_out
                )
            except PromptError:
                continue
            if self._engine.count(prompt) < self._engine.context:
                found.append((task, prompt))
        return found

    def _answered(self, asked: Sequence[tuple[Task, Prompt]], turn: int) -> tuple[list[Group], list[list[Completion]]]:
        """A group of answers to each prompt, judged; and the answers as they came."""
        requests = [
            Request(prompt, self.plan.group, request_seed(self.config.seed, task.id, turn, index))
            for index, (task, prompt) in enumerate(asked)
        ]
        found = self._sampler.sample(requests, time.monotonic() + SECONDS)
        batch = [(task, prompt, own) for (task, prompt), own in zip(asked, found, strict=True)]
        return rollouts.judged(self._sandbox, batch), found

    def _update(
        self, groups: Sequence[Group], completions: Sequence[Sequence[Completion]], rng: random.Random
    ) -> Learnt:
        """Steps on the answers of a batch; the engine wears the adapter afterwards."""
        examples = lessons(groups, completions, self._engine.tokenizer, scale=self.config.adapt.scale)
        rng.shuffle(examples)
        if not examples:
            self._wear()
            return Learnt()
        rank = self._lora.rank
        self._engine.lend()
        learnt = self._trainer.reinforce(examples, math.inf)
        if learnt.why.startswith("memory") or self._lora.rank != rank:
            raise EngineError("out of memory; lower adapt.micro_tokens or adapt.rank, and begin in another folder")
        if learnt.why:
            self._roll_back(learnt.why)
            return learnt
        moves = self._trainer.moves(examples[:: max(1, len(examples) // PROBED)][:PROBED])
        self._wear()
        if why := probe(self._engine, moves):
            raise EngineError(why)
        return learnt

    def _roll_back(self, why: str) -> None:
        """The run is over; the last adapter that was seen to be well comes back."""
        self.place.why = why
        self._lora.restore(self._good)

    def _divergence(self, groups: Sequence[Group], completions: Sequence[Sequence[Completion]]) -> float:
        """How far the adapter that sampled some answers is from the start, nats per token; the engine's comes off.

        On answers of its own: on those of an earlier adapter the estimate blows up where a token has been unlearnt.
        """
        flat = [
            (one.prompt, completion)
            for one, own in zip(groups, completions, strict=True)
            for completion in own
            if completion.tokens
        ]
        few = [
            part
            for prompt, completion in flat[:: max(1, len(flat) // PROBED)][:PROBED]
            for part in parts(chat.render(self._engine.tokenizer, prompt), completion)
        ]
        self._engine.lend()
        start = self._trainer.logprobs(few, at_start=True)
        return divergence([Move(part, part.old, was) for part, was in zip(few, start, strict=True)])

    def _breach(self, groups: Sequence[Group], kl: float) -> str | None:
        """What is wrong with the present adapter's samples, held against the start's on tasks of the same levels."""
        if self.place.batch == 0:
            return None
        baseline = {level: Signs(**told) for level, told in self.place.baseline.items()}
        guard = Guard(self.config.adapt)
        for level, count in Counter(map(self._level, groups)).items():
            if level in baseline:
                guard.before(_weighed(baseline[level], count * self.plan.group))
        return guard.breach(signs(groups), kl)

    def _level(self, found: Group) -> str:
        return _level(self.tasks.learn[found.task_id])

    # Measuring. -------------------------------------------------------------------------------------------------------

    def measure(self) -> tuple[float | None, list[Group], list[list[Completion]]]:
        """Return the mean reward of the measured tasks, 0..1.2, and their answers."""
        return measured(self._sampler, self._sandbox, self._writer, self.tasks.measure, self.plan.answers)

    def _look_at_start(self) -> None:
        """Sample under the start: what is measured, and a few tasks of every level for the guard."""
        if self.tasks.measure:
            self.place.before, groups, _ = self.measure()
            self.place.baseline[MEASURED] = asdict(signs(groups))
            self._mark("measured", self.place.before)
        rng = random.Random(f"{self.config.seed}/start")
        by_level: dict[str, list[Task]] = {}
        for source in self.tasks.learn.values():
            by_level.setdefault(_level(source), []).append(source.task)
        for level, members in by_level.items():
            few = rng.sample(members, min(FEW, len(members)))
            asked = self._asked([(Pick(task.id, 0, False), task) for task in few], rng)
            self.place.baseline[level] = asdict(signs(self._answered(asked, -1)[0]))

    def _finish(self) -> Result:
        """Measure, write what there is to write, and say what the run came to."""
        place = self.place
        self._wear()
        after = None
        if self.tasks.measure:
            after, groups, completions = self.measure()
            if not place.why:
                kl = self._divergence(groups, completions)
                if why := spoilt(self.config.adapt, Signs(**place.baseline[MEASURED]), signs(groups), kl):
                    self._roll_back(f"guard, at the end: {why}")
                    self._wear()
                    after, _, _ = self.measure()
                else:
                    place.kl = kl
            self._mark("measured", after)
        self._lora.save(self.out / "adapter")
        self.curriculum.save(self.out / "curriculum.json")
        self._draw()
        result = Result(
            self.config.seed,
            place.before,
            after,
            place.batch,
            self.curriculum.retired,
            place.unscored,
            round(place.kl, 4),
            round(place.seconds, 1),
            place.why,
            self.tasks.guard,
        )
        shutil.rmtree(self.out / "present", ignore_errors=True)
        write(self.out, result, self._told)
        return result

    # What is kept. ----------------------------------------------------------------------------------------------------

    def _note(self, groups: Sequence[Group], learnt: Learnt) -> None:
        found, place = signs(groups), self.place
        rewards = [answer.reward for one in groups for answer in one.answers]
        place.unscored += rewards.count(None)
        scored = [reward for reward in rewards if reward is not None]
        if scored:
            self._mark("reward", fmean(scored))
        for name in ("valid", "distinct", "length"):
            self._mark(name, getattr(found, name))
        self._mark("kl", place.kl)
        self._mark("clipped", learnt.clipped)

    def _mark(self, name: str, value: float | None) -> None:
        if value is not None:
            self.place.curves.setdefault(name, []).append((self.place.batch, round(value, 5)))

    def _text(self) -> str:
        last = {name: points[-1][1] for name, points in self.place.curves.items()}
        words = [f"{name} {last[name]:.2f}" for name in ("reward", "valid", "distinct") if name in last]
        return "  ".join([*words, f"level {self.curriculum.level}", f"{self.curriculum.retired} retired"])

    def _draw(self) -> None:
        (self.out / "curves.json").write_text(json.dumps(self.place.curves))
        shown = self._points("reward", "measured")
        charts.curves(self.out / "curves.svg", "mean reward", shown, "batches of samples", "reward, 0..1.2")
        shares = self._points("valid", "distinct", "clipped")
        charts.curves(self.out / "curves-signs.svg", "signs", shares, "batches of samples", "share of the answers")

    def _points(self, *names: str) -> dict[str, list[charts.Point]]:
        return {name: [*self.place.curves[name]] for name in names if name in self.place.curves}

    def _save(self) -> None:
        """Write a checkpoint: whole under its own name or not at all; the one before goes afterwards."""
        waiting, folder = self.out / "checkpoint.part", self.out / f"checkpoint-{self.place.batch}"
        shutil.rmtree(waiting, ignore_errors=True)
        self._lora.save(waiting / "adapter")
        now = self._lora.snapshot()
        self._lora.restore(self._good)
        self._lora.save(waiting / "good")
        self._lora.restore(now)
        self.curriculum.save(waiting / "curriculum.json")
        _write(waiting / "place.json", {"of": self._told, "place": asdict(self.place)})
        shutil.rmtree(folder, ignore_errors=True)
        waiting.rename(folder)
        for other in _checkpoints(self.out):
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
        self.curriculum.save(self.out / "curriculum.json")
        self._draw()

    def _resume(self, folder: Path) -> None:
        told = json.loads((folder / "place.json").read_text("utf-8"))["place"]
        told["curves"] = {name: [(batch, value) for batch, value in points] for name, points in told["curves"].items()}
        self.place = Place(**told)
        self.curriculum.resume(folder / "curriculum.json")
        self._good = read_factors(folder / "good")
        self._lora.restore(read_factors(folder / "adapter"))
        self._wear()

    # The adapter. -----------------------------------------------------------------------------------------------------

    def _ready(self) -> "tuple[Lora, Trainer]":
        """The adapter beside the engine's model. Brings in torch."""
        from arc_submit.adapt.lora import Lora
        from arc_submit.adapt.step import Trainer

        model = self._engine.lend()
        lora = Lora(model, self.config.adapt, self.config.seed, self._start, self._engine.folder)
        self._engine.adapt(self._start)
        return lora, Trainer(lora, self.config.adapt, time.monotonic)

    def _wear(self) -> None:
        """Give the engine the factors as they are."""
        self._lora.save(self.out / "present")
        self._engine.adapt(self.out / "present")


class Show:
    """Where a run stands: a bar on a terminal, else a line every 15 seconds. Used as a context."""

    def __init__(self, name: str, total: int) -> None:
        terminal = sys.stderr.isatty()
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self._name, self._total, self._lines = name, total, not terminal
        self._bar = Progress(*columns, console=Console(stderr=True), disable=not terminal)
        self._shown_as = self._bar.add_task(name, total=total)
        self._last = time.monotonic()

    def __enter__(self) -> "Show":
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bar.stop()

    def update(self, done: int, text: str) -> None:
        """Say how many batches are done, and how they look."""
        self._bar.update(self._shown_as, completed=done, description=f"{self._name}  {text}")
        now = time.monotonic()
        if self._lines and (now - self._last > LINE or done >= self._total):
            self._last = now
            print(f"{self._name}  {done}/{self._total}  {text}", file=sys.stderr, flush=True)


def gathered(plan: Plan, seed: int) -> rollouts.Tasks:
    """Return what a plan learns from and measures on.

    Raises:
        ConfigError: nothing to learn from, or an unknown generator.
    """
    parts = []
    both = bool(plan.generators) and plan.real
    share = plan.measured // 2 if both else plan.measured
    if plan.generators:
        parts.append(rollouts.generated(plan.generators, seed, plan.items, share))
    if plan.real:
        parts.append(rollouts.real(plan.measured - share if both else share))
    if not parts:
        raise ConfigError("nothing to learn from; expected --recipe, --generators or --real")
    return rollouts.together(parts)


def measured(
    sampler: Engine, sandbox: Sandbox, writer: Writer, tasks: Sequence[Task], answers: int
) -> tuple[float | None, list[Group], list[list[Completion]]]:
    """Return the mean reward of some tasks, 0..1.2, and the answers behind it; always the same requests.

    None: not one answer could be judged.
    """
    asked = []
    for task in tasks:
        try:
            prompt = writer.fresh(task)
        except PromptError:
            continue
        if sampler.count(prompt) < sampler.context:
            asked.append((task, prompt))
    requests = [Request(prompt, answers, request_seed(0, task.id, 0, 0)) for task, prompt in asked]
    found = sampler.sample(requests, time.monotonic() + SECONDS)
    groups = rollouts.judged(sandbox, [(task, prompt, own) for (task, prompt), own in zip(asked, found, strict=True)])
    rewards = [answer.reward for one in groups for answer in one.answers if answer.reward is not None]
    return (fmean(rewards) if rewards else None), groups, found


def spoilt(config: AdaptConfig, before: Signs, after: Signs, kl: float) -> str | None:
    """Return what is wrong with an adapter, from how the measured tasks' answers look under the start and under it."""
    guard = Guard(config)
    guard.before(before)
    return guard.breach(after, kl)


def forcing(engine: Lender, plan: Plan) -> Engine:
    """Return the engine, with forced thinking where the plan says so."""
    if not plan.most_thinking and not plan.least_thinking:
        return engine
    return Forcing(engine, engine.tokenizer, Thinking(plan.least_thinking, plan.most_thinking or None))


def lessons(
    groups: Sequence[Group], completions: Sequence[Sequence[Completion]], tokenizer: Any, *, scale: bool
) -> list[Example]:
    """Return the examples of groups whose answers differ in worth.

    Unscored answers and those that were cut off are not among them.
    """
    found = []
    for one, own in zip(groups, completions, strict=True):
        worth = advantages([answer.reward for answer in one.answers], scale)
        if worth is None:
            continue
        prompt = chat.render(tokenizer, one.prompt)
        for answer, completion, advantage in zip(one.answers, own, worth, strict=True):
            if advantage is None or answer.finish != "stop":
                continue
            found += [replace(part, advantage=advantage) for part in parts(prompt, completion)]
    return found


def parts(prompt: Sequence[int], completion: Completion) -> list[Example]:
    """Return an answer as an example; where tokens were forced, in parts, each behind everything before it.

    A loss that is a sum over tokens then counts the chosen ones as it would with the others masked.
    """
    tokens, logprobs = completion.tokens, completion.logprobs
    return [
        Example((*prompt, *tokens[:start]), tokens[start:end], old=logprobs[start:end])
        for start, end in chosen(completion)
    ]


def read_factors(folder: Path) -> "State":
    """Return the factors of a folder that `Lora.save` wrote."""
    from safetensors.torch import load_file

    tensors = load_file(folder / "adapter_model.safetensors")
    names = [name.removesuffix(".lora_A.weight") for name in tensors if name.endswith(".lora_A.weight")]
    return {
        name.removeprefix("base_model.model."): (tensors[f"{name}.lora_A.weight"], tensors[f"{name}.lora_B.weight"])
        for name in names
    }


def read_recipe(name: str) -> Recipe:
    """Return a recipe by its name in training/recipes/grpo, or by the path of a .toml file.

    Raises:
        ConfigError: no such recipe, or one that says what there is not.
    """
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in RECIPES.glob("*.toml")))
        raise ConfigError(f"no recipe '{name}'; expected one of {known}, or a .toml file")
    try:
        return Recipe.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {' '.join(str(error).split())[:200]}") from None


def run(plan: Plan, config: RunConfig, out: Path) -> Result:
    """Make a run, go on with one, or read what a finished one came to.

    Raises:
        ConfigError, ResumeError: see `Run`.
    """
    finished = out / "result.json"
    if finished.exists():
        told = json.loads(finished.read_text("utf-8"))
        if told["batches"] >= plan.batches or told["why"]:
            _same(out, told.pop("of"), described(plan, config, "own"))
            return Result(**told)
    with Run(plan, config, out) as made, Show(f"seed {config.seed}", plan.batches) as show:
        return made.train(show)


def described(plan: Plan, config: RunConfig, driver: str) -> dict[str, Any]:
    """Return the settings that make a run what it is: a folder's run is gone on with under the same ones only."""
    kept = config.model_dump(mode="json", include={"seed", "adapt", "sample", "prompts"})
    return {"driver": driver, "plan": plan.model_dump(mode="json", exclude={"batches", "save_every", "margin"}), **kept}


def write(out: Path, result: Result, told: dict[str, Any]) -> None:
    """Write `result.json`; `told`: the settings that the run was made with."""
    _write(out / "result.json", {**asdict(result), "of": told})


def _level(source: rollouts.Source) -> str:
    """What a task is held against: the start's answers to tasks of as many lines, or to the real ones."""
    return REAL if source.lines is None else str(source.lines)


def _weighed(found: Signs, answers: int) -> Signs:
    """The same signs as of so many answers."""
    share = answers / max(1, found.answers)
    return replace(found, answers=answers, scored=round(found.scored * share), holding=round(found.holding * share))


def _checkpoints(out: Path) -> list[Path]:
    """Whole checkpoints, oldest first."""
    found = [path for path in out.glob("checkpoint-*") if re.fullmatch(r"checkpoint-\d+", path.name)]
    return sorted(found, key=lambda path: int(path.name.rpartition("-")[2]))


def _latest(out: Path) -> Path | None:
    return next(reversed(_checkpoints(out)), None)


def _same(out: Path, was: dict[str, Any], now: dict[str, Any]) -> None:
    """Refuse to go on with a run of other settings."""
    for stage, settings in now.items():
        before = was.get(stage)
        if before == settings:
            continue
        key = ""
        if isinstance(settings, dict) and isinstance(before, dict):
            key = next((f".{name}" for name in settings if before.get(name) != settings[name]), "")
        raise ResumeError(f"{out}: holds a run with another {stage}{key}; take another --out")


def _write(path: Path, told: dict[str, Any]) -> None:
    waiting = path.with_name(path.name + ".part")
    waiting.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    waiting.replace(path)


def _table(results: Sequence[Result], margin: float | None) -> Table:
    table = Table("seed", "before", "after", "gain", "batches", "seconds", "ended")
    for one in results:
        gain = one.gain
        missed = margin is not None and (gain is None or gain < margin)
        table.add_row(
            str(one.seed),
            *("-" if value is None else f"{value:.3f}" for value in (one.before, one.after)),
            "-" if gain is None else f"{gain:+.3f}{' missed' * missed}",
            str(one.batches),
            f"{one.seconds:.0f}",
            one.why or "as planned",
        )
    return table


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", help="a name in training/recipes/grpo, or a .toml file; other options go on top")
    parser.add_argument("--out", type=Path, default=Path("out/grpo"))
    parser.add_argument("--seed", type=int, action="append", help="may be given several times; replaces the recipe's")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the solver")
    parser.add_argument("--driver", choices=("own", "trl"), default="own")
    for name, setting in Plan.model_fields.items():
        flag = f"--{name.replace('_', '-')}"
        if setting.annotation is bool:
            parser.add_argument(flag, action="store_true", default=None)
        elif name == "generators":
            parser.add_argument(flag, type=lambda text: tuple(text.split(",")))
        else:
            parser.add_argument(flag, type=float if name == "margin" else int)
    return parser.parse_args()


def main() -> int:
    options = _options()
    try:
        recipe = read_recipe(options.recipe) if options.recipe else Recipe()
        given = {name: value for name in Plan.model_fields if (value := getattr(options, name)) is not None}
        plan = Plan.model_validate(recipe.plan.model_dump() | given)
        base = load("laptop", [*recipe.settings, *options.set])
        results = []
        for seed in options.seed or recipe.seeds:
            config = base.model_copy(update={"seed": seed})
            if options.driver == "trl":
                from training.grpo_trl import train

                results.append(train(plan, config, options.out / f"seed-{seed}"))
            else:
                results.append(run(plan, config, options.out / f"seed-{seed}"))
    except (ArcSubmitError, ValidationError) as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command goes on from the last checkpoint", file=sys.stderr)
        return 130
    if os.environ.get("RANK", "0") != "0":  # one of several processes under the trl driver
        return 0
    Console(stderr=True).print(_table(results, plan.margin))
    told = [{**asdict(one), "gain": one.gain} for one in results]
    print(json.dumps({"command": "grpo", "out": str(options.out), "margin": plan.margin, "runs": told}))
    missed = plan.margin is not None and any(one.gain is None or one.gain < plan.margin for one in results)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
