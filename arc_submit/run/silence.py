"""How long a worker may say nothing before it counts as hung: by what silences have been like in this run.

A worker speaks at every round, with every program that is kept, and, while its model decodes, its sandbox runs or its
adapter learns, every few seconds on how far it has come. So the longest silence of a healthy worker is a measure of the
machine's speed, and some times that is a hang. A fixed limit is either too short for a slow machine (it killed work
that was alive) or so long that a hung engine costs minutes (kits notes, lessons 8).
"""

from arc_submit.config import BudgetConfig

_TIMES = 10.0  # the longest silence so far, times this, is a hang
_LOADS = 5.0  # the longest load so far, times this, is a hang
_LEAST_LOAD = 300.0  # seconds; a load may always take so long
_WORDS = 50  # words that must have been heard before the measure is trusted


class Silence:
    """Learns from every word; `limit` is what it has learnt."""

    def __init__(self, config: BudgetConfig) -> None:
        self._config = config
        self._heard = 0
        self._longest = self._load = 0.0

    def broken(self, seconds: float) -> None:
        """A worker at work has spoken after so many seconds."""
        self._heard += 1
        self._longest = max(self._longest, seconds)

    def loaded(self, seconds: float) -> None:
        """A worker was ready so many seconds after its start."""
        self._load = max(self._load, seconds)

    def limit(self, *, loading: bool) -> float:
        """Return the seconds that a worker may be silent."""
        if loading and self._load:
            return min(self._config.load_seconds, max(_LEAST_LOAD, _LOADS * self._load))
        if loading:
            return self._config.load_seconds
        if self._heard < _WORDS:
            return self._config.stall_seconds
        return min(self._config.stall_seconds, max(self._config.least_stall_seconds, _TIMES * self._longest))
