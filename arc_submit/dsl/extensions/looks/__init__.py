"""Looks: what can be said of every cell of a grid, by name. See `base` for what they are; rules are made of them.

Each file registers its looks when it is imported; `linked` speaks of looks of the others.
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
    "bodies",
    "boxes",
    "lattice",
    "linked",
    "near",
    "places",
    "whole",
]
