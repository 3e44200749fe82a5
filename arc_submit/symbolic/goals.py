"""What is still missing: finishing steps tried on every new value, ahead of their turn.

The outputs are known, so most last steps need not be enumerated but can be solved for:

* places and objects: `fill`, `underfill`, `cover`, `paint`, `underpaint` on a canvas. Consistent when they set no cell
  wrongly; finishing when nothing is left; otherwise the painted grid becomes a canvas itself, so that several fills
  add up. The colour is solved for, too: a constant or any known expression with the colours needed.
* grids of the output's shape: a table from colours to colours (`replace`, `fill` of `ofcolor`), also from the colours
  of two such grids together: overlays, and the logic of halves and layers.
* grids that are a part or a turned, scaled copy of the output: put together by `hconcat`, `vconcat`, a mirror or
  `upscale`.
* sets of objects or grids that hold the wanted one: chosen by `argmax`, `argmin`, `extract`; sets of objects that
  change as a whole: chosen by `mfilter`.

Checks run on the smallest demonstration first and give up at the first contradiction. A step comes out as a `Call`; the
enumerator evaluates it and sees for itself. Left out: tables of three grids, inverse geometry beyond the above.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, Union

from arc_submit.records import Grid
from arc_submit.symbolic.bank import Bank
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.expressions import Entry, Production
from arc_submit.symbolic.grammar import find
from arc_submit.symbolic.terminals import shape_of

Place: TypeAlias = tuple[int, int]
Places: TypeAlias = frozenset[Place]
Argument: TypeAlias = Union[Entry, "Call"]


@dataclass(frozen=True, slots=True)
class Call:
    """A step to try: a production on known expressions or on further calls."""

    production: Production
    arguments: tuple[Argument, ...]


class Base:
    """A grid of the output's shape to paint on, with what is still wrong on it."""

    __slots__ = ("background", "background_colour", "diff_cells", "diff_places", "entry", "residual", "score", "tried")

    def __init__(self, entry: Entry, outputs: Sequence[Grid]) -> None:
        self.entry = entry
        self.diff_places: list[Places] = []
        self.diff_cells: list[frozenset[Any]] = []
        self.background: list[Places] = []
        self.background_colour: list[int] = []
        wrong = 0.0
        for grid, output in zip(entry.values, outputs, strict=False):
            cells = frozenset(
                (b, (i, j))
                for i, (row, out_row) in enumerate(zip(grid, output, strict=True))
                if row != out_row
                for j, (a, b) in enumerate(zip(row, out_row, strict=True))
                if a != b
            )
            self.diff_cells.append(cells)
            self.diff_places.append(frozenset(place for _, place in cells))
            wrong += len(cells) / (len(output) * len(output[0]))
        self.residual = wrong / len(outputs)
        self.score = entry.cost + 20 * self.residual
        self.tried = 0

    def background_of(self, k: int, mostcolor: Any) -> Places:
        """Places of the most common colour on input `k`, computed when first asked for."""
        while len(self.background) <= k:
            grid = self.entry.values[len(self.background)]
            colour = mostcolor(grid)
            self.background_colour.append(colour)
            self.background.append(
                frozenset((i, j) for i, row in enumerate(grid) for j, v in enumerate(row) if v == colour)
            )
        return self.background[k]


PROGRESS_PER_BASE = 60  # steps tried on one canvas that do not finish
PEERS = 36  # grids of the output's shape that tables of two are tried on
CHOICES = 24  # sets of objects that hold the wanted one, and sets that change as a whole
TABLE_FILLS = 4  # fills that a table may need
CHEAP = 24  # cost units that any program may have
UNITS_PER_CELL = 3  # further cost units for every cell of the demonstrations' outputs
IMPROVEMENT = 4  # a fill that also sets cells wrong must net one in this many of the cells still wrong
TILES = 25  # parts that the output is cut into at most


