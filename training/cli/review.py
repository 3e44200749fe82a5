"""`arc-train review`: accept or reject traces by hand, in a browser."""

import secrets
import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from arc_submit.cli.common import example_lines, machine_line, notices, print_table
from training.cli.app import app

_EXAMPLES = example_lines("arc-train review out/traces", "arc-train review out/traces --judged --port 8800 --open")


@app.command(epilog=_EXAMPLES)
def review(
    folder: Annotated[Path, typer.Argument(help="A folder that `arc-train traces` wrote.")],
    judged: Annotated[
        bool, typer.Option("--judged", help="Every answer that ran (judged.jsonl), not only traces.jsonl.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0: any that is free.")] = 0,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Review traces in a browser; decisions go to review.jsonl in the folder, at once. Ends on Ctrl-C.

    Only this machine can reach the page. Keys: j and k next and previous, a accept, r reject, u undo, x skip, 1-9
    reasons, / filter, ? help.
    """
    from arc_submit.serve.app import fastapi
    from arc_submit.serve.server import listen, url
    from training.edits.records import JUDGED, TRACES
    from training.review.app import serve
    from training.review.cards import Deck
    from training.review.decisions import NAME

    fastapi()
    token = secrets.token_urlsafe(18)
    with Deck(folder, JUDGED if judged else TRACES) as deck, listen("127.0.0.1", port) as bound:
        address = f"{url(bound)}/{token}/"
        before = deck.counts()
        notices.print(
            f"{before['traces']} traces, {before['open']} open. Ctrl-C ends; what was decided stays.",
            markup=False,
            highlight=False,
        )

        def ready() -> None:
            machine_line({"page": address, **before})
            if open_:
                webbrowser.open(address)

        serve(deck, token, bound, ready=ready)
        counts = deck.counts()
    print_table("reviewed", ("what", "number"), counts.items())
    machine_line({"review": str(folder / NAME), **counts})
    sys.stderr.flush()
