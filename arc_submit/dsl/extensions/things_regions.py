"""Cells that belong to a thing on a grid: its own, its holes, around it, seen from it. By name, for `acted_things`.

Each function returns places inside the grid; what lies on other things is left out unless the name says otherwise.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from arc_submit.dsl.extensions.neighbours import EIGHT, FOUR, SLANTED, Place, Steps
from arc_submit.dsl.extensions.things_marks import Thing, hole_cells
from arc_submit.dsl.extensions.things_rays import (
    CENTRAL,
    FANS,
    Region,
    Scene,
    alike,
    anyone,
    away,
    beams,
    central,
    clear,
    corner_rays,
    larger,
    links,
    middle,
    rays,
    stopped,
    through,
    unlike,
)


def own(scene: Scene, one: Thing) -> Iterable[Place]:
    return one.cells


def holes(scene: Scene, one: Thing) -> Iterable[Place]:
    return clear(scene, (place for region in hole_cells(one) for place in region))


def rest_of_box(scene: Scene, one: Thing) -> Iterable[Place]:
    return clear(scene, (place for place in _box(one, 0) if place not in one.cells))


def box(scene: Scene, one: Thing) -> Iterable[Place]:
    return _box(one, 0)


def inside_box(scene: Scene, one: Thing) -> Iterable[Place]:
    return _box(one, -1)


def box_rim(scene: Scene, one: Thing) -> Iterable[Place]:
    return _ring(one, 0)


def frame(scene: Scene, one: Thing) -> Iterable[Place]:
    return clear(scene, _ring(one, 1))


def halo(scene: Scene, one: Thing) -> Iterable[Place]:
    return _beside(scene, one, EIGHT)


def cross(scene: Scene, one: Thing) -> Iterable[Place]:
    return _beside(scene, one, FOUR)


def corners(scene: Scene, one: Thing) -> Iterable[Place]:
    near = set(_beside(scene, one, FOUR))
    return [place for place in _beside(scene, one, EIGHT) if place not in near]


def skin(scene: Scene, one: Thing) -> Iterable[Place]:
    return [p for p in one.cells if any((p[0] + i, p[1] + j) not in one.cells for i, j in FOUR)]


def core(scene: Scene, one: Thing) -> Iterable[Place]:
    return [p for p in one.cells if all((p[0] + i, p[1] + j) in one.cells for i, j in EIGHT)]


def flesh(scene: Scene, one: Thing) -> Iterable[Place]:
    return [p for p in one.cells if all((p[0] + i, p[1] + j) in one.cells for i, j in FOUR)]


def ground(scene: Scene, one: Thing) -> Iterable[Place]:
    return clear(scene, _all(scene))


def whole_grid(scene: Scene, one: Thing) -> Iterable[Place]:
    return _all(scene)


def _all(scene: Scene) -> list[Place]:
    return [(i, j) for i in range(len(scene.grid)) for j in range(len(scene.grid[0]))]


def box_corners(scene: Scene, one: Thing) -> Iterable[Place]:
    bottom, right = one.top + one.height - 1, one.left + one.width - 1
    return sorted({(one.top, one.left), (one.top, right), (bottom, one.left), (bottom, right)})


def rows(scene: Scene, one: Thing) -> Iterable[Place]:
    across = range(len(scene.grid[0]))
    return clear(scene, ((i, j) for i in sorted({i for i, _ in one.cells}) for j in across))


def columns(scene: Scene, one: Thing) -> Iterable[Place]:
    down = range(len(scene.grid))
    return clear(scene, ((i, j) for j in sorted({j for _, j in one.cells}) for i in down))


def rows_and_columns(scene: Scene, one: Thing) -> Iterable[Place]:
    return [*rows(scene, one), *columns(scene, one)]


def even(scene: Scene, one: Thing) -> Iterable[Place]:
    return [(i, j) for i, j in one.cells if (i - one.top + j - one.left) % 2 == 0]


def uneven(scene: Scene, one: Thing) -> Iterable[Place]:
    return [(i, j) for i, j in one.cells if (i - one.top + j - one.left) % 2]


def odd_columns(scene: Scene, one: Thing) -> Iterable[Place]:
    return [(i, j) for i, j in one.cells if (j - one.left) % 2]


def odd_rows(scene: Scene, one: Thing) -> Iterable[Place]:
    return [(i, j) for i, j in one.cells if (i - one.top) % 2]


def few_cells(scene: Scene, one: Thing) -> Iterable[Place]:
    return [place for place, c in one.cells.items() if c == one.marks["rare"]]


def main_cells(scene: Scene, one: Thing) -> Iterable[Place]:
    return [place for place, c in one.cells.items() if c == one.marks["colour"]]


def other_cells(scene: Scene, one: Thing) -> Iterable[Place]:
    return [place for place, c in one.cells.items() if c not in (one.marks["colour"], scene.background)]


def _box(one: Thing, more: int) -> list[Place]:
    return [
        (i, j)
        for i in range(one.top - more, one.top + one.height + more)
        for j in range(one.left - more, one.left + one.width + more)
    ]


def _ring(one: Thing, more: int) -> list[Place]:
    top, left = one.top - more, one.left - more
    bottom, right = one.top + one.height - 1 + more, one.left + one.width - 1 + more
    return [(i, j) for i, j in _box(one, more) if i in (top, bottom) or j in (left, right)]


def _beside(scene: Scene, one: Thing, steps: Steps) -> list[Place]:
    near = dict.fromkeys((i + di, j + dj) for i, j in one.cells for di, dj in steps)
    return clear(scene, (place for place in near if place not in one.cells))


REGIONS: Mapping[str, Region] = MappingProxyType(
    {
        "cells": own,
        "holes": holes,
        "rest of box": rest_of_box,
        "box": box,
        "inside of box": inside_box,
        "rim of box": box_rim,
        "frame": frame,
        "halo": halo,
        "cross": cross,
        "corners": corners,
        "skin": skin,
        "core": core,
        "flesh": flesh,
        "middle": middle,
        "ground": ground,
        "grid": whole_grid,
        "corners of box": box_corners,
        "rows": rows,
        "columns": columns,
        "rows and columns": rows_and_columns,
        "even cells": even,
        "odd cells": uneven,
        "odd rows": odd_rows,
        "odd columns": odd_columns,
        "few cells": few_cells,
        "main cells": main_cells,
        "other cells": other_cells,
        "links": links(alike, FOUR),
        "links to any": links(anyone, FOUR),
        "links to unlike": links(unlike, FOUR),
        "links to larger": links(larger, FOUR),
        "slanted links": links(alike, SLANTED),
        "links through": through,
        "corner rays": corner_rays,
        **{f"central beam {name}": central(FANS[name]) for name in CENTRAL},
        "away": away,
        **{f"ray {name}": rays(parts) for name, parts in FANS.items()},
        **{f"stopped ray {name}": stopped(parts) for name, parts in FANS.items()},
        **{f"beam {name}": beams(parts) for name, parts in FANS.items()},
    }
)
