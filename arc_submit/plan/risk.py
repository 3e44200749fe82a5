"""How likely a run leaves tasks without their first visit: the first pass drawn many times, by the run's own rules.

The run ends at its hard stop whatever happens, so an overrun is never a late submission: it is tasks at the end of the
queue that nobody looked at, or only for a moment. Drawn at random: how long each search wants to go on (lognormal: the
spread of the profile, or fitted to a trace), start-up times, by how much a visit outlasts its time, workers that die.
Not drawn: a machine that is slower than the profile says. Time is what is shared out, so it buys less; nobody is late.
"""

import heapq
import math
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from arc_submit.config import RunConfig
from arc_submit.plan.arithmetic import Purchase
from arc_submit.plan.profile import Profile

_STARTUP_SPREAD = 0.35  # assumed: of the logarithm; the first worker loads from a network disk, others from the cache
_OPEN = 3.0  # assumed: the median search would go on for this times its mean share; 9 % of them end within it
_LEAST_ENDED = 5  # searches that must have ended by themselves for a fit
_FIT_ROUNDS = 300
_NORMAL = statistics.NormalDist()
_SHORT = 0.5  # a first visit of less than this part of what was planned is a short one


@dataclass(frozen=True, slots=True)
class Times:
    """How long searches want to go on: lognormal."""

    median: float
    """Seconds."""
    spread: float
    """Standard deviation of the logarithm."""
    source: str


@dataclass(frozen=True, slots=True)
class Risk:
    """What came of the draws. Probabilities 0..1."""

    times: Times
    any_left: float
    """Probability that some task has no first visit at the stop."""
    any_short: float
    """Probability that some task has none, or one of less than half of what was planned."""
    left: float
    """Tasks without a first visit, mean."""
    left_worst: int
    """The same in the worst of twenty draws."""
    ends: float
    """Part of the search time after which all first visits were over, median; 1 where they were not."""
    ends_late: float
    """The same in the worst of twenty draws."""
    deaths: float
    """Workers that died, mean."""


def assumed(profile: Profile, plan: Purchase) -> Times:
    """Return times for a set that nobody has tried."""
    return Times(_OPEN * max(plan.task_seconds, 1e-3), profile.task_spread.value, "assumed")


def fit(times: Sequence[tuple[float, bool]], source: str) -> Times | None:
    """Return the lognormal likeliest to have given these; None with fewer than 5 that ended.

    Args:
        times: (seconds, whether the search ended by itself); the others would have gone on.
    """
    known = [(math.log(max(seconds, 1e-3)), ended) for seconds, ended in times]
    if sum(ended for _, ended in known) < _LEAST_ENDED:
        return None
    logs = [log for log, _ in known]
    mean, spread = statistics.fmean(logs), max(0.05, statistics.pstdev(logs))
    for _ in range(_FIT_ROUNDS):  # expectation: what the cut ones would have come to; maximization: mean and spread
        first = second = 0.0
        for log, ended in known:
            if ended:
                first, second = first + log, second + log * log
                continue
            hazard = _hazard((log - mean) / spread)
            first += mean + spread * hazard
            second += mean * mean + 2.0 * mean * spread * hazard + spread**2 * (1.0 + (log - mean) / spread * hazard)
        mean = first / len(known)
        spread = math.sqrt(max(second / len(known) - mean * mean, 0.05**2))
    return Times(math.exp(min(mean, 50.0)), spread, source)


def assess(
    config: RunConfig, profile: Profile, plan: Purchase, times: Times, *, draws: int = 300, seed: int = 0
) -> Risk:
    """Return what so many draws of the first pass came to."""
    rng = random.Random(f"{seed}/risk")
    passes = [_first_pass(config, profile, plan, times, rng) for _ in range(draws)]
    lefts = sorted(drawn.left for drawn in passes)
    ends = sorted(drawn.ends for drawn in passes)
    late = math.ceil(0.95 * draws) - 1
    return Risk(
        times,
        any_left=sum(drawn.left > 0 for drawn in passes) / draws,
        any_short=sum(drawn.left + drawn.short > 0 for drawn in passes) / draws,
        left=statistics.fmean(lefts),
        left_worst=lefts[late],
        ends=statistics.median(ends),
        ends_late=ends[late],
        deaths=statistics.fmean(drawn.deaths for drawn in passes),
    )


@dataclass(frozen=True, slots=True)
class _Pass:
    left: int
    short: int
    ends: float
    deaths: int


def _first_pass(config: RunConfig, profile: Profile, plan: Purchase, times: Times, rng: random.Random) -> _Pass:
    """First visits, one cohort after the other, as `arc_submit.run.queue` hands them out: each task its part of the
    fair share of what is left and not promised. A cohort whose worker dies goes to the end of the queue."""
    stop = plan.startup + plan.search
    free = [(_drawn(plan.startup, _STARTUP_SPREAD, rng), 0.0) for _ in range(min(plan.workers, plan.tasks))]
    heapq.heapify(free)  # (free at, promised until) per worker
    waiting, had, visited, short, deaths, last = plan.tasks, 0.0, 0, 0, 0, 0.0
    while waiting:
        now, _ = heapq.heappop(free)
        if now >= stop:
            break
        size = min(config.budget.cohort, max(1, math.ceil(waiting / (2 * plan.workers))), waiting)
        left = stop - now
        unpromised = max(0.0, left * plan.workers - sum(max(0.0, until - now) for _, until in free))
        each = min(config.budget.first_visit * (unpromised + had) / (waiting + visited), unpromised / waiting)
        given = min(left, each * size)
        searches = [min(given / size, _drawn(times.median, times.spread, rng)) for _ in range(size)]
        took = min(sum(searches) + _exponential(profile.overrun_seconds.value, rng), left)
        died = rng.expovariate(profile.deaths_per_hour.value / 3600.0) if profile.deaths_per_hour.value else math.inf
        if died < took:
            deaths += 1
            restart = _drawn(profile.startup_seconds.value, _STARTUP_SPREAD, rng)
            heapq.heappush(free, (now + died + restart, 0.0))
            continue
        waiting, visited, had = waiting - size, visited + size, had + sum(searches)
        if given / size < _SHORT * plan.first_visit:
            short += sum(search >= given / size for search in searches)
        last = max(last, now + took)
        heapq.heappush(free, (now + took, now + given))
    end = 1.0 if waiting else min(1.0, max(0.0, last - plan.startup) / plan.search) if plan.search > 0 else 1.0
    return _Pass(waiting, short, end, deaths)


def _drawn(median: float, spread: float, rng: random.Random) -> float:
    return median * math.exp(min(rng.gauss(0.0, spread), 50.0))


def _exponential(mean: float, rng: random.Random) -> float:
    return rng.expovariate(1.0 / mean) if mean > 0 else 0.0


def _hazard(z: float) -> float:
    """Density over what is beyond it, of a standard normal; for large z it is about z."""
    beyond = 0.5 * math.erfc(z / math.sqrt(2.0))
    return _NORMAL.pdf(z) / beyond if beyond > 1e-290 else z
