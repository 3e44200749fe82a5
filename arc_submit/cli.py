"""The command line. Every command prints for people first and ends with one JSON line for machines.

A user's mistake (`UserError`) is one line on standard error and exit code 2; a machine on which the kit cannot work is
one line and exit code 1; a run that was interrupted exits with 128 + the signal's number; everything else is a bug and
shows its traceback.
"""

import shutil
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.columns import Columns
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from arc_submit import __version__, config, curve, draw, folder, score, tasks
from arc_submit.errors import ArcSubmitError, ConfigError, UserError
from arc_submit.records import Answer, Candidate, Grid, Task
from arc_submit.tasks import TaskSet

app = typer.Typer(
    name="arc-submit",
    help="Programs for ARC Prize tasks: challenges.json in, submission.json out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
console = Console(stderr=False)
notices = Console(stderr=True)

DataOption = Annotated[
    str,
    typer.Option(help=f"A public set ({', '.join(tasks.NAMED)}), a Kaggle challenges file, a folder, or a task file."),
]
PresetOption = Annotated[str, typer.Option(help=f"Settings to start from: {', '.join(config.presets())}.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="One setting, e.g. --set budget.cohort=4; repeatable.")
]
SeedOption = Annotated[int | None, typer.Option(help="Seed of all randomness (default 0).")]


@app.command(
    epilog="Examples: arc-submit run --data arc1-evaluation --limit 20 --seconds-per-task 10 --out out/try · "
    "arc-submit run --out out/try --resume"
)
def run(
    out: Annotated[Path, typer.Option(help="Folder for submission.json, the trace and the logs.")],
    data: Annotated[str | None, typer.Option(help=f"A public set ({', '.join(tasks.NAMED)}) or a path.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most N tasks, spread evenly over the set.")] = None,
    tasks_: Annotated[str | None, typer.Option("--tasks", help="Only these task ids, comma-separated.")] = None,
    seconds_per_task: Annotated[float | None, typer.Option(help="Mean seconds of one worker per task.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Limit of the whole run in minutes.")] = None,
    seed: SeedOption = None,
    preset: PresetOption = "laptop",
    set_: SetOption = None,
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
        proposers.check(settings)
        chosen = _again(out, data)
        past = folder.resume(out, chosen, settings)
    else:
        if data is None:
            raise ConfigError(f"--data is missing: expected a public set ({', '.join(tasks.NAMED)}) or a path")
        settings = config.load(preset, set_ or (), **overrides)
        proposers.check(settings)  # says what is wrong before anything is begun
        chosen = tasks.select(tasks.load(data), _ids(tasks_), limit)
        folder.create(out, chosen, settings, fresh=fresh)
        past = None
    sitting = Run(chosen, settings, out, past)
    with _Display(sitting) as display:
        summary = sitting.go(display)
    _print_table(
        f"{chosen.name}: {summary['finished']} of {summary['tasks']} tasks finished in {summary['seconds']:.0f} s",
        ("what", "number"),
        [
            ("tasks with a program that passes every demonstration", summary["with_passer"]),
            ("their programs written by", _listed(summary["passers_by"])),
            ("programs run, by proposer", _listed(summary["programs"])),
            ("tokens decoded", f"{summary['tokens']:,}"),
            *([("updates of the model", _listed(summary["learning"]))] if summary["learning"] else []),
            ("test outputs answered by a fallback", f"{summary['fallbacks']} of {summary['outputs']}"),
            ("canary", {True: "solved", False: "NOT SOLVED", None: "not part of this run"}[summary["canary"]]),
            ("sandbox grade", summary["sandbox"] or "not started"),
            ("workers replaced, tasks set aside", f"{summary['restarts']}, {len(summary['set_aside'])}"),
            ("finished because", ", ".join(f"{why} {n}" for why, n in sitting.reasons.most_common()) or "-"),
        ],
    )
    _machine_line(summary)
    if sitting.stopped:
        notices.print(f"stopped by {sitting.stopped}; {summary['submission']} is valid; go on with --resume")
        raise typer.Exit(128 + signal.Signals[sitting.stopped])


@app.command(
    "score", epilog="Examples: arc-submit score out/try · arc-submit score submission.json --data arc2-evaluation"
)
def score_(
    path: Annotated[Path, typer.Argument(help="A run's folder, or a submission file (then --data is needed).")],
    data: Annotated[str | None, typer.Option(help="Tasks that a bare submission file answers.")] = None,
    all_tasks: Annotated[
        bool, typer.Option("--all", help="List every task, not only those solved or nearly so.")
    ] = False,
) -> None:
    """Score as Kaggle does: per test output, right in either attempt."""
    if path.is_dir():
        found = score.score_run(path)
    elif data is None:
        raise ConfigError(f"{path}: expected a run's folder, or a submission file together with --data")
    else:
        found = score.score_file(path, data)
    rows = [
        (task.task_id, _marks(task.right), _marks(task.pool), str(task.passers), task.proposer)
        for task in found.tasks
        if all_tasks or any(task.right) or any(task.pool) or task.passers
    ]
    if rows:
        _print_table("tasks", ("task", "right", "in pool", "passers", "written by"), rows)
    summary = found.summary()
    _print_table(
        f"p@2 {summary['p2']:.2%}   ({summary['solved_outputs']} of {summary['outputs']} test outputs)",
        ("what", "number"),
        [
            ("tasks solved whole", f"{summary['solved_tasks']} of {summary['tasks']}"),
            (
                "oracle (some program in the pool is right)",
                f"{summary['oracle']:.2%}" if found.has_pool else "not known",
            ),
            ("fallbacks", str(summary["fallbacks"]) if found.has_pool else "not known"),
            ("solved tasks written by", _listed(summary["solved_by"]) if found.has_pool else "not known"),
        ],
    )
    _machine_line(summary)


def _listed(numbers: Any) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers.items()) or "-"


@app.command(
    epilog="Examples: arc-submit solve c1d99e64 --data arc1-training · arc-submit solve mytask.json --seconds 30 · "
    "arc-submit solve 9565186b --data arc1-training --adapt grpo"
)
def solve(
    task: Annotated[str, typer.Argument(help="A task id of --data, or the path of one task's file.")],
    data: DataOption = "arc1-evaluation",
    seconds: Annotated[float, typer.Option(min=0.1, help="Seconds to search.")] = 20.0,
    seed: SeedOption = None,
    preset: PresetOption = "laptop",
    set_: SetOption = None,
    adapt: Annotated[
        str | None, typer.Option(help="Test-time learning: none, hindsight, grpo or both (default: the preset's).")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every passing program.")] = False,
) -> None:
    """Solve one task here and now, and show the attempts and the programs behind them."""
    from arc_submit.sandbox import Sandbox
    from arc_submit.search import proposers
    from arc_submit.solve import opened
    from arc_submit.solve import solve as search

    source, chosen = _one_task(task, data)
    wanted = _known_outputs(source, chosen)
    settings = config.load(preset, set_ or (), seed=seed, adapt__mode=adapt)
    proposers.check(settings)
    programs: dict[str, Candidate] = {}
    learning: list[dict[str, Any]] = []

    def collect(event: dict[str, Any]) -> None:
        if event["event"] == "candidate":
            programs[event["candidate"].program.id] = event["candidate"]
        elif event["event"] in ("signs", "adapt"):
            learning.append(event)

    started = time.monotonic()
    with (
        notices.status(f"searching for up to {seconds:g} s"),
        Sandbox(settings.sandbox) as sandbox,
        opened(settings, sandbox) as kit,
    ):
        started = time.monotonic()
        (hunt,) = search(kit, [chosen], started + seconds, collect)
    right = _show_answer(hunt.answer, wanted, programs, verbose)
    if learning:
        console.print(curve.learning(learning))
    summary = {
        "task": chosen.id,
        "passers": hunt.answer.passers if hunt.answer else 0,
        "right": right,
        "reason": hunt.reason or "time",
        "programs": hunt.counts.ran,
        "seconds": round(time.monotonic() - started, 2),
    }
    _machine_line(summary | ({"learning": curve.summary(learning)} if learning else {}))


@app.command(epilog="Example: arc-submit show 007bbfb7 --data arc1-training --solutions")
def show(
    task: Annotated[str, typer.Argument(help="A task id of --data, or the path of one task's file.")],
    data: DataOption = "arc1-evaluation",
    solutions: Annotated[bool, typer.Option("--solutions", help="Show the test outputs too.")] = False,
) -> None:
    """Draw one task in the terminal."""
    source, chosen = _one_task(task, data)
    console.print(draw.task(chosen, _known_outputs(source, chosen) if solutions else ()))
    _machine_line({"task": chosen.id, "train": len(chosen.train), "test": len(chosen.test)})


@app.command("data", epilog="Examples: arc-submit data · arc-submit data path/to/arc-agi_test_challenges.json")
def data_(
    path: Annotated[str | None, typer.Argument(help="A set or a path to check; none: list the public sets.")] = None,
) -> None:
    """Check task files and say what is in them."""
    rows, summary = [], []
    for name in [path] if path else list(tasks.NAMED):
        found = tasks.load(name)
        solutions = tasks.load_solutions(name)
        if solutions is not None:
            solutions.check(found)
        pairs, tests = sum(len(task.train) for task in found), sum(len(task.test) for task in found)
        side = max(max(len(grid), len(grid[0])) for task in found for grid in task.inputs)
        rows.append((name, len(found), pairs, tests, side, "yes" if solutions else "no", found.fingerprint))
        summary.append(
            {"data": name, "tasks": len(found), "pairs": pairs, "tests": tests, "solutions": bool(solutions)}
        )
        if path:
            console.print(" ".join(task.id for task in found), soft_wrap=True)
    headings = ("data", "tasks", "pairs", "test inputs", "largest side", "solutions", "fingerprint")
    _print_table("task sets", headings, rows)
    _machine_line(summary[0] if path else {"sets": summary})


@app.command(epilog="Examples: arc-submit doctor · arc-submit doctor --set 'sandbox.require=\"A\"'")
def doctor(preset: PresetOption = "laptop", set_: SetOption = None) -> None:
    """Check this machine: Python, packages, cores, disk, sandbox, and that the kit solves its canary."""
    from arc_submit.doctor import examine

    found = examine(config.load(preset, set_ or ()))
    _print_table(
        f"arc-submit {__version__}",
        ("check", "", "what was found"),
        [(check.name, "ok" if check.ok else "FAILED" if check.needed else "note", check.found) for check in found],
    )
    healthy = all(check.ok for check in found if check.needed)
    _machine_line({"healthy": healthy, "checks": {check.name: check.ok for check in found}})
    if not healthy:
        raise typer.Exit(1)


@app.command(epilog="Example: arc-submit report out/try")
def report(
    out: Annotated[Path, typer.Argument(help="A run's folder.")],
    to: Annotated[Path | None, typer.Option(help="HTML file to write; default: report.html in the folder.")] = None,
) -> None:
    """Write one static HTML page: grids, attempts, programs, and where the time went."""
    from arc_submit.report import write

    target = to or out / "report.html"
    size = write(out, target)
    _machine_line({"report": str(target), "bytes": size})


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        console.print(__version__)
        raise typer.Exit


def main() -> None:
    """Console entry point."""
    try:
        app()
    except UserError as error:
        sys.stderr.write(f"arc-submit: {error}\n")
        sys.exit(2)
    except ArcSubmitError as error:
        sys.stderr.write(f"arc-submit: {error}\n")
        sys.exit(1)


class _Display:
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
        self._task = self._bar.add_task("tasks", total=len(sitting.tasks), completed=sitting.finished, note="")
        self._said_at = time.monotonic()

    def __enter__(self) -> "_Display":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def progress(self, run: Any) -> None:
        """Draw the bar; without a terminal write a line every 30 s."""
        finished = run.finished
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


def _again(out: Path, data: str | None) -> TaskSet:
    """The tasks of a run that is resumed; --data may repeat where they are, or say where they are now."""
    if data is None:
        return folder.tasks_of(out)
    return tasks.select(tasks.load(data), folder.settings(out)["tasks"])


def _refuse_with_resume(**given: object) -> None:
    for name, value in given.items():
        if value is not None:
            raise ConfigError(
                f"--{name} does not go with --resume: the run keeps the tasks and settings it was started with"
            )


def _ids(text: str | None) -> list[str]:
    if text is None:
        return []
    found = [part.strip() for part in text.split(",") if part.strip()]
    if not found:
        raise ConfigError(f"--tasks {text!r}: expected task ids, comma-separated")
    return found


def _one_task(task: str, data: str) -> tuple[str, Task]:
    """(where it came from, the task)"""
    if Path(task).suffix == ".json":
        found = tasks.load(task)
        if len(found) != 1:
            raise ConfigError(f"{task}: expected one task, found {len(found)}; name one with --data {task}")
        return task, found.tasks[0]
    return data, tasks.select(tasks.load(data), [task]).tasks[0]


def _known_outputs(source: str, task: Task) -> tuple[Grid, ...]:
    """The task's solutions, or nothing when they are not known."""
    solutions = tasks.load_solutions(source)
    if solutions is None or task.id not in solutions.outputs:
        return ()
    solutions.check(TaskSet(source, (task,)))
    return solutions.outputs[task.id]


def _show_answer(
    answer: Answer | None, wanted: tuple[Grid, ...], programs: dict[str, Candidate], verbose: bool
) -> list[bool] | None:
    right = []
    for index, attempts in enumerate(answer.attempts if answer else ()):
        verdict = "" if not wanted else " · right" if wanted[index] in attempts else " · wrong"
        right.append(bool(wanted) and wanted[index] in attempts)
        votes = answer.votes[index] if answer else ()
        console.print(f"[bold]test {index}[/bold]{verdict} · voices {', '.join(map(str, votes)) or 'none'}")
        pictures = [draw.grid(attempt, f"attempt {number}") for number, attempt in enumerate(attempts, start=1)]
        console.print(Columns(pictures, padding=(0, 4)))
    passing = [found for found in programs.values() if found.outcome.passes]
    best = sorted(
        passing or programs.values(), key=lambda found: (-sum(found.outcome.cells), len(found.program.source))
    )
    for found in best if verbose else best[:1]:
        label = "passes every demonstration" if found.outcome.passes else "the best so far, does not pass"
        console.print(f"[bold]{found.program.id}[/bold] by {found.program.proposer}: {label}")
        console.print(escape(found.program.source), highlight=False)
    if not best:
        console.print("no program got a whole demonstration right")
    return right if wanted else None


def _marks(flags: Iterable[bool]) -> str:
    return "".join("+" if flag else "-" for flag in flags)


def _print_table(title: str, headings: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    console.print(f"[bold]{escape(title)}[/bold]", highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    width = console.width if console.is_terminal else max(console.width, shutil.get_terminal_size((140, 24)).columns)
    console.print(table, width=width, highlight=False)


def _machine_line(value: dict[str, Any]) -> None:
    sys.stdout.flush()
    sys.stdout.write(orjson.dumps(value).decode() + "\n")
    sys.stdout.flush()
