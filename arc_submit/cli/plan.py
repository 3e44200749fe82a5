"""`arc-submit plan`: what hours buy on a machine. `arc-submit replay`: how a run's time could have been shared out."""

import dataclasses
import math
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from arc_submit import config, tasks
from arc_submit.cli.app import app
from arc_submit.cli.common import SetOption, console, example_lines, machine_line, notices, print_table
from arc_submit.config import RunConfig
from arc_submit.errors import ConfigError
from arc_submit.plan import arithmetic, curves, risk
from arc_submit.plan import profile as profiles
from arc_submit.plan.arithmetic import Purchase
from arc_submit.plan.profile import Profile
from arc_submit.plan.replay import PASSER, RIGHT, Row, Tuning, replayed
from arc_submit.plan.risk import Risk

_PRESET = "laptop"
_MEASURED_ON = "arc1-training"
_SECONDS_EACH = 5.0  # of measuring per task: in less, most rounds of the model would be cut off
_LIKELY = 0.05  # probability above which a person is warned
_BAR = 12  # characters of the longest bar


@app.command(
    epilog=example_lines(
        "arc-submit plan",
        "arc-submit plan --preset kaggle-4xl4",
        "arc-submit plan --profile 4xl4-7b --set search.samples=4",
        "arc-submit plan --seconds 40 --save mine.toml",
        "arc-submit plan --profile mine.toml --hours 1 --tasks 60 --trace out/run",
    )
)
def plan(
    hours: Annotated[float, typer.Option(help="Hours that the whole session may take, installing included.")] = 12.0,
    tasks_: Annotated[int, typer.Option("--tasks", help="Tasks of the hidden file.")] = arithmetic.HIDDEN_TASKS,
    preset: Annotated[
        str | None,
        typer.Option(help=f"Settings to start from: {', '.join(config.presets())}; default: the profile's, or laptop."),
    ] = None,
    set_: SetOption = None,
    profile: Annotated[
        str | None, typer.Option(help=f"Numbers to plan with: {', '.join(profiles.names())}, or a file from --save.")
    ] = None,
    measure: Annotated[
        bool | None,
        typer.Option(
            "--measure/--no-measure",
            help="Measure this machine (default: with preset laptop and no --profile), or take the preset's profile.",
        ),
    ] = None,
    seconds: Annotated[float, typer.Option(help="Seconds of search to measure, start-up not counted.")] = 20.0,
    save: Annotated[Path | None, typer.Option(help="Write what was measured as a profile.")] = None,
    trace: Annotated[
        list[Path] | None,
        typer.Option(help="A finished run whose task times the risk is drawn from; repeatable."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 0,
) -> None:
    """Say what so many hours buy for every task, and how likely some task is left without its share."""
    given = profiles.load(profile) if profile is not None else None
    preset = preset or (given.preset if given is not None else _PRESET)
    settings = config.load(preset, set_ or ())
    if not (hours > 0 and math.isfinite(hours)):
        raise ConfigError(f"--hours {hours:g}: expected more than 0")
    if tasks_ < 1:
        raise ConfigError(f"--tasks {tasks_}: expected at least 1")
    chosen = _profile(settings, preset, given, measure, seconds, save)
    bought = arithmetic.buy(settings, chosen, hours, tasks_)
    times = _times(trace or [], chosen, bought)
    assessed = risk.assess(settings, chosen, bought, times, seed=seed)
    said = arithmetic.warnings(settings, chosen, bought, preset) + _risky(assessed, bool(trace))
    _show_profile(chosen)
    _show_purchase(settings, bought)
    _show_risk(bought, assessed)
    for warning in said:
        console.print(f"[bold yellow]! [/bold yellow]{escape(warning)}", highlight=False)
    machine_line(
        {
            "hours": hours,
            "tasks": tasks_,
            "preset": preset,
            "profile": chosen.model_dump(exclude_none=True, exclude={name: {"source"} for name in chosen.numbers()}),
            "plan": _rounded(dataclasses.asdict(bought)),
            "risk": _rounded(dataclasses.asdict(assessed)),
            "warnings": said,
        }
    )


@app.command(
    epilog=example_lines(
        "arc-submit replay out/run",
        "arc-submit replay out/seed0 out/seed1 --budget-share 0.25 --budget-share 0.5 --first-visit 0.3 --growth 1",
    )
)
def replay(
    runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs.")],
    budget_share: Annotated[
        list[float] | None, typer.Option(help="Part of the run's budget to replay; repeatable (default 0.25, 0.5, 1).")
    ] = None,
    seconds_per_task: Annotated[
        float | None, typer.Option(help="Mean seconds per task that count as the whole budget (default: the run's).")
    ] = None,
    first_visit: Annotated[
        float | None, typer.Option(help="By worth: part of its fair share that each task gets first (default: run's).")
    ] = None,
    growth: Annotated[
        float | None, typer.Option(help="By worth: a later visit lasts this times those before (default: the run's).")
    ] = None,
    max_share: Annotated[
        float | None, typer.Option(help="By worth: most that a task may get, times the mean (default: the run's).")
    ] = None,
    estimate_spent: Annotated[
        bool, typer.Option("--estimate-spent", help="Take seconds from rounds in older traces that do not say them.")
    ] = False,
    draws: Annotated[int, typer.Option(min=0, help="Samples for the standard errors; 0: none.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the samples.")] = 0,
) -> None:
    """Replay finished runs under four ways to share out their time: equal, equal with flow, by worth, and an oracle.

    What a task does beyond its recorded time is not known and counts as unsolved. The last column: how many tasks a
    policy took there, and the part of its time that went to it.
    """
    shares = budget_share or [0.25, 0.5, 1.0]
    _positive(**{"--budget-share": min(shares), "--seconds-per-task": seconds_per_task})
    _positive(**{"--first-visit": first_visit, "--growth": growth, "--max-share": max_share})
    with notices.status("reading traces"):
        recorded = [curves.read(out, estimate=estimate_spent) for out in runs]
    tuning = Tuning(first_visit, growth, max_share)
    criteria = 2 if all(run.solutions for run in recorded) else 1
    with _bar("drawing tasks again", draws * len(shares) * criteria) as bar:

        def step() -> None:
            bar.advance(bar.task_ids[0])

        rows = replayed(recorded, shares, tuning, mean=seconds_per_task, draws=draws, seed=seed, step=step)
    if any(run.estimated for run in recorded):
        notices.print("seconds are estimated from rounds: an older trace", style="bold yellow", highlight=False)
    if not all(run.solutions for run in recorded):
        notices.print("no solutions are known: only passers are counted", style="bold yellow", highlight=False)
    tasks_in_all = sum(len(run.curves) for run in recorded)
    for what, said in ((RIGHT, "right"), (PASSER, "with a program that passes")):
        found = [row for row in rows if row.what == what]
        if found:
            _show_replay(f"Tasks {said}, of {tasks_in_all} in {len(recorded)} runs", found)
    machine_line(
        {
            "runs": [str(out) for out in runs],
            "tasks": tasks_in_all,
            "estimated": any(run.estimated for run in recorded),
            "rows": [_rounded(dataclasses.asdict(row)) for row in rows],
        }
    )


# What is planned with. -----------------------------------------------------------------------------------------------


def _profile(
    settings: RunConfig, preset: str, given: Profile | None, measure: bool | None, seconds: float, save: Path | None
) -> Profile:
    if measure and given is not None:
        raise ConfigError("--measure does not go with --profile: take one of them")
    if measure is None:
        measure = given is None and preset == _PRESET
    if measure:
        return _measured(settings, preset, seconds, save)
    if save is not None:
        raise ConfigError(f"--save {save}: nothing is measured that could be saved; add --measure")
    found = given or profiles.of_preset(preset)
    if found is None:
        raise ConfigError(f"no profile ships for preset {preset}; name one with --profile, or add --measure")
    return found


def _measured(settings: RunConfig, preset: str, seconds: float, save: Path | None) -> Profile:
    from arc_submit.plan import measure
    from arc_submit.search import proposers

    _positive(**{"--seconds": seconds})
    proposers.check(settings)
    if save is not None:
        _writable(save)  # what is measured should not be lost in the end
    several = min(12, int(seconds / _SECONDS_EACH))
    chosen = tasks.select(tasks.load(_MEASURED_ON), limit=max(1, several, settings.budget.width)).tasks
    began = time.monotonic()
    with _bar("measuring", seconds) as bar:

        def step(what: str) -> None:
            bar.update(bar.task_ids[0], description=what, completed=min(seconds, time.monotonic() - began))

        tally = measure.measure(settings, chosen, seconds, step=step)
    found = measure.profile(tally, settings, preset)
    parts = ", ".join(f"{name} {share:.0%}" for name, share in tally.parts().items())
    console.print(f"{tally.elapsed:.0f} s measured: {parts}", highlight=False)
    if settings.adapt.mode != "none" and not tally.steps:
        notices.print("no update of the model fitted in; measure for longer with --seconds", style="bold yellow")
    if save is not None:
        profiles.save(found, save)
    return found


def _writable(path: Path) -> None:
    if path.is_dir() or not path.parent.is_dir():
        raise ConfigError(f"--save {path}: expected a file in a folder that exists")


def _times(runs: list[Path], profile: Profile, bought: Purchase) -> risk.Times:
    if not runs:
        return risk.assumed(profile, bought)
    said = ", ".join(map(str, runs))
    found = risk.fit(curves.times([curves.read(out, estimate=True) for out in runs]), said)
    if found is None:
        raise ConfigError(f"--trace {said}: fewer than 5 searches ended by themselves; expected a longer run")
    return found


def _risky(assessed: Risk, traced: bool) -> list[str]:
    said = ["task times are those of the machine and the model that made the trace"] if traced else []
    if assessed.any_left > _LIKELY:
        said.append(f"with probability {assessed.any_left:.0%} some task has no first visit; lower budget.first_visit")
    return said


def _positive(**given: float | None) -> None:
    for name, value in given.items():
        if value is not None and not (value > 0 and math.isfinite(value)):
            raise ConfigError(f"{name} {value:g}: expected more than 0")


# What is shown. ------------------------------------------------------------------------------------------------------


def _show_profile(profile: Profile) -> None:
    rows = [
        (name.replace("_", " "), f"{number.value:,.4g}", number.known, number.source)
        for name, number in profile.numbers().items()
    ]
    print_table(f"Planned with: {profile.about}", ("per worker", "value", "known", "source"), rows)


def _show_purchase(settings: RunConfig, bought: Purchase) -> None:
    whole = bought.hours * 3600.0
    first = bought.search * min(1.0, settings.budget.first_visit)
    parts = [
        ("installing", bought.install),
        ("workers start", bought.startup),
        ("first visits", first),
        ("later visits", bought.search - first),
        ("writing the answer", bought.reserve),
        ("left over by budget.minutes", bought.unused),
    ]
    print_table(
        f"Where the time goes: {bought.hours:g} h",
        ("part", "time", "share", ""),
        [
            (name, _clock(seconds), f"{seconds / whole:.1%}", "█" * round(_BAR * seconds / whole))
            for name, seconds in parts
        ],
    )
    update = f", {bought.update_seconds:.1f} s each" if bought.update_seconds is not None else ""
    print_table(
        f"What a task gets: {bought.tasks} tasks, {bought.workers} workers, {bought.cohorts} cohorts, none solved",
        ("of", "per task", "in all"),
        [
            ("seconds of a worker", f"{bought.task_seconds:,.1f}", f"{bought.task_seconds * bought.tasks:,.0f}"),
            ("  of them in the first visit", f"{bought.first_visit:,.1f}", ""),
            (f"rounds, {bought.round_seconds:.1f} s each ({bought.round_tasks} together)", f"{bought.rounds:,.1f}", ""),
            ("prompts", f"{bought.prompts:,.0f}", f"{bought.prompts * bought.tasks:,.0f}"),
            ("tokens decoded", f"{bought.tokens:,.0f}", f"{bought.tokens * bought.tasks:,.0f}"),
            ("programs run", f"{bought.programs:,.0f}", f"{bought.programs * bought.tasks:,.0f}"),
            (f"updates of the model, where it learns{update}", f"{bought.updates:,.0f}", ""),
        ],
    )


def _show_risk(bought: Purchase, assessed: Risk) -> None:
    times = assessed.times
    print_table(
        f"Risk: first visits drawn 300 times; searches go on for {times.median:,.0f} s (median, {times.source}), "
        f"spread {times.spread:.2f}",
        ("what", "value"),
        [
            ("some task has no first visit at the stop", f"{assessed.any_left:.1%}"),
            ("some task has none, or a short one", f"{assessed.any_short:.1%}"),
            ("tasks without one: mean, worst of twenty", f"{assessed.left:.2f}, {assessed.left_worst}"),
            (
                "first visits are over after: median, worst of twenty",
                f"{_clock(bought.install + bought.startup + assessed.ends * bought.search)}, "
                f"{_clock(bought.install + bought.startup + assessed.ends_late * bought.search)}",
            ),
            ("workers that die", f"{assessed.deaths:.2f}"),
        ],
    )


def _show_replay(title: str, rows: list[Row]) -> None:
    longest = max(row.solved for row in rows) or 1
    print_table(
        title,
        ("budget", "policy", "solved", "an hour", "x equal", "of oracle", "", "beyond the trace"),
        [
            (
                f"{row.share:.0%}" if row.policy == rows[0].policy else "",
                row.policy,
                f"{row.solved} ± {row.error:.1f}",
                f"{row.per_hour:.1f}",
                _with_error(row.ratio, row.ratio_error),
                _with_error(row.of_oracle, row.of_oracle_error),
                "█" * round(_BAR * row.solved / longest),
                f"{row.beyond} tasks, {row.beyond_seconds:.0%}" if row.beyond else "-",
            )
            for row in rows
        ],
    )


def _with_error(value: float | None, error: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if not error else f"{value:.2f} ± {error:.2f}"


def _clock(seconds: float) -> str:
    """Hours, minutes and seconds.

    >>> _clock(3725.4)
    '1:02:05'
    """
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def _bar(what: str, total: float) -> Progress:
    bar = Progress(
        TextColumn("[bold]{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=notices
    )
    bar.add_task(what, total=total)
    return bar
