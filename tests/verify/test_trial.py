"""From programs to judged candidates, on a sandbox that plays a script: who is looked at twice, and what it may see."""

from dataclasses import fields, is_dataclass

import pytest
from helpers import G, PlayedSandbox, make_program, make_task

from arc_submit import views
from arc_submit.programs import from_source
from arc_submit.records import Fault, View
from arc_submit.verify.trial import probes, trial

TASK = make_task(("12/34", "34/12"), ("56/78", "78/56"), test=("10/02",))
FLIP = make_program("I[::-1]")
FLIP_AGAIN = make_program("tuple(reversed(I))")
COPY = make_program("I")
HALF = make_program("HALF")
LOST = make_program("LOST")


def half(grid):
    """Right on the first demonstration only."""
    return grid[::-1] if grid == G("12/34") else grid


def play(stable=None, **more):
    functions = {
        FLIP.source: lambda grid: grid[::-1],
        FLIP_AGAIN.source: lambda grid: grid[::-1],
        COPY.source: lambda grid: grid,
        HALF.source: half,
        LOST.source: lambda grid: Fault.LOST,
    }
    return PlayedSandbox(functions | more, stable)


def judged(sandbox, *programs, task=TASK, count=4):
    (found,) = trial(sandbox, [(task, programs)], count, 1e9)
    return found


def test_candidates_come_in_the_order_of_the_programs_task_by_task():
    other = make_task(("1", "1"), task_id="u", test=("2", "3"))
    found = trial(play(), [(TASK, [FLIP, COPY]), (other, []), (other, [COPY])], 2, 1e9)
    assert [[candidate.program.id for candidate in candidates] for candidates in found] == [
        [FLIP.id, COPY.id],
        [],
        [COPY.id],
    ]
    assert found[0][0].tests == (G("02/10"),)
    assert found[2][0].tests == (G("2"), G("3"))
    assert [candidate.outcome.passes for candidates in found for candidate in candidates] == [True, False, True]


def test_a_candidate_keeps_what_it_made_of_every_demonstration():
    broken = make_program("BROKEN")
    failing = {broken.source: lambda grid: Fault.ERROR if grid == G("12/34") else grid}
    flip, part, found = judged(play(**failing), FLIP, HALF, broken)
    assert flip.outputs == (G("34/12"), G("78/56"))
    assert part.outputs == (G("34/12"), G("56/78"))
    assert found.outputs == (None, G("56/78"))
    assert flip.tests == (G("02/10"),)


def test_all_tasks_of_a_round_go_into_one_batch():
    sandbox = play()
    trial(sandbox, [(TASK, [COPY, HALF]), (TASK, [COPY])], 2, 1e9)
    assert sandbox.calls == [("run", 3)]


def test_only_passers_are_confirmed_and_probed():
    sandbox = play()
    judged(sandbox, COPY, FLIP, HALF)
    assert sandbox.calls == [("run", 3), ("confirm", 1), ("run", 1)]
    assert [job.source for job in sandbox.confirmed] == [FLIP.source]


def test_nothing_to_judge_gives_nothing():
    assert trial(play(), [(TASK, [])], 4, 1e9) == [[]]
    assert trial(play(), [], 4, 1e9) == []


def test_an_unstable_passer_is_demoted():
    (candidate,) = judged(play(stable={FLIP.source: False}), FLIP)
    assert not candidate.outcome.passes
    assert candidate.outcome.solved == (False, False)
    # It ran: 0.1 per pair for validity, nothing for what it returned.
    assert candidate.outcome.reward == pytest.approx(0.1)


def test_a_passer_that_could_not_be_confirmed_is_unscored():
    (candidate,) = judged(play(stable={FLIP.source: None}), FLIP)
    assert candidate.outcome.reward is None
    assert not candidate.outcome.passes


def test_what_the_sandbox_lost_is_unscored_and_not_looked_at_again():
    sandbox = play()
    (candidate,) = judged(sandbox, LOST)
    assert candidate.outcome.reward is None
    assert sandbox.calls == [("run", 1)]


def test_one_demoted_passer_leaves_the_others_alone():
    found = judged(play(stable={FLIP.source: False}), FLIP, FLIP_AGAIN)
    assert [candidate.outcome.passes for candidate in found] == [False, True]


