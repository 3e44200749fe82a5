"""Tasks that clients registered, by id and content: a client sends each task once and refers to it from then on.

Bounded: the task that was not asked for longest goes first, and a client that misses one registers it again
(`client.Client` does). Two tasks of one id and different content stand side by side.
"""

import hashlib
import threading
from collections import OrderedDict

from arc_submit.records import Task


def digest(task: Task) -> str:
    """Return 16 hex digits for a task's id, demonstrations and test inputs."""
    return hashlib.blake2b(repr(task).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class Shelf:
    """Safe to share between threads."""

    def __init__(self, room: int) -> None:
        self._room = room  # tasks
        self._tasks: OrderedDict[tuple[str, str], Task] = OrderedDict()
        self._turn = threading.Lock()

    def __len__(self) -> int:
        return len(self._tasks)

    def put(self, task: Task) -> str:
        """Keep a task and return its digest."""
        found = digest(task)
        with self._turn:
            self._tasks[task.id, found] = task
            self._tasks.move_to_end((task.id, found))
            while len(self._tasks) > self._room:
                self._tasks.popitem(last=False)
        return found

    def get(self, task_id: str, found: str) -> Task | None:
        """Return the task of this id and digest, None where it is not (or no longer) here."""
        with self._turn:
            task = self._tasks.get((task_id, found))
            if task is not None:
                self._tasks.move_to_end((task_id, found))
            return task
