"""The application that commands hang themselves on, and what becomes of errors."""

import sys
from typing import Annotated

import typer

from arc_submit import __version__
from arc_submit.cli.common import console
from arc_submit.errors import ArcSubmitError, UserError

app = typer.Typer(
    name="arc-submit",
    help="Programs for ARC Prize tasks: challenges.json in, submission.json out.",
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
