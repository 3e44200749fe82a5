"""What learners write: whole programs, and first steps after which others go on."""

import re
from dataclasses import dataclass

from arc_submit.records import Grid
from arc_submit.symbolic.ideas.writing import program

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
        used = dict.fromkeys(name for line in self.lines for name in NAME.findall(line))
        names = {name: f"x{number}" for number, name in enumerate(used, 1)}
        return program(NAME.sub(lambda found: names[found.group()], line) for line in self.lines)


@dataclass(frozen=True, slots=True)
class Opening:
    """A first step: the inputs become others of the output's size."""

    lines: tuple[str, ...]
    cost: float
    grids: tuple[Grid, ...]
    """Of all inputs."""
