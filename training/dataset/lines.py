"""Take out of a program what does not change its outputs: lines without use, calls that pass their argument on.

Static: helpers that nothing reaches, an assignment whose name nobody reads. Dynamic: a statement is removed, or a call
is replaced by one of its arguments, and the program runs on everything its task is asked: demonstrations, test inputs,
further inputs where there are some; and, since a program is more than its answers there, on inputs in other turns,
colours and shapes (`proving`). What does the same everywhere, failures included, is shorter, and lost a piece that did
run (`witness`), takes its place; again until nothing can go. Edits of the text, so comments and layout stay where the
line stays; a line whose argument became another one loses its comment.

Left out: proof. What differs only on inputs unlike all of these may still go. Programs of many tasks share a batch, and
each reduction runs on its smallest input first: most are wrong there already.
"""

import io
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from arc_submit.errors import ExtractError
from arc_submit.programs import from_source
from arc_submit.records import Grid, Program, Task
from arc_submit.sandbox import Job
from arc_submit.verify.trial import probes
from training.dataset.cases import Grids, Run, grids, job
from training.dataset.pieces import Reduction, reductions, unread
from training.dataset.witness import witnesses

PROBES = 8  # the demonstrations' inputs, turned and recoloured at random
ROUNDS = 12  # pieces taken out of one program at most, beside those that are never read


def proving(task: Task, further: Iterable[Grid] = ()) -> tuple[Grid, ...]:
    """Return the inputs on which a shorter program must do what the program does: the task's, and others like them.

    Where all of a task's grids are square, one is cut to be wide and one to be tall.
    """
    found = [*task.inputs, *further, *probes(task, PROBES)]
    if all(len(grid) == len(grid[0]) for grid in found):
        largest = max(task.inputs, key=len)
        found += [largest[:-1], tuple(row[:-1] for row in largest)] if len(largest) > 1 else []
    return tuple(dict.fromkeys(found))


def prune(asked: Sequence[tuple[Program, tuple[Grid, ...]]], run: Run) -> list[Program]:
    """Return each program without what changes nothing on its inputs, in order.

    Args:
        asked: programs, and the inputs on which they must stay as they are; at least one.
        run: the sandbox.
    """
    now = [unread(program) for program, _ in asked]
    first = run([job(program, inputs) for program, inputs in asked])
    wanted = [grids(ran) for ran in first]
    changed = [place for place, (program, _) in enumerate(asked) if now[place] is not program]
    for place, ran in zip(changed, run([job(now[place], asked[place][1]) for place in changed]), strict=True):
        if ran.lost or grids(ran) != wanted[place]:  # a name that was read in a way that the text does not show
            now[place] = asked[place][0]
    busy = [place for place, ran in enumerate(first) if any(wanted[place]) and not ran.lost]
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


@dataclass(frozen=True, slots=True)
class _Tried:
    """A reduction under way."""

    place: int
    program: Program
    """It as it was before."""
    inputs: tuple[Grid, ...]
    made: Grids
    reduction: Reduction

    def job(self, source: str, *only: int) -> Job:
        """Run a source in its place, on all inputs or on some."""
        inputs = tuple(self.inputs[number] for number in only) if only else self.inputs
        return job(replace(self.program, source=source), inputs)


def _round(waiting: Sequence[tuple[int, Program, tuple[Grid, ...], Grids]], run: Run) -> dict[int, Program]:
    """The shortest reduction of each program that does the same; programs without one are not in it."""
    tried = [
        _Tried(place, program, inputs, made, reduction)
        for place, program, inputs, made in waiting
        for reduction in reductions(program.source, program.entry)
    ]
    first = [_smallest(each.inputs, each.made) for each in tried]
    glance = run([each.job(each.reduction.source, at) for each, at in zip(tried, first, strict=True)])
    left = [each for each, at, ran in zip(tried, first, glance, strict=True) if ran.outputs[0].grid == each.made[at]]
    whole = run([each.job(each.reduction.source) for each in left])
    same = [each for each, ran in zip(left, whole, strict=True) if not ran.lost and grids(ran) == each.made]
    found: dict[int, Program] = {}
    for each in _that_ran(same, run):
        try:
            shorter = from_source(each.reduction.source, each.program.proposer, each.program.parents)
        except ExtractError:
            continue
        fit = shorter.length < each.program.length and shorter.entry == each.program.entry
        if fit and (each.place not in found or _size(shorter) < _size(found[each.place])):
            found[each.place] = shorter
    return found


def _that_ran(same: Sequence[_Tried], run: Run) -> list[_Tried]:
    """Those whose piece ran at least once: of others their outputs say nothing."""
    asked = [
        (number, witness)
        for number, each in enumerate(same)
        for witness in witnesses(each.program.source, each.program.entry, each.reduction.gone)
    ]
    ran = run([same[number].job(witness) for number, witness in asked])
    idle = {
        number
        for (number, _), result in zip(asked, ran, strict=True)
        if result.lost or grids(result) == same[number].made
    }
    return [each for number, each in enumerate(same) if number not in idle]


def _smallest(inputs: Sequence[Grid], made: Grids) -> int:
    """Which input is quickest to run, of those that give a grid."""
    places = [place for place, grid in enumerate(made) if grid is not None]
    return min(places, key=lambda place: len(inputs[place]) * len(inputs[place][0]))


def _size(program: Program) -> tuple[int, int]:
    return program.length, len(program.source)
