"""One worker process: a sandbox and proposers that stay, cohorts in on standard input, events out.

Both ways one JSON object per line. In: first {"config": ...}, then {"cohort": [task, ...], "seconds": s, "seeds": {task
id: [program, ...]}}. Out: the events of `arc_submit.trace`, with `idle` after each cohort. While a language model
decodes, a sandbox runs programs or an adapter learns, `tokens` says every few seconds how far they have come: a worker
that gets on is alive, one that hangs falls silent. One that cannot go on says why (`worker`, state `failed`) and ends.
Events go to a private copy of standard output, and standard output itself to the log, so nothing that prints can break
the protocol. The worker ends when its input does.

Run by `arc_submit.run`; by hand: python -m arc_submit.worker
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import orjson

from arc_submit import canary, trace
from arc_submit.config import LANGUAGE, RunConfig
from arc_submit.errors import NO_MEMORY, ArcSubmitError, EngineError, SandboxError, WeightsError
from arc_submit.sandbox import Sandbox
from arc_submit.solve import Emit, Kit, opened, solve
from arc_submit.symbolic.ideas import COMPILED

_PULSE = 5.0  # seconds between words on the tokens decoded


def main() -> None:
    """Serve cohorts until the input ends."""
    for number in (signal.SIGINT, signal.SIGTERM):  # these are for the supervisor, which ends us
        signal.signal(number, signal.SIG_IGN)
    events = os.dup(1)
    os.dup2(2, 1)
    lock = threading.Lock()

    def emit(event: dict[str, Any]) -> None:
        with lock:
            view = memoryview(trace.encode(event))
            while view:
                view = view[os.write(events, view) :]

    try:
        _serve((orjson.loads(line) for line in sys.stdin.buffer), emit)
    except BrokenPipeError:
        raise
    except Exception as error:
        emit({"event": "worker", "state": "failed", "kind": kind_of(error), "why": _words(error)})
        raise


def _serve(commands: Iterator[Any], emit: Emit) -> None:
    config = RunConfig.model_validate(next(commands)["config"])
    if set(config.search.proposers) & {*LANGUAGE, *COMPILED}:  # a model loads, or kernels compile
        emit({"event": "worker", "state": "loading"})
    with Sandbox(config.sandbox) as sandbox, opened(config, sandbox) as kit:
        produced = pulse(kit, emit)
        emit({"event": "worker", "state": "started", "sandbox": sandbox.report()})
        for command in commands:
            cohort = [trace.task(value) for value in command["cohort"]]
            seeds = {key: [trace.program(value) for value in values] for key, values in command["seeds"].items()}
            settings = canary.settings(config) if cohort == [canary.TASK] else config
            solve(replace(kit, config=settings), cohort, time.monotonic() + command["seconds"], emit, seeds)
            emit({"event": "idle", "sandbox": sandbox.report(), "produced": produced()})


def _end() -> None:
    os._exit(0)


def pulse(kit: Kit, emit: Emit, seconds: float = _PULSE, gone: Callable[[], None] = _end) -> Callable[[], int]:
    """Say `tokens` every so many seconds in which anything has got on; return what counts the tokens decoded.

    Args:
        gone: called where the supervisor is no more: nobody waits for what the main thread is at, and its accelerator
            is wanted.
    """

    def produced() -> int:
        return sum(proposer.produced for proposer in kit.proposers)

    def beat() -> None:
        said = (0, 0, 0)
        while True:
            time.sleep(seconds)
            now = produced(), kit.sandbox.looks, kit.learner.steps if kit.learner is not None else 0
            if now > said:
                said = now
                try:
                    emit({"event": "tokens", "produced": now[0]})
                except OSError:
                    gone()
                    return

    threading.Thread(target=beat, daemon=True, name="pulse").start()
    return produced


def kind_of(error: Exception) -> str:
    """Return what a worker's end is due to: memory, weights, engine, sandbox, or nothing that is known."""
    said = str(error).lower()
    if isinstance(error, MemoryError) or any(words in said for words in NO_MEMORY):
        return "memory"
    kinds = ((WeightsError, "weights"), (EngineError, "engine"), (SandboxError, "sandbox"))
    return next((kind for home, kind in kinds if isinstance(error, home)), "")


def _words(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.exit(0)  # the supervisor is gone, and so is the reason to go on
    except ArcSubmitError as error:
        sys.exit(f"{type(error).__name__}: {error}")  # the last line of the log, which the supervisor shows
