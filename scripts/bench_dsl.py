"""Time the heavy calls of the DSL on made-up grids: python scripts/bench_dsl.py

Grids come from a seeded Random, so every run times the same calls. The figure is the best of a few rounds; a table for
people, then one JSON line {"microseconds": {call: figure}}. It checks no result: tests/dsl does.
"""

import json
import timeit
from collections.abc import Callable
from random import Random
from types import ModuleType
from typing import Any

from arc_submit import dsl

ROUNDS = 5
SECONDS = 0.02  # per round, at least


def noise(seed: int, height: int, width: int, colours: int, background: float) -> tuple[tuple[int, ...], ...]:
    """A grid of colour 0 with other colours strewn over it."""
    rng = Random(seed)
    return tuple(
        tuple(0 if rng.random() < background else rng.randrange(1, colours) for _ in range(width))
        for _ in range(height)
    )


def calls(d: ModuleType) -> dict[str, Callable[[], Any]]:
    """The calls to be timed, on the functions of a DSL module."""
    small, large = noise(1, 10, 10, 4, 0.6), noise(2, 30, 30, 10, 0.7)
    blobs = noise(3, 30, 30, 3, 0.5)
    parts = d.objects(large, True, False, True)
    whole = d.asobject(large)
    places = d.ofcolor(large, 0)
    block = d.asobject(d.canvas(0, (6, 9)))
    left = d.shift(d.asindices(d.canvas(0, (8, 8))), (0, 0))
    right = d.shift(left, (3, 22))
    rightward = d.rbind(d.shoot, (0, 1))
    return {
        "objects 30x30 one colour, edges": lambda: d.objects(large, True, False, True),
        "objects 30x30 one colour, corners": lambda: d.objects(large, True, True, False),
        "objects 30x30 any colour": lambda: d.objects(blobs, False, False, True),
        "objects 10x10": lambda: d.objects(small, True, False, True),
        "partition 30x30": lambda: d.partition(large),
        "mostcolor 30x30": lambda: d.mostcolor(large),
        "mostcolor object": lambda: d.mostcolor(whole),
        "ofcolor 30x30": lambda: d.ofcolor(large, 0),
        "fill": lambda: d.fill(large, 1, places),
        "paint": lambda: d.paint(large, whole),
        "underfill": lambda: d.underfill(large, 1, places),
        "replace 30x30": lambda: d.replace(large, 0, 5),
        "rot90 30x30": lambda: d.rot90(large),
        "hconcat 30x30": lambda: d.hconcat(large, large),
        "upscale 10x10 by 3": lambda: d.upscale(small, 3),
        "toindices": lambda: d.toindices(whole),
        "shift": lambda: d.shift(whole, (1, 2)),
        "normalize": lambda: d.normalize(d.last(((), left))),
        "apply normalize": lambda: d.apply(d.normalize, parts),
        "mapply shoot": lambda: d.mapply(rightward, places),
        "mapply shoot, tuple": lambda: d.mapply(rightward, tuple(places)),
        "merge": lambda: d.merge(parts),
        "argmax size": lambda: d.argmax(parts, d.size),
        "order leftmost": lambda: d.order(parts, d.leftmost),
        "extract": lambda: d.extract(parts, d.square),
        "sfilter colorfilter": lambda: d.sfilter(d.colorfilter(parts, 3), d.vline),
        "difference": lambda: d.difference(whole, left),
        "delta": lambda: d.delta(places),
        "connect": lambda: d.connect((0, 0), (29, 29)),
        "manhattan": lambda: d.manhattan(left, right),
        "adjacent": lambda: d.adjacent(left, right),
        "gravitate": lambda: d.gravitate(left, right),
        "occurrences block": lambda: d.occurrences(large, block),
        "occurrences small": lambda: d.occurrences(large, d.asobject(d.crop(large, (4, 4), (2, 2)))),
        "hperiod": lambda: d.hperiod(whole),
        "compress 30x30": lambda: d.compress(large),
        "frontiers 30x30": lambda: d.frontiers(large),
        "add": lambda: d.add((1, 2), 3),
    }


def microseconds(call: Callable[[], Any]) -> float:
    """Per call, best of ROUNDS."""
    timer = timeit.Timer(call)
    number = 1
    while timer.timeit(number) < SECONDS:
        number *= 3
    return min(timer.repeat(ROUNDS, number)) / number * 1e6


def main() -> None:
    """Print the table and the JSON line."""
    found = {}
    for name, call in calls(dsl).items():
        found[name] = round(microseconds(call), 2)
        print(f"{name:36} {found[name]:10.2f} µs")
    print(json.dumps({"microseconds": found}))


if __name__ == "__main__":
    main()
