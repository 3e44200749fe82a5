"""One worker process: a sandbox and proposers that stay, cohorts in on standard input, events out.

Both ways one JSON object per line. In: first {"config": ...}, then {"cohort": [task, ...], "seconds": s}. Out: the
events of `arc_submit.trace`, with `idle` after each cohort. Events go to a private copy of standard output, and
standard output itself to the log, so nothing that prints can break the protocol. The worker ends when its input does.

Run by `arc_submit.run`; by hand: python -m arc_submit.worker
"""

import os
import signal
import sys
import time
from dataclasses import replace
from typing import Any

import orjson

from arc_submit import canary, trace
from arc_submit.config import RunConfig
from arc_submit.errors import ArcSubmitError
from arc_submit.sandbox import Sandbox
from arc_submit.search import proposers
from arc_submit.solve import Kit, solve


def main() -> None:
    """Serve cohorts until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the supervisor, which ends us
    events = os.dup(1)
    os.dup2(2, 1)

    def emit(event: dict[str, Any]) -> None:
        view = memoryview(trace.encode(event))
        while view:
            view = view[os.write(events, view) :]

    commands = (orjson.loads(line) for line in sys.stdin.buffer)
    config = RunConfig.model_validate(next(commands)["config"])
    with Sandbox(config.sandbox) as sandbox:
        kit = Kit(config, sandbox, proposers.build(config, time.monotonic))
        emit({"event": "worker", "state": "started", "sandbox": sandbox.report()})
        for command in commands:
            cohort = [trace.task(value) for value in command["cohort"]]
            settings = canary.settings(config) if cohort == [canary.TASK] else config
            solve(replace(kit, config=settings), cohort, time.monotonic() + command["seconds"], emit)
            emit({"event": "idle", "sandbox": sandbox.report()})
        for proposer in kit.proposers:
            proposer.close()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.exit(0)  # the supervisor is gone, and so is the reason to go on
    except ArcSubmitError as error:
        sys.exit(f"{type(error).__name__}: {error}")  # the last line of the log, which the supervisor shows
