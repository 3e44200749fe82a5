"""Policies on recorded curves: how many tasks each would have solved with a part of the budget.

Every run is replayed with its own workers and its own budget (worker seconds per task, times the share that is asked
for); tables add the runs up. Standard errors are those of the tasks that happened to be in the set: tasks are drawn
again with replacement, a task with all the runs that have it, and every policy shares out anew among those drawn.

A policy that gives a task more than the run gave it may not see it solved: what more would have bought is not known.
`Row.beyond` counts such tasks, so that a reader sees how far a number is a lower bound.
"""

import math
import random
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from arc_submit import budget
from arc_submit.plan.curves import Curve, Recorded
from arc_submit.plan.policies import Equal, Flow, Oracle, Policy, Purse, Visits, Worth

RIGHT, PASSER = "right", "passer"


@dataclass(frozen=True, slots=True)
class Tuning:
    """What may be tuned in the policy by worth. None: as the run's own settings have it."""

    first_visit: float | None = None
    growth: float | None = None
    max_share: float | None = None
    worth: Worth = budget.worth


@dataclass(frozen=True, slots=True)
class Row:
    """One policy with one budget."""

    what: str
    """What counts as solved: `right` (the attempts score) or `passer` (a program passes every demonstration)."""
    share: float
    """Part of the whole budget."""
    policy: str
    solved: int
    error: float
    """Standard error of `solved`."""
    per_hour: float
    """Solved tasks per hour of wall time."""
    ratio: float | None
    """Solved over what equal share solves; None where that is nothing."""
    ratio_error: float | None
    of_oracle: float | None
    """Solved over what the oracle solves; None where that is nothing."""
    of_oracle_error: float | None
    beyond: int
    """Tasks that were given more than was recorded, unsolved until there."""
    beyond_seconds: float
    """Worker seconds given to them beyond the recorded ones, as a part of the budget."""


@dataclass(frozen=True, slots=True)
class _Play:
    solved: int
    beyond: int
    beyond_seconds: float


def replayed(
    recorded: Sequence[Recorded],
    shares: Sequence[float],
    tuning: Tuning,
    *,
    mean: float | None = None,
    draws: int = 100,
    seed: int = 0,
    step: Callable[[], None] = lambda: None,
) -> list[Row]:
    """Return a row per criterion, share and policy.

    Args:
        mean: worker seconds per task that count as the whole budget; None: what each run's settings gave.
        draws: samples of the bootstrap; 0: no standard errors.
        step: called once per sample, criterion and share.
    """
    whats = (RIGHT, PASSER) if all(run.solutions for run in recorded) else (PASSER,)
    asked = [(what, share) for what in whats for share in shares]
    return [row for what, share in asked for row in _rows(recorded, what, share, tuning, mean, draws, seed, step)]


def _rows(
    recorded: Sequence[Recorded],
    what: str,
    share: float,
    tuning: Tuning,
    mean: float | None,
    draws: int,
    seed: int,
    step: Callable[[], None],
) -> list[Row]:
    plays = _play_all(recorded, what, share, tuning, mean)
    drawn: list[dict[str, _Play]] = []
    rng = random.Random(f"{seed}/{what}/{share}")
    for _ in range(draws):
        drawn.append(_play_all(_resampled(recorded, rng), what, share, tuning, mean))
        step()
    hours = sum(_purse(run, share, mean).seconds for run in recorded) / 3600.0
    budget = sum(_purse(run, share, mean).total for run in recorded)
    return [
        Row(
            what,
            share,
            name,
            play.solved,
            _deviation([sample[name].solved for sample in drawn]) or 0.0,
            play.solved / hours,
            *_ratio(name, Equal.name, plays, drawn),
            *_ratio(name, Oracle.name, plays, drawn),
            play.beyond,
            play.beyond_seconds / budget,
        )
        for name, play in plays.items()
    ]


def _play_all(
    recorded: Sequence[Recorded], what: str, share: float, tuning: Tuning, mean: float | None
) -> dict[str, _Play]:
    totals: dict[str, list[_Play]] = {}
    for run in recorded:
        for policy in _policies(run, what, tuning):
            totals.setdefault(policy.name, []).append(_play(policy, run.curves, _purse(run, share, mean), what))
    return {
        name: _Play(
            sum(play.solved for play in plays),
            sum(play.beyond for play in plays),
            sum(play.beyond_seconds for play in plays),
        )
        for name, plays in totals.items()
    }


def _play(policy: Policy, curves: Sequence[Curve], purse: Purse, what: str) -> _Play:
    solved = beyond = 0
    seconds = 0.0
    for curve, spent in zip(curves, policy.spend(curves, purse), strict=True):
        if _solved(curve, spent, what):
            solved += 1
        elif not curve.ended and spent > curve.horizon:
            beyond += 1
            seconds += spent - curve.horizon
    return _Play(solved, beyond, seconds)


def _policies(run: Recorded, what: str, tuning: Tuning) -> tuple[Policy, ...]:
    settings = run.settings
    return (
        Equal(),
        Flow(),
        Visits(
            settings.first_visit if tuning.first_visit is None else tuning.first_visit,
            settings.growth if tuning.growth is None else tuning.growth,
            settings.max_share if tuning.max_share is None else tuning.max_share,
            tuning.worth,
        ),
        Oracle(_first_right if what == RIGHT else _passer),
    )


def _solved(curve: Curve, spent: float, what: str) -> bool:
    return curve.right(spent) if what == RIGHT else curve.passes(spent)


def _first_right(curve: Curve) -> float | None:
    return curve.first_right


def _passer(curve: Curve) -> float | None:
    return curve.passer


def _purse(run: Recorded, share: float, mean: float | None) -> Purse:
    workers = max(1, min(run.workers, len(run.curves)))
    return Purse(workers, share * (run.mean if mean is None else mean) * len(run.curves) / workers)


def _resampled(recorded: Sequence[Recorded], rng: random.Random) -> list[Recorded]:
    """The runs with tasks drawn with replacement; a run keeps its order of tasks, so that repeats stand together."""
    ids = list(dict.fromkeys(curve.task_id for run in recorded for curve in run.curves))
    times = Counter(rng.choices(ids, k=len(ids)))
    found = []
    for run in recorded:
        curves = tuple(curve for curve in run.curves for _ in range(times[curve.task_id]))
        if curves:
            found.append(replace(run, curves=curves))
    return found


def _ratio(
    name: str, base: str, plays: dict[str, _Play], drawn: Sequence[dict[str, _Play]]
) -> tuple[float | None, float | None]:
    """(ratio, its standard error); samples in which the base solved nothing have no ratio."""
    if not plays[base].solved:
        return None, None
    ratios = [sample[name].solved / sample[base].solved for sample in drawn if sample[base].solved]
    return plays[name].solved / plays[base].solved, _deviation(ratios)


def _deviation(values: Sequence[float]) -> float | None:
    found = statistics.stdev(values) if len(values) > 1 else None
    return None if found is None or math.isnan(found) else found
