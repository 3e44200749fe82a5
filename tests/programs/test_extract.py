"""Programs in model text: where they are found, and what is refused."""

import pytest

from arc_submit.errors import ExtractError
from arc_submit.programs import extract, from_source
from arc_submit.programs.extract import MAX_SOURCE_BYTES
from arc_submit.records import Completion, Dialect

CODE = "def transform(grid):\n    return grid * 2\n"
OTHER = "def transform(grid):\n    return grid * 3\n"


def found(text: str) -> str:
    return extract(Completion(text, "test")).source


def refused(text: str) -> str:
    with pytest.raises(ExtractError) as caught:
        found(text)
    return str(caught.value)


# Where programs are found. -------------------------------------------------------------------------------------------


def test_a_program_knows_where_it_came_from():
    program = extract(Completion(f"```python\n{CODE}```", "model", ("p1", "p2")))
    assert (program.source, program.dialect, program.entry) == (CODE, Dialect.TRANSFORM, "transform")
    assert (program.proposer, program.parents, program.view) == ("model", ("p1", "p2"), "")
    assert program.id == from_source(CODE, "another").id


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"```python\n{CODE}```", id="python"),
        pytest.param(f"```\n{CODE}```", id="no info string"),
        pytest.param(f"```py title=x.py\n{CODE}```\n", id="long info string"),
        pytest.param(f"~~~python\n{CODE}~~~", id="tildes"),
        pytest.param(f"````python\n{CODE}````", id="four backticks"),
        pytest.param(f"Here it is:\n\n```python\n{CODE}```\nIt doubles every cell.", id="prose around"),
        pytest.param(f"```python\n{CODE}", id="fence never closed"),
        pytest.param(f"Look:\n```python\n{CODE}```   \nDone", id="blanks after the fence"),
    ],
)
def test_a_fenced_program_is_found(text):
    assert found(text) == CODE


def test_the_last_of_several_fences_wins():
    assert found(f"First try:\n```python\n{OTHER}```\nBetter:\n```python\n{CODE}```") == CODE


def test_a_later_fence_without_an_entry_point_does_not_win():
    assert found(f"```python\n{CODE}```\nFor example:\n```\n1 2\n3 4\n```\n```python\nprint(transform)\n```") == CODE


def test_fences_of_two_kinds_do_not_close_each_other():
    code = 'def transform(grid):\n    """\n```\n    """\n    return grid\n'
    assert found(f"~~~python\n{code}~~~") == code


def test_an_indented_fence_is_dedented():
    text = "1. Do this:\n   ```python\n   def transform(grid):\n       return grid * 2\n   ```\n"
    assert found(text) == CODE


@pytest.mark.parametrize("before", ["", "Sure, here is the code.\n\n", "from the pairs I see doubling\nso:\n"])
@pytest.mark.parametrize("after", ["", "\nThis doubles every cell.\n", "\n\n- it doubles\n- it is short\n"])
def test_bare_code_is_found_in_prose(before, after):
    assert found(before + CODE + after).strip() == CODE.strip()


def test_bare_code_keeps_the_constants_above_the_function():
    code = "FACTOR = 2\n\ndef transform(grid):\n    return grid * FACTOR\n"
    assert found(code) == code
    assert found("Here:\n" + code) == code


def test_bare_code_keeps_imports_and_helpers():
    code = "import numpy as np\n\ndef helper(a):\n    return a\n\ndef transform(grid):\n    return helper(grid)\n"
    assert found("Here:\n" + code) == code


def test_thinking_is_never_searched():
    assert found(f"<think>\n```python\n{OTHER}```\n</think>\n```python\n{CODE}```") == CODE
    assert refused(f"<think>```python\n{CODE}```</think>\nI do not know.") == "no code in the text"


def test_unclosed_thinking_leaves_nothing():
    assert refused(f"<think>\nMaybe\n```python\n{CODE}```\n") == "no code in the text"


def test_thinking_that_began_in_the_prompt_is_left_out():
    assert found(f"so:\n```python\n{OTHER}```\n</think>\n```python\n{CODE}```") == CODE


