"""What counts as a grid and what does not."""

import numpy as np
import pytest

from arc_submit.sandbox.normalise import NotAGrid, grid_bytes

ONE_TWO = bytes((1, 2, 1, 2))


class Rows(list):
    """A subclass that lies about itself."""

    def __len__(self):
        return 99

    def __iter__(self):
        return iter([[9]])


class Array(np.ndarray):
    shape = property(lambda self: (1, 1))


@pytest.mark.parametrize(
    "result",
    [
        [[1, 2]],
        ((1, 2),),
        [(1, 2)],
        ([1, 2],),
        [np.array([1, 2])],
        [[np.int64(1), np.uint8(2)]],
        [[1.0, 2.0]],
        [[True, 2]],
        Rows([[1, 2]]),
        [Rows([1, 2])],
        np.array([[1, 2]]),
        np.array([[1, 2]], np.uint8),
        np.array([[1, 2]], np.int8),
        np.array([[1, 2]], ">i4"),
        np.array([[1, 2]], ">u2"),
        np.array([[1, 2]], float),
        np.array([[1, 2]], np.float16),
        np.array([[1, 2]], object),
        np.array([[1, 9], [2, 9]])[:, 0][None],
        np.array([[1], [2]]).T,
        np.array([[2, 1]])[:, ::-1],
        np.array([[1, 2]]).view(Array),
        np.ma.array([[1, 2]]),
    ],
    ids=lambda value: f"{type(value).__name__}",
)
def test_these_are_the_grid_1_2(result):
    assert grid_bytes(result) == ONE_TWO


def test_booleans_are_colours_0_and_1():
    assert grid_bytes(np.array([[True, False]])) == bytes((1, 2, 1, 0))


def test_the_largest_grid_passes():
    assert len(grid_bytes(np.full((30, 30), 9))) == 902


@pytest.mark.parametrize(
    "result",
    [
        None, 5, "12", b"12", {}, set(), [], [[]], [[], []], [1, 2], [[1], [1, 2]], ["12"], [[None]], [["1"]],
        [[-1]], [[10]], [[256]], [[1.5]], [[float("nan")]], [[float("inf")]], [[1j]], [[10**30]], [[[1]]],
        [[1]] * 31, [[1] * 31], iter([[1]]), range(3), [range(3)], [{1, 2}],
        np.array(5), np.arange(3), np.zeros((1, 1, 1)), np.zeros((0, 3)), np.zeros((31, 1)), np.zeros((1, 31)),
        np.array([[-1]]), np.array([[10]]), np.array([[266]]), np.array([[2**64 - 1]], np.uint64),
        np.array([[-1]], ">i4"), np.array([[12]], ">i2"), np.array([[1e30]], np.float32),
        np.array([[0.5]]), np.array([[np.nan]]), np.array([[1e300]]), np.array([[1j]]), np.array([["1"]]),
        np.array([[1]], "datetime64[s]"), np.zeros((1, 1), "i4,i4"), np.array([[None]]), np.array([["a"]], object),
        np.array([[10**30]], object), np.broadcast_to(1, (10**9, 10**9)),
    ],
    ids=lambda value: f"{type(value).__name__}",
)  # fmt: skip
def test_these_are_not_grids(result):
    with pytest.raises(NotAGrid):
        grid_bytes(result)
