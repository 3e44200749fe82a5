"""Stages: each may fail, none may hide that it did, and the next goes on with what there is."""

import time
import traceback
from collections.abc import Callable
from typing import TypeVar

from kernel.process import Stop, Stopped, within
from kernel.verdict import Verdict

T = TypeVar("T")


class Stages:
    """Runs the kernel's steps and writes down what became of them."""

    def __init__(self, verdict: Verdict, stop: Stop) -> None:
        self._verdict, self._stop = verdict, stop

    def attempt(
        self,
        name: str,
        work: Callable[[], T],
        otherwise: str,
        *,
        seconds: float | None = None,
        even_when_stopped: bool = False,
        grave: bool = True,
    ) -> T | None:
        """Return what `work` returns, or None: then its traceback is shown and the verdict holds name and reason.

        `otherwise`: what goes on without it, in words. `seconds`: how long it may take; then it works in a thread of
        its own, which is left behind if it does not answer. `grave`: a failure is a reason not to submit.
        """
        print(f"== {name}", flush=True)
        began = time.monotonic()
        stop = Stop() if even_when_stopped else self._stop
        try:
            stop.check()
            return work() if seconds is None else within(seconds, work, stop)
        except Stopped as stopped:
            self._verdict.fault(str(stopped))
        except Exception as error:  # whatever it is: shown whole, recorded, and the hand-in goes on
            traceback.print_exc()
            first, *_ = str(error).splitlines() or [""]
            tell = self._verdict.fault if grave else self._verdict.note
            tell(f"{name}: {type(error).__name__}: {first[:500]}; {otherwise}")
        finally:
            self._verdict.stages[name] = round(time.monotonic() - began, 1)
        return None
