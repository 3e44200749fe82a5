"""Full rectangles are found wherever they are."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.blocks import (
    MOST_BLOCKS,
    blocks,
    empty_blocks,
)


def test_the_largest_comes_first():
    """What it takes, no other has; single cells and rows are no blocks."""
    assert blocks(drawn("1122. 1122. .1222", 1, 1)) == (drawn("22 22 22", 1, 3), drawn("11 11", 1, 1))
    with pytest.raises(ValueError, match="no answer"):
        blocks(drawn("111 22."))


def test_empty_rectangles_are_painted():
    """In colour 1."""
    assert empty_blocks(drawn("..5 ..5 555")) == (drawn("11 11"),)


def test_twenty_are_taken():
    """The others are left where they are."""
    row = "11." * 7  # seven blocks in a row of them, 21 in three
    assert len(blocks(drawn(" ".join((row, row, "." * 21) * 3)))) == MOST_BLOCKS
