"""Shared builders: tiny grids, tasks, programs, outcomes and candidates, a sandbox that plays a script, a fake clock.

A grid is spelled row by row: `G("12/34")` is ((1, 2), (3, 4)).
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from arc_submit import views
from arc_submit.programs import from_source
from arc_submit.records import Candidate, Fault, Grid, Outcome, Output, Pair, Program, Ran, Task, View


def G(text: str) -> Grid:
    """The grid that the digits spell, rows parted by slashes."""
    return tuple(tuple(map(int, row)) for row in text.split("/"))


def rows(grid: Grid) -> list[list[int]]:
    """A grid as JSON has it."""
    return [list(row) for row in grid]


def events_so_far(out: Path, kind: str) -> int:
    """Events of a kind in the trace of a run that may be starting: its folder is cleared, then the trace begins."""
    try:
        return (out / "trace.jsonl").read_text().count(f'"event":"{kind}"')
    except FileNotFoundError:
        return 0


def make_task(*pairs: tuple[str, str], test: Sequence[str] = ("34/12",), task_id: str = "t") -> Task:
    """A task from spelled pairs; by default two pictures to be turned upside down."""
    chosen = pairs or (("12/34", "34/12"), ("56/78", "78/56"))
    return Task(task_id, tuple(Pair(G(given), G(wanted)) for given, wanted in chosen), tuple(map(G, test)))


def entry(pairs: Sequence[tuple[str, str]] = (("1", "2"),), tests: Sequence[tuple[str, str | None]] = (("3", None),)):
    """A task as a file has it; a test output of None is left out."""
    return {
        "train": [{"input": rows(G(given)), "output": rows(G(wanted))} for given, wanted in pairs],
        "test": [
            {"input": rows(G(given))} | ({} if wanted is None else {"output": rows(G(wanted))})
            for given, wanted in tests
        ],
    }


def make_program(body: str = "I", *, proposer: str = "test", parents: tuple[str, ...] = ()) -> Program:
    """`solve` with one expression."""
    return from_source(f"def solve(I):\n    return {body}\n", proposer, parents)


def make_outcome(
    solved: Sequence[bool] = (True, True),
    *,
    cells: Sequence[float] | None = None,
    signature: str = "s",
    scored: bool = True,
) -> Outcome:
    """An outcome with these pairs right; cells follow unless given."""
    shares = tuple(map(float, solved)) if cells is None else tuple(cells)
    return Outcome(sum(solved) / len(solved) if scored else None, tuple(solved), shares, signature)


def make_candidate(
    name: str,
    tests: Sequence[str | None] = ("1",),
    *,
    solved: Sequence[bool] = (True, True),
    cells: Sequence[float] | None = None,
    signature: str | None = None,
    scored: bool = True,
    literal: bool = False,
    parents: tuple[str, ...] = (),
    length: int = 50,
) -> Candidate:
    """A judged program with this id and `length` tokens; a behaviour of its own unless one is named."""
    source = "def solve(I): return I"
    template = from_source(source, "test", parents)
    program = Program(name, source, template.dialect, template.entry, length, "test", parents)
    outcome = make_outcome(solved, cells=cells, signature=signature or f"behaviour of {name}", scored=scored)
    return Candidate(program, outcome, tuple(None if test is None else G(test) for test in tests), literal)


def ran(*outputs: Grid | Fault | None) -> Ran:
    """What a sandbox returns: grids as they are, faults as outputs without one."""
    return Ran(tuple(Output(None, found) if isinstance(found, Fault) else Output(found) for found in outputs))


class PlayedSandbox:
    """Plays programs as Python functions by their source, and keeps every job it was given.

    A function takes and returns a grid, or returns a fault. `stable` says what `confirm` answers for a source.
    """

    def __init__(
        self,
        functions: Mapping[str, Callable[[Grid], Grid | Fault]],
        stable: Mapping[str, bool | None] | None = None,
    ) -> None:
        self.functions = functions
        self.stable = stable or {}
        self.ran: list[Any] = []
        self.confirmed: list[Any] = []
        self.calls: list[tuple[str, int]] = []
        """("run" or "confirm", number of jobs) per call."""

    def run(self, jobs: Sequence[Any], deadline: float) -> list[Ran]:
        self.calls.append(("run", len(jobs)))
        self.ran += jobs
        return [ran(*map(self.functions[job.source], job.inputs)) for job in jobs]

    def confirm(self, jobs: Sequence[Any], deadline: float, first: Sequence[Ran] | None = None) -> list[bool | None]:
        self.calls.append(("confirm", len(jobs)))
        self.confirmed += jobs
        return [self.stable.get(job.source, True) for job in jobs]


class Clock:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


# What hypothesis draws. ----------------------------------------------------------------------------------------------


@st.composite
def grids(draw: st.DrawFn, max_side: int = 5) -> Grid:
    """Small grids of every shape and colour."""
    height, width = draw(st.integers(1, max_side)), draw(st.integers(1, max_side))
    row = st.tuples(*[st.integers(0, 9)] * width)
    return draw(st.tuples(*[row] * height))


@st.composite
def any_view(draw: st.DrawFn, pairs: int = 3) -> View:
    """Every symmetry, any colour permutation, any order of the pairs or none."""
    order = draw(st.one_of(st.just(()), st.permutations(range(pairs)).map(tuple)))
    return View(draw(st.sampled_from(sorted(views.SYMMETRIES))), tuple(draw(st.permutations(range(10)))), order)


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    """One to three pairs, one or two tests."""
    pairs = draw(st.lists(st.builds(Pair, grids(), grids()), min_size=1, max_size=3))
    return Task("t", tuple(pairs), tuple(draw(st.lists(grids(), min_size=1, max_size=2))))
