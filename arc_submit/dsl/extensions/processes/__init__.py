"""Small processes on a grid, run to their end: beams, floods, falling, growth. Colour 0 is free ground.

    beams, bends    lines that run from cells, straight or with corners
    floods          what spreads from cells to those that touch them
    regions, boxes  what connected cells enclose, or lie in
    blocks          rectangles that are of one colour throughout
    moves           what falls, is drawn or sorted
    stamps          small pictures put in places
    roles           colours by what they are on a grid

Ways are one or more directions in a row, (row, column, row, column, ...), so that DOWN is one way and (0, -1, 0, 1) are
two. Where cells are chosen, a colour of -1 stands for every colour but 0, and -1 - c for every colour but 0 and c.
Where cells are painted, -1 is the colour of the cell that the process came from.

Left out: what needs more than one kind of cell to decide; programs call these one after the other instead.
"""

from arc_submit.dsl.extensions.processes.beams import (
    beam,
    beam_away,
    beam_free,
    beam_near,
    beam_over,
    beam_tips,
    beam_to,
    beam_under,
    joined_over,
    joined_under,
    striped,
)
from arc_submit.dsl.extensions.processes.bends import bounced, cornered, elbowed, winding
from arc_submit.dsl.extensions.processes.blocks import blocks_painted, largest_blocks_painted
from arc_submit.dsl.extensions.processes.boxes import boxed, framed
from arc_submit.dsl.extensions.processes.floods import ringed, rippled, spread, touched
from arc_submit.dsl.extensions.processes.moves import bars_sorted, drawn_to, fallen, fallen_things, moved_by
from arc_submit.dsl.extensions.processes.regions import closed_in, filled_regions, holes_painted
from arc_submit.dsl.extensions.processes.roles import main_colour, rare_colour
from arc_submit.dsl.extensions.processes.stamps import repeated, rewritten, stamped

__all__ = (
    "bars_sorted",
    "beam",
    "beam_away",
    "beam_free",
    "beam_near",
    "beam_over",
    "beam_tips",
    "beam_to",
    "beam_under",
    "blocks_painted",
    "bounced",
    "boxed",
    "closed_in",
    "cornered",
    "drawn_to",
    "elbowed",
    "fallen",
    "fallen_things",
    "filled_regions",
    "framed",
    "holes_painted",
    "joined_over",
    "joined_under",
    "largest_blocks_painted",
    "main_colour",
    "moved_by",
    "rare_colour",
    "repeated",
    "rewritten",
    "ringed",
    "rippled",
    "spread",
    "stamped",
    "striped",
    "touched",
    "winding",
)
