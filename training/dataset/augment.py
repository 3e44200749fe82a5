"""Examples in several views, each where the program still holds: proven by running it, not by argument.

The demonstrations of a task come in another order, its colours are renamed, its grids turned. The program is taken as
it is or rewritten (`rewrite`), run on the task as the view shows it, and kept when every output, of demonstrations and
test inputs, is the view of what it was; where it failed it must fail again. An edit example needs that of its parent
too. What fails in a view is tried with its colours alone, then its turn alone; the order alone always holds.

All traces of a task are seen in the same views, so that its facts are worked out once and a parent is proven once for
all its children. Words (thoughts, comments) must hold as well (`words`).
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations

from arc_submit import views
from arc_submit.errors import ExtractError
from arc_submit.programs import from_source
from arc_submit.records import Program, Task, View
from training.dataset.cases import Case, Grids, Run, Seen, grids, job
from training.dataset.rewrite import proposals
from training.dataset.settings import Settings
from training.dataset.words import hold

Key = tuple[str, str, str]
"""Task, program, frame (symmetry and colours) of a view."""
Stage = Callable[[View], View]

STAGES: tuple[Stage, ...] = (
    lambda view: view,
    lambda view: replace(view, symmetry="identity"),
    lambda view: replace(view, colours=View().colours),
)
"""What is tried of a view, one after the other: all of it, its colours, its turn. Then its order alone."""


def drawn(task: Task, settings: Settings) -> list[View]:
    """Return the views of a task: as it stands first, then others; (seed, task) decides them."""
    rng = random.Random(f"{settings.seed}/views/{task.id}")
    found = [View()]
    for _ in range(settings.views - 1):
        view = views.draw(rng, len(task.train))
        if not settings.colours:
            view = replace(view, colours=View().colours)
        found.append(view if settings.turns else replace(view, symmetry="identity"))
    return found


def augment(
    cases: Sequence[Case],
    before: dict[tuple[str, str], Grids],
    settings: Settings,
    run: Run,
    said: Callable[[Case], str],
) -> None:
    """Fill in the views that each case holds in.

    Args:
        cases: of any number of tasks.
        before: (task, program) -> what it makes of the task's inputs, of every program and parent.
        settings: views, colours, turns, seed.
        run: the sandbox.
        said: the words of a case that its example will show; empty where there are none.
    """
    by_task = {case.exercise.task.id: drawn(case.exercise.task, settings) for case in cases}
    for case in cases:
        case.seen.append(Seen(View(), case.program.source, case.shown.source if case.shown else ""))
    waiting = [(case, view) for case in cases for view in by_task[case.exercise.task.id][1:]]
    proven: dict[Key, str | None] = {}
    for stage in STAGES:
        fit = [(case, view, stage(view)) for case, view in waiting]
        fit = [(case, view, part) for case, view, part in fit if _moves(part) and hold(said(case), part)]
        _prove([(case, part) for case, _, part in fit], proven, before, run)
        done = set()
        for case, view, part in fit:
            if (seen := _seen(case, part, proven)) is not None:
                _add(case, seen)
                done.add((id(case), view))
        waiting = [(case, view) for case, view in waiting if (id(case), view) not in done]
    for case, view in waiting:
        order = View(order=view.order)
        if hold(said(case), order):
            _add(case, Seen(order, case.program.source, case.shown.source if case.shown else ""))


def _moves(view: View) -> bool:
    return view.symmetry != "identity" or view.colours != View().colours


def _add(case: Case, seen: Seen) -> None:
    """Add a view unless it shows what one before it shows; of many orders another is looked for."""
    task = case.exercise.task
    shown = {_text(task, other.view) for other in case.seen}
    if _text(task, seen.view) in shown:
        rng = random.Random(f"order/{task.id}/{len(case.seen)}")
        others = [
            order
            for order in _orders(len(task.train), rng)
            if _text(task, replace(seen.view, order=order)) not in shown
        ]
        if not others:
            return
        seen = replace(seen, view=replace(seen.view, order=others[0]))
    case.seen.append(seen)


def _orders(pairs: int, rng: random.Random) -> list[tuple[int, ...]]:
    if pairs > 4:  # too many to list
        return [tuple(rng.sample(range(pairs), pairs)) for _ in range(8)]
    found = list(permutations(range(pairs)))
    rng.shuffle(found)
    return found


def _text(task: Task, view: View) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
    """What a prompt in the view would show, short."""
    return view.symmetry, view.colours, view.order or tuple(range(len(task.train)))


def _seen(case: Case, view: View, proven: dict[Key, str | None]) -> Seen | None:
    """The case in a view, None where the program or its parent does not hold there."""
    source = proven.get(_key(case.exercise.task, case.program, view))
    parent = proven.get(_key(case.exercise.task, case.shown, view)) if case.shown else ""
    return None if source is None or parent is None else Seen(view, source, parent)


def _key(task: Task, program: Program, view: View) -> Key:
    return task.id, program.id, views.key(view).rpartition("|")[0]


def _prove(
    asked: Sequence[tuple[Case, View]], proven: dict[Key, str | None], before: dict[tuple[str, str], Grids], run: Run
) -> None:
    """Work out the code of each program and parent for each view, one batch for all."""
    jobs, owners = [], []
    seen_tasks: dict[tuple[str, str], Task] = {}
    for case, view in asked:
        task = case.exercise.task
        for program in filter(None, (case.program, case.shown)):
            key = _key(task, program, view)
            if key in proven:
                continue
            proven[key] = None
            frame = View(view.symmetry, view.colours)
            shown = seen_tasks.setdefault((task.id, key[2]), views.apply_task(frame, task))
            inputs = shown.inputs
            wanted = tuple(grid and views.apply(frame, grid) for grid in before[task.id, program.id])
            for source in proposals(program.source, frame):
                candidate = _parsed(source, program)
                if candidate is not None:
                    jobs.append(job(candidate, inputs))
                    owners.append((key, source, wanted))
    for (key, source, wanted), ran in zip(owners, run(jobs), strict=True):
        if proven[key] is None and not ran.lost and grids(ran) == wanted:
            proven[key] = source


def _parsed(source: str, program: Program) -> Program | None:
    if source == program.source:
        return program
    try:
        return from_source(source, program.proposer)
    except ExtractError:
        return None
