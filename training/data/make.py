"""Make token shards: items from their sources, examples from items, ids from examples.

    python -m training.data.make out/train/shards --shards 60
    python -m training.data.make out/train/more --shards 40 --generated 0.4 --solved out/train/solved.jsonl \\
        --first-seed 1000

Shard k is a function of (first seed + k) and the settings alone, so any shard can be made again, in any order, by any
number of processes. Existing shards are left as they are.
"""

import argparse
import json
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from arc_submit.records import Pair
from training.data import shards, solved
from training.data.examples import Mix, examples
from training.data.harvest import harvest
from training.split import Split, split
from training.tasks.item import Item

PER_SHARD = 2000  # examples
PER_TASK = 200  # harvested items of one task and view


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the items of a shard come from."""

    first_seed: int = 0
    generated: float = 0.0
    """Share of items from `training.tasks`; the rest is harvested."""
    solved: Path | None = None
    """File of `training.data.solved`, or none."""
    solved_share: float = 0.2
    """Share of items from it."""
    mix: Mix = field(default_factory=Mix)
    per_shard: int = PER_SHARD
    """Examples of a shard."""


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    from training.tokenizer import build

    return build()


@lru_cache(maxsize=1)
def _split() -> Split:
    return split()


def shard(number: int, sources: Sources) -> list[shards.Encoded]:
    """Return the examples of one shard, shuffled."""
    seed = sources.first_seed + number
    rng = random.Random(f"shard/{seed}")
    wanted = sources.per_shard
    found = _generated(seed, round(wanted * sources.generated))
    if sources.solved is not None:
        found.extend(_solved(sources.solved, rng, round(wanted * sources.solved_share)))
    while len(found) < wanted:
        task = rng.choice(_split().learn)
        found.extend(harvest(task, rng.randrange(2**31), PER_TASK))
    rng.shuffle(found)
    tokenizer = _tokenizer()
    made = examples(found[:wanted], rng, sources.mix, lambda text: len(tokenizer(text)["input_ids"]))
    return [shards.encode(example, tokenizer) for example in made]


def _generated(seed: int, count: int) -> list[Item]:
    if not count:
        return []
    from training.tasks.registry import item

    return [item(seed, index) for index in range(count)]


@lru_cache(maxsize=1)
def _by_task(path: Path) -> list[list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in solved.read(path):
        found.setdefault(item.task.id.split("/")[0], []).append(item)
    return list(found.values())


def _solved(path: Path, rng: random.Random, count: int) -> list[Item]:
    """Draw a task, then one of its items, and show its demonstrations in another order."""
    items = (rng.choice(rng.choice(_by_task(path))) for _ in range(count))
    return [replace(item, task=replace(item.task, train=tuple(_shuffled(item, rng)))) for item in items]


def _shuffled(item: Item, rng: random.Random) -> list[Pair]:
    return rng.sample(item.task.train, len(item.task.train))


def write(folder: Path, number: int, sources: Sources) -> Path:
    """Make one shard unless it is there; return its path."""
    path = shards.path(folder, number)
    if not path.exists():
        shards.write(path, shard(number, sources))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shards", type=int, default=60, help="shards (default 60)")
    parser.add_argument("--per-shard", type=int, default=PER_SHARD, help=f"examples of a shard (default {PER_SHARD})")
    parser.add_argument("--generated", type=float, default=0.0, help="share of items from training.tasks (default 0)")
    parser.add_argument("--first-seed", type=int, default=0, help="seed of shard 0; shard k has this plus k")
    parser.add_argument("--grids", type=float, default=Mix().grids, help="share of prompts that show grids")
    parser.add_argument("--edit", type=float, default=Mix().edit, help="share of edit prompts")
    parser.add_argument("--solved", type=Path, help="file of training.data.solved")
    parser.add_argument("--solved-share", type=float, default=0.2, help="share of items from it")
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    mix = Mix(edit=options.edit, grids=options.grids)
    shares = (options.generated, options.solved, options.solved_share)
    sources = Sources(options.first_seed, *shares, mix, options.per_shard)
    said = options.solved.name if options.solved else None  # not where this machine keeps it
    (options.folder / "sources.json").write_text(
        json.dumps({"shards": options.shards, **asdict(sources), "solved": said}, indent=1)
    )
    from rich.progress import track

    with ProcessPoolExecutor(options.processes) as pool:
        waiting = [pool.submit(write, options.folder, number, sources) for number in range(options.shards)]
        for done in track(waiting, "shards", disable=not sys.stderr.isatty()):
            done.result()
    print(json.dumps({"command": "data.make", "folder": str(options.folder), "shards": options.shards}))


if __name__ == "__main__":
    main()
