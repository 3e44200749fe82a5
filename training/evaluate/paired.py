"""Two measurements of the same things, compared: the statistics, and when they may be put into words.

    difference   mean over the things (tasks) of first - second, and its standard error s / sqrt(n)
    sign test    how often a fair coin would fall as one-sidedly as wins and losses do; ties are left out
    bootstrap    middle 95 % of the mean when the tasks are drawn anew with replacement (percentile interval)
    McNemar      for solved or not: the sign test on the tasks that only one of the two solved (exact binomial)

Sources: W. J. Dixon and A. M. Mood, The statistical sign test, JASA 41 (1946); Q. McNemar, Psychometrika 12 (1947),
in its exact form; B. Efron, Bootstrap methods, Annals of Statistics 7 (1979); E. Miller, Adding error bars to evals,
arXiv 2411.00640, for pairing by question.

Left out: corrections for many comparisons; seeds as a second level (average a task's seeds first: a task is one thing,
however often it was sampled).
"""

import math
import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DRAWS = 2000  # of the bootstrap
INTERVAL = 0.95  # share of the draws inside it
TIE = 1e-12  # differences below it are rounding: means of several seeds add up in some order
WORDS = 2.0  # standard errors from which on a difference is called one
LEAST = 10  # tasks from which on the standard error is believed


@dataclass(frozen=True, slots=True)
class Paired:
    """First - second, over things that both were measured on."""

    tasks: int
    difference: float
    """Mean; NaN without tasks."""
    standard_error: float
    """Of the mean; NaN below two tasks."""
    wins: int
    losses: int
    sign_test: float
    """Two-sided p of wins against losses."""
    interval: tuple[float, float]
    """Bootstrap interval of the mean; (NaN, NaN) below two tasks."""

    @property
    def verdict(self) -> str:
        """`better`, `worse`, or `no difference shown`: up to `WORDS` standard errors there is no word for it.

        Nor is there below `LEAST` tasks, where a standard error is a guess itself (three wins alike have one of 0).
        """
        if self.tasks < LEAST or abs(self.difference) < TIE or abs(self.difference) <= WORDS * self.standard_error:
            return "no difference shown"
        return "better" if self.difference > 0 else "worse"


def paired(pairs: Sequence[tuple[float, float]], *, seed: int = 0) -> Paired:
    """Return the comparison of (first, second), one pair a task; `seed` is the bootstrap's.

    >>> found = paired([(0.5, 0.0), (0.5, 0.0), (0.25, 0.25)])
    >>> found.sign_test, round(found.difference, 3)   # two of two: 2 * (1/2)**2; (0.5 + 0.5 + 0) / 3
    (0.5, 0.333)
    """
    differences = [first - second for first, second in pairs]
    wins, losses = sum(d > TIE for d in differences), sum(d < -TIE for d in differences)
    return Paired(
        tasks=len(differences),
        difference=statistics.fmean(differences) if differences else math.nan,
        standard_error=standard_error(differences),
        wins=wins,
        losses=losses,
        sign_test=sign_test(wins, losses),
        interval=bootstrap(differences, seed=seed),
    )


def by_name(first: Mapping[str, float | None], second: Mapping[str, float | None], *, seed: int = 0) -> Paired:
    """Return the comparison of two measurements by task; tasks that one of them lacks (or None) are left out."""
    pairs = []
    for name, one in first.items():
        other = second.get(name)
        if one is not None and other is not None:
            pairs.append((one, other))
    return paired(pairs, seed=seed)


def standard_error(values: Sequence[float]) -> float:
    """Return s / sqrt(n) of the mean; NaN below two values.

    >>> standard_error([1.0, 3.0])   # s = sqrt(2), n = 2
    1.0
    """
    return statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan


def sign_test(wins: int, losses: int) -> float:
    """Return the two-sided p of a fair coin; 1 where nothing was decided.

    >>> sign_test(5, 0), sign_test(1, 1)   # 2 / 2**5
    (0.0625, 1.0)
    """
    decided = wins + losses
    tail = sum(math.comb(decided, k) for k in range(max(wins, losses), decided + 1))
    return min(1.0, 2 * tail / (1 << decided))


def mcnemar(first: Mapping[str, bool], second: Mapping[str, bool]) -> tuple[int, int, float]:
    """Return (solved by the first alone, by the second alone, exact two-sided p) over the tasks of both.

    >>> mcnemar({"a": True, "b": True, "c": False}, {"a": False, "b": True, "c": False})
    (1, 0, 1.0)
    """
    both = [name for name in first if name in second]
    one = sum(first[name] and not second[name] for name in both)
    other = sum(second[name] and not first[name] for name in both)
    return one, other, sign_test(one, other)


def bootstrap(values: Sequence[float], *, seed: int = 0, draws: int = DRAWS) -> tuple[float, float]:
    """Return the percentile interval of the mean; the same values and seed give the same interval."""
    if len(values) < 2:
        return math.nan, math.nan
    rng = random.Random(f"{seed}/bootstrap")
    many = len(values)
    means = sorted(sum(rng.choices(values, k=many)) / many for _ in range(draws))
    outside = (1.0 - INTERVAL) / 2
    return means[int(outside * draws)], means[min(draws - 1, math.ceil((1.0 - outside) * draws) - 1)]
