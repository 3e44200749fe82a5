"""`arc-submit solve`: one task, here and now."""

import time
from typing import Annotated, Any

import typer
from rich.columns import Columns
from rich.markup import escape

from arc_submit import config, curve, draw
from arc_submit.cli.app import app
from arc_submit.cli.common import (
    DataOption,
    PresetOption,
    SeedOption,
    SetOption,
    console,
    known_outputs,
    machine_line,
    notices,
    one_task,
)
from arc_submit.records import Answer, Candidate, Grid
from arc_submit.symbolic import ideas


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
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show every passing program, and the idea behind it.")
    ] = False,
) -> None:
    """Solve one task here and now, and show the attempts and the programs behind them."""
    from arc_submit.sandbox import Sandbox
    from arc_submit.search import proposers
    from arc_submit.solve import opened
    from arc_submit.solve import solve as search

    source, chosen = one_task(task, data)
    wanted = known_outputs(source, chosen)
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
    machine_line(summary | ({"learning": curve.summary(learning)} if learning else {}))


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
        if verbose and found.program.proposer in ideas.IDEAS:
            console.print(f"[dim]{escape(ideas.about(found.program.proposer))}[/dim]")
        console.print(escape(found.program.source), highlight=False)
    if not best:
        console.print("no program got a whole demonstration right")
    return right if wanted else None
