"""Small processes, one after the other: beams, floods, falling, growth, stamps; found step by step.

    candidates  steps with plain constants: colours, directions, distances
    learned     steps whose constants are read off the demonstrations: stamps, small pictures put for others
    idea        chains of both (`ideas.chaining`)

Left out: tasks whose shapes change.
"""

from arc_submit.symbolic.ideas.processes.idea import Processes

__all__ = ["Processes"]
