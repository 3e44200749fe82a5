"""Which traces are worth learning from.

    edits   a gain above 0; of each parent the top 3 by gain. Where several gain about as much as the third, those are
            taken that together are right on the most demonstrations (greedy set cover)
    fresh   right on every demonstration; the same top 3
    both    nothing that fails on a known test output after passing the demonstrations, nothing that leaks
            (`training.teacher.leaks`); at most 10 of a task, the best of every parent before the second best of any

Everything refused is counted by reason. Left out: whether two traces say the same, which is the dataset's business.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from arc_submit.errors import ConfigError
from training.edits.records import Trace
from training.exercises import Exercise
from training.teacher.leaks import leaks

NO_GAIN, NOT_RIGHT, MISLED, AGAIN, BELOW, MANY, UNKNOWN = (
    "no gain over its parent", "fresh and not right on every demonstration", "passes, but is wrong on a test output",
    "same edit again", "not among the best of its parent", "not among the best of its task", "its task is not known",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChooseSettings:
    """How many are kept.

    Raises:
        ConfigError: a number out of range.
    """

    per_parent: int = 3
    per_task: int = 10
    epsilon: float = 0.01
    """Gains that differ by no more count as equal; a reward has 1.2."""

    def __post_init__(self) -> None:
        if self.per_parent < 1 or self.per_task < 1 or not 0.0 <= self.epsilon <= 1.2:
            raise ConfigError("choose: per_parent and per_task must be 1 or more, epsilon 0..1.2")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is kept, task by task in the order of the traces, and why the rest is not."""

    kept: list[Trace]
    refused: Counter[str]


def choose(
    traces: Iterable[Trace], exercises: Mapping[str, Exercise], settings: ChooseSettings = ChooseSettings()
) -> Chosen:
    """Return the traces worth learning from. `exercises`: by task id."""
    refused: Counter[str] = Counter()
    groups: dict[str, dict[str, dict[str, Trace]]] = defaultdict(lambda: defaultdict(dict))
    for trace in traces:
        reason = _refusal(trace, exercises)
        parent = trace.parent.program if trace.parent is not None else ""
        known = groups[trace.task][parent].get(trace.program) if not reason else None
        if reason:
            refused[reason] += 1
            continue
        if known is not None:
            refused[AGAIN] += 1
            if _brevity(known) <= _brevity(trace):
                continue
        groups[trace.task][parent][trace.program] = trace
    kept: list[Trace] = []
    for by_parent in groups.values():
        ranked: list[tuple[int, Trace]] = []
        for members in by_parent.values():
            best = top(list(members.values()), settings.per_parent, settings.epsilon)
            refused[BELOW] += len(members) - len(best)
            ranked += enumerate(best)
        ranked.sort(key=lambda entry: (entry[0], *_order(entry[1])))
        refused[MANY] += max(0, len(ranked) - settings.per_task)
        kept += [trace for _, trace in ranked[: settings.per_task]]
    return Chosen(kept, +refused)


def _brevity(trace: Trace) -> tuple[bool, int]:
    """Of two that give the same program the one with the shorter thinking is kept, one without any last."""
    return not trace.thinking, len(trace.thinking)


def _refusal(trace: Trace, exercises: Mapping[str, Exercise]) -> str:
    if trace.parent is None and not trace.passes:
        return NOT_RIGHT
    if trace.gain <= 1e-9:
        return NO_GAIN
    if trace.passes and trace.right is False:
        return MISLED
    exercise = exercises.get(trace.task)
    if exercise is None:
        return UNKNOWN
    return next(iter(leaks(trace.thinking, trace.source, exercise.task, exercise.answers, trace.kind)), "")


def top(traces: Sequence[Trace], count: int, epsilon: float) -> list[Trace]:
    """Return the `count` traces of largest gain, best first; ties at the end of the list by what they cover together.

    A trace covers the demonstrations that it is right on. Those whose gain is above the last place's by more than
    epsilon are in; of those within epsilon of it, the one that covers the most that is not covered yet comes next.
    """
    ranked = sorted(traces, key=_order)
    if len(ranked) <= count:
        return ranked
    last = ranked[count - 1].gain
    chosen = [trace for trace in ranked if trace.gain > last + epsilon]
    tied = [trace for trace in ranked[len(chosen) :] if trace.gain >= last - epsilon]
    covered = {index for trace in chosen for index in _right(trace)}
    while len(chosen) < count:
        best = min(tied, key=lambda trace: (-len(_right(trace) - covered), *_order(trace)))
        tied.remove(best)
        chosen.append(best)
        covered |= _right(best)
    return sorted(chosen, key=_order)


def _right(trace: Trace) -> set[int]:
    return {index for index, solved in enumerate(trace.solved) if solved}


def _order(trace: Trace) -> tuple[float, int, str]:
    """Largest gain first, then the shorter text."""
    return -trace.gain, len(trace.source), trace.program
