"""JSON into a Batch and verdicts into JSON. Every refusal names the field, the task and what was expected.

    {"tasks": {ID: {"train": [{"input": GRID, "output": GRID}, ...], "test": [{"input": GRID}, ...]}},
     "programs": [{"task": ID, "source": TEXT}, ...], "grids": false, "deadline_seconds": 60}

A program may further have `digest` (the task was registered by POST /tasks), `dialect` and `entry` (found in the source
where they are not given), `parent` (a source, or an object with source, dialect, entry, view), `thinking_tokens`, and
`view` (key of the view that a wrapped program was found in). Unknown keys are refused: a typing error must not cost a
penalty. A program that does not parse is no mistake of the client's: it is run, and is a fault.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from arc_submit import views
from arc_submit.errors import DataError, ExtractError
from arc_submit.programs import from_source
from arc_submit.records import Dialect, Grid, Program, Task
from arc_submit.serve.limits import MAX_INPUTS, MAX_NAME, Limits
from arc_submit.serve.records import Ask, Batch, FaultAt, Refused, Verdict
from arc_submit.serve.shelf import Shelf
from arc_submit.tasks import grids

DIALECTS = ", ".join(Dialect)
_MAX_ENTRY = 100  # characters of an entry's name
_MOST_TOKENS = 10_000_000  # of thinking; more is a mistake
_ASK = {"task", "digest", "source", "dialect", "entry", "view", "parent", "thinking_tokens"}
_PARENT = {"source", "dialect", "entry", "view"}


def parse(body: bytes) -> Any:
    """Return the parsed body. Refused: not JSON (NaN and nesting without end are not)."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused(400, "json", f"the body is not JSON: {error.msg}", expected="a JSON object") from None


def tasks(value: Any) -> dict[str, Task]:
    """Return the tasks of a POST /tasks body by id. Refused: anything that is not what the ARC format says."""
    body = _object(value, "the body", {"tasks"})
    if not body.get("tasks"):
        raise _wrong("tasks", "", "an object of tasks by id, at least one", body.get("tasks"))
    return _tasks(body["tasks"])


def batch(value: Any, shelf: Shelf, limits: Limits) -> Batch:
    """Return the batch of a POST /judge body. Refused: see above; a task that is neither inline nor registered: 404."""
    body = _object(value, "the body", {"tasks", "programs", "grids", "deadline_seconds"})
    inline = _tasks(body.get("tasks", {}))
    programs = body.get("programs")
    if not isinstance(programs, list) or not programs:
        raise _wrong("programs", "", "a non-empty list of programs", programs)
    if len(programs) > limits.programs:
        raise _wrong("programs", "", f"at most {limits.programs} programs in one request", len(programs))
    asks = tuple(_ask(one, f"programs[{number}]", inline, shelf) for number, one in enumerate(programs))
    wanted = body.get("grids", False)
    if not isinstance(wanted, bool):
        raise _wrong("grids", "", "true or false", wanted)
    return Batch(asks, wanted, _deadline(body, limits))


