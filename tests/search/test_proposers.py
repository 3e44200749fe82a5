"""The proposers that ship: the scripted one and its file, what breeding asks of a population, and building by name."""

import json
from dataclasses import replace

import pytest
from helpers import Clock, make_candidate, make_task

from arc_submit import canary, config, views
from arc_submit.errors import ConfigError
from arc_submit.programs import from_source
from arc_submit.records import Candidate, View
from arc_submit.search import Population
from arc_submit.search.proposers import Crossover, Enumerate, Mutate, Scripted, build, read_script

TASK = make_task()


def population(task=TASK) -> Population:
    return Population(task, config.SearchConfig(), 0)


def fenced(body: str) -> str:
    return f"Try this:\n```python\ndef solve(I):\n    return {body}\n```"


def sources(found) -> list[str]:
    return [program.source.split("return ")[1].strip() for program in found]


# Scripted. -----------------------------------------------------------------------------------------------------------


def test_scripted_hands_out_its_texts_in_order_a_few_per_round():
    proposer = Scripted({"t": [fenced("1"), fenced("2"), fenced("3")]}, per_round=2)
    assert [sources(found) for found in proposer.propose([population()], 1e9)] == [["1", "2"]]
    assert not proposer.exhausted(population())
    assert [sources(found) for found in proposer.propose([population()], 1e9)] == [["3"]]
    assert proposer.exhausted(population())
    assert proposer.propose([population()], 1e9) == [[]]


def test_text_without_a_program_is_handed_out_and_gives_none():
    proposer = Scripted({"t": ["no idea", fenced("1"), "```python\nx = (\n```", fenced("2")]}, per_round=3)
    assert sources(proposer.propose([population()], 1e9)[0]) == ["1"]
    assert sources(proposer.propose([population()], 1e9)[0]) == ["2"]


def test_every_task_has_its_own_texts():
    proposer = Scripted({"t": [fenced("1")], "u": [fenced("2")]}, per_round=5)
    tasks = [population(make_task(task_id=name)) for name in ("u", "none", "t")]
    assert [sources(found) for found in proposer.propose(tasks, 1e9)] == [["2"], [], ["1"]]


def test_a_program_says_that_it_was_scripted():
    (program,) = Scripted({"t": [fenced("1")]}, per_round=1).propose([population()], 1e9)[0]
    assert (program.proposer, program.parents) == ("scripted", ())


def test_a_task_that_is_over_is_forgotten():
    proposer = Scripted({"t": [fenced("1")], "u": [fenced("2")]}, per_round=1)
    proposer.release("t")
    assert proposer.exhausted(population())
    assert not proposer.exhausted(population(make_task(task_id="u")))


# Its file. -----------------------------------------------------------------------------------------------------------


def test_a_script_is_lines_of_task_and_text(tmp_path):
    path = tmp_path / "script.jsonl"
    lines = [{"task": "b", "text": "1"}, {"task": "a", "text": "line\nbreak"}, {"task": "b", "text": "2", "more": 0}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert read_script(path) == {"b": ["1", "2"], "a": ["line\nbreak"]}


def test_the_last_line_of_a_script_needs_no_end(tmp_path):
    path = tmp_path / "script.jsonl"
    path.write_text('{"task": "a", "text": "1"}', "utf-8")
    assert read_script(path) == {"a": ["1"]}


def test_scripted_without_a_script_is_refused():
    with pytest.raises(ConfigError, match=r"search\.script=none: expected a file of lines"):
        read_script(None, "search.script")


def test_a_missing_script_is_refused_by_name(tmp_path):
    with pytest.raises(ConfigError, match=r"search\.script=.*gone\.jsonl: cannot be read \(No such file"):
        read_script(tmp_path / "gone.jsonl", "search.script")


def test_a_folder_is_no_script(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)"):
        read_script(tmp_path)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{", "not JSON"),
        ("", "not JSON"),
        ("[]", 'expected {"task": id, "text": model text}'),
        ('{"task": "a"}', "expected"),
        ('{"text": "a"}', "expected"),
        ('{"task": 1, "text": "a"}', "expected"),
        ('{"task": "a", "text": null}', "expected"),
    ],
)
def test_a_bad_line_of_a_script_is_refused_by_its_number(tmp_path, line, expected):
    path = tmp_path / "script.jsonl"
    path.write_text('{"task": "a", "text": "1"}\n' + line + "\n", "utf-8")
    with pytest.raises(ConfigError, match=r"script\.jsonl: line 2: ") as caught:
        read_script(path)
    assert expected in str(caught.value)


# Symbolic ones. ------------------------------------------------------------------------------------------------------


def bred_from(*bodies: str) -> Population:
    """A population of DSL programs, fit or not."""
    found = population()
    for number, body in enumerate(bodies):
        program = from_source(f"from arc_dsl import *\n\n\ndef solve(I):\n    x1 = {body}\n    return x1\n", "test")
        outcome = make_candidate("x", cells=(0.5, 0.5), solved=(False, False), signature=f"s{number}").outcome
        found.add(Candidate(program, outcome, (None,)))
    return found


