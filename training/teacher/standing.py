"""Is it one request that fails, or the server? Told by how the other requests fare.

    own = UnderWay()
    standing.begun(own)                    its first try begins (again and again: no matter)
    standing.failed(own)                   a try failed
    standing.is_gone(own, trouble)         it has failed for good: is the server of no use to anybody?
    standing.takes_none(own)               it was declined: are all requests?
    standing.answered()
    standing.ended(own)                    whatever became of it

One bad request is left out and the others go on; a dead server or a wrong setting ends the run after a few requests and
not after thousands. What tells them apart: an answer since, others that are under way and have not failed, and answers
of earlier sittings. Left out: any clock.
"""

from dataclasses import dataclass

from training.teacher.troubles import NO_CONNECTION, Failed

LOST = 3
"""Requests in a row that failed for good, no answer between, after which a server that answered before is gone."""


@dataclass(slots=True, eq=False)
class UnderWay:
    """A request from its first try to its end, the pauses between tries included."""

    failures: int = 0
    answers: int = 0
    """Of all requests, when this one first failed."""


class Standing:
    """What is known of one server. One event loop.

    Args:
        known: it has answered in an earlier sitting.
    """

    def __init__(self, known: bool) -> None:
        self._known = known
        self._answers = 0
        self._lost = 0
        self._open: set[UnderWay] = set()
        self._witnesses: set[UnderWay] | None = None
        """Those that were under way when the first one was declined, and still are."""

    def begun(self, own: UnderWay) -> None:
        """A try begins."""
        self._open.add(own)

    def ended(self, own: UnderWay) -> None:
        """Nothing more is heard of it."""
        self._open.discard(own)
        if self._witnesses is not None:
            self._witnesses.discard(own)

    def answered(self) -> None:
        """Some request was answered."""
        self._answers += 1
        self._lost = 0

    def failed(self, own: UnderWay) -> None:
        """A try failed."""
        if not own.failures:
            own.answers = self._answers
        own.failures += 1

    def is_gone(self, own: UnderWay, trouble: Failed) -> bool:
        """Whether a request that has failed for good means that the server is of no use any more."""
        if self._answers > own.answers or any(not other.failures for other in self._open if other is not own):
            return False
        if not self._known and not self._answers:
            return True
        if not trouble.gone:
            return False
        self._lost += 1
        return trouble.kind == NO_CONNECTION or self._lost >= LOST

    def takes_none(self, own: UnderWay) -> bool:
        """Whether a declined request means that all will be: none was answered ever, and none is left that may be."""
        if self._known or self._answers:
            return False
        if self._witnesses is None:
            self._witnesses = set(self._open)
        self._witnesses.discard(own)
        return not self._witnesses
