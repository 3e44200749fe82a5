"""`arc-submit show`, `data`, `score`, `report` and `doctor`: look, and change nothing."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from arc_submit import __version__, config, draw, score, tasks
from arc_submit.cli.app import app
from arc_submit.cli.common import (
    DataOption,
    PresetOption,
    SetOption,
    console,
    example_lines,
    known_outputs,
    listed,
    machine_line,
    one_task,
    print_table,
)
from arc_submit.errors import ConfigError


@app.command(epilog=example_lines("arc-submit show 007bbfb7 --data arc1-training --solutions"))
def show(
    task: Annotated[str, typer.Argument(help="A task id of --data, or the path of one task's file.")],
    data: DataOption = "arc1-evaluation",
    solutions: Annotated[bool, typer.Option("--solutions", help="Show the test outputs too.")] = False,
) -> None:
    """Draw one task in the terminal."""
    source, chosen = one_task(task, data)
    console.print(draw.task(chosen, known_outputs(source, chosen) if solutions else ()))
    machine_line({"task": chosen.id, "train": len(chosen.train), "test": len(chosen.test)})


@app.command("data", epilog=example_lines("arc-submit data", "arc-submit data path/to/arc-agi_test_challenges.json"))
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
    print_table("task sets", headings, rows)
    machine_line(summary[0] if path else {"sets": summary})


@app.command(
    "score",
    epilog=example_lines("arc-submit score out/try", "arc-submit score submission.json --data arc2-evaluation"),
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
    elif not path.exists():
        raise ConfigError(f"{path}: no such file or folder; expected a run's folder, or a submission file")
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
        print_table("tasks", ("task", "right", "in pool", "passers", "written by"), rows)
    summary = found.summary()
    print_table(
        f"p@2 {summary['p2']:.2%}   ({summary['solved_outputs']} of {summary['outputs']} test outputs)",
        ("what", "number"),
        [
            ("tasks solved whole", f"{summary['solved_tasks']} of {summary['tasks']}"),
            (
                "oracle (some program in the pool is right)",
                f"{summary['oracle']:.2%}" if found.has_pool else "not known",
            ),
            ("fallbacks", str(summary["fallbacks"]) if found.has_pool else "not known"),
            ("solved tasks written by", listed(summary["solved_by"]) if found.has_pool else "not known"),
        ],
    )
    machine_line(summary)


@app.command(epilog=example_lines("arc-submit report out/try"))
def report(
    out: Annotated[Path, typer.Argument(help="A run's folder.")],
    to: Annotated[Path | None, typer.Option(help="HTML file to write; default: report.html in the folder.")] = None,
) -> None:
    """Write one static HTML page: grids, attempts, programs, and where the time went."""
    from arc_submit.report import write

    target = to or out / "report.html"
    size = write(out, target)
    machine_line({"report": str(target), "bytes": size})


@app.command(epilog=example_lines("arc-submit doctor", "arc-submit doctor --set 'sandbox.require=\"A\"'"))
def doctor(preset: PresetOption = "laptop", set_: SetOption = None) -> None:
    """Check this machine: Python, packages, cores, disk, sandbox, and that the kit solves its canary."""
    from arc_submit.doctor import examine

    found = examine(config.load(preset, set_ or ()))
    print_table(
        f"arc-submit {__version__}",
        ("check", "", "what was found"),
        [(check.name, "ok" if check.ok else "FAILED" if check.needed else "note", check.found) for check in found],
    )
    healthy = all(check.ok for check in found if check.needed)
    machine_line({"healthy": healthy, "checks": {check.name: check.ok for check in found}})
    if not healthy:
        raise typer.Exit(1)


def _marks(flags: Iterable[bool]) -> str:
    return "".join("+" if flag else "-" for flag in flags)
