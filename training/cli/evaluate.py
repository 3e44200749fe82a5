"""`arc-train evaluate`: what a checkpoint can do, and whether it can do more than another one."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from arc_submit import devices
from arc_submit.cli.common import SetOption, machine_line, notices, print_table
from arc_submit.config import SampleConfig, cores
from arc_submit.errors import ConfigError
from training.cli.app import app

ON_CPU, ON_GPU = 4, 16  # tasks in one engine batch
NONE = "none"


@app.command(
    epilog="Examples: arc-train evaluate weights/small --tasks 20 --programs 32 · "
    "arc-train evaluate weights/small --adapter out/sft/adapter --against weights/small --edits · "
    "arc-train evaluate MODEL --data arc1-evaluation --tasks 0 --set prompts.style=chat --set sample.max_new_tokens=999"
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
    set_: SetOption = None,
) -> None:
    """Measure a checkpoint: solve rate, near misses, thinking, edits; with --against also whether it is the better one.

    p@2 is per test output, as Kaggle scores it. What was measured is kept in --out, so a stopped evaluation goes on.
    """
    from rich.progress import Progress

    from training.evaluate import checkpoints as known
    from training.evaluate import figures, page, run, subjects
    from training.evaluate.journal import Journal
    from training.evaluate.peers import peers

    sample, prompt_settings = known.settings(set_ or ())
    chosen = [known.open_checkpoint(model, _adapter(model, adapter, sample), sample)]
    if against is not None or against_adapter is not None:
        second = against or model
        chosen.append(known.open_checkpoint(second, _adapter(second, against_adapter, sample), sample))
        if chosen[0].identity() == chosen[1].identity():
            raise ConfigError(f"{chosen[0].name}: compared with itself; name another --against or --against-adapter")
        chosen = known.told_apart(chosen)
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
    warnings = _warnings(chosen, found, known.told)
    for line in warnings:
        notices.print(f"[bold red]{escape(line)}[/bold red]", highlight=False, soft_wrap=True)
    with Journal(out) as journal, Progress(console=notices, disable=not sys.stderr.isatty()) as bar:
        shown = bar.add_task("tasks x seeds", total=run.tasks_of(plan, chosen))
        measured = run.run(plan, chosen, journal, lambda more: bar.update(shown, advance=more))
    divisions = subjects.buckets([subject.task for subject in found.members], parted)
    body: dict[str, Any] = {
        "data": data,
        "tasks": len(found.members),
        "of": found.total,
        "without_solutions": found.unknown,
        "warnings": warnings,
        "prompts": prompts.model_dump(mode="json"),
        "settings": {
            "programs": programs,
            "views": plan.views,
            "seeds": list(plan.seeds),
            "children": children if edits else 0,
            "parents": parents if edits else 0,
            "sample": sample.model_dump(mode="json", exclude={"model", "adapter"}),
        },
        "checkpoints": {
            one.checkpoint.name: {
                "solve": figures.solving(one.rows),
                "by_difficulty": figures.by_difficulty(one.rows, divisions),
                **({"edits": figures.editing(one.edits)} if edits else {}),
                "seen": [f"{word.part}: {word.verdict}: {word.why}" for word in one.checkpoint.words(data)],
            }
            for one in measured
        },
    }
    if len(measured) == 2:
        body["compared"] = figures.compare(*measured)
    others = [one for metric in ("p@2", "p@n") for one in peers(data, metric)]
    page.write(out, body, measured, others)
    for table in page.tables(body, others):
        print_table(table.title, table.headings, table.rows)
    for line in page.verdicts(body):
        typer.echo(line)
    machine_line(_line(body, out))


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


def _warnings(chosen: Any, found: Any, told: Any) -> list[str]:
    """What a reader of the figures has to know before anything else."""
    lines = []
    for checkpoint in chosen:
        for word in checkpoint.words(found.data):
            if word.verdict == "seen":
                lines.append(
                    f"SEEN: {checkpoint.name}, {word.part}: {word.why}. These figures say nothing about new tasks."
                )
            elif word.verdict == "unknown":
                lines.append(f"warning: {checkpoint.name}, {word.part}: {word.why}")
        if not told(checkpoint):
            lines.append(
                f"warning: {checkpoint.name}: nothing says which prompts it was tuned on; instruct models want "
                "--set prompts.style=chat"
            )
    if found.unknown:
        lines.append(
            f"warning: test outputs of {found.unknown} of {len(found.members)} tasks are not known: p@2 and oracle are "
            + ("not known" if found.unknown == len(found.members) else "of the others")
        )
    return lines


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
