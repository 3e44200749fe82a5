"""What a thing sees: rays and beams from it, and the straight ways between things. Used by `things_regions`.

A ray is the background ahead, up to the first thing; a beam goes on behind the things that it meets.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Protocol, TypeAlias

from arc_submit.dsl.extensions.neighbours import CORNERS, DIRECTIONS, EIGHT, FOUR, SIDES, Place
from arc_submit.dsl.extensions.things_marks import Thing
from arc_submit.dsl.types import Grid


class Scene(Protocol):
    """What a region may depend on."""

    @property
    def grid(self) -> Grid: ...
    @property
    def background(self) -> int: ...
    @property
    def members(self) -> tuple[Thing, ...]: ...


Region: TypeAlias = Callable[[Scene, Thing], Iterable[Place]]

FANS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **{name: (name,) for name in DIRECTIONS},
        "sideways": ("left", "right"),
        "upright": ("up", "down"),
        "straight": tuple(SIDES),
        "falling": ("up left", "down right"),
        "rising": ("up right", "down left"),
        "slanted": tuple(CORNERS),
        "all": tuple(DIRECTIONS),
    }
)

CENTRAL = ("up", "down", "left", "right", "sideways", "upright", "straight", "slanted")


def middle(scene: Scene, one: Thing) -> Iterable[Place]:
    rows = {one.top + (one.height - 1) // 2, one.top + one.height // 2}
    columns = {one.left + (one.width - 1) // 2, one.left + one.width // 2}
    return sorted((i, j) for i in rows for j in columns)


def links(partner: Callable[[Thing, Thing], bool], steps: tuple[Place, ...]) -> Region:
    """Background straight between a thing and its partners, with nothing else in between."""

    def links(scene: Scene, one: Thing) -> Iterable[Place]:
        ends = {p for other in scene.members if other is not one and partner(one, other) for p in other.cells}
        found: list[Place] = []
        for start in one.cells:
            for step in steps:
                path, stop = _ray(scene, start, step)
                if path and stop in ends:
                    found += path
        return found

    return links


def alike(one: Thing, other: Thing) -> bool:
    return other.marks["colour"] == one.marks["colour"]


def unlike(one: Thing, other: Thing) -> bool:
    return other.marks["colour"] != one.marks["colour"]


def larger(one: Thing, other: Thing) -> bool:
    return other.marks["size"] > one.marks["size"]


def anyone(one: Thing, other: Thing) -> bool:
    return True


def _ray(scene: Scene, start: Place, step: Place) -> tuple[list[Place], Place]:
    """Background ahead of a cell, and the first place that is none."""
    grid, back = scene.grid, scene.background
    i, j = start[0] + step[0], start[1] + step[1]
    path = []
    while 0 <= i < len(grid) and 0 <= j < len(grid[0]) and grid[i][j] == back:
        path.append((i, j))
        i, j = i + step[0], j + step[1]
    return path, (i, j)


def rays(names: tuple[str, ...]) -> Region:
    def rays(scene: Scene, one: Thing) -> Iterable[Place]:
        return [p for start in one.cells for name in names for p in _ray(scene, start, DIRECTIONS[name])[0]]

    return rays


def stopped(names: tuple[str, ...]) -> Region:
    """Rays that end at something other than the edge of the grid."""

    def stopped(scene: Scene, one: Thing) -> Iterable[Place]:
        found: list[Place] = []
        for start in one.cells:
            for name in names:
                path, (i, j) = _ray(scene, start, DIRECTIONS[name])
                if 0 <= i < len(scene.grid) and 0 <= j < len(scene.grid[0]):
                    found += path
        return found

    return stopped


def away(scene: Scene, one: Thing) -> Iterable[Place]:
    """Rays that go on from what the thing touches."""
    grid, found = scene.grid, list[Place]()
    for i, j in one.cells:
        for di, dj in EIGHT:
            behind = i - di, j - dj
            if behind in one.cells or not (0 <= behind[0] < len(grid) and 0 <= behind[1] < len(grid[0])):
                continue
            if grid[behind[0]][behind[1]] != scene.background:
                found += _ray(scene, (i, j), (di, dj))[0]
    return found


def corner_rays(scene: Scene, one: Thing) -> Iterable[Place]:
    """Slanted rays from the corners of the box, outward."""
    bottom, right = one.top + one.height - 1, one.left + one.width - 1
    starts = {"up left": (one.top, one.left), "up right": (one.top, right)}
    starts |= {"down left": (bottom, one.left), "down right": (bottom, right)}
    return [p for name, start in starts.items() for p in _ray(scene, start, DIRECTIONS[name])[0]]


def beams(names: tuple[str, ...]) -> Region:
    """Rays that go on behind other things."""

    def beams(scene: Scene, one: Thing) -> Iterable[Place]:
        found = []
        for start in one.cells:
            for name in names:
                di, dj = DIRECTIONS[name]
                i, j = start[0] + di, start[1] + dj
                while (i, j) not in one.cells and 0 <= i < len(scene.grid) and 0 <= j < len(scene.grid[0]):
                    found.append((i, j))
                    i, j = i + di, j + dj
        return clear(scene, found)

    return beams


def central(names: tuple[str, ...]) -> Region:
    """Beams from the middle of a thing."""

    def central(scene: Scene, one: Thing) -> Iterable[Place]:
        starts = middle(scene, one)
        return clear(scene, [p for i, j in starts for name in names for p in _line(scene, i, j, DIRECTIONS[name])])

    return central


def through(scene: Scene, one: Thing) -> Iterable[Place]:
    """Background straight between a thing and others of its colour, whatever else is in between."""
    ends = {p for other in scene.members if other is not one and alike(one, other) for p in other.cells}
    found: list[Place] = []
    for i, j in one.cells:
        for step in FOUR:
            path = _line(scene, i, j, step)
            last = max((k for k, place in enumerate(path) if place in ends), default=0)
            found += path[:last]
    return clear(scene, found)


def _line(scene: Scene, i: int, j: int, step: Place) -> list[Place]:
    """All places ahead."""
    path = []
    i, j = i + step[0], j + step[1]
    while 0 <= i < len(scene.grid) and 0 <= j < len(scene.grid[0]):
        path.append((i, j))
        i, j = i + step[0], j + step[1]
    return path


def clear(scene: Scene, cells: Iterable[Place]) -> list[Place]:
    """Those inside the grid that are background."""
    grid, back = scene.grid, scene.background
    return [(i, j) for i, j in cells if 0 <= i < len(grid) and 0 <= j < len(grid[0]) and grid[i][j] == back]
