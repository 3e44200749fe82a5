"""From traces to cases: which answers of some tasks are learnt from, each run again and checked.

    read -> run again -> best -> fresh examples -> lines -> right elsewhere -> length, shortest, most different

All tasks of a bucket go through a step together, so that the sandbox gets large batches.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from arc_submit.errors import ExtractError
from arc_submit.programs import from_source, holds_literal
from arc_submit.records import Pair, Program
from training.dataset import select, verify
from training.dataset.again import again
from training.dataset.cases import Case, Grids, Run
from training.dataset.form import Student
from training.dataset.lines import proving, prune
from training.dataset.settings import Settings
from training.edits.records import Trace
from training.exercises import Exercise
from training.review import decisions

STEPS = {
    "repeated": "the same answer again",
    "unfit": "programs that cannot be used: another dialect, not the task's demonstrations",
    "no gain": "edits without gain, fresh answers that miss a demonstration",
    "literal": "programs that hold an output",
    "beyond best": "more than the best of a task",
    "not as recorded": "programs that did something else, or gained nothing, when they ran again",
    "wrong elsewhere": "right on the demonstrations, wrong on a test output or a fresh example",
    "idle": "programs that give every demonstration's input back",
    "too long": "programs much longer than the shortest that passes",
    "beyond shortest and different": "more than the shortest, then the most different",
    "too many tokens": "prompt and answer together, in every view",
}
"""Why an answer is left out, in the order of the steps."""


class Picker:
    """Chooses what is learnt from."""

    def __init__(self, settings: Settings, student: Student, run: Run, examples: Path | None = None) -> None:
        self._settings, self._student, self._run, self._examples = settings, student, run, examples
        wish = settings.fresh_from_edits
        self._from_edits = wish == "yes" or (wish == "auto" and not student.thinks)

    def pick(
        self,
        traces: Iterable[Trace],
        exercises: dict[str, Exercise],
        counts: Counter[str],
        rejected: Collection[str] = (),
    ) -> tuple[list[Case], dict[tuple[str, str], Grids]]:
        """Return the cases, and by (task, program) what every program and parent makes of its task's inputs.

        Args:
            traces: of these exercises.
            exercises: by task id.
            counts: what was left out, by `STEPS`, is added here.
            rejected: keys (`training.review.decisions`) of what a person rejected; no answer of an edit stands for it.

        Raises:
            DataError: a file of the folder of examples that holds none.
        """
        read = self._read(traces, exercises, counts, rejected)
        cases, before = again(read, self._settings.least_gain, self._run)
        counts["not as recorded"] += len(read) - len(cases)
        further = self._further(list({case.exercise.task.id: case.exercise for case in cases}.values()))
        if self._settings.prune:
            cases = self._pruned(cases, before, further, counts)
        return self._selected(self._right(cases, further, counts), counts), before

    def _read(
        self,
        traces: Iterable[Trace],
        exercises: dict[str, Exercise],
        counts: Counter[str],
        rejected: Collection[str],
    ) -> list[Case]:
        """The traces that may be learnt from, the best of each task and kind."""
        found: dict[tuple[str, str], dict[str, Case]] = {}
        for trace in traces:
            counts["read"] += 1
            exercise = exercises[trace.task]
            case = self.case(trace, exercise)
            reason = "unfit" if case is None else self._refused(case, trace)
            barred = bool(rejected) and decisions.key(replace(trace, parent=None)) in rejected
            if case is not None and reason != "no gain" and not barred:
                self._also_fresh(case, trace, found, counts)
            if case is None or reason:
                counts[reason] += 1
            else:
                self._keep(case, found, counts)
        cases = []
        for several in found.values():
            kept = select.best(list(several.values()), self._settings.best)
            counts["beyond best"] += len(several) - len(kept)
            cases += kept
        return cases

    def case(self, trace: Trace, exercise: Exercise) -> Case | None:
        """Return a trace as a case, None where it cannot be one for this student."""
        pairs = len(exercise.task.train)
        parent = trace.parent
        if len(trace.solved) != pairs or (parent and not len(parent.solved) == len(parent.outputs) == pairs):
            return None
        program = _program(trace.source)
        shown = _program(parent.source) if parent else None
        if program is None or (parent and shown is None):
            return None
        if program.dialect is not self._student.dialect or (shown and shown.dialect is not self._student.dialect):
            return None
        thinking = trace.thinking if self._student.thinks else ""
        return Case(
            exercise, trace.kind, program, thinking, parent, trace.teacher, trace.reward, trace.gain, trace.right,
            shown, trace.solved,
        )  # fmt: skip

    def _refused(self, case: Case, trace: Trace) -> str:
        """Why a trace is not learnt from; empty: it is."""
        fit = (case.kind == "edit") == (case.parent is not None)
        if not fit or case.kind not in ("fresh", "edit"):
            return "unfit"
        if case.gain <= self._settings.least_gain or (case.kind == "fresh" and not trace.passes):
            return "no gain"
        outputs = [pair.output for pair in case.exercise.task.train] + list(case.exercise.answers)
        return "literal" if holds_literal(case.program.source, outputs) else ""

    def _also_fresh(
        self, case: Case, trace: Trace, found: dict[tuple[str, str], dict[str, Case]], counts: Counter[str]
    ) -> None:
        """A right child of an edit answers the fresh prompt as well; its thought was about the parent and goes."""
        if self._from_edits and case.parent is not None and trace.passes and not self._refused(case, trace):
            other = replace(case, kind="fresh", parent=None, shown=None, thinking="", gain=case.reward, seen=[])
            counts["answers of edits taken as fresh ones"] += 1
            self._keep(other, found, counts)

    def _keep(self, case: Case, found: dict[tuple[str, str], dict[str, Case]], counts: Counter[str]) -> None:
        """Of the same answer the first stays, but one with a thought goes before one without."""
        several = found.setdefault((case.exercise.task.id, case.kind), {})
        known = several.get(case.trace)
        counts["repeated"] += known is not None
        if known is None or (case.thinking and not known.thinking):
            several[case.trace] = case

    # --- what is right, short and different ---------------------------------------------------------------------------

    def _further(self, exercises: Sequence[Exercise]) -> dict[str, tuple[Pair, ...]]:
        """Examples of each task that no teacher saw."""
        count, seed = self._settings.fresh_examples, self._settings.seed
        if not count:
            return {}
        generated = verify.fresh(exercises, count, seed, self._run)
        if self._examples is None:
            return generated
        names = [exercise.task.id for exercise in exercises]
        return verify.merged(generated, {name: verify.from_folder(self._examples, name, count, seed) for name in names})

    def _pruned(
        self,
        cases: list[Case],
        before: dict[tuple[str, str], Grids],
        further: dict[str, tuple[Pair, ...]],
        counts: Counter[str],
    ) -> list[Case]:
        """The cases without lines that change nothing; programs that become the same count once."""
        tasks = {case.exercise.task.id: case.exercise.task for case in cases}
        inputs = {name: proving(task, (pair.input for pair in further.get(name, ()))) for name, task in tasks.items()}
        distinct = {(case.exercise.task.id, case.program.id): case.program for case in cases}
        shorter = prune([(program, inputs[task]) for (task, _), program in distinct.items()], self._run)
        became = dict(zip(distinct, shorter, strict=True))
        counts["programs shortened"] += sum(
            one is not other for one, other in zip(distinct.values(), shorter, strict=True)
        )
        found: dict[tuple[str, str], dict[str, Case]] = {}
        for case in cases:
            task = case.exercise.task.id
            case.program = became[task, case.program.id]
            before[task, case.program.id] = case.outputs
            self._keep(case, found, counts)
        return [case for several in found.values() for case in several.values()]

    def _right(self, cases: list[Case], further: dict[str, tuple[Pair, ...]], counts: Counter[str]) -> list[Case]:
        """Without fresh answers that are wrong elsewhere (and, where asked for, edits that end in such)."""
        tried = [(case.program, further.get(case.exercise.task.id, ())) for case in cases]
        shares = verify.share_right(tried, self._run)
        kept = []
        for case, share in zip(cases, shares, strict=True):
            wrong = case.right is False or (share is not None and share < 1.0) or not self._tests_right(case)
            counts["tried on fresh examples"] += share is not None
            if case.passes and wrong:
                counts["edits kept whose child is wrong elsewhere"] += case.kind == "edit" and not self._settings.strict
                if case.kind == "fresh" or self._settings.strict:
                    counts["wrong elsewhere"] += 1
                    continue
                case.right = False
            kept.append(case)
        return kept

    def _tests_right(self, case: Case) -> bool:
        answers = case.exercise.answers
        return not answers or case.outputs[len(case.exercise.task.train) :] == answers

    def _selected(self, cases: list[Case], counts: Counter[str]) -> list[Case]:
        by_task: dict[str, list[Case]] = {}
        for case in cases:
            by_task.setdefault(case.exercise.task.id, []).append(case)
        found = []
        for several in by_task.values():
            busy = [case for case in several if not _idle(case)]
            counts["idle"] += len(several) - len(busy)
            several = busy
            short = select.short_enough(several, self._settings.longest)
            counts["too long"] += len(several) - len(short)
            for kind in ("fresh", "edit"):
                same = [case for case in short if case.kind == kind]
                kept = select.spread(same, self._settings.shortest, self._settings.different)
                counts["beyond shortest and different"] += len(same) - len(kept)
                found += kept
        return found


def _idle(case: Case) -> bool:
    pairs = case.exercise.task.train
    return all(made == pair.input for made, pair in zip(case.outputs, pairs, strict=False))


@lru_cache(maxsize=4096)
def _program(source: str) -> Program | None:
    try:
        return from_source(source, "teacher")
    except ExtractError:
        return None
