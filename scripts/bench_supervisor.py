"""What the supervisor costs: 240 tasks on four real workers with the scripted engine, twelve hours' words in minutes.

Every task has a script of programs, so its search says what a real one says (rounds, programs, answers) as fast as the
sandbox judges them. Printed: CPU seconds of the supervisor per task, its share of one core in this hurry, the share
that the same work is of twelve hours, with what looking at the clock costs meanwhile, and its memory by quarters.

    python scripts/bench_supervisor.py [--tasks 240] [--workers 4] [--texts 200]
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from arc_submit import config, folder, tasks
from arc_submit.run import Run
from arc_submit.run.crew import Processes

HOURS = 12.0
WORDS = ("hmirror(I)", "vmirror(I)", "dmirror(I)", "rot90(I)", "hconcat(I, I)", "vconcat(I, I)", "tophalf(I)", "I")

MUTE = """
import json, sys, time
next(iter(sys.stdin))
print(json.dumps({"event": "worker", "state": "started", "sandbox": {}}), flush=True)
time.sleep(999)
"""
"""A worker that starts and then says nothing."""


class Watcher:
    """Keeps the memory of this process at every look."""

    def __init__(self) -> None:
        self.megabytes: list[float] = []
        self.at: list[float] = []

    def progress(self, run: Run) -> None:
        """Look."""
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self.megabytes.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
        self.at.append(run.elapsed)

    def notice(self, text: str) -> None:
        """Print it."""
        print(f"  {text}")


def script(path: Path, ids: list[str], texts: int) -> None:
    """For every task as many different programs, none of them right: recolourings of a few pictures."""
    with path.open("w") as file:
        for task_id in ids:
            for number in range(texts):
                a, b = number % 9, (number // 9) % 9
                body = f"replace({WORDS[number % len(WORDS)]}, {a}, {9 - b})"
                file.write(json.dumps({"task": task_id, "text": f"def solve(I):\n    return {body}\n"}) + "\n")


def idle_cost(out: Path, settings: config.RunConfig, seconds: float = 20.0) -> float:
    """CPU seconds of a supervisor per second in which no worker says anything."""
    chosen = tasks.select(tasks.load("arc1-training"), limit=4)
    folder.create(out, chosen, settings, fresh=True)
    run = Run(chosen, settings, out, crew=Processes(out, [sys.executable, "-c", MUTE]), hard_stop=seconds)
    before = time.process_time()
    run.go(Watcher())
    return (time.process_time() - before) / seconds


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=240)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--texts", type=int, default=200, help="programs per task")
    given = parser.parse_args(arguments)
    chosen = tasks.select(tasks.load("arc1-training"), limit=given.tasks)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "script.jsonl"
        script(path, [task.id for task in chosen], given.texts)
        settings = config.load(
            settings=[
                "search.proposers=scripted",
                f"search.script={path}",
                f"workers={given.workers}",
                "budget.cohort=8",
                "budget.width=8",
                "budget.seconds_per_task=600",
            ]
        )
        idle = idle_cost(Path(place) / "idle", settings)
        out = Path(place) / "out"
        folder.create(out, chosen, settings, fresh=True)
        watcher = Watcher()
        before = time.process_time()
        summary = Run(chosen, settings, out).go(watcher)
        busy = time.process_time() - before
        events = sum(1 for _ in (out / "trace.jsonl").open("rb"))
    quarters = [watcher.megabytes[len(watcher.megabytes) * part // 4] for part in range(4)] + watcher.megabytes[-1:]
    found = {
        "tasks": summary["finished"],
        "workers": given.workers,
        "events": events,
        "wall_seconds": summary["seconds"],
        "cpu_seconds": round(busy, 2),
        "share_in_a_hurry": round(busy / summary["seconds"], 4),
        "idle_share_of_a_core": round(idle, 5),
        "share_of_twelve_hours": round(busy / (HOURS * 3600.0) + idle, 5),
        "megabytes": [round(value, 1) for value in quarters],
        "load": os.getloadavg()[0],
    }
    for key, value in found.items():
        print(f"{key:<24} {value}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
