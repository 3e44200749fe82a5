"""Small programs and grids that the sandbox's tests share."""

import itertools
from textwrap import dedent

from arc_submit.records import Dialect, Fault, Grid, Ran
from arc_submit.sandbox import Job

INPUTS: tuple[Grid, ...] = (((1, 2, 0), (0, 3, 4)), ((5, 5), (0, 2)), ((7,),))
COUNT = itertools.count()


def job(source: str, dialect: Dialect = Dialect.TRANSFORM, inputs: tuple[Grid, ...] = INPUTS) -> Job:
    return Job(dedent(source), dialect, dialect.value, inputs)


def good(inputs: tuple[Grid, ...] = INPUTS) -> Job:
    """A program that mirrors; never the same text twice."""
    return job(f"def transform(grid):\n    return grid[:, ::-1]\n# {next(COUNT)}\n", inputs=inputs)


def mirrored(inputs: tuple[Grid, ...] = INPUTS) -> tuple[Grid, ...]:
    return tuple(tuple(row[::-1] for row in grid) for grid in inputs)


def grids(ran: Ran) -> tuple[Grid | None, ...]:
    return tuple(output.grid for output in ran.outputs)


def faults(ran: Ran) -> set[Fault | None]:
    return {output.fault for output in ran.outputs}


LOOP = job("def transform(grid):\n    while True:\n        pass\n")
C_LOOP = job("from itertools import count\ndef transform(grid):\n    return -1 in count()\n")
