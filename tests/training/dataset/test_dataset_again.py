"""What a case is kept for is what its program does here, not what its trace says."""

from collections import Counter
from dataclasses import replace

import pytest
from dataset_traces import WRONG, exercise, here, program, trace

from arc_submit.symbolic.expressions import HEADER
from training.dataset.again import again
from training.dataset.cases import Case
from training.edits.records import Trace

GIVEN = exercise(0)
RIGHT = HEADER + GIVEN.program


def case(found: Trace) -> Case:
    from arc_submit.programs import from_source

    shown = None if found.parent is None else from_source(found.parent.source, "t")
    return Case(
        GIVEN, found.kind, from_source(found.source, "t"), "", found.parent, "t", found.reward, found.gain,
        found.right, shown, found.solved,
    )  # fmt: skip


def lying(source: str, reward: float) -> Trace:
    return replace(trace(GIVEN, source, program(WRONG[0])), reward=reward)


def test_an_edit_whose_child_solves_other_demonstrations_than_recorded_is_left_out():
    solved = (True,) * len(GIVEN.task.train)
    kept, _ = again([case(replace(lying(program(WRONG[1]), 1.2), solved=solved))], 0.0, here)
    assert kept == []


def test_the_gain_of_an_edit_is_worked_out_anew_and_one_without_is_left_out():
    idle = lying(program(WRONG[0]).replace("hmirror(I)", "hmirror(identity(I))"), 1.1)  # as the parent, so gain 0
    assert idle.gain > 0
    assert again([case(idle)], 0.0, here)[0] == []
    boasting = trace(GIVEN, RIGHT, program(WRONG[0]))
    assert boasting.parent is not None
    (kept,), before = again([case(replace(boasting, reward=9.0))], 0.0, here)
    assert (kept.reward, kept.gain) == (pytest.approx(1.2), pytest.approx(1.2 - boasting.parent.reward))
    assert before[GIVEN.task.id, kept.program.id] == kept.outputs
    assert again([case(boasting)], boasting.gain, here)[0] == [], "the gain must be above the least"


def test_the_reward_of_a_parent_is_worked_out_anew_too():
    found = trace(GIVEN, RIGHT, program(WRONG[0]))
    assert found.parent is not None
    poor = replace(found, parent=replace(found.parent, reward=0.0))
    (kept,), _ = again([case(poor)], 0.0, here)
    assert kept.gain == pytest.approx(found.gain) and poor.gain > found.gain
    other = replace(found.parent, solved=tuple(not one for one in found.parent.solved))
    assert again([case(replace(found, parent=other))], 0.0, here)[0] == [], "the prompt would say what is not so"


def test_what_is_as_recorded_stays_as_it_is():
    found = [trace(GIVEN, RIGHT), trace(GIVEN, RIGHT, program(WRONG[0]))]
    kept, before = again([case(one) for one in found], 0.0, here)
    assert [(one.reward, one.gain) for one in kept] == [
        (pytest.approx(one.reward), pytest.approx(one.gain)) for one in found
    ]
    assert Counter(task for task, _ in before) == {GIVEN.task.id: 2}
