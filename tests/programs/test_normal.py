"""A program's identity: equal under what does not matter, different under what does."""

import ast
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arc_submit.programs import find_entry, fingerprint, from_source

PLAIN = """
from arc_dsl import *

def solve(I):
    x1 = hmirror(I)
    x2 = vconcat(I, x1)
    return x2
"""


def same(one: str, other: str) -> bool:
    return identity(one) == identity(other)


def identity(source: str) -> str:
    source = textwrap.dedent(source)
    assert find_entry(ast.parse(source)) is not None
    return from_source(source, "test").id


@pytest.mark.parametrize(
    "variant",
    [
        pytest.param(PLAIN.replace("x1", "flipped").replace("x2", "both"), id="local variables"),
        pytest.param(PLAIN.replace("(I", "(grid").replace("I,", "grid,"), id="parameters"),
        pytest.param(PLAIN.replace("solve", "solve_abc123"), id="the entry's name"),
        pytest.param(PLAIN.replace("    x1", "    # flip it\n\n    x1"), id="comments and layout"),
        pytest.param(PLAIN.replace("hmirror(I)", "hmirror(\n        (I),\n    )"), id="parentheses and commas"),
        pytest.param(PLAIN.replace("    x1 =", '    """Doc."""\n    x1 ='), id="docstring"),
        pytest.param('"""Module doc."""\n' + PLAIN, id="module docstring"),
        pytest.param("from arc_ext import *" + PLAIN, id="import of extensions"),
        pytest.param(PLAIN.replace("(I):", "(I: tuple) -> tuple:"), id="annotations of parameters"),
        pytest.param(PLAIN.replace("x1 =", "x1: tuple ="), id="annotations of variables"),
        pytest.param(PLAIN.replace("from arc_dsl import *\n", ""), id="no import of the DSL"),
        pytest.param(PLAIN.replace("from arc_dsl import *", "from dsl import *\nfrom constants import *"), id="names"),
        pytest.param(PLAIN.replace("arc_dsl import *", "arc_dsl import hmirror, vconcat"), id="import by name"),
        pytest.param(PLAIN.replace("\n", "\r\n"), id="line ends"),
    ],
)
def test_a_program_is_the_same_under(variant):
    assert same(PLAIN, variant)


@pytest.mark.parametrize(
    "variant",
    [
        pytest.param(PLAIN.replace("hmirror", "vmirror"), id="another primitive"),
        pytest.param(PLAIN.replace("vconcat(I, x1)", "vconcat(x1, I)"), id="arguments exchanged"),
        pytest.param(PLAIN.replace("return x2", "return x1"), id="another result"),
        pytest.param(PLAIN.replace("hmirror(I)", "upscale(I, 2)"), id="other arguments"),
        pytest.param(PLAIN.replace("    return", "    x2 = x2[:1]\n    return"), id="another line"),
        pytest.param(PLAIN.replace("arc_dsl import *", "numpy import hmirror"), id="a foreign import"),
        pytest.param(PLAIN.replace("x1 = hmirror(I)", "'''not a docstring''' ; x1 = I"), id="a value lost"),
    ],
)
def test_a_program_is_another_with(variant):
    assert not same(PLAIN, variant)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "2"),
        ("1", "True"),
        ("1", "1.0"),
        ("I + 1", "I - 1"),
        ("I < 1", "I <= 1"),
        ("'a'", "b'a'"),
        ("(1, 2)", "[1, 2]"),
        ("f(1)", "f(a=1)"),
        ("f(a=1)", "f(b=1)"),
        ("I.a", "I.b"),
        ("I[1:]", "I[:1]"),
        ("[a for a in I]", "{a for a in I}"),
        ("[a for a in I]", "(a for a in I)"),
        ("f(*I)", "f(**I)"),
        ("'doc'", "'cod'"),
        ("a", "b"),
    ],
)
def test_real_changes_change_the_identity(one, other):
    assert not same(f"def solve(I):\n    return {one}\n", f"def solve(I):\n    return {other}\n")


def test_a_name_given_to_another_primitive_is_another_program():
    # An alias decides what a call means; leaving the import out of the identity would make these one program.
    program = "from arc_dsl import {} as f\n\ndef solve(I):\n    return f(I)\n"
    assert not same(program.format("hmirror"), program.format("vmirror"))


def test_the_same_body_in_another_dialect_is_another_program():
    # numpy doubles every cell, a list repeats its rows.
    body = "def {}(grid):\n    return grid * 2\n"
    assert len({identity(body.format(name)) for name in ("transform", "solve", "main")}) == 3


def test_renaming_does_not_join_two_variables():
    assert not same("def solve(a, b):\n    return a - b\n", "def solve(a, b):\n    return b - a\n")
    assert not same("def solve(a, b):\n    return a - b\n", "def solve(a, b):\n    return a - a\n")


def test_length_counts_the_program_and_neither_layout_nor_comments_nor_docstrings():
    short = from_source("def solve(I):\n    return hmirror(I)\n", "test")
    chatty = 'def solve(I):\n    """Turn it over."""\n    # upside down\n    return hmirror(\n        I)\n'
    assert from_source(chatty, "test").length == short.length
    assert from_source("def solve(I):\n    return hmirror(vmirror(I))\n", "test").length > short.length


def test_an_identity_is_16_hex_digits_and_does_not_change_between_runs():
    tree = ast.parse("def solve(I):\n    return I\n")
    assert fingerprint(tree, "solve") == fingerprint(tree, "solve")
    assert len(fingerprint(tree, "solve")) == 16
    assert int(fingerprint(tree, "solve"), 16) >= 0


NAMES = st.lists(st.from_regex(r"[a-z]{2,6}_[0-9]{1,3}", fullmatch=True), min_size=3, max_size=3, unique=True)


@settings(deadline=None, max_examples=60)
@given(NAMES)
def test_any_renaming_leaves_the_identity(names):
    def spelled(first, second, third):
        return (
            f"def solve({first}):\n    {second} = hmirror({first})\n"
            f"    return tuple({third} for {third} in {second} if {third} != {first})\n"
        )

    assert same(spelled(*names), spelled("a", "b", "c"))
