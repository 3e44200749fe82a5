"""How much memory a run takes: this process and all its descendants, from /proc.

Counted is the proportional set size: a page shared by n processes counts 1/n in each, so nothing is counted twice.
Where the kernel does not let us look (another user's process) it is resident minus file-backed pages. Linux only;
elsewhere 0.
"""

import os
from pathlib import Path

_PROC = Path("/proc")


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
