"""Two programs made into one, without running them.

Straight-line DSL programs are spliced by kind: b works on what a returns, or a value of b is replaced by a value of a
of the same kind (a's beginning, b's end). Any other pair of `solve` programs is chained as they are: b after a.
The result parses, differs from both and uses known names only. Left out: programs of other dialects (None).
"""

import ast
import random
from dataclasses import replace

from arc_submit.symbolic.context import Context
from arc_submit.symbolic.program import INPUT, LONGEST, Straight, infer, parse, renamed, render, substitute

ATTEMPTS = 16  # random splices tried before giving up
CHAINED_SHARE = 0.25  # of crossings that feed a's output into b


def crossover(a: str, b: str, rng: random.Random, context: Context) -> str | None:
    """Return a program made of both, or None when they do not fit."""
    del context  # constants stay as the parents have them
    first, second = parse(a), parse(b)
    if first is None or second is None:
        return _chain_plain(a, b)
    first, second = renamed(first, "a"), renamed(second, "b")
    parents = {render(first), render(second)}
    for _ in range(ATTEMPTS):
        child = _chain(first, second) if rng.random() < CHAINED_SHARE else _splice(first, second, rng)
        if child is None or len(child.lines) > LONGEST:
            continue
        text = render(child)
        if text not in parents:
            return text
    return None


def _chain(a: Straight, b: Straight) -> Straight:
    """`b(a(I))`."""
    lines = tuple(substitute(line, INPUT, a.result) for line in b.lines)
    result = a.result if b.result == INPUT else b.result
    return Straight((*a.lines, *lines), result, a.entry)


def _splice(a: Straight, b: Straight, rng: random.Random) -> Straight | None:
    """A value of b gives way to a value of a of the same kind."""
    kinds_a, kinds_b = infer(a), infer(b)
    targets = [line.name for line in b.lines if kinds_b[line.name] != {"?"}]
    if not targets:
        return None
    target = rng.choice(targets)
    sources = [name for name in (INPUT, *a.names()) if kinds_a[name] & kinds_b[target] - {"?"}]
    if not sources:
        return None
    source = rng.choice(sources)
    lines = tuple(substitute(line, target, source) for line in b.lines if line.name != target)
    result = source if b.result == target else b.result
    return replace(b, lines=(*a.lines, *lines), result=result)


# ---------------------------------------------------------------------- any other Python


def _chain_plain(a: str, b: str) -> str | None:
    """Both sources become local functions of a new `solve`; their imports move to the top."""
    imports: list[str] = []
    parts: list[str] = []
    for source, name in ((a, "first_part"), (b, "second_part")):
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        entries = [n.name for n in tree.body if isinstance(n, ast.FunctionDef) and n.name.startswith("solve")]
        if not entries:
            return None
        for node in tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                text = ast.unparse(node)
                if text not in imports:
                    imports.append(text)
        body = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
        text = "\n".join(ast.unparse(node) for node in body)
        if f"def {name}" in text:
            return None
        parts.append(f"def {name}():\n{_indented(text)}\n    return {entries[-1]}\n")
    head = "\n".join([text for text in imports if "__future__" in text] + [t for t in imports if "__future__" not in t])
    text = f"{head}\n\n\n{parts[0]}\n\n{parts[1]}\n\ndef solve(I):\n    return second_part()(first_part()(I))\n"
    return text.lstrip("\n")


def _indented(text: str) -> str:
    tree = ast.parse(text)
    wrapper = ast.parse("def f():\n    pass\n")
    function = wrapper.body[0]
    assert isinstance(function, ast.FunctionDef)
    function.body = tree.body
    return "\n".join(ast.unparse(wrapper).splitlines()[1:])