def test_code_in_thinking_that_began_in_the_prompt_is_no_answer():
    assert refused(f"so:\n```python\n{OTHER}```\n</think>\nI do not know.") == "no code in the text"


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm():
    windows = CODE.replace("\n", "\r\n")
    assert found(f"\ufeff```python\r\n{windows}```\r\n") == CODE
    assert found("\ufeff" + windows).strip() == CODE.strip()


def test_tabs_do_no_harm():
    assert found("```python\ndef transform(grid):\n\treturn grid\n```") == "def transform(grid):\n\treturn grid\n"


# Cut short. ----------------------------------------------------------------------------------------------------------


def test_text_cut_off_in_the_middle_of_a_line_loses_that_line():
    cut = "def transform(grid):\n    if grid.any():\n        return grid * 2\n    other = grid.cop("
    assert found(f"```python\n{cut}") == "def transform(grid):\n    if grid.any():\n        return grid * 2"


def test_a_helper_cut_off_after_the_entry_is_dropped():
    assert found(f"```python\n{CODE}\ndef helper(a):\n    x = [1, 2,").strip() == CODE.strip()


def test_what_is_cut_off_before_it_returns_anything_is_refused():
    assert "does not parse" in refused("```python\ndef transform(grid):\n    x = 1\n    y = [1, 2,")


# Refused. ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "   \n", "I cannot solve this.", "42", "```", "~~~\n~~~"])
def test_text_without_code_is_refused(text):
    assert refused(text)


def test_code_without_an_entry_point_is_refused():
    assert "no entry point" in refused("```python\ndef helper(grid):\n    return grid\n```")


def test_code_that_does_not_parse_is_refused_with_the_reason():
    assert refused("```python\ndef transform(grid):\n    return grid +* 2\n```").startswith("does not parse: ")


@pytest.mark.parametrize("letter", ["x", "\u00e9"])
def test_a_program_may_have_so_many_bytes_and_no_more(letter):
    room = MAX_SOURCE_BYTES - len((CODE + "#").encode())
    fits = CODE + "#" + letter * (room // len(letter.encode()))
    assert from_source(fits, "test").source == fits
    with pytest.raises(ExtractError, match="longer than 65536 bytes"):
        from_source(fits + letter, "test")


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"{CODE}\nx = '\ud800'\n", id="surrogate"),
        pytest.param(f"{CODE}\nx = '\0'\n", id="nul"),
        pytest.param(f"def transform(grid):\n    return {'(' * 500}grid{')' * 500}\n", id="parentheses"),
        pytest.param(f"def transform(grid):\n    return {'-' * 20_000}1\n", id="signs"),
        pytest.param(f"def transform(grid):\n    return {'1+' * 30_000}1\n", id="sums"),
        pytest.param(f"def transform(grid):\n    return grid{'.a' * 30_000}\n", id="attributes"),
        pytest.param(f"def transform(grid):\n    return {'[' * 150}{']' * 150}{'[0]' * 20_000}\n", id="indices"),
        pytest.param("".join(f"{' ' * n}if 1:\n" for n in range(150)) + " " * 150 + "x = 1\n", id="blocks"),
    ],
)
def test_hostile_source_is_refused_and_nothing_worse(source):
    with pytest.raises(ExtractError):
        from_source(source, "test")
    with pytest.raises(ExtractError):
        from_source(source.replace("return", "return 0 or"), "test")


def test_hostile_source_in_a_fence_is_refused_too():
    assert refused(f"```python\ndef transform(grid):\n    return {'-' * 20_000}1\n```")


def test_an_entry_with_an_endless_name_is_refused():
    with pytest.raises(ExtractError, match="name is longer than"):
        from_source(f"def solve_{'a' * 300}(I):\n    return I\n", "test")


def test_an_invalid_escape_warns_nobody(recwarn):
    assert found("```python\ndef transform(grid):\n    x = '\\d'\n    return grid\n```")
    assert not recwarn.list


def test_many_fences_and_long_blank_lines_take_no_time():
    assert refused("```\n" * 20_000)
    assert refused((" " * 2000 + "\n") * 500)
