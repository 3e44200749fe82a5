"""The same trial on the real sandbox: what passes, what is demoted, and what a wrapped program answers there."""

import time

import pytest

from arc_submit import views
from arc_submit.canary import TASK
from arc_submit.programs import from_source
from arc_submit.records import View
from arc_submit.sandbox import Sandbox, SandboxConfig
from arc_submit.verify.trial import trial

FLIPS = {
    "transform": "import numpy as np\n\ndef transform(grid):\n    return np.flipud(grid)\n",
    "solve": "from arc_dsl import *\n\ndef solve(I):\n    return hmirror(I)\n",
    "main": "def main(input_grid):\n    return input_grid[::-1]\n",
}
MIRRORS = {
    "transform": "import numpy as np\n\ndef transform(grid):\n    return np.fliplr(grid)\n",
    "solve": "from arc_dsl import *\n\ndef solve(I):\n    return vmirror(I)\n",
    "main": "def main(input_grid):\n    return [row[::-1] for row in input_grid]\n",
}
WANTED = TASK.test[0][::-1]


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(SandboxConfig()) as found:
        yield found


def judged(sandbox, *programs, probes=4):
    (found,) = trial(sandbox, [(TASK, programs)], probes, time.monotonic() + 60)
    return found


@pytest.mark.parametrize("probes", [0, 4])
def test_every_dialect_passes_and_is_one_behaviour(sandbox, probes):
    found = judged(sandbox, *(from_source(source, "test") for source in FLIPS.values()), probes=probes)
    assert all(candidate.outcome.passes for candidate in found)
    assert {candidate.tests for candidate in found} == {(WANTED,)}
    assert len({candidate.outcome.signature for candidate in found}) == 1


@pytest.mark.parametrize("dialect", FLIPS)
@pytest.mark.parametrize("symmetry", ["rot90", "rot270", "dmirror", "cmirror"])
def test_a_wrapped_program_runs_in_the_sandbox(sandbox, dialect, symmetry):
    # Upside down is sideways in a view that exchanges rows and columns: there, the other mirror is right.
    flip, other = from_source(FLIPS[dialect], "test"), from_source(MIRRORS[dialect], "test")
    wrong, right = judged(sandbox, *(views.wrap(program, View(symmetry)) for program in (flip, other)))
    assert not wrong.outcome.passes
    assert right.outcome.passes
    assert right.tests == (WANTED,)


UNSTABLE = """
calls = 0

def solve(I):
    # Right only while the demonstrations come first: the same code in another order answers otherwise.
    global calls
    calls += 1
    return I[::-1] if calls <= 3 else I
"""


def test_a_program_whose_answers_hang_on_the_order_of_its_inputs_is_demoted(sandbox):
    flip, unstable = judged(sandbox, from_source(FLIPS["solve"], "test"), from_source(UNSTABLE, "test"))
    assert flip.outcome.passes
    assert not unstable.outcome.passes
    assert unstable.outcome.reward == pytest.approx(0.1)


def test_after_the_deadline_everything_is_unscored(sandbox):
    program = from_source("def solve(I):\n    return I[:1]\n", "test")
    ((candidate,),) = trial(sandbox, [(TASK, [program])], 4, time.monotonic() - 1)
    assert candidate.outcome.reward is None
