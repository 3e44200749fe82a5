"""What each step of the idea `layers` costs, from the programs that solved training tasks: writes `costs.json`.

    python scripts/bench_search.py --data arc1-training --seconds 5 --programs --label fit
    python scripts/fit_costs.py out/bench-search/arc1-training-5s-all-0-fit.jsonl [more ...]

Files are what `scripts/bench_search.py --programs` left; what counts is programs that are right on the test. A task
counts once, shared among its right programs; of a program every call counts once. The cost of an extension is -2 log2
of its share, a fifth of a use being imagined for each: units of half a bit.
"""

import argparse
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from arc_submit.symbolic.layers import catalogue

IMAGINED = 0.2  # uses of every extension beside those seen
CALL = re.compile(r"\b([a-z_0-9]+)\(|every\((?:rbind\()?([a-z_0-9]+)")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", type=Path, nargs="+", help="results of bench_search on training tasks")
    options.add_argument("--out", type=Path, default=catalogue.COSTS)
    given = options.parse_args()
    tasks = [json.loads(line) for file in given.files for line in file.read_text("utf-8").splitlines()]
    solved = {
        task["task"]: right
        for task in tasks
        if (right := [one["source"] for one in task["programs"] if all(one["right"]) and not one["edited"]])
    }
    found = costs(solved, catalogue.extensions())
    given.out.write_text(json.dumps(found, indent=0, sort_keys=True) + "\n", "utf-8")
    print(json.dumps({"command": "fit_costs", "tasks": len(solved), "extensions": len(found), "out": str(given.out)}))


def costs(solved: Mapping[str, Sequence[str]], names: Iterable[str]) -> dict[str, int]:
    """Return the cost of every extension from the right programs of each task."""
    uses: Counter[str] = Counter()
    names = [name for name in names if name not in catalogue.ASIDE]
    for programs in solved.values():
        for source in programs:
            called = {name for pair in CALL.findall(source) for name in pair if name}
            for name in called & set(names):
                uses[name] += 1 / len(programs)  # type: ignore[assignment]  # shares of a task
    total = sum(uses.values()) + IMAGINED * len(names)
    return {name: round(-2 * math.log2((uses[name] + IMAGINED) / total)) for name in names}


if __name__ == "__main__":
    main()
