"""The process that programs are forked from: loads everything, locks itself, then serves one request after the other.

Started by exec with a clean environment, never forked from the process that holds models and truths. It runs no program
itself and decides nothing: one request, one runner, one reply. It ends when its request pipe does.
"""

import gc
import json
import mmap
import os
import platform
import signal
import sys
from typing import Any, Final

from arc_submit.sandbox.lockdown import Lockdown
from arc_submit.sandbox.protocol import (
    BROKEN,
    LENGTH,
    MAX_FRAME,
    OUT_OF_MEMORY,
    REPLY,
    TAPE,
    TAPE_BYTES,
    ProgramText,
    Request,
    Tape,
    decode_request,
)
from arc_submit.sandbox.runner import Runner, arm, cpu_ceiling
from arc_submit.sandbox.world import World

WARM_UP: Final = (
    (0, "transform", "import numpy as np\nfrom collections import Counter\ndef transform(grid):\n"
        "    out = np.zeros_like(grid)\n    out[grid > 0] = 3\n    return np.rot90(out).copy()\n"),
    (1, "solve", "from arc_dsl import *\ndef solve(I):\n    x = objects(I, T, F, T)\n    return vmirror(I)\n"),
    (1, "solve", "from arc_dsl import *\nfrom arc_ext import *\ndef solve(I):\n    return cells(layer(I))\n"),
    (2, "main", "def main(g):\n    return [[(c + 1) % 10 for c in r] for r in g]\n"),
    (0, "transform", "def transform(g):\n    return g + None\n"),
    (0, "transform", "def transform(g:\n"),
)  # fmt: skip


class Zygote:
    """One lane's process."""

    def __init__(self, options: dict[str, Any], requests: int, replies: int) -> None:
        self._requests, self._replies = requests, replies
        self._memory = mmap.mmap(-1, TAPE_BYTES)
        self._tape = memoryview(self._memory)
        world = World(options["seed"], options["preload"])
        self._runner = Runner(world, options["canary_every"])
        self._lockdown = Lockdown(options["disable_layers"], options["memory_mb"])
        self._warm_up()
        gc.collect()
        gc.disable()
        gc.freeze()  # the collector of a runner leaves the zygote's pages alone
        self._lockdown.zygote(options["host"])
        world.silence()  # last: until here an error reaches the host's ears

    def _warm_up(self) -> None:
        """Run the runner here, unlocked, on programs of our own: lazy imports happen and bytecode specialises once."""
        grid = (15, 15, bytes(range(9)) * 25)
        programs = [ProgramText(0, dialect, name.encode(), source.encode()) for dialect, name, source in WARM_UP]
        request = Request(True, 1.0, 1.0, ((grid, grid),), tuple(programs * 8))
        for _ in range(4):
            self._runner.shared(request, Tape(self._tape), timers=False)
            self._runner.isolated(request, Tape(self._tape))
        self._tape[: 1 << 16] = bytes(1 << 16)

    def hello(self) -> None:
        layers = self._lockdown.layers
        numpy = sys.modules["numpy"].__version__
        versions = {"python": platform.python_version(), "numpy": numpy, "kernel": platform.release()}
        self._send(json.dumps({"layers": layers, "grade": self._lockdown.grade(), "versions": versions}).encode())

    def serve(self) -> None:
        while (body := self._receive()) is not None:
            self._send(self._one(decode_request(body)))

    def _one(self, request: Request) -> bytes:
        TAPE.pack_into(self._tape, 0, TAPE.size, 0, 0, 0, 0)
        child = self._lockdown.fork()
        if child == 0:
            self._become_runner(request)
        _, status, usage = os.wait4(child, 0)
        used = min(max(TAPE.unpack_from(self._tape)[0], TAPE.size), TAPE_BYTES)
        tape = bytes(self._tape[:used])
        self._tape[:used] = bytes(used)  # the next program finds nothing of this one
        cpu_us = int((usage.ru_utime + usage.ru_stime) * 1e6)
        return REPLY.pack(status, cpu_us, usage.ru_maxrss, child) + tape

    def _become_runner(self, request: Request) -> None:
        """In the child. Leaves by _exit whatever happens, so that a runner can never act as the zygote."""
        status = BROKEN
        try:
            tape = Tape(self._tape)
            os.close(self._requests)
            os.close(self._replies)
            arm(request.cpu_seconds, request.wall_seconds)
            self._lockdown.runner(request.shared, cpu_ceiling(request))
            tape.locked()
            (self._runner.shared if request.shared else self._runner.isolated)(request, tape)
            status = 0
        except MemoryError:
            status = OUT_OF_MEMORY
        finally:
            os._exit(status)

    def _receive(self) -> bytes | None:
        head = self._read(LENGTH.size)
        if head is None:
            return None
        (length,) = LENGTH.unpack(head)
        if length > MAX_FRAME:
            raise ValueError(f"request of {length} bytes")
        return self._read(length)

    def _read(self, count: int) -> bytes | None:
        """Exactly `count` bytes; None: the host is gone."""
        parts = []
        while count:
            part = os.read(self._requests, count)
            if not part:
                return None
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _send(self, body: bytes) -> None:
        rest = memoryview(LENGTH.pack(len(body)) + body)
        while rest:
            rest = rest[os.write(self._replies, rest) :]


def main(arguments: list[str]) -> None:
    """`requests replies options`: two descriptors and a JSON object."""
    zygote = Zygote(json.loads(arguments[2]), int(arguments[0]), int(arguments[1]))
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.close(2)  # errors of the start-up went to the host; from here on there is nothing to say
    zygote.hello()
    try:
        zygote.serve()
    except BrokenPipeError:  # the host is gone
        os._exit(0)
