"""Hindsight relabelling: a wrong program is a right answer to the task of its own outputs.

    python -m training.data.hindsight out/run out/train/hindsight.jsonl
    python -m training.data.make out/train/tuning --solved out/train/hindsight.jsonl --solved-share 1.0

Takes the candidates of a run's trace, runs them on their task's inputs in the sandbox (a model wrote them) and makes an
item of each: the same inputs, the program's outputs. Per task, one program for each set of outputs, the shortest; then
the best `--best` by pairs and reward, and as many again that differ most from those, both shortest first (SOAR keeps 25
and 25, arXiv 2507.14172). Tasks with evaluation content are refused by the guard.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from arc_submit import folder, trace
from arc_submit.adapt.hindsight import Behaviour, select
from arc_submit.errors import UserError
from arc_submit.prompts.compact import code
from arc_submit.records import Candidate, Dialect, Grid, Pair, Ran, Task
from arc_submit.sandbox import Job, Sandbox
from training.data.solved import line
from training.guard import Guard
from training.tasks.item import Item, Unfit, check


def relabelled(task: Task, candidates: Sequence[Candidate], ran: Sequence[Ran], best: int) -> list[Item]:
    """Return the items of one task's programs, given what they made of `task.inputs`."""
    shortest: dict[tuple[Grid, ...], Candidate] = {}
    for candidate, result in sorted(zip(candidates, ran, strict=True), key=lambda both: both[0].program.length):
        outputs = tuple(output.grid for output in result.outputs if output.grid is not None)
        if len(outputs) == len(task.inputs) and _fit(task, outputs):
            shortest.setdefault(outputs, candidate)
    made = [
        Behaviour(outputs, candidate.program, candidate.outcome.reward or 0.0, sum(candidate.outcome.solved))
        for outputs, candidate in shortest.items()
    ]
    return [_item(task, found, number) for number, found in enumerate(select(made, best, best))]


def _fit(task: Task, outputs: Sequence[Grid]) -> bool:
    try:
        check(task.inputs, outputs)
    except Unfit:
        return False
    return True


def _item(task: Task, found: Behaviour, number: int) -> Item:
    pairs = tuple(Pair(given, made) for given, made in zip(task.inputs, found.outputs, strict=True))
    shown = Task(f"{task.id}/hindsight/{number}", pairs[:-1], (pairs[-1].input,))
    return Item(shown, pairs[-1].output, code(found.program.source), "hindsight")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of `arc-submit run`")
    parser.add_argument("path", type=Path)
    parser.add_argument("--best", type=int, default=25)
    options = parser.parse_args()
    guard = Guard.of()
    pool: dict[str, list[Candidate]] = {}
    for event in trace.read(options.run / trace.NAME):
        if event["event"] == "candidate":
            found = trace.candidate(event["candidate"])
            if found.program.dialect is Dialect.SOLVE and not found.program.view:
                pool.setdefault(event["task"], []).append(found)
    tasks = [task for task in folder.tasks_of(options.run) if task.id in pool]
    for task in tasks:
        guard.check(task)
    count = 0
    options.path.parent.mkdir(parents=True, exist_ok=True)
    with Sandbox() as sandbox, options.path.open("w") as file:
        for task in tasks:
            programs = [candidate.program for candidate in pool[task.id]]
            jobs = [Job(program.source, program.dialect, program.entry, task.inputs) for program in programs]
            ran = sandbox.run(jobs, time.monotonic() + 600.0)
            items = relabelled(task, pool[task.id], ran, options.best)
            count += len(items)
            file.write(line(task.id, items) + "\n")
    report = {"command": "data.hindsight", "path": str(options.path), "tasks": len(tasks), "items": count}
    print(json.dumps(report))


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(str(error))
