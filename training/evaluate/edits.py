"""How often a model's edit is better than the program it was shown, task by task.

    parents = parents_of(tasks, seed=0)                       # once: every checkpoint edits the same programs
    before = edit_success(base, None, parents, seed=0)
    after = edit_success(base, adapter, parents, seed=0)
    compare(after, before).difference                         # paired over tasks; several seeds: `together` first

Parents come from `training.evaluate.parents`, the measure from `training.evaluate.broods`. Checkpoints get the same
parents, prompts and seeds.

Left out: what search makes of the children; prompts in other views; parents of the model's own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, TypeAlias

from arc_submit.config import PromptsConfig, SampleConfig
from arc_submit.prompts import Writer
from training.evaluate import workers
from training.evaluate.broods import Brood, Spent, breed, edits
from training.evaluate.paired import Paired, by_name
from training.evaluate.parents import Parent

TOGETHER = 4  # tasks prompted together

Measure: TypeAlias = Literal["share", "per_asked", "success"]


@dataclass(frozen=True, slots=True)
class Edited:
    """The children of one task's parents."""

    task: str
    parents: int
    asked: int
    """Children that were asked for."""
    unusable: int
    """No program in the answer."""
    ran: int
    """Distinct children, per parent, that ran and are not the parent's own text."""
    better: int
    """Of those that ran: fitter than the parent, as search sees it."""
    gains: int
    """Of those that ran: more reward than the parent, what traces are kept by."""
    passers: int
    """Of those that ran: every demonstration is right."""
    repeats: int
    """Of those that ran: gave what the parent gives."""
    improved: int
    """Parents with a better child."""

    @property
    def share(self) -> float | None:
        """Better ones among those that ran, 0..1; None where none ran."""
        return self.better / self.ran if self.ran else None

    @property
    def per_asked(self) -> float:
        """Better ones, each once, among those asked for, 0..1: what an answer is worth, useless ones and all."""
        return self.better / self.asked if self.asked else 0.0

    @property
    def success(self) -> float:
        """Those that gain, each once, among those asked for, 0..1."""
        return self.gains / self.asked if self.asked else 0.0


def edit_success(
    model: Path | str,
    adapter: Path | str | None,
    parents: Sequence[Parent],
    *,
    seed: int = 0,
    children: int = 16,
    prompts: PromptsConfig | None = None,
    sample: SampleConfig | None = None,
    processes: int = 1,
    advance: Callable[[int], None] = lambda tasks: None,
) -> dict[str, Edited]:
    """Return task -> what became of `children` edits of each of its parents, in the parents' order.

    Args:
        adapter: LoRA folder (relative: here, then in the model's folder); None: the base alone.
        parents: of `parents_of`, the same for every checkpoint that is compared.
        prompts: how the model is asked; the default is the compact style.
        sample: temperature and so on; model and adapter in it do not count.
        processes: each has the model once; more than one: see `workers`.
        advance: told how many more tasks are done, for a progress bar.

    Raises:
        WeightsError: model or adapter are missing or not usable.
    """
    config = workers.sampling(model, adapter, sample)
    groups = grouped(parents)
    jobs = [(group, config, prompts or PromptsConfig(), children, seed) for group in groups]
    found: dict[int, list[Edited]] = {}
    with workers.Pool(processes) as team:
        for number, rows in team.run(measure, jobs):
            found[number] = rows
            advance(len(rows))
    return {row.task: row for number in sorted(found) for row in found[number]}


def grouped(parents: Sequence[Parent], tasks: int = TOGETHER) -> list[list[Parent]]:
    """Return the parents of so many tasks at a time."""
    by_task: dict[str, list[Parent]] = {}
    for parent in parents:
        by_task.setdefault(parent.task.id, []).append(parent)
    own = list(by_task.values())
    return [
        [parent for members in own[start : start + tasks] for parent in members] for start in range(0, len(own), tasks)
    ]


def measure(
    parents: Sequence[Parent], sample: SampleConfig, prompts: PromptsConfig, children: int, seed: int
) -> list[Edited]:
    """Return a group's tasks, measured with this process's engine."""
    broods = [Brood() for _ in parents]
    maker = edits(workers.engine(sample), Writer(prompts), children, seed)
    breed(parents, maker, workers.sandbox(), 0, broods, Spent())
    tasks = dict.fromkeys(parent.task.id for parent in parents)
    return [
        counted(task, [brood for parent, brood in zip(parents, broods, strict=True) if parent.task.id == task])
        for task in tasks
    ]


def counted(task: str, broods: Iterable[Brood]) -> Edited:
    """Return the counts of a task's broods."""
    own = list(broods)
    children = [child for brood in own for child in brood.children]
    return Edited(
        task=task,
        parents=len(own),
        asked=sum(brood.asked for brood in own),
        unusable=sum(brood.unusable for brood in own),
        ran=len(children),
        better=sum(child.better for child in children),
        gains=sum(child.gains for child in children),
        passers=sum(child.passes for child in children),
        repeats=sum(child.repeats for child in children),
        improved=sum(any(child.better for child in brood.children) for brood in own),
    )


def together(seeds: Iterable[Mapping[str, Edited]]) -> dict[str, Edited]:
    """Return the counts of several seeds, added up by task; tasks are what is compared, not seeds."""
    found: dict[str, Edited] = {}
    for rows in seeds:
        for task, row in rows.items():
            found[task] = _added(found[task], row) if task in found else row
    return found


def _added(one: Edited, other: Edited) -> Edited:
    counts = {field.name: getattr(one, field.name) + getattr(other, field.name) for field in fields(Edited)[1:]}
    return Edited(one.task, **counts)


def compare(
    first: Mapping[str, Edited], second: Mapping[str, Edited], measure: Measure = "share", *, seed: int = 0
) -> Paired:
    """Return first - second in a property of `Edited`, paired by task; by `share`, tasks without children fall out."""
    sides = [{name: getattr(row, measure) for name, row in rows.items()} for rows in (first, second)]
    return by_name(*sides, seed=seed)
