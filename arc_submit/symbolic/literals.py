"""One small change inside a tuple that a program holds: rules, colours, moves.

A number becomes another one, a truth value its opposite, or one of several rules goes; a rule is a tuple in a tuple of
tuples. Words stay: nothing here knows which others there are.
"""

import ast
import random
from collections.abc import Iterator, Sequence
from typing import Any

DROPPED_SHARE = 0.3  # of changes to a tuple with several rules that drop one

Path = tuple[int, ...]


def changed_tuple(text: str, rng: random.Random, numbers: Sequence[int]) -> str | None:
    """Return the text of a tuple that differs in one place, or None when it holds nothing to change.

    >>> changed_tuple("((1, 2),)", random.Random(0), [7])
    '((7, 2),)'
    """
    value = ast.literal_eval(text)
    leaves = [path for path, part in _parts(value) if isinstance(part, int)]
    rules = [path for path, part in _parts(value) if _is_rule(value, path)]
    if rules and (not leaves or rng.random() < DROPPED_SHARE):
        return repr(_without(value, rng.choice(rules)))
    if not leaves:
        return None
    path = rng.choice(leaves)
    old = _at(value, path)
    if isinstance(old, bool):
        return repr(_with(value, path, not old))
    others = [number for number in (*numbers, old - 1, old + 1) if number != old]
    return repr(_with(value, path, rng.choice(others)))


def _parts(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every part of nested tuples, with the way to it."""
    for index, part in enumerate(value):
        yield (*path, index), part
        if isinstance(part, tuple):
            yield from _parts(part, (*path, index))


def _is_rule(value: Any, path: Path) -> bool:
    beside = _at(value, path[:-1])
    return len(beside) > 1 and all(isinstance(part, tuple) for part in beside)


def _at(value: Any, path: Path) -> Any:
    for index in path:
        value = value[index]
    return value


def _with(value: Any, path: Path, part: Any) -> Any:
    if not path:
        return part
    index, *rest = path
    return (*value[:index], _with(value[index], tuple(rest), part), *value[index + 1 :])


def _without(value: Any, path: Path) -> Any:
    *above, last = path
    beside = _at(value, tuple(above))
    return _with(value, tuple(above), (*beside[:last], *beside[last + 1 :]))
