"""Equal parts of values stored once: rows of grids, places, cells, objects. Values stay equal; memory shrinks by half.

Only values that are kept pass through here, so the cost is small. The tables are emptied when they grow too large,
which loses sharing, never values.
"""

from typing import Any

from arc_submit.symbolic.values import Value

TABLE_LIMIT = 150_000  # parts remembered per table


class Sharing:
    def __init__(self) -> None:
        self._rows: dict[Any, Any] = {}
        self._parts: dict[Any, Any] = {}
        self._objects: dict[Any, Any] = {}

    def share(self, kind: str, value: Value) -> Value:
        """Return an equal value made of shared parts."""
        if kind == "G":
            return tuple(map(_table(self._rows).setdefault, value, value))
        if kind in "OP":
            return self._set(value)
        if kind in "SQ":
            return frozenset(self._object(item) for item in value)
        if kind == "T":
            return tuple(self._object(item) for item in value)
        return value

    def _set(self, value: Value) -> Value:
        return frozenset(map(_table(self._parts).setdefault, value, value))

    def _object(self, value: Value) -> Value:
        known = self._objects.get(value)
        if known is None:
            known = self._set(value)
            _table(self._objects)[known] = known
        return known


def _table(table: dict[Any, Any]) -> dict[Any, Any]:
    if len(table) > TABLE_LIMIT:
        table.clear()
    return table
