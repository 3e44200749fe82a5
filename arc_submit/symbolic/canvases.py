"""Painting what is missing onto a grid of the output's shape.

A base is such a grid with the cells still wrong on it. Places and objects are tried on every base: a fill or a paint is
consistent when it sets no cell wrongly and finishing when nothing is left. What helps without finishing makes a new
base, so that several fills add up. A fill may also set some cells wrong that later ones put right again, when it gains
far more than it spoils. The colour of a fill is solved for: a constant, or any known expression with those values.

Left out: undoing a step; a base only ever gets better.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from arc_submit.records import Grid
from arc_submit.symbolic.bank import Bank
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.expressions import Entry, Production
from arc_submit.symbolic.grammar import find
from arc_submit.symbolic.outputs import Outputs, Places
from arc_submit.symbolic.steps import Call

RESIDUAL_WEIGHT = 80  # cost units that a base is worth more when nothing is wrong instead of as much as on the input
PROGRESS_PER_BASE = 60  # steps tried on one base that do not finish
IMPROVEMENT = 4  # a fill that also sets cells wrong must net one in this many of the cells still wrong


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
        self.score = 0.0
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


class Canvases:
    def __init__(self, outputs: Outputs, bank: Bank, config: SymbolicConfig) -> None:
        self._outputs = outputs
        self._bank = bank
        self._config = config
        self._bases: list[Base] = []
        self._scans = 0
        self._reference = outputs.blank_residual()
        self._progress_needed = min(outputs.count, max(2, (outputs.count + 1) // 2))
        self._fill, self._underfill = find("fill", "GCP"), find("underfill", "GCP")
        self._paint, self._underpaint = find("paint", "GO"), find("underpaint", "GO")
        self._cover, self._toindices = find("cover", "GP"), find("toindices", "O")
        self._mostcolor = find("mostcolor", "G").call

    def places(self, entry: Entry) -> Iterator[Call | None]:
        """Try places on every base."""
        for base in self._bases:
            yield from self._places_on(base, entry)
        yield None

    def object(self, entry: Entry) -> Iterator[Call | None]:
        """Try an object on every base, and its places."""
        yield Call(self._toindices, (entry,))
        for base in self._bases:
            yield from self._object_on(base, entry)
        yield None

    def grid(self, entry: Entry) -> Iterator[Call | None]:
        """Make a base of a grid of the output's shape, if it is among the best, and try all that is known on it."""
        base = Base(entry, self._outputs.grids)
        if base.residual == 0:
            return
        if entry.production.name == "I":
            self._reference = min(self._reference, base.residual)
        base.score = entry.cost + RESIDUAL_WEIGHT * base.residual / self._reference
        keep = self._config.bases
        if len(self._bases) >= keep and base.score >= self._bases[-1].score:
            return
        if self._scans >= self._config.base_scans:
            return
        self._bases.append(base)
        self._bases.sort(key=lambda b: (b.score, b.entry.number))
        del self._bases[keep:]
        self._scans += 1
        for kind, check in (("P", self._places_on), ("O", self._object_on)):
            for count, other in enumerate(list(self._bank.of_kind(kind))):
                yield from check(base, other)
                if count % 64 == 0:
                    yield None

    def _places_on(self, base: Base, entry: Entry) -> Iterator[Call | None]:
        for production, limited in ((self._fill, False), (self._underfill, True)):
            colours: list[int | None] = []
            gains = whole = 0
            for k in range(self._outputs.count):
                inside = entry.values[k] & self._outputs.places[k]
                if limited:
                    smaller = inside & base.background_of(k, self._mostcolor)
                    inside = smaller
                diff = base.diff_places[k]
                if not inside:
                    colours.append(None)
                    whole += not diff
                    continue
                i, j = next(iter(inside))
                colour = self._outputs.grids[k][i][j]
                if not inside <= self._outputs.of_colour[k][colour]:
                    break
                colours.append(colour)
                if diff and not diff.isdisjoint(inside):
                    gains += 1
                whole += diff <= inside
            else:
                if gains and (whole == self._outputs.count or self._may_progress(base, gains)):
                    yield from self._coloured(production, base, entry, colours)
                    if not limited:
                        yield from self._covered(base, entry, colours)
                    return
                if not limited and not gains:
                    return
                continue
            if whole and gains and base.tried < PROGRESS_PER_BASE:
                base.tried += 1
                colours.extend([None] * (self._outputs.count - len(colours)))
                yield from self._coloured(production, base, entry, colours)
            elif not limited:
                improving = self._improving(base, entry)
                if improving and base.tried < PROGRESS_PER_BASE:
                    base.tried += 1
                    yield from self._coloured(production, base, entry, improving)

    def _improving(self, base: Base, entry: Entry) -> list[int | None]:
        """The colours with which a fill sets many more cells right than wrong, on every demonstration; [] if none."""
        colours: list[int | None] = []
        for k in range(self._outputs.count):
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
            right = (places & self._outputs.places[k]) - diff
            best = 0
            chosen = None
            for colour, having in self._outputs.of_colour[k].items():
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
        for colour in self._bank.matching("C", colours, 2):
            yield Call(production, (base.entry, colour, entry))

    def _covered(self, base: Base, entry: Entry, colours: Sequence[int | None]) -> Iterator[Call]:
        for k, colour in enumerate(colours):
            base.background_of(k, self._mostcolor)
            if colour is not None and colour != base.background_colour[k]:
                return
        yield Call(self._cover, (base.entry, entry))

    def _object_on(self, base: Base, entry: Entry) -> Iterator[Call | None]:
        for production, limited in ((self._paint, False), (self._underpaint, True)):
            gains = whole = 0
            for k in range(self._outputs.count):
                cells = entry.values[k]
                if limited:
                    background = base.background_of(k, self._mostcolor)
                    cells = frozenset(cell for cell in cells if cell[1] in background)
                right = cells & self._outputs.cells[k]
                if len(right) != len(cells):
                    places = self._outputs.places[k]
                    if any(place in places for _, place in cells - right):
                        break
                diff = base.diff_cells[k]
                if diff and not diff.isdisjoint(right):
                    gains += 1
                whole += diff <= right
            else:
                if gains and (whole == self._outputs.count or self._may_progress(base, gains)):
                    yield Call(production, (base.entry, entry))
                return
            if whole and gains and base.tried < PROGRESS_PER_BASE:
                base.tried += 1
                yield Call(production, (base.entry, entry))
            if len(entry.values[0]) > 300:
                return
