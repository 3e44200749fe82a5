"""What may stand for what: a grid does not stand for a number, a constant not for what was worked out of the input.

Kinds as `arc_submit.symbolic` infers them, on any tree. Names that are not the DSL's, and what numpy returns, have no
kind that is known, and may stand for anything. A choice (`branch`) stays: what the grids at hand never ask for is asked
for by others.
"""

import ast
from dataclasses import dataclass

from arc_submit.dsl.registry import CONSTANTS, PRIMITIVES
from arc_submit.symbolic.program import UNKNOWN, constant_kinds, line_kinds
from training.dataset.text import Text, assigned, names, statements

Kinds = frozenset[str]
_CHOICES = frozenset({"branch"})
_DSL = frozenset(CONSTANTS) | frozenset(PRIMITIVES)


@dataclass(frozen=True, slots=True)
class Known:
    """What the text says of the names in it."""

    kinds: dict[str, Kinds]
    """As far as they are known."""
    fixed: frozenset[str]
    """Names of constants: of the DSL, and of those that the program makes."""


def known(text: Text) -> Known:
    """Return the kinds of the names of a program, and which of them are constants."""
    kinds: dict[str, Kinds] = {}
    for node in text.nodes:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("solve") and node.args.args:
            kinds[node.args.args[0].arg] = frozenset("G")
    for statement in statements(text):
        target = assigned(statement)
        if target and isinstance(statement, ast.Assign):
            kinds[target] = _kind(statement.value, kinds)
    return Known(kinds, _constants(text))


def _constants(text: Text) -> frozenset[str]:
    """Names that are only ever given constants."""
    stored = names(text)[1]
    fixed = _DSL - stored.keys()
    given: dict[str, int] = {}
    for node in text.nodes:
        if isinstance(node, ast.Assign) and (target := assigned(node)) and is_fixed(node.value, fixed):
            given[target] = given.get(target, 0) + 1
    return fixed | {name for name, count in given.items() if count == stored[name]}


def is_fixed(node: ast.expr, fixed: frozenset[str]) -> bool:
    """Return whether an expression is the same for every input: constants, and DSL calls on nothing but such."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and inner.id not in fixed:
            return False
        if isinstance(inner, ast.Call) and not (isinstance(inner.func, ast.Name) and inner.func.id in PRIMITIVES):
            return False
    return True


def _kind(node: ast.expr, kinds: dict[str, Kinds]) -> Kinds:
    if isinstance(node, ast.Name):
        if node.id in kinds:
            return kinds[node.id]
        return constant_kinds(node.id) if node.id in CONSTANTS or node.id in PRIMITIVES else UNKNOWN
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PRIMITIVES:
        return line_kinds(node.func.id, [_kind(argument, kinds) for argument in node.args]) or UNKNOWN
    if isinstance(node, ast.Constant | ast.Tuple):
        return constant_kinds(ast.unparse(node))
    return UNKNOWN


def arguments(node: ast.Call, known: Known) -> list[ast.expr]:
    """Return the arguments that may stand for the whole call."""
    if isinstance(node.func, ast.Name) and node.func.id in _CHOICES:
        return []
    own = _kind(node, known.kinds)
    may_be_fixed = "?" not in own and is_fixed(node, known.fixed)
    return [
        argument
        for argument in node.args
        if not isinstance(argument, ast.Starred)
        and _may_be(_kind(argument, known.kinds), own)
        and (may_be_fixed or not is_fixed(argument, known.fixed))
    ]


def stand_ins(value: ast.expr, known: Known) -> list[ast.expr]:
    """Return the names and constants that may stand for an assigned value wherever it is read."""
    if isinstance(value, ast.Name):
        return [value]
    if not isinstance(value, ast.Call):
        return []
    return [argument for argument in arguments(value, known) if isinstance(argument, ast.Name | ast.Constant)]


def _may_be(one: Kinds, other: Kinds) -> bool:
    return bool(one & other) or "?" in one or "?" in other
