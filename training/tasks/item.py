"""What a generated task is, and the checks that every one of them passes.

A generator draws inputs and writes a DSL program; the outputs are what the program makes of the inputs, so task and
program cannot disagree. `make` refuses drafts that teach nothing: an output that is not a grid, the identity, one
constant output, repeated inputs, a line that could be left out.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from arc_submit.records import MAX_SIDE, Grid, Pair, Task
from arc_submit.symbolic.program import parse

PAIRS = (3, 4, 5)  # inputs drawn per task, the last one being the test input


class Unfit(ValueError):
    """A draft that makes no task; the generator is asked again with the next random numbers."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a generator returns."""

    inputs: tuple[Grid, ...]
    """Demonstration inputs, the test input last."""
    body: tuple[str, ...]
    """Lines of `solve(I)` without indentation, one call each: `x1 = ...`, ..., `O = ...`."""


@dataclass(frozen=True, slots=True)
class Item:
    """A task with the program that made it."""

    task: Task
    test: Grid
    """Output of the one test input."""
    source: str
    """`def solve(I): ...`, DSL names unimported."""
    origin: str
    """Where it came from, e.g. `symmetry/complete_mirror`."""


def source(body: Sequence[str]) -> str:
    """Return the program text of a body.

    >>> print(source(["O = hmirror(I)"]))
    def solve(I):
        O = hmirror(I)
        return O
    <BLANKLINE>
    """
    return "def solve(I):\n" + "".join(f"    {line}\n" for line in body) + "    return O\n"


def compiled(text: str) -> Callable[[Grid], Grid]:
    """Return `solve` of a program of our own making (never of a model's: those run in the sandbox)."""
    from arc_submit.dsl.registry import CONSTANTS, PRIMITIVES

    names: dict[str, object] = {**CONSTANTS, **{name: entry.function for name, entry in PRIMITIVES.items()}}
    exec(compile(text, "<generated>", "exec"), names)
    return names["solve"]  # type: ignore[return-value]


def make(draft: Draft, item_id: str, origin: str) -> Item:
    """Return the item of a draft.

    Raises:
        Unfit: the draft makes no good task; the message says why.
    """
    text = source(draft.body)
    outputs = run(text, draft.inputs)
    check(draft.inputs, outputs)
    _check_lines(draft, outputs)
    pairs = tuple(Pair(given, made) for given, made in zip(draft.inputs, outputs, strict=True))
    return Item(Task(item_id, pairs[:-1], (draft.inputs[-1],)), outputs[-1], text, origin)


def run(text: str, inputs: Sequence[Grid]) -> tuple[Grid, ...]:
    """Return a program's outputs.

    Raises:
        Unfit: it raised, or an output is not a grid.
    """
    try:
        solve = compiled(text)
        outputs = tuple(solve(grid) for grid in inputs)
    except Exception as error:  # whatever a primitive raises on values it has no answer for
        raise Unfit(f"raised {type(error).__name__}: {error}") from None
    for grid in outputs:
        if not is_grid(grid):
            raise Unfit("an output is not a grid")
    return outputs


def is_grid(value: object) -> bool:
    """Return whether a value is a grid: tuples, 1..30 a side, rectangular, ints 0..9."""
    if not isinstance(value, tuple) or not 1 <= len(value) <= MAX_SIDE or not isinstance(value[0], tuple):
        return False
    width = len(value[0])
    return 1 <= width <= MAX_SIDE and all(
        isinstance(row, tuple) and len(row) == width and all(type(cell) is int and 0 <= cell <= 9 for cell in row)
        for row in value
    )


def check(inputs: Sequence[Grid], outputs: Sequence[Grid]) -> None:
    """Refuse what teaches nothing.

    Raises:
        Unfit: the identity on some pair, one output for all, or inputs that repeat.
    """
    if len(set(inputs)) < len(inputs):
        raise Unfit("inputs repeat")
    if any(given == made for given, made in zip(inputs, outputs, strict=True)):
        raise Unfit("an output equals its input")
    if len(set(outputs)) == 1:
        raise Unfit("every output is the same")


def _check_lines(draft: Draft, outputs: tuple[Grid, ...]) -> None:
    straight = parse(source(draft.body))
    if straight is None:
        raise Unfit("not one call per line")
    used = {argument for line in straight.lines for argument in line.arguments}
    used |= {line.callee for line in straight.lines}
    if any(line.name not in used and line.name != straight.result for line in straight.lines):
        raise Unfit("a line is never used")


def attempt(make_draft: Callable[[random.Random], Draft], rng: random.Random, item_id: str, origin: str) -> Item:
    """Return the first fit item of a generator, drawing up to 200 times.

    Raises:
        Unfit: none was fit: the generator is broken.
    """
    reason = ""
    for _ in range(200):
        try:
            return make(make_draft(rng), item_id, origin)
        except Unfit as error:
            reason = str(error)
    raise Unfit(f"{origin}: no fit draft in 200; last: {reason}")
