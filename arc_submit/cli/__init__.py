"""The command line. Every command prints for people first and ends with one JSON line for machines.

A user's mistake (`UserError`) is one line on standard error and exit code 2; a machine on which the kit cannot work is
one line and exit code 1; a run that was interrupted exits with 128 + the signal's number; everything else is a bug and
shows its traceback.
"""

# ruff: isort: skip_file
# `arc-submit --help` lists the commands in the order of these lines.
from arc_submit.cli import run  # noqa: F401
from arc_submit.cli import solve  # noqa: F401
from arc_submit.cli import plan  # noqa: F401
from arc_submit.cli import dryrun  # noqa: F401
from arc_submit.cli import kaggle  # noqa: F401
from arc_submit.cli import pack  # noqa: F401
from arc_submit.cli import look  # noqa: F401
from arc_submit.cli import serve  # noqa: F401
from arc_submit.cli.app import app, main

__all__ = ["app", "main"]
