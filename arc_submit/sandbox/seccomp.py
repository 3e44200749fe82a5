"""System-call filters, written as classic BPF and loaded with prctl. The layer that carries the security.

Stage 1 holds the zygote: it may compute, use its pipes, fork and wait. Stage 2 holds a runner: it may compute.
Everything else returns EPERM, so that a program sees an ordinary exception; calls of another architecture or x32 kill.

Covered: files, sockets, processes, signals, descriptors, timers, namespaces, executable memory, io_uring, ptrace, SysV
and POSIX shared memory: all denied by not being listed. Not covered: bugs in the listed calls, timing side channels.
"""

import ctypes
import os
import platform
import struct
from typing import Final

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PROT_EXEC, SIGCHLD, EPERM = 4, 17, 1
ALLOW, DENY, KILL = 0x7FFF0000, 0x00050000 | EPERM, 0x80000000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NR, ARCH, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
X32 = 0x40000000

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, constant

_COMPUTE: Final = """
    brk munmap mremap madvise futex rt_sigreturn exit exit_group clock_gettime clock_getres gettimeofday getrandom
    sched_yield getpid gettid getppid sigaltstack restart_syscall sched_getaffinity getrusage times
"""
_SERVE: Final = "read write close wait4 setitimer rt_sigaction rt_sigprocmask prctl setrlimit prlimit64"
COMPUTE, SERVE = _COMPUTE.split(), _SERVE.split()
NO_EXEC: Final = ("mmap", "mprotect")  # allowed without PROT_EXEC

_X86_64: Final = {
    "brk": 12, "munmap": 11, "mremap": 25, "madvise": 28, "futex": 202, "rt_sigreturn": 15, "exit": 60,
    "exit_group": 231, "clock_gettime": 228, "clock_getres": 229, "gettimeofday": 96, "getrandom": 318,
    "sched_yield": 24, "getpid": 39, "gettid": 186, "getppid": 110, "sigaltstack": 131, "restart_syscall": 219,
    "sched_getaffinity": 204, "getrusage": 98, "times": 100, "mmap": 9, "mprotect": 10, "read": 0, "write": 1,
    "close": 3, "wait4": 61, "setitimer": 38, "rt_sigaction": 13, "rt_sigprocmask": 14, "prctl": 157,
    "setrlimit": 160, "prlimit64": 302, "clone": 56,
}  # fmt: skip
_AARCH64: Final = {
    "brk": 214, "munmap": 215, "mremap": 216, "madvise": 233, "futex": 98, "rt_sigreturn": 139, "exit": 93,
    "exit_group": 94, "clock_gettime": 113, "clock_getres": 114, "gettimeofday": 169, "getrandom": 278,
    "sched_yield": 124, "getpid": 172, "gettid": 178, "getppid": 173, "sigaltstack": 132, "restart_syscall": 128,
    "sched_getaffinity": 123, "getrusage": 165, "times": 153, "mmap": 222, "mprotect": 226, "read": 63, "write": 64,
    "close": 57, "wait4": 260, "setitimer": 103, "rt_sigaction": 134, "rt_sigprocmask": 135, "prctl": 167,
    "setrlimit": 164, "prlimit64": 261, "clone": 220,
}  # fmt: skip
_MACHINES: Final = {"x86_64": (0xC000003E, _X86_64), "aarch64": (0xC00000B7, _AARCH64)}


def supported() -> bool:
    """Is there a table for this machine?"""
    return platform.system() == "Linux" and platform.machine() in _MACHINES


def clone_number() -> int | None:
    """The number of clone(2), or None where it is not known."""
    return _MACHINES[platform.machine()][1]["clone"] if supported() else None


def _if_argument(number: int, argument: int, test: int, constant: int, allow_if: bool) -> list[Instruction]:
    """For one call: look at the low half of an argument, then allow or deny."""
    on_true, on_false = (ALLOW, DENY) if allow_if else (DENY, ALLOW)
    return [
        (EQUAL, 0, 4, number),
        (LOAD, 0, 0, ARGUMENTS + 8 * argument),
        (test, 0, 1, constant),
        (RETURN, 0, 0, on_true),
        (RETURN, 0, 0, on_false),
    ]


def build(stage: int, timers: bool = True) -> bytes:
    """The filter of stage 1 (zygote) or 2 (runner); `timers`: a shared runner re-arms its own."""
    arch, number = _MACHINES[platform.machine()]
    program: list[Instruction] = [(LOAD, 0, 0, ARCH), (EQUAL, 1, 0, arch), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NR)]
    if platform.machine() == "x86_64":
        program += [(AT_LEAST, 0, 1, X32), (RETURN, 0, 0, KILL)]
    for name in NO_EXEC:
        program += _if_argument(number[name], 2, ANY_BIT, PROT_EXEC, allow_if=False)
    if stage == 1:
        program += _if_argument(number["clone"], 0, EQUAL, SIGCHLD, allow_if=True)
    names = COMPUTE + (SERVE if stage == 1 else ["setitimer"] if timers else [])
    for name in names:
        program += [(EQUAL, 0, 1, number[name]), (RETURN, 0, 0, ALLOW)]
    program.append((RETURN, 0, 0, DENY))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)


class Filter:
    """A filter kept ready in memory, so that a runner loads it with one call."""

    def __init__(self, stage: int, timers: bool = True) -> None:
        raw = build(stage, timers)
        self._raw = ctypes.create_string_buffer(raw, len(raw))
        head = struct.pack("@HP", len(raw) // 8, ctypes.addressof(self._raw))
        self._head = ctypes.create_string_buffer(head, len(head))
        self._prctl = ctypes.PyDLL(None, use_errno=True).prctl
        self._address = ctypes.c_void_p(ctypes.addressof(self._head))

    def load(self) -> None:
        """Put it in force for this process, for good. OSError: the kernel refused."""
        if self._prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, self._address, 0, 0):
            number = ctypes.get_errno()
            raise OSError(number, f"seccomp filter: {os.strerror(number)}")
