"""What may stand for what: a grid does not stand for a number. Kinds as `arc_submit.symbolic` infers them, on any tree.

Names that are not the DSL's, and what numpy returns, have no kind that is known, and may stand for anything.
"""

import ast

from arc_submit.dsl.registry import CONSTANTS, PRIMITIVES
from arc_submit.symbolic.program import UNKNOWN, constant_kinds, line_kinds
from training.dataset.text import Text, assigned, statements

Kinds = frozenset[str]


def kinds_of(text: Text) -> dict[str, Kinds]:
    """Return the kinds of the names of a DSL program, as far as they are known."""
    kinds: dict[str, Kinds] = {}
    for node in text.nodes:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("solve") and node.args.args:
            kinds[node.args.args[0].arg] = frozenset("G")
    for statement in statements(text):
        target = assigned(statement)
        if target and isinstance(statement, ast.Assign):
            kinds[target] = _kind(statement.value, kinds)
    return kinds


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


def arguments(node: ast.Call, kinds: dict[str, Kinds]) -> list[ast.expr]:
    """Return the arguments that may stand for the whole call."""
    own = _kind(node, kinds)
    found = [argument for argument in node.args if not isinstance(argument, ast.Starred)]
    return [argument for argument in found if _may_be(_kind(argument, kinds), own)]


def stand_ins(value: ast.expr, kinds: dict[str, Kinds]) -> list[ast.expr]:
    """Return the names and constants that may stand for an assigned value wherever it is read."""
    if isinstance(value, ast.Name):
        return [value]
    if not isinstance(value, ast.Call):
        return []
    return [argument for argument in arguments(value, kinds) if isinstance(argument, ast.Name | ast.Constant)]


def _may_be(one: Kinds, other: Kinds) -> bool:
    return bool(one & other) or "?" in one or "?" in other
