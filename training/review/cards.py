"""What the page shows of a trace, as plain values for JSON; children are run again in the sandbox.

Foreign text goes out with its invisible characters spelled out (`text`) and cut where it is endless; the page escapes
it. Not here: who may ask (`app`), decisions (`decisions`).
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from arc_submit.errors import DataError, ExtractError, SandboxError
from arc_submit.programs import from_source
from arc_submit.records import Grid, Output
from arc_submit.sandbox import Job, Sandbox, SandboxConfig
from arc_submit.verify import cells_right
from training import exercises
from training.edits import records
from training.edits.records import Trace
from training.exercises import Exercise
from training.review import decisions, diff
from training.review.text import harmless

LONGEST = 100_000  # characters of one text on the page
REASONS = {
    "leak": "knows the answer",
    "mismatch": "thinking and code differ",
    "hard-coded": "hard-coded",
    "luck": "right by luck",
    "fluff": "fluff or repeats",
    "wrong-idea": "wrong idea",
    "messy": "messy code",
    "clear": "clear thinking",
    "elegant": "elegant",
}
"""Tag in the file -> words on the page; keys 1 to 9."""


class Deck:
    """The traces of a folder, one sandbox on a thread of its own. A context manager."""

    def __init__(self, folder: Path, name: str = records.TRACES, config: SandboxConfig | None = None) -> None:
        """Read the folder.

        Raises:
            DataError: no traces or tasks there, or broken ones.
        """
        self.folder, self.name = folder, name
        self.traces: list[Trace] = []
        self.places: dict[str, int] = {}
        for trace in records.read(folder / name):
            if self.places.setdefault(decisions.key(trace), len(self.traces)) == len(self.traces):
                self.traces.append(trace)
        if not self.traces:
            raise DataError(f"{folder / name}: expected at least one trace, found none")
        self.tasks = exercises.read(folder / records.TASKS)
        self.decided = decisions.read(folder)
        self._sandbox = Sandbox(config)
        self._thread = ThreadPoolExecutor(1, "sandbox")  # a sandbox lives as long as its thread

    def __enter__(self) -> "Deck":
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._sandbox.close()

    # --- what the page asks -------------------------------------------------------------------------------------------

    def rows(self) -> list[dict[str, Any]]:
        """Return one line of the list per trace, by what the file says now: another page may have written to it."""
        self.decided = decisions.read(self.folder)
        return [self._row(key, self.traces[place]) for key, place in self.places.items()]

    def counts(self) -> dict[str, int]:
        """Return how far the review is."""
        verdicts = [self.decided[key].verdict for key in self.places if key in self.decided]
        accepted, rejected = verdicts.count(decisions.ACCEPT), verdicts.count(decisions.REJECT)
        whole = len(self.traces)
        return {"traces": whole, "accepted": accepted, "rejected": rejected, "open": whole - accepted - rejected}

    def card(self, place: int) -> dict[str, Any]:
        """Return everything that is shown of the trace at a place. IndexError: there is none."""
        trace = self.traces[place]
        exercise = self.tasks.get(trace.task)
        outputs, trouble = self._thread.submit(self._run, trace, exercise).result() if exercise else ((), "")
        notes = [trouble] if trouble else []
        if exercise is None:
            notes.append(f"the folder's {records.TASKS} has no task {harmless(trace.task)}: nothing to show it on")
        elif outputs:
            notes += _differs(trace, exercise, outputs)
        parent = trace.parent
        code = diff.lines(parent.source, trace.source) if parent is not None else [
            (diff.SAME, line) for line in trace.source.splitlines()
        ]  # fmt: skip
        return {
            **self._row(decisions.key(trace), trace),
            "solved": trace.solved,
            "right": trace.right,
            "tokens": trace.tokens,
            "round": trace.round,
            "version": harmless(trace.version),
            "origin": harmless(exercise.origin) if exercise is not None else "",
            "parent": None
            if parent is None
            else {"program": harmless(parent.program), "reward": round(parent.reward, 4)},
            "thinking": _text(trace.thinking),
            "code": [(mark, _text(line)) for mark, line in code],
            "train": _train(trace, exercise, outputs) if exercise is not None else [],
            "test": _test(exercise, outputs) if exercise is not None else [],
            "notes": notes,
        }

    def decide(self, place: int, verdict: str, reasons: Sequence[str]) -> dict[str, Any]:
        """Write a decision down and return the trace's line of the list.

        Raises:
            OutputError: it is not written; what was decided before counts.
            IndexError: no such trace; ValueError: no such verdict or reason.
        """
        if verdict not in decisions.VERDICTS or not set(reasons) <= set(REASONS):
            raise ValueError("expected a verdict and reasons that there are")
        trace = self.traces[place]
        key = decisions.key(trace)
        decision = decisions.now(key, verdict, list(dict.fromkeys(reasons)))
        decisions.append(self.folder, decision)
        if verdict == decisions.OPEN:
            self.decided.pop(key, None)
        else:
            self.decided[key] = decision
        return self._row(key, trace)

    # --- parts --------------------------------------------------------------------------------------------------------

    def _row(self, key: str, trace: Trace) -> dict[str, Any]:
        decision = self.decided.get(key)
        return {
            "place": self.places[key],
            "key": harmless(key),
            "task": harmless(trace.task),
            "kind": harmless(trace.kind),
            "teacher": harmless(trace.teacher),
            "hint": harmless(trace.hint),
            "reward": round(trace.reward, 4),
            "gain": round(trace.gain, 4),
            "passes": trace.passes,
            "verdict": decision.verdict if decision is not None else decisions.OPEN,
            "reasons": [reason for reason in decision.reasons if reason in REASONS] if decision is not None else [],
        }

    def _run(self, trace: Trace, exercise: Exercise) -> tuple[tuple[Output, ...], str]:
        """The child's outputs for demonstrations and tests, and what went wrong in words."""
        try:
            program = from_source(trace.source, trace.teacher)
        except ExtractError as error:
            return (), f"not a program: {harmless(str(error))}"
        job = Job(program.source, program.dialect, program.entry, exercise.task.inputs)
        try:
            (ran,) = self._sandbox.run([job])
        except SandboxError as error:
            return (), f"the sandbox cannot run it: {harmless(str(error))}"
        return ran.outputs, ""


