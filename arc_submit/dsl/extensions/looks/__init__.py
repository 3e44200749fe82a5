"""Looks: what can be said of every cell of a grid, by name. See `base` for what they are; rules are made of them.

Each file registers its own, here and in this order: `linked` speaks of looks of those before it.
"""

from arc_submit.dsl.extensions.looks import bodies, boxes, lattice, linked, near, places, whole
from arc_submit.dsl.extensions.looks.base import COLOUR, LOOKS, NONE, NUMBER, YES, Cells, Look, Sight

__all__ = [
    "COLOUR",
    "LOOKS",
    "NONE",
    "NUMBER",
    "YES",
    "Cells",
    "Look",
    "Sight",
]

for file in (bodies, boxes, lattice, near, linked, places, whole):
    file.register()
