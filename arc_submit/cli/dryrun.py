"""`arc-submit dry-run`: the kernel's own entry, on this machine, in a place like Kaggle's."""

import math
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from arc_submit import tasks
from arc_submit.cli.app import app
from arc_submit.cli.common import (
    PresetOption,
    SetOption,
    console,
    example_lines,
    ids,
    machine_line,
    not_empty,
    notices,
    print_table,
)
from arc_submit.errors import ConfigError

_MIB = 1 << 20
_EXAMPLES = example_lines(
    "arc-submit dry-run",
    "arc-submit dry-run --tasks 00576224,68b67ca3 --minutes 1 --set search.proposers=symbolic",
    "arc-submit dry-run --mode commit --layout both --notebook",
)


@app.command("dry-run", epilog=_EXAMPLES)
def dry_run(
    out: Annotated[Path, typer.Option(help="Folder for hand-in, verdict, logs and report.")] = Path("out/dry-run"),
    data: Annotated[
        str, typer.Option(help=f"A public set ({', '.join(tasks.NAMED)}) or a path.", callback=not_empty)
    ] = "arc1-evaluation",
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most N tasks, spread evenly over the set [12, or all of --tasks].")
    ] = None,
    tasks_: Annotated[str | None, typer.Option("--tasks", help="Only these task ids, comma-separated.")] = None,
    minutes: Annotated[float, typer.Option(help="Length of the session; Kaggle's is 720.")] = 5.0,
    layout: Annotated[str, typer.Option(help="How inputs are mounted: new, old, or both, one after another.")] = "new",
    mode: Annotated[str, typer.Option(help="rerun (the scored one) or commit (Save & Run All).")] = "rerun",
    preset: PresetOption = "laptop",
    set_: SetOption = None,
    wheels: Annotated[
        str, typer.Option(help="Folder of packed wheels to install offline; none: this Python's packages.")
    ] = "none",
    docker: Annotated[
        bool | None,
        typer.Option("--docker/--no-docker", help="The official image (--docker pulls it); it needs --wheels."),
    ] = None,
    namespaces: Annotated[
        bool, typer.Option("--namespaces/--no-namespaces", help="Plain folders where off: promises less.")
    ] = True,
    notebook: Annotated[
        bool, typer.Option("--notebook", help="Run the generated notebook's cells, not kernel/main.py.")
    ] = False,
    working_gib: Annotated[
        float, typer.Option(min=0.0, help="Cap of /kaggle/working, held in memory; 0: a folder without cap.")
    ] = 2.0,
    keep: Annotated[bool, typer.Option("--keep", help="Keep pack, inputs and the temporary folder.")] = False,
) -> None:
    """Rehearse the Kaggle run here: no network, read-only inputs, the clock; scored at the end."""
    from arc_submit.dryrun.rehearsal import Wishes, rehearse

    if not math.isfinite(minutes):
        raise ConfigError(f"--minutes {minutes}: expected a number of minutes")
    named = ids(tasks_)
    wishes = Wishes(
        out=out,
        data=data,
        tasks=tuple(named),
        limit=limit if limit or named else 12,
        minutes=minutes,
        layouts=_layouts(layout),
        mode=mode,
        preset=preset,
        set=tuple(set_ or ()),
        wheels=None if wheels == "none" else Path(wheels),
        docker=docker,
        namespaces=namespaces,
        notebook=notebook,
        working_gib=working_gib,
        keep=keep,
    )
    with _Display() as display:
        done = rehearse(wishes, display.say, display.begin)
    for one in done.outcomes:
        _show(one)
    if done.old_layout:
        console.print(f"old layout, search only: {done.old_layout}", highlight=False, markup=False, soft_wrap=True)
    machine_line(
        {
            "dry_run": str(out),
            "ok": done.ok,
            "commit": done.checkout.commit,
            "dirty": bool(done.checkout.changed),
            "tasks": len(done.chosen.tasks),
            "old_layout": done.old_layout or None,
            "runs": [one.line() for one in done.outcomes],
        }
    )
    if not done.ok:
        raise typer.Exit(1)


class _Display:
    """The kernel's lines as they come, above a bar of the session's time."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=notices, transient=True, disable=not notices.is_terminal)
        self._task = self._bar.add_task("getting ready", total=None)
        self._began: float | None = None

    def __enter__(self) -> "_Display":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begin(self, seconds: float) -> None:
        """A session of so many seconds begins."""
        self._began = time.monotonic()
        self._bar.reset(self._task, total=seconds, description=f"session of {seconds / 60:g} minutes")

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        notices.print(line, markup=False, highlight=False, soft_wrap=True)
        if self._began is not None:
            self._bar.update(self._task, completed=time.monotonic() - self._began)


def _show(one: Any) -> None:
    from arc_submit.dryrun.outcome import checks_of

    print_table(
        f"{one.mode} run, {one.layout} layout, {one.place.name}: {'OK' if one.ok else 'NOT OK'}",
        ("check", "", "what was found"),
        [(check.name, check.status, check.found) for check in checks_of(one)],
    )
    score, verdict, report = one.score or {}, one.verdict or {}, one.report
    print_table(
        "what came of it",
        ("what", "number"),
        [
            ("score, as Kaggle counts", _score(score)),
            *([("right somewhere in the pool", f"{score['oracle']:.2%}")] if score.get("oracle") is not None else []),
            ("outputs answered by a fallback", f"{verdict.get('fallbacks', '?')} of {verdict.get('outputs', '?')}"),
            ("sandbox grade", one.summary.get("sandbox") or "not known"),
            ("seconds, of the session's", f"{report.seconds:.0f} of {one.limit:.0f}"),
            ("most memory", _size(report.memory_bytes)),
            ("most in the working folder", _size(report.working_bytes)),
            ("in the temporary folder", _size(report.temp_bytes)),
            ("report", one.page or "none"),
        ],
    )
    for words in one.place.weaker:
        console.print(f"weaker than Kaggle: {words}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    for words in one.notes:
        console.print(f"note: {words}", highlight=False, markup=False, soft_wrap=True)
    for words in one.why:
        console.print(f"NOT OK: {words}", style="bold red", highlight=False, markup=False, soft_wrap=True)


def _layouts(text: str) -> tuple[str, ...]:
    known = {"new": ("new",), "old": ("old",), "both": ("new", "old")}
    if text not in known:
        raise ConfigError(f"--layout {text}: expected one of {', '.join(known)}")
    return known[text]


def _score(score: dict[str, Any]) -> str:
    if not score:
        return "no answers known"
    return f"{score['solved_outputs']} of {score['outputs']} outputs"


def _size(count: int | None) -> str:
    return "not measured" if count is None else f"{count / _MIB:,.0f} MiB"
