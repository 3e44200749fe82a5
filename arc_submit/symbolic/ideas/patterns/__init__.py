"""Pictures that repeat or are symmetric: what is missing filled in, what is too much taken out.

    recipes     few calls that make an output of any shape: the hidden part of a picture, its tile, its continuation
    steps       calls that keep the shape, to be chained (`ideas.chaining`)
    idea        recipes first, then chains

Left out: pictures that are put together from several tiles.
"""

from arc_submit.symbolic.ideas.patterns.idea import Patterns

__all__ = ["Patterns"]
