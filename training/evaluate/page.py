"""An evaluation in tables: for the terminal, and as a Markdown page with its pictures.

    evaluation.json    every figure
    evaluation.md      the same for people
    rows.jsonl         one line a checkpoint, kind, seed and task
    last-mile.svg, programs.svg

The page is made anew from the figures each time; nothing reads it back.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from arc_submit.errors import OutputError
from training.evaluate import pictures
from training.evaluate.figures import task_means
from training.evaluate.peers import Peer
from training.evaluate.run import Measured

JSON, PAGE, ROWS = "evaluation.json", "evaluation.md", "rows.jsonl"
MEASURES = {
    "p2": "test outputs right, p@2",
    "oracle": "test outputs that any program gave",
    "cells": "cells right of the best program, demonstrations",
    "test_cells": "cells right of the better attempt, test outputs",
    "edits": "edits better than their parent, of those that ran, mean over tasks",
    "edits_per_asked": "edits better than their parent, of those asked for, mean over tasks",
    "edit_success": "edits that earn more than their parent, of those asked for, mean over tasks",
}


SHORT = {
    "p2": "p@2",
    "oracle": "oracle",
    "cells": "cells, best program",
    "test_cells": "cells, better attempt",
    "edits": "edits better, of ran, per task",
    "edits_per_asked": "edits better, of asked, per task",
    "edit_success": "edits that gain, of asked, per task",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table for people."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(body: dict[str, Any], peers: Sequence[Peer]) -> list[Table]:
    """Return the tables of an evaluation's figures."""
    names = tuple(body["checkpoints"])
    sides = list(body["checkpoints"].values())
    found = [Table(f"{body['data']}: {body['tasks']} tasks", ("", *names), tuple(_solving(sides)))]
    for division in sides[0]["by_difficulty"]:
        found.append(_divided(division, names, sides))
    if "edits" in sides[0]:
        found.append(Table("edits", ("", *names), tuple(_editing([side["edits"] for side in sides]))))
    if "compared" in body:
        found.append(_compared(body["compared"], names))
    if peers:
        found.append(_beside(peers, body))
    return found


def write(out: Path, body: dict[str, Any], measured: Sequence[Measured], peers: Sequence[Peer]) -> None:
    """Write everything but the journal.

    Raises:
        OutputError: the folder cannot be written.
    """
    try:
        _whole(out / JSON, json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
        _whole(out / ROWS, "".join(_lines(measured)))
        _pictures(out, body, measured)
        _whole(out / PAGE, markdown(body, peers))
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror}); the journal there is whole") from None


def markdown(body: dict[str, Any], peers: Sequence[Peer]) -> str:
    """Return the page."""
    parts = [f"# Evaluation on {body['data']}\n"]
    parts += [f"> **{line}**\n" for line in body["warnings"]]
    parts += [line + "\n" for line in verdicts(body)]
    for table in tables(body, peers):
        parts.append(f"## {table.title}\n")
        parts.append(_row(table.headings) + _row("---" for _ in table.headings) + "".join(map(_row, table.rows)))
    for picture, words in ((pictures.LAST_MILE, "How near the misses are"), (pictures.PROGRAMS, "Over the answers")):
        parts.append(f"## {words}\n\n![{words}]({picture})\n")
    asked = json.dumps({"prompts": body["prompts"], "settings": body["settings"]}, indent=2)
    parts.append(f"## Settings\n\n```json\n{asked}\n```\n")
    return "\n".join(parts)


def verdicts(body: dict[str, Any]) -> list[str]:
    """Return one sentence for each measure that two checkpoints differ in beyond two standard errors, or one for none.

    The standard errors do not know how many measures there are: of twenty, one would differ by chance.
    """
    if "compared" not in body:
        return []
    one, other = body["checkpoints"]
    said = [
        f"{one} is {found['verdict']} than {other}: {MEASURES[name]} {found['difference']:+.4f} "
        f"+- {found['standard_error']:.4f} over {found['tasks']} tasks."
        for name, found in body["compared"].items()
        if found.get("verdict") in ("better", "worse")
    ]
    return said or [f"No difference between {one} and {other} beyond two standard errors."]


def _solving(sides: Sequence[dict[str, Any]]) -> Iterable[tuple[str, ...]]:
    solved = [side["solve"] for side in sides]
    yield "p@2, test outputs", *(_scored(one["p2"]) for one in solved)
    yield "  by seed", *(_seeds(one["p2"]) for one in solved)
    yield "oracle, any program", *(_scored(one["oracle"]) for one in solved)
    yield "tasks with a passer", *(_percent(one["tasks_with_passer"]) for one in solved)
    yield "cells right, best program", *(_percent(one["near"]["best_program"]) for one in solved)
    yield "  of a copied input", *(_percent(one["near"]["copied_input"]) for one in solved)
    yield "  of the better attempt", *(_percent(one["near"]["attempts"]) for one in solved)
    yield "nearly passing (95 %)", *(str(one["near"]["nearly_passing"]) for one in solved)
    yield "nearly solved (95 %)", *(_count(one["near"]["nearly_solved"]) for one in solved)
    yield "thinking, mean / p90", *(_spread(one["thinking_tokens"]) for one in solved)
    yield "tokens, mean / p90", *(_spread(one["completion_tokens"]) for one in solved)
    yield "cut at the limit", *(_percent(one["cut"]) for one in solved)
    yield "distinct programs", *(_percent(one["distinct_programs"]) for one in solved)
    yield "distinct behaviours", *(_percent(one["distinct_behaviours"]) for one in solved)
    yield "valid, of programs", *(_percent(one["valid"]) for one in solved)
    yield "programs by fault", *(_kinds(one["faults"]) for one in solved)
    yield "no program", *(_kinds(one["unusable"]) for one in solved)
    yield "prompts too long", *(str(one["prompts_refused"]) for one in solved)