def _train(trace: Trace, exercise: Exercise, outputs: Sequence[Output]) -> list[dict[str, Any]]:
    before: Sequence[Grid | None] = trace.parent.outputs if trace.parent is not None else ()
    return [
        {
            "input": pair.input,
            "wanted": pair.output,
            "parent": None if place >= len(before) else _made(before[place], pair.output, "no grid"),
            "child": _child(outputs, place, pair.output),
        }
        for place, pair in enumerate(exercise.task.train)
    ]


def _test(exercise: Exercise, outputs: Sequence[Output]) -> list[dict[str, Any]]:
    found, pairs = [], len(exercise.task.train)
    for place, grid in enumerate(exercise.task.test):
        wanted = exercise.answers[place] if place < len(exercise.answers) else None
        found.append({"input": grid, "wanted": wanted, "child": _child(outputs, pairs + place, wanted)})
    return found


def _child(outputs: Sequence[Output], place: int, wanted: Grid | None) -> Mapping[str, Any]:
    if place >= len(outputs):
        return _made(None, wanted, "not run")
    output = outputs[place]
    return _made(output.grid, wanted, f"{output.fault or ''}: {harmless(output.message)}".strip(": ") or "no grid")


def _made(grid: Grid | None, wanted: Grid | None, why: str) -> Mapping[str, Any]:
    """A grid with its share of cells right (None: not known), or why there is none."""
    share = None if wanted is None else round(cells_right(grid, wanted), 4)
    return {"grid": grid, "cells": share, "why": "" if grid is not None else why}


def _differs(trace: Trace, exercise: Exercise, outputs: Sequence[Output]) -> list[str]:
    now = tuple(output.grid == pair.output for output, pair in zip(outputs, exercise.task.train, strict=False))
    if now == trace.solved:
        return []
    return [f"run again it solves {sum(now)} of {len(now)} demonstrations, the trace says {sum(trace.solved)}"]


def _text(text: str) -> str:
    more = len(text) - LONGEST
    return harmless(text[:LONGEST]) + (f"\n… {more} more characters are in the trace" if more > 0 else "")
