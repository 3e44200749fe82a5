"""One batch on one sandbox: the judge's numbers, what becomes of each input, and what the sandbox never hears."""

import time
from typing import cast

import pytest
from helpers import PlayedSandbox, make_task
from serve.serving import ENDLESS, ENTRY, FLIP, SAME, TASK, written

from arc_submit.records import Fault, Program
from arc_submit.sandbox import Sandbox, SandboxConfig
from arc_submit.serve import wire
from arc_submit.serve.judging import verdicts
from arc_submit.serve.limits import Limits
from arc_submit.serve.records import Ask, Batch
from arc_submit.serve.shelf import Shelf
from arc_submit.verify.trial import trial

UNSTABLE = """
calls = 0

def solve(I):
    # Right only while the demonstrations come first.
    global calls
    calls += 1
    return I[::-1] if calls <= 2 else I
"""
LITERAL = """
def transform(grid):
    # [[3, 4], [1, 2]] is what the first demonstration wants
    known = [[3, 4], [1, 2]]
    return known if grid[0][0] == 1 else grid[::-1]
"""
HALF = "def transform(grid):\n    if grid[0][0] == 5:\n        raise KeyError('five')\n    return grid[::-1]\n"


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(SandboxConfig(cpu_seconds=0.1)) as found:
        yield found


def judged(sandbox, *asks, **more):
    return verdicts(sandbox, Batch(asks, **more), time.monotonic() + 60)


def test_rewards_are_the_judges(sandbox):
    sources = [FLIP, SAME, HALF, "def transform(grid", "def other(grid): return 1", "def transform(grid): return 7"]
    programs = [Ask(TASK, _any(text)) for text in sources]
    found = judged(sandbox, *programs)
    (local,) = trial(sandbox, [(TASK, [ask.program for ask in programs])], 0, time.monotonic() + 60)
    assert [verdict.reward for verdict in found] == [candidate.outcome.reward for candidate in local]
    assert [verdict.signature for verdict in found] == [candidate.outcome.signature for candidate in local]
    # right 1.2; every cell wrong: 0.1 + 0.1; half: (1.2 + 0.1) / 2; no program: 0, 0; valid without a grid: 0.1
    assert [verdict.reward for verdict in found] == pytest.approx([1.2, 0.2, 0.65, 0.0, 0.0, 0.1])


def _any(text: str) -> Program:
    """As the server takes it, whether it parses or not."""
    body = {"tasks": {"t": ENTRY}, "programs": [{"task": "t", "source": text}]}
    return wire.batch(body, Shelf(1), Limits()).asks[0].program


def test_faults_name_the_input_and_say_what_happened(sandbox):
    half, endless, broken = judged(sandbox, *(Ask(TASK, _any(text)) for text in (HALF, ENDLESS, "def (")))
    ((place, fault, message),) = [(at.input, at.fault, at.message) for at in half.faults]
    assert (place, fault) == (1, Fault.ERROR) and "five" in message
    assert [at.fault for at in endless.faults] == [Fault.CPU] * 3
    assert endless.reward == pytest.approx(0.1)
    assert [at.fault for at in broken.faults] == [Fault.SYNTAX] * 3
    assert half.solved == (True, False) and not half.passes


def test_an_edit_is_worth_the_difference_to_its_parent_and_thinking_costs(sandbox):
    better, same, alone = judged(
        sandbox,
        Ask(TASK, written(FLIP), written(SAME), thinking_tokens=1000),
        Ask(TASK, written(FLIP), written(FLIP)),
        Ask(TASK, written(FLIP)),
    )
    assert better.reward == pytest.approx(1.2 - 1000 * 1e-5)
    assert better.parent_reward == pytest.approx(0.2)
    assert better.edit_reward == pytest.approx(1.2 - 0.01 - 0.2)
    assert same.edit_reward == 0.0
    assert (alone.edit_reward, alone.parent_reward) == (None, None)


def test_several_tasks_keep_their_order(sandbox):
    other = make_task(("12", "12"), test=["3"], task_id="same")
    found = judged(sandbox, *(Ask(task, written(text)) for text in (FLIP, SAME) for task in (TASK, other)))
    assert [verdict.passes for verdict in found] == [True, True, False, True]  # one row is its own mirror


def test_a_program_that_answers_otherwise_the_second_time_is_unstable(sandbox):
    (found,) = judged(sandbox, Ask(TASK, written(UNSTABLE)))
    assert not found.passes and found.reward == pytest.approx(0.1)
    assert {at.fault for at in found.faults} == {Fault.UNSTABLE}


def test_a_literal_is_worth_nothing_and_says_so(sandbox):
    (found,) = judged(sandbox, Ask(TASK, written(LITERAL), thinking_tokens=100))
    assert found.literal and found.passes
    assert found.reward == pytest.approx(-100 * 1e-5)


def test_grids_come_when_asked_for(sandbox):
    (without,) = judged(sandbox, Ask(TASK, written(FLIP)))
    (found,) = judged(sandbox, Ask(TASK, written(FLIP)), grids=True)
    assert (without.outputs, without.tests) == (None, None)
    assert found.outputs == tuple(pair.output for pair in TASK.train)
    assert found.tests == (TASK.test[0][::-1],)


def test_after_the_deadline_everything_is_unscored_and_nothing_is_zero():
    with Sandbox(SandboxConfig()) as sandbox:
        found = verdicts(sandbox, Batch((Ask(TASK, written(FLIP), written(SAME)),)), time.monotonic() - 1)
    assert (found[0].reward, found[0].edit_reward) == (None, None)
    assert {at.fault for at in found[0].faults} == {Fault.LOST}


def test_a_passer_that_could_not_run_again_is_unscored():
    sandbox = PlayedSandbox({FLIP: lambda grid: grid[::-1]}, stable={FLIP: None})
    (found,) = verdicts(cast(Sandbox, sandbox), Batch((Ask(TASK, written(FLIP)),)), 0.0)
    assert found.reward is None
    assert {at.fault for at in found.faults} == {Fault.LOST}


def test_the_sandbox_hears_of_no_wanted_output():
    task = make_task(("1", "7"), ("2", "8"), test=["3"])
    sandbox = PlayedSandbox({FLIP: lambda grid: grid, SAME: lambda grid: grid})
    verdicts(cast(Sandbox, sandbox), Batch((Ask(task, written(FLIP), written(SAME)),)), 0.0)
    assert sandbox.ran
    for job in sandbox.ran + sandbox.confirmed:
        assert set(job.inputs) == {((1,),), ((2,),), ((3,),)}
