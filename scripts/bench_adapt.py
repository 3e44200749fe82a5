"""Does test-time learning pay? Equal wall time from the same state: no learning, hindsight, GRPO, both.

    python scripts/bench_adapt.py                                   # held-out tasks, three seeds: an hour and more
    python scripts/bench_adapt.py --limit 20 --seeds 0 --seconds 10
    python scripts/bench_adapt.py --data learn --arms none,hindsight,hindsight:adapt.rate=0.003    # to tune on
    python scripts/bench_adapt.py --cohort 8                        # what start-up, swap and probe cost

Every task is searched for `--first` seconds by the preset's proposers without learning. Where that leaves no program
that is right everywhere but one that is right on a whole pair (with `--when open`: any), every arm goes on from a copy
of that state with the language model alone for `--seconds`, one after another in turning order: the same programs
known, the same seeds, the same clock. Learning, swapping and probing are part of an arm's time.

    solved    share of test outputs that one of two attempts gets right (p@2)
    passer    tasks with a program that is right on every demonstration
    best      reward of the best program, 0..1.2

Differences to `none` are paired by task and seed; the error is that of the mean over tasks, seeds averaged first.
Tasks that are solved in the first seconds, or have nothing to learn from, are counted and left out: every arm is the
same there. Later seeds take the tasks that the first one compared. `held-out`: the ARC-AGI-1 training tasks that
nothing was trained on; `learn`: the others; `generated`: one task of each generator, from a seed of their own.

Finished tasks are kept in --out and not run again. Prints a table and ends with one JSON line.
"""

import argparse
import copy
import itertools
import json
import math
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))  # the room training, which is not installed

from arc_submit import config as settings
from arc_submit.adapt.learner import Learner
from arc_submit.config import LANGUAGE, RunConfig
from arc_submit.records import Task
from arc_submit.sandbox import Sandbox
from arc_submit.search import Hunt, Population, proposers
from arc_submit.search.language import Language
from arc_submit.solve import Kit, go_on, opened
from arc_submit.tasks import load, load_solutions
from training.check import spread
from training.split import held_out, split
from training.tasks import registry

ARMS = ("none", "hindsight", "grpo", "both")
GENERATED_SEED = 9_000_000  # of no recipe
SECOND_SEED = 1000  # added to the seed after the first seconds, so that no answer is drawn twice


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="held-out", help="held-out, learn, generated, or a public set")
    parser.add_argument("--limit", type=int, help="so many tasks, spread evenly")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--arms", default=",".join(ARMS))
    parser.add_argument("--first", type=float, default=20.0, help="seconds before (default 20)")
    parser.add_argument("--seconds", type=float, default=20.0, help="seconds of every arm (default 20)")
    parser.add_argument("--set", action="append", default=[], help="a setting, e.g. adapt.rate=0.001")
    parser.add_argument("--when", choices=("part", "open"), default="part")
    parser.add_argument("--processes", type=int, default=settings.cores())
    parser.add_argument("--cohort", type=int, help="instead: time spent on so many tasks at once, by what it went into")
    parser.add_argument("--out", type=Path, help="JSON lines; default: out/bench-adapt-<settings>.jsonl")
    options = parser.parse_args()
    options.set = [*options.set, f"adapt.when={options.when}"]
    if options.cohort:
        print(json.dumps(overhead(options)))
        return
    rows = measure(options)
    print_table("all", rows, options.arms.split(","))
    print_table("a whole pair right before", [row for row in rows if row.get("part")], options.arms.split(","))
    print(json.dumps(summary(rows, options)))


