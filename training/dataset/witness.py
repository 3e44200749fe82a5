"""Did a piece of a program run at all? The program with that piece broken: if it still does the same, it did not.

What never ran changes no output when it goes, and is not idle for that: it is for inputs that are not at hand. Broken
is a statement by raising, an expression by a division by zero; and with a piece each block and choice in it.

Left out: whether both sides of `and` and `or` ran; an error that the program catches, which leaves the piece in place.
"""

import ast
from collections.abc import Iterator

from training.dataset.pieces import parts
from training.dataset.text import Text, read

_MAY_SKIP = (
    ast.If, ast.For, ast.While, ast.Try, ast.With, ast.Match, ast.IfExp, ast.BoolOp, ast.Lambda, ast.comprehension,
    ast.ClassDef, ast.AsyncFunctionDef,
)  # fmt: skip
"""Where these are, code may stand that does not run."""


def witnesses(source: str, entry: str, gone: ast.stmt | ast.expr) -> list[str]:
    """Return the program with a piece, and each block and choice in it, broken; none where all code runs anyway.

    Each must do something else than the program: else that code never ran, and what was run says nothing of it. The
    source itself stands for a witness that cannot be written.
    """
    text = read(source)
    if text is None or not _may_skip(text, entry):
        return []
    broken = []
    for place in (gone, *_blocks(gone)):
        raising = b"raise RuntimeError" if isinstance(place, ast.stmt) else b"(1 // 0)"
        made = text.spliced([(text.span(place), raising)])
        broken.append(made if read(made) is not None else source)
    return broken


def _blocks(gone: ast.AST) -> Iterator[ast.stmt | ast.expr]:
    """The first statement of each block, both sides of each choice."""
    for node in ast.walk(gone):
        if isinstance(node, ast.IfExp):
            yield from (node.body, node.orelse)
            continue
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and not _is_elif(node, field):
                yield from block[:1]


def _is_elif(node: ast.AST, field: str) -> bool:
    """Its blocks come by themselves."""
    block = getattr(node, field)
    return isinstance(node, ast.If) and field == "orelse" and len(block) == 1 and isinstance(block[0], ast.If)


def _may_skip(text: Text, entry: str) -> bool:
    """Whether there is code that a call of the entry may leave out."""
    found = parts(text, entry)
    if len(found) != 1:
        return True
    nodes = found[0].nodes
    functions = sum(isinstance(node, ast.FunctionDef) for node in nodes)
    leaves = sum(isinstance(node, ast.Return) for node in nodes)
    return functions != 1 or leaves != 1 or any(isinstance(node, _MAY_SKIP) for node in nodes)
