"""One zygote as the host sees it: start it, hand it a request, collect its reply, kill it.

Neither pipe of the host ever blocks: a stopped or broken zygote costs the host a timeout, not its life.
"""

import contextlib
import errno
import importlib.util
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from arc_submit.errors import SandboxError
from arc_submit.sandbox.config import SandboxConfig
from arc_submit.sandbox.protocol import LENGTH, MAX_FRAME, REPLY, TAPE_BYTES

# The package's own __init__ is the host's side (pydantic and all): the zygote goes round it.
BOOT: Final = """
import sys
from types import ModuleType
package = ModuleType("arc_submit.sandbox")
package.__path__ = [sys.argv[1]]
sys.modules[package.__name__] = package
from arc_submit.sandbox.zygote import main
main(sys.argv[2:])
"""
HERE: Final = Path(__file__).resolve().parent
SEEDS: Final = (0, 1)  # of lane A, and of lane B, which repeats
PERTURB: Final = 165  # lane B's glibc fills fresh and freed memory from this byte


class LaneDied(Exception):
    """The zygote is gone or does not answer."""


class Lane:
    """A started zygote; at most one request at a time."""

    def __init__(self, config: SandboxConfig, recheck: bool) -> None:
        """Start and wait until it is locked. SandboxError: it cannot be."""
        self._inbox, self._outbox = bytearray(), memoryview(b"")
        self._owner = os.getpid()
        self.alive = True
        theirs, self._requests = os.pipe()
        self._replies, their_replies = os.pipe()
        errors, their_errors = os.pipe()
        for ours in (self._requests, self._replies, errors):
            os.set_blocking(ours, False)
        try:
            self._process = _spawn(config, recheck, theirs, their_replies, their_errors)
        finally:
            for descriptor in (theirs, their_replies, their_errors):
                os.close(descriptor)
        try:
            self.hello: dict[str, Any] = json.loads(self._first_frame(config.start_seconds))
        except (LaneDied, ValueError) as error:
            said = _drain(errors)
            self.kill()
            raise SandboxError(f"a sandbox process did not start: {said or error}") from None
        finally:
            os.close(errors)

    @property
    def pid(self) -> int:
        return self._process.pid

    def idle_and_well(self) -> bool:
        """Is it still there? A zygote ends with the thread that started it, without anyone's fault."""
        return self.alive and self._process.poll() is None

    def _first_frame(self, seconds: float) -> bytes:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            select.select([self._replies], [], [], left)
            frame = self.receive()
            if frame is not None:
                return frame
        raise LaneDied(f"no sign of life within {seconds:g} s")

    def interest(self) -> tuple[int, int | None]:
        """The descriptor to read, and the one to write while a request is still on its way."""
        return self._replies, self._requests if self._outbox else None

    def send(self, frame: bytes) -> None:
        """Begin a request. LaneDied."""
        self._outbox = memoryview(frame)
        self.push()

    def push(self) -> None:
        """Write as much of the request as the pipe takes. LaneDied."""
        try:
            while self._outbox:
                self._outbox = self._outbox[os.write(self._requests, self._outbox) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            raise LaneDied("its request pipe is closed") from None

    def receive(self) -> bytes | None:
        """Read what there is; the frame once it is whole. LaneDied."""
        while True:
            try:
                part = os.read(self._replies, 1 << 20)
            except BlockingIOError:
                return None
            if not part:
                raise LaneDied("its reply pipe is closed")
            self._inbox += part
            if len(self._inbox) < LENGTH.size:
                continue
            (length,) = LENGTH.unpack_from(self._inbox)
            if length > min(MAX_FRAME, TAPE_BYTES + REPLY.size):
                raise LaneDied(f"a reply of {length} bytes")
            if len(self._inbox) >= LENGTH.size + length:
                frame = bytes(self._inbox[LENGTH.size : LENGTH.size + length])
                del self._inbox[: LENGTH.size + length]
                return frame

    def kill(self) -> None:
        """End the zygote and whatever it forked. May be called twice; a fork of the host leaves it alone."""
        if not self.alive or os.getpid() != self._owner:
            return
        self.alive = False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)  # it leads its own session
        self._process.kill()
        self._process.wait()
        os.close(self._requests)
        os.close(self._replies)


def _spawn(config: SandboxConfig, recheck: bool, requests: int, replies: int, errors: int) -> "subprocess.Popen[bytes]":
    options = {
        "seed": SEEDS[recheck],
        "preload": config.preload,
        "canary_every": config.canary_every,
        "memory_mb": config.memory_mb,
        "disable_layers": config.disable_layers,
        "host": os.getpid(),
    }
    arguments = [sys.executable, "-s", "-P", "-c", BOOT, str(HERE), str(requests), str(replies), json.dumps(options)]
    try:
        return subprocess.Popen(
            arguments,
            cwd="/",
            env=_environment(recheck),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            pass_fds=(requests, replies),
            start_new_session=True,
        )
    except OSError as error:
        raise SandboxError(f"a sandbox process did not start: {os.strerror(error.errno or errno.EIO)}") from error


def _environment(recheck: bool) -> dict[str, str]:
    """From scratch: no secrets, one thread, everything that could vary fixed."""
    numpy = importlib.util.find_spec("numpy")
    if numpy is None or numpy.origin is None:
        raise SandboxError("numpy is not installed")
    path = [str(HERE.parents[1]), str(Path(numpy.origin).parents[1])]
    variables = {
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(path)),
        "PYTHONHASHSEED": str(SEEDS[recheck]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
        "PATH": "/usr/bin:/bin",
        "MALLOC_ARENA_MAX": "1",
        **{f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")},
    }
    if recheck:
        variables["GLIBC_TUNABLES"] = f"glibc.malloc.perturb={PERTURB}"
    return variables


def _drain(descriptor: int) -> str:
    """The last line that a failed start-up wrote."""
    try:
        said = os.read(descriptor, 1 << 16).decode("utf-8", "replace").strip()
    except BlockingIOError:
        return ""
    return said.splitlines()[-1][:300] if said else ""
