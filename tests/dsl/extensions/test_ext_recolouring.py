"""A layer takes the colours of another."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.recolouring import (
    gaps_filled_from,
    in_colour_of,
    in_colours_of,
)

LAYER = drawn("11. 1..", 4, 4)
BOX = drawn("55 5.", 3, 3)


def test_colours_come_from_the_other():
    """The commonest, or all by how common they are."""
    assert in_colour_of(LAYER, BOX) == drawn("55. 5..", 4, 4)
    assert in_colours_of(drawn("112"), drawn("3444.")) == drawn("443")
    assert gaps_filled_from(LAYER, BOX) == drawn("115 155", 4, 4)
    for call in (lambda: in_colour_of(LAYER, drawn("..")), lambda: in_colours_of(drawn("12"), BOX)):
        with pytest.raises(ValueError, match="no answer"):
            call()
