"""`arc-submit run`: solve tasks and write submission.json."""

import math
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from arc_submit import config, folder, tasks
from arc_submit.cli.app import app
from arc_submit.cli.common import (
    PresetOption,
    SeedOption,
    SetOption,
    example_lines,
    ids,
    listed,
    machine_line,
    not_empty,
    notices,
    print_table,
)
from arc_submit.config import RunConfig
from arc_submit.errors import ConfigError, EngineError
from arc_submit.symbolic import ideas
from arc_submit.tasks import TaskSet


@app.command(
    epilog=example_lines(
        "arc-submit run --data arc1-evaluation --limit 20 --seconds-per-task 10 --out out/try",
        "arc-submit run --data my/arc-agi_test_challenges.json --minutes 60 --out out/mine",
        "arc-submit run --data arc1-evaluation --set search.proposers=symbolic --out out/without-a-model",
        "arc-submit run --out out/try --resume",
    )
)
def run(
    out: Annotated[Path, typer.Option(help="Folder for submission.json, the trace and the logs.")] = Path("out/run"),
    data: Annotated[
        str | None, typer.Option(help=f"A public set ({', '.join(tasks.NAMED)}) or a path.", callback=not_empty)
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most N tasks, spread evenly over the set.")] = None,
    tasks_: Annotated[str | None, typer.Option("--tasks", help="Only these task ids, comma-separated.")] = None,
    seconds_per_task: Annotated[float | None, typer.Option(help="Mean seconds of one worker per task.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Limit of the whole run in minutes.")] = None,
    seed: SeedOption = None,
    preset: PresetOption = "laptop",
    set_: SetOption = None,
    hard_stop: Annotated[
        float | None, typer.Option(min=0.01, help="This sitting is over, files written, so many minutes from now.")
    ] = None,
    lenient: Annotated[bool, typer.Option("--lenient", help="Answer malformed tasks by a fallback.")] = False,
    degrade: Annotated[
        bool, typer.Option("--degrade", help="Where the model cannot be used, go on with less, and say so.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out; finished tasks stay.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over, even if --out holds a run.")] = False,
) -> None:
    """Solve tasks and write submission.json (two attempts per test output)."""
    from arc_submit.run import Run
    from arc_submit.search import proposers

    overrides: dict[str, Any] = {
        "seed": seed,
        "budget.seconds_per_task": seconds_per_task,
        "budget.minutes": minutes,
    }
    if resume:
        _refuse_with_resume(
            limit=limit, tasks=tasks_, fresh=fresh or None, preset=None if preset == "laptop" else preset
        )
        settings = config.load(settings=set_ or (), base=folder.config_of(out), **overrides)
        if not degrade:
            proposers.check(settings)
        chosen = again(out, data)
        past = folder.resume(out, chosen, settings)
    else:
        if data is None:
            raise ConfigError(f"--data is missing: expected a public set ({', '.join(tasks.NAMED)}) or a path")
        settings = config.load(preset, set_ or (), **overrides)
        if not degrade:
            proposers.check(settings)  # says what is wrong before anything is begun
        chosen = tasks.select(tasks.load(data, lenient=lenient), ids(tasks_), limit)
        folder.create(out, chosen, settings, fresh=fresh)
        past = None
    for trouble in chosen.troubles:
        notices.print(f"passed over: {trouble}", style="bold yellow", highlight=False, markup=False)
    stop = math.inf if hard_stop is None else 60.0 * hard_stop
    sitting = Run(chosen, settings, out, past, hard_stop=stop, degrade=degrade)
    _prepare(settings)
    with Display(sitting) as display:
        summary = sitting.go(display)
    print_table(
        f"{chosen.name}: {summary['finished']} of {summary['tasks']} tasks finished in {summary['seconds']:.0f} s",
        ("what", "number"),
        _rows(summary, sitting.tally.reasons),
    )
    machine_line(summary)
    if summary["unwritten"]:
        raise typer.Exit(1)
    if sitting.stopped:
        notices.print(f"stopped by {sitting.stopped}; {summary['submission']} is valid; go on with --resume")
        raise typer.Exit(128 + signal.Signals[sitting.stopped])


def _rows(summary: dict[str, Any], reasons: Counter[str]) -> list[tuple[str, Any]]:
    return [
        ("tasks with a program that passes every demonstration", summary["with_passer"]),
        ("their programs written by", listed(summary["passers_by"])),
        ("programs run, by proposer", listed(summary["programs"])),
        ("tokens decoded", f"{summary['tokens']:,}"),
        *([("updates of the model", listed(summary["learning"]))] if summary["learning"] else []),
        ("test outputs answered by a fallback", f"{summary['fallbacks']} of {summary['outputs']}"),
        ("canary", {True: "solved", False: "NOT SOLVED", None: "not part of this run"}[summary["canary"]]),
        ("sandbox grade", summary["sandbox"] or "not started"),
        ("workers replaced, tasks set aside", f"{summary['restarts']}, {len(summary['set_aside'])}"),
        *([("GOES ON WITH LESS", "; ".join(summary["degraded"]))] if summary["degraded"] else []),
        *([("IDEAS THAT FAILED, on tasks", listed(summary["failed_ideas"]))] if summary["failed_ideas"] else []),
        *([("malformed tasks, not searched", ", ".join(summary["malformed"]))] if summary["malformed"] else []),
        ("finished because", ", ".join(f"{why} {n}" for why, n in reasons.most_common()) or "-"),
    ]


def _prepare(settings: RunConfig) -> None:
    """Compile what is missing: before the search's clock starts, and after a valid submission has been written.

    A run does without what does not compile, and says so.
    """
    try:
        ideas.prepare(settings.search.proposers)
    except (EngineError, ImportError, OSError) as error:
        notices.print(f"{error}", style="bold yellow", highlight=False, markup=False)


class Display:
    """Progress on standard error; nothing but notices when it is not a terminal."""

    def __init__(self, sitting: Any) -> None:
        self._bar = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=notices,
        )
        self._task = self._bar.add_task("tasks", total=len(sitting.tasks), completed=sitting.visited, note="")
        self._said_at = time.monotonic()

    def __enter__(self) -> "Display":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def progress(self, run: Any) -> None:
        """Draw the bar; without a terminal write a line every 30 s."""
        finished = run.visited
        passed = sum(run.answers[task.id].passers > 0 for task in run.tasks if task.id in run.answers)
        rate = finished / run.elapsed * 60 if run.elapsed > 1 else 0.0
        note = f"{passed} with a passer · {rate:.1f} tasks/min · at most {max(0.0, run.left) / 60:.1f} min left"
        self._bar.update(self._task, completed=finished, note=note)
        if not notices.is_terminal and time.monotonic() - self._said_at > 30:
            self._said_at = time.monotonic()
            notices.print(f"{finished} of {len(run.tasks)} tasks · {note}", highlight=False)

    def notice(self, text: str) -> None:
        """Print a line above the bar."""
        notices.print(escape(text), style="bold yellow", highlight=False)


def again(out: Path, data: str | None) -> TaskSet:
    """The tasks of a run that is resumed; --data may repeat where they are, or say where they are now."""
    if data is None:
        return folder.tasks_of(out)
    known = folder.settings(out)
    return tasks.select(tasks.load(data, lenient=known.get("lenient", False)), known["tasks"])


def _refuse_with_resume(**given: object) -> None:
    for name, value in given.items():
        if value is not None:
            raise ConfigError(
                f"--{name} does not go with --resume: the run keeps the tasks and settings it was started with"
            )
