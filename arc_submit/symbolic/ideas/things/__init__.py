"""The idea `things`: programs that see a grid as things and say, by their marks, what becomes of each.

    perceive    ways of seeing things on the inputs
    selectors   which few tests pick these things and not those
    decide      decision lists: which answer each thing gets
    trying      which acts fit which things
    acting      outputs of the input's size: things painted, moved, removed, copied
    picking     the output is one chosen thing, or some of them side by side
    counting    small outputs: counts, lists, maps

Proposed are programs that are right on all demonstrations, and of those that give the same outputs on the test inputs
the cheapest. Left out: programs that are only partly right, and chains of several acts one after the other.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from arc_submit import dsl
from arc_submit.records import Grid, Pair, Task
from arc_submit.symbolic.ideas.idea import Clock, Proposal, Stepwise
from arc_submit.symbolic.ideas.things.acting import Acting
from arc_submit.symbolic.ideas.things.counting import Counting
from arc_submit.symbolic.ideas.things.perceive import Seen, views
from arc_submit.symbolic.ideas.things.picking import Picking
from arc_submit.symbolic.ideas.things.selectors import Selectors
from arc_submit.symbolic.ideas.things.written import Opening, Written

BYTES = 20_000_000
MOST_PROPOSALS = 20
MOST_SIDE = 30
MOST_PER_WAY = 4
MOST_OPENINGS = 5
WAYS_AFTER = 3
GOOD = 6.0
"""Nothing is chained once a program costs less."""
DEAREST = 16.0
SIZED = (
    *((f"p1 = upscale(I, {k})",) for k in (2, 3, 4, 5)),
    ("p1 = hconcat(I, I)",),
    ("p1 = vconcat(I, I)",),
    ("p1 = hconcat(I, I)", "p2 = vconcat(p1, p1)"),
    ("p1 = vmirror(I)", "p2 = hconcat(I, p1)"),
    ("p1 = hmirror(I)", "p2 = vconcat(I, p1)"),
    ("p1 = hconcat(I, I)", "p2 = hconcat(p1, I)", "p3 = vconcat(p2, p2)", "p4 = vconcat(p3, p2)"),
    *((f"p1 = {half}(I)",) for half in ("lefthalf", "righthalf", "tophalf", "bottomhalf")),
    ("p1 = trim(I)",),
)


class Things(Stepwise):
    """The idea, opened for one task; it draws nothing at random and has no settings."""

    def __init__(self, task: Task, config: Any, rng: Any, now: Clock) -> None:
        super().__init__(_proposals(task), now)

    @property
    def bytes(self) -> int:
        """Memory of what is seen, at most."""
        return 0 if self.exhausted else BYTES


def _proposals(task: Task) -> Iterator[list[Proposal]]:
    left = MOST_PROPOSALS
    for found in _rounds(task):
        best = sorted(found, key=lambda written: written.cost)[:left]
        left -= len(best)
        yield [Proposal(written.source, written.cost) for written in best]
        if not left:
            return


def _rounds(task: Task) -> Iterator[list[Written]]:
    """Yield, way by way, the best new programs; an empty list now and then, to let others go on."""
    known: dict[Any, float] = {}
    openings: list[Opening] = []
    yield from _way_by_way(views(task), partial(_first_steps, task, openings), known)
    if min(known.values(), default=GOOD) < GOOD:
        return
    for opening in [*_sized(task), *sorted(openings, key=lambda opening: opening.cost)][:MOST_OPENINGS]:
        pairs = zip(task.train, opening.grids, strict=False)
        after = Task(task.id, tuple(Pair(grid, pair.output) for pair, grid in pairs), opening.grids[len(task.train) :])
        yield from _way_by_way(
            views(after, opening.lines, WAYS_AFTER), partial(_second_steps, after, opening.cost), known
        )


def _way_by_way(
    ways: Iterator[Seen | None], steps: Callable[[Seen], Iterator[Written | None]], known: dict[Any, float]
) -> Iterator[list[Written]]:
    for seen in ways:
        if seen is None:
            yield []
        else:
            yield from _best(steps(seen), known)


def _best(programs: Iterator[Written | None], known: dict[Any, float]) -> Iterator[list[Written]]:
    """Yield the few cheapest that give new outputs, all of them grids."""
    found: dict[Any, Written] = {}
    for written in programs:
        if written is None:
            yield []
            continue
        if written.outputs in known:
            known[written.outputs] = min(known[written.outputs], written.cost)
            continue
        other = found.get(written.outputs)
        if written.cost < (other.cost if other else DEAREST) and all(map(_is_grid, written.outputs)):
            found[written.outputs] = written
    best = sorted(found.values(), key=lambda written: written.cost)[:MOST_PER_WAY]
    known.update((written.outputs, written.cost) for written in best)
    yield best


def _first_steps(task: Task, openings: list[Opening], seen: Seen) -> Iterator[Written | None]:
    selectors = Selectors(seen)
    yield None
    picking = Picking(task, seen, selectors)
    if _same_sizes(task):
        acting = Acting(task, seen, selectors)
        yield from acting.programs()
        openings += acting.openings()
    else:
        openings += picking.openings()
    yield from picking.programs()
    yield from Counting(task, seen, selectors).programs()


def _second_steps(task: Task, cost: float, seen: Seen) -> Iterator[Written | None]:
    for written in Acting(task, seen, Selectors(seen)).programs():
        yield written and replace(written, cost=written.cost + cost + 2.5)


def _same_sizes(task: Task) -> bool:
    return all(_size(pair.input) == _size(pair.output) for pair in task.train)


def _is_grid(made: Grid) -> bool:
    return 1 <= len(made) <= MOST_SIDE and 1 <= len(made[0]) <= MOST_SIDE


def _size(grid: Grid) -> tuple[int, int]:
    return len(grid), len(grid[0])


def _sized(task: Task) -> Iterator[Opening]:
    """Yield plain ways to give the inputs the size of the outputs."""
    if _same_sizes(task):
        return
    for lines in SIZED:
        grids = []
        for number, grid in enumerate(task.inputs):
            names: dict[str, Any] = {"I": grid}
            for line in lines:
                name, _, call = line.partition(" = ")
                function, _, rest = call.partition("(")
                names[name] = getattr(dsl, function)(*(names.get(a) or int(a) for a in rest.strip(")").split(", ")))
            made = names[lines[-1].partition(" = ")[0]]
            if not _is_grid(made) or (number < len(task.train) and _size(made) != _size(task.train[number].output)):
                break
            grids.append(made)
        else:
            yield Opening(lines, 0.5, tuple(grids))