def test_two_spellings_of_one_function_share_a_signature():
    one, other = judged(play(), FLIP, FLIP_AGAIN)
    assert one.outcome.signature == other.outcome.signature


def test_probes_tell_apart_what_the_tasks_inputs_do_not():
    seen = set(TASK.inputs)
    functions = {FLIP_AGAIN.source: lambda grid: grid[::-1] if grid in seen else grid}
    one, other = judged(play(**functions), FLIP, FLIP_AGAIN)
    assert one.outcome.passes
    assert other.outcome.passes
    assert one.outcome.signature != other.outcome.signature
    one, other = judged(play(**functions), FLIP, FLIP_AGAIN, count=0)
    assert one.outcome.signature == other.outcome.signature


def test_without_probes_no_empty_job_is_sent():
    sandbox = play()
    (candidate,) = judged(sandbox, FLIP, count=0)
    assert candidate.outcome.passes
    assert all(job.inputs for job in sandbox.ran)


def test_probes_are_views_of_the_inputs_and_follow_the_task():
    assert probes(TASK, 6) == probes(TASK, 6)
    assert probes(TASK, 6) != probes(make_task(("12/34", "34/12"), task_id="u"), 6)
    assert len(probes(TASK, 6)) == 6
    assert probes(TASK, 0) == ()
    # A view of 12/34 has four different cells in two rows and columns.
    assert all(len(grid) == len(grid[0]) == 2 and len({*grid[0], *grid[1]}) == 4 for grid in probes(TASK, 6))


def test_the_sandbox_never_sees_an_expected_output():
    # The answers hold a 9 that no input holds, whichever way it is turned; probes recolour, so they get none here.
    task = make_task(("12/34", "94/12"), ("56/78", "98/56"), test=("10/02",))
    secret = {pair.output for pair in task.train}
    table = {pair.input: pair.output for pair in task.train}
    knows = make_program("KNOWS")
    sandbox = play(**{knows.source: lambda grid: table.get(grid, G("1"))})
    (candidate,) = judged(sandbox, knows, task=task)
    assert candidate.outcome.passes
    for job in sandbox.ran[:1] + sandbox.confirmed:
        assert job.inputs == task.inputs
        assert set(job.inputs).isdisjoint(secret)
        assert is_dataclass(job)
        assert {field.name for field in fields(job)} == {"source", "dialect", "entry", "inputs"}
    for job in sandbox.ran[1:]:
        assert job.inputs == probes(task, 4)


def test_a_job_is_the_programs_source_dialect_and_entry():
    program = from_source("def main(input_grid):\n    return input_grid\n", "test")
    sandbox = play(**{program.source: lambda grid: grid})
    judged(sandbox, program)
    (job,) = sandbox.ran
    assert (job.source, job.dialect, job.entry) == (program.source, program.dialect, "main")


# Literals. -----------------------------------------------------------------------------------------------------------


def literal(value, returns, task=TASK):
    program = make_program(value)
    (candidate,) = judged(play(**{program.source: returns}), program, task=task)
    return candidate.literal


def test_a_program_that_holds_a_demonstrations_output_is_literal():
    assert literal("{12: ((3, 4), (1, 2))}.get(I)", half)


def test_a_program_that_holds_its_own_test_answer_is_literal():
    assert literal("((0, 2), (1, 0))", lambda grid: grid[::-1])


def test_a_program_found_in_a_view_is_literal_when_it_holds_an_output_as_the_view_shows_it():
    view = View("rot90", (0, 5, 2, 3, 4, 1, 6, 7, 8, 9))  # turned right, 1 and 5 changed places: 34/12 becomes 53/24
    found = views.wrap(make_program("((5, 3), (2, 4))"), view)
    (candidate,) = judged(play(**{found.source: half}), found)
    assert candidate.literal
    honest = views.wrap(make_program("((3, 4), (1, 2))"), view)  # an output, but of no task that this view shows
    (candidate,) = judged(play(**{honest.source: half}), honest)
    assert not candidate.literal


def test_a_program_that_holds_another_grid_is_honest():
    assert not literal("((0, 0), (0, 0))", lambda grid: grid[::-1])


def test_a_program_without_a_pair_right_is_not_searched_for_literals():
    assert not literal("{12: ((3, 4), (1, 2))}.get(I)", lambda grid: grid)
