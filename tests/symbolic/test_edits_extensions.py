"""Programs that call the DSL's extensions: read, written, mutated and crossed like any other."""

import random

import pytest
from hand_made import execute, grid, make, scattered
from hypothesis import given, settings
from hypothesis import strategies as st

from arc_submit.dsl.extensions.registry import EXTENSIONS
from arc_submit.symbolic import Context, crossover, mutate
from arc_submit.symbolic.called import alike, extension_signatures
from arc_submit.symbolic.literals import changed_tuple
from arc_submit.symbolic.program import constant_kinds, infer, parse, render

HEAD = "from arc_dsl import *\nfrom arc_ext import *\n\n\ndef solve(I):\n"
PLAIN_HEAD = "from arc_dsl import *\n\n\ndef solve(I):\n"
LAYERS = HEAD + "    x1 = layer(I)\n    x2 = painted(x1, 3)\n    x3 = atop(x2, x1)\n    O = cells(x3)\n    return O\n"
RULES = HEAD + "    O = repainted(I, (((('enclosed', '==', 1), ('size', '>', -2)), 4), ((), 'main')))\n    return O\n"
MIXED = HEAD + "    x1 = layer(I)\n    x2 = trimmed(x1)\n    x3 = cells(x2)\n    O = upscale(x3, TWO)\n    return O\n"
MIRROR = PLAIN_HEAD + "    O = vmirror(I)\n    return O\n"
SOURCES = (LAYERS, RULES, MIXED)
CONTEXT = Context.from_task(make(lambda g: g * 2, [scattered(1, 3, 4), scattered(2, 2, 5)], grid("12 34"))[0])
seeds = st.integers(0, 2**32)


def variants(source: str, count: int = 300) -> set[str]:
    rng = random.Random(0)
    return {mutant for _ in range(count) if (mutant := mutate(source, rng, CONTEXT))}


@pytest.mark.parametrize("source", SOURCES)
def test_a_program_survives_parsing_and_rendering(source):
    program = parse(source)
    assert program is not None
    assert render(program) == source


@pytest.mark.parametrize(
    "text", ["((1, 2), (3, 4))", "()", "(-1, 0, 2)", "(True, 'size', (1, ('a', 2)))", "'size'", "-3", "((), 4)"]
)
def test_literals_may_be_nested(text):
    source = PLAIN_HEAD + f"    O = identity({text})\n    return O\n"
    program = parse(source)
    assert program is not None and render(program) == source


@pytest.mark.parametrize("text", ["1.5", "[1]", "{1}", "None", "(1, None)", "b'a'", "...", "((1, [2]), 3)"])
def test_other_literals_are_not_straight(text):
    assert parse(PLAIN_HEAD + f"    O = identity({text})\n    return O\n") is None


def test_the_second_import_comes_only_with_an_extension():
    assert render(parse(MIXED)).startswith(HEAD)
    without = parse(HEAD + "    x1 = layer(I)\n    O = vmirror(I)\n    return O\n")
    assert render(without) == MIRROR


def test_a_variable_may_be_called_like_an_extension():
    program = parse(PLAIN_HEAD + "    cells = vmirror(I)\n    return cells\n")
    assert render(program) == MIRROR


def test_kinds_of_layers_and_literals():
    program = parse(LAYERS)
    kinds = infer(program)
    assert [kinds[name] for name in program.names()] == [{"Y"}, {"Y"}, {"Y"}, {"G"}]
    assert constant_kinds("(1, 2)") == {"V"} and constant_kinds("((1, 2),)") == {"R"}
    assert constant_kinds("'size'") == {"W"} and constant_kinds("layer") == {"F"}


def test_every_extension_has_its_kinds():
    table = extension_signatures()
    assert set(table) == set(EXTENSIONS)
    assert table["painted"] == ((("Y", "C"), "Y"), (("Y", "N"), "Y"))
    assert table["layer"] == ((("G",), "Y"),)


def test_an_extension_gives_way_to_one_of_its_signature():
    assert "backed" in alike("painted") and "layer" not in alike("painted") and "painted" not in alike("painted")
    assert any("backed(x1, 3)" in text for text in variants(LAYERS, 600))


def test_mutants_change_wrap_and_add_layers():
    found = variants(LAYERS)
    assert any("painted(x1, FOUR)" in text or "painted(x1, TWO)" in text for text in found)
    assert any("trimmed(" in text for text in variants(LAYERS, 900))
    assert all(parse(text) is not None for text in found)


def test_rules_change_their_numbers_and_go():
    found = variants(RULES)
    assert any("(((('enclosed', '==', 1), ('size', '>', -2)), 4),)" in text for text in found)
    assert any("('size', '>', -1)" in text for text in found)
    assert all("'main'" in text or "enclosed" in text for text in found if "repainted" in text)


def test_programs_without_extensions_do_not_turn_to_them():
    assert not any("arc_ext" in text for text in variants(MIRROR))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SOURCES), seeds)
def test_mutants_parse_differ_and_repeat(source, seed):
    mutant = mutate(source, random.Random(seed), CONTEXT)
    assert mutant == mutate(source, random.Random(seed), CONTEXT)
    assert mutant is None or (parse(mutant) is not None and mutant != source)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SOURCES), st.sampled_from((*SOURCES, MIRROR)), seeds)
def test_crossings_parse_differ_and_repeat(a, b, seed):
    child = crossover(a, b, random.Random(seed), CONTEXT)
    assert child == crossover(a, b, random.Random(seed), CONTEXT)
    assert child is None or (parse(child) is not None and child not in (a, b))


def test_a_layer_of_one_takes_the_place_of_a_layer_of_the_other():
    rng = random.Random(0)
    children = {crossover(LAYERS, MIXED, rng, CONTEXT) for _ in range(60)}
    assert any(child and "atop" in child and "trimmed" in child for child in children)


def test_long_walks_stay_runnable_programs():
    rng = random.Random(1)
    source = RULES
    for _ in range(60):
        source = mutate(source, rng, CONTEXT) or source
        assert parse(source) is not None
    assert execute(LAYERS, grid("01 10")) == grid("03 30")


def test_nothing_to_change_is_none():
    assert changed_tuple("()", random.Random(0), [1]) is None
    assert changed_tuple("('a', ('b',))", random.Random(0), [1]) is None


def test_a_truth_value_turns_into_its_opposite():
    assert changed_tuple("(True,)", random.Random(0), [1]) == "(False,)"


@given(seeds)
def test_a_changed_tuple_differs(seed):
    text = "((('a', 1), 2), (('b', True), 3))"
    assert changed_tuple(text, random.Random(seed), [1, 2, 3]) != text
