"""Programs that hold an answer: found in every spelling, and honest programs left alone."""

import pytest
from helpers import G, grids
from hypothesis import assume, given, settings

from arc_submit.programs import holds_literal

ANSWER = G("123/456/789")


def program(value: str) -> str:
    return f"import numpy as np\n\ndef transform(grid):\n    answer = {value}\n    return np.array(answer)\n"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("[[1, 2, 3], [4, 5, 6], [7, 8, 9]]", id="lists"),
        pytest.param("((1, 2, 3), (4, 5, 6), (7, 8, 9))", id="tuples"),
        pytest.param("[(1, 2, 3), [4, 5, 6], (7, 8, 9)]", id="mixed"),
        pytest.param("np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]])", id="array"),
        pytest.param("np.array([1, 2, 3, 4, 5, 6, 7, 8, 9]).reshape(3, 3)", id="flat"),
        pytest.param("(1, 2, 3, 4, 5, 6, 7, 8, 9)", id="flat tuple"),
        pytest.param("[int(c) for c in '123456789']", id="digits"),
        pytest.param("'123\\n456\\n789'.split()", id="digits in lines"),
        pytest.param("'1 2 3; 4 5 6; 7 8 9'", id="digits with blanks"),
        pytest.param("b'123456789'", id="bytes"),
        pytest.param("{0: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]}[0]", id="in a table"),
        pytest.param("[[[0]], [[1, 2, 3], [4, 5, 6], [7, 8, 9]]][1]", id="in a list of answers"),
        pytest.param("((('rest',), 0), ('all', ((1, 2, 3), (4, 5, 6), (7, 8, 9))))", id="in a tuple of rules"),
        pytest.param("('123', '456', '789')", id="rows of digits"),
        pytest.param("lambda: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]", id="in a lambda"),
    ],
)
def test_an_answer_is_found_as(value):
    assert holds_literal(program(value), [ANSWER])


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("grid[::-1]", id="no literal"),
        pytest.param("[[1, 2, 3], [4, 5, 6], [7, 8, 0]]", id="another grid"),
        pytest.param("[[1, 2, 3, 4, 5], [6, 7, 8, 9, 0]]", id="another shape"),
        pytest.param("[[1, 2, 3], [4, 5, 6], [7, 8, grid[0][0]]]", id="not all literal"),
        pytest.param("[1, 2, 3]", id="one row"),
        pytest.param("'12345678'", id="fewer digits"),
        pytest.param("1", id="one number"),
        pytest.param("[[0, 1, 0], [1, 1, 1], [0, 1, 0]]", id="a kernel"),
        pytest.param("[(-1, 0), (1, 0), (0, -1), (0, 1)]", id="directions"),
    ],
)
def test_an_honest_program_is_left_alone_with(value):
    assert not holds_literal(program(value), [ANSWER])


def test_a_flat_run_of_few_cells_may_well_be_honest():
    assert not holds_literal(program("[1, 2, 3, 4]"), [G("12/34")])
    assert not holds_literal(program("'1234'"), [G("12/34")])
    assert holds_literal(program("[[1, 2], [3, 4]]"), [G("12/34")])


def test_a_grid_of_one_cell_is_never_an_answer():
    assert not holds_literal(program("[[5]]"), [G("5")])
    assert not holds_literal(program("5"), [G("5")])


def test_any_of_several_answers_is_found():
    assert holds_literal(program("[[1, 2], [3, 4]]"), [G("9"), G("5"), G("12/34")])
    assert not holds_literal(program("[[1, 2], [3, 4]]"), [])


@settings(deadline=None, max_examples=60)
@given(grids())
def test_every_grid_is_found_in_its_own_spelling(grid):
    assume(len(grid) * len(grid[0]) > 1)
    assert holds_literal(program(repr(grid)), [grid])
    assert holds_literal(program(repr([list(row) for row in grid])), [grid])
