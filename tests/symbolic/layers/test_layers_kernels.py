"""Every kernel, compiled, gives what the same lines give as plain Python."""

import os
import random
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba")

from arc_submit.dsl.extensions.kernel import MOST_SIDE
from arc_submit.symbolic.layers import catalogue, compiled

pytestmark = pytest.mark.long
SHAPES = ((1, 1), (1, 5), (4, 1), (3, 3), (6, 6), (5, 8), (9, 4), (12, 12))
PALETTES = ((0,), (0, 0, 0, 1), (0, 0, 2, 3), (4,), (1, 2), tuple(range(10)))


def some_layers():
    rng = random.Random(7)
    found = []
    for height, width in SHAPES:
        for palette in PALETTES:
            cells = np.array([[rng.choice(palette) for _ in range(width)] for _ in range(height)], np.uint8)
            found.append((cells, rng.randrange(-3, 6), rng.randrange(-3, 6)))
    ring = np.zeros((7, 7), np.uint8)
    ring[1:6, 1:6] = 3
    ring[2:5, 2:5] = 0
    ring[3, 3] = 5
    grid = np.zeros((11, 11), np.uint8)
    grid[3::4] = grid[:, 3::4] = 5
    grid[1, 1], grid[5, 9], grid[9, 5] = 1, 2, 2
    tiles = np.tile(np.array([[1, 2], [3, 0]], np.uint8), (5, 5))
    found += [(ring, 2, 1), (grid, 0, 0), (tiles, 1, 1), (np.full((30, 30), 7, np.uint8), 0, 0)]
    return found


LAYERS = some_layers()
RING = LAYERS[-4]


def packs():
    rng = random.Random(3)
    for size in (1, 2, 3, 5, 9):
        for _ in range(6):
            chosen = [rng.choice(LAYERS[:-1]) for _ in range(size)]
            if rng.random() < 0.5:
                chosen = [(chosen[0][0].copy(), y, x) for _, y, x in chosen]
            if size > 2 and rng.random() < 0.5:
                chosen = [
                    (RING[0], 1, 1),
                    *((np.where(RING[0] > 0, 2, 1).astype(np.uint8), k, 0) for k in range(size - 1)),
                ]
            rects, offset = np.zeros((size, 5), np.int64), 0
            for row, (a, y, x) in zip(rects, chosen, strict=True):
                row[:] = offset, *a.shape, y, x
                offset += a.size
            yield np.concatenate([a.ravel() for a, _, _ in chosen]), rects


def given(extension):
    """Arguments that a kernel is compared on."""
    if extension.kind in ("one", "split"):
        return LAYERS
    if extension.kind in ("join", "each"):
        return list(packs())
    rng = random.Random(5)
    same = [(one, y, x, np.where(one > 1, 0, one + 1).astype(np.uint8), y + 1, x) for one, y, x in LAYERS[::5]]
    return same + [(*rng.choice(LAYERS), *rng.choice(LAYERS)) for _ in range(40)]


def narrow(arguments):
    return tuple(part.astype(np.int16) if getattr(part, "dtype", None) == np.int64 else part for part in arguments)


@pytest.mark.parametrize("name", sorted(catalogue.extensions()))
def test_compiled_is_the_same(name):
    extension, numbers = catalogue.extensions()[name]
    fast = compiled.kernel(extension)
    wanted = (1, 3) if isinstance(numbers, str) else numbers or (0,)
    answers = 0
    for arguments in given(extension):
        for number in wanted if extension.numbers else (0,):
            before = [part.copy() if isinstance(part, np.ndarray) else part for part in arguments]
            plain = extension.kernel(*arguments, *((number,) if extension.numbers else ()))
            quick = fast(*narrow(arguments), number)
            for one, other in zip(plain, quick, strict=True):
                np.testing.assert_array_equal(one, other, err_msg=f"{name} of {arguments}")
            for part, was in zip(arguments, before, strict=True):
                np.testing.assert_array_equal(part, was, err_msg=f"{name} changed its argument")
            sides = plain[0].shape if extension.kind in ("one", "join", "pair") else plain[1][:, 1:3].ravel().tolist()
            assert all(side <= MOST_SIDE for side in sides)
            assert not plain[0].size or int(plain[0].max()) <= 9
            if extension.kind in ("split", "each"):
                areas = plain[1][:, 1] * plain[1][:, 2]
                assert plain[0].size == areas.sum() and plain[1][:, 0].tolist() == (np.cumsum(areas) - areas).tolist()
                assert (areas > 0).all()
            answers += bool(plain[0].size)
    assert answers, f"{name} has no answer for any of the layers"


def test_the_same_lines_elsewhere_or_later_are_compiled_anew(tmp_path, monkeypatch):
    one, other = tmp_path / "a" / "k.py", tmp_path / "b" / "k.py"
    for file in (one, other):
        file.parent.mkdir()
        file.write_text("x = 1\n")
    first = compiled.folder(one)
    assert first == compiled.folder(one) != compiled.folder(other)
    one.write_text("x = 2\n")
    compiled.folder.cache_clear()
    assert compiled.folder(one) != first


def test_a_cache_that_cannot_be_written_is_replaced_by_one_that_children_share(monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/dev/null/x")
    compiled._home.cache_clear()
    found = compiled._home()
    assert found.parent == Path(os.environ["NUMBA_CACHE_DIR"]) and found.parent.is_dir()
    compiled._home.cache_clear()
