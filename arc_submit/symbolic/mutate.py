"""One small change to a program's source, without a model and without running it.

On straight-line DSL programs (`program`) the change respects types: another primitive of a like signature, another
constant of the task, an intermediate wrapped in a unary primitive, a line dropped, an argument rewired, a new line. An
extension of the DSL gives way to one of the same signature, and in a tuple of rules a number changes or a rule goes. On
any other Python only a number, the name of a DSL constant or of a primitive is changed. The result parses, differs
from the original and uses known names only; whether it is any better is for the judge to say.

Left out: changes of several lines at once; call `mutate` again on the result for those.
"""

import ast
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from arc_submit.dsl.registry import CONSTANTS, PRIMITIVES
from arc_submit.symbolic.called import LAYERED, alike, extension_signatures, extensions, is_function_name
from arc_submit.symbolic.context import Context
from arc_submit.symbolic.literals import changed_tuple
from arc_submit.symbolic.program import (
    INPUT,
    LONGEST,
    Line,
    Straight,
    constant_kinds,
    fits,
    function_signatures,
    infer,
    line_kinds,
    loose_signatures,
    parse,
    render,
    substitute,
    used,
    variables_before,
    wanted_kinds,
)

ATTEMPTS = 24  # random changes tried before giving up
TASK_SHARE = 0.75  # of changed constants that come from the task rather than from all the DSL's

Edit = Callable[[Straight, random.Random, Context], Straight | None]


def mutate(source: str, rng: random.Random, context: Context) -> str | None:
    """Return a program that differs in one place, or None when no change was found."""
    program = parse(source)
    if program is None:
        return _mutate_plain(source, rng, context)
    program = replace(program, lines=tuple(used(program)))
    before = render(program)
    for _ in range(ATTEMPTS):
        edit = rng.choices(_EDITS, _WEIGHTS)[0]
        changed = edit(program, rng, context)
        if changed is None or len(changed.lines) > LONGEST:
            continue
        after = render(changed)
        if after != before:
            return after
    return None


# ---------------------------------------------------------------------- edits of straight-line programs


def _with_line(program: Straight, position: int, line: Line) -> Straight:
    return replace(program, lines=(*program.lines[:position], line, *program.lines[position + 1 :]))


def _pick(rng: random.Random, options: Sequence[str]) -> str | None:
    return rng.choice(options) if options else None


def swap_primitive(program: Straight, rng: random.Random, context: Context) -> Straight | None:
    """Call another primitive that takes these arguments and gives the same kind."""
    if not program.lines:
        return None
    position = rng.randrange(len(program.lines))
    line = program.lines[position]
    kinds = infer(program)
    if line.callee in extensions():
        choice = _pick(rng, alike(line.callee))
        return None if choice is None else _with_line(program, position, replace(line, callee=choice))
    if line.callee not in PRIMITIVES:
        return None
    given = [kinds[a] for a in line.arguments]
    results = kinds[line.name]
    options = [
        name
        for name in PRIMITIVES
        if name != line.callee and any(kind in results and kind != "?" for kind in line_kinds(name, given))
    ]
    choice = _pick(rng, options)
    return None if choice is None else _with_line(program, position, replace(line, callee=choice))


def swap_function(program: Straight, rng: random.Random, context: Context) -> Straight | None:
    """Hand another primitive to a line that takes a function."""
    places = [
        (position, place)
        for position, line in enumerate(program.lines)
        for place, argument in enumerate(line.arguments)
        if argument in PRIMITIVES
    ]
    if not places:
        return None
    position, place = rng.choice(places)
    line = program.lines[position]
    table = function_signatures()
    own = table[line.arguments[place]]
    options = [name for name in PRIMITIVES if name != line.arguments[place] and table[name] & own]
    choice = _pick(rng, options)
    return None if choice is None else _with_line(program, position, _with_argument(line, place, choice))


def _with_argument(line: Line, place: int, text: str) -> Line:
    return replace(line, arguments=(*line.arguments[:place], text, *line.arguments[place + 1 :]))


def change_constant(program: Straight, rng: random.Random, context: Context) -> Straight | None:
    """Put another constant of the same kind in place of one."""
    own = {INPUT, *program.names()}
    places = [
        (position, place)
        for position, line in enumerate(program.lines)
        for place, argument in enumerate(line.arguments)
        if argument not in own and not is_function_name(argument)
    ]
    if not places:
        return None
    position, place = rng.choice(places)
    line = program.lines[position]
    kinds = infer(program)
    if line.callee in extensions() and line.arguments[place].startswith("("):
        text = changed_tuple(line.arguments[place], rng, _numbers(context))
        return None if text is None else _with_line(program, position, _with_argument(line, place, text))
    wanted = wanted_kinds(line, place, kinds) & kinds[line.arguments[place]]
    kind = _pick(rng, sorted(wanted or kinds[line.arguments[place]]))
    choice = None if kind is None else _constant(kind, rng, context)
    return None if choice is None else _with_line(program, position, _with_argument(line, place, choice))


def _constant(kind: str, rng: random.Random, context: Context) -> str | None:
    if rng.random() < TASK_SHARE and context.of_kind(kind):
        return rng.choice(context.of_kind(kind))
    return _pick(rng, [name for name in CONSTANTS if kind in constant_kinds(name)])


