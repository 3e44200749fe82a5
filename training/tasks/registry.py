"""Every task generator by name, and the n-th generated task of a seed.

A family is a module of this folder that lists its generators in a tuple `GENERATORS`; a generator is a function
`(rng: random.Random) -> Draft` whose docstring says its rule. Here they get names `family/function`.

    item(0, 7).source    # the eighth task of seed 0, whichever were asked for before
"""

import random
from collections.abc import Callable, Iterator
from importlib import import_module

from training.tasks.item import Draft, Item, attempt

Generator = Callable[[random.Random], Draft]

FAMILIES = (
    "objects",
    "symmetry",
    "counting",
    "scaling",
    "colours",
    "lines",
    "containment",
    "gravity",
    "completion",
    "cells",
    "composition",
)
"""Modules of this folder, in the order in which their generators take turns."""


def _gathered() -> dict[str, Generator]:
    table: dict[str, Generator] = {}
    for family in FAMILIES:
        for function in import_module(f"{__package__}.{family}").GENERATORS:
            table[f"{family}/{function.__name__}"] = function
    return table


GENERATORS: dict[str, Generator] = _gathered()
"""`family/name` -> generator."""


def item(seed: int, index: int) -> Item:
    """Return task number `index` of a seed: generators take turns, the random numbers come from (seed, index)."""
    names = tuple(GENERATORS)
    name = names[index % len(names)]
    return attempt(GENERATORS[name], random.Random(f"{seed}/{index}"), f"{seed}-{index}", name)


def items(seed: int, count: int, start: int = 0) -> Iterator[Item]:
    """Yield tasks `start` to `start + count - 1` of a seed."""
    return (item(seed, index) for index in range(start, start + count))
