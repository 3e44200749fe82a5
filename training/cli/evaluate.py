"""`arc-train evaluate`: what a checkpoint can do, and whether it can do more than another one."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from arc_submit import devices
from arc_submit.cli.common import example_lines, machine_line, notices, print_table
from arc_submit.config import SampleConfig, cores
from arc_submit.errors import ConfigError
from training.cli.app import app

if TYPE_CHECKING:
    from training.evaluate.checkpoints import Checkpoint
    from training.evaluate.peers import Peer
    from training.evaluate.run import Measured, Plan
    from training.evaluate.subjects import Buckets, Subjects

ON_CPU, ON_GPU = 4, 16  # tasks in one engine batch
NONE = "none"


@app.command(
    epilog=example_lines(
        "arc-train evaluate weights/small --tasks 20 --programs 32",
        "arc-train evaluate weights/small --adapter out/tuned/adapter --against weights/small --edits",
        "arc-train evaluate MODEL --data arc1-evaluation --tasks 0 --set prompts.style=chat "
        "--set sample.max_new_tokens=999",
    )
)
def evaluate(
    model: Annotated[str, typer.Argument(help="Model folder.")],
    adapter: Annotated[
        str | None, typer.Option(help="LoRA folder, or none; default: the model's own `adapter` where it has one.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="A second model folder, on the same tasks, seeds and prompts; paired.")
    ] = None,
    against_adapter: Annotated[
        str | None, typer.Option(help="Its LoRA folder, or none; alone: MODEL with this adapter is the second one.")
    ] = None,
    data: Annotated[
        str, typer.Option(help="held-out, a public set, generated[:NAME,..], a tasks file or folder, tasks.jsonl.")
    ] = "held-out",
    tasks: Annotated[int, typer.Option(min=0, help="So many, spread evenly; 0: all.")] = 100,
    programs: Annotated[int, typer.Option(min=1, help="Answers asked for per task.")] = 64,
    views: Annotated[int, typer.Option(min=1, help="Views that a task is shown in.")] = 16,
    seeds: Annotated[str, typer.Option(help="Comma-separated; each is a whole evaluation.")] = "0,1,2",
    edits: Annotated[
        bool, typer.Option("--edits", help="Also: edits of weak programs, the same for every one.")
    ] = False,
    children: Annotated[int, typer.Option(min=1, help="Edits asked of each parent.")] = 16,
    parents: Annotated[int, typer.Option(min=1, help="Programs to edit of each task, at most.")] = 4,
    difficulty: Annotated[
        Path | None, typer.Option(help="Folder of traces, or its difficulty.json: tasks are parted by it.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the results; the same command goes on there.")] = Path(
        "out/evaluate"
    ),
    processes: Annotated[
        int | None, typer.Option(min=1, help="Each has the model once (default: one a core; one with a GPU).")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of prompts.* or sample.*, e.g. --set prompts.style=chat; repeatable."),
    ] = None,
) -> None:
    """Measure a checkpoint: solve rate, near misses, thinking, edits; with --against also whether it is the better one.

    p@2 is per test output, as Kaggle scores it. What was measured is kept in --out, so a stopped evaluation goes on.
    """
    from training.evaluate import checkpoints as known
    from training.evaluate import figures, page, run, subjects
    from training.evaluate.peers import peers

    sample, prompt_settings = known.settings(set_ or ())
    chosen = _checkpoints(model, adapter, against, against_adapter, sample)
    prompts = known.prompts_for(chosen, prompt_settings)
    parted = subjects.read_difficulty(difficulty) if difficulty is not None else None
    found = subjects.gather(data, tasks)
    plan = run.Plan(
        subjects=found,
        prompts=prompts,
        programs=programs,
        views=min(views, programs),
        seeds=_seeds(seeds),
        edits=edits,
        children=children,
        parents=parents,
        processes=processes or _processes(sample),
        together=ON_GPU if devices.visible() else ON_CPU,
    )
    divisions = subjects.buckets([one.task for one in found.members], parted)
    warnings = _warned(chosen, found)
    measured = _measured(plan, chosen, out)
    sides = {one.checkpoint.name: _side(one, edits, data, divisions) for one in measured}
    body = _body(plan, sample, data, warnings, sides)
    if len(measured) == 2:
        body["compared"] = figures.compare(*measured)
    others = [one for metric in ("p@2", "p@n") for one in peers(data, metric)]
    page.write(out, body, measured, others)
    _show(body, others)
    machine_line(_line(body, out))


# What is compared. ---------------------------------------------------------------------------------------------------


def _checkpoints(
    model: str, adapter: str | None, against: str | None, against_adapter: str | None, sample: SampleConfig
) -> "list[Checkpoint]":
    """One, or with --against or --against-adapter two that differ, by names that differ."""
    from training.evaluate import checkpoints as known

    chosen = [known.open_checkpoint(model, _adapter(model, adapter, sample), sample)]
    if against is None and against_adapter is None:
        return chosen
    second = against or model
    chosen.append(known.open_checkpoint(second, _adapter(second, against_adapter, sample), sample))
    if chosen[0].identity() == chosen[1].identity():
        raise ConfigError(f"{chosen[0].name}: compared with itself; name another --against or --against-adapter")
    return known.told_apart(chosen)


def _adapter(model: str, said: str | None, sample: SampleConfig) -> str | None:
    """The adapter's folder; of the default name only where the model has one, as the solver does it."""
    if said is not None:
        return None if said == NONE else said
    default = str(SampleConfig.model_fields["adapter"].default)
    return default if sample.engine not in ("openai", "scripted") and (Path(model) / default).is_dir() else None


