"""Keep evaluation tasks out of the training data, by content.

Ids say little: 376 of the 400 `arc1-evaluation` tasks stand in `arc2-training`, and two `arc1-training` tasks are
evaluation tasks under another id. What is compared here is a pair's form: input and output turned together into each of
the 8 orientations, colours numbered by first appearance, the smallest text of the eight. Two pairs have the same form
exactly when some orientation and some renaming of colours makes one of the other, so a view, a new id, another order of
pairs or a test pair shown as a demonstration hides nothing.

A task is refused when one of its pairs, demonstration or test, has the form of any evaluation pair. No pair is too
small to count: the smallest evaluation pair has 10 cells, a refusal costs one training task, and of the 400 tasks of
`arc1-training` none was refused by chance.

Inputs alone are compared on request (`inputs=True`): tasks made by running new programs on old inputs would show a
model the evaluation's grids with other outputs. There chance does strike (35 of 400 `arc1-training` tasks share a 3x3
or a nearly blank input with an evaluation task), so an input counts from `INPUT_BITS` on; 44 of the 400
`arc1-evaluation` tasks have no input that does.

Not covered: near copies (a cropped or extended grid, one cell changed), an evaluation output used as an input, tasks
that share an idea but no grid. Nothing is kept on disk.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from math import factorial, log2, prod
from typing import TypeAlias

from arc_submit import views
from arc_submit.errors import UserError
from arc_submit.records import COLOURS, Grid, Task, View
from arc_submit.tasks import load, load_solutions

EVALUATION = ("arc1-evaluation", "arc2-evaluation", "kaggle2025-evaluation")
INPUT_BITS = 24.0
"""An input says something from this many bits on, see `bits`. A 3x3 grid has at most 13, one cell on 10x10 has 7."""

Outline: TypeAlias = tuple[object, ...]

_SEEN_AS = tuple(View(name) for name in views.SYMMETRIES)
_NUMBERS = bytes(range(COLOURS))


class ContaminationError(UserError):
    """A training task with evaluation content."""


@dataclass(frozen=True)
class Guard:
    """What the evaluation sets hold, hashed. Build one with `Guard.of`."""

    names: tuple[str, ...]
    pairs: Mapping[bytes, str]
    """Form of each evaluation pair -> where it stands, e.g. `arc1-evaluation/00576224`."""
    inputs: Mapping[bytes, str]
    """The same for inputs of `INPUT_BITS` or more; empty when inputs are not compared."""
    outlines: frozenset[Outline]
    """Outlines of everything above: most grids are told apart here, nine times faster than by their form."""

    @classmethod
    def of(cls, names: Iterable[str] = EVALUATION, *, inputs: bool = False) -> "Guard":
        """Return the guard of these sets (names or paths, as `arc_submit.tasks.load` takes them); two seconds.

        Test pairs count where the set's solutions are known.

        Raises:
            DataError: neither a known name nor a readable path, or bad content.
        """
        names = tuple(names)
        found: list[tuple[tuple[Grid, ...], str]] = []
        for name in names:
            solutions = load_solutions(name)
            for task in load(name):
                outputs = solutions.outputs.get(task.id, ()) if solutions is not None else ()
                found += [(pair, f"{name}/{task.id}") for pair in _pairs(task, outputs)]
                if inputs:
                    found += [((grid,), f"{name}/{task.id}") for grid in task.inputs if bits(grid) >= INPUT_BITS]
        forms: tuple[dict[bytes, str], dict[bytes, str]] = ({}, {})  # of inputs, of pairs
        for grids, where in found:
            forms[len(grids) - 1].setdefault(form(*grids), where)
        return cls(names, forms[1], forms[0], frozenset(outline(*grids) for grids, _ in found))

    def refuse(self, task: Task, solutions: Sequence[Grid] = ()) -> str | None:
        """Return why the task must not be trained on, None when it may.

        Args:
            task: any task, in any view.
            solutions: its test outputs, in order; without them its test inputs take part as inputs only.

        Raises:
            ValueError: solutions of another number than test inputs.
        """
        for number, pair in enumerate(_pairs(task, solutions)):
            if (where := self._known(self.pairs, *pair)) is not None:
                place = (
                    f"demonstration {number}" if number < len(task.train) else f"test pair {number - len(task.train)}"
                )
                return f"{place} is a pair of {where}, turned or recoloured at most"
        if self.inputs:
            for number, grid in enumerate(task.inputs):
                if (where := self._known(self.inputs, grid)) is not None:
                    return f"input {number} is an input of {where}, turned or recoloured at most"
        return None

    def check(self, task: Task, solutions: Sequence[Grid] = ()) -> None:
        """Make sure that the task may be trained on; arguments as for `refuse`.

        Raises:
            ContaminationError: it holds evaluation content.
            ValueError: solutions of another number than test inputs.
        """
        if (reason := self.refuse(task, solutions)) is not None:
            raise ContaminationError(
                f"task {task.id}: {reason}: leave it out of the training data, "
                f"or take that set out of the guard and never measure on it"
            )

    def describe(self) -> str:
        """Return one line for a manifest: what was compared with what."""
        also = f" and {len(self.inputs)} inputs of {INPUT_BITS:g} bits or more" if self.inputs else ""
        return f"no task shares a pair with {', '.join(self.names)}: {len(self.pairs)} pairs{also}, by content"

    def _known(self, forms: Mapping[bytes, str], *grids: Grid) -> str | None:
        return forms.get(form(*grids)) if outline(*grids) in self.outlines else None


def form(*grids: Grid) -> bytes:
    """Return 16 bytes that are equal for grids that one orientation and one renaming of colours makes equal.

    >>> form(((1, 2), (3, 3))) == form(((5, 0), (5, 4))) != form(((1, 2), (1, 3)), ((1,),))
    True
    """
    return blake2b(min(_text(view, grids) for view in _SEEN_AS), digest_size=16).digest()


def _text(view: View, grids: Sequence[Grid]) -> bytes:
    """Sides of each grid as the view shows it, then all cells, colours numbered by first appearance."""
    seen = [views.apply(view, grid) for grid in grids]
    cells = b"".join(map(_flat, seen))
    order = bytes(dict.fromkeys(cells))
    sides = bytes(chain.from_iterable((len(grid), len(grid[0])) for grid in seen))
    return sides + cells.translate(bytes.maketrans(order, _NUMBERS[: len(order)]))


def outline(*grids: Grid) -> Outline:
    """Return what turning and recolouring leave alone: the sides up to a turn, and how often colours stand together.

    >>> outline(((1, 2, 2),))
    (((1, 3),), ((0,), (0,), (0,), (0,), (0,), (0,), (0,), (0,), (1,), (2,)))
    """
    sides = tuple((len(grid), len(grid[0])) for grid in grids)
    turned = tuple((width, height) for height, width in sides)
    flat = [_flat(grid) for grid in grids]
    counts = sorted(tuple(cells.count(colour) for cells in flat) for colour in range(COLOURS))
    return min(sides, turned), tuple(counts)


def bits(grid: Grid) -> float:
    """Return log2 of the number of ways to lay out the grid's cells: what a grid says beyond its size and colours.

    >>> bits(((7, 7), (7, 7))), bits(((0, 1), (1, 1)))
    (0.0, 2.0)
    """
    cells = _flat(grid)
    return log2(factorial(len(cells)) // prod(factorial(cells.count(colour)) for colour in set(cells)))


def _flat(grid: Grid) -> bytes:
    return bytes(chain.from_iterable(grid))


def _pairs(task: Task, outputs: Sequence[Grid]) -> Iterator[tuple[Grid, Grid]]:
    yield from ((pair.input, pair.output) for pair in task.train)
    if outputs:
        yield from zip(task.test, outputs, strict=True)
