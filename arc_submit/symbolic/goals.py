"""What is still missing: finishing steps tried on every new value, ahead of their turn.

The outputs are known, so most last steps need not be enumerated but can be solved for. Every new expression is offered
to those that can use its kind:

    canvases   places and objects painted on a grid of the output's shape, several steps adding up
    tables     colours of one or two such grids decide the output cell by cell
    parts      grids that are a part or a copy of the output
    choices    sets that hold the wanted object or grid, or objects that change as a whole

Checks run on the smallest demonstration first and give up at the first contradiction. A step comes out as a `Call`; the
enumerator evaluates it and sees for itself.
"""

from collections.abc import Iterator

from arc_submit.symbolic.bank import Bank
from arc_submit.symbolic.canvases import Canvases
from arc_submit.symbolic.choices import Choices
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.expressions import Entry
from arc_submit.symbolic.outputs import Outputs
from arc_submit.symbolic.parts import Parts
from arc_submit.symbolic.steps import Call
from arc_submit.symbolic.tables import Tables


class Goals:
    def __init__(self, outputs: Outputs, grid: Entry, bank: Bank, config: SymbolicConfig) -> None:
        self._outputs = outputs
        self._canvases = Canvases(outputs, bank, config)
        self._tables = Tables(outputs, bank)
        self._parts = Parts(outputs, bank)
        self._choices = Choices(outputs, bank, grid)

    def offers(self, entry: Entry) -> Iterator[Call | None]:
        """Yield steps to try with a new expression; None marks work done, for the clock."""
        match entry.kind:
            case "G":
                yield from self._parts.grid(entry)
                if self._outputs.fits(entry.values):
                    yield from self._tables.one(entry)
                    yield from self._canvases.grid(entry)
                    yield from self._tables.two(entry)
            case "P":
                yield from self._canvases.places(entry)
            case "O":
                yield from self._canvases.object(entry)
            case "S" | "L":
                yield from self._choices.container(entry)
            case "O>N" | "O>B" | "G>N" | "G>B":
                yield from self._choices.function(entry)

    def weak(self) -> list[Call]:
        """Return the steps put off so far because little speaks for them, and forget them."""
        return self._tables.weak()
