"""Programs that the enumerator finds for real training tasks, in many views: what right programs look like.

    python -m training.data.solved out/train/solved.jsonl --views 6

Random programs teach the language and what each step does; these teach which programs people's tasks want. A program
counts when it is right on every demonstration and on the test outputs of a task that training may learn from
(`training.split`). A task that is solved as it stands is searched again in other views, where other colours and
directions make it another text. One JSON line an item; resumes after the tasks that the file already holds.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from arc_submit import views
from arc_submit.records import Grid, Pair, Task, View
from arc_submit.symbolic import Enumerator
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.expressions import HEADER
from arc_submit.tasks import sets
from training.split import split
from training.tasks.item import Item, Unfit, run

EVALUATIONS = 15_000  # per task and view: a second or two
PROGRAMS = 3  # kept per task and view
SETTINGS = SymbolicConfig(evaluations_per_round=EVALUATIONS, memory_bytes=120_000_000, patience=4_000)


def solved(task: Task, outputs: tuple[Grid, ...], count: int, seed: int) -> list[Item]:
    """Return right programs for the task as it stands and, if there are any, for `count` more views of it."""
    found = list(_search(task, outputs, View(), f"{task.id}"))
    if found:
        rng = random.Random(f"{seed}/{task.id}")
        for number in range(count):
            found.extend(_search(task, outputs, views.draw(rng, len(task.train)), f"{task.id}/{number}"))
    return found


def _search(task: Task, outputs: tuple[Grid, ...], view: View, name: str) -> Iterator[Item]:
    seen = views.apply_task(view, task)
    wanted = tuple(views.apply(view, grid) for grid in outputs)
    search = Enumerator(seen, SETTINGS, random.Random(name), lambda: 0.0)
    right = 0
    for find in search.advance(1.0, 10**9):
        source = find.source.removeprefix(HEADER)
        if find.pairs_solved == len(task.train) and right < PROGRAMS and _right(source, seen, wanted):
            right += 1
            yield Item(Task(name, seen.train, seen.test[:1]), wanted[0], source, "solved")


def _right(source: str, task: Task, wanted: tuple[Grid, ...]) -> bool:
    try:
        return run(source, task.test) == wanted
    except Unfit:
        return False


def read(path: Path) -> list[Item]:
    """Return the items of a file that `main` wrote."""
    found = []
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        for body in entry["items"]:
            pairs = tuple(Pair(_grid(given), _grid(made)) for given, made in body["train"])
            task = Task(body["id"], pairs, (_grid(body["test"][0]),))
            found.append(Item(task, _grid(body["test"][1]), body["source"], "solved"))
    return found


def _grid(text: str) -> Grid:
    return tuple(tuple(map(int, row)) for row in text.split("|"))


def _text(grid: Grid) -> str:
    return "|".join("".join(map(str, row)) for row in grid)


def line(task_id: str, items: list[Item]) -> str:
    bodies = [
        {
            "id": item.task.id,
            "train": [(_text(pair.input), _text(pair.output)) for pair in item.task.train],
            "test": (_text(item.task.test[0]), _text(item.test)),
            "source": item.source,
        }
        for item in items
    ]
    return json.dumps({"task": task_id, "items": bodies})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--views", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    from rich.progress import track

    options.path.parent.mkdir(parents=True, exist_ok=True)
    lines = options.path.read_text().splitlines() if options.path.exists() else []
    done = {json.loads(text)["task"] for text in lines}
    outputs: dict[str, tuple[Grid, ...]] = {}
    for name in ("arc1-training", "arc2-training"):
        found = sets.load_solutions(name)
        outputs.update(found.outputs if found else {})
    waiting = [task for task in split().learn if task.id not in done]
    with ProcessPoolExecutor(options.processes) as pool, options.path.open("a") as file:
        jobs = [(task.id, pool.submit(solved, task, outputs[task.id], options.views, options.seed)) for task in waiting]
        for task_id, job in track(jobs, "solving", disable=not sys.stderr.isatty()):
            file.write(line(task_id, job.result()) + "\n")
            file.flush()
    items = read(options.path)
    tasks = len({item.task.id.split("/")[0] for item in items})
    print(json.dumps({"command": "data.solved", "path": str(options.path), "items": len(items), "tasks": tasks}))


if __name__ == "__main__":
    main()
