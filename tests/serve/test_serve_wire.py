"""JSON into batches: every refusal names the field, the task and what was expected."""

import orjson
import pytest
from helpers import make_task
from serve.serving import ENTRY, FLIP, TASK, written

from arc_submit import views
from arc_submit.records import Dialect, Fault, Program, View
from arc_submit.serve import wire
from arc_submit.serve.limits import Limits
from arc_submit.serve.records import Ask, FaultAt, Refused, Verdict
from arc_submit.serve.shelf import Shelf, digest

LIMITS = Limits(programs=4, deadline_seconds=10.0)


def read(programs, **more):
    return wire.batch({"tasks": {"t": ENTRY}, "programs": programs, **more}, Shelf(4), LIMITS)


def refusal(programs, **more) -> Refused:
    with pytest.raises(Refused) as caught:
        read(programs, **more)
    return caught.value


def test_a_batch_holds_tasks_programs_parents_and_thinking():
    batch = read([{"task": "t", "source": FLIP, "parent": "def solve(I):\n    return I\n", "thinking_tokens": 7}])
    (ask,) = batch.asks
    assert ask.task == TASK
    assert (ask.program.dialect, ask.program.entry) == (Dialect.TRANSFORM, "transform")
    assert ask.parent is not None and ask.parent.dialect is Dialect.SOLVE
    assert (ask.thinking_tokens, batch.grids, batch.deadline_seconds) == (7, False, 10.0)


def test_programs_of_one_task_share_it():
    batch = read([{"task": "t", "source": FLIP}, {"task": "t", "source": FLIP}])
    assert batch.asks[0].task is batch.asks[1].task  # its inputs travel to the sandbox once


def test_a_source_without_an_entry_is_the_sandboxs_business():
    (ask,) = read([{"task": "t", "source": "def nothing("}]).asks
    assert ask.program.entry == "transform"


def test_what_the_client_writes_the_server_reads():
    shelf = Shelf(4)
    program = views.wrap(written(FLIP), View("rot90"))
    ask = Ask(TASK, program, written("def solve_1(I):\n    return I\n"), 3)
    body = {"programs": [wire.ask_body(ask, shelf.put(TASK))]}
    (found,) = wire.batch(orjson.loads(orjson.dumps(body)), shelf, LIMITS).asks
    assert (found.task, found.thinking_tokens) == (TASK, 3)
    for one, other in ((found.program, ask.program), (found.parent, ask.parent)):
        assert one is not None and other is not None
        assert (one.source, one.dialect, one.entry, one.view) == (other.source, other.dialect, other.entry, other.view)
    assert wire.tasks(orjson.loads(orjson.dumps({"tasks": {"t": wire.task_body(TASK)}}))) == {"t": TASK}


def test_a_source_that_is_no_text_is_sent_as_what_gets_the_same_fault():
    program = Program("", "x = '\ud800'", Dialect.SOLVE, "solve", 0, "test")
    assert orjson.loads(orjson.dumps(wire.ask_body(Ask(TASK, program), "d")))["source"] == "\0"


@pytest.mark.parametrize("made", [None, ((((1, 2),), None), (((3,),),))])
def test_verdicts_survive_the_wire(made):
    fault = FaultAt(2, Fault.CPU, "CPU time limit")
    outputs, tests = made or (None, None)
    verdict = Verdict(0.7, -0.5, 1.2, False, False, (True, False), (1.0, 0.5), "s", (fault,), 0.25, outputs, tests)
    assert wire.verdict(orjson.loads(orjson.dumps(verdict))) == verdict


