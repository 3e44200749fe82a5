"""One sitting of `arc-train traces`: what was asked for, the work in the folder, and what is shown in the end.

    Asked -> archive -> exercises, account, teacher -> Work -> what is kept

A folder may have several sittings with the same settings; each goes on where the one before it ended. Left out: the
options themselves (`training.cli.traces`).
"""

import os
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from arc_submit.cli.common import machine_line, notices, print_table
from arc_submit.errors import ConfigError
from training.edits import folder, records
from training.edits.choose import ChooseSettings, Chosen
from training.edits.collect import Beginnings, Work
from training.edits.rounds import AT_ONCE, RoundsSettings
from training.exercises import Exercise
from training.teacher.account import Account
from training.teacher.archive import Archive
from training.teacher.ask import Asker, AskSettings
from training.teacher.hints import Hints, Plan
from training.teacher.records import Teacher
from training.teacher.settings import Settings
from training.teacher.usage import Prices


@dataclass(frozen=True, slots=True)
class Told:
    """What people say of the tasks."""

    hints: Hints
    plan: Plan
    path: Path | None
    """None: nothing is told."""

    def settings(self) -> dict[str, Any] | None:
        """Return what the folder's settings say of it."""
        return {"digest": self.hints.digest, **asdict(self.plan)} if self.path is not None else None

    def check_tasks(self, tasks: dict[str, Exercise]) -> None:
        """Make sure that something is told of one of the tasks.

        Raises:
            ConfigError: nothing is.
        """
        if self.path is not None and not self.hints.by_task.keys() & tasks.keys():
            raise ConfigError(f"--hints {self.path}: says nothing of any of the {len(tasks)} tasks")


@dataclass(frozen=True, slots=True)
class Budget:
    """What the folder may cost, all sittings."""

    dollars: float | None
    tokens: int | None
    prices: Prices | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for: checked as far as that needs no folder."""

    teacher: str
    """Its name."""
    exercises: str
    tasks: int
    seed: int
    asking: AskSettings
    amount: RoundsSettings
    told: Told
    begin: Beginnings
    served: Settings | None
    """The model that is asked; None: symbolic search."""
    answers: dict[str, Any]
    """What an answer of it depends on, beside the question: temperature and the like."""
    budget: Budget
    evaluations: int
    """Expressions that symbolic search tries for a fresh question."""
    processes: int
    in_flight: int

    def settings(self) -> dict[str, Any]:
        """Return what a folder is asked for: the same go on there, others are refused."""
        return {
            "teacher": self.teacher,
            "exercises": self.exercises,
            "tasks": self.tasks,
            "ask": {**asdict(self.asking), "version": Asker(self.asking).version},
            "rounds": asdict(self.amount),
            "hints": self.told.settings(),
            "baseline": self.begin.digest,
            **({"evaluations": self.evaluations} if self.served is None else self.answers),
        }


def sit(out: Path, asked: Asked) -> None:
    """Ask, run, judge and keep; whatever ends it, what was judged is chosen from, written and shown."""
    settings = asked.settings()
    with Archive(out / records.ARCHIVE) as archive:  # first of all: it keeps other processes out of the folder
        folder.settle(out, settings)
        exercises = _exercises(out, asked)
        account = _account(out, asked.budget, archive)
        work = _work(out, asked, archive, account)
        try:
            work.run(list(exercises.values()))
        finally:
            account.write()
            _show(out, work, folder.chosen(out, exercises, ChooseSettings()), account)


def _exercises(out: Path, asked: Asked) -> dict[str, Exercise]:
    found = folder.exercises(out, asked.exercises, asked.tasks, asked.seed)
    asked.begin.check_tasks(found)
    asked.told.check_tasks(found)
    return found


def _account(out: Path, budget: Budget, archive: Archive) -> Account:
    return Account(
        out / records.COSTS,
        tokens=budget.tokens,
        dollars=budget.dollars,
        prices=budget.prices,
        earlier=archive.usages(),
    )


def _work(out: Path, asked: Asked, archive: Archive, account: Account) -> Work:
    processes = asked.processes or len(os.sched_getaffinity(0))
    if asked.served is None:
        teacher = _symbolic(processes, asked.evaluations, archive)
    else:
        teacher = _server(asked.served, archive, account)
    at_once = max(AT_ONCE, asked.in_flight)
    return Work(
        out, asked.asking, asked.amount, teacher, asked.told.hints, asked.told.plan, asked.begin, processes, at_once
    )


def _symbolic(processes: int, evaluations: int, archive: Archive) -> Teacher:
    from training.teacher.symbolic import SymbolicSettings, SymbolicTeacher

    return SymbolicTeacher(processes, SymbolicSettings(evaluations=evaluations), archive)


def _server(settings: Settings, archive: Archive, account: Account) -> Teacher:
    from training.teacher.sampler import ServerTeacher

    return ServerTeacher(settings, archive, account)


# What is shown. ------------------------------------------------------------------------------------------------------


def _show(out: Path, work: Work, chosen: Chosen, account: Account) -> None:
    tally, kept = work.tally, chosen.kept
    edits = sum(trace.parent is not None for trace in kept)
    reasons: Counter[str] = tally.reasons + work.asker.refused
    rows = [
        ("tasks", tally.tasks), ("solved", tally.solved), ("answers asked for", tally.asked),
        ("answers", tally.answers), ("ran", tally.ran), ("edits that gained", tally.gained),
        ("kept", f"{len(kept)} ({edits} edits, {len(kept) - edits} fresh)"),
        ("tokens answered", tally.tokens), ("dollars, all sittings", f"{account.dollars:.4f}"),
    ]  # fmt: skip
    print_table(f"Traces by {work.teacher.name} in {out}", ("", ""), rows)
    if reasons or chosen.refused:
        why = [("answer", reason, count) for reason, count in reasons.most_common()]
        why += [("trace", reason, count) for reason, count in chosen.refused.most_common()]
        print_table("Not used", ("", "why", ""), why)
    if tally.budget:
        notices.print(f"{tally.budget}: a larger budget and the same command go on", markup=False, highlight=False)
    machine_line(
        {
            "command": "traces",
            "out": str(out),
            "teacher": work.teacher.name,
            "version": work.asker.version,
            "tasks": tally.tasks,
            "solved": tally.solved,
            "asked": tally.asked,
            "answers": tally.answers,
            "ran": tally.ran,
            "gained": tally.gained,
            "kept": len(kept),
            "kept_edits": edits,
            "tokens": tally.tokens,
            "dollars": round(account.dollars, 6),
            "unused": dict(reasons),
            "refused": dict(chosen.refused),
            "budget_used_up": bool(tally.budget),
        }
    )
