"""A straight-line DSL program as data: one call per line, with the kinds of its variables inferred.

`parse` accepts a `solve` or `solve_<id>` function whose body is assignments of calls and a return; nested calls get
lines of their own. Anything else (loops, conditions, keywords, several functions) gives None, and edits fall back to
what works on any syntax tree. `render` names the lines afresh, drops those without use, and writes the usual header;
the extensions' import comes with their calls.

Literals are numbers, words, and tuples of literals. Kinds are those of `values` and `called`; "R" is a nested tuple or
one with words or truth values in it, "W" a word, "F" any function, "?" unknown. Nothing is executed.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from arc_submit.dsl.registry import CONSTANTS, PRIMITIVES
from arc_submit.symbolic.called import (
    Signature,
    extension_signatures,
    extensions,
    is_colour,
    is_function_name,
    type_kinds,
)
from arc_submit.symbolic.expressions import EXTENDED_HEADER, HEADER
from arc_submit.symbolic.grammar import COLOUR_PARAMETERS, signatures
from arc_submit.symbolic.values import is_function

INPUT = "I"
FUNCTION_MAKERS = frozenset({"compose", "chain", "matcher", "rbind", "lbind", "power", "fork"})
UNKNOWN = frozenset("?")
LONGEST = 120  # lines of a program that is still edited


@dataclass(frozen=True, slots=True)
class Line:
    """`name = callee(arguments)`; callee and arguments are names or constants, as text."""

    name: str
    callee: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Straight:
    """A program of one call per line."""

    lines: tuple[Line, ...]
    result: str
    entry: str = field(default="solve")

    def names(self) -> list[str]:
        return [line.name for line in self.lines]


# ---------------------------------------------------------------------- text


def parse(source: str) -> Straight | None:
    """Return the program as lines, or None when it is not straight-line DSL."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    others = [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.Import | ast.ImportFrom)]
    if len(functions) != 1 or any(not _is_docstring(node) for node in others):
        return None
    function = functions[0]
    if not function.name.startswith("solve") or len(function.args.args) != 1 or len(function.body) > LONGEST:
        return None
    return _Reader(function).read()


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


class _Reader:
    """Reads one function; fresh names for inner calls."""

    def __init__(self, function: ast.FunctionDef) -> None:
        self._function = function
        self._names: dict[str, str] = {function.args.args[0].arg: INPUT}
        self._lines: list[Line] = []

    def read(self) -> Straight | None:
        try:
            for statement in self._function.body[:-1]:
                if _is_docstring(statement):
                    continue
                if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
                    return None
                target = statement.targets[0]
                if not isinstance(target, ast.Name):
                    return None
                self._names[target.id] = self._atom(statement.value)
            last = self._function.body[-1]
            if not isinstance(last, ast.Return) or last.value is None:
                return None
            result = self._atom(last.value)
        except (_NotStraightError, RecursionError):
            return None
        return Straight(tuple(self._lines), result, self._function.name)

    def _atom(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            if node.id in self._names:
                return self._names[node.id]
            if node.id in CONSTANTS or is_function_name(node.id):
                return node.id
            raise _NotStraightError
        if isinstance(node, ast.Call):
            if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
                raise _NotStraightError
            callee = self._atom(node.func)
            arguments = tuple(self._atom(a) for a in node.args)
            if len(self._lines) >= LONGEST or not callee.isidentifier():
                raise _NotStraightError
            name = f"v{len(self._lines)}"
            self._lines.append(Line(name, callee, arguments))
            return name
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError):
            raise _NotStraightError from None
        if isinstance(value, bool):
            return "T" if value else "F"
        if _is_literal(value):
            return repr(value)
        raise _NotStraightError


def _is_literal(value: object) -> bool:
    return isinstance(value, int | str) or (isinstance(value, tuple) and all(map(_is_literal, value)))


class _NotStraightError(Exception):
    """Not assignments of DSL calls."""


def used(program: Straight) -> list[Line]:
    """Return the lines that the result depends on, in order."""
    needed = {program.result}
    kept: list[Line] = []
    for line in reversed(program.lines):
        if line.name in needed:
            needed.update((line.callee, *line.arguments))
            kept.append(line)
    return kept[::-1]


def render(program: Straight) -> str:
    """Return the text: lines without use dropped, the others named x1, x2, ... and O."""
    lines = used(program)
    names: dict[str, str] = {}
    text = []
    for line in lines:
        callee = names.get(line.callee, line.callee)
        arguments = ", ".join(names.get(a, a) for a in line.arguments)
        name = "O" if line.name == program.result else f"x{len(names) + 1}"
        names[line.name] = name
        text.append(f"    {name} = {callee}({arguments})")
    result = names.get(program.result, program.result)
    called = {text for line in lines for text in (line.callee, *line.arguments)} - set(names)
    header = HEADER if called.isdisjoint(extensions()) else EXTENDED_HEADER
    return f"{header}def {program.entry}({INPUT}):\n" + "".join(f"{t}\n" for t in text) + f"    return {result}\n"


# ---------------------------------------------------------------------- kinds


