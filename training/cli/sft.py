"""`arc-train sft`: dataset folder + model folder = an adapter or a model, here or as a Slurm job."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from arc_submit.cli.common import example_lines, machine_line, notices, print_table
from training.cli.app import app


@app.command(
    "sft",
    epilog=example_lines(
        "arc-train sft out/dataset --recipe toy",
        "arc-train sft out/dataset --recipe small-lora --set lora.rank=64 --set check.tasks=24",
        "arc-train sft out/dataset --model models/Qwen2.5-7B-Instruct --recipe qwen-7b-4bit --out out/seven",
        "accelerate launch --num_processes 4 -m training.sft out/dataset --model models/... --recipe qwen-7b",
        "arc-train sft out/dataset --model models/... --recipe qwen-7b --slurm partition=gpu,gpus=4,hours=12",
    ),
)
def sft_command(
    dataset: Annotated[Path, typer.Argument(help="Dataset folder, as `arc-train dataset` writes it.")],
    model: Annotated[str, typer.Option(help="Model folder; safetensors and a fast tokenizer.")] = "weights/small",
    out: Annotated[Path, typer.Option(help="Folder of the run; the same command goes on there.")] = Path("out/tuned"),
    recipe: Annotated[str, typer.Option(help="A name in training/recipes/sft, or a .toml file.")] = "small-lora",
    driver: Annotated[
        Literal["own", "trl"] | None, typer.Option(help="own: training.loop; trl: trl's SFTTrainer, for accelerators.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="One setting, e.g. --set lora.rank=16; repeatable.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of the adapter's start and the order of examples.")] = None,
    slurm: Annotated[
        str | None, typer.Option(help="Submit as a job, e.g. partition=gpu,gpus=4,hours=12,memory=120,cpus=16.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="With --slurm: until the job has ended.")] = False,
) -> None:
    """Fine-tune a model on a dataset: LoRA, rsLoRA, DoRA or all weights."""
    from training.tuning.settings import read

    chosen = read(recipe, settings or [], driver=driver, seed=seed)
    if slurm is not None:
        from training.tuning import slurm as cluster

        line = ["--model", model, "--recipe", recipe, *(word for one in settings or [] for word in ("--set", one))]
        line += ["--driver", chosen.driver, "--seed", str(chosen.seed)]
        job = cluster.submit(cluster.parse(slurm), cluster.command(dataset, out, line, cluster.parse(slurm)), out)
        notices.print(f"job {job.job_id}; its output: {job.paths.stdout}")
        state = cluster.waited(job) if wait else "submitted"
        machine_line({"command": "sft", "job": job.job_id, "state": state, "out": str(out)})
        return
    from dataclasses import asdict

    from training.sft import tune

    found = tune(dataset, model, out, chosen)
    if found is None:  # one of several processes
        return
    rows = [
        (name, *(f"{values[name]:.4f}" if name in values else "-" for values in (found.before, found.best)))
        for name in sorted({*found.before, *found.best})
    ]
    print_table(f"{found.result}: {found.tokens:,} tokens, {found.steps:,} steps", ("", "before", "kept"), rows)
    machine_line({"command": "sft", **{name: value for name, value in asdict(found).items() if name != "curves"}})
