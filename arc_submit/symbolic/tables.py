"""Tables from colours to colours: when a grid of the output's shape, or two of them, decide the output cell by cell.

One grid: `replace`, `switch`, or `fill` of old places where the changes run into each other. Two grids: one laid over
the other, else one `fill` per combination of colours, which is the logic of halves and layers; only when every
combination of the test inputs was seen. A change that one demonstration alone speaks for is put off (`weak`), unless
the grid is plain.

Left out: tables of three grids.
"""

from collections.abc import Iterator
from dataclasses import replace

from arc_submit.symbolic.bank import Bank
from arc_submit.symbolic.expressions import Entry
from arc_submit.symbolic.grammar import find
from arc_submit.symbolic.outputs import Outputs
from arc_submit.symbolic.steps import Argument, Call
from arc_submit.symbolic.terminals import shape_of

PEERS = 36  # grids of the output's shape that tables of two are tried on
CHANGES = 6  # colours that a table of one grid may change
PLAIN = 8  # cost units of a grid whose table is believed even when each change was seen once
TABLE_FILLS = 4  # fills that a table of two grids may need


class Tables:
    def __init__(self, outputs: Outputs, bank: Bank) -> None:
        self._outputs = outputs
        self._bank = bank
        self._weak: list[Call] = []
        self._peers: list[tuple[Entry, list[list[int]]]] = []
        self._fill, self._replace = find("fill", "GCP"), find("replace", "GCC")
        self._switch, self._ofcolor = find("switch", "GCC"), find("ofcolor", "GC")
        self._intersection, self._canvas = find("intersection", "PP"), find("canvas", "CV")
        self._shape, self._paint = find("shape", "G"), find("paint", "GO")
        self._underpaint, self._asobject = find("underpaint", "GO"), find("asobject", "G")
        self._fgpartition, self._merge = find("fgpartition", "G"), find("merge", "S")
        self._mostcolor = find("mostcolor", "G").call

    def weak(self) -> list[Call]:
        """Return the steps put off so far because one demonstration alone speaks for them, and forget them."""
        found, self._weak = self._weak, []
        return found

    def one(self, entry: Entry) -> Iterator[Call | None]:
        tables: list[dict[int, int]] = []
        for k, flat in enumerate(self._outputs.flat):
            table = dict(zip((v for row in entry.values[k] for v in row), flat, strict=True))
            met = {
                (v, w)
                for row, out in zip(entry.values[k], self._outputs.grids[k], strict=True)
                for v, w in zip(row, out, strict=True)
            }
            if len(met) != len(table):
                return
            tables.append(dict(sorted(table.items())))
        yield None
        changes = [{a: b for a, b in table.items() if a != b} for table in tables]
        if not any(changes):
            return
        union: dict[int, int] = {}
        agree = all(union.setdefault(a, b) == b for table in tables for a, b in table.items())
        if agree:
            weak = (
                entry.cost > PLAIN
                and self._outputs.count > 1
                and any(sum(change.get(a) == b for change in changes) == 1 for a, b in union.items() if a != b)
            )
            for call in self._recolour(entry, {a: b for a, b in union.items() if a != b}):
                if weak:
                    self._weak.append(call)
                else:
                    yield call
        if all(len(change) <= 1 for change in changes):
            old = [next(iter(change.keys()), None) for change in changes]
            new = [next(iter(change.values()), None) for change in changes]
            for a in self._bank.matching("C", old, 2):
                for b in self._bank.matching("C", new, 2):
                    yield Call(self._replace, (entry, a, b))
        if all(len(change) == 2 and all(change.get(b) == a for a, b in change.items()) for change in changes):
            ends = [sorted(change) for change in changes]
            for a in self._bank.matching("C", [e[0] for e in ends], 1) or self._bank.matching(
                "C", [e[1] for e in ends], 1
            ):
                other = [(set(change) - {v}).pop() for change, v in zip(changes, a.values, strict=False) if v in change]
                if len(other) == self._outputs.count:
                    for b in self._bank.matching("C", other, 1):
                        yield Call(self._switch, (entry, a, b))

    def _recolour(self, entry: Entry, change: dict[int, int]) -> Iterator[Call]:
        """One table for all demonstrations: `replace` where the order does not matter, else `fill` of old places."""
        if not change or len(change) > CHANGES:
            return
        result: Argument = entry
        chained = not set(change) & set(change.values())
        for old, new in change.items():
            a, b = self._bank.constant("C", old), self._bank.constant("C", new)
            if a is None or b is None:
                return
            if chained:
                result = Call(self._replace, (result, a, b))
            else:
                result = Call(self._fill, (result, b, Call(self._ofcolor, (entry, a))))
        if isinstance(result, Call):
            yield result

    def two(self, entry: Entry) -> Iterator[Call | None]:
        if len(self._peers) >= PEERS:
            return
        flats = [[v for row in grid for v in row] for grid in entry.values[: self._outputs.count]]
        if all(len(set(flat)) == 1 for flat in flats):
            return
        for other, other_flats in self._peers:
            yield from self._table_of_two(other, other_flats, entry, flats)
            yield None
        self._peers.append((entry, flats))

    def _table_of_two(
        self, a: Entry, a_flats: list[list[int]], b: Entry, b_flats: list[list[int]]
    ) -> Iterator[Call | None]:
        yield from self._overlay(a, a_flats, b, b_flats)
        yield from self._overlay(b, b_flats, a, a_flats)
        table: dict[tuple[int, int], int] = {}
        for flat_a, flat_b, flat in zip(a_flats, b_flats, self._outputs.flat, strict=True):
            for x, y, out in set(zip(flat_a, flat_b, flat, strict=True)):
                if table.setdefault((x, y), out) != out:
                    return
        for grid_a, grid_b in zip(a.values[self._outputs.count :], b.values[self._outputs.count :], strict=True):
            if shape_of(grid_a) != shape_of(grid_b):
                return
            for row_a, row_b in zip(grid_a, grid_b, strict=True):
                if any(key not in table for key in zip(row_a, row_b, strict=True)):
                    return
        table = dict(sorted(table.items()))
        counts: dict[int, int] = {}
        for flat in self._outputs.flat:
            for out in flat:
                counts[out] = counts.get(out, 0) + 1
        background = max(sorted(counts), key=counts.__getitem__)
        options: list[tuple[Argument, dict[tuple[int, int], int]]] = [
            (a, {key: out for key, out in table.items() if out != key[0]}),
            (b, {key: out for key, out in table.items() if out != key[1]}),
        ]
        ground = self._bank.constant("C", background)
        if ground is not None:
            blank = Call(self._canvas, (ground, Call(self._shape, (a,))))
            options.append((blank, {key: out for key, out in table.items() if out != background}))
        options.sort(key=lambda option: len(option[1]))
        for base, change in options[:2]:
            if len(change) <= TABLE_FILLS:
                yield from self._fill_table(base, a, b, table, change)

    def _overlay(self, a: Entry, a_flats: list[list[int]], b: Entry, b_flats: list[list[int]]) -> Iterator[Call | None]:
        """The foreground of b on a, or b where a has its background."""
        front = back = True
        for k, (flat_a, flat_b, flat) in enumerate(zip(a_flats, b_flats, self._outputs.flat, strict=True)):
            combined = set(zip(flat_a, flat_b, flat, strict=True))
            ground_a, ground_b = self._mostcolor(a.values[k]), self._mostcolor(b.values[k])
            front = front and all(out == (x if y == ground_b else y) for x, y, out in combined)
            back = back and all(out == (y if x == ground_a else x) for x, y, out in combined)
            if not front and not back:
                return
        if front:
            yield Call(self._paint, (a, Call(self._merge, (Call(self._fgpartition, (b,)),))))
        if back:
            yield Call(self._underpaint, (a, Call(self._asobject, (b,))))

    def _fill_table(
        self, base: Argument, a: Entry, b: Entry, table: dict[tuple[int, int], int], change: dict[tuple[int, int], int]
    ) -> Iterator[Call]:
        result = base
        whole: set[tuple[str, int]] = set()
        for (x, y), out in change.items():
            colour, of_a, of_b = self._bank.constant("C", out), self._bank.constant("C", x), self._bank.constant("C", y)
            if colour is None or of_a is None or of_b is None:
                return
            if all(o == out for (p, _), o in table.items() if p == x):
                if ("a", x) in whole:
                    continue
                whole.add(("a", x))
                places = Call(self._ofcolor, (a, of_a))
            elif all(o == out for (_, q), o in table.items() if q == y):
                if ("b", y) in whole:
                    continue
                whole.add(("b", y))
                places = Call(self._ofcolor, (b, of_b))
            else:
                places = Call(self._intersection, (Call(self._ofcolor, (a, of_a)), Call(self._ofcolor, (b, of_b))))
            result = Call(self._fill, (result, colour, places))
        if isinstance(result, Call):
            yield replace(result, prompt=True)
