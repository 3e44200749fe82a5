"""How much memory a run takes: this process and all its descendants, from /proc. And how much is left.

Counted is the proportional set size: a page shared by n processes counts 1/n in each, so nothing is counted twice.
Where the kernel does not let us look (another user's process) it is resident minus file-backed pages. Linux only;
elsewhere 0.
"""

import math
import os
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_GROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat", ""),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
        "/sys/fs/cgroup/memory/memory.stat",
        "total_",
    ),
)
"""Limit, use, details of a control group, and how the names of its page cache begin; version 2, then version 1."""


def tree_bytes(root: int | None = None) -> int:
    """Return the bytes held by a process (default: this one) and its descendants; one that ends meanwhile counts 0."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.glob("[0-9]*") if _PROC.exists() else ():
        children.setdefault(_parent(entry), []).append(int(entry.name))
    total, waiting = 0, [root or os.getpid()]
    while waiting:
        process = waiting.pop()
        total += _bytes(_PROC / str(process))
        waiting += children.get(process, [])
    return total


def spare_bytes() -> float:
    """Return the bytes that this machine, or this container where it has a limit, can still give; infinity: unknown."""
    return min(_machine_spare(), *(_group_spare(*names) for names in _GROUPS))


def oom_kills() -> int:
    """Return how many processes the kernel has killed for want of memory since it started; 0: unknown."""
    found = 0
    for path, name in ((_PROC / "vmstat", "oom_kill"), (Path("/sys/fs/cgroup/memory.events"), "oom_kill")):
        with suppress(OSError, ValueError):
            words = [line.split() for line in path.read_text().splitlines()]
            found += sum(int(value) for key, value in words if key == name)
    return found


def _machine_spare() -> float:
    try:
        lines = (_PROC / "meminfo").read_text().splitlines()
    except OSError:
        return math.inf
    found = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    return found[0] if found else math.inf


def _group_spare(limit: str, used: str, stat: str, cache: str) -> float:
    """What a control group may still take; the page cache that it can drop counts as free."""
    try:
        allowed, taken = Path(limit).read_text().strip(), int(Path(used).read_text())
        words = [line.split() for line in Path(stat).read_text().splitlines()]
        cached = [int(found[1]) for found in words if found[:1] in ([f"{cache}inactive_file"], [f"{cache}active_file"])]
        return math.inf if allowed == "max" else int(allowed) - taken + sum(cached)
    except (OSError, ValueError):
        return math.inf  # no such group


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except (OSError, IndexError):
        return -1


def _bytes(entry: Path) -> int:
    try:
        for line in (entry / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        _, resident, shared, *_ = map(int, (entry / "statm").read_text().split())
    except (OSError, ValueError):
        return 0  # it has ended
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE")
