"""One worker process: a sandbox and proposers that stay, cohorts in on standard input, events out.

Both ways one JSON object per line. In: first {"config": ...}, then {"cohort": [task, ...], "seconds": s}. Out: the
events of `arc_submit.trace`, with `idle` after each cohort. While a language model decodes, `tokens` says every few
seconds how far it has come: a worker that decodes is alive, one that hangs falls silent. Events go to a private copy of
standard output, and standard output itself to the log, so nothing that prints can break the protocol. The worker ends
when its input does.

Run by `arc_submit.run`; by hand: python -m arc_submit.worker
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import orjson

from arc_submit import canary, trace
from arc_submit.config import LANGUAGE, RunConfig
from arc_submit.errors import ArcSubmitError
from arc_submit.sandbox import Sandbox
from arc_submit.search import Proposer
from arc_submit.solve import Emit, opened, solve

_PULSE = 5.0  # seconds between words on the tokens decoded


def main() -> None:
    """Serve cohorts until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the supervisor, which ends us
    events = os.dup(1)
    os.dup2(2, 1)
    lock = threading.Lock()

    def emit(event: dict[str, Any]) -> None:
        with lock:
            view = memoryview(trace.encode(event))
            while view:
                view = view[os.write(events, view) :]

    commands = (orjson.loads(line) for line in sys.stdin.buffer)
    config = RunConfig.model_validate(next(commands)["config"])
    if set(config.search.proposers) & set(LANGUAGE):
        emit({"event": "worker", "state": "loading"})
    with Sandbox(config.sandbox) as sandbox, opened(config, sandbox) as kit:
        produced = pulse(kit.proposers, emit)
        emit({"event": "worker", "state": "started", "sandbox": sandbox.report()})
        for command in commands:
            cohort = [trace.task(value) for value in command["cohort"]]
            settings = canary.settings(config) if cohort == [canary.TASK] else config
            solve(replace(kit, config=settings), cohort, time.monotonic() + command["seconds"], emit)
            emit({"event": "idle", "sandbox": sandbox.report(), "produced": produced()})


def pulse(proposers: Sequence[Proposer], emit: Emit, seconds: float = _PULSE) -> Callable[[], int]:
    """Say `tokens` every so many seconds in which their number has grown; return what counts them."""

    def produced() -> int:
        return sum(proposer.produced for proposer in proposers)

    def beat() -> None:
        said = 0
        while True:
            time.sleep(seconds)
            now = produced()
            if now > said:
                said = now
                try:
                    emit({"event": "tokens", "produced": now})
                except OSError:
                    return  # the supervisor is gone; the main thread finds out by itself

    threading.Thread(target=beat, daemon=True, name="pulse").start()
    return produced


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.exit(0)  # the supervisor is gone, and so is the reason to go on
    except ArcSubmitError as error:
        sys.exit(f"{type(error).__name__}: {error}")  # the last line of the log, which the supervisor shows
