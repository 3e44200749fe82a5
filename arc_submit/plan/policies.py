"""Ways to share out a budget among recorded tasks: each says how many seconds every task would have got.

    equal     every task gets the same; what solved tasks leave goes to nobody
    flow      tasks in order, each its part of what is left: time that solved tasks leave goes to those behind
    worth     a first visit to all; then visits to the task with the highest worth, each longer than the last
    oracle    knows when every task will be solved: the quickest first, and not a second to any other

A task stops where the recorded search ended by itself; the oracle stops it the moment it is solved, so it bounds every
policy from above. A visit that has begun is not cut short by anything but the budget's end.

Left out: rounds (a visit ends on the second), cohorts, the cost of a switch from task to task and what a search forgets
between two visits.
"""

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from arc_submit import budget
from arc_submit.plan.curves import Curve

Worth: TypeAlias = Callable[[float, float], float]
"""(promise 0..1, seconds spent) -> worth of the next second; only the order counts."""

_LEAST_VISIT = 0.02  # of the mean seconds per task: shorter visits would only be overhead
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Purse:
    """What may be spent."""

    workers: int
    seconds: float
    """Wall time: a task has one worker at a time, so it cannot get more than this."""

    @property
    def total(self) -> float:
        """Worker seconds."""
        return self.workers * self.seconds


class Policy(Protocol):
    """A way to share out."""

    name: str

    def spend(self, curves: Sequence[Curve], purse: Purse) -> list[float]:
        """Return seconds spent per task, same order. In all at most `purse.total`, on one at most `purse.seconds`.

        Seconds may lie beyond a curve's horizon where its search did not end by itself.
        """
        ...


class Equal:
    """Every task T/n. With preemption, shares no longer than the wall time always fit on the workers."""

    name = "equal share"

    def spend(self, curves: Sequence[Curve], purse: Purse) -> list[float]:
        """See `Policy`."""
        share = min(purse.seconds, purse.total / len(curves)) if curves else 0.0
        return [_used(curve, share) for curve in curves]


class Flow:
    """A free worker takes the next task, for its part of the worker time that is left and not promised; none twice."""

    name = "equal with flow"

    def spend(self, curves: Sequence[Curve], purse: Purse) -> list[float]:
        """See `Policy`."""
        spent = [0.0] * len(curves)
        free = [(0.0, 0.0)] * purse.workers  # (free at, promised until) per worker, the first to be free first
        for index, curve in enumerate(curves):
            now, _ = heapq.heappop(free)
            left = purse.seconds - now
            promised = sum(max(0.0, until - now) for _, until in free)
            given = min(left, max(0.0, left * purse.workers - promised) / (len(curves) - index))
            spent[index] = _used(curve, given)
            heapq.heappush(free, (now + spent[index], now + given))
        return spent


class Visits:
    """What `arc_submit.run.queue` does, with cohorts of one: a first visit to all, then visits by worth.

    Args:
        first_visit: part of its fair share that a task gets before any is visited again.
        growth: a later visit lasts this times what the task has had before.
        max_share: a task never gets more than this times the mean.
    """

    name = "by worth"

    def __init__(
        self,
        first_visit: float = 1.0,
        growth: float = 2.0,
        max_share: float = 4.0,
        worth: Worth = budget.worth,
    ) -> None:
        self._first_visit, self._growth, self._max_share, self._worth = first_visit, growth, max_share, worth

    def spend(self, curves: Sequence[Curve], purse: Purse) -> list[float]:
        """See `Policy`."""
        if not curves:
            return []
        mean = purse.total / len(curves)
        cap, least = self._max_share * mean, _LEAST_VISIT * mean
        spent, waiting, had = [0.0] * len(curves), 0, 0.0  # `waiting` tasks for another visit have `had` so much
        ranked: list[tuple[float, int]] = []  # (-worth, task) of those
        fresh = deque(range(len(curves)))
        out: list[tuple[float, int, float]] = []  # (end of the visit, task, when it was promised to end)
        idle, now = purse.workers, 0.0
        while True:
            while idle and now < purse.seconds - _ROUNDING and (fresh or ranked):
                left = purse.seconds - now
                if fresh:
                    free = max(0.0, left * purse.workers - sum(max(0.0, until - now) for _, _, until in out))
                    fair = (free + had) / (len(fresh) + waiting)
                    visit = min(left, self._first_visit * fair, free / len(fresh))
                    index = fresh.popleft()
                else:
                    index = heapq.heappop(ranked)[1]
                    waiting, had = waiting - 1, had - spent[index]
                    visit = min(left, max(least, self._growth * spent[index]), cap - spent[index])
                before, spent[index] = spent[index], _used(curves[index], spent[index] + visit)
                heapq.heappush(out, (now + spent[index] - before, index, now + visit))
                idle -= 1
            if not out:
                return spent
            now, index, _ = heapq.heappop(out)
            idle += 1
            over = curves[index].ended and spent[index] >= curves[index].horizon
            if not over:
                waiting, had = waiting + 1, had + spent[index]
                if cap - spent[index] > _ROUNDING * mean:
                    rank = -self._worth(curves[index].promise(spent[index]), spent[index])
                    heapq.heappush(ranked, (rank, index))


class Oracle:
    """Knows when each task will be solved. Of unit prizes with known costs the cheapest are the most.

    Args:
        solved: seconds after which a task is solved; None: never.
    """

    name = "oracle"

    def __init__(self, solved: Callable[[Curve], float | None]) -> None:
        self._solved = solved

    def spend(self, curves: Sequence[Curve], purse: Purse) -> list[float]:
        """See `Policy`."""
        costs = [(cost, index) for index, curve in enumerate(curves) if (cost := self._solved(curve)) is not None]
        spent, left = [0.0] * len(curves), purse.total
        for cost, index in sorted(costs):
            if cost > min(left, purse.seconds) + _ROUNDING * purse.total:
                break
            spent[index] = cost
            left -= cost
        return spent


def _used(curve: Curve, given: float) -> float:
    """Seconds of `given` that a task uses up: all, unless its search ends before."""
    return min(given, curve.horizon) if curve.ended else given
