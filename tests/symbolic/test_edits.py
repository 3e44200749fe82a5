"""Mutation and crossover: what comes out parses, differs, uses known names, and is the same for the same seed."""

import ast
import random

import pytest
from hand_made import grid, make, scattered
from hypothesis import given, settings
from hypothesis import strategies as st

from arc_submit.dsl.registry import CONSTANTS, PRIMITIVES
from arc_submit.symbolic import Context, crossover, mutate
from arc_submit.symbolic.program import infer, parse, render

HEAD = "from arc_dsl import *\n\n\ndef solve(I):\n"
PROGRAMS = (
    "    O = vmirror(I)\n    return O\n",
    "    x1 = objects(I, T, F, T)\n    x2 = argmax(x1, size)\n    O = subgrid(x2, I)\n    return O\n",
    "    x1 = ofcolor(I, THREE)\n    x2 = mapply(neighbors, x1)\n    O = underfill(I, FOUR, x2)\n    return O\n",
    "    x1 = compose(flip, matcher(color, TWO))\n    return paint(I, mfilter(objects(I, T, T, T), x1))\n",
    "    x1 = lbind(shift, asobject(I))\n    x2 = x1(UNITY)\n    O = paint(canvas(0, (9, 12)), x2)\n    return O\n",
    "    return I\n",
)  # fmt: skip
SOURCES = tuple(HEAD + body for body in PROGRAMS)
PLAIN = (
    "def transform(grid):\n    out = grid.copy()\n    for i in range(3):\n        out[i] = 7\n    return out\n",
    "from arc_dsl import *\n\ndef solve(I):\n    return vmirror(I) if height(I) > 3 else upscale(I, TWO)\n",
)
CONTEXT = Context.from_task(make(lambda g: g * 2, [scattered(1, 3, 4), scattered(2, 2, 5)], grid("12 34"))[0])
seeds = st.integers(0, 2**32)


def known(source: str) -> bool:
    """Every name is a primitive, a constant, the input or assigned before."""
    tree = ast.parse(source)
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    stored |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    stored |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    loaded = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return loaded <= stored | set(PRIMITIVES) | set(CONSTANTS) | {"range"}


def test_context_holds_what_the_task_suggests() -> None:
    assert CONTEXT.numbers[0] == "TWO"  # the output is twice as high
    assert CONTEXT.pairs[:2] == ("(4, 5)", "(6, 4)")
    assert set(CONTEXT.colours) <= set(CONSTANTS)


@pytest.mark.parametrize("source", SOURCES)
def test_a_program_survives_parsing_and_rendering(source: str) -> None:
    program = parse(source)
    assert program is not None
    text = render(program)
    again = parse(text)
    assert again is not None
    assert render(again) == text
    assert known(text)


def test_kinds_are_inferred() -> None:
    program = parse(SOURCES[1])
    assert program is not None
    kinds = infer(program)
    assert [kinds[name] for name in program.names()] == [{"S"}, {"O"}, {"G"}]


@pytest.mark.parametrize("source", PLAIN)
def test_other_python_is_not_straight(source: str) -> None:
    assert parse(source) is None


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SOURCES), seeds)
def test_mutants_parse_differ_and_use_known_names(source: str, seed: int) -> None:
    mutant = mutate(source, random.Random(seed), CONTEXT)
    assert mutant == mutate(source, random.Random(seed), CONTEXT)
    if mutant is not None:
        assert known(mutant)
        program = parse(mutant)
        original = parse(source)
        assert program is not None
        assert original is not None
        assert render(program) != render(original)


def test_mutation_reaches_every_part_of_a_program() -> None:
    rng = random.Random(0)
    mutants = {mutate(SOURCES[1], rng, CONTEXT) for _ in range(300)} - {None}
    assert len(mutants) > 60
    text = "\n".join(str(m) for m in mutants)
    for piece in ("argmin", "objects(I, T, T, T)", "argmax(x1, width)", "normalize", "vmirror"):
        assert piece in text


def test_long_walks_stay_parsable() -> None:
    rng = random.Random(1)
    source = SOURCES[3]
    for _ in range(200):
        source = mutate(source, rng, CONTEXT) or source
        assert known(source)
        assert parse(source) is not None


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(PLAIN), seeds)
def test_plain_python_gets_another_constant_or_name(source: str, seed: int) -> None:
    mutant = mutate(source, random.Random(seed), CONTEXT)
    assert mutant is not None
    assert ast.unparse(ast.parse(mutant)) != ast.unparse(ast.parse(source))
    assert known(mutant.replace("grid.copy", "grid"))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SOURCES), st.sampled_from(SOURCES), seeds)
def test_crossings_parse_differ_and_use_known_names(a: str, b: str, seed: int) -> None:
    child = crossover(a, b, random.Random(seed), CONTEXT)
    assert child == crossover(a, b, random.Random(seed), CONTEXT)
    if child is not None:
        program = parse(child)
        assert program is not None
        assert known(child)
        assert all(render(program) != render(parent) for parent in map(parse, (a, b)) if parent is not None)


def test_crossing_joins_both_parents() -> None:
    rng = random.Random(0)
    children = [crossover(SOURCES[1], SOURCES[2], rng, CONTEXT) for _ in range(40)]
    assert any(child and "argmax" in child and "underfill" in child for child in children)


def test_plain_programs_are_chained() -> None:
    child = crossover(PLAIN[1], SOURCES[0], random.Random(0), CONTEXT)
    assert child is not None
    from hand_made import execute

    assert execute(child, grid("12 34")) == grid("2211 2211 4433 4433")
    assert crossover(PLAIN[0], SOURCES[0], random.Random(0), CONTEXT) is None


@pytest.mark.parametrize("source", ["def solve(I:\n", "", "x = 1\ny = x\n", "def solve(I):\n    return I\n\x00"])
def test_broken_or_empty_sources_are_survived(source: str) -> None:
    rng = random.Random(0)
    mutant = mutate(source, rng, CONTEXT)
    assert mutant is None or ast.parse(mutant)
    assert crossover(source, SOURCES[0], rng, CONTEXT) is None
