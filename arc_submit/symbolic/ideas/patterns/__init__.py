"""Pictures that repeat or are symmetric: what is missing filled in, what is too much taken out.

    recipes, steps -> Patterns

A recipe is a few calls that make an output of any shape: the hidden part of a picture, its tile, its continuation.
Steps keep the shape and are chained as those of `processes` are.

Left out: pictures that are put together from several tiles.
"""

from arc_submit.symbolic.ideas.patterns.idea import Patterns

__all__ = ["Patterns"]
