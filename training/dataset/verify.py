"""Programs on examples that no teacher saw: right on the demonstrations is not yet right.

    generated/...    inputs of other draws of the task's generator, in the task's colours; wanted is what the program
                     behind the task makes of them
    a folder         `<task id>.json`, a list of {"input", "output"}, as re-arc and ARC-GEN publish them

Another draw may be about another rule (another colour, another direction), so its inputs serve and its outputs do not;
an input that the task's own program leaves as it is, or fails on, says nothing and goes. Colours of an input are
renamed by frequency to those of the task, so that what the program looks for is there.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from arc_submit import views
from arc_submit.errors import DataError, ExtractError
from arc_submit.programs import from_source
from arc_submit.records import COLOURS, Grid, Pair, Program, View
from arc_submit.symbolic.expressions import HEADER
from arc_submit.tasks import grids as checks
from arc_submit.tasks.files import read_json
from training.dataset.cases import Run, grids, job
from training.exercises import GENERATED, Exercise
from training.tasks.item import Unfit
from training.tasks.registry import GENERATORS

DRAWS = 6  # drafts looked at for each fresh example wanted


def fresh(exercises: Sequence[Exercise], count: int, seed: int, run: Run) -> dict[str, tuple[Pair, ...]]:
    """Return up to `count` fresh pairs of each generated exercise, by task id; others are not in it."""
    behind = {exercise.task.id: program for exercise in exercises if (program := _behind(exercise)) is not None}
    asked = [exercise for exercise in exercises if exercise.task.id in behind]
    inputs = {exercise.task.id: drawn(exercise, count * DRAWS, seed) for exercise in asked}
    asked = [exercise for exercise in asked if inputs[exercise.task.id]]
    ran = run([job(behind[exercise.task.id], inputs[exercise.task.id]) for exercise in asked])
    found = {}
    for exercise, result in zip(asked, ran, strict=True):
        given = inputs[exercise.task.id]
        made = zip(given, grids(result), strict=True)
        pairs = [Pair(grid, output) for grid, output in made if output is not None and output != grid]
        found[exercise.task.id] = tuple(pairs[:count])
    return found


def _behind(exercise: Exercise) -> Program | None:
    """The program that made a task; it stands in a file, so it runs where a stranger's would."""
    if not exercise.program or exercise.origin.removeprefix(f"{GENERATED}/") not in GENERATORS:
        return None
    source = exercise.program if "import" in exercise.program else HEADER + exercise.program
    try:
        return from_source(source, "generator")
    except ExtractError:
        return None


def drawn(exercise: Exercise, count: int, seed: int) -> tuple[Grid, ...]:
    """Return up to `count` inputs of other draws of an exercise's generator, none of them the task's own."""
    generator = GENERATORS[exercise.origin.removeprefix(f"{GENERATED}/")]
    rng = random.Random(f"{seed}/fresh/{exercise.task.id}")
    own = set(exercise.task.inputs)
    found: dict[Grid, None] = {}
    for _ in range(count):
        try:
            given = generator(rng).inputs
        except Unfit:  # a draft that makes no task; the next random numbers make another
            continue
        view = View(colours=_renaming(given, exercise.task.inputs))
        found.update((grid, None) for grid in (views.apply(view, grid) for grid in given) if grid not in own)
        if len(found) >= count:
            break
    return tuple(found)[:count]


def _renaming(given: Sequence[Grid], own: Sequence[Grid]) -> tuple[int, ...]:
    """Colours of the given grids, most frequent first, onto those of the task's."""
    before, after = _ranked(given), _ranked(own)
    onto = dict(zip(before, after, strict=True))
    return tuple(onto[colour] for colour in range(COLOURS))


def _ranked(seen: Sequence[Grid]) -> list[int]:
    counts = Counter(cell for grid in seen for row in grid for cell in row)
    return sorted(range(COLOURS), key=lambda colour: (-counts[colour], colour))


def from_folder(folder: Path, task_id: str, count: int, seed: int) -> tuple[Pair, ...]:
    """Return up to `count` pairs of a task's file, drawn by the seed; () where the folder has none for it.

    Raises:
        DataError: not a list of {"input", "output"} with grids.
    """
    path = folder / f"{task_id}.json"
    if ".." in path.parts or not path.is_file():
        return ()
    body = read_json(path)
    if not isinstance(body, list) or not all(
        isinstance(entry, dict) and {"input", "output"} <= set(entry) for entry in body
    ):
        raise DataError(f'{path}: expected a list of {{"input": grid, "output": grid}}')
    chosen = random.Random(f"{seed}/examples/{task_id}").sample(body, min(count, len(body)))
    return tuple(
        Pair(*(checks.grid(entry[name], f"{path}: {name}") for name in ("input", "output"))) for entry in chosen
    )


def share_right(programs: Sequence[tuple[Program, Sequence[Pair]]], run: Run) -> list[float | None]:
    """Return the share of its examples that each program gets right; None without examples, or where it was lost."""
    ran = run([job(program, tuple(pair.input for pair in pairs)) for program, pairs in programs if pairs])
    results = iter(ran)
    found: list[float | None] = []
    for _, pairs in programs:
        result = next(results) if pairs else None
        if result is None or result.lost:
            found.append(None)
        else:
            right = sum(made == pair.output for made, pair in zip(grids(result), pairs, strict=True))
            found.append(right / len(pairs))
    return found


def merged(*sources: Mapping[str, tuple[Pair, ...]]) -> dict[str, tuple[Pair, ...]]:
    """Return every task's pairs from all sources."""
    found: dict[str, tuple[Pair, ...]] = {}
    for source in sources:
        for task, pairs in source.items():
            found[task] = found.get(task, ()) + pairs
    return found
