"""Who gets the next round, and until when. One clock, passed in; all times are seconds on it.

Inside a cohort every task first gets `first_share` of the mean time per task; then each next round goes where it is
worth most: to the task with the best partly right program per second already spent on it (`worth`). Between cohorts the
same rule chooses whom to visit again (`arc_submit.run.queue`).

No decision here looks at anything but the clock and the hunts' own numbers; tests pass a fake clock.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from arc_submit.config import BudgetConfig

Clock = Callable[[], float]


def boottime() -> float:
    """Return seconds on a clock that nobody sets and that goes on while the machine sleeps, as Kaggle's own does."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Steady:
    """A clock that never goes back, whatever the one below it does."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._latest = clock, clock()

    def __call__(self) -> float:
        """Return the latest time that the clock has shown."""
        self._latest = max(self._latest, self._clock())
        return self._latest


class Spender(Protocol):
    """What the plan needs to know of one task's search."""

    @property
    def finished(self) -> bool: ...

    @property
    def spent(self) -> float:
        """Seconds used so far."""
        ...

    @property
    def promise(self) -> float:
        """0..1: fitness of the best program so far; below one whole pair right it is small."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """The next round: these members of the cohort, until then."""

    members: tuple[int, ...]
    deadline: float


class Plan:
    """Shares a cohort's time among its hunts, one round at a time."""

    def __init__(self, config: BudgetConfig, hunts: Sequence[Spender], deadline: float, now: Clock) -> None:
        self._config = config
        self._hunts = hunts
        self._deadline = deadline
        self._now = now
        self._mean = max(0.0, deadline - now()) / len(hunts) if hunts else 0.0

    def next(self) -> Turn | None:
        """Return the next turn, or None when the time is over or every hunt is finished."""
        now = self._now()
        if now >= self._deadline:
            return None
        first = [index for index in self._live() if self._first_share - self._hunts[index].spent > _ROUNDING]
        if first:
            members = tuple(first[: self._config.width])
            left = min(self._first_share - self._hunts[index].spent for index in members)
            return Turn(members, min(self._deadline, now + max(left, _SHORTEST_ROUND)))
        ranked = sorted(self._live(), key=self._worth, reverse=True)
        members = tuple(index for index in ranked if self._hunts[index].spent < self._cap)[: self._config.width]
        if not members:
            return None
        left = min(self._cap - self._hunts[index].spent for index in members)
        return Turn(members, min(self._deadline, now + max(left, _SHORTEST_ROUND)))

    @property
    def _first_share(self) -> float:
        return self._config.first_share * self._mean

    @property
    def _cap(self) -> float:
        return self._config.max_share * self._mean

    def _live(self) -> list[int]:
        return [index for index, hunt in enumerate(self._hunts) if not hunt.finished]

    def _worth(self, index: int) -> float:
        return worth(self._hunts[index].promise, self._hunts[index].spent)


def worth(promise: float, spent: float) -> float:
    """Return what the next second on a task is worth, beside that on other tasks.

    Args:
        promise: fitness of its best program so far, 0..1.
        spent: seconds that it has had.
    """
    return (promise + _HOPE) / (1.0 + spent)


_HOPE = 0.02  # promise of a task without any partly right program: a 26th of one that has half of its pairs
_ROUNDING = 1e-9  # seconds; a share that lacks less has been had
_SHORTEST_ROUND = 0.05  # seconds; a turn shorter than this would only be overhead


def total_seconds(config: BudgetConfig, tasks: int, workers: int) -> float:
    """Return the seconds that a run over `tasks` may take in all: the smaller of the two limits."""
    by_task = config.seconds_per_task * tasks / max(1, min(workers, tasks))
    return min(by_task, config.minutes * 60.0) if config.minutes is not None else by_task


def reserve(config: BudgetConfig, total: float) -> float:
    """Return the seconds kept for writing the answer."""
    return min(config.reserve_seconds, total / 10)


def cohort_size(config: BudgetConfig, waiting: int, workers: int) -> int:
    """Return how many of the waiting tasks the next cohort takes; small at the end, so that no worker idles."""
    return min(config.cohort, max(1, math.ceil(waiting / (2 * workers))), waiting)
