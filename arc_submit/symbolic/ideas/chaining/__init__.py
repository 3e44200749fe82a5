"""Chains of steps that keep the shape; no idea, but what `patterns` and `processes` are made of.

    steps       one call on a grid, with its constants
    situation   the grids so far, beside the outputs that they should become
    colours     what a situation shows: the constants worth trying
    chains      which steps after which others, best first
    programs    a task's chains, written out

An idea says which steps are worth trying in a situation (`Source`). A step is taken when every cell that it changes
becomes right (or nearly so); chains that leave nothing wrong are proposed.

Left out: tasks whose shapes change; steps that go wrong first and are put right later by more than a little.
"""
