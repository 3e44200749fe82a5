"""`arc-submit solve`: one task, here and now."""

import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
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
    example_lines,
    known_outputs,
    machine_line,
    notices,
    one_task,
)
from arc_submit.records import Answer, Candidate, Grid
from arc_submit.symbolic import ideas

AUTHORS: Mapping[str, str] = MappingProxyType(
    {
        "fresh": "The language model, asked for a program.",
        "edit": "The language model, asked to improve a program.",
        "recombine": "The language model, asked to join two programs.",
        "restart": "The language model, asked for something else than the best so far.",
        "enumerate": "Typed programs of the DSL, the cheapest first.",
        "mutate": "A small change of another program.",
        "crossover": "A child of two programs.",
        "scripted": "Text from search.script.",
    }
)
"""Who writes programs, beside the ideas, which say it themselves."""
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "agreed": "enough passing programs agreed",
        "answered": "nothing new came for a while",
        "rounds": "budget.max_rounds was used up",
        "exhausted": "nothing was left to try",
        "time": "the time was over",
    }
)
"""Why a search is over, as `Hunt.reason` has it."""


@app.command(
    epilog=example_lines(
        "arc-submit solve c1d99e64 --data arc1-training --verbose",
        "arc-submit solve mytask.json --seconds 30",
        "arc-submit solve c1d99e64 --data arc1-training --set search.proposers=symbolic",
        "arc-submit solve 9565186b --data arc1-training --adapt grpo",
    )
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
        bool, typer.Option("--verbose", "-v", help="Show every passing program, and what its author looks for.")
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
    heard = _Heard()
    started = time.monotonic()
    with (
        notices.status(f"searching for up to {seconds:g} s"),
        Sandbox(settings.sandbox) as sandbox,
        opened(settings, sandbox) as kit,
    ):
        started = time.monotonic()
        (hunt,) = search(kit, [chosen], started + seconds, heard)
    right = _show_attempts(hunt.answer, wanted, heard.programs)
    _show_programs(hunt.answer, heard.programs, verbose)
    heard.show_troubles()
    summary = {
        "task": chosen.id,
        "passers": hunt.answer.passers if hunt.answer else 0,
        "right": right,
        "reason": hunt.reason or "time",
        "programs": hunt.counts.ran,
        "seconds": round(time.monotonic() - started, 2),
    }
    console.print(_in_words(summary), highlight=False, soft_wrap=True)
    machine_line(summary | heard.summary())


class _Heard:
    """What a search says on its way: programs by id, how the model learnt, ideas that failed."""

    def __init__(self) -> None:
        self.programs: dict[str, Candidate] = {}
        self._learning: list[dict[str, Any]] = []
        self._failed: dict[str, str] = {}

    def __call__(self, event: dict[str, Any]) -> None:
        """Take one event."""
        if event["event"] == "candidate":
            self.programs[event["candidate"].program.id] = event["candidate"]
        elif event["event"] in ("signs", "adapt"):
            self._learning.append(event)
        elif event["event"] == "done":
            self._failed.update(ideas.failures(event["unusable"]))

    def show_troubles(self) -> None:
        """Print the curve of learning, and which ideas failed."""
        if self._learning:
            console.print(curve.learning(self._learning))
        for idea, why in self._failed.items():
            notices.print(f"THE IDEA {idea} FAILED: {why}", style="bold yellow", highlight=False, markup=False)

    def summary(self) -> dict[str, Any]:
        """Return the same for machines; nothing where there was neither."""
        learning = {"learning": curve.summary(self._learning)} if self._learning else {}
        return learning | ({"failed_ideas": self._failed} if self._failed else {})


# The attempts, and who is behind them. -------------------------------------------------------------------------------


def _show_attempts(
    answer: Answer | None, wanted: tuple[Grid, ...], programs: Mapping[str, Candidate]
) -> list[bool] | None:
    """Print the attempts; return per test input whether one is right, None where nobody knows."""
    right = []
    for index, attempts in enumerate(answer.attempts if answer else ()):
        hits = [number for number, grid in enumerate(attempts, 1) if wanted and grid == wanted[index]]
        verdict = "" if not wanted else f" · right in attempt {hits[0]}" if hits else " · wrong"
        right.append(bool(hits))
        console.print(f"[bold]test {index}[/bold]{verdict}", highlight=False)
        votes = answer.votes[index] if answer else ()
        for number, (grid, voices) in enumerate(zip(attempts, votes, strict=True), start=1):
            backers = [found for found in programs.values() if found.tests[index] == grid]
            console.print(f"attempt {number}: {_backing(voices, backers)}", highlight=False, soft_wrap=True)
        pictures = [draw.grid(attempt, f"attempt {number}") for number, attempt in enumerate(attempts, start=1)]
        console.print(Columns(pictures, padding=(0, 4)) if pictures else "no attempt")
    return right if wanted else None


def _backing(voices: int, backers: Sequence[Candidate]) -> str:
    """Who is behind an attempt."""
    passers = [found for found in backers if found.outcome.passes and not found.literal]
    names = ", ".join(sorted({found.program.proposer for found in passers}))
    if voices:
        return f"{voices} passing program{'s' if voices > 1 else ''}, by {names}"
    if not backers:
        return "a guess: no passing program"
    best = max(backers, key=_merit)
    solved = best.outcome.solved
    return f"a guess: no passing program; {sum(solved)} of {len(solved)} demonstrations, by {best.program.proposer}"


# The programs. -------------------------------------------------------------------------------------------------------


def _show_programs(answer: Answer | None, programs: Mapping[str, Candidate], verbose: bool) -> None:
    """Print the programs behind the answer, or every one that passes, and once what an author is."""
    told: set[str] = set()
    for found in _worth_showing(answer, programs, verbose):
        label = "passes every demonstration" if found.outcome.passes else "the best so far, does not pass"
        gives = _gives(answer, found)
        console.print(
            f"[bold]{found.program.id}[/bold] by {found.program.proposer}: {label}; {gives}",
            highlight=False,
            soft_wrap=True,
        )
        about = _about(found.program.proposer)
        if verbose and about and found.program.proposer not in told:
            console.print(f"[dim]{escape(about)}[/dim]", highlight=False)
            told.add(found.program.proposer)
        console.print(escape(found.program.source.rstrip("\n")) + "\n", highlight=False, soft_wrap=True)
    if not programs:
        console.print("no program got a whole demonstration right")


def _gives(answer: Answer | None, found: Candidate) -> str:
    """Which attempts are its outputs."""
    places = [
        f"attempt {number} of test {index}"
        for index, attempts in enumerate(answer.attempts if answer else ())
        for number, grid in enumerate(attempts, start=1)
        if found.tests[index] == grid
    ]
    return ", ".join(places) or "none of the attempts"


def _worth_showing(answer: Answer | None, programs: Mapping[str, Candidate], verbose: bool) -> list[Candidate]:
    """Those that the vote took first, best first; without a passer the best there is."""
    behind = answer.programs if answer else ()
    passing = [found for found in programs.values() if found.outcome.passes]
    best = sorted(passing or programs.values(), key=lambda found: (found.program.id not in behind, *_least(found)))
    if verbose and passing:
        return best
    return [found for found in best if found.program.id in behind and passing] or best[:1]


def _merit(found: Candidate) -> tuple[float, int]:
    return sum(found.outcome.cells), -len(found.program.source)


def _least(found: Candidate) -> tuple[float, int]:
    cells, length = _merit(found)
    return -cells, -length


def _about(proposer: str) -> str:
    return ideas.about(proposer) if proposer in ideas.IDEAS else AUTHORS.get(proposer, "")


def _in_words(summary: Mapping[str, Any]) -> str:
    end = REASONS.get(summary["reason"], summary["reason"])
    return (
        f"programs run: {summary['programs']}, different ones that pass every demonstration: {summary['passers']}; "
        f"{summary['seconds']:.1f} s, then {end}"
    )