def test_nothing_to_breed_from_gives_no_children_and_is_exhausted():
    settings = config.load()
    for proposer in (Mutate(settings, Clock(), 1.0), Crossover(settings, Clock(), 1.0)):
        assert proposer.propose([population()], 1e9) == [[]]
        assert proposer.exhausted(population())


def test_mutants_name_their_parent_and_differ_from_it():
    found = bred_from("hmirror(I)", "vmirror(I)", "dmirror(I)")
    parents = {candidate.program.id for candidate in found.candidates}
    proposer = Mutate(config.load(settings=["search.parents=4", "search.children=3"]), Clock(), 1.0)
    (children,) = proposer.propose([found], 1e9)
    assert 0 < len(children) <= 4 * 3
    for child in children:
        assert child.proposer == "mutate"
        assert len(child.parents) == 1
        assert set(child.parents) <= parents
        assert child.id not in child.parents
    assert not proposer.exhausted(found)


def test_children_of_two_name_both():
    found = bred_from("hmirror(I)", "vmirror(I)", "dmirror(I)", *(f"upscale(I, {number})" for number in range(2, 9)))
    parents = {candidate.program.id for candidate in found.candidates}
    (children,) = Crossover(config.load(), Clock(), 0.5).propose([found], 1e9)
    assert children
    for child in children:
        assert child.proposer == "crossover"
        assert len(set(child.parents)) == 2
        assert set(child.parents) <= parents


def test_a_program_found_in_a_view_is_edited_as_it_was_found():
    view = View("rot90", (0, 2, 1, 3, 4, 5, 6, 7, 8, 9))
    found = population()
    bodies = ("hmirror(I)", "vmirror(I)", "dmirror(I)", *(f"upscale(I, {number})" for number in range(2, 9)))
    for number, body in enumerate(bodies):
        source = f"from arc_dsl import *\n\n\ndef solve(I):\n    x1 = {body}\n    return x1\n"
        outcome = make_candidate("x", cells=(0.5, 0.5), solved=(False, False), signature=f"s{number}").outcome
        found.add(Candidate(views.wrap(from_source(source, "test"), view), outcome, (None,)))
    children = Mutate(config.load(), Clock(), 0.5).propose([found], 1e9)[0]
    children += Crossover(config.load(), Clock(), 0.5).propose([found], 1e9)[0]
    assert {child.proposer for child in children} == {"mutate", "crossover"}
    for child in children:
        inner, seen_in = views.unwrap(child)
        assert seen_in == view
        assert child == replace(views.wrap(from_source(inner, child.proposer, child.parents), view), id=child.id)
        assert "numpy" not in inner and "view" not in inner


def test_breeding_follows_the_seed():
    def children():
        return [
            program.id for program in Mutate(config.load(), Clock(), 1.0).propose([bred_from("hmirror(I)")], 1e9)[0]
        ]

    assert children() == children()


def test_breeding_stops_at_the_deadline():
    clock = Clock()
    clock.time = 5.0
    assert Mutate(config.load(), clock, 1.0).propose([bred_from("hmirror(I)")], 5.0) == [[]]


def test_enumeration_solves_the_canary_and_goes_on_where_it_stopped():
    proposer = Enumerate(config.load(settings=["symbolic.evaluations_per_round=2000"]), Clock())
    found = Population(canary.TASK, config.SearchConfig(), 0)
    (first,), (second,) = proposer.propose([found], 1e9), proposer.propose([found], 1e9)
    assert any("hmirror(I)" in program.source for program in first)
    assert all(program.proposer == "enumerate" for program in first + second)
    ids = [program.id for program in first + second]
    assert len(set(ids)) == len(ids)
    assert not proposer.exhausted(found)


# By name. ------------------------------------------------------------------------------------------------------------


def test_proposers_are_built_in_the_order_named(tmp_path):
    path = tmp_path / "script.jsonl"
    path.write_text('{"task": "a", "text": "1"}\n', "utf-8")
    settings = config.load(settings=["search.proposers=scripted,crossover,enumerate,mutate", f"search.script={path}"])
    assert [proposer.name for proposer in build(settings, Clock())] == ["scripted", "crossover", "enumerate", "mutate"]


def test_every_name_in_the_settings_can_be_built(tmp_path):
    path = tmp_path / "script.jsonl"
    path.write_text("", "utf-8")
    names = [f"search.proposers={','.join(config.PROPOSERS)}", f"search.script={path}"]
    engine = ["sample.engine=scripted", f"sample.script={path}"]
    settings = config.load(settings=[*names, *engine])
    assert [proposer.name for proposer in build(settings, Clock())] == ["lm", *config.SYMBOLIC, "scripted"]