def _divided(division: str, names: tuple[str, ...], sides: Sequence[dict[str, Any]]) -> Table:
    rows = [
        (
            part,
            str(sides[0]["by_difficulty"][division][part]["tasks"]),
            *(
                f"{_scored(side['by_difficulty'][division][part]['p2'])}, "
                f"passer {_percent(side['by_difficulty'][division][part]['tasks_with_passer'])}"
                for side in sides
            ),
        )
        for part in sides[0]["by_difficulty"][division]
    ]
    return Table(f"by {division}: p@2, tasks with a passer", ("", "tasks", *names), tuple(rows))


def _editing(sides: Sequence[dict[str, Any]]) -> Iterable[tuple[str, ...]]:
    yield (
        "better than their parent, of those that ran",
        *(f"{_percent(one['share_better'])} +- {_percent(one['standard_error'])}" for one in sides),
    )
    yield "  by seed", *(", ".join(_percent(value) for value in one["by_seed"].values()) for one in sides)
    yield "better, of those asked for", *(_percent(one["better_per_asked"]) for one in sides)
    yield "with a gain in reward, of those asked for", *(_percent(one["success"]) for one in sides)
    yield "give what the parent gives", *(_percent(one["share_repeats"]) for one in sides)
    yield "no program", *(_percent(one["unusable"]) for one in sides)
    yield "passers / tasks with one", *(f"{one['passers']} / {one['tasks_with_passer']}" for one in sides)
    yield (
        "asked / ran / better / with a gain",
        *(f"{one['asked']} / {one['ran']} / {one['better']} / {one['gains']}" for one in sides),
    )


def _compared(compared: dict[str, Any], names: tuple[str, ...]) -> Table:
    rows = []
    for name, found in compared.items():
        if name == "solved":
            alone = f"{found['first_alone']} / {found['second_alone']}"
            rows.append(("solved by one alone", "", alone, f"McNemar p {found['mcnemar']}", "", ""))
            continue
        rows.append(
            (
                SHORT[name],
                f"{_signed(found['difference'])} +- {_plain(found['standard_error'])}",
                f"{found['wins']} / {found['losses']} of {found['tasks']}",
                f"sign p {found['sign_test']}",
                f"{_signed(found['interval'][0])} .. {_signed(found['interval'][1])}",
                found["verdict"],
            )
        )
    headings = ("", "difference", "up / down", "test", "95 % interval", "verdict")
    return Table(f"{names[0]} - {names[1]}, paired over tasks", headings, tuple(rows))


def _beside(peers: Sequence[Peer], body: dict[str, Any]) -> Table:
    part = "" if body["tasks"] == body["of"] else f"; ours on {body['tasks']} of {body['of']} tasks"
    ours = [
        (name, metric, str(body["settings"]["programs"]), _scored(side["solve"][measure]), "here")
        for name, side in body["checkpoints"].items()
        for metric, measure in (("p@2", "p2"), ("p@n", "oracle"))
        if side["solve"][measure] is not None
    ]
    theirs = [(one.system, one.metric, one.programs, _percent(one.value), one.source) for one in peers]
    rows = sorted([*ours, *theirs], key=lambda row: row[1])
    headings = ("system", "metric", "programs per task", "value", "source")
    return Table(f"beside others on {body['data']} (budgets differ{part})", headings, tuple(rows))


def _pictures(out: Path, body: dict[str, Any], measured: Sequence[Measured]) -> None:
    shares: dict[str, list[float]] = {}
    for one in measured:
        name = one.checkpoint.name
        shares[f"{name}: best program"] = list(task_means(one.rows, "cells").values())
        shares[f"{name}: attempts"] = list(task_means(one.rows, "test_cells").values())
    shares["copied input"] = list(task_means(measured[0].rows, "copied").values())
    pictures.last_mile(out / pictures.LAST_MILE, f"How near the misses are: {body['data']}", shares)
    curves = {name: side["solve"]["pass_at"] for name, side in body["checkpoints"].items()}
    pictures.programs(out / pictures.PROGRAMS, f"One of k answers gives a test output: {body['data']}", curves)


def _lines(measured: Sequence[Measured]) -> Iterable[str]:
    for one in measured:
        for kind, by_seed in (("solve", one.rows), ("edits", one.edits)):
            for seed, rows in by_seed.items():
                for row in rows.values():
                    about = {"checkpoint": one.checkpoint.name, "kind": kind, "seed": seed}
                    yield json.dumps({**about, **asdict(row)}) + "\n"


def _whole(file: Path, text: str) -> None:
    waiting = file.with_name(f"{file.name}.part")
    waiting.write_text(text, "utf-8")
    waiting.replace(file)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _scored(found: dict[str, Any] | None) -> str:
    if found is None:
        return "not known"
    return f"{_percent(found['mean'])} +- {_percent(found['standard_error'])}"


def _seeds(found: dict[str, Any] | None) -> str:
    return "" if found is None else ", ".join(_percent(value) for value in found["by_seed"].values())


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _signed(value: float | None) -> str:
    return "-" if value is None else f"{value:+.4f}"


def _count(value: int | None) -> str:
    return "not known" if value is None else str(value)


def _spread(found: dict[str, float]) -> str:
    return f"{found['mean']:g} / {found['p90']:g}"


def _kinds(found: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in list(found.items())[:4]) or "-"
