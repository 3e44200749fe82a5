"""`arc-submit kaggle ...`: push, follow, fetch, submit, and look whether all of that can work.

`pack` hangs on the same sub-command, from its own file.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from arc_submit.cli.app import app
from arc_submit.cli.common import console, example_lines, listed, machine_line, notices, print_table
from arc_submit.errors import ConfigError

if TYPE_CHECKING:
    from arc_submit.kaggle.client import Client, Kernel, Session
    from arc_submit.kaggle.follow import Worth

kaggle_app = typer.Typer(name="kaggle", help="Pack, push, follow and submit on Kaggle.", no_args_is_help=True)
app.add_typer(kaggle_app)

COMPETITION = "arc-prize-2026-arc-agi-2"

KernelArgument = Annotated[str, typer.Argument(help="The notebook: slug (yours), owner/slug, or owner/slug/version.")]
PackArgument = Annotated[Path, typer.Argument(help="Folder that `arc-submit kaggle pack` made.")]
CompetitionOption = Annotated[str, typer.Option(help="Slug of the competition.")]
DataOption = Annotated[
    str | None, typer.Option(help="Tasks that submission.json must answer: a set, or a challenges file.")
]
EveryOption = Annotated[float, typer.Option(min=0.05, help="Seconds between two looks.")]
WaitOption = Annotated[bool, typer.Option("--wait", help="Stay until it is over.")]


@kaggle_app.command(
    epilog=example_lines(
        "arc-submit kaggle push",
        "arc-submit kaggle push out/kaggle --only kernel --wait",
        "arc-submit kaggle push --accelerator NvidiaL4 --timeout-minutes 60",
    )
)
def push(
    pack: PackArgument = Path("out/kaggle"),
    owner: Annotated[str | None, typer.Option(help="Owner on Kaggle; default: the account that is logged in.")] = None,
    accelerator: Annotated[str | None, typer.Option(help="Machine instead of the card's, e.g. NvidiaL4.")] = None,
    timeout_minutes: Annotated[int | None, typer.Option(min=1, help="Limit of the run; default: Kaggle's.")] = None,
    only: Annotated[str | None, typer.Option(help="Some of code,wheels,weights,kernel; default: all.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Start the notebook even if nothing changed.")] = False,
    wait: WaitOption = False,
    every: EveryOption = 30.0,
) -> None:
    """Upload what changed, start the notebook, and check that Kaggle took it as it is."""
    from arc_submit.kaggle.client import Kernel
    from arc_submit.kaggle.push import PARTS, Push

    machine, chosen = _machine(accelerator), _chosen(only, PARTS)
    with _Bars() as bars:
        client = _client(bars)
        sending = Push(
            client,
            pack,
            owner or client.user,
            machine,
            timeout_minutes,
            chosen,
            again,
            say=_say,
        )
        done = []
        for one in sending.go():
            _say(f"{one.part}: {one.done}")
            done.append(one)
    rows = [(one.part, one.done, one.ref, "-" if one.version is None else one.version) for one in done]
    print_table(f"{pack}", ("part", "", "on Kaggle", "version"), rows)
    summary: dict[str, Any] = {"pack": str(pack), "parts": {one.part: one.done for one in done}}
    for one in done:
        if one.part == "kernel":
            kernel = Kernel.parse(one.ref if one.version is None else f"{one.ref}/{one.version}", client.user)
            summary |= {"kernel": one.ref, "version": one.version, "url": kernel.url}
            console.print(f"follow it: arc-submit kaggle status {kernel} --wait", highlight=False, soft_wrap=True)
            if wait:
                summary["state"] = _waited(client, kernel, every).state
    machine_line(summary)
    if summary.get("state", "COMPLETE") != "COMPLETE":
        raise typer.Exit(1)


@kaggle_app.command(
    epilog=example_lines("arc-submit kaggle status arc-submit", "arc-submit kaggle status me/arc-submit/3 --wait")
)
def status(kernel: KernelArgument, wait: WaitOption = False, every: EveryOption = 30.0) -> None:
    """Say where a run stands and what that means."""
    from arc_submit.kaggle import follow
    from arc_submit.kaggle.client import Kernel

    client = _client()
    chosen = Kernel.parse(kernel, client.user)
    session = _waited(client, chosen, every) if wait else client.session(chosen)
    known = follow.causes(session.message)
    rows = [("state", session.state), ("it", follow.MEANING.get(session.state, "is in a state that is not known"))]
    rows += [("Kaggle says", session.message)] if session.message else []
    rows += [("known cause", line) for line in known]
    if session.state == "ERROR":
        rows.append(("next", f"arc-submit kaggle logs {chosen}"))
    if session.state == "COMPLETE":
        rows.append(("next", f"arc-submit kaggle output {chosen} -p out/{chosen.slug}"))
    print_table(str(chosen), ("what", ""), rows)
    machine_line({"kernel": str(chosen), "state": session.state, "message": session.message, "causes": known})
    if session.state in ("ERROR", "CANCEL_ACKNOWLEDGED"):
        raise typer.Exit(1)


@kaggle_app.command(
    epilog=example_lines("arc-submit kaggle logs arc-submit", "arc-submit kaggle logs me/arc-submit/3 --tail 0")
)
def logs(
    kernel: KernelArgument,
    tail: Annotated[int, typer.Option(min=0, help="Last lines to show; 0: all.")] = 60,
) -> None:
    """Show a run's log, and what is known about the errors in it."""
    from arc_submit.kaggle import follow
    from arc_submit.kaggle.client import Kernel

    client = _client()
    chosen = Kernel.parse(kernel, client.user)
    text = follow.logs(client, chosen)
    lines = text.splitlines()
    shown = lines[-tail:] if tail else lines
    console.print("\n".join(shown), markup=False, highlight=False, soft_wrap=True)
    known = follow.causes(text)
    if known:
        print_table("known causes", ("",), [(line,) for line in known])
    machine_line({"kernel": str(chosen), "lines": len(lines), "shown": len(shown), "causes": known})


