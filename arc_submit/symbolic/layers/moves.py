"""Moves: one kernel tried on many states. Compiled, one function per kind of kernel.

Each returns how many of the given states it has done; fewer than were given: the arena is full. States are int64[n];
`move` and `cost` are written down with what comes of it.
"""

import numpy as np
from numba import types

from arc_submit.symbolic.layers.arena import ARENA, LARGEST, LONGEST, STATES, commit, extent, put, put_all
from arc_submit.symbolic.layers.compiled import typed


@typed("one", ARENA, STATES, types.int64, types.int64)
def ones(kernel, number, arena, states, move, cost):  # type: ignore[no-untyped-def]
    """Layer -> layer, on every layer of a state; those of several without an answer are dropped."""
    counts = np.zeros(arena.counts.shape[1], np.int64)
    for done in range(states.size):
        state = states[done]
        cell, rect = arena.cell0[arena.used[0]], arena.rect0[arena.used[0]]
        source, first = arena.rect0[state], arena.cell0[state]
        good = True
        for n in range(counts.size):
            counts[n] = 0
            begin = cell
            for _ in range(arena.counts[state, n]):
                h, w = arena.rects[source, 1], arena.rects[source, 2]
                before = arena.cells[first : first + h * w].reshape((h, w))
                a, y, x = kernel(before, arena.rects[source, 3], arena.rects[source, 4], number)
                source += 1
                first += h * w
                if a.size == 0:
                    if arena.single[state] == 1:
                        break
                    continue
                if not put(arena, cell, rect, begin, a, y, x):
                    return done
                cell += a.size
                rect += 1
                counts[n] += 1
            if counts[n] == 0 or cell - begin > LARGEST:
                good = False
                break
        if good and commit(arena, counts, arena.single[state], cell, rect, move, state, -1, cost) < 0:
            return done
    return states.size


@typed("split", ARENA, STATES, types.int64, types.int64)
def splits(kernel, number, arena, states, move, cost):  # type: ignore[no-untyped-def]
    """Layer -> layers, on states of one layer per input."""
    counts = np.zeros(arena.counts.shape[1], np.int64)
    for done in range(states.size):
        state = states[done]
        cell, rect = arena.cell0[arena.used[0]], arena.rect0[arena.used[0]]
        source, first = arena.rect0[state], arena.cell0[state]
        good = True
        for n in range(counts.size):
            h, w = arena.rects[source, 1], arena.rects[source, 2]
            before = arena.cells[first : first + h * w].reshape((h, w))
            flat, rects = kernel(before, arena.rects[source, 3], arena.rects[source, 4], number)
            source += 1
            first += h * w
            counts[n] = rects.shape[0]
            if counts[n] == 0 or counts[n] > LONGEST or flat.size > LARGEST:
                good = False
                break
            if not put_all(arena, cell, rect, flat, rects):
                return done
            cell += flat.size
            rect += counts[n]
        if good and commit(arena, counts, 0, cell, rect, move, state, -1, cost) < 0:
            return done
    return states.size


@typed("join", ARENA, STATES, types.int64, types.int64)
def joins(kernel, number, arena, states, move, cost):  # type: ignore[no-untyped-def]
    """Layers -> layer, on states of several layers."""
    counts = np.ones(arena.counts.shape[1], np.int64)
    for done in range(states.size):
        state = states[done]
        cell, rect = arena.cell0[arena.used[0]], arena.rect0[arena.used[0]]
        source, first = arena.rect0[state], arena.cell0[state]
        good = True
        for n in range(counts.size):
            last, size = extent(arena, source, arena.counts[state, n])
            a, y, x = kernel(arena.cells[first : first + size], arena.rects[source:last], number)
            source = last
            first += size
            if a.size == 0 or a.size > LARGEST:
                good = False
                break
            if not put(arena, cell, rect, cell, a, y, x):
                return done
            cell += a.size
            rect += 1
        if good and commit(arena, counts, 1, cell, rect, move, state, -1, cost) < 0:
            return done
    return states.size


@typed("each", ARENA, STATES, types.int64, types.int64)
def eaches(kernel, number, arena, states, move, cost):  # type: ignore[no-untyped-def]
    """Layers -> layers, on states of several layers."""
    counts = np.zeros(arena.counts.shape[1], np.int64)
    for done in range(states.size):
        state = states[done]
        cell, rect = arena.cell0[arena.used[0]], arena.rect0[arena.used[0]]
        source, first = arena.rect0[state], arena.cell0[state]
        good = True
        for n in range(counts.size):
            last, size = extent(arena, source, arena.counts[state, n])
            flat, rects = kernel(arena.cells[first : first + size], arena.rects[source:last], number)
            source = last
            first += size
            counts[n] = rects.shape[0]
            if counts[n] == 0 or counts[n] > LONGEST or flat.size > LARGEST:
                good = False
                break
            if not put_all(arena, cell, rect, flat, rects):
                return done
            cell += flat.size
            rect += counts[n]
        if good and commit(arena, counts, 0, cell, rect, move, state, -1, cost) < 0:
            return done
    return states.size


@typed("pair", ARENA, STATES, STATES, types.int64, types.int64)
def pairs(kernel, number, arena, states, others, move, cost):  # type: ignore[no-untyped-def]
    """Two layers -> layer: the first of each state with that of the other at the same index."""
    counts = np.ones(arena.counts.shape[1], np.int64)
    for done in range(states.size):
        state, other = states[done], others[done]
        cell, rect = arena.cell0[arena.used[0]], arena.rect0[arena.used[0]]
        one, two = arena.rect0[state], arena.rect0[other]
        first, second = arena.cell0[state], arena.cell0[other]
        good = True
        for _ in range(counts.size):
            h, w = arena.rects[one, 1], arena.rects[one, 2]
            k, m = arena.rects[two, 1], arena.rects[two, 2]
            a, y, x = kernel(
                arena.cells[first : first + h * w].reshape((h, w)),
                arena.rects[one, 3],
                arena.rects[one, 4],
                arena.cells[second : second + k * m].reshape((k, m)),
                arena.rects[two, 3],
                arena.rects[two, 4],
                number,
            )
            one += 1
            two += 1
            first += h * w
            second += k * m
            if a.size == 0 or a.size > LARGEST:
                good = False
                break
            if not put(arena, cell, rect, cell, a, y, x):
                return done
            cell += a.size
            rect += 1
        if good and commit(arena, counts, 1, cell, rect, move, state, other, cost) < 0:
            return done
    return states.size