def tasks_of(data: str, limit: int | None) -> tuple[list[Task], dict[str, Any]]:
    """Return the tasks and their solutions."""
    if data == "generated":
        items = list(registry.items(GENERATED_SEED, len(registry.GENERATORS)))
        made = [item.task for item in items]
        return (made if limit is None else spread(made, limit)), {item.task.id: (item.test,) for item in items}
    if data in ("held-out", "learn"):
        found = list(held_out()) if data == "held-out" else list(split().learn)
        names = ["arc1-training", "arc2-training"]
    else:
        found, names = list(load(data)), [data]
    solutions: dict[str, Any] = {}
    for name in names:
        known = load_solutions(name)
        solutions.update(known.outputs if known else {})
    return (found if limit is None else spread(found, limit)), solutions


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return a row per task and seed, those of an earlier call included."""
    tasks, solutions = tasks_of(options.data, options.limit)
    out = options.out or Path("out") / f"bench-adapt-{options.data}.jsonl"
    out.parent.mkdir(parents=True, exist_ok=True)
    asked = {"data": options.data, "arms": options.arms, "first": options.first, "seconds": options.seconds}
    asked |= {"set": options.set}
    rows = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    rows = [row for row in rows if row["asked"] == asked]
    done = {(row["task"], row["seed"]) for row in rows}
    first, *_ = seeds = [int(seed) for seed in options.seeds.split(",")]
    with (
        ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool,
        out.open("a") as file,
        Progress(disable=not sys.stderr.isatty()) as bar,
    ):
        for seed in seeds:
            open_ = {row["task"] for row in rows if row["seed"] == first and row["state"] == "compared"}
            jobs = [task for task in tasks if (task.id, seed) not in done and (seed == first or task.id in open_)]
            shown = bar.add_task(f"seed {seed}", total=len(jobs))
            waiting = [
                pool.submit(compare, task, solutions[task.id], seed, number + seed, asked)
                for number, task in enumerate(jobs)
            ]
            for job in as_completed(waiting):
                rows.append(job.result())
                file.write(json.dumps(rows[-1]) + "\n")
                file.flush()
                bar.update(shown, advance=1)
    return rows


def compare(task: Task, outputs: Any, seed: int, number: int, asked: dict[str, Any]) -> dict[str, Any]:
    """Search one task without learning, then go on with every arm from there."""
    row: dict[str, Any] = {"task": task.id, "seed": seed, "asked": asked, "state": "", "arms": {}}
    base = settings.load("laptop", [*asked["set"], "adapt.mode=none", "search.patience=0"], seed=seed)
    kit = kit_of(base.model_dump_json())
    kit = replace(kit, config=base, proposers=proposers_of(kit, base))
    (hunt,) = go_on(kit, [opened_hunt(kit.config, task)], time.monotonic() + asked["first"], lambda event: None)
    if hunt.counts.passers:
        return {**row, "state": "solved"}
    if not hunt.population.pairs_solved and "adapt.when=part" in asked["set"]:
        return {**row, "state": "nothing right"}
    row["part"] = hunt.population.pairs_solved > 0
    arms = asked["arms"].split(",")
    for arm in arms[number % len(arms) :] + arms[: number % len(arms)]:
        row["arms"][arm] = one_arm(kit, hunt, arm, seed, asked, outputs)
    return {**row, "state": "compared"}


def one_arm(kit: Kit, before: Hunt, arm: str, seed: int, asked: dict[str, Any], outputs: Any) -> dict[str, Any]:
    """Go on from a copy of the state with the language model alone."""
    mode, *own = arm.split(":")
    config = settings.load(
        "laptop",
        [*asked["set"], f"adapt.mode={mode}", *own, "search.proposers=lm", "search.patience=1000000"],
        seed=seed + SECOND_SEED,
    )
    engine = engine_of(kit)
    began_with = engine.adapter
    language = Language(config, engine, LANGUAGE)
    learner = None if mode == "none" else Learner(config, language, engine, time.monotonic)  # type: ignore[arg-type]
    arms_kit = Kit(config, kit.sandbox, [language], time.monotonic, learner)
    hunt = copy.deepcopy(before)
    hunt.config, hunt.seconds, hunt.shares, hunt.exhausted = config, {}, None, False  # a share of this arm's time
    if learner is not None:
        learner.hear(hunt, hunt.population.candidates)  # as it would have, had it been there from the start
    events: list[dict[str, Any]] = []
    ran = hunt.counts.ran
    go_on(arms_kit, [hunt], time.monotonic() + asked["seconds"], events.append)
    engine.adapt(began_with)
    if learner is not None:
        learner.close()
    attempts = hunt.answer.attempts if hunt.answer else ()
    right = (
        [want in tried for want, tried in zip(outputs, attempts, strict=True)] if attempts else [False] * len(outputs)
    )
    updates = [event for event in events if event["event"] == "adapt"]
    rewards = [one.outcome.reward for one in hunt.population.candidates if one.outcome.reward is not None]
    return {
        "right": sum(right),
        "outputs": len(outputs),
        "passer": hunt.counts.passers > 0,
        "best": round(max(rewards, default=0.0), 4),
        "fitness": round(hunt.promise, 4),
        "programs": hunt.counts.ran - ran,
        "updates": sum(event["verdict"] == "learned" for event in updates),
        "rolled_back": sum(event["verdict"] == "rolled back" for event in updates),
        "why": [event["why"] for event in updates if event["verdict"] != "learned"],
        "adapt": round(hunt.seconds.get("adapt", 0.0), 3),
        "signs": [
            [event["adapter"], event["answers"], event["reward"], event["valid"], event["distinct"]]
            for event in events
            if event["event"] == "signs"
        ],
    }


def opened_hunt(config: RunConfig, task: Task) -> Hunt:
    """Return a search that has not begun."""
    return Hunt(task, config, Population(task, config.search, config.seed))


@lru_cache(maxsize=1)
def _held() -> dict[str, Any]:
    return {}


def kit_of(config: str) -> Kit:
    """Return this process's sandbox, model and proposers; built once."""
    held = _held()
    if not held:
        parsed = RunConfig.model_validate_json(config)
        held["sandbox"] = Sandbox(parsed.sandbox).__enter__()
        held["kit"] = opened(parsed, held["sandbox"])
        held["opened"] = held["kit"].__enter__()
    kit: Kit = held["opened"]
    return kit


