"""What a run keeps: its trace, the answers, and a submission that is valid at every moment.

Written by the supervisor alone. A full disk costs neither: what was written before stays valid, the space set aside for
the last submission is freed when it is needed, and what could not be written waits (`trace.Trace`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from arc_submit import folder, submission, trace
from arc_submit.budget import Clock
from arc_submit.errors import DataError, OutputError
from arc_submit.records import Answer, Task

_WRITE_SHARE = 0.01  # of wall time that writing the submission may take
_LEAST_PAUSE = 1.0  # seconds between two submissions


class Book:
    """Answers by task, and what stands on disk.

    Args:
        tasks: everything that the submission must cover, also tasks that nobody works on.

    Raises:
        OutputError: another process writes here; or nothing can be written, and no valid submission stands here.
    """

    def __init__(self, out: Path, tasks: Sequence[Task], answers: Mapping[str, Answer], now: Clock) -> None:
        self._out, self._tasks, self._now = out, tasks, now
        self.answers = dict(answers)
        self.fallbacks = 0
        """Test outputs whose first attempt no program made."""
        self.error: OutputError | None = None
        """Why the latest submission could not be written."""
        self._earlier = dict(answers)
        """Answers of searches that are over or were cut short: what a later one has to be as good as."""
        self._stale, self._written_at, self._took = False, 0.0, 0.0
        self.trace = trace.Trace(out / trace.NAME)  # its lock comes before any writing
        try:
            if (error := self.write()) is not None and not self._stands():
                raise error
        except BaseException:
            self.trace.close()
            raise

    @property
    def writing_seconds(self) -> float:
        """How long the latest submission took to write."""
        return self._took

    def note(self, event: Mapping[str, Any]) -> None:
        """Add an event to the trace."""
        self.trace.append(event)

    def begin_again(self, task_id: str) -> None:
        """A new search for this task begins: its answer counts only where it is at least as strong as this one."""
        if task_id in self.answers:
            self._earlier[task_id] = self.answers[task_id]

    def take(self, task_id: str, answer: Answer) -> bool:
        """Take a task's latest answer unless an earlier search left a stronger one; return whether it was taken."""
        earlier = self._earlier.get(task_id)
        if earlier is not None and _strength(earlier) > _strength(answer):
            return False
        self.answers[task_id] = answer
        self._stale = True
        return True

    def save(self, *, now: bool = False) -> None:
        """Write the submission where it is out of date and the last one is some time ago, or `now`."""
        if self._stale and (now or self._now() - self._written_at > max(_LEAST_PAUSE, self._took / _WRITE_SHARE)):
            self.write()

    def write(self) -> OutputError | None:
        """Write it; on a full disk free the reserve and try once more; return what went wrong, which `error` keeps."""
        started = self._now()
        path = self._out / submission.NAME
        try:
            try:
                self.fallbacks = submission.write(path, self._tasks, self.answers)
            except OutputError:
                if not folder.free_reserve(self._out):
                    raise
                self.fallbacks = submission.write(path, self._tasks, self.answers)
            self.error, self._stale = None, False
        except OutputError as error:
            self.error, self._stale = error, True
        except DataError as error:  # what was read back is not what was written: a disk that fails
            self.error, self._stale = OutputError(str(error)), True
        self._written_at = self._now()
        self._took = self._written_at - started
        return self.error

    def _stands(self) -> bool:
        """Whether an earlier sitting left a valid submission."""
        path = self._out / submission.NAME
        try:
            submission.check(submission.read(path), self._tasks, path)
        except DataError:
            return False
        return True

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Write what is not written yet, however the run ended."""
        if self._stale:
            self.write()
        folder.free_reserve(self._out)
        self.trace.close()


def _strength(answer: Answer) -> tuple[int, int]:
    """Order of two answers to one task: passers first, then test outputs that are answered at all."""
    return answer.passers, sum(map(bool, answer.attempts))
