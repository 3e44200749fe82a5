"""What others have measured, to stand beside a figure of ours: `peers.toml`, each with its source.

A row is shown for the same set and the same metric only. `p@2` is two attempts; `p@n` is any of n programs, and stands
beside our oracle, never beside p@2. Budgets differ and are shown; a part of a set is not the set, and that is said.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("peers.toml")


@dataclass(frozen=True, slots=True)
class Peer:
    """One figure of somebody else."""

    system: str
    set: str
    """A named public set."""
    metric: str
    """`p@2` or `p@n`."""
    programs: str
    """Programs per task."""
    value: float
    """0..1."""
    source: str


def peers(data: str, metric: str) -> list[Peer]:
    """Return the peers of a set under a metric, best first."""
    found = [Peer(**row) for row in tomllib.loads(FILE.read_text("utf-8"))["peer"]]
    return sorted((one for one in found if (one.set, one.metric) == (data, metric)), key=lambda one: -one.value)
