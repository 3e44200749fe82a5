"""Take out of a program what does not change its outputs: lines without use, calls that pass their argument on.

Static: an assignment whose name nobody reads. Dynamic: a statement is removed, or a call is replaced by one of its
arguments, and the program runs on everything its task is asked: demonstrations, test inputs, further inputs where there
are some. What gives the same grids everywhere, and is shorter, takes its place; again until nothing can go. Edits of
the text, so comments and layout stay where the line stays; a line whose argument became another one loses its comment.

Only what was run counts as proven: a line for inputs that no task shows goes. Programs of many tasks share a batch, and
each reduction runs on its smallest input first: most are wrong there already.
"""

import ast
import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import replace

from arc_submit.errors import ExtractError
from arc_submit.programs import from_source
from arc_submit.records import Grid, Program
from training.dataset.cases import Grids, Run, grids, job
from training.dataset.kinds import arguments, kinds_of, stand_ins
from training.dataset.text import Text, assigned, names, read, statements

ROUNDS = 12  # pieces taken out of one program at most, beside those that are never read
TRIED = 60  # reductions of one program in a round at most


def prune(asked: Sequence[tuple[Program, tuple[Grid, ...]]], run: Run) -> list[Program]:
    """Return each program without what changes nothing on its inputs, in order.

    Args:
        asked: programs, and the inputs on which they must stay as they are; at least one.
        run: the sandbox.
    """
    now = [unread(program) for program, _ in asked]
    wanted = [grids(ran) for ran in run([job(program, inputs) for program, inputs in asked])]
    after = [grids(ran) for ran in run([job(new, inputs) for new, (_, inputs) in zip(now, asked, strict=True)])]
    for place, (program, _) in enumerate(asked):
        if after[place] != wanted[place]:  # a name that was read in a way that the text does not show
            now[place] = program
    busy = [place for place, made in enumerate(wanted) if any(made)]
    for _ in range(ROUNDS):
        found = _round([(place, now[place], asked[place][1], wanted[place]) for place in busy], run)
        for place, program in found.items():
            now[place] = program
        busy = list(found)
        if not busy:
            break
    return [_honest(new, program) for new, (program, _) in zip(now, asked, strict=True)]


def _honest(new: Program, old: Program) -> Program:
    """The program without comments on lines whose code is another one now: they spoke of what it was."""
    if new is old or new.source == old.source:
        return old
    known = set(map(_code, old.source.split("\n")))
    lines = [
        line if "#" not in line or (code := _code(line)) in known else code.rstrip() for line in new.source.split("\n")
    ]
    return replace(new, source="\n".join(lines))


