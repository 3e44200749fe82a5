"""One bucket of tasks, from traces to rows: what a process of the pool does.

read -> run again -> best -> fresh examples -> lines -> length, shortest, most different -> views -> rows
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arc_submit import views
from arc_submit.errors import PromptError
from arc_submit.prompts import Attempt
from training.dataset.augment import augment
from training.dataset.cases import Case, Run
from training.dataset.form import Student, said, turns
from training.dataset.pick import Picker
from training.dataset.preferences import Preference, preferences
from training.dataset.reviewed import Review
from training.dataset.settings import Settings
from training.dataset.store import Row
from training.dataset.thinking import clean
from training.dataset.words import prose
from training.edits import records
from training.edits.records import Parent, Trace
from training.exercises import Exercise, read

LEAST_MEAN = 0.05  # mean reward that a difficulty is taken of at least
ROWS, PAIRS = "rows.jsonl", "preferences.jsonl"


@dataclass(frozen=True, slots=True)
class Bucket:
    """Some tasks."""

    folder: Path
    sides: dict[str, str]
    """Split of each task."""
    difficulties: dict[str, float]
    """As far as they are known."""
    review: Review = field(default_factory=Review)
    """What people decided on their traces."""


@dataclass(slots=True)
class Made:
    """What became of a bucket; the rows are in its folder."""

    folder: Path
    counts: Counter[str] = field(default_factory=Counter)
    rows: list[tuple[str, str, str, float, int, int]] = field(default_factory=list)
    """(split, id, task, difficulty, tokens, byte where its line begins)"""
    preferences: int = 0


class Worker:
    """Turns buckets into rows."""

    def __init__(self, settings: Settings, student: Student, run: Run, examples: Path | None = None) -> None:
        self._settings, self._student, self._run = settings, student, run
        self._picker = Picker(settings, student, run, examples)

    def make(self, bucket: Bucket) -> Made:
        """Write the rows and preference pairs of a bucket into its folder.

        Raises:
            DataError: a file of the bucket, or of the examples, that is not what it should be.
        """
        made = Made(bucket.folder)
        exercises = read(bucket.folder / records.TASKS)
        traces = records.read(bucket.folder / records.TRACES)
        cases, before = self._picker.pick(traces, exercises, made.counts, bucket.review.rejected)
        augment(cases, before, self._settings, self._run, self._words)
        judged = self._judged(bucket)
        self._write(bucket, cases, judged, made)
        self._write_preferences(bucket, exercises, judged, made)
        return made

    def _words(self, case: Case) -> str:
        """What an example of the case says beside its code: the thought, and in both programs what is for a reader."""
        shown = (prose(self._student.code(program.source)) for program in (case.program, case.shown) if program)
        return "\n".join((case.thinking if self._student.thinks else "", *shown)).strip()

    def _judged(self, bucket: Bucket) -> dict[str, list[Trace]]:
        found: dict[str, list[Trace]] = {}
        for trace in records.read(bucket.folder / records.JUDGED):
            found.setdefault(trace.task, []).append(trace)
        return found

    def _write(self, bucket: Bucket, cases: Sequence[Case], judged: dict[str, list[Trace]], made: Made) -> None:
        by_task: dict[str, list[Case]] = {}
        for case in cases:
            by_task.setdefault(case.exercise.task.id, []).append(case)
        with (bucket.folder / ROWS).open("wb") as file:
            for task, several in by_task.items():
                difficulty = bucket.difficulties.get(task) or _difficulty(judged.get(task) or several)
                for case in several:
                    found = self._rows(case, difficulty, made.counts)
                    made.counts["answers kept"] += bool(found)
                    for row in found:
                        made.rows.append((bucket.sides[task], row.id, task, difficulty, row.tokens, file.tell()))
                        file.write(json.dumps(row.body(), ensure_ascii=False).encode("utf-8", "replace") + b"\n")

    def _rows(self, case: Case, difficulty: float, counts: Counter[str]) -> list[Row]:
        limit = self._settings.think_tokens
        thinking = clean(case.thinking, self._settings.similar, limit, self._student.count) if case.thinking else ""
        counts["thoughts shortened"] += thinking != case.thinking
        task, rows = case.exercise.task.id, []
        for seen in case.seen:
            try:
                prompt = self._student.prompt(case, seen)
            except PromptError:
                counts["views whose prompt does not fit"] += 1
                continue
            answer = self._student.answer(seen.source, thinking)
            tokens = self._student.tokens(prompt.messages, answer)
            if tokens > self._settings.max_tokens:
                counts["views too long"] += 1
                continue
            counts["prompts with parts left out"] += bool(prompt.dropped)
            counts["views turned or recoloured"] += seen.view.symmetry != "identity" or seen.view.colours != tuple(
                range(10)
            )
            name = f"{task}:{case.trace}@{views.key(seen.view)}"
            rows.append(
                Row(
                    name,
                    task,
                    case.kind,
                    turns(prompt.messages),
                    said(answer),
                    1.0,
                    tokens,
                    difficulty,
                    case.exercise.origin,
                    case.teacher,
                    round(case.gain, 6),
                )
            )
        counts["too many tokens"] += not rows
        return rows

    def _write_preferences(
        self, bucket: Bucket, exercises: dict[str, Exercise], judged: dict[str, list[Trace]], made: Made
    ) -> None:
        with (bucket.folder / PAIRS).open("w", encoding="utf-8", errors="replace") as file:
            for task, several in judged.items():
                usable = [trace for trace in several if self._picker.case(trace, exercises[task]) is not None]
                asked: dict[str, Any] = {}
                settings, wanted = self._settings, bucket.review.wanted
                for pair in preferences(usable, settings.pairs, settings.margin, settings.seed, wanted):
                    if pair.parent.program not in asked:
                        asked[pair.parent.program] = self._asked(pair.parent, exercises[task])
                    body = self._preference(pair, task, asked[pair.parent.program])
                    if body is not None:
                        made.preferences += 1
                        file.write(json.dumps({**body, "split": bucket.sides[task]}, ensure_ascii=False) + "\n")

    def _asked(self, parent: Parent, exercise: Exercise) -> Any:
        """The edit prompt of a parent, the task as it stands; None where it does not fit."""
        shown = Attempt(parent.program, self._student.code(parent.source), parent.outputs, parent.solved)
        try:
            return turns(self._student.edit(exercise.task, shown).messages)
        except PromptError:
            return None

    def _preference(self, pair: Preference, task: str, prompt: Any) -> dict[str, Any] | None:
        if prompt is None:
            return None
        chosen, rejected = (self._answer(trace) for trace in (pair.better, pair.worse))
        if chosen == rejected:
            return None
        return {
            "task": task,
            "prompt": prompt,
            "chosen": said(chosen),
            "rejected": said(rejected),
            "margin": round(pair.margin, 6),
            "rewards": [round(pair.better.reward, 6), round(pair.worse.reward, 6)],
            "teachers": [pair.better.teacher, pair.worse.teacher],
        }

    def _answer(self, trace: Trace) -> str:
        settings = self._settings
        thinking = clean(trace.thinking, settings.similar, settings.think_tokens, self._student.count)
        return self._student.answer(trace.source, thinking if self._student.thinks else "")


def _difficulty(several: Sequence[Trace] | Sequence[Case]) -> float:
    """1 / mean reward."""
    return round(1.0 / max(math.fsum(one.reward for one in several) / len(several), LEAST_MEAN), 6)


# The pool's side. ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Here:
    """What a process keeps from bucket to bucket."""

    worker: Worker
    close: Callable[[], None]


_here: Here | None = None


def open_here(settings: Settings, prompts: Any, model: Path, examples: Path | None) -> Here:
    """Return a worker with a tokenizer and a sandbox of its own; close it."""
    from arc_submit.sandbox import Sandbox
    from training.dataset.form import tokenizer

    student = Student(prompts, tokenizer(model))
    sandbox = Sandbox()
    return Here(Worker(settings, student, sandbox.run, examples), sandbox.close)


def begin(*arguments: Any) -> None:
    """Set up a process of the pool."""
    global _here
    _here = open_here(*arguments)


def go(bucket: Bucket) -> Made:
    """Make a bucket in a process of the pool."""
    assert _here is not None
    return _here.worker.make(bucket)
