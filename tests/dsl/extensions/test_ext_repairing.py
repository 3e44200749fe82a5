"""Missing cells come back by symmetry or tiling where the rest bears it out; specks and blocks are told apart."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.kernel import Layer
from arc_submit.dsl.extensions.repairing import (
    mirror_repaired,
    only_blocks,
    smoothed_over,
    specks,
    tile,
    tile_repaired,
    without_blocks,
    without_specks,
)

LAID = drawn("12341234 34123412 12341234 34123412")


def covered(layer: Layer, colour: int, top: int, left: int, h: int, w: int) -> Layer:
    """Return the layer with some cells in a colour."""
    rows = [list(row) for row in layer[0]]
    for row in rows[top : top + h]:
        row[left : left + w] = [colour] * w
    return tuple(map(tuple, rows)), layer[1]


@pytest.mark.parametrize("colour", [0, 9])
@pytest.mark.parametrize(
    "rows",
    [
        "123321 456654 789987 147741",  # across, about the middle
        "12321. 45654. 78987.",  # across, one column left over
        "123 456 789 789 456 123",  # upright
        "1234 2567 3681 4719",  # diagonal
    ],
)
def test_mirror_images_repair(rows, colour):
    """Whatever the axis; cells that are not missing stay."""
    whole = drawn(rows.replace(".", "5"), 2, 2)
    assert mirror_repaired(covered(whole, colour, 0, 1, 1, 1), colour) == whole
    assert mirror_repaired(covered(whole, colour, 1, 0, 2, 1), colour) == whole


def test_no_mirror_fits():
    """Then nothing changes."""
    assert mirror_repaired(drawn("123 4.6 787"), 0) == drawn("123 4.6 787")


def test_tiles_repair():
    """Straight ones, and those shifted from row to row; 0 is a colour unless it is what is missing."""
    assert tile_repaired(covered(LAID, 0, 1, 2, 2, 3), 0) == LAID
    shifted = drawn("1.2.1.2. .1.2.1.2 2.1.2.1. .2.1.2.1", 1, 1)
    assert tile_repaired(covered(shifted, 7, 0, 1, 2, 2), 7) == shifted
    with pytest.raises(ValueError, match="tile_repaired"):
        tile_repaired(drawn("123 4.6 787"), 0)


def test_the_tile():
    """The smallest one, which may be the whole layer."""
    assert tile(LAID) == drawn("1234 3412")
    assert tile(drawn("12121 34343", 5, 5)) == drawn("12 34", 5, 5)
    assert tile(drawn("123")) == drawn("123")


def test_specks():
    """Cells without a neighbour of their colour, corners too."""
    spotted = drawn("11..2 1.3.. .1..3 4...3")
    assert without_specks(spotted) == drawn("11... 1.... .1..3 ....3")
    assert specks(spotted) == drawn("....2 ..3.. ..... 4....")


def test_blocks():
    """Cells in a square of one colour, and the rest."""
    mixed = drawn("111. 112. .1.2")
    assert only_blocks(mixed, 2) == drawn("11.. 11.. ....")
    assert without_blocks(mixed, 2) == drawn("..1. ..2. .1.2")
    assert only_blocks(mixed, 3) == drawn(".... .... ....")
    with pytest.raises(ValueError, match="no answer"):
        only_blocks(mixed, 0)


def test_smoothing():
    """Takes out single cells and puts in missing ones; no majority, no change."""
    assert smoothed_over(drawn("..... .2... ...11 ..111 ..11.")) == drawn("..... ..... ...11 ..111 ..111")
    assert smoothed_over(drawn("12")) == drawn("12")
