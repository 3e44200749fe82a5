"""`arc-train`: traces, a dataset, tuned weights, and what they are worth.

A user's mistake (`UserError`) is one line on standard error and exit code 2; a machine or a server on which it cannot
work is one line and exit code 1; everything else is a bug and shows its traceback.
"""

# ruff: isort: skip_file
# `arc-train --help` lists the commands in the order of these lines.
from training.cli.app import app, main

__all__ = ["app", "main"]
