"""All that stands between exercises and judged.jsonl: beginnings, rounds, sandbox, processes, progress.

Work(...).run(exercises)      blocks; Ctrl-C and errors leave what was judged in the file
"""

import asyncio
import hashlib
import json
import sys
from collections.abc import Collection, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from arc_submit.cli.common import notices
from arc_submit.errors import ConfigError, DataError, EngineError
from arc_submit.sandbox import Sandbox, SandboxConfig
from training.edits import baseline as base
from training.edits import records
from training.edits.baseline import Starter
from training.edits.journal import Journal
from training.edits.judge import Judge
from training.edits.rounds import AT_ONCE, Rounds, RoundsSettings, Tally
from training.exercises import Exercise
from training.teacher import processes
from training.teacher.ask import Asker, AskSettings
from training.teacher.hints import Hints, Plan
from training.teacher.records import Teacher

NO_BASELINE = "none"


class Beginnings:
    """Programs to begin with, by task; a task that has none begins with random ones unless the baseline is none.

    Raises:
        DataError: a file or folder that holds no programs.
    """

    def __init__(self, baseline: str, other: Path | None) -> None:
        self.none = baseline == NO_BASELINE
        self.programs: dict[str, list[str]] = {}
        self._named: dict[str, frozenset[str]] = {}
        named = Path(baseline) if baseline and not self.none else None
        for path in filter(None, (other, named)):
            if path is other and not (path / records.JUDGED).is_file():
                raise DataError(f"--from {path}: not a folder of traces, there is no {records.JUDGED}")
            found = base.read(path)
            self._named[f"--from {path}" if path is other else f"--baseline {path}"] = frozenset(found)
            for task, sources in found.items():
                self.programs.setdefault(task, []).extend(sources)
        rest = NO_BASELINE if self.none else "random"
        self.digest = f"{_digest(self.programs)}, else {rest}" if self.programs else rest

    def check(self, fresh: int) -> None:
        """Make sure that something would be asked.

        Raises:
            ConfigError: no fresh question, and no program to edit.
        """
        if not fresh and self.none and not self.programs:
            raise ConfigError(
                "--fresh 0 and --baseline none leave nothing to ask: take one of them away, or add --from"
            )

    def check_tasks(self, tasks: Collection[str]) -> None:
        """Make sure that what was named has a program for one of the tasks.

        Raises:
            ConfigError: it has none.
        """
        for name, known in self._named.items():
            if known.isdisjoint(tasks):
                raise ConfigError(f"{name}: no program to begin with for any of the {len(tasks)} tasks (ids differ?)")


def _digest(programs: Mapping[str, list[str]]) -> str:
    return hashlib.blake2b(json.dumps(programs, sort_keys=True).encode(), digest_size=8).hexdigest()


class Work:
    """Everything between the exercises and judged.jsonl."""

    def __init__(
        self,
        out: Path,
        asking: AskSettings,
        amount: RoundsSettings,
        teacher: Teacher,
        hints: Hints,
        plan: Plan,
        begin: Beginnings,
        processes: int,
        at_once: int = AT_ONCE,
    ) -> None:
        self.asker = Asker(asking)
        self.tally: Tally = Tally()
        self._out, self._amount, self.teacher, self._begin = out, amount, teacher, begin
        self._hints, self._plan, self._processes, self._at_once = hints, plan, processes, at_once

    def run(self, exercises: list[Exercise]) -> None:
        """Work on all exercises; Ctrl-C ends it after what has been written."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(
            *columns, TextColumn("{task.fields[told]}"), console=notices, disable=not sys.stderr.isatty()
        ) as bar:
            asyncio.run(self._run(exercises, bar))

    async def _run(self, exercises: list[Exercise], bar: Progress) -> None:
        shown = bar.add_task("tasks", total=len(exercises), told="")
        lanes = max(1, self._processes - 1)
        try:
            with (
                Journal(self._out / records.JUDGED) as journal,
                Sandbox(SandboxConfig(lanes=lanes)) as sandbox,
                processes.pool(self._processes) as pool,
            ):
                async with Judge(sandbox) as judge:
                    rounds = Rounds(
                        self._amount, self.asker, self.teacher, judge, journal.add, self._hints.by_task, self._plan,
                        self._at_once,
                    )  # fmt: skip
                    self.tally = rounds.tally

                    async def start(exercise: Exercise) -> list[Starter]:
                        return await self._start(exercise, judge, pool)

                    def ended(exercise: Exercise) -> None:
                        tally = rounds.tally
                        bar.update(
                            shown, advance=1, told=f"{tally.ran} ran, {tally.gained} better, {tally.solved} solved"
                        )

                    try:
                        await rounds.run(exercises, start, ended)
                    finally:
                        pool.shutdown(wait=False, cancel_futures=True)
        finally:
            await self.teacher.close()

    async def _start(self, exercise: Exercise, judge: Judge, pool: ProcessPoolExecutor) -> list[Starter]:
        task, loop = exercise.task, asyncio.get_running_loop()
        sources = self._begin.programs.get(task.id)
        if not sources and self._begin.none:
            return []
        if not sources:
            try:
                sources = await loop.run_in_executor(pool, base.drawn, task, self._amount.seed)
            except BrokenProcessPool:
                raise EngineError("a process that draws programs died, perhaps for want of memory") from None
        judged = await judge.judged(task, base.programs(sources))
        return base.fittest(task, judged, self._amount.parents)
