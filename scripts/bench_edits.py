"""Is a language model's edit worth more than a symbolic mutation of the same program?

    python scripts/bench_edits.py                                            # 40 held-out tasks, weights/small
    python scripts/bench_edits.py --model out/train/base/model --adapter none --grids 0 --tasks 10 --children 8
    python scripts/bench_edits.py --data arc1-evaluation --tasks 100

Parents, the same for both: of 64 random typed programs and 64 mutants of them per task, the 4 fittest of distinct
behaviour that do not pass. A child is better when its fitness (`arc_submit.search.fitness`) is above its parent's; it
is judged in the sandbox, by demonstrations alone. Children are counted once per parent, and a parent's own text never.

    equal executions   per parent the first E distinct children of each side, E what the poorer side has; `--children`
                       are asked of either
    equal seconds      per group of tasks, the side that was done first goes on breeding until the other's seconds
                       (proposing, sandbox, judge) are spent

The difference is that of the shares of better children, paired over tasks: mean, standard error, sign test.

Parents, children and statistics are those of `arc-train evaluate --edits`, which compares checkpoints.

Left out: crossover, views, parents chosen by Thompson sampling; a child's later fate. The sandbox remembers nothing.

Prints a table and ends with one JSON line.
"""

import argparse
import json
import math
import os
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.progress import Progress

sys.path.insert(0, str(Path(__file__).parents[1]))  # the room training, which is not installed

from arc_submit.config import PromptsConfig, SampleConfig
from arc_submit.prompts import Writer
from arc_submit.records import Task
from arc_submit.sample.build import build
from arc_submit.sandbox import Sandbox
from arc_submit.sandbox.config import SandboxConfig
from arc_submit.tasks import load
from training.check import spread
from training.evaluate.broods import Brood, Child, Proposer, Spent, breed, edits, mutants
from training.evaluate.paired import paired as statistics_of
from training.evaluate.parents import Parent, pool
from training.split import held_out

HELD_OUT = "held-out"
SIDES = ("model", "symbolic")
TOGETHER = 4  # tasks bred, and prompted, together
TURNS = 200  # of the side that goes on, at most