def _code(line: str) -> str:
    """A line without its comment; a line that is a piece of something longer stays whole."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(line.lstrip()).readline))
    except (tokenize.TokenError, SyntaxError):
        return line
    comment = next((token for token in tokens if token.type == tokenize.COMMENT), None)
    if comment is None or comment.start[1] == 0:
        return line.rstrip()
    return line[: len(line) - len(line.lstrip()) + comment.start[1]].rstrip()


def _round(waiting: Sequence[tuple[int, Program, tuple[Grid, ...], Grids]], run: Run) -> dict[int, Program]:
    """The shortest reduction of each program that does the same; programs without one are not in it."""
    tried = [
        (place, replace(program, source=source), inputs, made)
        for place, program, inputs, made in waiting
        for source in reductions(program.source)
    ]
    first = [_smallest(inputs, made) for _, _, inputs, made in tried]
    glance = run([job(each[1], (each[2][at],)) for each, at in zip(tried, first, strict=True)])
    left = [each for each, at, ran in zip(tried, first, glance, strict=True) if ran.outputs[0].grid == each[3][at]]
    found: dict[int, Program] = {}
    for (place, old, _, made), ran in zip(left, run([job(each[1], each[2]) for each in left]), strict=True):
        if ran.lost or grids(ran) != made:
            continue
        try:
            shorter = from_source(old.source, old.proposer, old.parents)
        except ExtractError:
            continue
        fit = shorter.length < old.length and shorter.entry == old.entry  # `old` has the length of before
        if fit and (place not in found or _size(shorter) < _size(found[place])):
            found[place] = shorter
    return found


def _smallest(inputs: Sequence[Grid], made: Grids) -> int:
    """Which input is quickest to run, of those that give a grid."""
    places = [place for place, grid in enumerate(made) if grid is not None]
    return min(places, key=lambda place: len(inputs[place]) * len(inputs[place][0]))


def _size(program: Program) -> tuple[int, int]:
    return program.length, len(program.source)


# What may go. --------------------------------------------------------------------------------------------------------


def unread(program: Program) -> Program:
    """Return the program without assignments to names that nobody reads."""
    now = program
    while (text := read(now.source)) is not None:
        loaded, stored = names(text)
        for statement in statements(text):
            target = assigned(statement)
            if target and target not in loaded and stored.get(target) == 1 and target != now.entry:
                shorter = _without(text, statement)
                try:
                    now = from_source(shorter or "", program.proposer, program.parents)
                except ExtractError:
                    continue
                break
        else:
            return now
    return now


def reductions(source: str) -> Iterator[str]:
    """Yield sources with one piece less: a statement, or a call that becomes one of its arguments. Most are wrong."""
    text = read(source)
    if text is None:
        return
    found: dict[str, None] = {}
    loaded, stored = names(text)
    kinds = kinds_of(text)
    for statement in statements(text):
        target = assigned(statement)
        needed = target is not None and target in loaded and stored.get(target) == 1
        if not needed and not isinstance(statement, ast.Return | ast.Import | ast.ImportFrom | ast.FunctionDef):
            found.setdefault(_without(text, statement) or source)
        if needed and target and isinstance(statement, ast.Assign):
            for argument in stand_ins(statement.value, kinds):
                found.setdefault(_collapsed(text, statement, target, argument) or source)
    whole = {id(s.value) for s in statements(text) if isinstance(s, ast.Assign) and stored.get(assigned(s) or "") == 1}
    for node in text.nodes:
        if isinstance(node, ast.Call):
            for argument in arguments(node, kinds):
                if id(node) not in whole or not isinstance(argument, ast.Name | ast.Constant):
                    found.setdefault(text.spliced([(text.span(node), text.said(argument))]))
        if len(found) > TRIED:
            break
    yield from (shorter for shorter in list(found)[:TRIED] if shorter != source)


def _without(text: Text, statement: ast.stmt) -> str | None:
    """The source without the lines of a statement, None where it shares them with others."""
    first, last = text.span(statement)
    begin, end = text.starts[statement.lineno - 1], text.starts[(statement.end_lineno or statement.lineno)]
    rest = text.raw[last:end].strip()
    if text.raw[begin:first].strip() or (rest and not rest.startswith(b"#")):
        return None
    before, after = text.raw[:begin], text.raw[end:]
    coming = after.split(b"\n", 1)[0].strip()
    if not coming or coming.startswith((b"#", b"return")):  # a comment above spoke of this line alone
        lines = before.split(b"\n")
        while len(lines) > 1 and lines[-2].strip().startswith(b"#"):
            del lines[-2]
        before = b"\n".join(lines)
    return (before + after).decode()


def _collapsed(text: Text, statement: ast.stmt, target: str, argument: ast.expr) -> str | None:
    """The source without an assignment, its name replaced by an argument wherever it was read."""
    said = text.said(argument)
    readers = [
        (text.span(node), said)
        for node in text.nodes
        if isinstance(node, ast.Name) and node.id == target and isinstance(node.ctx, ast.Load)
    ]
    replaced = read(text.spliced(readers))
    if replaced is None:
        return None
    place = next((s for s in statements(replaced) if assigned(s) == target), None)
    return None if place is None else _without(replaced, place)
