"""Whose visit is next, and how long it lasts: the plan over all tasks, made anew at every visit from what is left.

    first visits    longest prompts first; each task gets `first_visit` of its fair share of all worker time
    later visits    to the tasks where the next second is worth most (`budget.worth`), `growth` times as long as all
                    before together; a later visit begins with the programs of the earlier ones

A task whose search is over (agreed, answered, exhausted) leaves; what it did not use goes to the others. One that was
in hand when a worker died is visited alone from then on, after the others: so it is found out which one kills. Inside
a visit's cohort `budget.Plan` decides. No decision here looks at anything but times and the searches' own numbers.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from arc_submit import budget
from arc_submit.config import BudgetConfig
from arc_submit.records import Task

_LEAST_VISIT = 1.0  # seconds per task of a later visit: less would be spent on opening it
_SEEDS = 64  # programs that a later visit begins with


@dataclass(slots=True)
class Entry:
    """A task, and what its visits so far came to."""

    task: Task
    suspect: bool = False
    """A worker has died with it in hand."""
    visits: int = 0
    spent: float = 0.0
    """Seconds of search."""
    promise: float = 0.0
    """Fitness of its best program, 0..1."""
    totals: dict[str, Any] = field(default_factory=dict)
    """The `pause` event of the latest visit; its numbers cover all visits."""
    programs: dict[str, tuple[tuple[float, ...], dict[str, Any]]] = field(default_factory=dict)
    """Program id -> (rank, program as JSON has it), of kept candidates: also of a visit that was cut short."""

    def remember(self, candidate: Mapping[str, Any]) -> None:
        """Keep a judged program for a later visit; when there are too many, forget the weakest."""
        outcome, program = candidate["outcome"], candidate["program"]
        if candidate.get("literal") or outcome["reward"] is None:
            return
        rank = (all(outcome["solved"]), sum(outcome["solved"]), outcome["reward"], -program["length"])
        self.programs[program["id"]] = (rank, dict(program))
        if len(self.programs) >= 2 * _SEEDS:
            self.programs = dict(sorted(self.programs.items(), key=lambda item: item[1][0], reverse=True)[:_SEEDS])

    def seeds(self) -> list[dict[str, Any]]:
        """Return what the next visit begins with, best first."""
        ranked = sorted(self.programs.values(), key=lambda found: found[0], reverse=True)
        return [program for _, program in ranked[:_SEEDS]]


@dataclass(frozen=True, slots=True)
class Visit:
    """A cohort and its time."""

    entries: tuple[Entry, ...]
    seconds: float
    """For all of them together."""


class Queue:
    """Tasks that wait for a visit.

    Args:
        total: worker seconds of the whole run.
        tasks: tasks of the whole run.
    """

    def __init__(self, config: BudgetConfig, entries: Iterable[Entry], total: float, tasks: int) -> None:
        self._config = config
        waiting = list(entries)
        self._new = deque(sorted((entry for entry in waiting if not entry.visits), key=_order))
        self._open = [entry for entry in waiting if entry.visits]
        self._cap = config.max_share * total / max(1, tasks)

    def __len__(self) -> int:
        """Tasks that a visit may go to now."""
        return len(self._new) + len(self._worthwhile())

    @property
    def paused(self) -> tuple[Entry, ...]:
        """Tasks that were visited and are not finished."""
        return tuple(self._open)

    def back(self, entry: Entry) -> None:
        """A visit came to nothing (its worker died), or is over without an end of the search."""
        if entry.visits:
            self._open.append(entry)
        elif entry.suspect:
            self._new.append(entry)
        else:
            self._new.insert(sum(not other.suspect for other in self._new), entry)

    def next(self, left: float, free: float, workers: int, largest: int) -> Visit:
        """Take the next visit off the queue, which must not be empty.

        Args:
            left: seconds until the run must end.
            free: worker seconds that are left and not promised to visits in progress.
            largest: tasks that the worker can hold at once.
        """
        if self._new:
            return self._first(left, free, workers, largest)
        ranked = sorted(self._worthwhile(), key=_rank)
        chosen = _company(ranked, min(largest, max(1, len(ranked) // max(1, workers))))
        for entry in chosen:
            self._open.remove(entry)
        wanted = sum(self._next_length(entry) for entry in chosen)
        return Visit(tuple(chosen), min(wanted, left, max(free, 0.0)))

    def _first(self, left: float, free: float, workers: int, largest: int) -> Visit:
        waiting = len(self._new)
        chosen = _company(self._new, min(budget.cohort_size(self._config, waiting, max(1, workers)), largest))
        had = sum(entry.spent for entry in self._open)
        fair = (max(0.0, free) + had) / (waiting + len(self._open))
        each = min(self._config.first_visit * fair, max(0.0, free) / waiting)
        for entry in chosen:
            self._new.remove(entry)
        return Visit(tuple(chosen), min(left, each * len(chosen)))

    def _worthwhile(self) -> list[Entry]:
        return [entry for entry in self._open if self._cap - entry.spent > _LEAST_VISIT]

    def _next_length(self, entry: Entry) -> float:
        return min(max(_LEAST_VISIT, self._config.growth * entry.spent), self._cap - entry.spent)


def _company(ranked: Iterable[Entry], size: int) -> list[Entry]:
    """The first of them and those that may go along: a suspect goes alone."""
    first, *others = ranked
    if first.suspect:
        return [first]
    return [first, *[entry for entry in others if not entry.suspect][: size - 1]]


def _rank(entry: Entry) -> tuple[bool, float]:
    """Where the next second is worth most; suspects last."""
    return entry.suspect, -budget.worth(entry.promise, entry.spent)


def _order(entry: Entry) -> tuple[bool, int]:
    """The longest prompts go first, so that no long one is left for the end; suspects last of all."""
    return entry.suspect, -sum(len(grid) * len(grid[0]) for grid in entry.task.inputs)
