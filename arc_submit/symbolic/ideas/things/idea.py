"""The idea of things: one way of seeing after the other, what fits each; then the same after a first step."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from arc_submit.records import Pair, Task
from arc_submit.symbolic.ideas.checks import is_grid, same_sizes
from arc_submit.symbolic.ideas.idea import Clock, Proposal, Stepwise
from arc_submit.symbolic.ideas.things.acting import Acting
from arc_submit.symbolic.ideas.things.counting import Counting
from arc_submit.symbolic.ideas.things.perceive import Seen, views
from arc_submit.symbolic.ideas.things.picking import Picking
from arc_submit.symbolic.ideas.things.selectors import Selectors
from arc_submit.symbolic.ideas.things.sizing import sized
from arc_submit.symbolic.ideas.things.written import Opening, Written

MOST_PROPOSALS = 20
MOST_PER_WAY = 4
MOST_OPENINGS = 5
WAYS_AFTER = 3
GOOD = 6.0
"""Nothing is chained once a program costs less."""
DEAREST = 16.0


class Things(Stepwise):
    """The idea, opened for one task; it draws nothing at random and has no settings."""

    def __init__(self, task: Task, config: Any, rng: Any, now: Clock) -> None:
        super().__init__(_proposals(task), now)


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
    for opening in [*sized(task), *sorted(openings, key=lambda opening: opening.cost)][:MOST_OPENINGS]:
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
        if written.cost < (other.cost if other else DEAREST) and all(map(is_grid, written.outputs)):
            found[written.outputs] = written
    best = sorted(found.values(), key=lambda written: written.cost)[:MOST_PER_WAY]
    known.update((written.outputs, written.cost) for written in best)
    yield best


def _first_steps(task: Task, openings: list[Opening], seen: Seen) -> Iterator[Written | None]:
    selectors = Selectors(seen)
    yield None
    picking = Picking(task, seen, selectors)
    if same_sizes(task):
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