@kaggle_app.command(
    epilog=example_lines(
        "arc-submit kaggle output arc-submit -p out/fetched",
        "arc-submit kaggle output me/arc-submit/3 -p out/fetched --data path/to/arc-agi_test_challenges.json",
    )
)
def output(
    kernel: KernelArgument,
    path: Annotated[Path, typer.Option("--path", "-p", help="Folder for the run's files.")],
    data: DataOption = None,
    files: Annotated[str | None, typer.Option(help="Regular expression over names; default: every file.")] = None,
) -> None:
    """Fetch what a run left, and say what it is worth."""
    from arc_submit.kaggle import follow
    from arc_submit.kaggle.client import Kernel

    with _Bars() as bars:
        client = _client(bars)
        chosen = Kernel.parse(kernel, client.user)
        fetched = follow.fetch(client, chosen, path, files)
    print_table(
        f"{len(fetched)} files of {chosen}",
        ("file", "bytes"),
        [(str(file), f"{file.stat().st_size:,}") for file in sorted(fetched)[:40]],
    )
    for file in follow.earlier(path, fetched):
        _say(f"{file}: of an earlier fetch; not looked at")
    worth = follow.judge(path, data, fetched)
    _print_worth(worth)
    machine_line(
        {
            "kernel": str(chosen),
            "files": len(fetched),
            "good": worth.good,
            "why": list(worth.why),
            "submission": "ok" if not worth.submission else worth.submission,
            "tasks": worth.tasks,
        }
    )
    if worth.submission and files is None:
        raise typer.Exit(1)


@kaggle_app.command(
    epilog=example_lines(
        "arc-submit kaggle submit arc-submit 3 -m 'first try'", "arc-submit kaggle submit me/arc-submit 3 --wait"
    )
)
def submit(
    kernel: KernelArgument,
    version: Annotated[int, typer.Argument(min=1, help="Version of the notebook whose output is handed in.")],
    message: Annotated[str | None, typer.Option("--message", "-m", help="Description of the submission.")] = None,
    competition: CompetitionOption = COMPETITION,
    data: DataOption = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Submit although the run's verdict is not ok.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until there is a score (hours).")] = False,
    every: EveryOption = 60.0,
) -> None:
    """Hand in one version, after a look at everything that would waste the day's submission."""
    from arc_submit.kaggle.client import Kernel
    from arc_submit.kaggle.submit import HandIn, watch_score, words
    from arc_submit.kaggle.trouble import KaggleError

    client = _client()
    named = Kernel.parse(kernel, client.user)
    if named.version not in (None, version):
        raise ConfigError(f"{kernel} and version {version}: two different versions; name one")
    chosen = Kernel(named.owner, named.slug, version)
    hand_in = HandIn(client, chosen, competition, data)
    checks = hand_in.check()
    print_table(
        f"{chosen} for {competition}",
        ("check", "", "what was found"),
        [(c.name, "ok" if c.ok else "anyway" if c.forced and anyway else "FAILED", c.found) for c in checks],
    )
    bad = [check for check in checks if not check.ok and not (check.forced and anyway)]
    if bad:
        hint = " (--anyway submits all the same)" if all(check.forced for check in bad) else ""
        raise KaggleError(f"not submitted: {bad[0].name}: {bad[0].found}{hint}")
    description = message or f"arc-submit {chosen}"
    ref = hand_in.send(description)
    console.print(f"submitted: {ref or description}", highlight=False, markup=False, soft_wrap=True)
    rows: list[tuple[str, str]] = []
    summary: dict[str, Any] = {"kernel": str(chosen), "competition": competition, "submission": ref, "left": None}
    try:  # the submission is made, whatever comes now
        try:
            limits = client.limits(competition)
        except KaggleError as error:
            rows.append(("left", f"not known: {error}"))
        else:
            rows.append(("left", words(limits, competition)))
            summary["left"] = limits.left
        if wait:
            with notices.status(f"submission {ref}: PENDING") as spinner:
                for last in watch_score(client, competition, ref, description, every):
                    spinner.update(escape(f"submission {last.ref}: {last.state}"))
                    summary |= {"state": last.state, "public": last.public, "error": last.error}
            rows += _score_rows(last)
    except KeyboardInterrupt:
        _say(f"stopped waiting; it was submitted: {ref or description}, and Kaggle goes on with it")
        raise typer.Exit(130) from None
    finally:
        if rows:
            print_table(f"submission {ref or description}", ("what", ""), rows)
        machine_line(summary)
    if summary.get("state") == "ERROR":
        raise typer.Exit(1)


