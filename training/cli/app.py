"""The application that commands hang themselves on, and what becomes of errors."""

import sys

import typer

from arc_submit.errors import ArcSubmitError, UserError

app = typer.Typer(
    name="arc-train",
    help="Make weights: traces of teachers -> a dataset -> fine-tuning -> merged weights -> what they are worth.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def _several() -> None:
    """Commands are named even where there is only one."""


def main() -> None:
    """Console entry point."""
    try:
        app()
    except UserError as error:
        sys.stderr.write(f"arc-train: {error}\n")
        sys.exit(2)
    except ArcSubmitError as error:
        sys.stderr.write(f"arc-train: {error}\n")
        sys.exit(1)
