"""What may go of a program, as text: helpers that nothing reaches, lines that nobody reads, and pieces to be tried.

A reduction takes one statement out, or puts an argument in the place of a call. None is proven here (`lines` runs
them); but none takes a name's last value away while it is read, and none touches what the entry does not reach.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from arc_submit.dsl.registry import PRIMITIVES
from arc_submit.errors import ExtractError
from arc_submit.programs import from_source
from arc_submit.records import Program
from training.dataset.kinds import Known, arguments, known, stand_ins
from training.dataset.text import Text, assigned, names, read, statements

TRIED = 60  # reductions of one program in a round at most

_BY_TEXT = frozenset({"globals", "locals", "vars", "eval", "exec", "getattr", "__import__"})
_KEPT = (ast.Return, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Reduction:
    """A program with one piece less."""

    source: str
    gone: ast.stmt | ast.expr
    """The piece, in the tree of the program before."""


def reached(text: Text, entry: str) -> list[int]:
    """Return the places in the module's body of the functions and classes that the entry can come to."""
    own = {place: node for place, node in enumerate(text.tree.body) if _is_definition(node)}
    loaded = names(text)[0]
    if loaded & _BY_TEXT:
        return list(own)
    wanted = {entry}
    for place, node in enumerate(text.tree.body):
        if place not in own:
            wanted |= _read_names(node)
    found: set[int] = set()
    while new := [place for place, node in own.items() if place not in found and getattr(node, "name", "") in wanted]:
        found.update(new)
        for place in new:
            wanted |= _read_names(own[place])
    return sorted(found)


def _is_definition(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def _read_names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load)}


# What goes unread. ---------------------------------------------------------------------------------------------------


def unread(program: Program) -> Program:
    """Return the program without helpers that nothing reaches, and without assignments to names that nobody reads.

    What calls more than the DSL may do something beside giving a value; that is for `reductions`.
    """
    now = _reachable(program)
    while (text := read(now.source)) is not None:
        for statement in _unread(text, now.entry):
            try:
                now = from_source(_without(text, statement) or "", program.proposer, program.parents)
            except ExtractError:
                continue
            break
        else:
            return now
    return now


def _unread(text: Text, entry: str) -> Iterator[ast.stmt]:
    own = {node.name for node in text.nodes if isinstance(node, ast.FunctionDef)}
    for part in parts(text, entry):
        loaded, stored = names(part)
        for statement in statements(part):
            target = assigned(statement)
            if target and target not in loaded and stored.get(target) == 1:
                calls = (node.func for node in ast.walk(statement) if isinstance(node, ast.Call))
                if all(isinstance(each, ast.Name) and each.id in PRIMITIVES.keys() - own for each in calls):
                    yield statement


def _reachable(program: Program) -> Program:
    """The program without helpers that nothing reaches."""
    text = read(program.source)
    if text is None:
        return program
    kept = reached(text, program.entry)
    idle = [node for place, node in enumerate(text.tree.body) if _is_definition(node) and place not in kept]
    if not idle:
        return program
    lines = program.source.split("\n")
    for node in reversed(idle):
        first = min(each.lineno for each in (node, *getattr(node, "decorator_list", ()))) - 1
        last = node.end_lineno or node.lineno
        while first and lines[first - 1].startswith("#"):  # it spoke of the helper
            first -= 1
        while last < len(lines) and not lines[last].strip():
            last += 1
        del lines[first:last]
    try:
        found = from_source("\n".join(lines).strip("\n") + "\n", program.proposer, program.parents)
    except ExtractError:
        return program
    return found if found.entry == program.entry else program


# What may be tried. --------------------------------------------------------------------------------------------------


def reductions(source: str, entry: str) -> Iterator[Reduction]:
    """Yield what the program becomes without one piece: a statement, or a call around an argument. Most are wrong."""
    text = read(source)
    if text is None:
        return
    about = known(text)
    seen = {source}
    for part in parts(text, entry):
        for found in (*_statements(part, about), *_calls(part, about)):
            if found.source not in seen:
                seen.add(found.source)
                yield found
            if len(seen) > TRIED:
                return


