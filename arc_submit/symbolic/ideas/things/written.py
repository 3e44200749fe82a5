"""What learners write: whole programs, and first steps after which others go on."""

import re
from dataclasses import dataclass

from arc_submit.records import Grid
from arc_submit.symbolic.expressions import EXTENDED_HEADER

HEADER = f"{EXTENDED_HEADER}def solve(I):\n"
NAME = re.compile(r"\b[px]\d+\b")


@dataclass(frozen=True, slots=True)
class Written:
    """A program that is right on the demonstrations."""

    lines: tuple[str, ...]
    """Names are p1, p2, ... (a first step) and x1, x2, ...; the last line makes O."""
    cost: float
    outputs: tuple[Grid, ...]
    """On the test inputs."""

    @property
    def source(self) -> str:
        """The text, with the names in order."""
        body = "".join(f"    {line}\n" for line in self.lines)
        names = {name: f"x{number}" for number, name in enumerate(dict.fromkeys(NAME.findall(body)), 1)}
        return HEADER + NAME.sub(lambda found: names[found.group()], body) + "    return O\n"


@dataclass(frozen=True, slots=True)
class Opening:
    """A first step: the inputs become others of the output's size."""

    lines: tuple[str, ...]
    cost: float
    grids: tuple[Grid, ...]
    """Of all inputs."""
