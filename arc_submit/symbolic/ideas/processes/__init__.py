"""Small processes, one after the other: beams, floods, falling, growth, stamps; found step by step.

    steps -> situation -> candidates, learned -> chains -> Processes

A step is taken when every cell that it changes becomes right (or nearly so), and chains of steps that leave nothing
wrong are proposed. Covers tasks whose outputs have their inputs' shapes.

Left out: steps that go wrong first and are put right later by more than a little.
"""

from arc_submit.symbolic.ideas.processes.idea import Processes

__all__ = ["Processes"]
