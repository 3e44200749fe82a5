"""What each step of the idea `layers` costs, from the programs that solved training tasks: writes `costs.json`.

    python scripts/bench_search.py --data arc1-training --seconds 5 --programs --label fit
    python scripts/fit_costs.py out/bench-search/arc1-training-5s-all-0-fit.jsonl [more ...]

Half of the tasks, to measure on the other half with `bench_search.py --shard 2/2 --costs out/costs-1.json` (without
`--limit`, whose shards are of fewer tasks and would mix the halves):

    python scripts/fit_costs.py out/bench-search/arc1-training-5s-all-0-fit.jsonl --shard 1/2 --out out/costs-1.json

Files are what `scripts/bench_search.py --programs` left; what counts is the shortest programs that are right on the
test. A task counts once, shared among them; of a program every step counts once. The cost of an extension is -2 log2
of its share, half a use being imagined for each: units of half a bit.
"""

import argparse
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import bench_search

from arc_submit import tasks
from arc_submit.symbolic.layers import catalogue

IMAGINED = 0.5  # uses of every extension beside those seen
SLACK = 1.1  # times the shortest right program's length: longer ones have steps that do nothing
NAME = re.compile(r"[a-z_][a-z_0-9]*")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", type=Path, nargs="+", help="results of bench_search on training tasks")
    options.add_argument("--data", default="arc1-training", help="the tasks that shards are of")
    options.add_argument("--shard", default="1/1", help="k/n: only every n-th task from the k-th on")
    options.add_argument("--out", type=Path, default=catalogue.COSTS)
    given = options.parse_args()
    mine = {task.id for task in bench_search.shard(tasks.load(given.data).tasks, given.shard)}
    programs: dict[str, list[Mapping[str, Any]]] = {}
    for row in (row for file in given.files for row in bench_search.read(file)):
        if row.task in mine:
            programs.setdefault(row.task, []).extend(row.programs)
    solved = {task: right for task, found in programs.items() if (right := shortest(found))}
    found = costs(solved, catalogue.extensions())
    given.out.write_text(json.dumps(found, indent=0, sort_keys=True) + "\n", "utf-8")
    print(json.dumps({"command": "fit_costs", "tasks": len(solved), "extensions": len(found), "out": str(given.out)}))


def shortest(programs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the programs over layers that are right on the test, those not much longer than the shortest."""
    right = [one for one in programs if one["by"] == "layers" and all(one["right"])]
    least = min((one["length"] for one in right), default=0)
    return [one["source"] for one in right if one["length"] <= SLACK * least]


def costs(solved: Mapping[str, Sequence[str]], names: Iterable[str]) -> dict[str, int]:
    """Return the cost of every extension from the right programs of each task."""
    uses: Counter[str] = Counter()
    names = [name for name in names if name not in catalogue.ASIDE]
    for programs in solved.values():
        for source in programs:
            for name in set(NAME.findall(source)) & set(names):
                uses[name] += 1 / len(programs)  # type: ignore[assignment]  # shares of a task
    total = sum(uses.values()) + IMAGINED * len(names)
    return {name: round(-2 * math.log2((uses[name] + IMAGINED) / total)) for name in names}


if __name__ == "__main__":
    main()
