"""Productions, the expressions they build, and the program text of an expression.

An `Entry` is an expression with its values on every input. Entries share their arguments, so an expression is a
directed acyclic graph, and `to_source` writes one line per node: common parts are named once.

Left out: literals beyond ints and pairs of ints; they are written as Python has them where the DSL has no name.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from arc_submit.symbolic.values import Vector

HEADER = "from arc_dsl import *\n\n\n"
EXTENDED_HEADER = "from arc_dsl import *\nfrom arc_ext import *\n\n\n"
"""Of programs that call the DSL's extensions."""


@dataclass(frozen=True, slots=True)
class Production:
    """One way to build an expression."""

    name: str
    """The primitive, or the outermost one."""
    template: str
    """Program text with `{0}`, `{1}` ... for the arguments."""
    parameters: tuple[str, ...]
    """Kinds of the arguments."""
    returns: str
    """Kind of the result."""
    cost: int
    """Cost units that it adds to those of its arguments; at least 1."""
    call: Callable[..., Any]
    limits: tuple[int, ...] = ()
    """Largest cost of each argument; empty: no limit."""
    commutative: bool = False
    """The first two arguments may be exchanged."""
    guard: Callable[..., bool] | None = None
    """Cheap precondition on the arguments of one input; false: not evaluated."""
    inline: bool = False
    """Written in place, without a line of its own: names of functions and constants."""


@dataclass(slots=True, eq=False)
class Entry:
    """An expression and its values."""

    number: int
    """Order of creation; stands for the expression in sorting and in the keys of functions."""
    production: Production
    arguments: tuple["Entry", ...]
    cost: int
    values: Vector
    level: int = 0
    """The level of the bank that it lies in: at least its cost, later for expressions found ahead of their turn."""

    @property
    def kind(self) -> str:
        return self.production.returns


PATCH_TAKERS = frozenset({"fill", "underfill", "cover", "subgrid", "toobject", "recolor"})


def _plain(entry: Entry) -> Entry:
    """The object behind `toindices`, for callers that take any patch."""
    while entry.production.name == "toindices":
        entry = entry.arguments[0]
    return entry


def arguments_of(entry: Entry) -> tuple[Entry, ...]:
    """Arguments as they are written."""
    if entry.production.name in PATCH_TAKERS:
        return tuple(_plain(a) if a.kind == "P" else a for a in entry.arguments)
    return entry.arguments


def nodes(root: Entry) -> Iterator[Entry]:
    """Yield every distinct expression below `root`, arguments first, `root` last."""
    done: set[int] = set()
    stack: list[tuple[Entry, bool]] = [(root, False)]
    while stack:
        entry, expanded = stack.pop()
        if entry.number in done:
            continue
        if expanded:
            done.add(entry.number)
            yield entry
            continue
        stack.append((entry, True))
        for argument in reversed(arguments_of(entry)):
            stack.append((argument, False))


def to_source(root: Entry) -> str:
    """Return the program of a Grid expression: `def solve(I)` with one assignment per node."""
    names: dict[int, str] = {}
    lines: list[str] = []
    for entry in nodes(root):
        text = entry.production.template.format(*(names[a.number] for a in arguments_of(entry)))
        if entry is root:
            lines.append(f"    O = {text}")
        elif entry.production.inline:
            names[entry.number] = text
        else:
            name = f"x{len(lines) + 1}"
            names[entry.number] = name
            lines.append(f"    {name} = {text}")
    return f"{HEADER}def solve(I):\n" + "\n".join(lines) + "\n    return O\n"
