"""What the search aims at: the outputs, or something smaller that one last step makes all of them from.

Where every output is a mirror mosaic, a tiling, an enlargement or a bordered picture, the part that it is made of is
easier to put together than the whole, and no state shows it otherwise.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from arc_submit.symbolic.layers.catalogue import Move

GROWING = frozenset(
    {
        "bordered",
        "enlarged",
        "kaleidoscope",
        "mirrored_above",
        "mirrored_below",
        "mirrored_on_left",
        "mirrored_on_right",
        "pinwheel",
        "repeated_across",
        "repeated_down",
        "tiled",
    }
)
"""Steps that can be undone by cutting out a part."""
MOST = 2  # aims beside the outputs


@dataclass(frozen=True, slots=True)
class Aim:
    """Pictures to put together."""

    outputs: tuple[Any, ...]
    """uint8[h, w] of each demonstration."""
    last: Move | None = None
    """The step that makes the real outputs of them; None: they are."""

    @property
    def cost(self) -> int:
        """Cost units of the last step."""
        return 0 if self.last is None else self.last.cost


def aims(outputs: Sequence[Any], moves: Sequence[Move]) -> list[Aim]:
    """Return the outputs as an aim, then those that one step leads to them from, the smallest parts first."""
    found: list[Aim] = []
    for move in moves:
        if move.name in GROWING and (parts := _undone(outputs, move)) is not None:
            found.append(Aim(parts, move))
    found.sort(key=lambda aim: (sum(part.size for part in aim.outputs), aim.cost))
    return [Aim(tuple(outputs)), *found[:MOST]]


def _undone(outputs: Sequence[Any], move: Move) -> tuple[Any, ...] | None:
    parts = []
    for output in outputs:
        part = next((part for part in _parts(output) if _makes(move, part, output)), None)
        if part is None:
            return None
        parts.append(part)
    return tuple(parts)


def _parts(output: Any) -> Iterator[Any]:
    """Every equal part of a picture, every one made smaller, its inside."""
    height, width = output.shape
    for down in (1, 2, 3):
        for across in (1, 2, 3):
            if down * across > 1 and height % down == 0 and width % across == 0:
                h, w = height // down, width // across
                for i in range(0, height, h):
                    for j in range(0, width, w):
                        yield output[i : i + h, j : j + w].copy()
    for times in (2, 3, 4, 5):
        if height % times == 0 and width % times == 0:
            yield output[::times, ::times].copy()
    if min(height, width) > 2:
        yield output[1:-1, 1:-1].copy()


def _makes(move: Move, part: Any, output: Any) -> bool:
    number = () if move.number is None else (move.number,)
    return np.array_equal(move.extension.kernel(part, 0, 0, *number)[0], output)
