"""What the task reader refuses: one complaint per fault, naming file, task, place and what was expected."""

import re

import pytest
from helpers import entry

from arc_submit.errors import DataError, UserError
from arc_submit.tasks import grids

WIDE = [[0] * 31]
TALL = [[0]] * 31


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param([[1, 2], [3]], "row 1 has 1 cells, expected 2 as in row 0", id="ragged"),
        pytest.param([[1], [2, 3]], "row 1 has 2 cells, expected 1 as in row 0", id="ragged the other way"),
        pytest.param([[0, 10]], "row 0, column 1: expected an int 0..9, found int 10", id="colour above 9"),
        pytest.param([[0], [-1]], "row 1, column 0: expected an int 0..9, found int -1", id="colour below 0"),
        pytest.param([[True]], "expected an int 0..9, found bool True", id="bool"),
        pytest.param([[1.0]], "expected an int 0..9, found float 1.0", id="float"),
        pytest.param([["1"]], "expected an int 0..9, found str '1'", id="string cell"),
        pytest.param([[None]], "expected an int 0..9, found nothing", id="null cell"),
        pytest.param(["123"], "row 0: expected a non-empty list of cells, found str '123'", id="string row"),
        pytest.param(WIDE, "row 0 has 31 cells, expected at most 30", id="too wide"),
        pytest.param(TALL, "31 rows, expected at most 30", id="too tall"),
        pytest.param([], "expected a non-empty list of rows, found list []", id="no rows"),
        pytest.param([[]], "row 0: expected a non-empty list of cells, found list []", id="no cells"),
        pytest.param(None, "expected a non-empty list of rows, found nothing", id="no grid"),
        pytest.param({"0": [1]}, "expected a non-empty list of rows, found dict", id="object"),
        pytest.param(7, "expected a non-empty list of rows, found int 7", id="number"),
    ],
)
def test_a_bad_grid_is_refused_with_its_place_and_what_was_expected(value, expected):
    with pytest.raises(DataError, match=r"^x\.json: task t: ") as caught:
        grids.grid(value, "x.json: task t: train[0].input")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_data_error_is_the_users_to_mend():
    assert issubclass(DataError, UserError)


def test_the_largest_and_the_smallest_grid_pass():
    assert grids.grid([[0] * 30] * 30, "here") == ((0,) * 30,) * 30
    assert grids.grid([[9]], "here") == ((9,),)


def test_a_long_value_is_cut_in_the_complaint():
    with pytest.raises(DataError) as caught:
        grids.grid("9" * 1000, "here")
    assert len(str(caught.value)) < 120


def _without(key, part=None):
    body = entry()
    if part is None:
        del body[key]
    else:
        del body[part][0][key]
    return body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({}, "expected a non-empty list 'train', found nothing", id="empty object"),
        pytest.param([], "expected an object with 'train' and 'test', found list []", id="list"),
        pytest.param(None, "expected an object with 'train' and 'test', found nothing", id="null"),
        pytest.param(_without("train"), "expected a non-empty list 'train', found nothing", id="no train"),
        pytest.param(_without("test"), "expected a non-empty list 'test', found nothing", id="no test"),
        pytest.param(entry() | {"train": []}, "expected a non-empty list 'train', found list []", id="empty train"),
        pytest.param(entry() | {"test": []}, "expected a non-empty list 'test', found list []", id="no test input"),
        pytest.param(entry() | {"train": {}}, "expected a non-empty list 'train', found dict {}", id="train object"),
        pytest.param(entry() | {"train": [3]}, "train[0]: expected an object, found int 3", id="pair is a number"),
        pytest.param(_without("input", "train"), "train[0].input: expected a non-empty list of rows", id="no input"),
        pytest.param(_without("output", "train"), "train[0].output: expected a non-empty list of rows", id="no output"),
        pytest.param(_without("input", "test"), "test[0].input: expected a non-empty list of rows", id="no test grid"),
    ],
)
def test_a_task_with_a_part_missing_is_refused_by_name(body, expected):
    with pytest.raises(DataError, match=re.escape(f"x.json: task abc: {expected}")):
        grids.task("abc", body, "x.json")


def test_a_task_leaves_its_test_outputs_behind():
    with_outputs = grids.task("t", entry(tests=[("3", "4")]), "x.json")
    without = grids.task("t", entry(tests=[("3", None)]), "x.json")
    assert with_outputs == without
    assert "4" not in repr(with_outputs)


def test_test_outputs_are_none_when_there_are_none():
    assert grids.test_outputs("t", entry(), "x.json") is None


def test_test_outputs_come_in_the_order_of_the_inputs():
    body = entry(tests=[("1", "7"), ("2", "8")])
    assert grids.test_outputs("t", body, "x.json") == (((7,),), ((8,),))


def test_test_outputs_for_some_inputs_only_are_refused():
    body = entry(tests=[("1", "7"), ("2", None)])
    with pytest.raises(DataError, match=re.escape("x.json: task t: test[1].output: expected")):
        grids.test_outputs("t", body, "x.json")
