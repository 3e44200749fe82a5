"""`arc-train traces`: ask a teacher, run what it answers, keep what is better."""

import json
import os
from collections import Counter
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arc_submit.cli.common import machine_line, notices, print_table
from arc_submit.errors import ConfigError
from training.cli.app import app
from training.edits import records

if TYPE_CHECKING:
    from training.edits.choose import Chosen
    from training.edits.collect import Work
    from training.teacher.account import Account
    from training.teacher.archive import Archive
    from training.teacher.records import Teacher
    from training.teacher.settings import Settings

SYMBOLIC = "symbolic"
PROMPT_TOKENS = {"chat": 16_000, "compact": 640}  # of a task; the shipped model was trained on the latter
ANSWER_TOKENS = {"chat": 8192, "compact": 160}


class Style(StrEnum):
    """How a prompt is worded."""

    CHAT = "chat"
    COMPACT = "compact"


class Language(StrEnum):
    """What programs are asked for."""

    SOLVE = "solve"
    TRANSFORM = "transform"


@app.command(
    epilog="Examples: arc-train traces --teacher symbolic --tasks 20 --out out/traces · "
    "arc-train traces --teacher http://127.0.0.1:8000/v1 --model small --style compact --out out/own · "
    "arc-train traces --teacher deepseek --model deepseek-chat --tasks 100 --prices 0.3,0.9 --budget 5 --out out/deep"
)
def traces(
    out: Annotated[Path, typer.Option(help="Folder of the traces; run again with the same settings, it goes on.")],
    teacher: Annotated[str, typer.Option(help="symbolic, a provider or PROVIDER/MODEL, or a server's URL.")] = SYMBOLIC,
    exercises: Annotated[
        str, typer.Option(help="learn, generated[:FAMILY or FAMILY/NAME,...], or a file or folder of tasks.")
    ] = "learn",
    tasks: Annotated[int, typer.Option(min=0, help="Tasks, drawn by the seed; 0: all.")] = 20,
    seed: Annotated[int, typer.Option(help="Of everything drawn.")] = 0,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of a task, at most.")] = 3,
    children: Annotated[int, typer.Option(min=1, help="Answers asked for each parent and round.")] = 8,
    parents: Annotated[int, typer.Option(min=1, help="Programs of a task edited in one round.")] = 2,
    fresh: Annotated[
        int | None, typer.Option(min=0, help="Answers to the question without a parent; as --children.")
    ] = None,
    baseline: Annotated[
        str, typer.Option(help="Programs to begin with: folder of TASK.py, JSONL, or none; else random ones.")
    ] = "",
    from_: Annotated[
        Path | None, typer.Option("--from", help="Begin with what was judged in another folder of traces.")
    ] = None,
    hints: Annotated[Path | None, typer.Option(help="What people say of tasks: .json, .jsonl, .csv, LARC.")] = None,
    hint_rounds: Annotated[int, typer.Option(min=0, help="Rounds, from the first, in which hints are told.")] = 1,
    hint_share: Annotated[float, typer.Option(min=0.0, max=1.0, help="Of the prompts of these rounds.")] = 1.0,
    style: Annotated[Style, typer.Option(help="chat: for instruct models. compact: for our own.")] = Style.CHAT,
    dialect: Annotated[Language, typer.Option(help="solve: DSL programs. transform: numpy programs.")] = Language.SOLVE,
    examples: Annotated[int, typer.Option(min=0, help="Worked examples in a chat prompt.")] = 3,
    docs: Annotated[int, typer.Option(min=0, help="Tokens for the DSL's functions in a chat prompt.")] = 7000,
    prompt_tokens: Annotated[
        int | None, typer.Option(min=64, help="Tokens of the task in a prompt (chat 16000, compact 640).")
    ] = None,
    model: Annotated[str, typer.Option(help="As the server calls it; a server with one model needs none.")] = "",
    temperature: Annotated[float, typer.Option(help="0..2.")] = 1.0,
    top_p: Annotated[float, typer.Option(help="0..1.")] = 1.0,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, help="Of an answer, thinking included (chat 8192, compact 160).")
    ] = None,
    extra: Annotated[str, typer.Option(help='More fields of a request, JSON: \'{"reasoning_effort": "low"}\'.')] = "",
    budget: Annotated[float | None, typer.Option(help="Dollars that the folder may cost, all sittings.")] = None,
    budget_tokens: Annotated[int | None, typer.Option(help="The same in tokens, prompts and answers.")] = None,
    prices: Annotated[
        str, typer.Option(help="Dollars per million tokens: PROMPT,ANSWER or PROMPT,ANSWER,CACHED.")
    ] = "",
    in_flight: Annotated[int, typer.Option(min=1, help="Requests under way at once.")] = 64,
    requests_per_minute: Annotated[int | None, typer.Option(min=1, help="Begun in any 60 seconds.")] = None,
    tokens_per_minute: Annotated[int | None, typer.Option(min=1, help="Of prompts and answers.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds that one try may take.")] = 600.0,
    retries: Annotated[int, typer.Option(min=0, help="Of a request that failed.")] = 5,
    stream: Annotated[bool, typer.Option("--stream", help="Take answers piece by piece.")] = False,
    evaluations: Annotated[int, typer.Option(min=1, help="Symbolic: expressions tried for a fresh question.")] = 15_000,
    processes: Annotated[int, typer.Option(min=0, help="For symbolic work; 0: one per CPU.")] = 0,
) -> None:
    """Collect traces: a teacher's programs, edit by edit, run and judged, the better ones kept."""
    from training.edits import folder
    from training.edits.choose import ChooseSettings
    from training.edits.collect import Beginnings, Work
    from training.edits.rounds import AT_ONCE, RoundsSettings
    from training.teacher import hints as telling
    from training.teacher.account import Account
    from training.teacher.archive import Archive
    from training.teacher.ask import Asker, AskSettings

    _refuse(teacher, exercises, style, dialect, hints)
    asking = AskSettings(
        style=style.value,
        dialect=dialect.value,
        tokens=prompt_tokens or PROMPT_TOKENS[style.value],
        docs=docs,
        examples=examples,
    )
    amount = RoundsSettings(seed, rounds, children, children if fresh is None else fresh, parents, _dialect(dialect))
    plan = telling.Plan(hint_rounds, hint_share)
    told = telling.read(hints) if hints is not None else telling.Hints()
    begin = Beginnings(baseline, from_)
    server: dict[str, Any] = {
        "temperature": temperature,
        "top_p": top_p,
        "max_tokens": max_tokens or ANSWER_TOKENS[style.value],
        "extra": _extra(extra),
    }
    of_server = {
        "in_flight": in_flight,
        "requests_per_minute": requests_per_minute,
        "tokens_per_minute": tokens_per_minute,
        "timeout": timeout,
        "retries": retries,
        "stream": stream,
    }
    begin.check(amount.fresh)
    paid = _prices(prices)
    served = None if teacher == SYMBOLIC else _served(teacher, model, {**server, **of_server})
    asked: dict[str, Any] = {
        "teacher": served.name if served is not None else SYMBOLIC,
        "exercises": exercises,
        "tasks": tasks,
        "ask": {**asdict(asking), "version": Asker(asking).version},
        "rounds": asdict(amount),
        "hints": {"digest": told.digest, **asdict(plan)} if hints is not None else None,
        "baseline": begin.digest,
        **({"evaluations": evaluations} if served is None else server),
    }
    with Archive(out / records.ARCHIVE) as archive:  # first of all: it keeps other processes out of the folder
        folder.settle(out, asked)
        chosen_tasks = folder.exercises(out, exercises, tasks, seed)
        begin.check_tasks(chosen_tasks)
        if hints is not None and not told.by_task.keys() & chosen_tasks.keys():
            raise ConfigError(f"--hints {hints}: says nothing of any of the {len(chosen_tasks)} tasks")
        account = Account(
            out / records.COSTS,
            tokens=budget_tokens,
            dollars=budget,
            prices=paid,
            earlier=archive.usages(),
        )
        count = processes or len(os.sched_getaffinity(0))
        chosen_teacher = _symbolic(count, evaluations, archive) if served is None else _server(served, archive, account)
        work = Work(out, asking, amount, chosen_teacher, told, plan, begin, count, max(AT_ONCE, in_flight))
        try:
            work.run(list(chosen_tasks.values()))
        finally:
            account.write()
            chosen = folder.chosen(out, chosen_tasks, ChooseSettings())
            _show(out, work, chosen, account)


