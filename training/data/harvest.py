"""Random typed programs on real inputs: every program is a right answer to the task of its own outputs.

The enumerator builds expressions on a task's inputs and keeps each behaviour once, in about its shortest form; random
steps on top of what it kept make longer ones. Each grid expression becomes an item whose demonstrations are the
inputs and its outputs (hindsight relabelling: Andrychowicz et al., arXiv 1707.01495; CodeIt, arXiv 2402.04858). The
task's own outputs only steer the order of the search; test outputs are never read.
"""

import random
from collections import defaultdict
from collections.abc import Sequence

from arc_submit import views
from arc_submit.records import Grid, Pair, Task
from arc_submit.symbolic import Enumerator
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.expressions import HEADER, Entry, Production, nodes, to_source
from arc_submit.symbolic.grammar import productions
from training.tasks.item import Item, Unfit, check, is_grid

EVALUATIONS = 10_000  # expressions enumerated in order
STEPS = 6_000  # random steps on top of them
LINES = 8  # longest program taken
PAIRS = 5  # inputs of one item at most, the test input included
SETTINGS = SymbolicConfig(
    evaluations_per_round=EVALUATIONS, entries_per_level=250, memory_bytes=80_000_000, objects_limit=60
)


def _stopped() -> float:
    """A clock that stands: evaluations end a search here, never the time, so that it can be repeated."""
    return 0.0


def harvest(task: Task, seed: int, count: int) -> list[Item]:
    """Return up to `count` items on the inputs of a task, seen in a random view. (seed, task) decides everything."""
    rng = random.Random(f"{seed}/{task.id}")
    seen = views.apply_task(views.draw(rng, len(task.train)), task)
    inputs = list(dict.fromkeys(seen.inputs))[:PAIRS]
    if len(inputs) < 2:
        return []
    search = Enumerator(_open(seen, inputs), SETTINGS, rng, _stopped)
    search.advance(1.0, 10**9)
    _wander(search, rng)
    chosen = _spread([entry for entry in search.kept("G") if _lines(entry) <= LINES], rng, 2 * count)
    items = (_item(entry, search.order, inputs, f"{task.id}/{seed}/{number}") for number, entry in enumerate(chosen))
    return [item for item in items if item is not None][:count]


def wandered(task: Task, seed: int, count: int) -> list[str]:
    """Return the sources of `count` random typed programs on a task's inputs, blind to its outputs: the control."""
    rng = random.Random(f"{seed}/{task.id}")
    blind = Task(task.id, tuple(Pair(pair.input, pair.input) for pair in task.train), task.test)
    search = Enumerator(blind, SETTINGS, rng, _stopped)
    search.advance(1.0, 10**9)
    _wander(search, rng)
    kept = [entry for entry in search.kept("G") if _lines(entry) <= LINES]
    return [to_source(entry) for entry in _spread(kept, rng, count)]


def _open(task: Task, inputs: Sequence[Grid]) -> Task:
    """The inputs as a task; outputs that are known stay, so that the search heads for something."""
    known = {pair.input: pair.output for pair in task.train}
    train = tuple(Pair(grid, known[grid]) for grid in inputs if grid in known)
    return Task(task.id, train, tuple(grid for grid in inputs if grid not in known))


def _wander(search: Enumerator, rng: random.Random) -> None:
    """Grid-valued steps with arguments drawn from all that is kept, whatever they cost."""
    steps = [production for production in productions() if production.returns == "G" and production.parameters]
    for _ in range(STEPS):
        production = rng.choice(steps)
        arguments = tuple(_drawn(search, kind, rng) for kind in production.parameters)
        if None not in arguments:
            search.combine(production, arguments)  # type: ignore[arg-type]


def _drawn(search: Enumerator, kind: str, rng: random.Random) -> Entry | None:
    """A random expression of a kind, short ones more often: half the time from the first fifth."""
    kept = search.kept(kind)
    if not kept:
        return None
    return kept[rng.randrange(1 + len(kept) // 5) if rng.random() < 0.5 else rng.randrange(len(kept))]


def _lines(entry: Entry) -> int:
    return sum(not node.production.inline for node in nodes(entry))


def _spread(entries: Sequence[Entry], rng: random.Random, count: int) -> list[Entry]:
    """Draw without replacement: by (last step, length) first, short ones more often, then within such a group.

    Drawn evenly over expressions, nearly all would be the few steps that multiply most (recolour, then mirror).
    """
    groups: dict[tuple[Production, int], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.arguments:
            groups[entry.production, _lines(entry)].append(entry)
    for group in groups.values():
        rng.shuffle(group)
    chosen: list[Entry] = []
    while groups and len(chosen) < count:
        keys = list(groups)
        weights = [1.0 / (1 + lines) for _, lines in keys]
        for key in rng.choices(keys, weights, k=min(len(keys), count - len(chosen))):
            if groups.get(key):
                chosen.append(groups[key].pop())
        groups = {key: group for key, group in groups.items() if group}
    return chosen


def _item(entry: Entry, order: Sequence[int], inputs: Sequence[Grid], name: str) -> Item | None:
    outputs = [entry.values[place] for place in sorted(range(len(order)), key=lambda place: order[place])]
    try:
        if not all(is_grid(grid) for grid in outputs):
            return None
        check(inputs, outputs)
    except Unfit:
        return None
    pairs = [Pair(given, made) for given, made in zip(inputs, outputs, strict=True)]
    source = to_source(entry).removeprefix(HEADER)
    return Item(Task(name, tuple(pairs[:-1]), (inputs[-1],)), outputs[-1], source, "harvest")
