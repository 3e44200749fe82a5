"""`arc-train traces`: ask a teacher, run what it answers, keep what is better.

The options, and what is wrong with them; `training.cli.sitting` does the work.
"""

import json
import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arc_submit.cli.common import example_lines
from arc_submit.errors import ConfigError
from arc_submit.records import Dialect
from training.cli.app import app

if TYPE_CHECKING:
    from training.cli.sitting import Told
    from training.teacher.settings import Settings
    from training.teacher.usage import Prices

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
    epilog=example_lines(
        "arc-train traces --teacher symbolic --tasks 20 --out out/traces",
        "arc-train traces --teacher http://127.0.0.1:8000/v1 --model small --style compact --out out/own",
        "arc-train traces --teacher deepseek --model deepseek-chat --prices 0.3,0.9 --budget 5 --out out/deep",
    )
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
    from training.cli.sitting import Asked, Budget, sit
    from training.edits.collect import Beginnings
    from training.edits.rounds import RoundsSettings
    from training.teacher.ask import AskSettings

    _refuse(teacher, exercises, style, dialect, hints)
    prompt_tokens = prompt_tokens or PROMPT_TOKENS[style.value]
    asking = AskSettings(style.value, dialect.value, tokens=prompt_tokens, docs=docs, examples=examples)
    fresh = children if fresh is None else fresh
    amount = RoundsSettings(seed, rounds, children, fresh, parents, Dialect(dialect.value))
    told = _told(hints, hint_rounds, hint_share)
    begin = Beginnings(baseline, from_)
    answers: dict[str, Any] = {
        "temperature": temperature,
        "top_p": top_p,
        "max_tokens": max_tokens or ANSWER_TOKENS[style.value],
        "extra": _extra(extra),
    }
    requests = {
        "in_flight": in_flight,
        "requests_per_minute": requests_per_minute,
        "tokens_per_minute": tokens_per_minute,
        "timeout": timeout,
        "retries": retries,
        "stream": stream,
    }
    begin.check(amount.fresh)
    cost = Budget(budget, budget_tokens, _prices(prices))
    served = None if teacher == SYMBOLIC else _served(teacher, model, {**answers, **requests})
    asked = Asked(
        teacher=served.name if served is not None else SYMBOLIC,
        exercises=exercises, tasks=tasks, seed=seed, asking=asking, amount=amount, told=told, begin=begin,
        served=served, answers=answers, budget=cost, evaluations=evaluations, processes=processes, in_flight=in_flight,
    )  # fmt: skip
    sit(out, asked)


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


def _told(path: Path | None, rounds: int, share: float) -> "Told":
    from training.cli.sitting import Told
    from training.teacher.hints import Hints, Plan, read

    plan = Plan(rounds, share)
    return Told(read(path) if path is not None else Hints(), plan, path)


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


def _prices(text: str) -> "Prices | None":
    from training.teacher.usage import Prices

    if not text:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
        if len(numbers) not in (2, 3) or not all(map(math.isfinite, numbers)):
            raise ValueError
    except ValueError:
        raise ConfigError(f"--prices {text!r}: expected dollars per million tokens, e.g. 0.3,0.9") from None
    return Prices(*numbers)


def _served(teacher: str, model: str, settings: dict[str, Any]) -> "Settings":
    """Which model is asked, by which provider: a server with one model says so itself."""
    from training.teacher import client, providers
    from training.teacher.settings import Settings

    provider, named = providers.resolve(teacher, model)
    return Settings(provider, named or client.only_model(provider), **settings)
