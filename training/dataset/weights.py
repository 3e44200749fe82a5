"""Weights against uneven augmentation: a task with many traces, or a trace that holds in many views, counts no more.

Every task has the same total, or one that grows with its difficulty; within a task every trace has the same, within a
trace every view. The mean over a split is 1, so that a learning rate means the same with and without them.
"""

from collections.abc import Mapping


def shares(views_of: Mapping[str, int]) -> dict[str, float]:
    """Return each trace's weight of one example, given how many examples each trace of one task has; the sum is 1.

    >>> shares({"a": 1, "b": 4})
    {'a': 0.5, 'b': 0.125}
    """
    return {trace: 1.0 / (len(views_of) * count) for trace, count in views_of.items()}


class Totals:
    """Sums of raw weights by split and task, gathered first; then the final weight of each example.

    Raw weights need only be right within a task.
    """

    def __init__(self, power: float) -> None:
        """Args:
        power: weights grow with difficulty to this power.
        """
        self._power = power
        self._by_task: dict[str, dict[str, float]] = {}
        self._wished: dict[str, dict[str, float]] = {}
        self._rows: dict[str, int] = {}
        self._scale: dict[str, float] = {}

    def add(self, split: str, task: str, raw: float, difficulty: float) -> None:
        """Count one example."""
        sums = self._by_task.setdefault(split, {})
        sums[task] = sums.get(task, 0.0) + raw
        self._wished.setdefault(split, {}).setdefault(task, difficulty**self._power)
        self._rows[split] = self._rows.get(split, 0) + 1

    def final(self, split: str, task: str, raw: float) -> float:
        """Return the weight of an example that was counted; the mean over the split is 1."""
        if split not in self._scale:
            self._scale[split] = self._rows[split] / sum(self._wished[split].values())
        return raw / self._by_task[split][task] * self._wished[split][task] * self._scale[split]
