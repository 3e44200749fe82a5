"""Better and worse children of one parent: what a reward model will be trained on.

Both are answers to the same edit prompt, so whatever tells them apart is the child. The margin is the difference of
their rewards. Of a parent with many children a few pairs are drawn, by the seed; a child that did worse than the parent
is as good a lesson as one that did better. What a person rejected is never the better one.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from training.edits.records import Parent, Trace


@dataclass(frozen=True, slots=True)
class Preference:
    """Two answers to one question."""

    parent: Parent
    better: Trace
    worse: Trace

    @property
    def margin(self) -> float:
        """Difference in reward, above 0."""
        return self.better.reward - self.worse.reward


def preferences(
    judged: Iterable[Trace],
    most: int,
    margin: float,
    seed: int,
    wanted: Callable[[Trace], bool] = lambda _: True,
) -> list[Preference]:
    """Return at most `most` pairs of each parent of one task, each at least `margin` apart; every child counts once.

    Args:
        judged: every answer of the task that ran.
        most: pairs of one parent.
        margin: least difference in reward; equal rewards never make a pair.
        seed: of the draw, with task and parent.
        wanted: whether an answer may be the better one; any may be the worse.
    """
    families: dict[str, dict[str, Trace]] = {}
    for trace in judged:
        if trace.parent is not None and trace.program != trace.parent.program:
            families.setdefault(trace.parent.program, {}).setdefault(trace.program, trace)
    found: list[Preference] = []
    for parent, children in sorted(families.items()):
        found += _drawn(list(children.values()), most, margin, random.Random(f"{seed}/preferences/{parent}"), wanted)
    return found


def _drawn(
    children: Sequence[Trace], most: int, margin: float, rng: random.Random, wanted: Callable[[Trace], bool]
) -> list[Preference]:
    ranked = sorted(children, key=lambda trace: (-trace.reward, trace.program))
    pairs = [
        Preference(better.parent, better, worse)
        for better, worse in combinations(ranked, 2)
        if better.parent is not None and wanted(better) and better.reward - worse.reward >= max(margin, 1e-9)
    ]
    chosen = rng.sample(pairs, min(most, len(pairs)))
    return sorted(chosen, key=lambda pair: (-pair.margin, pair.better.program, pair.worse.program))
