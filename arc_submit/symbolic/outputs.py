"""The outputs of the demonstrations, in the forms in which goals ask for them; smallest demonstration first."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from arc_submit.records import Grid
from arc_submit.symbolic.terminals import shape_of
from arc_submit.symbolic.values import Vector

Place: TypeAlias = tuple[int, int]
Places: TypeAlias = frozenset[Place]

CHEAP = 24  # cost units that any program may have
UNITS_PER_CELL = 3  # further cost units for every cell of the demonstrations' outputs


class Outputs:
    """Derived once per task; read-only."""

    def __init__(self, grids: Sequence[Grid]) -> None:
        self.grids = tuple(grids)
        self.count = len(self.grids)
        self.shapes = [shape_of(grid) for grid in self.grids]
        self.flat = [[v for row in grid for v in row] for grid in self.grids]
        """Colours row by row."""
        self.places: list[Places] = []
        """All places, per output."""
        self.cells: list[frozenset[Any]] = []
        """All cells (colour, place)."""
        self.of_colour: list[dict[int, Places]] = []
        """Places by colour."""
        for grid in self.grids:
            cells = [(v, (i, j)) for i, row in enumerate(grid) for j, v in enumerate(row)]
            self.cells.append(frozenset(cells))
            self.places.append(frozenset(place for _, place in cells))
            colours = sorted({v for v, _ in cells})
            self.of_colour.append({c: frozenset(p for v, p in cells if v == c) for c in colours})

    def worth(self) -> int:
        """Return the cost above which a program says more than the outputs do, so that its passing proves little."""
        return CHEAP + UNITS_PER_CELL * sum(len(flat) for flat in self.flat)

    def score(self, values: Vector) -> tuple[int, float]:
        """Return (demonstrations right, mean share of right cells) of the values of a grid expression."""
        solved, cells = 0, 0.0
        for grid, output in zip(values, self.grids, strict=False):
            if grid == output:
                solved += 1
                cells += 1.0
            elif shape_of(grid) == shape_of(output):
                right = sum(
                    a == b for row, out in zip(grid, output, strict=True) for a, b in zip(row, out, strict=True)
                )
                cells += right / (len(output) * len(output[0]))
        return solved, cells / self.count

    def blank_residual(self) -> float:
        """Return the mean share of cells that the best one-coloured grid leaves wrong; never 0."""
        left = [
            1 - max(map(len, by_colour.values())) / len(flat)
            for by_colour, flat in zip(self.of_colour, self.flat, strict=True)
        ]
        return max(sum(left) / self.count, 0.01)

    def fits(self, values: Vector) -> bool:
        """Return whether the grids have the outputs' shapes."""
        return all(len(g) == h and len(g[0]) == w for g, (h, w) in zip(values, self.shapes, strict=False))
