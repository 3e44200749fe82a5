"""Lines that change nothing go, everything else stays: outputs, comments, layout."""

import ast
from collections.abc import Iterator, Sequence

import pytest
from dataset_traces import exercise, here, outputs
from helpers import G

from arc_submit.programs import from_source
from arc_submit.records import Fault, Grid, Output, Pair, Program, Ran, Task
from arc_submit.sandbox import Job, Sandbox
from arc_submit.symbolic.expressions import HEADER
from arc_submit.verify.trial import probes
from training.dataset.lines import proving, prune
from training.dataset.pieces import reductions, unread
from training.dataset.text import read

GRIDS = (G("12/34"), G("123/456/780"))


def made(source: str) -> Program:
    return from_source(source, "test")


def pruned(source: str, grids: tuple[Grid, ...] = GRIDS) -> str:
    (found,) = prune([(made(source), grids)], here)
    return found.source


def test_a_line_that_nobody_reads_goes_with_its_comment_and_others_keep_theirs():
    source = (
        f"{HEADER}# mirrors\ndef solve(I):\n    # upside down\n    x1 = hmirror(I)  # first\n"
        "    x2 = vmirror(I)  # idle\n    O = rot90(x1)  # last\n    return O\n"
    )
    found = pruned(source)
    assert "idle" not in found and "x2" not in found
    assert found == source.replace("    x2 = vmirror(I)  # idle\n", "")


def test_lines_that_only_feed_such_a_line_go_too():
    idle = "    x1 = hmirror(I)\n    x2 = vmirror(x1)\n    x3 = rot90(x2)\n"
    source = f"{HEADER}def solve(I):\n{idle}    O = trim(I)\n    return O\n"
    assert unread(made(source)).source == f"{HEADER}def solve(I):\n    O = trim(I)\n    return O\n"


def test_a_call_that_passes_its_argument_on_is_taken_out():
    # no 9 in the grids: the replacement does nothing there
    source = f"{HEADER}def solve(I):\n    x1 = replace(I, NINE, ONE)\n    O = hmirror(x1)\n    return O\n"
    assert pruned(source) == f"{HEADER}def solve(I):\n    O = hmirror(I)\n    return O\n"


def test_a_line_that_a_further_input_needs_stays():
    source = f"{HEADER}def solve(I):\n    x1 = replace(I, NINE, ONE)\n    O = hmirror(x1)\n    return O\n"
    assert pruned(source, (*GRIDS, G("99/12"))) == source


def test_a_call_within_a_call_is_taken_out_where_it_stands():
    source = f"{HEADER}def solve(I):\n    return hmirror(replace(I, NINE, ONE))  # turn\n"
    assert pruned(source) == f"{HEADER}def solve(I):\n    return hmirror(I)\n"


def test_a_line_that_reads_something_else_now_loses_its_comment():
    source = (
        f"{HEADER}def solve(I):\n    x1 = trim(I)  # cut\n    x2 = replace(x1, NINE, ONE)  # recolour\n"
        "    O = hmirror(x2)  # mirror the recoloured\n    return O\n"
    )
    found = pruned(source, (G("1111/1231/1451/1111"), G("0000/0340/0120/0000")))
    assert found == f"{HEADER}def solve(I):\n    x1 = trim(I)  # cut\n    O = hmirror(x1)\n    return O\n"


def test_the_last_line_may_go():
    source = f"{HEADER}def solve(I):\n    x1 = hmirror(I)\n    O = replace(x1, NINE, ONE)\n    return O\n"
    assert pruned(source) == f"{HEADER}def solve(I):\n    x1 = hmirror(I)\n    return x1\n"


def test_what_changes_an_output_stays():
    source = f"{HEADER}def solve(I):\n    x1 = replace(I, ONE, NINE)\n    O = hmirror(x1)\n    return O\n"
    assert pruned(source) == source


def test_a_program_that_fails_everywhere_is_left_alone():
    source = f"{HEADER}def solve(I):\n    x1 = replace(I, NINE, ONE)\n    O = crop(x1, ZERO, ZERO)\n    return O\n"
    assert pruned(source) == source


def test_where_it_failed_it_must_fail_again():
    # crop fails on nothing, first(()) does: on grids without 8 there is no object to take
    source = f"{HEADER}def solve(I):\n    x1 = ofcolor(I, EIGHT)\n    O = subgrid(x1, I)\n    return O\n"
    grids = (G("12/38"), G("12/34"))
    assert outputs(source, grids)[1] is None
    assert outputs(pruned(source, grids), grids) == outputs(source, grids)


