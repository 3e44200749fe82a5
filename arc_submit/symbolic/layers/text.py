"""From a state back to the program that makes it: one line per step, common steps once."""

from dataclasses import dataclass, field

from arc_submit.symbolic.ideas.writing import program
from arc_submit.symbolic.layers.graph import Graph


@dataclass(slots=True)
class Text:
    """A program that is being written."""

    graph: Graph
    lines: list[str] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    """State -> the variable that holds it."""
    grids: dict[str, str] = field(default_factory=dict)
    """A grid's expression -> the variable that holds its layer."""

    def line(self, expression: str) -> str:
        """Write a line; return the name of its variable."""
        name = f"x{len(self.lines) + 1}"
        self.lines.append(f"    {name} = {expression}\n")
        return name

    def state(self, number: int) -> str:
        """Write what makes a state; return the name of its variable."""
        if number not in self.names:
            move, first, second = (int(part) for part in self.graph.arena.origin[number])
            if move < 0:
                made = "layer(I)"
            else:
                arguments = [self.state(first)] + ([self.state(second)] if second >= 0 else [])
                step = self.graph.moves[move]
                several = step.extension.kind == "one" and not self.graph.arena.single[first]
                made = step.text_for_each(*arguments) if several else step.text(*arguments)
            self.names[number] = self.line(made)
        return self.names[number]

    def constant(self, grid: str) -> str:
        """Write a layer of a grid that does not depend on the input; return the name of its variable."""
        if grid not in self.grids:
            self.grids[grid] = self.line(f"layer({self.line(grid)})")
        return self.grids[grid]

    def done(self, name: str) -> str:
        """Return the program that answers with the cells of a variable."""
        return program([*map(str.strip, self.lines), f"O = cells({name})"])
