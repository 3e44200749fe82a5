"""Rules for single cells, learned from the demonstrations and written out as a program.

    canvases    grids of the output's size, made of the input: what rules paint on
    table       what can be said of every cell: literals and leaves, as sets of cells
    learn       ordered rules from a table
    idea        which looks, which canvases, what is proposed

Each output cell is a function of what can be said of its place in the input: `looks`. For each group of looks, and for
all together, ordered rules are learned that are right on all demonstrations; the same way of learning is tried with one
demonstration left out, and rules from ways that get those right come first. This is a little optimistic: the values
that literals and leaves may name come from all demonstrations, from the one left out as well.
"""

from arc_submit.symbolic.ideas.rules.idea import Rules

__all__ = ["Rules"]
