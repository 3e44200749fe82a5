"""What a situation shows: the colours that steps may start from, and those that they may leave."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from arc_submit.dsl.extensions.processes import main_colour, rare_colour
from arc_submit.records import Grid
from arc_submit.symbolic.ideas.chaining.situation import Situation
from arc_submit.symbolic.ideas.chaining.steps import Grids, Role

OWN = -1
"""Any colour but 0; as what a step leaves: the colour that it starts from."""
FEW = 24  # cells of a colour that lines with corners are drawn from
MOST_WALLS = 2  # colours that are left out, one at a time, when all others start a process

ROLES = (Role(main_colour), Role(rare_colour))
Colour: TypeAlias = int | Role


@dataclass(frozen=True, slots=True)
class Colours:
    """What a situation shows."""

    sources: tuple[Colour, ...]
    """Colours of its grids but 0, -1 where there are several, -1 - c for all but c."""
    few: tuple[Colour, ...]
    """Those of them that no grid has many cells of."""
    paints: tuple[Colour, ...]
    """Colours that cells have to become, but 0."""
    from_zero: bool
    """Some cells of 0 have to be painted."""
    to_zero: bool
    """Some cells have to become 0."""
    over: bool
    """Some cells that are not 0 have to be painted."""
    changed: tuple[tuple[int, int], ...]
    """Colour before, colour after."""


def colours(situation: Situation) -> Colours:
    pairs = list(zip(situation.grids, situation.outputs, strict=True))
    changes = [(k, pairs[k][0][i][j], pairs[k][1][i][j]) for k, i, j in situation.differences()]
    changed = sorted({(a, b) for _, a, b in changes})
    sources = _sources(situation.grids)
    return Colours(
        sources=sources,
        few=tuple(colour for colour in sources if max(_count(grid, colour) for grid in situation.grids) <= FEW),
        paints=_paints(situation.grids, {(k, b) for k, _, b in changes if b}),
        from_zero=any(a == 0 for a, _ in changed),
        to_zero=any(b == 0 for _, b in changed),
        over=any(a and b for a, b in changed),
        changed=tuple(changed),
    )


def _sources(grids: Grids) -> tuple[Colour, ...]:
    """The colours, all together, all but one that every grid has, and what they are where they differ."""
    shown = [{value for row in grid for value in row} - {0} for grid in grids]
    every = sorted(set().union(*shown))
    if len(every) < 2:
        return tuple(every)
    walls = sorted(set.intersection(*shown)) if len(every) > 2 else []
    return (*every, OWN, *(OWN - colour for colour in walls[:MOST_WALLS]), *_roles(grids))


def _paints(grids: Grids, painted: set[tuple[int, int]]) -> tuple[Colour, ...]:
    """The colours, or what they all are where they differ."""
    fitting = [role for role in _roles(grids) if all(role.function(grids[k]) == colour for k, colour in painted)]
    colours = sorted({colour for _, colour in painted})
    return (*colours, *fitting) if len(colours) > 1 else tuple(colours)


def _roles(grids: Grids) -> Iterator[Role]:
    """Roles whose colour is not the same everywhere."""
    if all(any(map(any, grid)) for grid in grids):
        yield from (role for role in ROLES if len({role.function(grid) for grid in grids}) > 1)


def _count(grid: Grid, colour: Colour) -> int:
    if isinstance(colour, Role):
        colour = colour.function(grid)
    if colour >= 0:
        return sum(row.count(colour) for row in grid)
    return sum(value not in (0, OWN - colour) for row in grid for value in row)


def several(colour: Colour) -> bool:
    """A colour that stands for more than one."""
    return not isinstance(colour, Role) and colour < 0