@lru_cache(maxsize=1)
def loose_signatures() -> dict[str, tuple[Signature, ...]]:
    """Signatures with one kind F for all functions; primitives without instances get what their types say."""
    table: dict[str, tuple[Signature, ...]] = {}
    for name, primitive in PRIMITIVES.items():
        if name in FUNCTION_MAKERS:
            table[name] = ((tuple("?" for _ in primitive.parameters), "F"),)
            continue
        instances = [(tuple(map(_loose, kinds)), _loose(result)) for kinds, result in signatures()[name]]
        if name == "objects":
            instances = [(("G", "B", "B", "B"), "S")]
        if not instances:
            instances = [(tuple(type_kinds(text) for _, text in primitive.parameters), type_kinds(primitive.returns))]
        table[name] = tuple(dict.fromkeys(instances))
    return table


def _loose(kind: str) -> str:
    return "F" if is_function(kind) else kind


def _signatures_of(callee: str) -> tuple[Signature, ...] | None:
    """Of a primitive or an extension; None for anything else."""
    return loose_signatures()[callee] if callee in PRIMITIVES else extension_signatures().get(callee)


@lru_cache(maxsize=1)
def function_signatures() -> dict[str, frozenset[str]]:
    """Kinds of each primitive as a function value, such as `O>N`: what it may stand for as an argument."""
    return {
        name: frozenset(f"{','.join(kinds)}>{result}" for kinds, result in instances)
        for name, instances in loose_signatures().items()
    }


def constant_kinds(text: str) -> frozenset[str]:
    """Return the kinds that a constant or the name of a function may have.

    >>> sorted(constant_kinds("TWO")), sorted(constant_kinds("UP")), sorted(constant_kinds("size"))
    (['C', 'N'], ['V'], ['F'])
    """
    if text == INPUT:
        return frozenset("G")
    if is_function_name(text):
        return frozenset("F")
    value = CONSTANTS[text] if text in CONSTANTS else _literal(text)
    if isinstance(value, bool):
        return frozenset("B")
    if isinstance(value, int):
        return frozenset("NC") if 0 <= value <= 9 else frozenset("N")
    if isinstance(value, tuple):
        return frozenset("V") if all(type(part) is int for part in value) else frozenset("R")
    return frozenset("W") if isinstance(value, str) else UNKNOWN


def _literal(text: str) -> object:
    try:
        value: object = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return value


def fits(given: Iterable[str], wanted: str) -> bool:
    """A known kind fits itself; unknown fits everything."""
    return wanted == "?" or any(kind in (wanted, "?") for kind in given)


def line_kinds(callee: str, arguments: Sequence[frozenset[str]]) -> frozenset[str]:
    """Return the kinds that a call may have, given the kinds of its arguments; empty when they do not fit."""
    known = _signatures_of(callee)
    if known is None:
        return UNKNOWN
    return frozenset(
        result for kinds, result in known if len(kinds) == len(arguments) and all(map(fits, arguments, kinds))
    )


def infer(program: Straight) -> dict[str, frozenset[str]]:
    """Return the kinds of every variable and constant of a program."""
    kinds: dict[str, frozenset[str]] = {INPUT: frozenset("G")}
    for line in program.lines:
        for text in (line.callee, *line.arguments):
            if text not in kinds:
                kinds[text] = constant_kinds(text)
        kinds[line.name] = line_kinds(line.callee, [kinds[a] for a in line.arguments]) or UNKNOWN
    if program.result not in kinds:
        kinds[program.result] = constant_kinds(program.result)
    return kinds


def wanted_kinds(line: Line, place: int, kinds: dict[str, frozenset[str]]) -> frozenset[str]:
    """Return the kinds that an argument may have beside the others of its line."""
    known = _signatures_of(line.callee)
    if known is None:
        return kinds[line.arguments[place]]
    function = PRIMITIVES.get(line.callee) or extensions()[line.callee]
    if place < len(function.parameters):
        parameter, text = function.parameters[place]
        extra = line.callee not in PRIMITIVES and is_colour(parameter, text)
        if extra or (line.callee, parameter) in COLOUR_PARAMETERS:
            return frozenset("C")
    found = set()
    for wanted, _ in known:
        if len(wanted) == len(line.arguments) and all(
            p == place or fits(kinds[a], wanted[p]) for p, a in enumerate(line.arguments)
        ):
            found.add(wanted[place])
    return frozenset(found) or kinds[line.arguments[place]]


def substitute(line: Line, old: str, new: str) -> Line:
    return replace(
        line,
        callee=new if line.callee == old else line.callee,
        arguments=tuple(new if a == old else a for a in line.arguments),
    )


def renamed(program: Straight, prefix: str) -> Straight:
    """Return the program with all variables renamed, so that two programs can share a body."""
    own = {name: f"{prefix}{number}" for number, name in enumerate(program.names())}
    lines = tuple(
        Line(own[line.name], own.get(line.callee, line.callee), tuple(own.get(a, a) for a in line.arguments))
        for line in program.lines
    )
    return Straight(lines, own.get(program.result, program.result), program.entry)


def variables_before(program: Straight, position: int) -> Iterator[str]:
    """Yield what a line at `position` may refer to: the input and the earlier lines."""
    yield INPUT
    for line in program.lines[:position]:
        yield line.name
