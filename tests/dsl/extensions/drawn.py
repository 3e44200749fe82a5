"""Layers written as text in the tests of the DSL's extensions: rows of digits, a dot for 0, spaces between rows."""

from arc_submit.dsl.extensions.kernel import Layer


def drawn(rows: str, y: int = 0, x: int = 0) -> Layer:
    """Return the layer that looks like `rows` and lies at (y, x)."""
    return tuple(tuple(int(cell) for cell in row.replace(".", "0")) for row in rows.split()), (y, x)
