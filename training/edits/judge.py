"""One sandbox for all exercises: whatever waits to be judged goes together, in a thread beside the event loop.

While a batch runs, the answers that come in meanwhile gather for the next one, so batches grow with the load by
themselves. Expected outputs stay on this side (`arc_submit.verify.trial`).
"""

import asyncio
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from arc_submit.records import Candidate, Program, Task
from arc_submit.sandbox import Sandbox
from arc_submit.verify.trial import trial

TOGETHER = 2048  # programs of one batch, about
SECONDS = 600.0  # what one batch may take at most; what is not done by then is unscored

_Waiting = tuple[Task, Sequence[Program], "asyncio.Future[list[Candidate]]"]


class Judge:
    """Use as an async context manager, on one event loop; the sandbox stays the caller's."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._waiting: list[_Waiting] = []
        self._news = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None
        self.batches = 0
        self.seconds = 0.0
        """Spent in the sandbox."""

    async def __aenter__(self) -> Self:
        self._runner = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.gather(self._runner, return_exceptions=True)

    async def judged(self, task: Task, programs: Sequence[Program]) -> list[Candidate]:
        """Return the programs' candidates, same order.

        Raises:
            SandboxError: no sandbox process can be started at all.
        """
        if not programs:
            return []
        done: asyncio.Future[list[Candidate]] = asyncio.get_running_loop().create_future()
        self._waiting.append((task, programs, done))
        self._news.set()
        return await done

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            batch = self._batch()
            began = time.monotonic()
            try:
                found = await asyncio.to_thread(
                    trial, self._sandbox, [(task, programs) for task, programs, _ in batch], 0, began + SECONDS
                )
            except Exception as error:  # whatever it is, those who wait have to hear of it
                for _, _, done in batch:
                    if not done.done():
                        done.set_exception(error)
                continue
            self.batches += 1
            self.seconds += time.monotonic() - began
            for (_, _, done), candidates in zip(batch, found, strict=True):
                if not done.done():
                    done.set_result(candidates)

    def _batch(self) -> list[_Waiting]:
        """The first who wait, as many as go together."""
        taken = size = 0
        while taken < len(self._waiting) and (not taken or size < TOGETHER):
            size += len(self._waiting[taken][1])
            taken += 1
        batch, self._waiting = self._waiting[:taken], self._waiting[taken:]
        if not self._waiting:
            self._news.clear()
        return batch
