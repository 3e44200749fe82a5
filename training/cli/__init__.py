"""`arc-train`: traces, a dataset, tuned weights, and what they are worth.

A user's mistake (`UserError`) is one line on standard error and exit code 2; a machine or a server on which it cannot
work is one line and exit code 1; everything else is a bug and shows its traceback.
"""

# ruff: isort: skip_file
# `arc-train --help` lists the commands in the order of these lines.
from training.cli import traces  # noqa: F401
from training.cli import serve  # noqa: F401
from training.cli import review  # noqa: F401
from training.cli import dataset  # noqa: F401
from training.cli import sft  # noqa: F401
from training.cli import merge  # noqa: F401
from training.cli import evaluate  # noqa: F401
from training.cli.app import app, main

__all__ = ["app", "main"]
