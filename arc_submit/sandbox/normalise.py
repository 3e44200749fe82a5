"""What a program returned -> the bytes of a grid, or `NotAGrid` with the reason.

Accepted: 2-D arrays, and lists or tuples of equally long rows, 1..30 rows and columns, of integers or booleans 0..9, or
of floats that are whole numbers. Subclasses are read through their base class, so an object cannot lie about itself.
Not accepted: everything else, with no attempt to guess. Comparison with a truth does not happen here.
"""

from typing import Any

import numpy as np

from arc_submit.records import COLOURS, MAX_SIDE

_array, _asarray, _isfinite, _view = np.ndarray, np.asarray, np.isfinite, np.ndarray.view
_uint8, _int64, _uint64, _maximum = np.uint8, np.int64, np.uint64, np.maximum.reduce
_UNSIGNED = {np.dtype(f"i{size}"): np.dtype(f"u{size}") for size in (1, 2, 4, 8)}
_COLOURS = bytes(range(COLOURS))
_ROWS = ({tuple}, {list}, {tuple, list})


class NotAGrid(Exception):
    """The result is not a grid; the message says why."""


def grid_bytes(result: Any) -> bytes:
    """Rows, columns, cells: one byte each."""
    kind = type(result)
    if kind is _array:
        return _from_array(result)
    if kind is tuple or kind is list:
        return _from_rows(result)
    if isinstance(result, _array):
        return _from_array(_view(_asarray(result), _array))
    if isinstance(result, list):
        return _from_rows(list.__getitem__(result, slice(None)))
    if isinstance(result, tuple):
        return _from_rows(tuple.__getitem__(result, slice(None)))
    raise NotAGrid(f"{kind.__name__[:40]} instead of a grid")


def _check_sides(height: int, width: int) -> None:
    if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE):
        raise NotAGrid(f"{height} x {width}; a grid has 1..{MAX_SIDE} rows and columns")


def _sized(height: int, width: int, cells: bytes) -> bytes:
    if len(cells) != height * width:
        raise NotAGrid("changed while it was read")
    if cells.translate(None, _COLOURS):
        raise NotAGrid("a cell is not a colour 0..9")
    return bytes((height, width)) + cells


def _from_rows(rows: Any) -> bytes:
    height = len(rows)
    if not 1 <= height <= MAX_SIDE:
        raise NotAGrid(f"{height} rows; a grid has 1..{MAX_SIDE}")
    if set(map(type, rows)) not in _ROWS:
        rows = [_plain_row(row) for row in rows]
    width = len(rows[0])
    _check_sides(height, width)
    if len(set(map(len, rows))) != 1:
        raise NotAGrid("rows of different length")
    try:
        cells = b"".join(map(bytes, rows))
    except (TypeError, ValueError, OverflowError):  # not small non-negative integers
        return _from_array(_as_cells(rows))
    return _sized(height, width, cells)


def _plain_row(row: Any) -> Any:
    if type(row) is tuple or type(row) is list:
        return row
    if isinstance(row, list):
        return list.__getitem__(row, slice(None))
    if isinstance(row, tuple):
        return tuple.__getitem__(row, slice(None))
    if isinstance(row, _array):
        flat = _view(_asarray(row), _array)
        if flat.ndim == 1 and flat.size <= MAX_SIDE:
            return flat.tolist()
    raise NotAGrid(f"a row is {type(row).__name__[:40]}")


def _as_cells(rows: Any) -> Any:
    try:
        return _asarray(rows)
    except (TypeError, ValueError, OverflowError):
        raise NotAGrid("cells are not numbers") from None


def _from_array(array: Any) -> bytes:
    if array.ndim != 2:
        raise NotAGrid(f"{array.ndim} dimensions instead of 2")
    height, width = array.shape
    _check_sides(height, width)
    kind = array.dtype.kind
    if kind == "f":
        array = _whole_numbers(array)
    elif kind == "O":
        array = _integers_only(array)
    elif kind not in "iub":
        raise NotAGrid(f"cells of type {str(array.dtype)[:40]}")
    if array.dtype.kind == "i":  # seen as unsigned, negative numbers are large
        unsigned = _UNSIGNED.get(array.dtype)
        highest = array.view(unsigned) if unsigned else array.astype(_int64).view(_uint64)
    else:
        highest = array
    if _maximum(highest, None) >= COLOURS:
        raise NotAGrid("a cell is not a colour 0..9")
    cells: bytes = array.astype(_uint8).tobytes()
    return bytes((height, width)) + cells


def _whole_numbers(array: Any) -> Any:
    array = array.astype(np.float64)
    if not _isfinite(array).all() or (abs(array) > 1e6).any():
        raise NotAGrid("a cell is not finite or far too large")
    whole = array.astype(_int64)
    if (whole != array).any():
        raise NotAGrid("a cell is a fraction")
    return whole


def _integers_only(array: Any) -> Any:
    cells = array.ravel().tolist()
    if not all(isinstance(cell, (int, np.integer)) for cell in cells):
        raise NotAGrid("cells are not integers")
    if not all(0 <= int(cell) < COLOURS for cell in cells):
        raise NotAGrid("a cell is not a colour 0..9")
    return _asarray([int(cell) for cell in cells], _int64).reshape(array.shape)
