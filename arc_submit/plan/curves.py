"""A finished run's trace as one curve per task: what so many seconds of search had bought.

Seconds are `spent`: search on that task alone, in all its visits, whatever else its worker did meanwhile. Where a visit
was lost (its worker died, the run was resumed), what it found is forgotten as the run forgot it. What lies beyond the
seconds that the run gave is not known (`Curve.ended` says whether there is a beyond).

Left out: the seconds between tasks (start-up, idle workers), and what one task teaches the model for another.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from arc_submit import budget, folder, tasks, trace
from arc_submit.config import BudgetConfig
from arc_submit.errors import DataError
from arc_submit.records import Answer, Grid, Outcome, Task
from arc_submit.search.fitness import copy_baseline, fitness
from arc_submit.verify import correct

_OVER = frozenset({"agreed", "answered", "exhausted", "rounds"})
"""Reasons of `done` after which no policy would go on: the search itself is over."""
_HEARD = frozenset({"candidate", "answer", "pause", "done"})
_SECONDS = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Curve:
    """One task of one run."""

    task_id: str
    steps: tuple[tuple[float, float], ...]
    """(seconds spent, promise from then on), rising in both."""
    passer: float | None
    """Seconds spent when the answer first stood on a program that passes every demonstration."""
    rights: tuple[tuple[float, bool], ...]
    """(seconds spent, whether the attempts score from then on); empty where solutions are not known."""
    horizon: float
    """Seconds spent in all."""
    ended: bool
    """The search ended by itself at the horizon; False: its time was up, and what more would have bought is unknown."""

    def promise(self, spent: float) -> float:
        """Return the fitness of the best program after so many seconds, 0..1."""
        place = bisect_right(self.steps, spent, key=_SECONDS)
        return self.steps[place - 1][1] if place else 0.0

    def passes(self, spent: float) -> bool:
        """Return whether the answer stood on a passer after so many seconds."""
        return self.passer is not None and self.passer <= spent

    def right(self, spent: float) -> bool:
        """Return whether the attempts scored after so many seconds; an answer may get worse again."""
        place = bisect_right(self.rights, spent, key=_SECONDS)
        return self.rights[place - 1][1] if place else False

    @property
    def first_right(self) -> float | None:
        """Seconds spent when the attempts first scored."""
        return next((spent for spent, right in self.rights if right), None)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One run, as far as a replay goes."""

    name: str
    curves: tuple[Curve, ...]
    """Every task of the run, in the order in which it took them; one that it never began has a horizon of 0."""
    workers: int
    mean: float
    """Seconds of one worker per task that its settings gave: the whole budget."""
    settings: BudgetConfig
    solutions: bool
    """Whether solutions are known, so that `right` means something."""
    estimated: bool = False
    """Seconds spent were estimated from rounds: an older trace."""


@dataclass(slots=True)
class _Search:
    """What has been heard of one task."""

    last: float = 0.0
    steps: list[tuple[float, float]] = field(default_factory=list)
    passer: float | None = None
    rights: list[tuple[float, bool]] = field(default_factory=list)
    ended: bool = False

    def at(self, spent: float) -> None:
        """The search stands at so many seconds; what was heard of later ones was lost with a visit."""
        if spent < self.last:
            self.steps = [step for step in self.steps if step[0] <= spent]
            self.rights = [change for change in self.rights if change[0] <= spent]
            self.passer = None if self.passer is None or self.passer > spent else self.passer
        self.last, self.ended = spent, False


def read(out: Path, *, estimate: bool = False) -> Recorded:
    """Return the curves of a run's folder.

    Args:
        estimate: for traces that do not say `spent`: seconds of the whole search times round over rounds.

    Raises:
        UserError: no run there, its data is gone or has changed, or its trace is empty, broken or too old.
    """
    settings, chosen = folder.config_of(out), folder.tasks_of(out)
    path = out / trace.NAME
    by_id = {task.id: task for task in chosen}
    heard = (event for event in trace.read(path) if event["event"] in _HEARD and event["task"] in by_id)
    events = [_timed(_slim(event)) for event in heard]
    if not events:
        raise DataError(f"{path}: no task was searched; expected the trace of a run that has tasks behind it")
    old = any("spent" not in event for event in events)
    if old and not estimate:
        raise DataError(
            f"{path}: its events do not say `spent`: an older version wrote it; run again, or take estimates from its "
            "rounds with --estimate-spent"
        )
    if old:
        events = list(_estimated(events))
    wanted = _solutions(folder.settings(out)["data"], chosen)
    searches = _hear(events, by_id, wanted)
    workers = len({event["worker"] for event in events if "worker" in event}) or 1
    total = budget.total_seconds(settings.budget, len(chosen), workers)
    search = total - budget.reserve(settings.budget, total)
    never = [task.id for task in chosen if task.id not in searches]
    return Recorded(
        str(out),
        tuple(_curve(task_id, searches.get(task_id, _Search())) for task_id in (*searches, *never)),
        workers,
        search * min(workers, len(chosen)) / len(chosen),
        settings.budget,
        wanted is not None,
        old,
    )