def test_every_reduction_is_another_text_and_a_broken_source_has_none():
    source = f"{HEADER}def solve(I):\n    x1 = hmirror(I)\n    O = vmirror(x1)\n    return O\n"
    found = [each.source for each in reductions(source, "solve")]
    assert found and source not in found and len(set(found)) == len(found)
    assert list(reductions("def solve(I:\n", "solve")) == []


def test_programs_of_generators_survive_an_idle_line_and_nothing_else_changes():
    exercises = [exercise(number) for number in range(0, 40, 2)]
    asked, plain = [], []
    for given in exercises:
        source = HEADER + given.program
        padded = source.replace("def solve(I):\n", "def solve(I):\n    y = rot180(I)\n    z = replace(y, TEN, TEN)\n")
        asked.append((made(padded), given.task.inputs))
        plain.append((made(source), given.task.inputs))
    for (_, grids), found, reference in zip(asked, prune(asked, here), prune(plain, here), strict=True):
        assert found.length <= reference.length
        assert outputs(found.source, grids) == outputs(reference.source, grids)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


def task_of(*inputs: str) -> Task:
    return Task("t", tuple(Pair(G(text), G(text)) for text in inputs), (G(inputs[0]),))


NUMPY = "import numpy as np\n\n\n"
BACKGROUND = """def background(grid, default=0):
    values, counts = np.unique(grid, return_counts=True)
    return values[counts.argmax()]


"""


def test_inputs_to_prove_on_are_those_of_the_task_and_others_turned_recoloured_and_of_another_shape():
    task = task_of("100/000/002", "300/000/000")
    found = proving(task, (G("12/34"),))
    assert found[:3] == (*task.inputs[:2], G("12/34")) and len(found) == len(set(found))
    assert set(probes(task, 8)) <= set(found)
    assert G("100/000") in found and G("10/00/00") in found, "all are square: one is cut to be wide, one to be tall"
    # 2 + 1 + 8 probes at most: some are turned, so that none has to be cut
    assert len(proving(task_of("100/000"), ())) <= 1 + 8


def test_a_colour_that_the_program_looks_for_does_not_become_a_constant(sandbox: Sandbox):
    task = task_of("000/010/000", "0000/0220/0000")
    for call in ("background(grid)", "background(grid, 0)"):
        source = (
            f"{NUMPY}{BACKGROUND}def transform(grid):\n    bg = {call}\n    out = np.zeros_like(grid)\n"
            "    out = np.full_like(grid, bg)\n    return out\n"
        )
        (found,) = prune([(made(source), proving(task))], sandbox.run)
        assert f"bg = {call}" in found.source and "full_like" in found.source and "def background" in found.source
        assert "zeros_like" not in found.source, "what is idle still goes"
    same = [each.source for each in reductions(source, "transform")]
    assert not any("bg = 0\n" in each or "np.full_like(grid, 0)" in each for each in same)


@pytest.mark.parametrize("inputs", [("123/456", "111/220"), ("12/34/56", "11/22/00"), ("12/34", "123/456/789")])
def test_a_branch_for_another_shape_stays(sandbox: Sandbox, inputs: tuple[str, ...]):
    task = task_of(*inputs)
    source = (
        f"{NUMPY}def transform(grid):\n    h, w = grid.shape\n    if h < w:\n        grid = np.fliplr(grid)\n"
        "    if h > w:\n        grid = np.flipud(grid)\n    return grid\n"
    )
    (found,) = prune([(made(source), proving(task))], sandbox.run)
    assert found.source == source


def test_where_it_failed_on_another_colour_it_fails_again(sandbox: Sandbox):
    source = (
        f"{NUMPY}def transform(grid):\n    if not (grid == 1).any():\n        raise ValueError('no 1')\n"
        "    return np.rot90(grid)\n"
    )
    (found,) = prune([(made(source), proving(task_of("123/456", "111/220")))], sandbox.run)
    assert found.source == source


def test_code_that_never_ran_is_not_taken_for_idle(sandbox: Sandbox):
    # no grid here has a 9, and both halves of the choice are for grids with one
    source = (
        f"{NUMPY}def transform(grid):\n    out = np.rot90(grid)\n    if (grid == 9).any():\n"
        "        out = np.fliplr(out)\n        out[0, 0] = 9\n    return out\n"
    )
    choice = source.replace(
        "    if (grid == 9)", "    out = np.flipud(out) if (grid == 9).any() else out\n    if (grid == 9)"
    )
    for each in (source, choice):
        (found,) = prune([(made(each), GRIDS)], sandbox.run)
        assert found.source == each


