"""What the loop costs: wall time outside proposers and sandbox, and seconds from the command to the first task.

    python scripts/bench_loop.py [--tasks 100] [--programs 64]

The script is made on the spot: a handful of ordinary DSL programs, edited at random, the same for every seed. Sandbox
time is what `Sandbox.run` and `Sandbox.confirm` take, proposer time is extraction of the programs from text; all the
rest (judge, population, vote, trace, plan) is the loop. The start is that of `arc-submit run`, until a worker takes its
first task. Ends with one JSON line.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from arc_submit import tasks, trace
from arc_submit.config import load
from arc_submit.sandbox import Sandbox
from arc_submit.search.proposers import Scripted
from arc_submit.solve import Kit, solve
from arc_submit.symbolic import Context, mutate

SEEDS = (  # 8 or 9 lines, the median length of published solvers of ARC-AGI-1 training tasks
    """x1 = objects(I, T, F, T)
    x2 = argmax(x1, size)
    x3 = mostcolor(I)
    x4 = canvas(x3, THREE_BY_THREE)
    x5 = color(x2)
    x6 = normalize(x2)
    x7 = toindices(x6)
    x8 = fill(x4, x5, x7)
    O = vmirror(x8)""",
    """x1 = leastcolor(I)
    x2 = ofcolor(I, x1)
    x3 = box(x2)
    x4 = fill(I, TWO, x3)
    x5 = outbox(x2)
    x6 = fill(x4, x1, x5)
    x7 = corners(x3)
    O = fill(x6, EIGHT, x7)""",
    """x1 = objects(I, F, T, T)
    x2 = mapply(delta, x1)
    x3 = fill(I, THREE, x2)
    x4 = objects(x3, T, F, T)
    x5 = colorfilter(x4, THREE)
    x6 = mapply(outbox, x5)
    x7 = underfill(x3, ONE, x6)
    O = replace(x7, FIVE, ZERO)""",
    """x1 = vmirror(I)
    x2 = hconcat(I, x1)
    x3 = hmirror(x2)
    x4 = vconcat(x2, x3)
    x5 = mostcolor(I)
    x6 = asobject(x4)
    x7 = rbind(matcher, x5)
    x8 = replace(x4, x5, ZERO)
    O = compress(x8)""",
    """x1 = objects(I, T, T, T)
    x2 = order(x1, size)
    x3 = last(x2)
    x4 = cover(I, x3)
    x5 = first(x2)
    x6 = recolor(FOUR, x5)
    x7 = paint(x4, x6)
    x8 = mapply(backdrop, x1)
    O = underfill(x7, ONE, x8)""",
    """x1 = lefthalf(I)
    x2 = righthalf(I)
    x3 = cellwise(x1, x2, ZERO)
    x4 = replace(x3, ONE, EIGHT)
    x5 = objects(x4, T, T, T)
    x6 = mapply(corners, x5)
    x7 = fill(x4, TWO, x6)
    x8 = rot90(x7)
    O = upscale(x8, TWO)""",
)


class Timed:
    """A sandbox that adds up the seconds spent inside it."""

    def __init__(self, inner: Sandbox) -> None:
        self._inner = inner
        self.seconds = 0.0

    def run(self, *arguments: Any) -> Any:
        """As Sandbox.run."""
        return self._timed(self._inner.run, arguments)

    def confirm(self, *arguments: Any) -> Any:
        """As Sandbox.confirm."""
        return self._timed(self._inner.confirm, arguments)

    def _timed(self, call: Any, arguments: Sequence[Any]) -> Any:
        started = time.perf_counter()
        try:
            return call(*arguments)
        finally:
            self.seconds += time.perf_counter() - started


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", type=int, default=100)
    parser.add_argument("--programs", type=int, default=64, help="completions per task")
    options = parser.parse_args()

    chosen = tasks.select(tasks.load("arc1-training"), limit=options.tasks)
    config = load(settings=["search.proposers=scripted", f"budget.cohort={options.tasks}"])
    texts = {task.id: completions(Context.from_task(task), options.programs, task.id) for task in chosen}
    with Sandbox(config.sandbox) as sandbox, tempfile.TemporaryDirectory() as folder:
        timed = Timed(sandbox)
        kit = Kit(config, timed, [Scripted(texts, config.search.scripted_per_round)])  # type: ignore[arg-type]
        with trace.Trace(Path(folder) / trace.NAME) as record:
            started = time.perf_counter()
            hunts = solve(kit, chosen.tasks, time.monotonic() + 3600, record.append)
            wall = time.perf_counter() - started
    proposing = sum(hunt.seconds.get("propose:scripted", 0.0) for hunt in hunts)
    ran = sum(hunt.counts.ran for hunt in hunts)
    outside = wall - proposing - timed.seconds
    for name, seconds in (("sandbox", timed.seconds), ("proposer", proposing), ("everything else", outside)):
        print(f"{name:16} {seconds:7.2f} s  {seconds / wall:6.1%}  {seconds / ran * 1e3:6.2f} ms per program")
    started_after = start_seconds()
    print(f"{'start to task':16} {started_after:7.2f} s")
    summary = {"loop_share": round(outside / wall, 4), "tasks": len(hunts), "programs": ran, "seconds": round(wall, 2)}
    print(orjson.dumps({**summary, "start_seconds": round(started_after, 2)}).decode())


def start_seconds() -> float:
    """Return the seconds from typing `arc-submit run` until the first task is worked on."""
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "out" / trace.NAME
        command = [sys.executable, "-m", "arc_submit", "run", "--data", "arc1-evaluation", "--out", str(record.parent)]
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not (record.exists() and b'"state":"started"' in record.read_bytes()):
            time.sleep(0.01)
        took = time.perf_counter() - started
        process.terminate()
        process.wait()
    return took


def completions(context: Context, count: int, seed: str) -> list[str]:
    """Return model-like texts: edited seeds in a fence with a word of prose."""
    rng = random.Random(seed)
    texts = []
    while len(texts) < count:
        source = f"from arc_dsl import *\n\n\ndef solve(I):\n    {rng.choice(SEEDS)}\n    return O\n"
        source = mutate(source, rng, context) or source
        texts.append(f"Let me try this.\n\n```python\n{source}```\n")
    return texts


if __name__ == "__main__":
    main()
