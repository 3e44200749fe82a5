"""`arc-train dataset`: traces in, a dataset in the student's style out, with its card."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arc_submit.cli.common import example_lines, machine_line, notices, print_table
from training.cli.app import app
from training.dataset.settings import Place, Settings

if TYPE_CHECKING:
    from arc_submit.config import PromptsConfig
    from training.dataset.store import About

_D = Settings()
_TAKEN = "answers of edits taken as fresh ones"


@app.command(
    epilog=example_lines(
        "arc-train dataset out/traces --out out/dataset --model weights/small",
        "arc-train dataset out/a out/b --out out/dataset --model models/qwen-7b --set prompts.style=chat "
        "--set prompts.tokens=6000 --max-tokens 8192 --processes 2",
    )
)
def dataset(
    folders: Annotated[
        list[Path], typer.Argument(help="Folders of `arc-train traces`; datasets among them are joined as they are.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the dataset.")],
    model: Annotated[Path, typer.Option(help="Folder of the model to be trained: its tokenizer counts.")] = Path(
        "weights/small"
    ),
    evaluation: Annotated[
        list[Path] | None, typer.Option("--eval", help="Folders of traces: their tasks make the eval side, no others.")
    ] = None,
    eval_share: Annotated[
        float, typer.Option(help="Share of the tasks on the eval side, without --eval.")
    ] = _D.eval_share,
    split_by: Annotated[
        str, typer.Option(help="task: tasks that share a pair stay together; generator: those of one generator too.")
    ] = _D.split_by,
    examples: Annotated[
        Path | None, typer.Option(help="Folder of further examples of tasks, ID.json: [{input, output}, ...].")
    ] = None,
    fresh_examples: Annotated[
        int, typer.Option(help="Pairs that no teacher saw on which programs are tried; 0: none.")
    ] = _D.fresh_examples,
    strict: Annotated[
        bool, typer.Option("--strict", help="Edits go too when they pass the demonstrations and are wrong elsewhere.")
    ] = _D.strict,
    fresh_from_edits: Annotated[
        str, typer.Option(help="Right children of edits answer the fresh prompt too: yes, no, auto (compact style).")
    ] = _D.fresh_from_edits,
    least_gain: Annotated[float, typer.Option(help="The gain of an edit must be above it.")] = _D.least_gain,
    reviewed: Annotated[
        bool, typer.Option("--reviewed", help="Only traces that a person accepted; rejected ones go in any case.")
    ] = _D.reviewed,
    prune: Annotated[bool, typer.Option(help="Take out program lines that change nothing.")] = _D.prune,
    similar: Annotated[float, typer.Option(help="Share of words from which two thoughts are one idea.")] = _D.similar,
    think_tokens: Annotated[int, typer.Option(help="Thinking of one example at most.")] = _D.think_tokens,
    longest: Annotated[
        float, typer.Option(help="Longest program, in lengths of the task's shortest that passes.")
    ] = _D.longest,
    best: Annotated[int, typer.Option(help="Of each task and kind: so many by value,")] = _D.best,
    shortest: Annotated[int, typer.Option(help="of these so many by length,")] = _D.shortest,
    different: Annotated[int, typer.Option(help="of these so many by difference.")] = _D.different,
    views: Annotated[int, typer.Option(help="Examples of one trace at most, each in another view.")] = _D.views,
    colours: Annotated[bool, typer.Option(help="Views rename colours.")] = _D.colours,
    turns: Annotated[bool, typer.Option(help="Views turn and mirror.")] = _D.turns,
    max_tokens: Annotated[int, typer.Option(help="Prompt and answer together; longer ones go.")] = _D.max_tokens,
    difficulty_power: Annotated[
        float, typer.Option(help="Weights grow with difficulty to this power; 0: every task the same.")
    ] = _D.difficulty_power,
    pairs: Annotated[int, typer.Option(help="Preference pairs of one parent at most.")] = _D.pairs,
    margin: Annotated[float, typer.Option(help="Least difference in reward of a pair.")] = _D.margin,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of prompts.*, e.g. --set prompts.style=chat; repeatable."),
    ] = None,
    processes: Annotated[int, typer.Option(min=1, help="Processes; the result is the same.")] = 1,
    seed: Annotated[int, typer.Option(help="Of views, sides, fresh examples and order.")] = _D.seed,
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace the dataset in --out.")] = False,
) -> None:
    """Make a dataset of traces: cleaned, selected, verified, in several views, split by content."""
    settings = Settings(
        seed=seed, eval_share=eval_share, split_by=split_by, views=views, colours=colours, turns=turns,
        least_gain=least_gain, fresh_from_edits=fresh_from_edits, strict=strict, reviewed=reviewed, prune=prune,
        similar=similar,
        think_tokens=think_tokens, fresh_examples=fresh_examples, longest=longest, best=best, shortest=shortest,
        different=different, max_tokens=max_tokens, difficulty_power=difficulty_power, pairs=pairs, margin=margin,
    )  # fmt: skip
    place = Place(tuple(folders), out, model, tuple(evaluation or ()), examples, processes, fresh)
    prompts = _prompts(set_ or [])
    from training.dataset.build import build

    with _Bar() as bar:
        about = build(place, settings, prompts, bar.show)
    _show(out, about)
    machine_line(_line(out, about))


def _prompts(settings: list[str]) -> "PromptsConfig":
    """The student's prompts, as other commands are told them."""
    from arc_submit import config
    from arc_submit.errors import ConfigError

    for setting in settings:
        if not setting.startswith("prompts."):
            raise ConfigError(f"--set {setting}: expected prompts.NAME=VALUE; the rest has options of its own")
    return config.load(settings=settings).prompts


