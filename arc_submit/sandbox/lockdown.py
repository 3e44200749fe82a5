"""The kernel's layers, put on once in the zygote and once more in every runner. Each reports itself; none raises.

    zygote   dies with the host; own network and IPC; another user; not dumpable; rlimits; no new privileges;
             Landlock without rules; seccomp stage 1 (compute, its two pipes, fork, wait)
    runner   dies with the zygote; timers; no processes; seccomp stage 2 (compute)

Without seccomp a root zygote keeps its user and every runner takes another, so that a program cannot reach its zygote;
a nested Landlock domain and Python's audit hook stand in. That is grade B; without another user it is C.
"""

import contextlib
import ctypes
import os
import platform
import resource
import signal
import sys
from collections.abc import Iterable
from typing import Any, Final

from arc_submit.sandbox import landlock
from arc_submit.sandbox.seccomp import Filter, clone_number, supported

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
NEW_NET, NEW_IPC, NEW_USER = 0x40000000, 0x08000000, 0x10000000
CAPABILITY_HEADER: Final = 0x20080522  # version 3
NOBODY: Final = 61234  # a user and group that owns nothing
BLOCKED_EVENTS: Final = (
    "open", "os.", "socket.", "subprocess.", "ctypes.", "shutil.", "tempfile.", "glob.", "fcntl.", "mmap.", "signal.",
    "pty.", "resource.", "syslog.", "sqlite3.", "ftplib.", "urllib.", "http.", "smtplib.", "sys.addaudithook",
)  # fmt: skip


class Lockdown:
    """Built before the zygote is locked; knows which layers hold."""

    def __init__(self, disabled: Iterable[str], memory_mb: int) -> None:
        self._disabled = frozenset(disabled)
        self._memory = memory_mb << 20
        self._linux = platform.system() == "Linux"
        self._libc = ctypes.PyDLL(None, use_errno=True)
        self._zygote = os.getpid()
        self._clone = clone_number()
        self.layers: dict[str, str] = {}
        filtered = self._wants("seccomp") and supported()
        self._filters = (Filter(1), Filter(2, timers=False), Filter(2)) if filtered else None
        if self._filters and not self._holds_in_a_child():
            self._filters = None
        self._drop_in_runner = False

    def _wants(self, layer: str) -> bool:
        return layer not in self._disabled

    def _set(self, layer: str, status: str) -> None:
        self.layers[layer] = status if self._wants(layer) else "off: disabled by the configuration"

    # --- in the zygote ------------------------------------------------------------------------------------------------

    def zygote(self, host: int) -> None:
        """Lock the zygote for good. The order matters: each step takes the right to do an earlier one."""
        size = _address_space()
        self._die_with(host)
        self._set("netns", self._own_network() if self._wants("netns") else "")
        self._set("uid", self._other_user() if self._wants("uid") else "")
        self._die_with(host)  # changing the user cleared it
        if self._linux:
            self._libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        self._set("rlimits", self._limits(size) if self._wants("rlimits") else "")
        self._no_new_privileges()
        self._set("landlock", landlock.apply() if self._wants("landlock") else "")
        self._set("seccomp", self._stage_1() if self._wants("seccomp") else "")
        self._set("hook", "spare: seccomp holds" if self._filters else "on (each program)")

    def grade(self) -> str:
        """A: seccomp. B: no seccomp, but another user than the host's. C: less; trust the programs."""
        if self._filters:
            return "A"
        return "B" if self._drop_in_runner and self.layers["rlimits"] == "on" else "C"

    def _die_with(self, parent: int) -> None:
        if self._linux:
            self._libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(0)

    def _own_network(self) -> str:
        if not self._linux:
            return "off: not Linux"
        user = 0 if os.geteuid() == 0 else NEW_USER
        if self._libc.unshare(NEW_NET | NEW_IPC | user):
            return f"off: {os.strerror(ctypes.get_errno())}"
        if user:
            self._drop_capabilities()
        return "on (user namespace)" if user else "on"

    def _other_user(self) -> str:
        if os.geteuid() != 0:
            return "off: not root"
        self._drop_in_runner = self._filters is None
        if self._drop_in_runner:
            return f"on ({NOBODY}, each program)"
        return self._become_nobody()

    def _become_nobody(self) -> str:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        except OSError as error:
            return f"off: {error.strerror}"
        self._drop_capabilities()
        return f"on ({NOBODY})"

    def _drop_capabilities(self) -> None:
        header = (ctypes.c_uint32 * 2)(CAPABILITY_HEADER, 0)
        self._libc.capset(header, (ctypes.c_uint32 * 6)())

    def _limits(self, size: int) -> str:
        limits = {"RLIMIT_CORE": 0, "RLIMIT_MEMLOCK": 0, "RLIMIT_FSIZE": 0}
        if size:
            limits["RLIMIT_AS"] = size + self._memory
        for name, value in limits.items():
            if hasattr(resource, name):
                resource.setrlimit(getattr(resource, name), (value, value))
        return "on" if size else "on (no memory limit)"

    def _no_new_privileges(self) -> None:
        if self._linux and self._libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            self._filters = None

    def _stage_1(self) -> str:
        if not self._filters:
            return "off: no filter table for this machine" if not supported() else "off: the kernel refuses filters"
        self._filters[0].load()
        return "on"

    def _holds_in_a_child(self) -> bool:
        """Try stage 2 in a child: it must load, and then refuse."""
        child = os.fork()
        if child == 0:
            os._exit(self._try_stage_2())
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    def _try_stage_2(self) -> int:
        assert self._filters
        self._libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        try:
            self._filters[1].load()
        except OSError:
            return 1
        try:
            os.getpriority(os.PRIO_PROCESS, 0)
        except PermissionError:
            return 0
        return 2

    # --- in a runner --------------------------------------------------------------------------------------------------

    def fork(self) -> int:
        """Raw clone: none of Python's at-fork work, which a runner does not need. 0 in the child."""
        if self._clone is None or not self._linux:
            return os.fork()
        child: int = self._libc.syscall(self._clone, signal.SIGCHLD, 0, 0, 0, 0)
        if child < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"clone: {os.strerror(number)}")
        return child

    def runner(self, shared: bool, cpu_seconds: int) -> None:
        """Lock a runner for good; its timers run already. Raises when a layer that the zygote reports cannot be had."""
        self._die_with(self._zygote)
        if self._wants("rlimits"):
            resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
        if self._drop_in_runner and not self._become_nobody().startswith("on"):
            raise PermissionError("cannot change the user")
        if self._drop_in_runner:
            self._die_with(self._zygote)
        if self._wants("rlimits"):
            resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        if self._filters:
            self._filters[2 if shared else 1].load()
            return
        if self._wants("landlock"):
            landlock.apply()
        if self._wants("hook"):
            sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(BLOCKED_EVENTS):
        raise PermissionError(f"{event} is not allowed")


def _address_space() -> int:
    """Bytes of address space of this process; 0 where it cannot be told."""
    with contextlib.suppress(FileNotFoundError), open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
    return 0
