"""The three dialects, told apart by the entry's name, so that program corpora people already have run unchanged."""

import ast
import re

from arc_submit.records import Dialect

_SOLVE = re.compile(r"solve(_\w+)?\Z")


def find_entry(tree: ast.Module) -> tuple[Dialect, str] | None:
    """Return the dialect and the name of the entry function, or None when there is none.

    `transform` goes before `solve` or `solve_<id>`, that before `main`; of several of one kind the last one counts. A
    name bound by a plain assignment (`solve = compose(...)`) counts as well.
    """
    names = [name for statement in tree.body for name in _bound(statement)]
    for dialect, matches in (
        (Dialect.TRANSFORM, lambda name: name == "transform"),
        (Dialect.SOLVE, lambda name: _SOLVE.match(name) is not None),
        (Dialect.MAIN, lambda name: name == "main"),
    ):
        found = [name for name in names if matches(name)]
        if found:
            return dialect, found[-1]
    return None


def _bound(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return []
