"""A program's identity: the hash of its normalised AST.

Two sources are the same program when they differ only in comments, layout, docstrings, annotations, imports of the DSL
under its own names, names of parameters and local variables, or the <id> of `solve_<id>`. Not seen: reordered lines,
inlined variables, other spellings of the same value; programs that merely behave alike are found by `behaviour`.
"""

import ast
import hashlib
from collections.abc import Iterator

_DSL_MODULES = frozenset({"arc_dsl", "dsl", "constants", "arc_types", "arc_ext"})
_SKIPPED = frozenset({"annotation", "returns", "type_comment", "type_params", "ctx", "kind", "type_ignores"})


def fingerprint(tree: ast.Module, entry: str) -> str:
    """Return 16 hex digits; equal for programs that are the same up to names and layout."""
    return identity(tree, entry)[0]


def identity(tree: ast.Module, entry: str) -> tuple[str, int]:
    """Return the fingerprint, and the length in tokens of the normalised AST (layout and comments are free)."""
    names = {entry: entry.partition("_")[0]}  # the dialect stays: it decides what `*` and `+` mean
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            names.setdefault(node.arg, f"v{len(names)}")
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id, f"v{len(names)}")
    tokens = list(_tokens(tree, names))
    text = "\x1f".join(tokens).encode("utf-8", "backslashreplace")
    return hashlib.blake2b(text, digest_size=8).hexdigest(), len(tokens)


def _tokens(node: ast.AST, names: dict[str, str]) -> Iterator[str]:
    """The tree in prefix notation, without what does not matter."""
    if isinstance(node, ast.ImportFrom) and node.module in _DSL_MODULES and not any(name.asname for name in node.names):
        return
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        node = ast.Assign([node.target], node.value)
    yield type(node).__name__
    for field in node._fields:
        if field in _SKIPPED:
            continue
        value = getattr(node, field)
        if field == "body" and isinstance(value, list):
            value = _without_docstring(value)
        if isinstance(value, list):
            yield "["
            for item in value:
                yield from _tokens(item, names) if isinstance(item, ast.AST) else (repr(item),)
            yield "]"
        elif isinstance(value, ast.AST):
            yield from _tokens(value, names)
        elif isinstance(value, str) and field in ("id", "arg", "name"):
            yield names.get(value, value)
        else:
            yield repr(value)


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:]
    return body
