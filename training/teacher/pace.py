"""How fast a server is asked: so many at once, so many requests and tokens a minute, a shared pause when it says so.

A minute is any 60 seconds, not one of the clock: the limits hold wherever it begins. Requests start in the order in
which they asked for a turn. A server that says "too many" (429) to one request means all of them: `hold` delays every
start, and without a word from the server each such answer in a row waits twice as long as the one before.

Tokens of a request are estimated when it begins and corrected when it has ended. A single request above the limit of a
minute goes when the minute is empty. The clock and the sleep are passed in; nothing here knows HTTP.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

MINUTE = 60.0  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds, where the server names none


class Started:
    """A request under way: when it began and the tokens that it counts for."""

    __slots__ = ("at", "tokens")

    def __init__(self, at: float, tokens: int) -> None:
        self.at, self.tokens = at, tokens


class Pace:
    """Turns for requests. One event loop; `now` in seconds.

    Args:
        in_flight: requests under way at once, at most.
        requests: begun in any 60 seconds, at most; None: no limit.
        tokens: of requests begun in any 60 seconds, at most; None: no limit.
    """

    def __init__(
        self,
        in_flight: int,
        requests: int | None = None,
        tokens: int | None = None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._requests, self._tokens = requests, tokens
        self._now, self._sleep = now, sleep
        self._slots = asyncio.Semaphore(in_flight)
        self._gate = asyncio.Lock()
        self._begun: deque[Started] = deque()
        self._spent = 0
        self._until = 0.0
        self._pause = 0.0
        self.under_way = 0
        """Requests that have begun and not ended."""
        self.most = 0
        """The most that were ever under way."""

    @asynccontextmanager
    async def turn(self, tokens: int) -> AsyncIterator[Started]:
        """Wait for a turn; it lasts as long as the block. Set `tokens` of what it gives to the true number then."""
        async with self._slots:
            async with self._gate:
                while (wait := self._wait(tokens)) > 0:
                    await self._sleep(wait)
                started = Started(self._now(), tokens)
                if self._requests is not None or self._tokens is not None:
                    self._begun.append(started)
                    self._spent += tokens
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            try:
                yield started
            finally:
                self.under_way -= 1
                if self._tokens is not None:
                    self._correct(started, tokens)

    def hold(self, seconds: float | None) -> float:
        """Let nothing begin for so long, None: as long as seems right; return the seconds.

        Requests that were under way together are refused together: only the first of them makes the pause longer.
        """
        now = self._now()
        if seconds is None:
            if now >= self._until:
                self._pause = min(max(FIRST_PAUSE, 2 * self._pause), LONGEST_PAUSE)
            seconds = self._pause if now >= self._until else self._until - now
        self._until = max(self._until, now + seconds)
        return seconds

    def went_well(self) -> None:
        """The server answers: the next pause is a short one again."""
        self._pause = 0.0

    def _wait(self, tokens: int) -> float:
        """Seconds until a request of so many tokens may begin, 0 or less: now."""
        now = self._now()
        while self._begun and self._begun[0].at + MINUTE <= now:
            self._spent -= self._begun.popleft().tokens
        wait = self._until - now
        if self._begun and (
            (self._requests is not None and len(self._begun) >= self._requests)
            or (self._tokens is not None and self._spent + tokens > self._tokens)
        ):
            wait = max(wait, self._begun[0].at + MINUTE - now)
        return wait

    def _correct(self, started: Started, estimated: int) -> None:
        """Count what a request took instead of what it was thought to take, while its minute lasts."""
        if self._begun and started.at >= self._begun[0].at and started.tokens != estimated:
            self._spent += started.tokens - estimated
