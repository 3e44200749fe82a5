"""Cheap preconditions of expensive primitives: evaluation runs in-process, so no call may take long or grow large.

A guard sees the arguments of one input and answers whether to evaluate. Covered: everything whose cost or result grows
faster than its arguments. Left out: a time limit per call (none is needed below these bounds: about 20 ms at most).
"""

from collections.abc import Callable, Mapping
from typing import Any

from arc_submit.records import MAX_SIDE

Guard = Callable[..., bool]

PRODUCT_LIMIT = 40_000  # pairs of cells that a quadratic primitive may look at
WIDEST = 45  # extent of a bounding box, rows or columns
MAPPED_PLACES = 120  # places that a function may be mapped over


def _upscale(element: Any, factor: int) -> bool:
    if not 2 <= factor <= MAX_SIDE:
        return False
    if isinstance(element, tuple):
        return len(element) * factor <= MAX_SIDE and len(element[0]) * factor <= MAX_SIDE
    return len(element) * factor * factor <= 900


def _hupscale(grid: Any, factor: int) -> bool:
    return factor >= 2 and len(grid[0]) * factor <= MAX_SIDE


def _vupscale(grid: Any, factor: int) -> bool:
    return factor >= 2 and len(grid) * factor <= MAX_SIDE


def _downscale(grid: Any, factor: int) -> bool:
    return 2 <= factor < max(len(grid), len(grid[0]))


def _hsplit(grid: Any, parts: int) -> bool:
    return 2 <= parts <= len(grid[0])


def _vsplit(grid: Any, parts: int) -> bool:
    return 2 <= parts <= len(grid)


def _hconcat(a: Any, b: Any) -> bool:
    return len(a) == len(b) and len(a[0]) + len(b[0]) <= MAX_SIDE


def _vconcat(a: Any, b: Any) -> bool:
    return len(a[0]) == len(b[0]) and len(a) + len(b) <= MAX_SIDE


def _cellwise(a: Any, b: Any, fallback: int) -> bool:
    return len(a) == len(b) and len(a[0]) == len(b[0])


def _canvas(value: int, dimensions: Any) -> bool:
    return all(1 <= side <= MAX_SIDE for side in dimensions)


def _crop(grid: Any, start: Any, dimensions: Any) -> bool:
    return all(side >= 0 for side in start) and all(side >= 1 for side in dimensions)


def _quadratic(a: Any, b: Any) -> bool:
    return len(a) * len(b) <= PRODUCT_LIMIT


def _gravitate(source: Any, destination: Any) -> bool:
    return 0 < len(source) * len(destination) * 42 <= PRODUCT_LIMIT


def _occurrences(grid: Any, obj: Any) -> bool:
    return len(obj) > 0 and len(obj) * len(grid) * len(grid[0]) <= PRODUCT_LIMIT


def _over_places(function: Any, places: Any) -> bool:
    return len(places) <= MAPPED_PLACES


def _over_two(function: Any, a: Any, b: Any) -> bool:
    return len(a) * len(b) <= 400


def _divide(a: Any, b: Any) -> bool:
    return b not in (0, 1)


def _patch(patch: Any, *rest: Any) -> bool:
    return len(patch) > 0


def _boxed(patch: Any) -> bool:
    """Not empty, and a bounding box that is worth filling."""
    if not patch:
        return False
    places = [item[1] for item in patch] if isinstance(next(iter(patch))[1], tuple) else patch
    rows, columns = zip(*places, strict=True)
    return bool(max(rows) - min(rows) < WIDEST and max(columns) - min(columns) < WIDEST)


def _shoot(start: Any, direction: Any) -> bool:
    return _direction(direction)


def _direction(direction: Any) -> bool:
    return bool(max(map(abs, direction)) == 1)


def _period(obj: Any) -> bool:
    return 0 < len(obj) <= 200


def _sized(a: Any, b: Any) -> bool:
    return len(a) > 0 and len(b) > 0


GUARDS: Mapping[str, Guard] = {
    "upscale": _upscale,
    "hupscale": _hupscale,
    "vupscale": _vupscale,
    "downscale": _downscale,
    "hsplit": _hsplit,
    "vsplit": _vsplit,
    "hconcat": _hconcat,
    "vconcat": _vconcat,
    "cellwise": _cellwise,
    "canvas": _canvas,
    "crop": _crop,
    "manhattan": _quadratic,
    "adjacent": _quadratic,
    "gravitate": _gravitate,
    "occurrences": _occurrences,
    "divide": _divide,
    "subgrid": _patch,
    "hperiod": _period,
    "vperiod": _period,
    "position": _sized,
    "shoot": _shoot,
    "backdrop": _boxed,
    "delta": _boxed,
    "box": _boxed,
    "inbox": _boxed,
    "outbox": _boxed,
    "prapply": _over_two,
    "product": _quadratic,
}

BOUND_GUARDS: Mapping[str, Guard] = {"rbind(shoot)": _direction}
"""Preconditions on the argument that is bound."""
PLACES_GUARD: Guard = _over_places
