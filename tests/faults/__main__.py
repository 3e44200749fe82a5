"""Print what every fault leaves of a twelve-hour run: `make faults`.

    python -m faults [--small] [--random N] [--overrun N] [--jobs N]

solved: tasks right in the last submission; of: without the faults; fair: without them in the worker time that they left
(visits that came to their end); lost: finished and right once, and not in the last submission, which only a disk that
stays full to the end can bring about, and which the run says.
"""

import argparse
import json
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from faults.catalogue import alone
from faults.simulate import KAGGLE, SMALL, Result, Scale, control, draw, one
from faults.world import Faults

_LINE = "{:<46} {:>7} {:>7} {:>7} {:>6.0%} {:>6} {:>8} {:>8}"


def _single(scale: Scale, name: str) -> tuple[str, Result, int, int]:
    return name, *_held(scale, 0, alone(scale)[name])


def _random(scale: Scale, seed: int) -> tuple[str, Result, int, int]:
    return f"random combination {seed}", *_held(scale, seed, draw(seed, scale))


def _held(scale: Scale, seed: int, faults: Faults) -> tuple[Result, int, int]:
    """(the run, tasks solved without the faults, tasks solved without them in the time that they left)"""
    with tempfile.TemporaryDirectory() as folder:
        found = one(Path(folder) / "out", seed, faults, scale)
        whole = control(Path(folder) / "out", seed, faults, scale)
        fair = control(Path(folder) / "out", seed, faults, scale, worked=found.worked)
    return found, whole.solved, fair.solved


def _undisturbed(scale: Scale, seed: int) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        return one(Path(folder) / "out", 10_000 + seed, Faults(), scale)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="make faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true", help="three hours and 60 tasks instead of twelve and 240")
    parser.add_argument("--random", type=int, default=200, help="runs with random combinations of faults")
    parser.add_argument("--overrun", type=int, default=500, help="runs without faults, heavy-tailed task times")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    given = parser.parse_args()
    scale = SMALL if given.small else KAGGLE
    began = time.monotonic()
    print(_LINE.replace(":>6.0%", ":>6").format("fault", "solved", "of", "fair", "kept", "lost", "overrun", "restarts"))
    with ProcessPoolExecutor(given.jobs) as pool:
        singles = list(_told(pool.map(partial(_single, scale), alone(scale))))
        combined = list(_told(pool.map(partial(_random, scale), range(given.random))))
        quiet = list(pool.map(partial(_undisturbed, scale), range(given.overrun), chunksize=10))
    disturbed = [(found, fair) for _, found, _, fair in (*singles, *combined)]
    every = [*(found for found, _ in disturbed), *quiet]
    summary = {
        "runs": len(every),
        "overruns": sum(found.overrun > 0 for found in every),
        "latest_second": round(max(found.overrun for found in every), 1),
        "lost": sum(found.lost for found in every if not found.summary["unwritten"]),
        "kept_mean": round(sum(f.solved for f, _ in disturbed) / max(1, sum(fair for _, fair in disturbed)), 4),
        "kept_least": round(min(f.solved / max(1, fair) for f, fair in disturbed), 3),
        "under_95": sum(f.solved < 0.95 * fair for f, fair in disturbed),
        "disturbed": len(disturbed),
        "idle_most": round(max((found.idle for found in quiet), default=0.0), 4),
        "worked_least": round(min((found.worked for found in quiet), default=1.0), 4),
        "seconds": round(time.monotonic() - began, 1),
    }
    print(json.dumps(summary))
    if summary["overruns"] or summary["lost"]:
        sys.exit(1)


def _told(results):  # type: ignore[no-untyped-def]
    for name, found, whole, fair in results:
        kept = found.solved / max(1, fair)
        row = (name, found.solved, whole, fair, kept, found.lost, f"{found.overrun:.0f} s", found.summary["restarts"])
        print(_LINE.format(*row), flush=True)
        yield name, found, whole, fair


if __name__ == "__main__":
    main()