def test_a_branch_that_ran_and_did_nothing_goes(sandbox: Sandbox):
    source = (
        f"{NUMPY}def transform(grid):\n    out = np.rot90(grid)\n    for row in range(3):\n        if row == 1:\n"
        "            out = out + 0\n        else:\n            out = out * 1\n    return out\n"
    )
    (found,) = prune([(made(source), GRIDS)], sandbox.run)
    assert found.source == f"{NUMPY}def transform(grid):\n    out = np.rot90(grid)\n    return out\n"


def test_a_helper_that_nothing_reaches_goes_whole_and_others_stay_whole(sandbox: Sandbox):
    idle = (
        "# of the first try\n@staticmethod\ndef idle(grid):\n    out = turned(grid)\n    out = np.flipud(out)\n"
        "    return out\n\n\n"
    )
    used = "def turned(grid):\n    out = np.rot90(grid)\n    return out\n\n\n"
    rest = "def transform(grid):\n    return turned(grid)\n"
    (found,) = prune([(made(NUMPY + idle + used + rest), GRIDS)], sandbox.run)
    assert found.source == NUMPY + used + rest
    # called by a name that is made up at run time: nothing is known to be out of reach
    hidden = f"{NUMPY}{used}def transform(grid):\n    return globals()['turn' + 'ed'](grid)\n"
    assert unread(made(hidden)).source == hidden


def test_no_name_loses_its_last_value_while_it_is_read():
    source = (
        f"{NUMPY}def other(out):\n    made = out + 1\n    return made\n\n\ndef transform(grid):\n"
        "    h, w = grid.shape\n    made = grid.copy()\n    for value in range(3):\n        last = value\n"
        "    if h == 77:\n        return other(made[:w, :last])\n    return grid\n"
    )
    found = [text for each in reductions(source, "transform") if (text := read(each.source)) is not None]
    assert found
    for text in found:
        for function in text.tree.body[1:]:
            names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
            given = {name.id for name in names if isinstance(name.ctx, ast.Store)}
            assert {name.id for name in names} <= given | {"out", "grid", "np", "range", "other"}


def test_a_choice_in_the_dsl_does_not_become_one_of_its_cases():
    source = (
        f"{HEADER}def solve(I):\n    x1 = portrait(I)\n    x2 = vmirror(I)\n    O = branch(x1, I, x2)\n    return O\n"
    )
    tall = (G("12/34/56"), G("11/20/30"))
    assert all("branch(x1, " in each.source for each in reductions(source, "solve"))
    assert pruned(source, proving(Task("t", tuple(Pair(grid, grid) for grid in tall), ()))) == source


def test_a_constant_stands_for_nothing_that_the_input_decides():
    body = "    x1 = height(I)\n    x2 = multiply(x1, TWO)\n    O = canvas(x2, UNITY)\n    return O\n"
    source = f"{HEADER}def solve(I):\n{body}"
    assert not any("canvas(TWO" in each.source for each in reductions(source, "solve"))
    own = source.replace("multiply(x1, TWO)", "multiply(x1, x3)").replace("    x2", "    x3 = 2\n    x2", 1)
    assert not any("canvas(x3" in each.source or "canvas(2" in each.source for each in reductions(own, "solve"))


def test_a_program_that_the_sandbox_lost_stays_as_it_was():
    source = f"{HEADER}def solve(I):\n    x1 = vmirror(I)\n    O = hmirror(I)\n    return O\n"

    def lost(jobs: Sequence[Job]) -> list[Ran]:
        return [Ran(tuple(Output(None, Fault.LOST) for _ in job.inputs)) for job in jobs]

    (found,) = prune([(made(source), GRIDS)], lost)
    assert found.source == source


def test_numpy_programs_lose_idle_statements_in_the_sandbox(sandbox: Sandbox):
    source = (
        "import numpy as np\n\n\ndef transform(grid):\n    out = grid.copy()\n    out += 0\n    # turn it\n"
        "    for row in range(2):\n        out = np.rot90(out)\n    return out\n"
    )
    (found,) = prune([(made(source), GRIDS)], sandbox.run)
    assert "out += 0" not in found.source and "np.rot90" in found.source and "range(2)" in found.source


@pytest.mark.parametrize("statement", ["global counter", "x2: int = 3", "pass"])
def test_odd_statements_break_nothing(statement: str):
    source = f"counter = 0\n{HEADER}def solve(I):\n    {statement}\n    O = hmirror(I)\n    return O\n"
    assert outputs(pruned(source), GRIDS) == outputs(source, GRIDS)
