"""Two measurements of the same things, compared: the statistics, and when they may be put into words.

    difference   mean over the things (tasks) of first - second, and its standard error s / sqrt(n)
    of a share   sum over the tasks of first - second, by the sum of their sizes: the difference of the two shares
                 themselves, which the mean of the tasks' own shares is not; its standard error is the ratio estimator's
    sign test    how often a fair coin would fall as one-sidedly as wins and losses do; ties are left out
    bootstrap    middle 95 % of the difference when the tasks are drawn anew with replacement (percentile interval)
    McNemar      for solved or not: the sign test on the tasks that only one of the two solved (exact binomial)

Sources: W. J. Dixon and A. M. Mood, The statistical sign test, JASA 41 (1946); Q. McNemar, Psychometrika 12 (1947),
in its exact form; B. Efron, Bootstrap methods, Annals of Statistics 7 (1979); W. G. Cochran, Sampling Techniques
(1977), section 2.11, for ratios; E. Miller, Adding error bars to evals, arXiv 2411.00640, for pairing by question.

Left out: corrections for many comparisons; seeds as a second level (average a task's seeds first: a task is one thing,
however often it was sampled).
"""

import math
import random
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
    """Mean, or of the shares; NaN without tasks."""
    standard_error: float
    """Of the difference; NaN below two tasks."""
    wins: int
    losses: int
    sign_test: float
    """Two-sided p of wins against losses."""
    interval: tuple[float, float]
    """Bootstrap interval of the difference; (NaN, NaN) below two tasks."""

    @property
    def verdict(self) -> str:
        """`better`, `worse`, or `no difference shown`: up to `WORDS` standard errors there is no word for it.

        Nor is there below `LEAST` tasks, where a standard error is a guess itself (three wins alike have one of 0).
        """
        if self.tasks < LEAST or abs(self.difference) < TIE or abs(self.difference) <= WORDS * self.standard_error:
            return "no difference shown"
        return "better" if self.difference > 0 else "worse"


def paired(pairs: Sequence[tuple[float, float]], sizes: Sequence[float] | None = None, *, seed: int = 0) -> Paired:
    """Return the comparison of (first, second), one pair a task; `seed` is the bootstrap's.

    Args:
        sizes: where first and second are counts out of so many (test outputs of a task): shares are compared.

    >>> found = paired([(0.5, 0.0), (0.5, 0.0), (0.25, 0.25)])
    >>> found.sign_test, round(found.difference, 3)   # two of two: 2 * (1/2)**2; (0.5 + 0.5 + 0) / 3
    (0.5, 0.333)
    >>> paired([(1.0, 0.0), (0.0, 1.0)], [1.0, 3.0]).difference   # (1 - 1) / 4, and not (1/1 - 1/3) / 2
    0.0
    """
    differences = [first - second for first, second in pairs]
    ones = [1.0] * len(pairs) if sizes is None else list(sizes)
    difference, error = ratio(list(zip(differences, ones, strict=True)))
    wins, losses = sum(d > TIE for d in differences), sum(d < -TIE for d in differences)
    return Paired(
        tasks=len(differences),
        difference=difference,
        standard_error=error,
        wins=wins,
        losses=losses,
        sign_test=sign_test(wins, losses),
        interval=bootstrap(differences, ones, seed=seed),
    )


def by_name(
    first: Mapping[str, float | None],
    second: Mapping[str, float | None],
    sizes: Mapping[str, float] | None = None,
    *,
    seed: int = 0,
) -> Paired:
    """Return the comparison of two measurements by task; tasks that one of them lacks (or None) are left out.

    Args:
        sizes: task -> what the counts are out of, where shares are compared.
    """
    pairs, of = [], []
    for name, one in first.items():
        other = second.get(name)
        if one is not None and other is not None:
            pairs.append((one, other))
            of.append(1.0 if sizes is None else sizes[name])
    return paired(pairs, of, seed=seed)


def ratio(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return (sum of the first / sum of the second, its standard error over the pairs); NaN without, or below two.

    Where every second is 1 that is the mean and s / sqrt(n).

    >>> ratio([(1.0, 1.0), (0.0, 1.0)])   # 1/2; residuals +-1/2: sqrt(2 / 1 * 0.5) / 2
    (0.5, 0.5)
    """
    below = sum(second for _, second in pairs)
    if not below:
        return math.nan, math.nan
    found = math.fsum(first for first, _ in pairs) / below
    if len(pairs) < 2:
        return found, math.nan
    squares = sum((first - found * second) ** 2 for first, second in pairs)
    return found, math.sqrt(len(pairs) / (len(pairs) - 1) * squares) / below


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


def bootstrap(
    values: Sequence[float], sizes: Sequence[float] | None = None, *, seed: int = 0, draws: int = DRAWS
) -> tuple[float, float]:
    """Return the percentile interval of the mean (with sizes: of the sum of the values by the sum of the sizes); the
    same values and seed give the same interval."""
    if len(values) < 2:
        return math.nan, math.nan
    rng = random.Random(f"{seed}/bootstrap")
    pairs = list(zip(values, sizes or [1.0] * len(values), strict=True))
    found = []
    for _ in range(draws):
        drawn = rng.choices(pairs, k=len(pairs))
        found.append(sum(value for value, _ in drawn) / sum(size for _, size in drawn))
    found.sort()
    outside = (1.0 - INTERVAL) / 2
    return found[int(outside * draws)], found[min(draws - 1, math.ceil((1.0 - outside) * draws) - 1)]