def engine_of(kit: Kit) -> Any:
    """Return the model behind the language proposer."""
    return next(proposer.engine for proposer in kit.proposers if isinstance(proposer, Language))


def proposers_of(kit: Kit, config: RunConfig) -> list[Any]:
    """Return new proposers for these settings and their seed, on the model that is loaded."""
    others = tuple(name for name in config.search.proposers if name not in LANGUAGE)
    symbolic = config.model_copy(update={"search": config.search.model_copy(update={"proposers": others})})
    return [Language(config, engine_of(kit), LANGUAGE), *proposers.build(symbolic, time.monotonic)]


def summary(rows: Sequence[dict[str, Any]], options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of every arm and its paired differences to `none`."""
    arms = options.arms.split(",")
    compared = [row for row in rows if row["state"] == "compared"]
    found: dict[str, Any] = {
        "command": "bench_adapt",
        "data": options.data,
        "first": options.first,
        "seconds": options.seconds,
        "set": options.set,
        "solved_before": sum(row["state"] == "solved" for row in rows),
        "nothing_right": sum(row["state"] == "nothing right" for row in rows),
        "compared": len(compared),
        "arms": {arm: figures(compared, arm) for arm in arms},
        "part": {arm: figures([row for row in compared if row["part"]], arm) for arm in arms},
    }
    for arm in arms:
        if arm != "none" and "none" in arms:
            found["arms"][arm]["against_none"] = {name: paired(compared, arm, name) for name in MEASURES}
    return found


MEASURES = {
    "solved": lambda one: one["right"] / one["outputs"],
    "passer": lambda one: float(one["passer"]),
    "best": lambda one: one["best"],
}


def figures(rows: Sequence[dict[str, Any]], arm: str) -> dict[str, Any]:
    found = [row["arms"][arm] for row in rows]
    if not found:
        return {}
    return {
        "outputs_right": sum(one["right"] for one in found),
        "outputs": sum(one["outputs"] for one in found),
        **{name: round(statistics.fmean(map(value, found)), 4) for name, value in MEASURES.items()},
        "programs": round(statistics.fmean(one["programs"] for one in found)),
        "updates": round(statistics.fmean(one["updates"] for one in found), 2),
        "rolled_back": sum(one["rolled_back"] for one in found),
        "adapt_seconds": round(statistics.fmean(one["adapt"] for one in found), 2),
        "reward_first": mean_reward(found, first=True),
        "reward_last": mean_reward(found, first=False),
    }


def mean_reward(found: Sequence[dict[str, Any]], *, first: bool) -> float | None:
    """Mean reward of fresh answers under the adapter as it began, or under the last one of each task."""
    values = []
    for one in found:
        wanted = 0 if first else max((version for version, *_ in one["signs"]), default=0)
        values += [reward for version, _, reward, *_ in one["signs"] if version == wanted and reward is not None]
    return round(statistics.fmean(values), 4) if values else None


def paired(rows: Sequence[dict[str, Any]], arm: str, name: str) -> dict[str, Any]:
    """Mean difference to `none`, its standard error over tasks, and on how many runs it is up or down."""
    value = MEASURES[name]
    differences = [(row["task"], value(row["arms"][arm]) - value(row["arms"]["none"])) for row in rows]
    by_task = [
        statistics.fmean(difference for _, difference in group)
        for _, group in itertools.groupby(sorted(differences), key=lambda pair: pair[0])
    ]
    error = statistics.stdev(by_task) / math.sqrt(len(by_task)) if len(by_task) > 1 else math.nan
    return {
        "mean": round(statistics.fmean(by_task), 4) if by_task else None,
        "error": round(error, 4),
        "up": sum(difference > 1e-9 for _, difference in differences),
        "down": sum(difference < -1e-9 for _, difference in differences),
    }


def print_table(title: str, rows: Sequence[dict[str, Any]], arms: Sequence[str]) -> None:
    compared = [row for row in rows if row["state"] == "compared"]
    table = Table(title=f"{title}: {len(compared)} of {len(rows)} tasks and seeds compared", box=None, pad_edge=False)
    headings = (
        "arm",
        "solved",
        "passer",
        "best",
        "to none: solved",
        "passer",
        "best",
        "programs",
        "updates",
        "s learning",
    )
    for heading in headings:
        table.add_column(heading)
    for arm in arms:
        found = figures(compared, arm)
        if not found:
            continue
        ahead = [paired(compared, arm, name) if arm != "none" and "none" in arms else None for name in MEASURES]
        told = [
            "" if one is None else f"{one['mean']:+.3f} ± {one['error']:.3f} ({one['up']}:{one['down']})"
            for one in ahead
        ]
        shares = [f"{found['solved']:.1%}", f"{found['passer']:.1%}", f"{found['best']:.3f}"]
        last = [
            str(found["programs"]),
            f"{found['updates']} (-{found['rolled_back']})",
            f"{found['adapt_seconds']:.1f}",
        ]
        table.add_row(arm, *shares, *told, *last)
    Console(width=180).print(table)


def overhead(options: argparse.Namespace) -> dict[str, Any]:
    """Return where the time of learning goes on a cohort of tasks that one worker holds, start-up included."""
    tasks, _ = tasks_of(options.data, options.cohort)
    config = settings.load(
        "laptop", [*options.set, "adapt.mode=both", "adapt.when=open", "search.proposers=lm", "search.patience=1000000"]
    )
    events: list[dict[str, Any]] = []
    with Sandbox(config.sandbox) as sandbox, opened(config, sandbox) as kit:
        hunts = [opened_hunt(config, task) for task in tasks]
        go_on(kit, hunts, time.monotonic() + options.seconds * len(tasks), events.append)
    learnt = [event for event in events if event["event"] == "adapt" and event["verdict"] != "skipped"]
    total = sum(hunt.seconds.get("adapt", 0.0) for hunt in hunts)
    parts = {name: sum(event["seconds"][name] for event in learnt) for name in ("train", "swap", "probe")}
    steps = sum(event["steps"] for event in learnt)
    return {
        "command": "bench_adapt",
        "cohort": len(tasks),
        "adapt_seconds": round(total, 2),
        "train": round(parts["train"] / total, 4),
        "swap_probe_start_up": round(1.0 - parts["train"] / total, 4),
        "swap_seconds_mean": round(parts["swap"] / max(1, len(learnt)), 4),
        "swap_seconds_most": max((event["seconds"]["swap"] for event in learnt), default=0.0),
        "updates": len(learnt),
        "steps": steps,
        "tokens_per_second": round(sum(event["tokens"] for event in learnt) / max(parts["train"], 1e-9)),
    }


if __name__ == "__main__":
    main()
