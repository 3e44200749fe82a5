"""The folder of traces around the judged answers: its settings, its exercises, what is chosen in the end.

A folder belongs to one set of settings: the same go on, others are refused by name. It belongs to one list of
exercises too, and none of them is a task that development is measured on, whatever its id and view. Left out: the
answers themselves (`journal`, `training.teacher.archive`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from arc_submit.errors import DataError, OutputError, ResumeError
from arc_submit.records import Grid, Task
from arc_submit.tasks import load_solutions
from training.edits import difficulty, records
from training.edits.choose import ChooseSettings, Chosen, choose
from training.edits.records import Trace
from training.exercises import GENERATED, Exercise, gather, read, write
from training.guard import ContaminationError, form
from training.split import held_out
from training.teacher.archive import JOURNAL


def settle(out: Path, asked: Mapping[str, Any]) -> None:
    """Make the folder, or make sure that it has the same settings; where nothing was answered yet these may change.

    Raises:
        ResumeError: with others; it names them.
        DataError: settings.json is none.
        OutputError: the folder cannot be written.
    """
    path, wanted = out / records.SETTINGS, json.loads(json.dumps(asked))
    try:
        if not _begun(out):
            (out / records.TASKS).unlink(missing_ok=True)
            out.mkdir(parents=True, exist_ok=True)
            waiting = path.with_name(f"{path.name}.part")
            waiting.write_text(json.dumps(wanted, indent=1) + "\n", "utf-8")
            waiting.replace(path)
            return
        there = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror})") from None
    except ValueError as error:
        raise DataError(f"{path}: not the settings of a folder of traces ({error}); name another --out") from None
    differing = _differing(there, wanted)
    if differing:
        raise ResumeError(
            f"{out}: made with other settings ({'; '.join(differing)}); repeat those to go on, or name another --out"
        )


def _begun(out: Path) -> bool:
    """Whether anything was answered or judged."""
    journals = (out / records.JUDGED, out / records.ARCHIVE / JOURNAL)
    return any(path.exists() and path.stat().st_size for path in journals)


def _differing(there: Any, wanted: Any, name: str = "") -> list[str]:
    """Every setting that differs, with both values."""
    if isinstance(there, dict) and isinstance(wanted, dict):
        return [
            text
            for key in dict.fromkeys((*there, *wanted))
            for text in _differing(there.get(key), wanted.get(key), f"{name}.{key}" if name else key)
        ]
    return [] if there == wanted else [f"{name} was {json.dumps(there)}, now {json.dumps(wanted)}"]


def exercises(out: Path, source: str, count: int, seed: int) -> dict[str, Exercise]:
    """Return the exercises of the folder by task id, gathered where it has none yet.

    Raises:
        ContaminationError: a task that is measured on.
        DataError: no tasks.
        OutputError: they cannot be written.
    """
    path = out / records.TASKS
    if not path.exists():
        found = gather(source, count, seed)
        if source.partition(":")[0] != GENERATED:  # decided as `gather` does: a path may have any name
            keep_out_held(found)
        if not found:
            raise DataError(f"--exercises {source}: no tasks in it")
        try:
            write(path, found)
        except OSError as error:
            raise OutputError(f"{path}: cannot be written ({error.strerror})") from None
    return read(path)


def keep_out_held(found: Sequence[Exercise]) -> None:
    """Make sure that no task shares a pair, demonstration or test, with those that development is measured on.

    Raises:
        ContaminationError: one does, in some orientation and colours.
    """
    held = _held()
    for one in found:
        tests = list(zip(one.task.test, one.answers, strict=False))
        for what, pairs in (("demonstration", _shown(one.task)), ("test", tests)):
            where = next((held[key] for pair in pairs if (key := form(*pair)) in held), None)
            if where is not None:
                raise ContaminationError(
                    f"task {one.task.id}: a {what} is a pair of held-out {where}, turned or recoloured at most: "
                    "leave it out, development is measured on that task"
                )


@cache
def _held() -> dict[bytes, str]:
    """The form of every held-out pair, tests included, and the task that it is of; a second."""
    solutions = load_solutions("arc1-training")
    outputs = solutions.outputs if solutions is not None else {}
    return {
        form(*pair): task.id
        for task in held_out()
        for pair in (*_shown(task), *zip(task.test, outputs.get(task.id, ()), strict=False))
    }


def _shown(task: Task) -> list[tuple[Grid, Grid]]:
    return [(pair.input, pair.output) for pair in task.train]


def chosen(out: Path, known: Mapping[str, Exercise], settings: ChooseSettings) -> Chosen:
    """Write traces.jsonl and difficulty.json from all that was judged; read twice, it may be larger than memory."""

    def judged() -> Iterator[Trace]:
        yield from records.read(out / records.JUDGED) if (out / records.JUDGED).exists() else ()

    found = choose(judged(), known, settings)
    try:
        records.write(out / records.TRACES, found.kept)
    except OSError as error:
        raise OutputError(f"{out / records.TRACES}: cannot be written ({error.strerror})") from None
    difficulty.write(out / records.DIFFICULTY, difficulty.difficulties(judged()))
    return found
