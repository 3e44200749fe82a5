"""Two equally large layers are compared cell by cell."""

import pytest
from drawn import drawn

from arc_submit.dsl.extensions.comparing import (
    in_both,
    in_either,
    in_first_only,
    in_neither,
    in_one_only,
    where_alike,
    where_different,
)

A = drawn("11. 1..", 4, 4)
B = drawn(".2. 1.2", 0, 0)


def test_equal_layers_are_compared():
    """Cell by cell, wherever they lie; the result lies where the first does."""
    assert in_both(A, B) == drawn(".1. 1..", 4, 4)
    assert in_first_only(A, B) == drawn("1.. ...", 4, 4)
    assert in_either(A, B) == drawn("11. 1.2", 4, 4)
    assert in_one_only(A, B) == drawn("1.. ..2", 4, 4)
    assert in_neither(A, B) == drawn("..1 .1.", 4, 4)
    assert where_alike(A, B) == drawn("... 1..", 4, 4)
    assert where_different(A, B) == drawn("11. ...", 4, 4)
    for function in (in_both, in_either, in_one_only, where_alike):
        with pytest.raises(ValueError, match="no answer"):
            function(A, drawn("55 5."))
