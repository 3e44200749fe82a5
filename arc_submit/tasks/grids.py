"""Check what came out of a JSON file and turn it into records.

Every complaint is one line that names the place (file, task, pair) and what was expected. Booleans, floats and strings
are refused as cells although Python would let some pass for integers.
"""

from collections.abc import Mapping
from typing import Any

from arc_submit.errors import DataError
from arc_submit.records import COLOURS, MAX_SIDE, Grid, Pair, Task


def grid(value: Any, where: str) -> Grid:
    """Return `value` as a grid.

    Raises:
        DataError: not a rectangular list of lists of ints 0..9 with 1..30 rows and columns.
    """
    if not isinstance(value, list) or not value:
        raise DataError(f"{where}: expected a non-empty list of rows, found {_short(value)}")
    if len(value) > MAX_SIDE:
        raise DataError(f"{where}: {len(value)} rows, expected at most {MAX_SIDE}")
    for number, row in enumerate(value):
        if not isinstance(row, list) or not row:
            raise DataError(f"{where}: row {number}: expected a non-empty list of cells, found {_short(row)}")
        if len(row) > MAX_SIDE:
            raise DataError(f"{where}: row {number} has {len(row)} cells, expected at most {MAX_SIDE}")
        if len(row) != len(value[0]):
            raise DataError(f"{where}: row {number} has {len(row)} cells, expected {len(value[0])} as in row 0")
        for column, cell in enumerate(row):
            if type(cell) is not int or not 0 <= cell < COLOURS:
                raise DataError(f"{where}: row {number}, column {column}: expected an int 0..9, found {_short(cell)}")
    return tuple(tuple(row) for row in value)


def task(task_id: str, value: Any, where: str) -> Task:
    """Return one entry of a challenges file as a Task; test outputs, if any, are left behind.

    Raises:
        DataError: no demonstration pair, no test input, a missing key or a bad grid.
    """
    where = f"{where}: task {task_id}"
    body = _mapping(value, where)
    train = tuple(
        Pair(grid(pair.get("input"), f"{at}.input"), grid(pair.get("output"), f"{at}.output"))
        for pair, at in _entries(body, "train", where)
    )
    test = tuple(grid(entry.get("input"), f"{at}.input") for entry, at in _entries(body, "test", where))
    return Task(task_id, train, test)


def test_outputs(task_id: str, value: Any, where: str) -> tuple[Grid, ...] | None:
    """Return the test outputs that a single-task entry carries, or None when it carries none.

    Raises:
        DataError: some test entries have an output and others do not, or a grid is bad.
    """
    where = f"{where}: task {task_id}"
    entries = _entries(_mapping(value, where), "test", where)
    if not any("output" in entry for entry, _ in entries):
        return None
    return tuple(grid(entry.get("output"), f"{at}.output") for entry, at in entries)


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise DataError(f"{where}: expected an object with 'train' and 'test', found {_short(value)}")
    return value


def _entries(body: Mapping[str, Any], key: str, where: str) -> list[tuple[Mapping[str, Any], str]]:
    entries = body.get(key)
    if not isinstance(entries, list) or not entries:
        raise DataError(f"{where}: expected a non-empty list '{key}', found {_short(entries)}")
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise DataError(f"{where}: {key}[{number}]: expected an object, found {_short(entry)}")
    return [(entry, f"{where}: {key}[{number}]") for number, entry in enumerate(entries)]


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 40 else text[:37] + '...'}"
