"""What the loop costs outside proposers and sandbox: share of wall time on 100 tasks with the scripted proposer.

    python scripts/bench_loop.py [--tasks 100] [--programs 64]

The script is made on the spot: a handful of ordinary DSL programs, edited at random, the same for every seed. Sandbox
time is what `Sandbox.run` and `Sandbox.confirm` take, proposer time is extraction of the programs from text; all the
rest (judge, population, vote, trace, plan) is the loop. Ends with one JSON line.
"""

import argparse
import random
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

SEEDS = (
    "x1 = objects(I, T, F, T)\n    x2 = argmax(x1, size)\n    O = subgrid(x2, I)",
    "x1 = leastcolor(I)\n    x2 = ofcolor(I, x1)\n    x3 = box(x2)\n    O = fill(I, TWO, x3)",
    "x1 = objects(I, F, T, T)\n    x2 = mapply(delta, x1)\n    O = fill(I, THREE, x2)",
    "x1 = vmirror(I)\n    x2 = hconcat(I, x1)\n    x3 = hmirror(x2)\n    O = vconcat(x2, x3)",
    "x1 = objects(I, T, T, T)\n    x2 = order(x1, size)\n    x3 = last(x2)\n    O = cover(I, x3)",
    "x1 = lefthalf(I)\n    x2 = righthalf(I)\n    x3 = cellwise(x1, x2, ZERO)\n    O = replace(x3, ONE, EIGHT)",
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
    summary = {"loop_share": round(outside / wall, 4), "tasks": len(hunts), "programs": ran, "seconds": round(wall, 2)}
    print(orjson.dumps(summary).decode())


def completions(context: Context, count: int, seed: str) -> list[str]:
    """Return model-like texts: edited seeds in a fence with a word of prose."""
    rng = random.Random(seed)
    texts = []
    while len(texts) < count:
        source = f"from arc_dsl import *\n\n\ndef solve(I):\n    {rng.choice(SEEDS)}\n    return O\n"
        for _ in range(rng.randint(1, 3)):
            source = mutate(source, rng, context) or source
        texts.append(f"Let me try this.\n\n```python\n{source}```\n")
    return texts


if __name__ == "__main__":
    main()
