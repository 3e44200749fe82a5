"""Pictures put together from states: which few of them, laid over each other, give every output. Compiled.

A piece is a state drawn on a frame: the box, for each input, that the output fills. For each demonstration it says
which cells it paints (`active`) and which of those rightly (`right`), as bits. The uppermost piece must paint nothing
wrong; one below it may be wrong where it is covered; the lowest is a piece that fills its box, or nothing at all, which
is right where the output is 0. One and two pieces are tried in full, more of them greedily from each good first one.
"""

from typing import Any, NamedTuple

import numpy as np

from arc_submit.symbolic.layers.compiled import jit

MOST = 6  # pieces of a picture
TOPS = 300  # uppermost pieces that a second one is sought for
GREEDY = 60  # those among them that are gone on with
SEE_THROUGH, FILLED, MOVED = 0, 1, 2
"""How a piece is drawn, added up: 0 is see-through or counts; in its place or moved to the frame's."""


class Canvas(NamedTuple):
    """What is to be covered."""

    frame: Any
    """int64[N, 4]: height, width, y, x of the box for each input."""
    target: Any
    """uint8[cells]: the demonstrations' outputs behind each other."""
    words: Any
    """int64[demonstrations + 1]: first word of each one's bits."""
    whole: Any
    """uint64[words]: all cells."""
    zero: Any
    """uint64[words]: cells of colour 0."""


class Pieces(NamedTuple):
    """What may cover it, in order of cost."""

    active: Any
    """uint64[pieces, words]."""
    right: Any
    """uint64[pieces, words]."""
    state: Any
    """int64[pieces]."""
    drawn: Any
    """int64[pieces]: SEE_THROUGH or FILLED, plus MOVED."""
    cost: Any
    """int64[pieces]."""
    prints: Any
    """uint64[a power of two]: fingerprints of what is drawn on all inputs."""
    used: Any
    """int64[1]: pieces."""


