"""Looks of a small grid whose cells stand for panels of a large one, or each for the whole of it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from arc_submit.dsl.extensions.looks.base import LOOKS, NUMBER, Cells, Sight

VARIED = ("other colour", "times in grid", "rank of colour")  # not the same for all cells of a grid
WHOLE = tuple(name for name, look in LOOKS.items() if look.group == "whole" and name not in VARIED)
NUMBERS = tuple(name for name in WHOLE if LOOKS[name].kind == NUMBER)
LINES = ("row", "column", "row from bottom", "column from right", "ring")
PARITIES = ("row modulo 2", "column modulo 2", "sum modulo 2")
PLACES = (*LINES, *PARITIES, "side of diagonal", "side of counter diagonal")
ORDERS = ("place", "place by columns")
RANKS = {f"rank by {name}": name for name in NUMBERS}


class Overview(Sight):
    """A small grid: one cell for each panel, in rows; or a single panel, and all cells stand for it."""

    def __init__(self, pieces: Sequence[Sight], rows: int, columns: int) -> None:
        super().__init__(np.zeros((rows, columns), np.int16))
        self._pieces = pieces

    @property
    def several(self) -> bool:
        """Whether the cells stand for different panels."""
        return len(self._pieces) > 1

    def look(self, name: str) -> Cells:
        """Return a look of the cells' places or of their panels."""
        if name in PLACES:
            return super().look(name)
        if name in ORDERS:
            order = np.arange(self.a.size, dtype=np.int16)
            return order.reshape(self.a.shape) if name == "place" else order.reshape(self.a.shape[::-1]).T
        if name in RANKS:
            values = self._values(RANKS[name])
            return np.unique(-values, return_inverse=True)[1].reshape(self.a.shape).astype(np.int16)
        return self._values(name)

    def _values(self, name: str) -> Any:
        values = np.array([piece.look(name)[0, 0] for piece in self._pieces], np.int16)
        return np.resize(values, self.a.shape)
