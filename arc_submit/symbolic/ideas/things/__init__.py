"""The idea `things`: programs that see a grid as things and say, by their marks, what becomes of each.

    perceive    ways of seeing things on the inputs
    selectors   which few tests pick these things and not those
    decide      decision lists: which answer each thing gets
    trying      whether an act fits a thing, and what it accounts for
    learned     acts whose constants are read off the demonstrations
    families    the acts that are tried
    acting      outputs of the input's size: things painted, moved, removed, copied
    finishing   things put in an order, grids changed as a whole
    picking     the output is one chosen thing, or some of them side by side
    counting    small outputs: counts, lists, maps
    sizing      first steps that give the inputs the size of the outputs
    written     programs and first steps, as text
    idea        all of this, one way of seeing after the other

Proposed are programs that are right on all demonstrations, and of those that give the same outputs on the test inputs
the cheapest. Left out: programs that are only partly right, and chains of several acts one after the other.
"""

from arc_submit.symbolic.ideas.things.idea import Things

__all__ = ["Things"]
