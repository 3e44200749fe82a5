"""Layer -> layers: rectangles full of one colour, or of empty cells, also where others touch them.

The largest first, none over another, MOST_BLOCKS at most. Each keeps its place.
"""

import numpy as np

from arc_submit.dsl.extensions.kernel import Cells, Packed, split

__all__ = ("blocks", "empty_blocks")

MOST_BLOCKS = 20


@split
def blocks(a: Cells, y: int, x: int) -> Packed:
    """Return the full rectangles of one colour, 2x2 or more, also where others touch them; the largest first."""
    return _blocks(a, y, x)


@split
def empty_blocks(a: Cells, y: int, x: int) -> Packed:
    """Return the empty rectangles, 2x2 or more, in colour 1; the largest first."""
    return _blocks((a == 0).astype(np.uint8), y, x)


def _blocks(a: Cells, y: int, x: int) -> Packed:
    """Return the largest full rectangle of one colour, then the largest of what is left, and so on."""
    left = a.copy()
    flat = np.empty(a.size, np.uint8)
    rects = np.empty((MOST_BLOCKS, 5), np.int64)
    total = 0
    for k in range(MOST_BLOCKS):
        i, j, h, w = _largest_block(left)
        if h == 0:
            return flat[:total].copy(), rects[:k].copy()
        rects[k, 0], rects[k, 1], rects[k, 2], rects[k, 3], rects[k, 4] = total, h, w, y + i, x + j
        flat[total : total + h * w] = a[i, j]
        left[i : i + h, j : j + w] = 0
        total += h * w
    return flat[:total].copy(), rects


def _largest_block(a: Cells) -> tuple[int, int, int, int]:
    """Return the largest full rectangle of one colour, 2x2 or more; height 0: none."""
    h, w = a.shape
    runs = np.ones((h, w), np.int64)  # how many cells from here to the right are of this colour
    for i in range(h):
        for j in range(w - 2, -1, -1):
            if a[i, j] == a[i, j + 1]:
                runs[i, j] = runs[i, j + 1] + 1
    top, left, tall, wide = 0, 0, 0, 0
    for i in range(h):
        for j in range(w):
            width = runs[i, j]
            if a[i, j] == 0 or width < 2 or width * (h - i) <= tall * wide:
                continue
            p = i
            while p < h and a[p, j] == a[i, j] and runs[p, j] >= 2:
                width = min(width, runs[p, j])
                p += 1
                if p - i >= 2 and (p - i) * width > tall * wide:
                    top, left, tall, wide = i, j, p - i, width
    return top, left, tall, wide
