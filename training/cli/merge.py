"""`arc-train merge`: base + adapter = a model folder of its own."""

from pathlib import Path
from typing import Annotated

import typer

from arc_submit.cli.common import example_lines, machine_line, print_table
from training.cli.app import app


@app.command(
    "merge",
    epilog=example_lines(
        "arc-train merge weights/small out/tuned/adapter out/merged",
        "arc-train merge models/Qwen2.5-7B-Instruct out/tuned/adapter out/merged --dtype bfloat16",
    ),
)
def merge_command(
    base: Annotated[Path, typer.Argument(help="Model folder that the adapter was trained on.")],
    adapter: Annotated[Path, typer.Argument(help="Adapter folder: LoRA, rsLoRA or DoRA.")],
    out: Annotated[Path, typer.Argument(help="Folder to be written.")],
    dtype: Annotated[str, typer.Option(help="auto (the base's own), float32, bfloat16 or float16.")] = "auto",
    shard_size: Annotated[
        str | None, typer.Option(help="Of a weights file, e.g. 5GB; default: 15MB for small models.")
    ] = None,
    tolerance: Annotated[
        float, typer.Option(help="Largest change of a logit by the cast, as a share of the largest logit.")
    ] = 0.05,
    replace: Annotated[bool, typer.Option("--replace", help="Replace what is in OUT.")] = False,
) -> None:
    """Fuse an adapter into its base; logits before and after are compared, and a bad fusion is refused."""
    from dataclasses import asdict

    from training.merge import merge

    found = merge(base, adapter, out, dtype=dtype, shard_size=shard_size, tolerance=tolerance, replace=replace)
    rows = [
        (name, f"{one.largest:.2g}", f"{one.share:.3%}", f"{one.agreement:.1%}", one.places)
        for name, one in ((f"fused ({found.kind})", found.fused), (f"rounded to {found.dtype}", found.rounded))
    ]
    headings = ("logits after", "largest change", "of the largest", "same token", "places")
    print_table(f"{out}: {found.parameters:,} parameters, {found.bytes / 1e6:,.1f} MB", headings, rows)
    machine_line({"command": "merge", **asdict(found), "folder": str(found.folder)})