# Options. ------------------------------------------------------------------------------------------------------------


def _refuse(teacher: str, exercises: str, style: Style, dialect: Language, hints: Path | None) -> None:
    from training.exercises import HELD_OUT

    if exercises == HELD_OUT:
        raise ConfigError(
            "--exercises held-out: development is measured on these tasks, traces of them would spoil that; "
            "use learn, generated or a file of your own"
        )
    if teacher == SYMBOLIC and dialect is Language.TRANSFORM:
        raise ConfigError("--teacher symbolic writes DSL programs; --dialect transform wants a language model")
    if hints is not None and (style is Style.COMPACT or teacher == SYMBOLIC):
        raise ConfigError("--hints wants a teacher that reads prose: a language model with --style chat")


def _dialect(language: Language) -> Any:
    from arc_submit.records import Dialect

    return Dialect(language.value)


def _extra(text: str) -> dict[str, Any]:
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"--extra: not JSON ({error})") from None
    if not isinstance(found, dict):
        raise ConfigError("--extra: expected a JSON object, fields of a request")
    return found


def _prices(text: str) -> Any:
    from training.teacher.usage import Prices

    if not text:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
        if len(numbers) not in (2, 3):
            raise ValueError
    except ValueError:
        raise ConfigError(f"--prices {text!r}: expected dollars per million tokens, e.g. 0.3,0.9") from None
    return Prices(*numbers)