def _deadline(body: Mapping[str, Any], limits: Limits) -> float:
    seconds = body.get("deadline_seconds", limits.deadline_seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < math.inf:
        raise _wrong("deadline_seconds", "", "a number of seconds above 0", seconds)
    return min(float(seconds), limits.deadline_seconds)


def _tasks(value: Any) -> dict[str, Task]:
    found = {}
    for task_id, entry in _object(value, "tasks", None).items():
        if not 1 <= len(task_id) <= MAX_NAME:
            raise _wrong("tasks", task_id, f"an id of 1..{MAX_NAME} characters", task_id)
        try:
            task = grids.task(task_id, entry, "tasks")
        except DataError as error:
            raise Refused(422, "task", str(error), field="tasks", task=task_id, expected="ARC JSON") from None
        if len(task.inputs) > MAX_INPUTS:
            raise _wrong(f"tasks.{task_id}", task_id, f"at most {MAX_INPUTS} inputs", len(task.inputs))
        found[task_id] = task
    return found


def _ask(value: Any, where: str, inline: Mapping[str, Task], shelf: Shelf) -> Ask:
    body = _object(value, where, _ASK)
    task_id = body.get("task")
    if not isinstance(task_id, str) or not task_id:
        raise _wrong(f"{where}.task", "", "a task's id", task_id)
    task = _task(body, where, task_id, inline, shelf)
    tokens = body.get("thinking_tokens", 0)
    if type(tokens) is not int or not 0 <= tokens <= _MOST_TOKENS:
        raise _wrong(f"{where}.thinking_tokens", task_id, f"an int 0..{_MOST_TOKENS}", tokens)
    program = _program(body, where, task_id)
    parent = body.get("parent")
    if parent is not None:
        at = f"{where}.parent"
        shape = {"source": parent} if isinstance(parent, str) else _object(parent, at, _PARENT, task_id)
        return Ask(task, program, _program(shape, at, task_id), tokens)
    return Ask(task, program, None, tokens)


def _task(body: Mapping[str, Any], where: str, task_id: str, inline: Mapping[str, Task], shelf: Shelf) -> Task:
    found = body.get("digest")
    if found is None:
        if task_id not in inline:
            raise Refused(
                404,
                "unknown_task",
                f"{where}.task: {task_id!r} is not among the request's tasks and has no digest",
                field=f"{where}.task",
                task=task_id,
                expected="a task under 'tasks', or the digest that POST /tasks gave",
            )
        return inline[task_id]
    if not isinstance(found, str):
        raise _wrong(f"{where}.digest", task_id, "the digest that POST /tasks gave", found)
    task = shelf.get(task_id, found)
    if task is None:
        raise Refused(
            404,
            "unknown_task",
            f"{where}.digest: no task {task_id!r} of digest {found[:40]!r} is registered (any more)",
            field=f"{where}.digest",
            task=task_id,
            expected="a registered task; send it to POST /tasks again",
        )
    return task


def _program(body: Mapping[str, Any], where: str, task_id: str) -> Program:
    source = body.get("source")
    if not isinstance(source, str):
        raise _wrong(f"{where}.source", task_id, "the program's source as text", source)
    dialect, entry = body.get("dialect"), body.get("entry")
    if entry is not None and dialect is None:
        raise _wrong(f"{where}.dialect", task_id, f"one of {DIALECTS}, as there is an entry", None)
    if dialect is None:
        return _viewed(_found(source), body, where, task_id)
    if not isinstance(dialect, str) or dialect not in tuple(Dialect):
        raise _wrong(f"{where}.dialect", task_id, f"one of {DIALECTS}", dialect)
    entry = dialect if entry is None else entry
    if not isinstance(entry, str) or not entry.isidentifier() or len(entry) > _MAX_ENTRY:
        raise _wrong(f"{where}.entry", task_id, f"a function's name of at most {_MAX_ENTRY} characters", entry)
    return _viewed(Program("", source, Dialect(dialect), entry, 0, "client"), body, where, task_id)


def _found(source: str) -> Program:
    try:
        return from_source(source, "client")
    except ExtractError:  # the sandbox will say what is wrong with it
        return Program("", source, Dialect.TRANSFORM, Dialect.TRANSFORM.value, 0, "client")


def _viewed(program: Program, body: Mapping[str, Any], where: str, task_id: str) -> Program:
    view = body.get("view")
    if not view:
        return program
    wrong = _wrong(f"{where}.view", task_id, "the key of the view that the source is wrapped for", view)
    if not isinstance(view, str):
        raise wrong
    viewed = replace(program, view=view)
    try:
        views.unwrap(viewed)
    except ValueError:
        raise wrong from None
    return viewed


def _object(value: Any, where: str, keys: set[str] | None, task_id: str = "") -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(where, task_id, "an object", value)
    unknown = sorted(set(value) - keys) if keys is not None else []
    if unknown:
        raise _wrong(f"{where}.{unknown[0][:40]}", task_id, f"one of {', '.join(sorted(keys or ()))}", unknown[0])
    return value


def _wrong(field: str, task_id: str, expected: str, found: Any) -> Refused:
    shown = "nothing" if found is None else repr(found)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    at = f"{field} (task {task_id[:40]})" if task_id else field
    message = f"{at}: expected {expected}, found {shown}"
    return Refused(422, "field", message, field=field, task=task_id[:MAX_NAME], expected=expected)


# The client's side of the same. --------------------------------------------------------------------------------------


def task_body(task: Task) -> dict[str, Any]:
    """Return a task as ARC JSON."""
    return {
        "train": [{"input": pair.input, "output": pair.output} for pair in task.train],
        "test": [{"input": grid} for grid in task.test],
    }


def ask_body(ask: Ask, digest: str) -> dict[str, Any]:
    """Return an ask as the server reads it; its task was registered under the digest."""
    body = {"task": ask.task.id, "digest": digest, **_program_body(ask.program)}
    if ask.parent is not None:
        body["parent"] = _program_body(ask.parent)
    if ask.thinking_tokens:
        body["thinking_tokens"] = ask.thinking_tokens
    return body


def _program_body(program: Program) -> dict[str, Any]:
    body = {"source": _sendable(program.source), "dialect": program.dialect, "entry": program.entry}
    return body | {"view": program.view} if program.view else body


def _sendable(source: str) -> str:
    """The source; a NUL where it is no text that JSON could carry: the same fault, `syntax`."""
    try:
        source.encode()
    except UnicodeEncodeError:
        return "\0"
    return source


def verdict(body: Mapping[str, Any]) -> Verdict:
    """Return a verdict from JSON.

    Raises:
        KeyError, TypeError, ValueError: not what this version's server answers.
    """
    made = {name: None if body[name] is None else tuple(map(_grid, body[name])) for name in ("outputs", "tests")}
    faults = tuple(FaultAt(**fault) for fault in body["faults"])
    lists = {name: tuple(body[name]) for name in ("solved", "cells")}
    return Verdict(**{**body, **lists, **made, "faults": faults})


def _grid(body: Any) -> Grid | None:
    return None if body is None else tuple(map(tuple, body))