def times(recorded: Iterable[Recorded]) -> list[tuple[float, bool]]:
    """Return (seconds, whether the search ended by itself) of every task that was begun."""
    return [(curve.horizon, curve.ended) for run in recorded for curve in run.curves if curve.horizon > 0]


def _hear(
    events: Iterable[Mapping[str, Any]], by_id: Mapping[str, Task], wanted: Mapping[str, tuple[Grid, ...]] | None
) -> dict[str, _Search]:
    baselines: dict[str, tuple[float, ...]] = {}
    searches: dict[str, _Search] = {}
    for event in events:
        task_id = event["task"]
        search = searches.setdefault(task_id, _Search())
        search.at(event["spent"])
        if event["event"] == "candidate":
            if task_id not in baselines:
                baselines[task_id] = copy_baseline(by_id[task_id])
            _climb(search, event["candidate"], baselines[task_id])
        elif event["event"] == "answer":
            _answer(search, trace.answer(event["answer"]), None if wanted is None else wanted[task_id])
        elif event["event"] == "done":
            search.ended = event["reason"] in _OVER
    return searches


def _climb(search: _Search, candidate: Mapping[str, Any], baseline: tuple[float, ...]) -> None:
    if candidate["literal"]:
        return
    outcome = candidate["outcome"]
    found = Outcome(outcome["reward"], tuple(outcome["solved"]), tuple(outcome["cells"]), outcome["signature"])
    worth = fitness(found, baseline)
    if not search.steps or worth > search.steps[-1][1]:
        search.steps.append((search.last, worth))


def _answer(search: _Search, answer: Answer, wanted: tuple[Grid, ...] | None) -> None:
    if answer.passers and search.passer is None:
        search.passer = search.last
    if wanted is not None:
        right = all(correct(attempts, want) for attempts, want in zip(answer.attempts, wanted, strict=True))
        if right != (search.rights[-1][1] if search.rights else False):
            search.rights.append((search.last, right))


def _curve(task_id: str, search: _Search) -> Curve:
    return Curve(task_id, tuple(search.steps), search.passer, tuple(search.rights), search.last, search.ended)


def _solutions(data: str, chosen: tasks.TaskSet) -> Mapping[str, tuple[Grid, ...]] | None:
    found = tasks.load_solutions(data)
    if found is None:
        return None
    found.check(chosen)
    return found.outputs


def _slim(event: dict[str, Any]) -> dict[str, Any]:
    """The event without programs and grids: a long trace is a gigabyte of them."""
    if event["event"] != "candidate":
        return event
    return {**event, "candidate": {name: event["candidate"][name] for name in ("outcome", "literal")}}


def _timed(event: dict[str, Any]) -> dict[str, Any]:
    """The event, with `spent` where its seconds per stage say it: at the end of a visit they add up to it."""
    return event if "spent" in event or "seconds" not in event else {**event, "spent": sum(event["seconds"].values())}


def _estimated(events: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """The events with `spent` from what older traces say: seconds per stage at the end, and the round of a program.

    An answer has no round; it follows the programs of its own.
    """
    ends = {event["task"]: event for event in events if event["event"] == "done"}
    rounds: dict[str, int] = {}
    for event in events:
        end = ends.get(event["task"])
        if end is None:
            continue  # it never came to an end, so nothing says what a round took
        if event["event"] == "candidate":
            rounds[event["task"]] = event["round"]
        part = 1.0 if event is end else min(1.0, rounds.get(event["task"], 0) / max(1, end["rounds"]))
        yield {**event, "spent": end["spent"] * part}
