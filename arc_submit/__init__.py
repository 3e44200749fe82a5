"""arc-submit: programs for ARC Prize tasks, from challenges.json to submission.json.

This file stays empty of imports: a sandbox process imports `arc_submit.dsl` and must not drag anything else along.
"""

__version__ = "0.1.0"
