"""The guard over the machine's memory: before the kernel kills whom it likes, the largest worker is ended.

No worker starts while memory is short: one that starts into a shortage is ended again. But the shortage may be somebody
else's, so a start waits ten minutes at most.
"""

import math
from collections.abc import Iterable

from arc_submit.budget import Clock
from arc_submit.run.crew import Crew

_PAUSE = 30.0  # seconds between two workers that are ended: it takes a while for memory to come back
_LONGEST = 600.0  # seconds that a start waits


class Shortage:
    """Watches what is left; `least`: bytes below which memory is short, 0: never."""

    def __init__(self, crew: Crew, least: float, now: Clock) -> None:
        self._crew, self._least, self._now = crew, least, now
        self._since = self._until = -math.inf

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
        if self._now() < self._since + _PAUSE or not self.here:
            return None
        largest = max(numbers, key=self._crew.held, default=None)
        if largest is not None:
            self._since, self._until = self._now(), self._now() + _LONGEST
        return largest
