"""The tasks of all folders that a dataset is made of: guarded by content, their side where it is given.

One task may stand in several folders, as public tasks do. It is the same task when its demonstrations are the same, in
the same order; the one whose test outputs are known is kept, and the content of all counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from arc_submit.errors import DataError
from training.dataset import sides, store
from training.dataset.settings import SPLITS, Place
from training.dataset.spool import Source, difficulties, exercises
from training.exercises import GENERATED, Exercise
from training.guard import ContaminationError


@dataclass(slots=True)
class Known:
    """What all folders hold."""

    exercises: dict[str, Exercise] = field(default_factory=dict)
    contents: dict[str, frozenset[bytes]] = field(default_factory=dict)
    sides: dict[str, str] = field(default_factory=dict)
    """Of tasks whose side is given."""
    difficulties: dict[str, float] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    """Generated tasks that the guard refuses, and why: small grids meet by chance."""


def gather(place: Place, joined: Sequence[Path]) -> tuple[Known, dict[Path, Source]]:
    """Return the tasks of all folders, and each traces folder in words.

    Raises:
        DataError: not a traces folder, one id for two tasks, or a joined dataset with an eval side beside one that is
            given.
        ContaminationError: content of an evaluation set or a held-out task, in a task that was not generated or in a
            dataset that is joined.
        LeakError: a task that is given on both sides.
    """
    known, sources, refusal = Known(), {}, sides.Refusal.of()
    for folder in joined:
        _join(known, folder, place, refusal)
    before = dict(known.contents)
    for folder in (*place.folders, *place.evaluation):
        if folder in joined:
            continue
        found = exercises(folder)
        sources[folder] = Source(folder.resolve().name, len(found))
        for exercise in found.values():
            _take(known, folder, exercise, before, refusal)
        known.difficulties.update(difficulties(folder))
        if place.evaluation:
            _give_sides(known, found, "eval" if folder in place.evaluation else "train")
    for name in known.refused:
        known.exercises.pop(name, None)
        known.contents.pop(name, None)
        known.sides.pop(name, None)
    if place.evaluation:
        by_side = {
            split: {task: known.contents[task] for task, side in known.sides.items() if side == split}
            for split in SPLITS
        }
        sides.check_sides(by_side["train"], by_side["eval"])
    return known, sources


# Datasets. -----------------------------------------------------------------------------------------------------------


def _join(known: Known, folder: Path, place: Place, refusal: sides.Refusal) -> None:
    """Take in the tasks of a dataset, and their sides."""
    if folder in place.evaluation:
        raise DataError(f"{folder}: a dataset, with a side for training; --eval takes folders of traces")
    for split in SPLITS:
        contents = store.contents(folder, split)
        if split == "eval" and contents and place.evaluation:
            raise DataError(
                f"{folder}: has an eval side of its own, and --eval names another; leave --eval out, or build the "
                f"dataset again with --eval-share 0"
            )
        for task, content in contents.items():
            refusal.check_forms(str(folder), task, content)
            before = known.contents.get(task, content)
            if not (before <= content or content <= before):
                raise DataError(f"{folder}: task {task} is another one than in the dataset before; join one of them")
            known.contents[task] = before | content
        _give_sides(known, contents, split)


# Traces. -------------------------------------------------------------------------------------------------------------


def _take(
    known: Known, folder: Path, exercise: Exercise, joined: Mapping[str, frozenset[bytes]], refusal: sides.Refusal
) -> None:
    """Take in what a task is. A generated one that is refused is left out, any other ends the build."""
    name, content = exercise.task.id, sides.forms(exercise)
    shown = sides.forms(replace(exercise, answers=()))
    if not shown <= joined.get(name, shown):
        raise DataError(f"{folder}: task {name} is another one than in a dataset that is joined; rename one of them")
    before = known.exercises.setdefault(name, exercise)
    if before.task.train != exercise.task.train:
        raise DataError(f"{folder}: task {name} is another one than in the folder before; rename one of them")
    if before.task.test == exercise.task.test and before.answers and exercise.answers not in ((), before.answers):
        raise DataError(f"{folder}: task {name} has other test outputs than in the folder before; correct one of them")
    if exercise.answers and not before.answers:
        known.exercises[name] = exercise
    try:
        refusal.check(exercise, content)
    except ContaminationError as error:
        if name in joined or not exercise.origin.startswith(f"{GENERATED}/"):
            raise
        known.refused[name] = str(error)
    else:
        known.contents[name] = known.contents.get(name, frozenset()) | content


def _give_sides(known: Known, tasks: Iterable[str], split: str) -> None:
    for task in tasks:
        if known.sides.setdefault(task, split) != split:
            raise sides.LeakError(f"task {task} is given on both sides; take it out of one of the folders")
