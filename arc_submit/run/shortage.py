"""The guard over the machine's memory: before the kernel kills whom it likes, the largest worker is ended.

No worker starts while memory is short: one that starts into a shortage is ended again. But the shortage may be somebody
else's: a start waits ten minutes at most, the last worker is never ended, and where the end of one brought nothing
back, the guard looks away for ten minutes.
"""

import math
from collections.abc import Iterable

from arc_submit.budget import Clock
from arc_submit.run.crew import Crew

_PAUSE = 30.0  # seconds between two workers that are ended: it takes a while for memory to come back
_LONGEST = 600.0  # seconds that a start waits, and that the guard looks away
_GAIN = 0.5  # part of what an ended worker held that must have come back: else it was not ours that was missing


class Shortage:
    """Watches what is left; `least`: bytes below which memory is short, 0: never."""

    def __init__(self, crew: Crew, least: float, now: Clock) -> None:
        self._crew, self._least, self._now = crew, least, now
        self._since = self._until = self._away_until = -math.inf
        self._expected = 0.0
        """Bytes that must be left once the last victim's memory has come back."""

    @property
    def here(self) -> bool:
        """Memory is short now."""
        return self._crew.spare() < self._least

    def may_start(self) -> bool:
        """Whether another worker may start."""
        if self._now() < self._until and self.here:
            return False
        self._until = -math.inf
        return True

    def victim(self, numbers: Iterable[int]) -> int | None:
        """Return which of these workers is to be ended now, or None."""
        now, alive = self._now(), list(numbers)
        if now < max(self._since + _PAUSE, self._away_until) or len(alive) < 2 or not self.here:
            return None
        spare = self._crew.spare()
        if spare < self._expected:
            self._expected, self._away_until = 0.0, now + _LONGEST
            return None
        largest = max(alive, key=self._crew.held)
        self._expected = spare + _GAIN * self._crew.held(largest)
        self._since, self._until = now, now + _LONGEST
        return largest
