"""What a function of layers is made of: a kernel over arrays, and the public function over the DSL's tuples.

A layer is a grid with a place: `(cells, (i, j))`, where (i, j) is where its upper left cell lies on the task's input
and colour 0 is see-through. Several layers, in order, are a tuple of layers. Five shapes of function go between them:

    one     layer -> layer             trim, mirror, fill holes; may take a whole number too: a colour, a side
    split   layer -> layers            objects, colours, halves; may take a whole number too
    join    layers -> layer            the largest, all piled up
    each    layers -> layers           those that are largest, sorted, dropped to the ground
    pair    layer, layer -> layer      both, one framed by the other

A kernel is written once, over arrays, in the part of Python and numpy that numba compiles. Programs run it as it
stands; symbolic search runs the same lines compiled (`arc_submit.symbolic.layers.compiled`), a few hundred times as
fast. So a fast path can only differ from the DSL where Python and numba differ, and a test compares the two.

    a               uint8[h, w], C-contiguous; never changed
    y, x            whole numbers: where its upper left cell lies
    flat, rects     layers: their cells one after the other, and one row (offset, h, w, y, x) per layer

A kernel without an answer returns `nothing()`, or `no_layers()`; the public function then raises ValueError, and the
program fails. Nothing here draws random numbers, keeps state, or knows of a task.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, TypeAlias, TypeVar, cast

import numpy as np

from arc_submit.dsl.types import Grid, IntegerTuple

Layer: TypeAlias = tuple[Grid, IntegerTuple]
"""Cells and the place of the upper left one; colour 0 is see-through."""
Layers: TypeAlias = tuple[Layer, ...]

Cells: TypeAlias = Any
"""uint8[h, w]."""
Placed: TypeAlias = tuple[Any, int, int]
"""Cells, y, x."""
Flat: TypeAlias = Any
"""uint8[total]: cells of several layers."""
Rects: TypeAlias = Any
"""int64[layers, 5]: offset into Flat, height, width, y, x."""
Packed: TypeAlias = tuple[Any, Any]
"""Flat, Rects."""

KINDS = ("one", "split", "join", "each", "pair")
MOST_SIDE = 60  # a layer may be larger than a grid while it is worked on, but no larger than this

Result = TypeVar("Result")


class Extension(Generic[Result]):
    """A public function of the DSL's extensions, made from a kernel by one of the decorators below.

    Programs never hold one: they get plain functions around it (`registry.function`).
    """

    __name__: str

    def __init__(self, kernel: Callable[..., Any], kind: str) -> None:
        self.kernel = kernel
        self.kind = kind
        """One of KINDS."""
        self.numbers = kernel.__code__.co_argcount - {"one": 3, "split": 3, "join": 2, "each": 2, "pair": 6}[kind]
        """How many whole numbers it takes after its layers: 0 or 1."""
        update_wrapper(self, kernel)

    def __call__(self, *arguments: Any) -> Result:
        layers, numbers = arguments[: 2 if self.kind == "pair" else 1], arguments[2 if self.kind == "pair" else 1 :]
        if len(layers) + len(numbers) != (2 if self.kind == "pair" else 1) + self.numbers:
            wanted = f"{'two layers' if self.kind == 'pair' else 'one argument'} and {self.numbers} numbers"
            raise TypeError(f"{self.__name__} takes {wanted}, not {len(arguments)} arguments in all")
        if self.kind in ("join", "each"):
            found = self.kernel(*packed(layers[0]), *map(int, numbers))
        else:
            found = self.kernel(*(part for layer in layers for part in _placed(layer)), *map(int, numbers))
        if self.kind in ("split", "each"):
            return self._some(unpacked(*found))
        return self._some(_layer(*found))

    def _some(self, result: Any) -> Result:
        if not result or not result[0]:
            raise ValueError(f"{self.__name__}: no answer")
        return cast(Result, result)


def one(kernel: Callable[..., Placed]) -> Extension[Layer]:
    """Decorate `kernel(a, y, x)` or `kernel(a, y, x, number)`: layer -> layer."""
    return Extension(kernel, "one")


def split(kernel: Callable[..., Packed]) -> Extension[Layers]:
    """Decorate `kernel(a, y, x)` or `kernel(a, y, x, number)`: layer -> layers."""
    return Extension(kernel, "split")


def join(kernel: Callable[..., Placed]) -> Extension[Layer]:
    """Decorate `kernel(flat, rects)` or `kernel(flat, rects, number)`: layers -> layer."""
    return Extension(kernel, "join")


def each(kernel: Callable[..., Packed]) -> Extension[Layers]:
    """Decorate `kernel(flat, rects)` or `kernel(flat, rects, number)`: layers -> layers."""
    return Extension(kernel, "each")


def pair(kernel: Callable[..., Placed]) -> Extension[Layer]:
    """Decorate `kernel(a, y, x, b, v, u)` or the same with a number: two layers -> layer."""
    return Extension(kernel, "pair")


# Between tuples and arrays. -------------------------------------------------------------------------------------------


def layer(grid: Grid) -> Layer:
    """Return a grid as a layer whose upper left cell is the origin."""
    return grid, (0, 0)


def cells(layer: Layer) -> Grid:
    """Return the grid of a layer, whatever its place."""
    return layer[0]


def packed(layers: Layers) -> Packed:
    """Return layers as `flat, rects`."""
    arrays = [_placed(layer) for layer in layers]
    rects = np.zeros((len(arrays), 5), np.int64)
    offset = 0
    for row, (a, y, x) in zip(rects, arrays, strict=True):
        row[:] = offset, a.shape[0], a.shape[1], y, x
        offset += a.size
    flat = np.concatenate([a.ravel() for a, _, _ in arrays]) if arrays else np.zeros(0, np.uint8)
    return flat, rects


def unpacked(flat: Flat, rects: Rects) -> Layers:
    """Return `flat, rects` as layers."""
    return tuple(_layer(flat[o : o + h * w].reshape(h, w), y, x) for o, h, w, y, x in rects.tolist())


def _placed(layer: Layer) -> Placed:
    rows, (y, x) = layer
    a = np.array(rows, dtype=np.uint8)
    if a.ndim != 2:
        raise ValueError("a layer is a rectangle of cells and a place")
    return a, int(y), int(x)


def _layer(a: Cells, y: int, x: int) -> Layer:
    return tuple(map(tuple, a.tolist())), (int(y), int(x))