def test_the_deadline_is_the_servers_at_most():
    assert read([{"task": "t", "source": FLIP}], deadline_seconds=3).deadline_seconds == 3.0
    assert read([{"task": "t", "source": FLIP}], deadline_seconds=1e9).deadline_seconds == 10.0


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"source": None}, "programs[0].source", "source as text"),
        ({"task": 3}, "programs[0].task", "a task's id"),
        ({"dialect": "lisp"}, "programs[0].dialect", "transform, solve, main"),
        ({"dialect": ["solve"]}, "programs[0].dialect", "transform, solve, main"),
        ({"entry": "transform"}, "programs[0].dialect", "as there is an entry"),
        ({"dialect": "solve", "entry": "../solve"}, "programs[0].entry", "a function's name"),
        ({"dialect": "solve", "entry": "x" * 101}, "programs[0].entry", "at most 100"),
        ({"thinking_tokens": -1}, "programs[0].thinking_tokens", "an int 0.."),
        ({"thinking_tokens": True}, "programs[0].thinking_tokens", "an int 0.."),
        ({"thinking_tokens": 1.5}, "programs[0].thinking_tokens", "an int 0.."),
        ({"thinking_token": 1}, "programs[0].thinking_token", "thinking_tokens"),
        ({"parent": 3}, "programs[0].parent", "an object"),
        ({"parent": {"source": FLIP, "dialect": "no"}}, "programs[0].parent.dialect", "transform, solve, main"),
        ({"parent": {"text": FLIP}}, "programs[0].parent.text", "source"),
        ({"view": "rot90|0123456789|"}, "programs[0].view", "the key of the view"),
        ({"view": {}, "digest": 3}, "programs[0].digest", "the digest that POST /tasks gave"),
    ],
)
def test_a_bad_program_is_named(change, field, expected):
    found = refusal([{"task": "t", "source": FLIP, **change}])
    assert (found.status, found.field) == (422, field)
    assert expected in found.expected
    assert field in str(found)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"grids": 1}, "grids"),
        ({"deadline_seconds": 0}, "deadline_seconds"),
        ({"deadline_seconds": True}, "deadline_seconds"),
        ({"deadline_seconds": "60"}, "deadline_seconds"),
        ({"deadline_seconds": float("nan")}, "deadline_seconds"),
        ({"tasks": []}, "tasks"),
        ({"tasks": {"": ENTRY}}, "tasks"),
        ({"tasks": {"x" * 201: ENTRY}}, "tasks"),
        ({"expected": [[1]]}, "the body.expected"),
    ],
)
def test_a_bad_request_is_named(more, field):
    found = refusal([{"task": "t", "source": FLIP}], **more)
    assert (found.status, found.field) == (422, field)


@pytest.mark.parametrize("programs", [None, [], {}, "x", [3], [{"task": "t", "source": FLIP}] * 5])
def test_programs_are_a_list_that_is_not_too_long(programs):
    found = refusal(programs)
    assert found.status == 422 and found.field.startswith("programs")


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ([[0] * 31] * 31, "31 rows, expected at most 30"),
        ([[0] * 31], "31 cells, expected at most 30"),
        ([[True]], "expected an int 0..9, found bool True"),
        ([[1.0]], "expected an int 0..9, found float"),
        ([[10]], "expected an int 0..9, found int 10"),
        ([[1, 2], [3]], "row 1 has 1 cells, expected 2"),
        ([], "expected a non-empty list of rows"),
        ("12", "expected a non-empty list of rows"),
        ([["1"]], "expected an int 0..9, found str"),
        ([[None]], "found nothing"),
    ],
)
def test_a_bad_grid_is_named_with_its_task(grid, said):
    entry = {**ENTRY, "test": [{"input": grid}]}
    found = refusal([{"task": "t", "source": FLIP}], tasks={"t": entry})
    assert (found.status, found.kind, found.task) == (422, "task", "t")
    assert "task t: test[0].input" in str(found) and said in str(found)


def test_a_task_of_too_many_inputs_is_refused():
    entry = {**ENTRY, "test": [{"input": [[1]]}] * 300}
    found = refusal([{"task": "t", "source": FLIP}], tasks={"t": entry})
    assert "at most 256 inputs" in found.expected


def test_a_task_that_is_not_there_is_404_and_says_how_to_bring_it():
    found = refusal([{"task": "u", "source": FLIP}])
    assert (found.status, found.kind, found.task) == (404, "unknown_task", "u")
    found = refusal([{"task": "t", "digest": "0" * 16, "source": FLIP}])
    assert (found.status, found.kind) == (404, "unknown_task")
    assert "POST /tasks" in found.expected


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"NaN", b'{"a": NaN}', b"\xff\xfe", b'{"a": "\\ud800"}'])
def test_what_is_not_json_is_said(body):
    with pytest.raises(Refused) as caught:
        wire.parse(body)
    assert (caught.value.status, caught.value.kind) == (400, "json")


def test_test_outputs_of_a_task_are_left_behind():
    entry = {**ENTRY, "test": [{"input": [[1]], "output": [[2]]}]}
    assert wire.tasks({"tasks": {"t": entry}})["t"].test == (((1,),),)


def test_the_shelf_forgets_what_was_not_asked_for_longest():
    shelf = Shelf(2)
    one, two, three = (make_task(task_id=name) for name in ("one", "two", "three"))
    shelf.put(one)
    shelf.put(two)
    assert shelf.get("one", digest(one)) == one
    shelf.put(three)
    assert shelf.get("two", digest(two)) is None
    assert shelf.get("one", digest(one)) == one and len(shelf) == 2


def test_one_id_may_have_two_contents():
    shelf = Shelf(4)
    one, other = make_task(("1", "2")), make_task(("1", "3"))
    assert shelf.put(one) != shelf.put(other)
    assert shelf.get("t", digest(one)) == one and shelf.get("t", digest(other)) == other
    assert shelf.get("t", digest(make_task(("1", "4")))) is None
