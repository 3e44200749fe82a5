"""`arc-submit kaggle pack`: code, wheels, weights and notebook as folders that a push uploads."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from arc_submit import config
from arc_submit.cli.common import SetOption, example_lines, machine_line, notices, print_table
from arc_submit.cli.kaggle import kaggle_app

_EXAMPLES = example_lines(
    "arc-submit kaggle pack --owner jane-doe",
    "arc-submit kaggle pack --owner jane-doe --model out/merged --model-licence apache-2.0",
    "arc-submit kaggle pack --stack core --python 3.11 --out out/kaggle-core",
)


@kaggle_app.command("pack", epilog=_EXAMPLES)
def pack_(
    out: Annotated[Path, typer.Option(help="Folder of the pack; what is unchanged in it is kept.")] = Path(
        "out/kaggle"
    ),
    owner: Annotated[str | None, typer.Option(help="Kaggle account; none: a push fills it in.")] = None,
    stack: Annotated[
        str, typer.Option(help="Packages: gpu (vLLM, CUDA), cpu (a notebook without GPU), or core (no model).")
    ] = "gpu",
    python: Annotated[str, typer.Option(help="Python of the pinned image: 3.11, 3.12 or 3.13.")] = "3.12",
    model: Annotated[Path | None, typer.Option(help="Checkpoint folder; none: the small one of the kit.")] = None,
    model_licence: Annotated[
        str | None, typer.Option(help="Its licence as Kaggle names it; none: README.md's.")
    ] = None,
    code: Annotated[bool, typer.Option("--code/--no-code", help="Pack the code bundle.")] = True,
    wheels: Annotated[bool, typer.Option("--wheels/--no-wheels", help="Pack the wheels.")] = True,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Install the wheels once, without network.")] = True,
    preset: Annotated[
        str | None,
        typer.Option(help=f"One of {', '.join(config.presets())}; none: kaggle-4xl4 with --model, else laptop."),
    ] = None,
    set_: SetOption = None,
    root: Annotated[Path | None, typer.Option(help="Git checkout to pack; none: the one that runs this.")] = None,
) -> None:
    """Pack code, wheels, weights and notebook; nothing is uploaded."""
    from arc_submit.kaggle import bundle, cards, limits, pack, wheelhouse

    wishes = pack.Wishes(
        out,
        owner or cards.OWNER,
        stack,
        python,
        model,
        model_licence,
        preset or ("kaggle-4xl4" if model else "laptop"),
        tuple(set_ or ()),
        code,
        wheels,
        check,
        root,
    )
    pack.check(wishes)
    total = len(wheelhouse.read_lock(pack.lock_of(wishes, bundle.find_checkout(root)))) if wheels else 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=notices, transient=True, disable=not notices.is_terminal) as progress:
        bar = progress.add_task("wheels", total=total, visible=wheels)
        packed = pack.pack(
            wishes,
            say=lambda text: notices.print(escape(text), highlight=False),
            tick=lambda name: progress.update(bar, advance=1, description=escape(name[:40])),
        )
    print_table(
        f"{out}: arc-submit {packed.checkout.version}, commit {packed.checkout.commit[:12]}",
        ("thing", "files", "size", "id", "note"),
        [(part.thing, part.files, limits.gigabytes(part.bytes), part.id, part.note) for part in packed.parts],
    )
    machine_line(
        {
            "pack": str(out),
            "commit": packed.checkout.commit,
            "dirty": bool(packed.checkout.changed),
            "owner": owner,
            "checked": packed.tried.ok if packed.tried else None,
            "parts": pack.summary(packed.parts, out),
        }
    )
