"""What the language model alone solves: a fixed number of programs per task, no search, no symbolic proposer.

    python scripts/bench_lm.py --data held-out --programs 256
    python scripts/bench_lm.py --data arc1-evaluation --programs 256 --control
    python scripts/bench_lm.py --data held-out --limit 40 --sweep temperature=0.7,1.0,1.3 --sweep views=1,16

Prompts are fresh ones, in `views` views per task (the first as it is), the programs spread over them. All of them run
in the sandbox, the vote chooses two attempts, and the score is p@2 per test output, as Kaggle has it. `--control` puts
the same number of random typed programs through the same judge and vote: drawn on the task's inputs, blind to its
outputs.

Rows are those of `arc-train evaluate` (`training.evaluate.solve`), which compares checkpoints; here settings are swept.

`held-out`: the ARC-AGI-1 training tasks that nothing is trained on. Distinct: share of different programs (normalised
AST) and of different behaviours (outputs) among all that were asked for; valid: share that gave a grid on every input.

Prints a table and ends with one JSON line per setting.
"""

import argparse
import itertools
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rich.progress import Progress

sys.path.insert(0, str(Path(__file__).parents[1]))  # the room training, which is not installed

from arc_submit.config import PromptsConfig, SampleConfig
from arc_submit.programs import from_source
from arc_submit.records import Grid, Program, Task
from arc_submit.sample.build import build
from arc_submit.sandbox.config import SandboxConfig
from arc_submit.tasks import load, load_solutions
from training.check import Sampled, sample, spread
from training.data.harvest import wandered
from training.evaluate.solve import Row, rows
from training.evaluate.workers import Watched
from training.split import held_out

HELD_OUT = "held-out"
TOGETHER = 4  # tasks in one engine batch


@dataclass(frozen=True, slots=True)
class Setting:
    """One arm."""

    programs: int = 256
    views: int = 16
    temperature: float = 1.0
    top_p: float = 1.0
    min_p: float = 0.0
    grids: int = 1
    tokens: int = 640
    model: str = "weights/small"
    adapter: str = "adapter"
    seed: int = 0
    control: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=HELD_OUT)
    parser.add_argument("--limit", type=int, help="so many tasks, spread evenly")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--sweep", action="append", default=[], metavar="KEY=V1,V2", help="all combinations are run")
    for name, value in zip(Setting.__slots__, _values(Setting()), strict=True):
        if name != "control":
            parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    parser.add_argument("--control", action="store_true", help="also the same number of random typed programs")
    options = parser.parse_args()
    base = {name: getattr(options, name) for name in Setting.__slots__ if name != "control"}
    tasks, solutions = _load(options.data, options.limit)
    for setting in _settings(base, options.sweep, options.control):
        rows = _measure(tasks, solutions, setting, options.processes)
        print(json.dumps(_summary(rows, setting, options)))


def _values(setting: Setting) -> list[Any]:
    return [getattr(setting, name) for name in Setting.__slots__]


def _settings(base: dict[str, Any], sweeps: Sequence[str], control: bool) -> Iterator[Setting]:
    axes = []
    for text in sweeps:
        name, _, values = text.partition("=")
        kind = type(base[name])
        axes.append([(name, kind(value)) for value in values.split(",")])
    for chosen in itertools.product(*axes):
        yield Setting(**{**base, **dict(chosen)})
    if control:
        yield Setting(**base, control=1)


def _load(data: str, limit: int | None) -> tuple[list[Task], dict[str, tuple[Grid, ...]]]:
    if data == HELD_OUT:
        tasks, named = list(held_out()), "arc1-training"
    else:
        tasks, named = list(load(data)), data
    if limit is not None and limit < len(tasks):
        tasks = spread(tasks, limit)
    found = load_solutions(named)
    assert found is not None, f"{data}: no solutions"
    return tasks, dict(found.outputs)


