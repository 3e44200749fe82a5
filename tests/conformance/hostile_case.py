"""How hostile programs are written down: as data, with the faults they may end in."""

from dataclasses import dataclass
from textwrap import dedent

from arc_submit.records import Dialect, Fault

GRID = "grid"  # some grid came back: allowed where a program only tries to do harm on the way
LOOP = frozenset({Fault.CPU, Fault.WALL})  # on a crowded machine the wall may come first
BOMB = frozenset({Fault.MEMORY, Fault.CPU, Fault.WALL, Fault.CRASH})
ANY = frozenset({*Fault, GRID}) - {Fault.LOST}


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile or buggy program. Markers: @DIR@ @TCP@ @UNIX@ @HOST@ @SECRET_FILE@ are filled in by the suite."""

    source: str
    expect: frozenset[Fault | str]
    """Every output must be one of these."""
    dialect: Dialect = Dialect.TRANSFORM
    entry: str = "transform"


def case(source: str, *expect: "Fault | str | frozenset[Fault | str]", **more: object) -> Case:
    """A whole program."""
    allowed: set[Fault | str] = set()
    for each in expect:
        allowed |= {each} if isinstance(each, str) else each
    return Case(dedent(source).lstrip("\n"), frozenset(allowed), **more)  # type: ignore[arg-type]


def body(source: str, *expect: "Fault | str | frozenset[Fault | str]") -> Case:
    """The body of `transform(grid)`; returns the grid as it came unless it says otherwise."""
    lines = dedent(source).strip("\n").splitlines()
    return case("def transform(grid):\n" + "".join(f"    {line}\n" for line in lines) + "    return grid\n", *expect)
