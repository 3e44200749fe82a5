"""The application that commands hang themselves on, and what becomes of errors."""

import sys
from collections.abc import Callable

import typer

from arc_submit.cli.common import example_lines
from arc_submit.errors import ArcSubmitError, UserError

app = typer.Typer(
    name="arc-train",
    help="Make weights: traces of teachers -> a dataset -> fine-tuning -> merged weights -> what they are worth.",
    epilog=example_lines(
        "arc-train traces --teacher symbolic --tasks 20 --out out/traces",
        "arc-train dataset out/traces --out out/dataset",
        "arc-train sft out/dataset --out out/tuned",
        "arc-train merge weights/small out/tuned/adapter out/merged",
        "arc-train evaluate out/merged --against weights/small --edits",
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def _several() -> None:
    """Commands are named even where there is only one."""


def main() -> None:
    """Console entry point."""
    spoken(app)


def spoken(command: Callable[[], object]) -> None:
    """Run a command; a user's mistake is one line and exit code 2, another error of ours one line and exit code 1."""
    try:
        command()
    except UserError as error:
        sys.stderr.write(f"arc-train: {error}\n")
        sys.exit(2)
    except ArcSubmitError as error:
        sys.stderr.write(f"arc-train: {error}\n")
        sys.exit(1)