def _show(out: Path, about: "About") -> None:
    total = sum(about.rows.values())
    print_table(f"{out}: {total:,} examples, {about.version}", ("step", "left out", "left"), _steps(about.counts))
    print_table("beside", ("what", "number"), _beside(about.counts))
    print_table("splits", ("split", "tasks", "examples", "p50", "p99", "longest"), _splits(about))
    for split, rows in about.rows.items():
        if not rows:
            notices.print(f"no examples on the {split} side", style="bold yellow", highlight=False)


def _steps(counts: Mapping[str, int]) -> list[tuple[str, str, str]]:
    """From what was read to what is left, with what every step left out."""
    from training.dataset.pick import STEPS

    left = counts["read"] + counts.get(_TAKEN, 0)
    rows = [("answers read", "", f"{counts['read']:,}")]
    if left > counts["read"]:
        rows.append(("answers of edits, taken as fresh ones too", "", f"{left:,}"))
    for name, said in STEPS.items():
        if counts[name]:
            left -= counts[name]
            rows.append((said, f"-{counts[name]:,}", f"{left:,}"))
    return rows


def _beside(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """What was counted and is no step."""
    from training.dataset.pick import STEPS

    return [(what, f"{n:,}") for what, n in counts.items() if what not in {"read", _TAKEN, *STEPS} and n]


def _splits(about: "About") -> list[tuple[object, ...]]:
    return [
        (split, about.tasks[split], rows, *(about.lengths[split].get(k, "-") for k in ("p50", "p99", "max")))
        for split, rows in about.rows.items()
    ]


def _line(out: Path, about: "About") -> dict[str, Any]:
    return {
        "command": "dataset",
        "out": str(out),
        "rows": about.rows,
        "tasks": about.tasks,
        "lengths": about.lengths,
        "preferences": about.preferences,
        "counts": about.counts,
        "version": about.version,
        "fingerprint": about.fingerprint,
    }


class _Bar:
    """Progress on standard error; nothing when that is not a terminal."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("[bold]{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=notices, disable=not notices.is_terminal)
        self._known: dict[str, Any] = {}

    def __enter__(self) -> "_Bar":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, what: str, done: int, total: int) -> None:
        """Move the bar of a stage."""
        if what not in self._known:
            self._known[what] = self._bar.add_task(what, total=total)
        self._bar.update(self._known[what], completed=done, total=total)