def _seeds(text: str) -> tuple[int, ...]:
    try:
        found = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ConfigError(f"--seeds {text}: expected whole numbers, e.g. 0,1,2") from None
    if len(set(found)) < len(found):
        raise ConfigError(f"--seeds {text}: a seed twice is the same measurement twice")
    return found


def _processes(sample: SampleConfig) -> int:
    return 1 if devices.visible() or sample.engine != "hf" else cores()


# Measuring. ----------------------------------------------------------------------------------------------------------


def _measured(plan: "Plan", chosen: "list[Checkpoint]", out: Path) -> "list[Measured]":
    from rich.progress import Progress

    from training.evaluate import run
    from training.evaluate.journal import Journal

    with Journal(out) as journal, Progress(console=notices, disable=not sys.stderr.isatty()) as bar:
        shown = bar.add_task("tasks x seeds", total=run.tasks_of(plan, chosen))
        return run.run(plan, chosen, journal, lambda more: bar.update(shown, advance=more))


def _warned(chosen: "list[Checkpoint]", found: "Subjects") -> list[str]:
    """Say what a reader of the figures has to know before anything else, and return it."""
    warnings = [*(line for checkpoint in chosen for line in _of_checkpoint(checkpoint, found.data)), *_of_tasks(found)]
    for line in warnings:
        notices.print(f"[bold red]{escape(line)}[/bold red]", highlight=False, soft_wrap=True)
    return warnings


def _of_checkpoint(checkpoint: "Checkpoint", data: str) -> Iterator[str]:
    from training.evaluate.checkpoints import told

    for word in checkpoint.words(data):
        if word.verdict == "seen":
            yield f"SEEN: {checkpoint.name}, {word.part}: {word.why}. These figures say nothing about new tasks."
        elif word.verdict == "unknown":
            yield f"warning: {checkpoint.name}, {word.part}: {word.why}"
    if not told(checkpoint):
        yield (
            f"warning: {checkpoint.name}: nothing says which prompts it was tuned on; instruct models want "
            "--set prompts.style=chat"
        )


def _of_tasks(found: "Subjects") -> Iterator[str]:
    if found.unknown:
        yield (
            f"warning: test outputs of {found.unknown} of {len(found.members)} tasks are not known: p@2 and oracle are "
            + ("not known" if found.unknown == len(found.members) else "of the others")
        )


# What is written and shown. ------------------------------------------------------------------------------------------


def _body(plan: "Plan", sample: SampleConfig, data: str, warnings: list[str], sides: dict[str, Any]) -> dict[str, Any]:
    """What evaluation.json says."""
    found = plan.subjects
    return {
        "data": data,
        "tasks": len(found.members),
        "of": found.total,
        "without_solutions": found.unknown,
        "warnings": warnings,
        "prompts": plan.prompts.model_dump(mode="json"),
        "settings": {
            "programs": plan.programs,
            "views": plan.views,
            "seeds": list(plan.seeds),
            "children": plan.children if plan.edits else 0,
            "parents": plan.parents if plan.edits else 0,
            "sample": sample.model_dump(mode="json", exclude={"model", "adapter"}),
        },
        "checkpoints": sides,
    }


def _side(one: "Measured", edits: bool, data: str, divisions: "Buckets") -> dict[str, Any]:
    """The figures of one checkpoint."""
    from training.evaluate import figures

    return {
        "solve": figures.solving(one.rows),
        "by_difficulty": figures.by_difficulty(one.rows, divisions),
        **({"edits": figures.editing(one.edits)} if edits else {}),
        "seen": [f"{word.part}: {word.verdict}: {word.why}" for word in one.checkpoint.words(data)],
    }


def _show(body: dict[str, Any], others: "list[Peer]") -> None:
    from training.evaluate import page

    for table in page.tables(body, others):
        print_table(table.title, table.headings, table.rows)
    for line in page.verdicts(body):
        typer.echo(line)


def _line(body: dict[str, Any], out: Path) -> dict[str, Any]:
    """The line for machines: the figures that decide; the rest is in the folder."""
    sides = {}
    for name, side in body["checkpoints"].items():
        p2, oracle = side["solve"]["p2"], side["solve"]["oracle"]
        sides[name] = {
            "p2": p2 and p2["mean"],
            "p2_standard_error": p2 and p2["standard_error"],
            "oracle": oracle and oracle["mean"],
            "tasks_with_passer": side["solve"]["tasks_with_passer"],
            "best_program_cells": side["solve"]["near"]["best_program"],
            **({"share_better": side["edits"]["share_better"]} if "edits" in side else {}),
        }
    return {
        "command": "evaluate",
        "data": body["data"],
        "tasks": body["tasks"],
        "checkpoints": sides,
        **({"compared": body["compared"]} if "compared" in body else {}),
        "warnings": len(body["warnings"]),
        "out": str(out),
        "load": round(os.getloadavg()[0], 1),
    }
