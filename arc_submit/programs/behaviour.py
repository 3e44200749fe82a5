"""What a program does, as a hash of what it returned: programs with equal outputs are one voice."""

import hashlib
from collections.abc import Iterable

from arc_submit.records import Output


def signature(outputs: Iterable[Output]) -> str:
    """Return 16 hex digits for the outputs in order; a fault counts by its kind, not by its message."""
    parts: list[bytes] = []
    for output in outputs:
        if output.grid is None:
            parts.append(f"!{output.fault}".encode())
        else:
            parts.append(b"%dx%d:" % (len(output.grid), len(output.grid[0])))
            parts.extend(map(bytes, output.grid))
    return hashlib.blake2b(b"".join(parts), digest_size=8).hexdigest()
