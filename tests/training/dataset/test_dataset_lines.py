"""Lines that change nothing go, everything else stays: outputs, comments, layout."""

import pytest
from dataset_traces import exercise, here, outputs
from helpers import G

from arc_submit.programs import from_source
from arc_submit.records import Grid, Program
from arc_submit.sandbox import Sandbox
from arc_submit.symbolic.expressions import HEADER
from training.dataset.lines import prune, reductions, unread

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
    found = list(reductions(source))
    assert found and source not in found and len(set(found)) == len(found)
    assert list(reductions("def solve(I:\n")) == []


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


def test_numpy_programs_lose_idle_statements_in_the_sandbox():
    source = (
        "import numpy as np\n\n\ndef transform(grid):\n    out = grid.copy()\n    out += 0\n    # turn it\n"
        "    for row in range(2):\n        out = np.rot90(out)\n    return out\n"
    )
    with Sandbox() as sandbox:
        (found,) = prune([(made(source), GRIDS)], sandbox.run)
    assert "out += 0" not in found.source and "np.rot90" in found.source and "range(2)" in found.source


@pytest.mark.parametrize("statement", ["global counter", "x2: int = 3", "pass"])
def test_odd_statements_break_nothing(statement: str):
    source = f"counter = 0\n{HEADER}def solve(I):\n    {statement}\n    O = hmirror(I)\n    return O\n"
    assert outputs(pruned(source), GRIDS) == outputs(source, GRIDS)
