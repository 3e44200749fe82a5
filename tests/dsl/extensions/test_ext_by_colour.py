"""A layer falls into its colours."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.by_colour import (
    by_colour,
    by_colour_trimmed,
)


def test_colours_come_apart():
    """The commonest first, in the whole or in its own box; of two that are as common the smaller one."""
    assert by_colour(drawn("12. 2..")) == (drawn(".2. 2.."), drawn("1.. ..."))
    assert by_colour_trimmed(drawn("12. 2..", 1, 1)) == (drawn(".2 2.", 1, 1), drawn("1", 1, 1))
    assert by_colour_trimmed(drawn("75", 1, 1)) == (drawn("5", 1, 2), drawn("7", 1, 1))
    for function in (by_colour, by_colour_trimmed):
        with pytest.raises(ValueError, match="no answer"):
            function(drawn(".."))
