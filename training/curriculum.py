"""Which tasks reinforcement meets next: the running record of how hard each one is, kept as a JSON file.

    draw a few tasks -> the model answers -> heard(task, rewards) -> save -> draw ...

Rewards are those of `arc_submit.verify`, 0 .. MOST for a program; everything here is a share of MOST, so 0..1.

    retire   share above 0.8 of the maximum, with little spread, over several visits: nothing left to learn
    hard     share below 0.05, so that most answers were no program at all: due `often` times in a pass, and augmented,
             that is shown in views drawn anew
    level    of a generated task: the lines of its program. Of any other: 1 to BUCKETS by its share, easiest first; a
             task that was never visited counts as easy, since that is how one finds out

A pass goes through the levels from the easiest up: a task of level k + 1 has its turn when those of level k have had
theirs. Then the next pass begins at the bottom, without what has retired. Means run: a visit counts a quarter, the
first ones more, so a task that was hard becomes easy soon after it has become so.

Left out: bandits, several processes writing one file.
"""

import json
import math
import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import fmean, pstdev

from arc_submit.errors import UserError
from arc_submit.verify import SHAPE, VALID

MOST = VALID + SHAPE + 1.0
"""Reward of a program that is right on every demonstration."""
LATEST = 0.25  # least weight of the latest visit in a running mean
BUCKETS = 4  # levels of tasks whose program is not known


class CurriculumError(UserError):
    """A record that cannot be gone on with."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When a task retires, and when it counts as hard."""

    easy: float = 0.8
    """Share of MOST above which a task may retire."""
    spread: float = 0.25
    """Standard deviation of the shares of one visit's answers, running mean, below which it may. Answers that are all
    right but one in sixteen have 0.22."""
    visits: int = 4
    """Visits before it may."""
    hard: float = 0.05
    """Share below which a task is hard."""
    often: int = 3
    """Visits of a hard task in one pass; others have one."""


@dataclass(slots=True)
class Record:
    """What is known of one task."""

    lines: int | None
    """Of its program; None: not known."""
    visits: int = 0
    """Times that scored answers came back."""
    share: float = 0.0
    """Running mean of the answers' rewards, 0..1."""
    spread: float = 0.0
    """Running mean of their standard deviation, 0..0.5."""
    shown: int = 0
    """Times drawn in this pass."""
    retired: bool = False

    @property
    def level(self) -> int:
        """How difficult, from 1."""
        if self.lines is not None:
            return self.lines
        return 1 if not self.visits else min(BUCKETS, 1 + int((1.0 - self.share) * BUCKETS))


@dataclass(frozen=True, slots=True)
class Pick:
    """A task that is to be asked now."""

    task_id: str
    level: int
    augmented: bool
    """In a random view."""


class Curriculum:
    """The record of some tasks. `tasks`: id -> lines of its program, None where that is not known."""

    def __init__(self, tasks: Mapping[str, int | None], rules: Rules = Rules()) -> None:
        if not tasks:
            raise CurriculumError("no tasks to learn from")
        self.rules = rules
        self.number = 0
        """Of the pass, from 0."""
        self.records = {task_id: Record(lines) for task_id, lines in tasks.items()}

    @property
    def level(self) -> int | None:
        """The level that is next in this pass; None: all tasks have retired."""
        return min((self.records[task_id].level for task_id in self._due() or self._open()), default=None)

    @property
    def retired(self) -> int:
        """Tasks that have retired."""
        return sum(record.retired for record in self.records.values())

    def draw(self, count: int, rng: random.Random) -> list[Pick]:
        """Return at most so many different tasks, the easiest due ones; in random order within a level.

        Fewer where fewer are left, and none when all have retired.
        """
        picks: list[Pick] = []
        while len(picks) < count:
            taken = {pick.task_id for pick in picks}
            due = [task_id for task_id in self._due() if task_id not in taken]
            if not due and not self._due() and any(task_id not in taken for task_id in self._open()):
                self._begin_pass()
                continue
            if not due:
                break
            rng.shuffle(due)
            due.sort(key=lambda task_id: self.records[task_id].level)
            for task_id in due[: count - len(picks)]:
                record = self.records[task_id]
                record.shown += 1
                picks.append(Pick(task_id, record.level, self._hard(record)))
        return picks

    def heard(self, task_id: str, rewards: Sequence[float | None]) -> None:
        """Take in the rewards of one visit's answers; None: unscored, left out. Without a scored one it is no visit."""
        shares = [reward / MOST for reward in rewards if reward is not None]
        if not shares:
            return
        record = self.records[task_id]
        record.visits += 1
        weight = max(LATEST, 1.0 / record.visits)
        record.share += weight * (fmean(shares) - record.share)
        record.spread += weight * (pstdev(shares) - record.spread)
        rules = self.rules
        if record.visits >= rules.visits and record.share > rules.easy and record.spread < rules.spread:
            record.retired = True

    def save(self, path: Path) -> None:
        """Write the record, whole or not at all."""
        tasks = {task_id: {**asdict(record), "level": record.level} for task_id, record in self.records.items()}
        told = {"pass": self.number, "most": MOST, "rules": asdict(self.rules), "tasks": tasks}
        waiting = path.with_name(path.name + ".part")
        with waiting.open("w", encoding="utf-8") as opened:
            opened.write(json.dumps(told, indent=1) + "\n")
            opened.flush()
            os.fsync(opened.fileno())
        waiting.replace(path)

    def resume(self, path: Path) -> None:
        """Go on with the record in a file: tasks that it does not know are new, those that only it knows are let go.

        Raises:
            CurriculumError: not a record.
        """
        try:
            told = json.loads(path.read_text("utf-8"))
            number = int(told["pass"])
            known = {str(task_id): _record(entry) for task_id, entry in told["tasks"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            line = " ".join(str(error).split())[:120]
            raise CurriculumError(f"{path}: not a curriculum ({line}); remove it, or name another file") from None
        self.number = number
        for task_id, record in self.records.items():
            if task_id in known:
                known[task_id].lines = record.lines
                self.records[task_id] = known[task_id]

    def _open(self) -> list[str]:
        return [task_id for task_id, record in self.records.items() if not record.retired]

    def _due(self) -> list[str]:
        """Tasks that have not had all their turns of this pass."""
        records = self.records
        return [
            task_id
            for task_id in self._open()
            if records[task_id].shown < (self.rules.often if self._hard(records[task_id]) else 1)
        ]

    def _hard(self, record: Record) -> bool:
        return record.visits > 0 and record.share < self.rules.hard

    def _begin_pass(self) -> None:
        self.number += 1
        for record in self.records.values():
            record.shown = 0


def _record(entry: Mapping[str, object]) -> Record:
    record = Record(**{field.name: entry[field.name] for field in fields(Record)})  # type: ignore[arg-type]
    if not (math.isfinite(record.share) and math.isfinite(record.spread) and record.visits >= 0):
        raise ValueError("a number out of range")
    return record
