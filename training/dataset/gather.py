"""The tasks of all folders that a dataset is made of: guarded by content, their side where it is given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
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
        DataError: not a traces folder, or one id for two tasks.
        ContaminationError: content of an evaluation set or a held-out task in a task that was not generated.
        LeakError: a task that is given on both sides.
    """
    known, sources, refusal = Known(), {}, sides.Refusal.of()
    for folder in joined:
        for split in SPLITS:
            contents = store.contents(folder, split)
            known.contents.update(contents)
            _give_sides(known, contents, split)
    for folder in (*place.folders, *place.evaluation):
        if folder in joined:
            continue
        found = exercises(folder)
        sources[folder] = Source(folder.resolve().name, len(found))
        for name, exercise in found.items():
            before = known.exercises.setdefault(name, exercise)
            if before.task != exercise.task:
                raise DataError(f"{folder}: task {name} is another one than in the folder before; rename one of them")
            _guard(known, exercise, refusal)
        known.difficulties.update(difficulties(folder))
        if place.evaluation:
            kept = [name for name in found if name not in known.refused]
            _give_sides(known, kept, "eval" if folder in place.evaluation else "train")
    for name in known.refused:
        del known.exercises[name]
    if place.evaluation:
        by_side = {
            split: {task: known.contents[task] for task, side in known.sides.items() if side == split}
            for split in SPLITS
        }
        sides.check_sides(by_side["train"], by_side["eval"])
    return known, sources


def _guard(known: Known, exercise: Exercise, refusal: sides.Refusal) -> None:
    """Take in what a task is. A generated one that is refused is left out, any other ends the build."""
    name, content = exercise.task.id, sides.forms(exercise)
    if known.contents.get(name, content) != content:
        raise DataError(f"task {name} is another one than in a dataset that is joined; rename one of them")
    try:
        refusal.check(exercise, content)
    except ContaminationError as error:
        if not exercise.origin.startswith(f"{GENERATED}/"):
            raise
        known.refused[name] = str(error)
    else:
        known.contents[name] = content


def _give_sides(known: Known, tasks: Iterable[str], split: str) -> None:
    for task in tasks:
        if known.sides.setdefault(task, split) != split:
            raise sides.LeakError(f"task {task} is given on both sides; take it out of one of the folders")