@kaggle_app.command(epilog=example_lines("arc-submit kaggle doctor", "arc-submit kaggle doctor out/kaggle"))
def doctor(pack: PackArgument = Path("out/kaggle"), competition: CompetitionOption = COMPETITION) -> None:
    """Check credentials, rules, quota, submissions left and the pack; change nothing."""
    from arc_submit.kaggle import checkup

    with notices.status("asking Kaggle"):
        found = checkup.examine(pack, competition, lambda: _client(pauses=(1.0,)))
    print_table(
        f"{competition}",
        ("check", "", "what was found"),
        [(check.name, check.status, check.found) for check in found],
    )
    healthy = all(check.ok is not False for check in found)
    machine_line({"healthy": healthy, "checks": {check.name: check.ok for check in found}})
    if not healthy:
        raise typer.Exit(1)


class _Bars:
    """One bar per file that travels."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._progress = Progress(*columns, console=notices, transient=True, disable=not notices.is_terminal)
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> "_Bars":
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, name: str, done: int, total: int) -> None:
        self._progress.start()
        if name not in self._bars:
            self._bars[name] = self._progress.add_task(escape(name), total=total or None)
        self._progress.update(self._bars[name], completed=done, total=total or None)


def _client(progress: Callable[[str, int, int], None] | None = None, **settings: Any) -> "Client":
    from arc_submit.kaggle.client import Client

    return Client(say=_say, progress=progress or (lambda name, done, total: None), **settings)


def _say(text: str) -> None:
    notices.print(text, markup=False, highlight=False, soft_wrap=True)


def _waited(client: "Client", kernel: "Kernel", every: float) -> "Session":
    """Follow a run to its end; every change of state is a line, what lasts is a moving one."""
    from arc_submit.kaggle.follow import MEANING, Watch

    begun, state = time.monotonic(), ""
    with notices.status(str(kernel)) as spinner:
        for session in Watch(client, kernel, every):
            minutes = (time.monotonic() - begun) / 60
            if session.state != state:
                state = session.state
                _say(f"{kernel}: {state} after {minutes:.0f} min ({MEANING.get(state, 'not a known state')})")
            spinner.update(escape(f"{kernel}: {state}, {minutes:.0f} min"))
    return session


def _print_worth(worth: "Worth") -> None:
    verdict = worth.verdict or {}
    rows = [("may be submitted", "yes" if worth.good and not worth.submission else "no")]
    rows += [("why not", line) for line in worth.why]
    for name in ("mode", "commit", "canary", "tasks", "outputs", "fallbacks", "restarts", "seconds", "python"):
        if verdict.get(name) is not None:
            rows.append((name, str(verdict[name])))
    if isinstance(verdict.get("score"), dict):
        score = verdict["score"]
        rows.append(("score", f"{score.get('solved_outputs')} of {score.get('outputs')} test outputs"))
    if isinstance(verdict.get("accelerator"), dict):
        rows.append(("accelerator", listed(verdict["accelerator"])))
    rows += [("degraded", str(line)) for line in verdict.get("degraded") or ()]
    if worth.submission:
        rows.append(("submission.json", worth.submission))
    else:
        against = f"answers {worth.checked}" if worth.checked else "format only; --data checks it against its tasks"
        rows.append(("submission.json", f"valid, {worth.tasks} tasks ({against})"))
    print_table("verdict", ("what", ""), rows)


def _score_rows(last: Any) -> list[tuple[str, str]]:
    from arc_submit.kaggle.follow import causes

    rows = [("state", str(last.state))]
    rows += [("public score", last.public)] if last.public else []
    rows += [("error", last.error)] if last.error else []
    return rows + [("known cause", line) for line in causes(last.error)]


def _chosen(only: str | None, parts: tuple[str, ...]) -> tuple[str, ...]:
    if only is None:
        return parts
    found = tuple(part.strip() for part in only.split(",") if part.strip())
    if not found or not set(found) <= set(parts):
        raise ConfigError(f"--only {only!r}: expected some of {', '.join(parts)}, comma-separated")
    return found


def _machine(name: str | None) -> str | None:
    from arc_submit.kaggle.cards import MACHINES, RETIRED_MACHINES

    if name in RETIRED_MACHINES:
        raise ConfigError(f"--accelerator {name}: retired; Kaggle gives {RETIRED_MACHINES[name]} instead")
    if name is not None and name not in MACHINES:
        raise ConfigError(f"--accelerator {name}: expected one of {', '.join(MACHINES)}")
    return name
