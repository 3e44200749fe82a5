"""Grids that are a part, or a turned or scaled copy, of the output.

The output is cut into equal parts in every way that fits all demonstrations; when each part of a cut is known, they are
put together by `hconcat` and `vconcat`. A grid that equals the output turned, mirrored or scaled down is one step away.

Left out: parts of unequal size.
"""

from collections.abc import Iterator
from typing import Any

from arc_submit.symbolic.bank import Bank
from arc_submit.symbolic.expressions import Entry
from arc_submit.symbolic.grammar import find
from arc_submit.symbolic.outputs import Outputs
from arc_submit.symbolic.steps import Argument, Call, joined

TILES = 25  # parts that the output is cut into at most
LARGEST_FACTOR = 10  # of scaling: the DSL names numbers up to ten
INVERSE = {"rot90": "rot270", "rot270": "rot90"}  # the other turns and mirrors undo themselves


class Parts:
    def __init__(self, outputs: Outputs, bank: Bank) -> None:
        self._outputs = outputs
        self._bank = bank
        self._hconcat, self._vconcat = find("hconcat", "GG"), find("vconcat", "GG")
        self._upscale = find("upscale", "GN")
        self._isometries = [
            find(n, "G") for n in ("vmirror", "hmirror", "rot180", "dmirror", "cmirror", "rot90", "rot270")
        ]
        self._targets: dict[Any, list[tuple[str, Any, Any]]] = {}
        self._filled: dict[tuple[int, int], dict[int, Entry]] = {}
        self._find_targets()

    def grid(self, entry: Entry) -> Iterator[Call]:
        """Use a grid wherever it is a part or a copy of the output."""
        for step, first, second in self._targets.get(entry.values[: self._outputs.count], ()):
            if step == "unary":
                yield Call(first, (entry,))
            elif step == "upscale":
                number = self._bank.constant("N", first)
                if number is not None:
                    yield Call(self._upscale, (entry, number))
            else:
                yield from self._tile(first, second, entry)

    def _find_targets(self) -> None:
        outputs = self._outputs.grids
        for production in self._isometries:
            inverse = INVERSE.get(production.name, production.name)
            call = find(inverse, "G").call
            self._target(tuple(call(output) for output in outputs), "unary", production, None)
        for factor in range(2, LARGEST_FACTOR + 1):
            small = tuple(tuple(row[::factor] for row in output[::factor]) for output in outputs)
            if all(
                len(output) % factor == 0
                and len(output[0]) % factor == 0
                and all(v == s[i // factor][j // factor] for i, row in enumerate(output) for j, v in enumerate(row))
                for output, s in zip(outputs, small, strict=True)
            ):
                self._target(small, "upscale", factor, None)
        for rows in range(1, TILES + 1):
            for columns in range(1, TILES // rows + 1):
                if rows * columns > 1 and all(h % rows == 0 and w % columns == 0 for h, w in self._outputs.shapes):
                    self._cut(rows, columns)

    def _target(self, key: Any, step: str, first: Any, second: Any) -> None:
        self._targets.setdefault(key, []).append((step, first, second))

    def _cut(self, rows: int, columns: int) -> None:
        self._filled[rows, columns] = {}
        for slot in range(rows * columns):
            r, c = divmod(slot, columns)
            part = tuple(
                tuple(
                    row[c * (w // columns) : (c + 1) * (w // columns)]
                    for row in output[r * (h // rows) : (r + 1) * (h // rows)]
                )
                for output, (h, w) in zip(self._outputs.grids, self._outputs.shapes, strict=True)
            )
            self._target(part, "tile", (rows, columns), slot)

    def _tile(self, split: tuple[int, int], slot: int, entry: Entry) -> Iterator[Call]:
        filled = self._filled[split]
        if slot in filled:
            return
        filled[slot] = entry
        rows, columns = split
        if len(filled) < rows * columns:
            return
        strips: list[Argument] = []
        for r in range(rows):
            strips.append(joined(self._hconcat, [filled[r * columns + c] for c in range(columns)]))
        result = joined(self._vconcat, strips)
        if isinstance(result, Call):
            yield result