class Goals:
    def __init__(self, outputs: Sequence[Grid], bank: Bank, config: SymbolicConfig) -> None:
        self._outputs = list(outputs)
        self._bank = bank
        self._config = config
        self._pairs = len(self._outputs)
        self._places: list[Places] = []
        self._cells: list[frozenset[Any]] = []
        self._of_colour: list[dict[int, Places]] = []
        for output in self._outputs:
            cells = [(v, (i, j)) for i, row in enumerate(output) for j, v in enumerate(row)]
            self._cells.append(frozenset(cells))
            self._places.append(frozenset(place for _, place in cells))
            colours = sorted({v for v, _ in cells})
            self._of_colour.append({c: frozenset(p for v, p in cells if v == c) for c in colours})
        self._flat = [[v for row in output for v in row] for output in self._outputs]
        self._shapes = [shape_of(output) for output in self._outputs]
        self.bases: list[Base] = []
        self._scans = 0
        self._progress_needed = max(1, (self._pairs + 1) // 2)
        self._weak: list[Call] = []
        self._peers: list[tuple[Entry, list[list[int]]]] = []
        self._choices: list[tuple[Entry, list[list[Any]], bool]] = []
        self._find_productions()
        self._targets: dict[Any, list[tuple[str, Any, Any]]] = {}
        self._filled: dict[Any, dict[int, Entry]] = {}
        self._find_targets()

    def _find_productions(self) -> None:
        self._fill, self._underfill = find("fill", "GCP"), find("underfill", "GCP")
        self._cover, self._paint = find("cover", "GP"), find("paint", "GO")
        self._underpaint, self._replace = find("underpaint", "GO"), find("replace", "GCC")
        self._switch, self._ofcolor = find("switch", "GCC"), find("ofcolor", "GC")
        self._intersection, self._canvas = find("intersection", "PP"), find("canvas", "CV")
        self._shape, self._subgrid = find("shape", "G"), find("subgrid", "OG")
        self._hconcat, self._vconcat = find("hconcat", "GG"), find("vconcat", "GG")
        self._upscale, self._mfilter = find("upscale", "GN"), find("mfilter", ["S", "O>B"])
        self._toindices, self._merge = find("toindices", "O"), find("merge", "S")
        self._fgpartition, self._asobject = find("fgpartition", "G"), find("asobject", "G")
        self._mostcolor = find("mostcolor", "G").call
        self._isometries = [
            find(n, "G") for n in ("vmirror", "hmirror", "rot180", "dmirror", "cmirror", "rot90", "rot270")
        ]
        self._matcher = find("matcher", ["O>N", "N"])
        self._limits = (find("valmax", ["S", "O>N"]), find("valmin", ["S", "O>N"]))
        self._choosers = {
            "S": (find("argmax", ["S", "O>N"]), find("argmin", ["S", "O>N"]), find("extract", ["S", "O>B"])),
            "L": (find("argmax", ["L", "G>N"]), find("argmin", ["L", "G>N"]), find("extract", ["L", "G>B"])),
        }

    def start(self, grid: Entry) -> None:
        """Take note of the expression `I`, before the first offer."""
        self._input = grid
        self._ground = Base(grid, self._outputs) if self._fits(grid.values) else None

    # ------------------------------------------------------------------ outputs

    def worth(self) -> int:
        """Return the cost above which a program says more than the outputs do, so that its passing proves little."""
        cells = sum(len(flat) for flat in self._flat)
        return CHEAP + UNITS_PER_CELL * cells

    def score(self, values: Sequence[Any]) -> tuple[int, float]:
        """Return (demonstrations right, mean share of right cells) of the values of a grid expression."""
        solved, cells = 0, 0.0
        for grid, output in zip(values, self._outputs, strict=False):
            if grid == output:
                solved += 1
                cells += 1.0
            elif shape_of(grid) == shape_of(output):
                right = sum(
                    a == b for row, out in zip(grid, output, strict=True) for a, b in zip(row, out, strict=True)
                )
                cells += right / (len(output) * len(output[0]))
        return solved, cells / self._pairs

    def _fits(self, values: Sequence[Any]) -> bool:
        return all(len(g) == h and len(g[0]) == w for g, (h, w) in zip(values, self._shapes, strict=False))

    # ------------------------------------------------------------------ offers

    def offers(self, entry: Entry) -> Iterator[Call | None]:
        """Yield steps to try with a new expression; None marks work done, for the clock."""
        kind = entry.kind
        if kind == "G":
            yield from self._grid(entry)
        elif kind == "P":
            for base in self.bases:
                yield from self._places_on(base, entry)
            yield None
        elif kind == "O":
            yield Call(self._toindices, (entry,))
            for base in self.bases:
                yield from self._object_on(base, entry)
            yield None
        elif kind in ("S", "L"):
            yield from self._choice(entry)
        elif kind in ("O>N", "O>B", "G>N", "G>B"):
            for choice in self._choices:
                yield from self._choose(choice, entry)

    def weak(self) -> list[Call]:
        """Return the steps put off so far because one demonstration alone speaks for them, and forget them."""
        found, self._weak = self._weak, []
        return found

    # ------------------------------------------------------------------ places and objects on a canvas

    def _places_on(self, base: Base, entry: Entry) -> Iterator[Call | None]:
        for production, limited in ((self._fill, False), (self._underfill, True)):
            colours: list[int | None] = []
            gains = whole = 0
            for k in range(self._pairs):
                inside = entry.values[k] & self._places[k]
                if limited:
                    smaller = inside & base.background_of(k, self._mostcolor)
                    inside = smaller
                diff = base.diff_places[k]
                if not inside:
                    colours.append(None)
                    whole += not diff
                    continue
                i, j = next(iter(inside))
                colour = self._outputs[k][i][j]
                if not inside <= self._of_colour[k][colour]:
                    break
                colours.append(colour)
                if diff and not diff.isdisjoint(inside):
                    gains += 1
                whole += diff <= inside
            else:
                if gains and (whole == self._pairs or self._may_progress(base, gains)):
                    yield from self._coloured(production, base, entry, colours)
                    if not limited:
                        yield from self._covered(base, entry, colours)
                    return
                if not limited and not gains:
                    return
                continue
            if whole and gains and base.tried < PROGRESS_PER_BASE:
                base.tried += 1
                colours.extend([None] * (self._pairs - len(colours)))
                yield from self._coloured(production, base, entry, colours)
            elif not limited:
                improving = self._improving(base, entry)
                if improving and base.tried < PROGRESS_PER_BASE:
                    base.tried += 1
                    yield from self._coloured(production, base, entry, improving)

    def _improving(self, base: Base, entry: Entry) -> list[int | None]:
        """The colours with which a fill sets many more cells right than wrong, on every demonstration; [] if none."""
        colours: list[int | None] = []
        for k in range(self._pairs):
            diff = base.diff_places[k]
            places = entry.values[k]
            if not diff:
                if places:
                    return []
                colours.append(None)
                continue
            wrong = places & diff
            if len(wrong) * IMPROVEMENT < len(diff):
                return []
            right = (places & self._places[k]) - diff
            best = 0
            chosen = None
            for colour, having in self._of_colour[k].items():
                gain = len(wrong & having) - len(right) + len(right & having)
                if gain > best:
                    best, chosen = gain, colour
            if best * IMPROVEMENT < len(diff):
                return []
            colours.append(chosen)
        return colours

    def _may_progress(self, base: Base, gains: int) -> bool:
        if gains < self._progress_needed or base.tried >= PROGRESS_PER_BASE:
            return False
        base.tried += 1
        return True

    def _coloured(
        self, production: Production, base: Base, entry: Entry, colours: Sequence[int | None]
    ) -> Iterator[Call]:
        for colour in self.colours(colours, 2):
            yield Call(production, (base.entry, colour, entry))

    def _covered(self, base: Base, entry: Entry, colours: Sequence[int | None]) -> Iterator[Call]:
        for k, colour in enumerate(colours):
            base.background_of(k, self._mostcolor)
            if colour is not None and colour != base.background_colour[k]:
                return
        yield Call(self._cover, (base.entry, entry))

    def colours(self, wanted: Sequence[int | None], limit: int) -> list[Entry]:
        """Return the cheapest known colour expressions with the wanted values; None stands for any."""
        found = []
        for entry in sorted(self._bank.of_kind("C"), key=lambda e: (e.cost, e.number)):
            if all(w is None or w == v for w, v in zip(wanted, entry.values, strict=False)):
                found.append(entry)
                if len(found) == limit:
                    break
        return found

    def _object_on(self, base: Base, entry: Entry) -> Iterator[Call | None]:
        for production, limited in ((self._paint, False), (self._underpaint, True)):
            gains = whole = 0
            for k in range(self._pairs):
                cells = entry.values[k]
                if limited:
                    background = base.background_of(k, self._mostcolor)
                    cells = frozenset(cell for cell in cells if cell[1] in background)
                right = cells & self._cells[k]
                if len(right) != len(cells):
                    places = self._places[k]
                    if any(place in places for _, place in cells - right):
                        break
                diff = base.diff_cells[k]
                if diff and not diff.isdisjoint(right):
                    gains += 1
                whole += diff <= right
            else:
                if gains and (whole == self._pairs or self._may_progress(base, gains)):
                    yield Call(production, (base.entry, entry))
                return
            if whole and gains and base.tried < PROGRESS_PER_BASE:
                base.tried += 1
                yield Call(production, (base.entry, entry))
            if len(entry.values[0]) > 300:
                return

    # ------------------------------------------------------------------ grids

    def _grid(self, entry: Entry) -> Iterator[Call | None]:
        key = entry.values[: self._pairs]
        for step, first, second in self._targets.get(key, ()):
            if step == "unary":
                yield Call(first, (entry,))
            elif step == "upscale":
                for number in self._numbers(first):
                    yield Call(self._upscale, (entry, number))
            else:
                yield from self._tile(first, second, entry)
        if not self._fits(entry.values):
            return
        yield from self._table_of_one(entry)
        yield from self._as_base(entry)
        yield from self._as_peer(entry)

    def _numbers(self, value: int) -> Iterator[Entry]:
        for entry in self._bank.of_kind("N"):
            if entry.production.inline and entry.values[0] == value:
                yield entry
                return

    def _as_base(self, entry: Entry) -> Iterator[Call | None]:
        base = Base(entry, self._outputs)
        if base.residual == 0:
            return
        keep = self._config.bases
        if len(self.bases) >= keep and base.score >= self.bases[-1].score:
            return
        if self._scans >= self._config.base_scans:
            return
        self.bases.append(base)
        self.bases.sort(key=lambda b: (b.score, b.entry.number))
        del self.bases[keep:]
        self._scans += 1
        for kind, check in (("P", self._places_on), ("O", self._object_on)):
            for count, other in enumerate(list(self._bank.of_kind(kind))):
                yield from check(base, other)
                if count % 64 == 0:
                    yield None

    def _table_of_one(self, entry: Entry) -> Iterator[Call | None]:
        tables: list[dict[int, int]] = []
        for k, flat in enumerate(self._flat):
            table = dict(zip((v for row in entry.values[k] for v in row), flat, strict=True))
            met = {
                (v, w)
                for row, out in zip(entry.values[k], self._outputs[k], strict=True)
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
            weak = self._pairs > 1 and any(
                sum(change.get(a) == b for change in changes) == 1 for a, b in union.items() if a != b
            )
            for call in self._recolour(entry, {a: b for a, b in union.items() if a != b}):
                if weak:
                    self._weak.append(call)
                else:
                    yield call
        if all(len(change) <= 1 for change in changes):
            old = [next(iter(change.keys()), None) for change in changes]
            new = [next(iter(change.values()), None) for change in changes]
            for a in self.colours(old, 2):
                for b in self.colours(new, 2):
                    yield Call(self._replace, (entry, a, b))
        if all(len(change) == 2 and all(change.get(b) == a for a, b in change.items()) for change in changes):
            ends = [sorted(change) for change in changes]
            for a in self.colours([e[0] for e in ends], 1) or self.colours([e[1] for e in ends], 1):
                other = [(set(change) - {v}).pop() for change, v in zip(changes, a.values, strict=False) if v in change]
                if len(other) == self._pairs:
                    for b in self.colours(other, 1):
                        yield Call(self._switch, (entry, a, b))

    def _constant_colour(self, colour: int) -> Entry | None:
        for entry in self._bank.of_kind("C"):
            if entry.production.inline and entry.values[0] == colour:
                return entry
        return None

    def _recolour(self, entry: Entry, change: dict[int, int]) -> Iterator[Call]:
        """One table for all demonstrations: `replace` where the order does not matter, else `fill` of old places."""
        if not change or len(change) > 6:
            return
        result: Argument = entry
        chained = not set(change) & set(change.values())
        for old, new in change.items():
            a, b = self._constant_colour(old), self._constant_colour(new)
            if a is None or b is None:
                return
            if chained:
                result = Call(self._replace, (result, a, b))
            else:
                result = Call(self._fill, (result, b, Call(self._ofcolor, (entry, a))))
        if isinstance(result, Call):
            yield result

    def _as_peer(self, entry: Entry) -> Iterator[Call | None]:
        if len(self._peers) >= PEERS:
            return
        flats = [[v for row in grid for v in row] for grid in entry.values[: self._pairs]]
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
        for flat_a, flat_b, flat in zip(a_flats, b_flats, self._flat, strict=True):
            for x, y, out in set(zip(flat_a, flat_b, flat, strict=True)):
                if table.setdefault((x, y), out) != out:
                    return
        for grid_a, grid_b in zip(a.values[self._pairs :], b.values[self._pairs :], strict=True):
            if shape_of(grid_a) != shape_of(grid_b):
                return
            for row_a, row_b in zip(grid_a, grid_b, strict=True):
                if any(key not in table for key in zip(row_a, row_b, strict=True)):
                    return
        table = dict(sorted(table.items()))
        counts: dict[int, int] = {}
        for flat in self._flat:
            for out in flat:
                counts[out] = counts.get(out, 0) + 1
        background = max(sorted(counts), key=counts.__getitem__)
        options: list[tuple[Argument, dict[tuple[int, int], int]]] = [
            (a, {key: out for key, out in table.items() if out != key[0]}),
            (b, {key: out for key, out in table.items() if out != key[1]}),
        ]
        ground = self._constant_colour(background)
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
        for k, (flat_a, flat_b, flat) in enumerate(zip(a_flats, b_flats, self._flat, strict=True)):
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
            colour, of_a, of_b = self._constant_colour(out), self._constant_colour(x), self._constant_colour(y)
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
            yield result

    # ------------------------------------------------------------------ parts and copies

    def _find_targets(self) -> None:
        outputs = tuple(self._outputs)
        for production in self._isometries:
            inverse = {"rot90": "rot270", "rot270": "rot90"}.get(production.name, production.name)
            call = find(inverse, "G").call
            self._target(tuple(call(output) for output in outputs), "unary", production, None)
        for factor in range(2, 11):
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
                if rows * columns > 1 and all(h % rows == 0 and w % columns == 0 for h, w in self._shapes):
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
                for output, (h, w) in zip(self._outputs, self._shapes, strict=True)
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
            strips.append(self._joined(self._hconcat, [filled[r * columns + c] for c in range(columns)]))
        result = self._joined(self._vconcat, strips)
        if isinstance(result, Call):
            yield result

    @staticmethod
    def _joined(production: Production, parts: Sequence[Argument]) -> Argument:
        result = parts[0]
        for part in parts[1:]:
            result = Call(production, (result, part))
        return result

    # ------------------------------------------------------------------ choosing among objects and grids

    def _choice(self, entry: Entry) -> Iterator[Call | None]:
        if len(self._choices) >= CHOICES:
            return
        wanted: list[list[Any]] = []
        for k in range(self._pairs):
            found = [item for item in entry.values[k] if self._is_wanted(entry, item, k)]
            if not found or len(entry.values[k]) == 1:
                wanted = []
                break
            wanted.append(found)
        yield None
        if wanted:
            yield from self._new_choice((entry, wanted, False))
        if entry.kind == "S":
            for changed in self._changed(entry):
                yield from self._new_choice((entry, changed, True))

    def _new_choice(self, choice: tuple[Entry, list[list[Any]], bool]) -> Iterator[Call | None]:
        self._choices.append(choice)
        letter = "O" if choice[0].kind == "S" else "G"
        for kind in (f"{letter}>B", f"{letter}>N"):
            for function in list(self._bank.of_kind(kind)):
                yield from self._choose(choice, function)

    def _is_wanted(self, entry: Entry, item: Any, k: int) -> bool:
        if entry.kind == "L":
            return bool(item == self._outputs[k])
        if not item:
            return False
        rows = [place[0] for _, place in item]
        columns = [place[1] for _, place in item]
        top, left = min(rows), min(columns)
        if (max(rows) - top + 1, max(columns) - left + 1) != self._shapes[k]:
            return False
        output = self._outputs[k]
        return all(output[i - top][j - left] == v for v, (i, j) in item)

    def _changed(self, entry: Entry) -> list[list[list[Any]]]:
        """Objects that change on the input as a whole, by new colour, when every object changes so or not at all."""
        base = self._ground
        if base is None:
            return []
        by_colour: dict[int, list[list[Any]]] = {}
        for k in range(self._pairs):
            diff, cells = base.diff_places[k], base.diff_cells[k]
            for item in entry.values[k]:
                places = frozenset(place for _, place in item)
                if diff.isdisjoint(places):
                    continue
                if not places <= diff:
                    return []
                i, j = next(iter(places))
                colour = self._outputs[k][i][j]
                if all((colour, place) in cells for place in places):
                    by_colour.setdefault(colour, [[] for _ in range(self._pairs)])[k].append(item)
        return [by_colour[colour] for colour in sorted(by_colour)]

    def _choose(self, choice: tuple[Entry, list[list[Any]], bool], function: Entry) -> Iterator[Call | None]:
        entry, wanted, several = choice
        letter = "O" if entry.kind == "S" else "G"
        if not function.kind.startswith(letter + ">"):
            return
        yield None
        boolean = function.kind.endswith("B")
        extremes = [True, True]
        alone = True
        for k in range(self._pairs):
            call = function.values[k]
            try:
                answers = [(item, call(item)) for item in entry.values[k]]
            except Exception:  # a primitive on an object it has no answer for: the function does not fit this set
                return
            if boolean:
                picked = [item for item, answer in answers if answer]
                if not all(item in wanted[k] for item in picked) or (
                    len(picked) != len(wanted[k]) if several else not picked
                ):
                    return
                continue
            if not answers:
                if several:
                    continue
                return
            numbers = [answer for _, answer in answers]
            for which, extreme in enumerate((max(numbers), min(numbers))):
                picked = [item for item, answer in answers if answer == extreme]
                if several and extremes[which]:
                    extremes[which] = len(picked) == len(wanted[k]) and all(item in wanted[k] for item in picked)
                    alone = alone and len(picked) == 1
                elif not any(item in wanted[k] for item in picked):
                    extremes[which] = False
            if not any(extremes):
                return
        argmax, argmin, extract = self._choosers[entry.kind]
        if boolean:
            yield Call(self._mfilter, (entry, function)) if several else self._picked(extract, entry, function)
            return
        for production, limit, right in zip((argmax, argmin), self._limits, extremes, strict=True):
            if right and several:
                same = Call(self._matcher, (function, Call(limit, (entry, function))))
                yield Call(production, (entry, function)) if alone else Call(self._mfilter, (entry, same))
            elif right:
                yield self._picked(production, entry, function)

    def _picked(self, production: Production, entry: Entry, function: Entry) -> Call:
        call = Call(production, (entry, function))
        if entry.kind == "L":
            return call
        return Call(self._subgrid, (call, self._input))
