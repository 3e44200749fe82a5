"""Calls of the Linux kernel that Python 3.11 does not offer: namespaces, mounts, capabilities, the death of a parent.

Every call raises OSError that says what was tried. Sources: the manual pages named at each function.
"""

import ctypes
import fcntl
import os
import socket
import struct
from pathlib import Path

NEW_MOUNTS, NEW_HOSTNAME, NEW_IPC = 0x00020000, 0x04000000, 0x08000000
NEW_USER, NEW_PIDS, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
NO_SUID, NO_DEVICES, NO_EXEC = 0x2, 0x4, 0x8
_BIND, _RECURSIVE, _PRIVATE, _DETACH = 0x1000, 0x4000, 0x40000, 0x2
_MOUNT_SETATTR, _AT_FDCWD, _AT_RECURSIVE, _READ_ONLY = 442, -100, 0x8000, 0x1
_DEATH_SIGNAL, _DROP_FROM_BOUND, _ADOPT = 1, 24, 36
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
KEPT_CAPABILITIES = frozenset({0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31})
"""Those that docker leaves to a container's root (capabilities(7); moby's default list). None mounts or unshares."""

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    """Leave namespaces of the parent's; new process ids begin with the next child (unshare(2))."""
    _check(_libc.unshare(flags), "unshare")


def map_root(user: int, group: int) -> None:
    """Be root of the user namespace just made (user_namespaces(7))."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        Path("/proc/self", name).write_text(text, "ascii")


def keep_mounts_to_ourselves() -> None:
    """Let nothing that is mounted from now on be seen outside (mount_namespaces(7))."""
    _mount(None, "/", None, _RECURSIVE | _PRIVATE, "making mounts private")


def mount_new(kind: str, target: Path, options: str = "", flags: int = NO_SUID | NO_DEVICES) -> None:
    """Mount a fresh file system: tmpfs or proc."""
    _mount(kind, str(target), kind, flags, f"mounting {kind} on {target}", options)


def bind(source: Path, target: Path) -> None:
    """Let a file or folder appear at a second place, with what is mounted below it."""
    _mount(str(source), str(target), None, _BIND | _RECURSIVE, f"mounting {source} on {target}")


def read_only(target: Path) -> None:
    """Make a mount and all below it read-only (mount_setattr(2), Linux 5.12)."""
    attributes = struct.pack("=QQQQ", _READ_ONLY, 0, 0, 0)
    done = _libc.syscall(
        _MOUNT_SETATTR, _AT_FDCWD, os.fsencode(target), _AT_RECURSIVE, attributes, ctypes.c_size_t(len(attributes))
    )
    _check(done, f"making {target} read-only")


def enter(root: Path) -> None:
    """Make a mounted folder the root and let go of the old one (pivot_root(2), its `pivot_root(".", ".")`)."""
    os.chdir(root)
    _check(_libc.pivot_root(b".", b"."), f"making {root} the root")
    _check(_libc.umount2(b".", _DETACH), "letting go of the old root")
    os.chdir("/")


def loopback_up() -> None:
    """Switch 127.0.0.1 on in a new network namespace (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask:
        request = struct.pack("16sh22x", b"lo", 0)
        (flags,) = struct.unpack_from("16xh", fcntl.ioctl(ask, _GET_FLAGS, request))
        fcntl.ioctl(ask, _SET_FLAGS, struct.pack("16sh22x", b"lo", flags | _UP))


def limit_capabilities() -> None:
    """Take from every program that is started from now on what a container's root has not; ours stay."""
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text("ascii"))
    for number in set(range(last + 1)) - KEPT_CAPABILITIES:
        _check(_libc.prctl(_DROP_FROM_BOUND, number, 0, 0, 0), f"dropping capability {number}")


def die_with_parent(number: int = 9) -> None:
    """Get a signal when the parent ends; forgotten at fork and when rights change (prctl(2))."""
    _check(_libc.prctl(_DEATH_SIGNAL, number, 0, 0, 0), "asking for a signal at the parent's death")


def adopt_orphans() -> None:
    """Become the parent of every descendant whose parent ends (prctl(2))."""
    _check(_libc.prctl(_ADOPT, 1, 0, 0, 0), "adopting orphans")


def _mount(source: str | None, target: str, kind: str | None, flags: int, what: str, options: str = "") -> None:
    given = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    _check(_libc.mount(*given, ctypes.c_ulong(flags), os.fsencode(options)), what)


def _check(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
