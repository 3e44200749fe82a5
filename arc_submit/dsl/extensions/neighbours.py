"""Neighbouring cells: the eight steps to them, and the parts that cells make which they connect.

For functions of whole grids and for looks. Kernels have `tools`, which numba compiles; `looks.base.components` numbers
the parts of an array.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import TypeAlias

Place: TypeAlias = tuple[int, int]
"""Row and column."""
Steps: TypeAlias = tuple[Place, ...]

SIDES: Mapping[str, Place] = MappingProxyType({"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)})
CORNERS: Mapping[str, Place] = MappingProxyType(
    {"up left": (-1, -1), "up right": (-1, 1), "down left": (1, -1), "down right": (1, 1)}
)
DIRECTIONS: Mapping[str, Place] = MappingProxyType({**SIDES, **CORNERS})

FOUR: Steps = tuple(SIDES.values())
SLANTED: Steps = tuple(CORNERS.values())
EIGHT: Steps = FOUR + SLANTED
READ: Steps = tuple(sorted(EIGHT))
"""All eight in reading order; what is walked first can decide between things alike."""


def parts(places: Collection[Place], steps: Steps) -> list[list[Place]]:
    """The places in parts that the steps connect, in the order of their first places; each as a walk from its first."""
    left = set(places)
    found = []
    for start in places:
        if start in left:
            left.remove(start)
            part = [start]
            for i, j in part:  # grows while it is walked
                for di, dj in steps:
                    place = i + di, j + dj
                    if place in left:
                        left.remove(place)
                        part.append(place)
            found.append(part)
    return found


def box(places: Collection[Place]) -> tuple[int, int, int, int]:
    """The first row and column, and the last."""
    rows, columns = [i for i, _ in places], [j for _, j in places]
    return min(rows), min(columns), max(rows), max(columns)