def parts(text: Text, entry: str) -> list[Text]:
    """Return the functions that the entry comes to, each as a text whose nodes are its own."""
    return [replace(text, nodes=tuple(ast.walk(text.tree.body[place]))) for place in reached(text, entry)]


def _statements(part: Text, about: Known) -> Iterator[Reduction]:
    loads, stores = _uses(part.nodes)
    for statement in statements(part):
        if isinstance(statement, _KEPT):
            continue
        inside_loads, inside_stores = _uses(ast.walk(statement))
        if not any(stores[name] == count and loads[name] > inside_loads[name] for name, count in inside_stores.items()):
            if (shorter := _without(part, statement)) is not None:
                yield Reduction(shorter, statement)
            continue
        target = assigned(statement)
        if target and stores[target] == 1 and isinstance(statement, ast.Assign):
            for argument in stand_ins(statement.value, about):
                if (shorter := _collapsed(part, statement, target, argument)) is not None:
                    yield Reduction(shorter, statement)


def _calls(part: Text, about: Known) -> Iterator[Reduction]:
    stores = _uses(part.nodes)[1]
    whole = {id(s.value) for s in statements(part) if isinstance(s, ast.Assign) and stores[assigned(s) or ""] == 1}
    for node in part.nodes:
        if isinstance(node, ast.Call):
            for argument in arguments(node, about):
                if id(node) not in whole or not isinstance(argument, ast.Name | ast.Constant):
                    yield Reduction(part.spliced([(part.span(node), part.said(argument))]), node)


def _uses(nodes: Iterable[ast.AST]) -> tuple[Counter[str], Counter[str]]:
    """How often each name is read, and how often it is given a value."""
    loads: Counter[str] = Counter()
    stores: Counter[str] = Counter()
    for node in nodes:
        if isinstance(node, ast.Name):
            (loads if isinstance(node.ctx, ast.Load) else stores)[node.id] += 1
        elif isinstance(node, ast.arg):
            stores[node.arg] += 1
        elif isinstance(node, ast.Global | ast.Nonlocal):
            loads.update(node.names)
    return loads, stores


def _without(text: Text, statement: ast.stmt) -> str | None:
    """The source without the lines of a statement, None where it shares them with others."""
    first, last = text.span(statement)
    begin, end = text.starts[statement.lineno - 1], text.starts[(statement.end_lineno or statement.lineno)]
    rest = text.raw[last:end].strip()
    if text.raw[begin:first].strip() or (rest and not rest.startswith(b"#")):
        return None
    before, after = text.raw[:begin], text.raw[end:]
    coming = after.split(b"\n", 1)[0].strip()
    if not coming or coming.startswith((b"#", b"return")):  # a comment above spoke of this line alone
        lines = before.split(b"\n")
        while len(lines) > 1 and lines[-2].strip().startswith(b"#"):
            del lines[-2]
        before = b"\n".join(lines)
    return (before + after).decode()


def _collapsed(part: Text, statement: ast.stmt, target: str, argument: ast.expr) -> str | None:
    """The source without an assignment, its name replaced by an argument wherever its function reads it."""
    said = part.said(argument)
    readers = [
        (part.span(node), said)
        for node in part.nodes
        if isinstance(node, ast.Name) and node.id == target and isinstance(node.ctx, ast.Load)
    ]
    replaced = read(part.spliced(readers))
    if replaced is None:
        return None
    function = part.tree.body.index(part.nodes[0])  # type: ignore[arg-type]
    inside = replace(replaced, nodes=tuple(ast.walk(replaced.tree.body[function])))
    place = next((each for each in statements(inside) if assigned(each) == target), None)
    return None if place is None else _without(replaced, place)
