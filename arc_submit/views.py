"""Views: 8 orientations x colour permutation x pair order, each of which knows how to undo itself.

A model that sees a task in a view writes a program for that view. `wrap` puts code around the program that takes an
original grid into the view and the answer back out, so every stored program runs on original grids (peers who undid
views outside the program shipped wrong reverts; here undo after apply is tested for every member).

The symmetries carry the DSL's names: `hmirror` is upside down, `dmirror` the transpose.
"""

import random
from collections.abc import Callable
from dataclasses import replace

from arc_submit.programs import from_source
from arc_submit.records import COLOURS, Dialect, Grid, Pair, Program, Task, View

SYMMETRIES: dict[str, tuple[str, str]] = {
    "identity": ("rows", "identity"),
    "rot90": ("zip(*rows[::-1])", "rot270"),
    "rot180": ("[row[::-1] for row in rows[::-1]]", "rot180"),
    "rot270": ("list(zip(*rows))[::-1]", "rot90"),
    "hmirror": ("rows[::-1]", "hmirror"),
    "vmirror": ("[row[::-1] for row in rows]", "vmirror"),
    "dmirror": ("zip(*rows)", "dmirror"),
    "cmirror": ("zip(*[row[::-1] for row in rows[::-1]])", "cmirror"),
}
"""Name -> (the expression over `rows` that does it, the name of its inverse). One text serves both the functions here
and the code that `wrap` writes, so the two cannot drift apart."""

_TURN: dict[str, Callable[[Grid], Grid]] = {
    name: eval(f"lambda rows: tuple(map(tuple, {expression}))") for name, (expression, _) in SYMMETRIES.items()
}
_SAME_COLOURS = tuple(range(COLOURS))


def key(view: View) -> str:
    """Return the view's text form; `parse` reads it back.

    >>> key(View("rot90", (0, 2, 1, 3, 4, 5, 6, 7, 8, 9), (1, 0)))
    'rot90|0213456789|1.0'
    """
    return f"{view.symmetry}|{''.join(map(str, view.colours))}|{'.'.join(map(str, view.order))}"


def parse(text: str) -> View:
    """Return the view that `key` spelled.

    Raises:
        ValueError: not a view's key.
    """
    symmetry, colours, order = text.split("|")
    view = View(symmetry, tuple(map(int, colours)), tuple(map(int, order.split("."))) if order else ())
    in_order = sorted(view.order) == list(range(len(view.order)))
    if symmetry not in SYMMETRIES or sorted(view.colours) != list(_SAME_COLOURS) or not in_order:
        raise ValueError(f"not a view: {text!r}")
    return view


def draw(rng: random.Random, pairs: int, *, keep: frozenset[int] = frozenset()) -> View:
    """Return a random view for a task with `pairs` demonstrations; colours in `keep` stay themselves."""
    moving = [colour for colour in _SAME_COLOURS if colour not in keep]
    shuffled = iter(rng.sample(moving, len(moving)))
    colours = tuple(colour if colour in keep else next(shuffled) for colour in _SAME_COLOURS)
    return View(rng.choice(list(SYMMETRIES)), colours, tuple(rng.sample(range(pairs), pairs)))


def ordered(view: View, order: tuple[int, ...]) -> View:
    """Return the view with its demonstrations in another order; one that lacks an index leaves that one out."""
    return replace(view, order=order)


def left_out(view: View, pairs: int) -> list[int]:
    """Return the demonstrations, of `pairs`, that the view does not show.

    >>> left_out(View(order=(2, 0)), 3), left_out(View(), 3)
    ([1], [])
    """
    return [index for index in range(pairs) if index not in view.order] if view.order else []


def inverse(view: View) -> View:
    """Return the view that undoes this one on grids (pair order has no part in that)."""
    undone = [0] * COLOURS
    for colour, becomes in enumerate(view.colours):
        undone[becomes] = colour
    return View(SYMMETRIES[view.symmetry][1], tuple(undone))


def apply(view: View, grid: Grid) -> Grid:
    """Return the grid as the view shows it."""
    turned = _TURN[view.symmetry](grid)
    if view.colours == _SAME_COLOURS:
        return turned
    return tuple(tuple(view.colours[cell] for cell in row) for row in turned)


def apply_task(view: View, task: Task) -> Task:
    """Return the task as the view shows it; the id stays."""
    order = view.order or range(len(task.train))
    pairs = [task.train[index] for index in order]
    return Task(
        task.id,
        tuple(Pair(apply(view, pair.input), apply(view, pair.output)) for pair in pairs),
        tuple(apply(view, grid) for grid in task.test),
    )


_FOUND_IN = "\n\n# Found in the view {key}: into the view, run, and back out.\n"


def frame(program: Program) -> str:
    """Return what programs must share to be read side by side: symmetry and colours, empty for original grids."""
    return program.view.rpartition("|")[0]


def unwrap(program: Program) -> tuple[str, View]:
    """Return (source as it was found, view that it was found in): what `wrap` was given."""
    if not program.view:
        return program.source, View()
    end = program.source.rfind(_FOUND_IN.format(key=program.view))
    if end < 0:
        raise ValueError(f"program {program.id} has a view and no wrapper")
    return program.source[:end] + "\n", parse(program.view)


_ARGUMENT = {
    Dialect.TRANSFORM: "numpy.array(seen)",
    Dialect.SOLVE: "seen",
    Dialect.MAIN: "[list(row) for row in seen]",
}
_ROWS = {  # whatever the program returned -> a list of lists of plain numbers
    Dialect.TRANSFORM: "numpy.asarray(answer).tolist()",
    Dialect.SOLVE: "answer",
    Dialect.MAIN: "numpy.asarray(answer).tolist()",
}
_GRID = {
    Dialect.TRANSFORM: "numpy.array(list({}))",
    Dialect.SOLVE: "tuple(map(tuple, {}))",
    Dialect.MAIN: "[list(row) for row in {}]",
}

_WRAPPER = (
    _FOUND_IN
    + """def {entry}(grid, in_the_view={entry}):
    global {entry}
    import numpy

    rows = [[{into}[cell] for cell in row] for row in ({given})]
    seen = tuple(map(tuple, {turn}))
    outside, {entry} = {entry}, in_the_view  # a program that calls itself means itself
    try:
        answer = in_the_view({argument})
    finally:
        {entry} = outside
    rows = [[{out_of}[cell] for cell in row] for row in {rows}]
    return {result}
"""
)


def wrap(program: Program, view: View) -> Program:
    """Return the program, found in `view`, so that it runs on original grids (a new program, with an id of its own)."""
    if view.symmetry == "identity" and view.colours == _SAME_COLOURS:
        return program
    given = "grid.tolist()" if program.dialect is Dialect.TRANSFORM else "grid"
    source = program.source.rstrip() + _WRAPPER.format(
        key=key(view),
        entry=program.entry,
        into=dict(enumerate(view.colours)),
        out_of=dict(enumerate(inverse(view).colours)),
        given=given,
        turn=SYMMETRIES[view.symmetry][0],
        argument=_ARGUMENT[program.dialect],
        rows=_ROWS[program.dialect],
        result=_GRID[program.dialect].format(SYMMETRIES[SYMMETRIES[view.symmetry][1]][0]),
    )
    return replace(from_source(source, program.proposer, program.parents), view=key(view), length=program.length)
