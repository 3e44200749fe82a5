"""A source as text and tree at once: pieces are replaced where they stand, so comments and layout stay."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Text:
    """A source as bytes, with its tree."""

    raw: bytes
    tree: ast.Module
    starts: tuple[int, ...]
    """Where each line begins, and the end."""
    nodes: tuple[ast.AST, ...]
    """Every node, as `ast.walk` gives them."""

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return the first byte of a node and the one after its last."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[end_line - 1] + end_column

    def said(self, node: ast.expr | ast.stmt) -> bytes:
        """Return a node's text."""
        first, last = self.span(node)
        return self.raw[first:last]

    def spliced(self, changes: Iterable[tuple[tuple[int, int], bytes]]) -> str:
        """Return the source with other text in some places; the places must not overlap."""
        changes = list(changes)
        if not changes:
            return self.raw.decode()
        raw = self.raw
        for (first, last), new in sorted(changes, reverse=True):
            raw = raw[:first] + new + raw[last:]
        return raw.decode()


@lru_cache(maxsize=2048)
def read(source: str) -> Text | None:
    """Return a source as text and tree; None where it does not parse."""
    try:
        tree = ast.parse(source)
        raw = source.encode()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    starts = [0, *(place + 1 for place, byte in enumerate(raw) if byte == 10)]
    return Text(raw, tree, (*starts, len(raw)), tuple(ast.walk(tree)))


def statements(text: Text) -> Iterator[ast.stmt]:
    """Yield the statements inside functions, docstrings left out."""
    for node in text.nodes:
        if isinstance(node, ast.FunctionDef):
            for inner in ast.walk(node):
                for field in ("body", "orelse"):
                    block = getattr(inner, field, None)
                    if isinstance(block, list) and not isinstance(inner, ast.Lambda):
                        yield from (s for s in block if isinstance(s, ast.stmt) and not _is_text(s))


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def names(text: Text) -> tuple[set[str], dict[str, int]]:
    """Return the names that are read, and how often each is written."""
    loaded: set[str] = set()
    stored: dict[str, int] = {}
    for node in text.nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            loaded.add(node.id)
        elif isinstance(node, ast.Name):
            stored[node.id] = stored.get(node.id, 0) + 1
        elif isinstance(node, ast.Global | ast.Nonlocal):
            loaded.update(node.names)
        elif isinstance(node, ast.arg):
            stored[node.arg] = stored.get(node.arg, 0) + 1
    loaded |= {
        node.target.id for node in text.nodes if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
    return loaded, stored


def assigned(statement: ast.stmt) -> str | None:
    """Return the name that a statement gives a value to, where it does nothing else with it."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return None
