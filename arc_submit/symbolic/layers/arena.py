"""Values of the search, packed: every state is, for each input of the task, one layer or several. Compiled.

A state's cells and rectangles lie behind each other, those of the first input first, so a kernel reads them where they
are. New states are written at the end and stay only if no state has the same layers on every input; a table of 64-bit
fingerprints knows. The arrays have a fixed size: memory is bounded by the caller, and what does not fit is not kept.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import types

from arc_submit.symbolic.layers.compiled import CELLS, FLAT, HELD, jit

LONGEST = 60  # layers of one input
LARGEST = 4000  # cells of one input, all its layers together


class Arena(NamedTuple):
    """The arrays; N inputs."""

    cells: Any
    """uint8[cells]."""
    rects: Any
    """int16[rectangles, 5]: offset from the input's first cell, height, width, y, x."""
    cell0: Any
    """int64[states + 1]: a state's first cell; the last entry is where the next one begins."""
    rect0: Any
    """int64[states + 1]: a state's first rectangle."""
    counts: Any
    """uint8[states, N]: layers of each input."""
    single: Any
    """uint8[states]: 1 for one layer per input, 0 for layers, be it one of them."""
    cost: Any
    """int32[states]."""
    origin: Any
    """int32[states, 3]: move, state and second state that it was made from; -1: none."""
    table: Any
    """uint64[a power of two]: fingerprints; 0 is free."""
    used: Any
    """int64[1]: states."""


STATES = types.Array(types.int64, 1, "C")
ARENA = types.NamedTuple(
    (
        FLAT,
        HELD,
        STATES,
        STATES,
        CELLS,
        FLAT,
        types.Array(types.int32, 1, "C"),
        types.Array(types.int32, 2, "C"),
        types.Array(types.uint64, 1, "C"),
        STATES,
    ),
    Arena,
)


def make(inputs: int, memory: int) -> Arena:
    """Return empty arrays of about `memory` bytes, shared out so that on training tasks cells are full first."""
    cells = memory * 80 // 100
    rects = memory * 9 // 100 // 10
    states = max(1024, memory * 11 // 100 // (49 + inputs))
    slots = 1 << max(10, (2 * states - 1).bit_length())
    if slots * 8 > memory // 10:
        slots >>= 1
    return Arena(
        cells=np.empty(cells, np.uint8),
        rects=np.empty((rects, 5), np.int16),
        cell0=np.zeros(states + 1, np.int64),
        rect0=np.zeros(states + 1, np.int64),
        counts=np.zeros((states, inputs), np.uint8),
        single=np.zeros(states, np.uint8),
        cost=np.zeros(states, np.int32),
        origin=np.full((states, 3), -1, np.int32),
        table=np.zeros(slots, np.uint64),
        used=np.zeros(1, np.int64),
    )


@jit
def put(arena, cell, rect, begin, a, y, x):  # type: ignore[no-untyped-def]
    """Write one layer at the end; False when there is no room. `begin`: first cell of its input."""
    h, w = a.shape
    if cell + h * w > arena.cells.size or rect >= arena.rects.shape[0]:
        return False
    at = cell
    for i in range(h):
        for j in range(w):
            arena.cells[at] = a[i, j]
            at += 1
    row = arena.rects[rect]
    row[0], row[1], row[2], row[3], row[4] = cell - begin, h, w, y, x
    return True


@jit
def _fingerprint(arena, cell, end, rect, last, counts, single):  # type: ignore[no-untyped-def]
    found = np.uint64(14695981039346656037) + np.uint64(single)
    prime = np.uint64(1099511628211)
    for k in range(counts.size):
        found = (found ^ np.uint64(counts[k])) * prime
    for k in range(rect, last):
        for c in range(1, 5):
            found = (found ^ np.uint64(arena.rects[k, c] + 64)) * prime
    for k in range(cell, end):
        found = (found ^ np.uint64(arena.cells[k])) * prime
    found ^= found >> np.uint64(32)
    return found | np.uint64(1)


@jit
def commit(arena, counts, single, cell, rect, move, parent, other, cost):  # type: ignore[no-untyped-def]
    """Keep what was written up to `cell` and `rect` as a state if it is new; -1 when there is no room for states."""
    number = arena.used[0]
    if number + 1 >= arena.cell0.size or 4 * number > 3 * arena.table.size:
        return -1
    print_ = _fingerprint(arena, arena.cell0[number], cell, arena.rect0[number], rect, counts, single)
    mask = np.uint64(arena.table.size - 1)
    slot = (print_ >> np.uint64(20)) & mask
    while arena.table[slot] != 0:
        if arena.table[slot] == print_:
            return 0
        slot = (slot + np.uint64(1)) & mask
    arena.table[slot] = print_
    for k in range(counts.size):
        arena.counts[number, k] = counts[k]
    arena.single[number] = single
    arena.cost[number] = cost
    arena.origin[number, 0], arena.origin[number, 1], arena.origin[number, 2] = move, parent, other
    arena.cell0[number + 1] = cell
    arena.rect0[number + 1] = rect
    arena.used[0] = number + 1
    return 1


@jit
def add(arena, flat, rects):  # type: ignore[no-untyped-def]
    """Keep a state that was made elsewhere: one layer of each input, behind each other."""
    counts = np.ones(rects.shape[0], np.int64)
    cell, rect = arena.cell0[arena.used[0]], arena.rect0[arena.used[0]]
    for k in range(counts.size):
        o, h, w = rects[k, 0], rects[k, 1], rects[k, 2]
        if not put(arena, cell, rect, cell, flat[o : o + h * w].reshape((h, w)), rects[k, 3], rects[k, 4]):
            return -1
        cell += h * w
        rect += 1
    return commit(arena, counts, 1, cell, rect, -1, -1, -1, 1)


@jit
def put_all(arena, cell, rect, flat, rects):  # type: ignore[no-untyped-def]
    """Write the layers of one input at the end; False when there is no room."""
    if cell + flat.size > arena.cells.size or rect + rects.shape[0] > arena.rects.shape[0]:
        return False
    offset = 0
    for k in range(rects.shape[0]):
        o, size = rects[k, 0], rects[k, 1] * rects[k, 2]
        arena.cells[cell + offset : cell + offset + size] = flat[o : o + size]
        arena.rects[rect + k, 0] = offset
        arena.rects[rect + k, 1:] = rects[k, 1:]
        offset += size
    return True


@jit
def extent(arena, source, count):  # type: ignore[no-untyped-def]
    """Return the end of an input's rectangles and the number of its cells."""
    size = 0
    for k in range(source, source + count):
        size += arena.rects[k, 1] * arena.rects[k, 2]
    return source + count, size