def wrap(program: Straight, rng: random.Random, context: Context) -> Straight | None:
    """Send a line's value, or the input, through a function of one parameter that keeps its kind."""
    kinds = infer(program)
    position = rng.randrange(-1, len(program.lines))
    value = INPUT if position < 0 else program.lines[position].name
    table = extension_signatures() if kinds[value] & LAYERED else loose_signatures()
    options = [
        name
        for name, instances in table.items()
        if any(wanted == (result,) and result in kinds[value] for wanted, result in instances if result != "?")
    ]
    choice = _pick(rng, options)
    if choice is None:
        return None
    name = f"w{len(program.lines)}"
    later = tuple(substitute(line, value, name) for line in program.lines[position + 1 :])
    result = name if program.result == value else program.result
    return replace(program, lines=(*program.lines[: position + 1], Line(name, choice, (value,)), *later), result=result)


def drop(program: Straight, rng: random.Random, context: Context) -> Straight | None:
    """Remove a line; an earlier value of the same kind takes its place, one of its own arguments if possible."""
    if len(program.lines) < 2:
        return None
    position = rng.randrange(len(program.lines))
    line = program.lines[position]
    kinds = infer(program)
    earlier = list(variables_before(program, position))
    options = [name for name in earlier if kinds[name] & kinds[line.name] - {"?"}]
    own = [name for name in options if name in line.arguments]
    choice = _pick(rng, own or options)
    if choice is None:
        return None
    later = tuple(substitute(other, line.name, choice) for other in program.lines[position + 1 :])
    result = choice if program.result == line.name else program.result
    return replace(program, lines=(*program.lines[:position], *later), result=result)


def _somewhere(program: Straight, rng: random.Random) -> tuple[int, Line, int] | None:
    """A random line that has arguments, and a place among them; None when this draw gave none."""
    if not program.lines:
        return None
    position = rng.randrange(len(program.lines))
    line = program.lines[position]
    return (position, line, rng.randrange(len(line.arguments))) if line.arguments else None


def rewire(program: Straight, rng: random.Random, context: Context) -> Straight | None:
    """Let an argument refer to another value of a kind that fits."""
    found = _somewhere(program, rng)
    if found is None:
        return None
    position, line, place = found
    kinds = infer(program)
    wanted = wanted_kinds(line, place, kinds)
    options = [
        name
        for name in variables_before(program, position)
        if name != line.arguments[place] and any(kind in wanted and kind != "?" for kind in kinds[name])
    ]
    choice = _pick(rng, options)
    return None if choice is None else _with_line(program, position, _with_argument(line, place, choice))


def insert_line(program: Straight, rng: random.Random, context: Context) -> Straight | None:
    """Compute a new value from earlier ones and use it in one place."""
    found = _somewhere(program, rng)
    if found is None:
        return None
    position, line, place = found
    kinds = infer(program)
    kind = _pick(rng, sorted(wanted_kinds(line, place, kinds) - {"?"}))
    table = extension_signatures() if kind is not None and kind in LAYERED else loose_signatures()
    made = [
        (name, wanted)
        for name, instances in table.items()
        for wanted, result in instances
        if result == kind and "F" not in wanted and "?" not in wanted
    ]
    if not made:
        return None
    name, wanted = rng.choice(made)
    earlier = list(variables_before(program, position))
    arguments: list[str] = []
    for want in wanted:
        options = [variable for variable in earlier if fits(kinds[variable] - {"?"}, want)]
        text = _pick(rng, options) if options and rng.random() < TASK_SHARE else _constant(want, rng, context)
        text = text or _pick(rng, options)
        if text is None:
            return None
        arguments.append(text)
    new = Line(f"n{len(program.lines)}", name, tuple(arguments))
    changed = _with_argument(line, place, new.name)
    return replace(program, lines=(*program.lines[:position], new, changed, *program.lines[position + 1 :]))


_EDITS: tuple[Edit, ...] = (change_constant, swap_primitive, swap_function, rewire, wrap, drop, insert_line)
_WEIGHTS = (6, 5, 4, 3, 3, 2, 3)  # how often each edit is tried, relative; constants are most often what is wrong


# ---------------------------------------------------------------------- any other Python


def _mutate_plain(source: str, rng: random.Random, context: Context) -> str | None:
    """Change one number, DSL constant or primitive somewhere in the syntax tree, if there is one."""
    try:
        tree = ast.parse(source)
        before = ast.unparse(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    places = [node for node in ast.walk(tree) if _is_changeable(node)]
    if not places:
        return None
    for _ in range(ATTEMPTS):
        node = rng.choice(places)
        if isinstance(node, ast.Constant):
            old_value = node.value
            node.value = rng.choice(_numbers(context))
            after = ast.unparse(tree)
            if after != before:
                return after + "\n"
            node.value = old_value
        elif isinstance(node, ast.Name):
            old = node.id
            choice = _another_name(old, rng, context)
            if choice is not None and choice != old:
                node.id = choice
                return ast.unparse(tree) + "\n"
    return None


def _is_changeable(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return type(node.value) is int
    return (
        isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Load)
        and (node.id in PRIMITIVES or node.id in CONSTANTS)
    )


def _numbers(context: Context) -> list[int]:
    texts = (*context.colours, *context.numbers)
    values = [CONSTANTS[text] if text in CONSTANTS else int(text) for text in texts]
    return sorted({value for value in values if isinstance(value, int)} | {0, 1, 2})


def _another_name(name: str, rng: random.Random, context: Context) -> str | None:
    if name in PRIMITIVES:
        table = function_signatures()
        return _pick(rng, [other for other in PRIMITIVES if other != name and table[other] & table[name]])
    kind = _pick(rng, sorted(constant_kinds(name) - {"?"}))
    options = [] if kind is None else [text for text in context.of_kind(kind) if text in CONSTANTS]
    return _pick(rng, options)