# Teachers. -----------------------------------------------------------------------------------------------------------


def _symbolic(processes: int, evaluations: int, archive: "Archive") -> "Teacher":
    from training.teacher.symbolic import SymbolicSettings, SymbolicTeacher

    return SymbolicTeacher(processes, SymbolicSettings(evaluations=evaluations), archive)


def _served(teacher: str, model: str, settings: dict[str, Any]) -> "Settings":
    """Which model is asked, by which provider: a server with one model says so itself."""
    from training.teacher import client, providers
    from training.teacher.settings import Settings

    provider, named = providers.resolve(teacher, model)
    return Settings(provider, named or client.only_model(provider), **settings)


def _server(settings: "Settings", archive: "Archive", account: "Account") -> "Teacher":
    from training.teacher.sampler import ServerTeacher

    return ServerTeacher(settings, archive, account)


# What is shown. ------------------------------------------------------------------------------------------------------


def _show(out: Path, work: "Work", chosen: "Chosen", account: "Account") -> None:
    tally, kept = work.tally, chosen.kept
    edits = sum(trace.parent is not None for trace in kept)
    reasons: Counter[str] = tally.reasons + work.asker.refused
    rows = [
        ("tasks", tally.tasks), ("solved", tally.solved), ("answers asked for", tally.asked),
        ("answers", tally.answers), ("ran", tally.ran), ("edits that gained", tally.gained),
        ("kept", f"{len(kept)} ({edits} edits, {len(kept) - edits} fresh)"),
        ("tokens answered", tally.tokens), ("dollars, all sittings", f"{account.dollars:.4f}"),
    ]  # fmt: skip
    print_table(f"Traces by {work.teacher.name} in {out}", ("", ""), rows)
    if reasons or chosen.refused:
        why = [("answer", reason, count) for reason, count in reasons.most_common()]
        why += [("trace", reason, count) for reason, count in chosen.refused.most_common()]
        print_table("Not used", ("", "why", ""), why)
    if tally.budget:
        notices.print(f"{tally.budget}: a larger budget and the same command go on", markup=False, highlight=False)
    machine_line(
        {
            "command": "traces",
            "out": str(out),
            "teacher": work.teacher.name,
            "version": work.asker.version,
            "tasks": tally.tasks,
            "solved": tally.solved,
            "asked": tally.asked,
            "answers": tally.answers,
            "ran": tally.ran,
            "gained": tally.gained,
            "kept": len(kept),
            "kept_edits": edits,
            "tokens": tally.tokens,
            "dollars": round(account.dollars, 6),
            "unused": dict(reasons),
            "refused": dict(chosen.refused),
            "budget_used_up": bool(tally.budget),
        }
    )
