"""How much better an answer was than the others to the same prompt.

Group-relative advantages as in GRPO (DeepSeekMath, arXiv 2402.03300): the group's mean reward stands for a critic's
estimate. Left out: scaling by the deviation of a whole batch, several reward functions.
"""

import math
from collections.abc import Sequence
from statistics import fmean

EPSILON = 1e-4
"""Added to the deviation before dividing, as trl does: a group that hardly varies is not blown up."""
FLAT = 1e-8
"""Rewards that lie no further apart are equal: nothing in such a group is better than the rest."""


def advantages(rewards_G: Sequence[float | None], scale: bool) -> list[float | None] | None:
    """Return the advantage of each answer of a group, or None when the group teaches nothing.

    An answer is worth its reward less the group's mean; with `scale` that is divided by the group's sample standard
    deviation (n - 1, as `torch.std` and trl) plus EPSILON. Without it (Dr. GRPO, arXiv 2503.20783), groups whose
    rewards hardly vary do not count more than their differences say.

    An unscored answer (None) takes no part in mean and deviation, and its advantage is None: it is not a bad answer.
    A group teaches nothing when fewer than two answers are scored or all are worth the same.

    Raises:
        ValueError: a reward is not finite.
    """
    scored = [reward for reward in rewards_G if reward is not None]
    if not all(map(math.isfinite, scored)):
        raise ValueError(f"rewards must be finite, got {scored}")
    if len(scored) < 2 or max(scored) - min(scored) <= FLAT:
        return None
    mean = fmean(scored)
    divisor = 1.0
    if scale:
        divisor = math.sqrt(math.fsum((reward - mean) ** 2 for reward in scored) / (len(scored) - 1)) + EPSILON
    return [None if reward is None else (reward - mean) / divisor for reward in rewards_G]