@dataclass(frozen=True, slots=True)
class Found:
    """A group of tasks, bred by both sides."""

    parents: list[Parent]
    first: dict[str, list[Brood]]
    """Side -> broods of the first turn, by parent."""
    first_spent: dict[str, Spent]
    all: dict[str, list[Brood]]
    """Side -> broods at equal seconds."""
    all_spent: dict[str, Spent]


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=HELD_OUT)
    parser.add_argument("--tasks", type=int, default=40, help="so many tasks, spread evenly")
    parser.add_argument("--children", type=int, default=16, help="asked of each side and parent")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default="weights/small")
    parser.add_argument("--adapter", default="adapter", help="LoRA folder, none for the base alone")
    parser.add_argument("--engine", default="hf", choices=("hf", "vllm", "auto"))
    parser.add_argument("--grids", type=int, default=1, choices=(0, 1))
    options = parser.parse_args()
    tasks = _tasks(options.data, options.tasks)
    adapter = None if options.adapter == "none" else Path(options.adapter)
    engine = build(SampleConfig(engine=options.engine, model=options.model, adapter=adapter))
    writer = Writer(PromptsConfig(grids=bool(options.grids)))
    makers = {
        "model": edits(engine, writer, options.children, options.seed),
        "symbolic": mutants(options.children, options.seed),
    }
    found: list[Found] = []
    with Sandbox(SandboxConfig(cache_size=0)) as sandbox, Progress(disable=not sys.stderr.isatty()) as bar:
        shown = bar.add_task("tasks", total=len(tasks))
        for start in range(0, len(tasks), TOGETHER):
            parents = [
                parent for task in tasks[start : start + TOGETHER] for parent in pool(task, sandbox, options.seed)
            ]
            if parents and not found:
                makers["model"](parents[:1], 0)  # for warmth
            if parents:
                found.append(_breed(parents, makers, sandbox, turned=bool(start // TOGETHER % 2)))
            bar.update(shown, advance=TOGETHER)
    engine.close()
    print(json.dumps(_summary(found, options, len(tasks))))


def _tasks(data: str, limit: int) -> list[Task]:
    return spread(list(held_out() if data == HELD_OUT else load(data)), limit)


# Breeding. -----------------------------------------------------------------------------------------------------------


def _breed(parents: list[Parent], makers: dict[str, Proposer], sandbox: Sandbox, turned: bool) -> Found:
    """Both sides once, then the quicker one until it has used the slower one's seconds."""
    order = tuple(reversed(SIDES)) if turned else SIDES
    first = {side: [Brood() for _ in parents] for side in SIDES}
    spent = {side: Spent() for side in SIDES}
    for side in order:
        breed(parents, makers[side], sandbox, 0, first[side], spent[side])
    grown = {side: [_copy(brood) for brood in first[side]] for side in SIDES}
    used = {side: Spent(spent[side].propose, spent[side].judge) for side in SIDES}
    quick, slow = sorted(SIDES, key=lambda side: spent[side].total)
    for turn in range(1, TURNS):
        # The mean turn decides, so that on the whole both use the same.
        if used[quick].total + used[quick].total / turn / 2 >= used[slow].total:
            break
        breed(parents, makers[quick], sandbox, turn, grown[quick], used[quick])
    return Found(parents, first, spent, grown, used)


def _copy(brood: Brood) -> Brood:
    return Brood(brood.asked, brood.unusable, list(brood.children), set(brood.known))


# Counting. -----------------------------------------------------------------------------------------------------------


def _equal(found: Found) -> dict[str, list[list[Child]]]:
    """Per side and parent, the first children of each, as many as the side with fewer has."""
    sizes = [min(len(found.first[side][index].children) for side in SIDES) for index in range(len(found.parents))]
    return {side: [b.children[:size] for b, size in zip(found.first[side], sizes, strict=True)] for side in SIDES}


def _shares(found: Sequence[Found], broods: Sequence[dict[str, list[list[Child]]]]) -> list[tuple[float, float]]:
    """Per task, the share of better children of the two sides; tasks where one of them has no child are left out."""
    shares = []
    for group, by_side in zip(found, broods, strict=True):
        for task in dict.fromkeys(parent.task.id for parent in group.parents):
            mine = [index for index, parent in enumerate(group.parents) if parent.task.id == task]
            children = [[child for index in mine for child in by_side[side][index]] for side in SIDES]
            if all(children):
                one, other = (sum(child.better for child in own) / len(own) for own in children)
                shares.append((one, other))
    return shares


def paired(shares: Sequence[tuple[float, float]]) -> dict[str, float | int]:
    """Return the mean difference, its standard error, wins and losses, and the two-sided sign test without ties.

    >>> paired([(0.5, 0.0), (0.5, 0.0), (0.25, 0.25)])["sign_test"]   # two of two: 2 * (1/2)**2
    0.5
    """
    found = statistics_of(shares)
    return {
        "tasks": found.tasks,
        "difference": round(found.difference, 4),
        "standard_error": round(found.standard_error, 4),
        "wins": found.wins,
        "losses": found.losses,
        "sign_test": round(found.sign_test, 4),
    }


def _counts(found: Sequence[Found], broods: Sequence[dict[str, list[list[Child]]]], side: str) -> dict[str, Any]:
    own = [
        (p, made)
        for group, by in zip(found, broods, strict=True)
        for p, made in zip(group.parents, by[side], strict=True)
    ]
    children = [child for _, made in own for child in made]
    passers = {(parent.task.id, child.id) for parent, made in own for child in made if child.passes}
    many = max(1, len(children))
    return {
        "executions": len(children),
        "better": sum(child.better for child in children),
        "share_better": round(sum(child.better for child in children) / many, 4),
        "share_repeats": round(sum(child.repeats for child in children) / many, 4),
        "parents_improved": sum(any(child.better for child in made) for _, made in own),
        "passers": len(passers),
        "tasks_with_passer": len({task for task, _ in passers}),
    }


def _summary(found: Sequence[Found], options: argparse.Namespace, tasks: int) -> dict[str, Any]:
    at_executions = [_equal(group) for group in found]
    at_seconds = [{side: [brood.children for brood in group.all[side]] for side in SIDES} for group in found]
    parents = [parent for group in found for parent in group.parents]
    print(
        f"{options.data}: {tasks} tasks, {len(parents)} parents, mean fitness"
        f" {statistics.fmean(parent.fitness for parent in parents) if parents else math.nan:.3f}"
    )
    sections = {
        "executions": {side: _counts(found, at_executions, side) for side in SIDES},
        "seconds": {side: _counts(found, at_seconds, side) for side in SIDES},
    }
    tests = {"executions": paired(_shares(found, at_executions)), "seconds": paired(_shares(found, at_seconds))}
    for side in SIDES:
        first = [brood for group in found for brood in group.first[side]]
        asked, distinct = sum(brood.asked for brood in first), sum(len(brood.known) for brood in first)
        spent = [group.first_spent[side] for group in found]
        propose, judge = sum(s.propose for s in spent), sum(s.judge for s in spent)
        sections["executions"][side] |= {
            "asked": asked,
            "unusable": round(sum(brood.unusable for brood in first) / max(1, asked), 4),
            "distinct": round(distinct / max(1, asked), 4),
            "better_per_asked": round(sum(c.better for b in first for c in b.children) / max(1, asked), 4),
            "ms_per_child_proposed": round(propose / max(1, asked) * 1e3, 2),
            "ms_per_child_judged": round(judge / max(1, distinct) * 1e3, 2),
        }
        used = sum(group.all_spent[side].total for group in found)
        better = sections["seconds"][side]["better"]
        sections["seconds"][side] |= {
            "seconds": round(used, 1),
            "better_per_second": round(better / max(used, 1e-9), 2),
        }
    for name, by_side in sections.items():
        print(f"{'at equal ' + name:24}" + "".join(f"{side:>12}" for side in SIDES))
        for key in by_side["model"]:
            print(f"  {key:22}" + "".join(f"{by_side[side][key]:>12}" for side in SIDES))
        test = tests[name]
        print(
            f"  model - symbolic, share better: {test['difference']:+.4f} +- {test['standard_error']:.4f} over"
            f" {test['tasks']} tasks, {test['wins']} up, {test['losses']} down, sign test p {test['sign_test']}"
        )
    return {
        "bench": "edits",
        "data": options.data,
        "tasks": tasks,
        "parents": len(parents),
        "children": options.children,
        "seed": options.seed,
        "model": options.model,
        "adapter": options.adapter,
        "engine": options.engine,
        "grids": options.grids,
        "parents_fitness": round(statistics.fmean(p.fitness for p in parents), 4) if parents else None,
        **{f"equal_{name}": {**sections[name], "test": tests[name]} for name in sections},
        "load": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    main()
