"""The application that commands hang themselves on, and what becomes of errors."""

import sys
from typing import Annotated

import typer

from arc_submit import __version__
from arc_submit.cli.common import console, example_lines
from arc_submit.errors import ArcSubmitError, UserError

app = typer.Typer(
    name="arc-submit",
    help="Programs for ARC Prize tasks: challenges.json in, submission.json out.",
    epilog=example_lines(
        "arc-submit doctor",
        "arc-submit solve c1d99e64 --data arc1-training",
        "arc-submit run --data arc1-evaluation --limit 20 --seconds-per-task 10 --out out/try",
        "arc-submit score out/try",
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        console.print(__version__)
        raise typer.Exit


def main() -> None:
    """Console entry point."""
    try:
        app()
    except UserError as error:
        sys.stderr.write(f"arc-submit: {error}\n")
        sys.exit(2)
    except ArcSubmitError as error:
        sys.stderr.write(f"arc-submit: {error}\n")
        sys.exit(1)
