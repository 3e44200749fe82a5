"""What enumeration alone solves: a fixed random draw of ARC-AGI-1 training tasks, a few CPU seconds each, one process.

    python scripts/bench_symbolic.py [--tasks 100] [--seconds 10] [--seed 0] [--all-finds]

A task passes when a program is right on every demonstration. It is solved when the first such program is also right on
every test input, and solved by two when that holds for one of the two different test answers with the cheapest programs
behind them. A task stops early when three programs pass (`--all-finds` uses up the time). Every task runs in a process
of its own, so that its peak memory can be read; times are CPU times, so other work on the machine does not count. Only
the training set is offered: the proposer is tuned on it.

Prints a table and ends with one JSON line.
"""

import argparse
import multiprocessing
import random
import resource
import statistics
import time
from dataclasses import dataclass

import orjson

from arc_submit.records import Grid, Task
from arc_submit.symbolic import Enumerator, Found, SymbolicConfig
from arc_submit.tasks import load, load_solutions

DATA = "arc1-training"
ENOUGH = 3  # passing programs after which a task stops


@dataclass(frozen=True, slots=True)
class Row:
    """One task."""

    task: str
    passes: bool
    solved: bool
    """The first passing program is right on every test input."""
    solved_by_two: bool
    """One of the two different test answers with the cheapest passing programs behind them is."""
    partial: int
    """Most demonstrations that a program was right on."""
    pairs: int
    first_seconds: float | None
    """Seconds until the first passing program."""
    lines: int | None
    """Lines of it."""
    seconds: float
    evaluations: int
    level: int
    peak_mb: float


def measure(task: Task, answers: tuple[Grid, ...], seconds: float, seed: int, all_finds: bool) -> Row:
    """Enumerate one task and compare its passing programs with the test outputs."""
    started = time.process_time()
    enumerator = Enumerator(task, SymbolicConfig(), random.Random(seed), time.process_time)
    passing: list[Found] = []
    first: float | None = None
    partial = 0
    while not enumerator.exhausted and time.process_time() < started + seconds:
        for found in enumerator.advance(started + seconds, 1):
            partial = max(partial, found.pairs_solved)
            if found.passes:
                passing.append(found)
                first = first or time.process_time() - started
        if len(passing) >= ENOUGH and not all_finds:
            break
    cheapest = sorted(passing, key=lambda found: found.cost)
    tests = list(dict.fromkeys(found.outputs[len(task.train) :] for found in cheapest))
    return Row(
        task=task.id,
        passes=bool(passing),
        solved=bool(passing) and passing[0].outputs[len(task.train) :] == answers,
        solved_by_two=answers in tests[:2],
        partial=partial,
        pairs=len(task.train),
        first_seconds=first,
        lines=passing[0].lines if passing else None,
        seconds=time.process_time() - started,
        evaluations=enumerator.evaluations,
        level=enumerator.level,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=100, help="tasks drawn from the training set")
    parser.add_argument("--seconds", type=float, default=10.0, help="CPU seconds per task")
    parser.add_argument("--seed", type=int, default=0, help="of the draw and of the enumeration")
    parser.add_argument("--all-finds", action="store_true", help="do not stop a task early")
    options = parser.parse_args()
    tasks, solutions = load(DATA), load_solutions(DATA)
    assert solutions is not None
    chosen = random.Random(options.seed).sample(sorted(tasks, key=lambda task: task.id), options.tasks)
    rows: list[Row] = []
    print(f"{'task':10}{'result':>12}{'first s':>9}{'lines':>6}{'seconds':>9}{'evals':>9}{'level':>6}{'MB':>6}")
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        for task in chosen:
            job = (task, solutions.outputs[task.id], options.seconds, options.seed, options.all_finds)
            row = pool.apply(measure, job)
            rows.append(row)
            result = "solved" if row.solved else "passes" if row.passes else f"{row.partial}/{row.pairs}"
            first = "" if row.first_seconds is None else f"{row.first_seconds:.2f}"
            print(
                f"{row.task:10}{result:>12}{first:>9}{row.lines or '':>6}{row.seconds:>9.1f}{row.evaluations:>9}"
                f"{row.level:>6}{row.peak_mb:>6.0f}",
                flush=True,
            )
    evaluations = sum(row.evaluations for row in rows)
    spent = sum(row.seconds for row in rows)
    summary = {
        "bench": "symbolic",
        **{key: value for key, value in vars(options).items() if key != "all_finds"},
        "passes": sum(row.passes for row in rows),
        "solved": sum(row.solved for row in rows),
        "solved_by_two": sum(row.solved_by_two for row in rows),
        "partial_only": sum(not row.passes and row.partial > 0 for row in rows),
        "evaluations_per_second": round(evaluations / spent),
        "overrun_seconds_max": round(max(row.seconds for row in rows) - options.seconds, 3),
        "peak_mb_p50": round(statistics.median(row.peak_mb for row in rows)),
        "peak_mb_max": round(max(row.peak_mb for row in rows)),
        "seconds_total": round(spent, 1),
    }
    print(f"\n{summary['solved']} of {len(rows)} solved, {summary['passes']} pass every demonstration")
    print(orjson.dumps(summary).decode())


if __name__ == "__main__":
    main()