def canvas(frame: Any, outputs: Any) -> Canvas:
    """Return the canvas for boxes int64[N, 4] and outputs, a list of uint8[h, w] of the boxes' sizes."""
    words = np.zeros(len(outputs) + 1, np.int64)
    for number, grid in enumerate(outputs):
        words[number + 1] = words[number] + (grid.size + 63) // 64
    whole, zero = np.zeros(words[-1], np.uint64), np.zeros(words[-1], np.uint64)
    for number, grid in enumerate(outputs):
        for place, colour in enumerate(grid.ravel().tolist()):
            bit = np.uint64(1 << (place % 64))
            whole[words[number] + place // 64] |= bit
            if colour == 0:
                zero[words[number] + place // 64] |= bit
    target = np.concatenate([grid.ravel() for grid in outputs])
    return Canvas(np.ascontiguousarray(frame, np.int64), target, words, whole, zero)


def pieces(words: int, memory: int) -> Pieces:
    """Return room for as many pieces as fit `memory` bytes."""
    most = max(256, memory // (16 * words + 24 + 32))
    return Pieces(
        active=np.zeros((most, words), np.uint64),
        right=np.zeros((most, words), np.uint64),
        state=np.zeros(most, np.int64),
        drawn=np.zeros(most, np.int64),
        cost=np.zeros(most, np.int64),
        prints=np.zeros(1 << int(2 * most - 1).bit_length(), np.uint64),
        used=np.zeros(1, np.int64),
    )


@jit
def draw(arena, first, last, canvas, some):  # type: ignore[no-untyped-def]
    """Draw states on the frame; keep those that may serve and are unlike others. Return the first one not looked at."""
    active = np.zeros(canvas.whole.size, np.uint64)
    right = np.zeros(canvas.whole.size, np.uint64)
    for state in range(first, last):
        if arena.single[state] == 0:
            continue
        same, placed, empty = _fit(arena, state, canvas)
        for drawn in range(4):
            if drawn & FILLED and (not same or not empty or (not placed and not drawn & MOVED)):
                continue
            if drawn & MOVED and (not same or placed):
                continue
            if some.used[0] >= some.state.size or 2 * some.used[0] > some.prints.size:
                return state
            print_, good, bad = _paint(arena, state, canvas, drawn, active, right)
            if good > 0 and 2 * good >= bad and _is_new(some.prints, print_):
                at = some.used[0]
                some.active[at], some.right[at] = active, right
                some.state[at], some.drawn[at], some.cost[at] = state, drawn, arena.cost[state]
                some.used[0] = at + 1
    return last


@jit
def _fit(arena, state, canvas):  # type: ignore[no-untyped-def]
    """Whether a state has the frame's sizes everywhere, is in its place everywhere, and has cells of colour 0."""
    same, placed, empty = True, True, False
    rect, cell = arena.rect0[state], arena.cell0[state]
    for n in range(canvas.frame.shape[0]):
        row = arena.rects[rect + n]
        same &= row[1] == canvas.frame[n, 0] and row[2] == canvas.frame[n, 1]
        placed &= row[3] == canvas.frame[n, 2] and row[4] == canvas.frame[n, 3]
    for k in range(cell, arena.cell0[state + 1]):
        empty |= arena.cells[k] == 0
    return same, same and placed, empty


@jit
def _paint(arena, state, canvas, drawn, active, right):  # type: ignore[no-untyped-def]
    active[:] = 0
    right[:] = 0
    print_ = np.uint64(14695981039346656037)
    prime = np.uint64(1099511628211)
    good, bad, start = 0, 0, 0
    rect, cell = arena.rect0[state], arena.cell0[state]
    filled, moved = drawn & FILLED != 0, drawn & MOVED != 0
    for n in range(canvas.frame.shape[0]):
        h, w, y, x = (
            arena.rects[rect + n, 1],
            arena.rects[rect + n, 2],
            arena.rects[rect + n, 3],
            arena.rects[rect + n, 4],
        )
        height, width = canvas.frame[n, 0], canvas.frame[n, 1]
        top = 0 if moved else y - canvas.frame[n, 2]
        left = 0 if moved else x - canvas.frame[n, 3]
        demonstration = n + 1 < canvas.words.size
        for i in range(max(0, top), min(height, top + h)):
            for j in range(max(0, left), min(width, left + w)):
                colour = arena.cells[cell + (i - top) * w + (j - left)]
                if colour == 0 and not filled:
                    continue
                place = i * width + j
                print_ = (print_ ^ np.uint64((n * 1024 + place) * 16 + colour + 1)) * prime
                if demonstration:
                    word, bit = canvas.words[n] + place // 64, np.uint64(1) << np.uint64(place % 64)
                    active[word] |= bit
                    if canvas.target[start + place] == colour:
                        right[word] |= bit
                        good += 1
                    else:
                        bad += 1
        cell += h * w
        if demonstration:
            start += height * width
    return print_ | np.uint64(1), good, bad


@jit
def _is_new(prints, print_):  # type: ignore[no-untyped-def]
    mask = np.uint64(prints.size - 1)
    slot = (print_ >> np.uint64(20)) & mask
    while prints[slot] != 0:
        if prints[slot] == print_:
            return False
        slot = (slot + np.uint64(1)) & mask
    prints[slot] = print_
    return True


# Covers. --------------------------------------------------------------------------------------------------------------


@jit
def _count(word):  # type: ignore[no-untyped-def]
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@jit
def _gain(open_, active, right):  # type: ignore[no-untyped-def]
    """Cells still open that a piece paints rightly; -1 when it paints one of them wrongly."""
    found = 0
    for k in range(open_.size):
        painted = open_[k] & active[k]
        if painted & ~right[k]:
            return -1
        if painted:
            found += _count(painted)
    return found


@jit
def _closes(open_, active, right, zero):  # type: ignore[no-untyped-def]
    """Whether a piece, with nothing below it, is right on all cells still open."""
    for k in range(open_.size):  # noqa: SIM110 - numba compiles no generator
        if open_[k] & ((active[k] & ~right[k]) | (~active[k] & ~zero[k])):
            return False
    return True


@jit
def covers(canvas, some, last, most):  # type: ignore[no-untyped-def]
    """Return pictures as rows of piece numbers, uppermost first, -1 after the last: int64[found, MOST]."""
    found = np.full((most, MOST), -1, np.int64)
    number = 0
    words = canvas.whole.size
    gains = np.full(last, -1, np.int64)
    for p in range(last):
        if _closes(canvas.whole, some.active[p], some.right[p], canvas.zero):
            if number < most // 3:
                found[number, 0] = p
                number += 1
            continue
        gains[p] = _gain(canvas.whole, some.active[p], some.right[p])
    total = 0
    for k in range(words):
        total += _count(canvas.whole[k])
    worth = np.zeros(last, np.float64)
    for p in range(last):
        worth[p] = 1e9 if gains[p] <= 0 else some.cost[p] - 20.0 * gains[p] / total
    order = np.argsort(worth)
    open_ = np.zeros(words, np.uint64)
    chosen = np.full(MOST, -1, np.int64)
    for rank in range(min(TOPS, last)):
        top = order[rank]
        if gains[top] <= 0 or number >= most:
            break
        for k in range(words):
            open_[k] = canvas.whole[k] & ~some.active[top, k]
        closed = 0
        for p in range(last):
            if p != top and _closes(open_, some.active[p], some.right[p], canvas.zero):
                found[number, 0], found[number, 1] = top, p
                number += 1
                closed += 1
                if closed >= 4 or number >= most:
                    break
        if closed or rank >= GREEDY or number >= most:
            continue
        chosen[:] = -1
        chosen[0] = top
        for depth in range(1, MOST):
            best, price = -1, 1e9
            for p in range(last):
                gain = _gain(open_, some.active[p], some.right[p])
                if gain > 0:
                    this = some.cost[p] - 40.0 * gain / total
                    if this < price:
                        best, price = p, this
            if best < 0:
                break
            chosen[depth] = best
            if _closes(open_, some.active[best], some.right[best], canvas.zero):
                found[number] = chosen
                number += 1
                break
            for k in range(words):
                open_[k] &= ~some.active[best, k]
    return found[:number]
