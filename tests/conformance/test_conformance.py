"""Every hostile program between good ones, with the language layer and without it.

After each: the good programs' answers are right, the lane lives, no file has changed, no listener was called, no
process is left, no secret came out, and neither host nor zygote has grown.
"""

import itertools
from collections.abc import Iterator

import hostile_files
import hostile_memory
import hostile_output
import hostile_process
import hostile_tamper
import hostile_time
import psutil
import pytest
from hostile_case import GRID, Case
from hostile_house import SECRET, TOKEN, House

from arc_submit.records import Dialect, Fault, Grid, Ran
from arc_submit.sandbox import Job, Sandbox, SandboxConfig

CASES: dict[str, Case] = {
    f"{group}-{name}": case
    for group, cases in (
        ("time", hostile_time.CASES),
        ("memory", hostile_memory.CASES),
        ("process", hostile_process.CASES),
        ("files", hostile_files.CASES),
        ("tamper", hostile_tamper.CASES),
        ("output", hostile_output.CASES),
        ("source", hostile_output.SOURCES),
    )
    for name, case in cases.items()
}
INPUTS: tuple[Grid, ...] = (((1, 2, 0), (0, 3, 4)), ((5, 5, 0, 1), (0, 2, 2, 0), (7, 0, 0, 8)))
# The weapons: an attack that fails to import its tools would prove nothing.
WEAPONS = """
    asyncio atexit concurrent.futures.thread fcntl faulthandler glob http.client linecache locale logging mmap
    multiprocessing.popen_fork multiprocessing.shared_memory pathlib resource runpy select shutil signal socket sqlite3
    subprocess syslog tempfile threading urllib.request ast
"""
GROWTH = 64 << 20  # bytes that host or zygote may differ by; the largest attack holds far more
COUNT = itertools.count()

GOOD = {
    Dialect.TRANSFORM: """
import numpy as np
import random
from collections import Counter
from copy import deepcopy

def transform(grid):
    out = np.zeros_like(grid)
    turned = np.rot90(np.where(grid == 5, 6, deepcopy(grid)), 2)
    out[:] = turned
    colours = Counter(int(v) for v in grid.ravel()).most_common()
    assert len(colours) == len(set(grid.ravel().tolist())) and sum(n for _, n in colours) == grid.size
    assert sorted(range(3), reverse=True) == [2, 1, 0] and not np.empty((3, 3)).any()
    assert 0 <= random.randint(0, 9) <= 9 and 0 <= int(np.random.randint(0, 10)) <= 9
    assert np.array([[1, 2]]).dtype.char in np.typecodes["AllInteger"]
    return out
""",
    Dialect.SOLVE: """
from arc_dsl import *
from arc_ext import *

def solve(I):
    x1 = objects(I, T, F, T)
    assert len(x1) >= ONE
    x4 = layer(I)
    assert cells(x4) == I and cells(painted(x4, 7)) == tuple(tuple(7 if c else 0 for c in r) for r in I)
    assert cells(atop(x4, blank(x4))) == I
    x2 = replace(I, FIVE, SIX)
    x3 = vmirror(x2)
    return hmirror(x3)
""",
    Dialect.MAIN: """
import math, itertools, functools, re, string, heapq, bisect, operator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

@dataclass
class Cell:
    colour: int

class Colour(Enum):
    FIVE = 5

def main(grid):
    assert math.floor(math.sqrt(10)) == 3 and string.digits == "0123456789" and re.fullmatch(r"A+", "aa", re.IGNORECASE)
    assert Fraction(1, 2) + Fraction(1, 3) == Fraction(5, 6) and Fraction(5, 6).limit_denominator(2) == 1
    assert functools.reduce(operator.add, itertools.chain([1], [2])) == 3 and bisect.bisect([1, 3], 2) == 1
    print("hello")
    cells = [[Cell(6 if c == Colour.FIVE.value else c) for c in row] for row in grid]
    grid.clear()
    return [[cell.colour for cell in row[::-1]] for row in cells[::-1]]
""",
}
ENTRY = {Dialect.TRANSFORM: "transform", Dialect.SOLVE: "solve", Dialect.MAIN: "main"}


def right(grid: Grid) -> Grid:
    """What the good programs do: half a turn, and 5 becomes 6."""
    return tuple(tuple(6 if c == 5 else c for c in row[::-1]) for row in grid[::-1])


RIGHT = tuple(map(right, INPUTS))


def good(dialect: Dialect) -> Job:
    return Job(f"{GOOD[dialect]}# {next(COUNT)}\n", dialect, ENTRY[dialect], INPUTS)


@pytest.fixture(scope="module", params=[True, False], ids=["strict", "lax"])
def sandbox(request: pytest.FixtureRequest, house: House) -> Iterator[Sandbox]:
    strict, weapons = request.param, tuple(WEAPONS.split())
    config = SandboxConfig(
        cpu_seconds=0.1, memory_mb=160, cache_size=0, strict_language=strict, preload=weapons, require="A"
    )
    with Sandbox(config) as box:
        ran = box.run([good(dialect) for dialect in Dialect])
        assert [each.isolated for each in ran] == [not request.param] * 3
        watched = (psutil.Process(box.pids()[0]), psutil.Process())
        box.rss = [each.memory_info().rss for each in watched]  # type: ignore[attr-defined]
        yield box


def assert_right(rans: list[Ran]) -> None:
    for ran in rans:
        assert tuple(output.grid for output in ran.outputs) == RIGHT, ran.outputs


def assert_unharmed(sandbox: Sandbox, house: House, pids: list[int]) -> None:
    assert sandbox.pids() == pids, "the lane was lost"
    assert house.look() == house.before
    assert house.visitors() == 0
    zygote = psutil.Process(pids[0])
    assert not [child for child in zygote.children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE]
    assert [child.pid for child in psutil.Process().children()] == pids
    then = sandbox.rss  # type: ignore[attr-defined]
    assert zygote.memory_info().rss < then[0] + GROWTH
    assert psutil.Process().memory_info().rss < then[1] + GROWTH


@pytest.mark.parametrize("name", CASES)
def test_hostile_program_between_good_ones(name: str, sandbox: Sandbox, house: House) -> None:
    case, pids = CASES[name], sandbox.pids()
    attack = Job(house.fill(case.source), case.dialect, case.entry, INPUTS)
    before, (ran, *after) = [good(d) for d in Dialect], [attack, *(good(d) for d in Dialect)]
    rans = sandbox.run([*before, ran, *after])
    hostile = rans[3]
    assert_right([*rans[:3], *rans[4:]])
    assert_right(sandbox.run([good(d) for d in Dialect]))
    assert len(hostile.outputs) == len(INPUTS)
    ended = {GRID if output.fault is None else output.fault for output in hostile.outputs}
    assert ended <= case.expect, hostile.outputs
    said = repr(hostile)
    assert TOKEN not in said and SECRET not in said and "root:" not in said and "do not touch" not in said
    assert all(len(output.message) <= 200 and output.message.isprintable() for output in hostile.outputs)
    assert tuple(output.grid for output in hostile.outputs) != RIGHT
    assert_unharmed(sandbox, house, pids)


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 150


def test_no_case_expects_to_be_lost() -> None:
    assert not [name for name, case in CASES.items() if Fault.LOST in case.expect]
