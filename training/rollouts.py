"""What reinforcement is made of: tasks to learn from, tasks to measure on, prompts, and judged groups of answers.

    tasks -> prompts -> (an engine) -> Sampled -> sandbox and judge -> Groups with rewards

Tasks come from generators (`training.tasks`) by family or name, or are the real ones of `training.split`, its learning
side alone, each looked at by the guard once more. What is measured on is never learnt from: generated tasks of other
seeds that share no pair with those learnt from, in any orientation and colours; of the real ones the held-out.

Prompts are fresh ones. Left out: edit and restart prompts, so an adapter trained here long may edit worse (SOAR,
table 7); test outputs, which the reward does not look at. No torch.
"""

import random
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from arc_submit import views
from arc_submit.adapt.learner import group, known
from arc_submit.adapt.records import Group
from arc_submit.errors import ConfigError, ExtractError
from arc_submit.prompts import Writer
from arc_submit.records import Completion, Program, Prompt, Task, View
from arc_submit.sample.forcing import Forced
from arc_submit.sandbox import Sandbox
from arc_submit.search.language import Sampled, program
from arc_submit.tasks import load_solutions
from arc_submit.verify import PENALTY_PER_TOKEN
from arc_submit.verify.trial import trial
from training.check import spread
from training.guard import Guard, form
from training.split import split
from training.tasks.item import Item, attempt
from training.tasks.registry import FAMILIES, GENERATORS

SECONDS = 3600.0  # that the sandbox may take for a batch: more than it ever does


@dataclass(frozen=True, slots=True)
class Source:
    """A task to learn from."""

    task: Task
    lines: int | None
    """Of the program that made it; None: a real task."""


@dataclass(frozen=True, slots=True)
class Tasks:
    """What is learnt from, and what is measured on."""

    learn: Mapping[str, Source]
    """By the task's id."""
    measure: tuple[Task, ...]
    guard: str
    """What was compared with what, in words."""


def generated(names: Sequence[str], seed: int, items: int, measured: int) -> Tasks:
    """Return `items` tasks of each generator from one seed, and about `measured` tasks of other seeds.

    Args:
        names: generators (`symmetry/unfold`) or families (`symmetry`).

    Raises:
        ConfigError: a name that there is not.
    """
    chosen = _generators(names)
    made = [_item(name, f"{seed}/{number}") for name in chosen for number in range(items)]
    seen = {found for item in made for found in _forms(item)}
    wanted = -(-measured // len(chosen))
    others = [_item(name, f"measured/{number}") for name in chosen for number in range(wanted)]
    apart = [item for item in others if not seen & set(_forms(item))]
    said = f"{len(others) - len(apart)} of {len(others)} generated tasks to measure on shared a pair with one to learn"
    learn = {item.task.id: Source(item.task, len(item.source.splitlines()) - 2) for item in made}
    return Tasks(learn, tuple(spread([item.task for item in apart], measured)), said)


def real(measured: int) -> Tasks:
    """Return the learning side of the split and some held-out tasks; ten seconds.

    Raises:
        ContaminationError: a task to learn from holds evaluation content; the split would have to be broken.
    """
    found = split()
    guard = Guard.of()
    known_outputs = [load_solutions(name) for name in ("arc1-training", "arc2-training")]
    for task in found.learn:
        outputs = next((known.outputs[task.id] for known in known_outputs if known and task.id in known.outputs), ())
        guard.check(task, outputs if len(outputs) == len(task.test) else ())
    learn = {task.id: Source(task, None) for task in found.learn}
    return Tasks(learn, tuple(spread(found.held, measured)), guard.describe())


def together(parts: Iterable[Tasks]) -> Tasks:
    """Return several sets of tasks as one."""
    found = list(parts)
    return Tasks(
        {task_id: source for part in found for task_id, source in part.learn.items()},
        tuple(task for part in found for task in part.measure),
        "; ".join(part.guard for part in found),
    )


def fresh(writer: Writer, task: Task, rng: random.Random, *, augmented: bool, leave_out: float) -> Prompt:
    """Return a prompt: the task as it is, or in a view drawn anew; `leave_out`: chance to show one pair less.

    Raises:
        PromptError: the task does not fit the prompt's budget.
    """
    pairs = len(task.train)
    view = views.draw(rng, pairs) if augmented else View()
    if pairs > 1 and rng.random() < leave_out:
        view = views.ordered(view, tuple(rng.sample(range(pairs), pairs - 1)))
    return writer.fresh(task, view)


def judged(sandbox: Sandbox, asked: Sequence[tuple[Task, Prompt, Sequence[Completion]]]) -> list[Group]:
    """Return the groups of answers with what they are worth, one per prompt, same order.

    Raises:
        SandboxError: no sandbox process can be started at all.
    """
    found = [_programs(prompt, completions) for _, prompt, completions in asked]
    batch = [
        (task, list({one.id: one for one in programs if one is not None}.values()))
        for (task, _, _), programs in zip(asked, found, strict=True)
    ]
    results = trial(sandbox, batch, 0, time.monotonic() + SECONDS)
    groups = []
    for (task, prompt, completions), programs, candidates in zip(asked, found, results, strict=True):
        worth = {candidate.program.id: known(task, candidate) for candidate in candidates}
        ids = tuple(None if one is None else one.id for one in programs)
        groups.append(_charged(group(task, Sampled(prompt, tuple(completions), ids), worth), completions))
    return groups


def _charged(found: Group, completions: Sequence[Completion]) -> Group:
    """The group with thinking paid for."""
    answers = tuple(
        answer
        if answer.reward is None or not isinstance(completion, Forced)
        else replace(answer, reward=answer.reward - PENALTY_PER_TOKEN * completion.thinking)
        for answer, completion in zip(found.answers, completions, strict=True)
    )
    return replace(found, answers=answers)


def _programs(prompt: Prompt, completions: Sequence[Completion]) -> list[Program | None]:
    """The program of each answer, None where there is none; which demonstrations were shown is no part of it."""
    view = views.ordered(prompt.view, ())
    found: list[Program | None] = []
    for completion in completions:
        try:
            found.append(program(completion, view))
        except ExtractError:
            found.append(None)
    return found


def _generators(names: Sequence[str]) -> list[str]:
    chosen = []
    for name in names:
        members = [name] if name in GENERATORS else [known for known in GENERATORS if known.split("/")[0] == name]
        if not members:
            raise ConfigError(
                f"no generator or family '{name}'; expected a family ({', '.join(FAMILIES)}) or family/name"
            )
        chosen += members
    return list(dict.fromkeys(chosen))


def _item(name: str, place: str) -> Item:
    """The task of a generator at a place, `seed/number`: the same whichever others are asked for."""
    return attempt(GENERATORS[name], random.Random(f"{place}/{name}"), f"{name}/{place}", name)


def _forms(item: Item) -> list[bytes]:
    pairs = [(pair.input, pair.output) for pair in item.task.train]
    return [form(*pair) for pair in (*pairs, (item.task.test[0], item.test))]
