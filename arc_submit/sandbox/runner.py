"""Runs programs, inside a forked child: compile, audit, load, call, normalise, write to the tape.

`except BaseException` appears here and only around code of the program: whatever it raises is its own doing.
"""

import gc
import math
import resource
import signal
import time
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

import numpy as np

from arc_submit.records import Dialect, Fault
from arc_submit.sandbox.audit import may_share
from arc_submit.sandbox.canary import Canary
from arc_submit.sandbox.normalise import NotAGrid, grid_bytes
from arc_submit.sandbox.protocol import DIALECTS, MAX_TEXT, ProgramText, Request, Tape
from arc_submit.sandbox.world import SHAREABLE, World

GROWTH_KB = 64 << 10  # a shared runner stops once it has grown by this much
CANARY_SECONDS = 5.0  # CPU time for one look; a broken canary must not run for ever

Call = Callable[[Callable[[Any], Any]], Any]
Inputs = dict[tuple[int, int], list[Call]]


def arm(cpu_seconds: float, wall_seconds: float) -> None:
    """Both timers kill by the signals' default action: no handler, so nothing to catch and no C loop too long."""
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    signal.setitimer(signal.ITIMER_REAL, wall_seconds)


def describe(error: BaseException) -> str:
    """Type, message and line of a hostile exception."""
    try:
        line, trace = 0, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == "<program>":
                line = trace.tb_lineno
            trace = trace.tb_next
        where = f"line {line}: " if line else ""
        return f"{where}{type(error).__name__}: {error}"[:MAX_TEXT]
    except BaseException:
        return "an exception that cannot be shown"


def fault_of(error: BaseException, otherwise: Fault) -> Fault:
    if isinstance(error, MemoryError):
        return Fault.MEMORY
    return Fault.EXIT if isinstance(error, SystemExit) else otherwise


def input_makers(task: tuple[tuple[int, int, bytes], ...], dialect: Dialect) -> list[Call]:
    """Per input a function that calls an entry with a fresh copy of it, in the dialect's form."""
    return [_input_maker(height, width, cells, dialect) for height, width, cells in task]


def _input_maker(height: int, width: int, cells: bytes, dialect: Dialect) -> Call:
    if dialect is Dialect.TRANSFORM:
        array = np.frombuffer(cells, np.uint8).reshape(height, width).astype(np.int64)
        copy = array.copy
        return lambda entry: entry(copy())
    rows = tuple(tuple(cells[at : at + width]) for at in range(0, height * width, width))
    if dialect is Dialect.SOLVE:
        return lambda entry: entry(rows)
    return lambda entry: entry([list(row) for row in rows])


class Runner:
    """Made once in the zygote; `isolated` and `shared` run in its children."""

    def __init__(self, world: World, canary_every: int) -> None:
        self._world = world
        self._every = canary_every
        self._canary = Canary(SHAREABLE)

    def isolated(self, request: Request, tape: Tape) -> None:
        """One program in a process that ends with it. Its timers run already: it could not be trusted to leave them."""
        text = request.programs[0]
        tape.begin(_cpu_us())
        for _ in self._steps(text, self._inputs(request, text, {}), False, tape):
            pass
        tape.end(_cpu_us())

    def shared(self, request: Request, tape: Tape, timers: bool = True) -> None:
        """Programs one after the other, with a canary between; stops early when memory grew or state changed."""
        gc.enable()
        start_kb, inputs, arm_timers = _peak_kb(), Inputs(), arm if timers else _no_timers
        now, last = _cpu_us(), len(request.programs)
        for count, text in enumerate(request.programs, 1):
            tape.begin(now)
            arm_timers(request.cpu_seconds, request.wall_seconds)
            self._one_of_many(text, self._inputs(request, text, inputs), tape)
            now = _cpu_us()
            tape.end(now)
            if count % self._every == 0 or count == last:
                arm_timers(CANARY_SECONDS, 10 * CANARY_SECONDS)
                if not self._canary.clean():
                    return tape.dirty()
                tape.clean()
                if _peak_kb() - start_kb > GROWTH_KB:
                    return None
        return None

    def _one_of_many(self, text: ProgramText, inputs: list[Call], tape: Tape) -> None:
        self._world.guard.refused = False
        for namespace in self._steps(text, inputs, True, tape):
            namespace.clear()  # breaks the cycles of functions and their globals, while the program still pays for it
        if self._world.guard.refused:
            tape.escalate()

    def _inputs(self, request: Request, text: ProgramText, known: Inputs) -> list[Call]:
        key = text.task, text.dialect
        if key not in known:
            known[key] = input_makers(request.tasks[text.task], DIALECTS[text.dialect])
        return known[key]

    def _steps(self, text: ProgramText, inputs: list[Call], shared: bool, tape: Tape) -> Iterator[dict[str, Any]]:
        """Run a program to its end or fault; yields its namespace when it is done with it."""
        if b"random" in text.source:  # costs 5 us, so only for those who ask
            self._world.reseed()
        code = _compile(text.source, tape)
        if code is None:
            return
        if shared and not may_share(code):
            return tape.escalate()
        namespace = self._world.namespace(DIALECTS[text.dialect] is Dialect.SOLVE, shared)
        if _load(code, namespace, tape):
            entry = namespace.get(text.entry.decode())
            if callable(entry):
                _call(entry, inputs, tape)
            else:
                tape.fault(Fault.ENTRY, f"no function {text.entry.decode()}", whole=True)
        yield namespace


def _compile(source: bytes, tape: Tape) -> CodeType | None:
    try:
        return compile(source.decode(), "<program>", "exec", 0, True)
    except Exception as error:  # SyntaxError, ValueError, RecursionError, OverflowError, MemoryError, SystemError
        failed = fault_of(error, Fault.SYNTAX), describe(error)
    tape.fault(*failed, whole=True)
    return None


def _load(code: CodeType, namespace: dict[str, Any], tape: Tape) -> bool:
    try:
        exec(code, namespace)
    except BaseException as error:
        failed = fault_of(error, Fault.LOAD), describe(error)
    else:
        return True
    tape.fault(*failed, whole=True)
    return False


def _call(entry: Callable[[Any], Any], inputs: list[Call], tape: Tape) -> None:
    for call in inputs:
        try:
            cells = grid_bytes(call(entry))
        except NotAGrid as error:
            failed = Fault.OUTPUT, str(error)
        except BaseException as error:
            failed = fault_of(error, Fault.ERROR), describe(error)
        else:
            tape.grid(cells)
            continue
        tape.fault(*failed)  # out here the program's frames, and what they held, are gone


def cpu_ceiling(request: Request) -> int:
    """Whole seconds after which the kernel kills a runner even if its timers were switched off."""
    return math.ceil(request.cpu_seconds * len(request.programs)) + 1


def _cpu_us() -> int:
    return time.process_time_ns() // 1000


def _peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _no_timers(cpu_seconds: float, wall_seconds: float) -> None:
    return None