def _measure(
    tasks: Sequence[Task], solutions: dict[str, tuple[Grid, ...]], setting: Setting, processes: int
) -> list[Row]:
    groups = [tasks[start : start + TOGETHER] for start in range(0, len(tasks), TOGETHER)]
    jobs = [(group, [solutions[task.id] for task in group], setting) for group in groups]
    measured: list[Row] = []
    with ProcessPoolExecutor(processes) as pool, Progress(disable=not sys.stderr.isatty()) as bar:
        shown = bar.add_task("control" if setting.control else "model", total=len(tasks))
        for found in pool.map(_group, *zip(*jobs, strict=True)):
            measured.extend(found)
            bar.update(shown, advance=len(found))
    return measured


@lru_cache(maxsize=1)
def _engine(setting: Setting) -> Any:
    adapter = None if setting.adapter == "none" else setting.adapter
    config = SampleConfig.model_validate(
        {
            "engine": "hf",
            "model": setting.model,
            "adapter": adapter,
            "temperature": setting.temperature,
            "top_p": setting.top_p,
            "min_p": setting.min_p,
        }
    )
    return build(config, time.monotonic)


@lru_cache(maxsize=1)
def _sandbox() -> Watched:
    return Watched(SandboxConfig()).__enter__()


def _group(tasks: Sequence[Task], outputs: Sequence[tuple[Grid, ...]], setting: Setting) -> list[Row]:
    began = time.monotonic()
    if setting.control:
        drawn = [random_programs(task, setting.seed, setting.programs) for task in tasks]
        found = [Sampled(programs, 0, setting.programs) for programs in drawn]
    else:
        prompts = PromptsConfig(grids=bool(setting.grids), tokens=setting.tokens)
        found = sample(_engine(setting), tasks, setting.programs, setting.views, prompts, setting.seed)
    asked = time.monotonic()
    return rows(tasks, outputs, found, _sandbox(), asked - began)


def random_programs(task: Task, seed: int, count: int) -> list[Program]:
    """Return random typed programs on a task's inputs; its outputs are not looked at."""
    return [from_source(source, "random") for source in wandered(task, seed, count)]


def _summary(rows: Sequence[Row], setting: Setting, options: argparse.Namespace) -> dict[str, Any]:
    outputs, asked = sum(row.outputs for row in rows), sum(row.asked for row in rows)
    engine, judge = (sum(row.seconds[part] for row in rows) for part in (0, 1))
    arm = "random typed programs" if setting.control else f"model, {setting.views} views, T {setting.temperature}"
    right, oracle = sum(row.right for row in rows), sum(row.oracle for row in rows)
    with_passer = sum(bool(row.passers) for row in rows)
    print(
        f"{options.data} {len(rows)} tasks, {setting.programs} programs, {arm}: p@2 {right / outputs:.1%} "
        f"({right} of {outputs}), oracle {oracle / outputs:.1%}, tasks with a passer {with_passer}"
    )
    return {
        "bench": "lm",
        "data": options.data,
        "tasks": len(rows),
        **{name: getattr(setting, name) for name in Setting.__slots__},
        "p2": round(right / outputs, 4),
        "solved_outputs": right,
        "outputs": outputs,
        "oracle": round(oracle / outputs, 4),
        "with_passer": with_passer,
        "distinct_programs": round(sum(row.programs for row in rows) / asked, 3),
        "distinct_behaviours": round(sum(row.behaviours for row in rows) / asked, 3),
        "valid": round(sum(row.valid for row in rows) / max(1, sum(row.programs for row in rows)), 3),
        "tokens_per_second": round(sum(row.decoded for row in rows) / max(engine, 1e-9)),
        "engine_seconds_per_task": round(engine / len(rows), 2),
        "judge_seconds_per_task": round(judge / len(rows), 2),
        "load": round(os.getloadavg()[0], 1),
        "solved": sorted(row.task for row in rows if row.right == row.outputs),
    }


if __name__ == "__main__":
    main()
