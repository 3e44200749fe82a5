"""What a caller of `Sandbox.run` and `confirm` can rely on."""

# ruff: noqa: E501 (programs as data)

import math
import subprocess
import sys
import time

import pytest
from sandbox_programs import C_LOOP, INPUTS, LOOP, faults, good, grids, job, mirrored

from arc_submit.records import Dialect, Fault
from arc_submit.sandbox import Job, Sandbox, SandboxConfig

F = Fault


def one(sandbox, source, dialect=Dialect.TRANSFORM):
    return sandbox.run([job(source, dialect)])[0]


def test_the_three_dialects_get_their_own_form_of_input(sandbox):
    rans = sandbox.run(
        [
            job("import numpy as np\ndef transform(g):\n    assert type(g) is np.ndarray and g.dtype == np.int64\n    g[:] = 3\n    return g"),
            job("def solve(I):\n    assert type(I) is tuple and type(I[0]) is tuple\n    return vmirror(I)", Dialect.SOLVE),
            job("def main(g):\n    assert type(g) is list and type(g[0]) is list\n    g[0][0] = 9\n    return g", Dialect.MAIN),
        ]
    )  # fmt: skip
    assert [faults(ran) for ran in rans] == [{None}] * 3
    assert grids(rans[0])[2] == ((3,),)
    assert grids(rans[1]) == mirrored()
    assert grids(rans[2])[0] == ((9, 2, 0), (0, 3, 4))


def test_a_solver_may_have_its_id_in_its_name(sandbox):
    wanted = Job("def solve_007bbfb7(I):\n    return hmirror(I)", Dialect.SOLVE, "solve_007bbfb7", INPUTS)
    assert grids(sandbox.run([wanted])[0])[0] == ((0, 3, 4), (1, 2, 0))


@pytest.mark.parametrize(
    "head",
    [
        "from arc_dsl import *", "from dsl import *\nfrom constants import *", "import arc_dsl\nfrom arc_dsl import vmirror",
        "from dsl import *\nfrom arc_types import Grid\nx: Grid = ()", "",
    ],
)  # fmt: skip
def test_every_way_to_import_the_dsl_works(sandbox, head):
    ran = one(sandbox, head + "\ndef solve(I):\n    return vmirror(I)", Dialect.SOLVE)
    assert grids(ran) == mirrored() and not ran.isolated


@pytest.mark.parametrize(
    "module",
    [
        "math",
        "itertools",
        "collections",
        "functools",
        "copy",
        "re",
        "random",
        "typing",
        "heapq",
        "string",
        "operator",
        "dataclasses",
        "enum",
        "fractions",
        "bisect",
        "statistics",
        "numpy.linalg",
        "collections.abc",
        "decimal",
    ],
)
def test_pure_modules_are_there_without_isolation(sandbox, module):
    ran = one(sandbox, f"import {module}\ndef transform(g):\n    return g")
    assert grids(ran) == INPUTS and not ran.isolated


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def transform(g:", F.SYNTAX),
        ("1 / 0", F.LOAD),
        ("x = 1", F.ENTRY),
        ("transform = 5", F.ENTRY),
        ("def transform(g):\n    1 / 0", F.ERROR),
        ("def transform(g):\n    return 5", F.OUTPUT),
        ("def transform(g):\n    raise MemoryError", F.MEMORY),
        ("import os\ndef transform(g):\n    os._exit(0)", F.EXIT),
        ("def transform(g):\n    raise SystemExit", F.EXIT),
        ("import ctypes\ndef transform(g):\n    ctypes.string_at(0)", F.CRASH),
        ("def transform(g):\n    while True:\n        pass", F.CPU),
        ("def transform(g):\n    return g\n\0", F.SYNTAX),
        ("x = '\ud800'", F.SYNTAX),
        ("#" * 70_000, F.SYNTAX),
    ],
)
def test_each_failure_has_its_own_fault(sandbox, source, fault):
    ran = one(sandbox, source)
    assert faults(ran) == {fault} and len(ran.outputs) == len(INPUTS)
    assert all(output.grid is None and len(output.message) <= 200 for output in ran.outputs)


def test_a_sleeper_meets_the_wall():
    with Sandbox(SandboxConfig(cpu_seconds=0.05, wall_factor=6, preload=("threading",))) as box:
        source = (
            "import threading\ndef transform(g):\n    lock = threading.Lock()\n    lock.acquire()\n    lock.acquire()"
        )
        before = time.monotonic()
        assert faults(box.run([job(source)])[0]) == {F.WALL}
        assert time.monotonic() - before < 5


def test_the_message_names_the_line(sandbox):
    ran = one(sandbox, "def transform(g):\n    x = 1\n    return x / 0")
    assert ran.outputs[0].message == "line 3: ZeroDivisionError: division by zero"


def test_a_fault_on_one_input_leaves_the_others(sandbox):
    ran = one(sandbox, "def transform(g):\n    assert g.shape != (2, 2)\n    return g")
    assert [output.fault for output in ran.outputs] == [None, F.ERROR, None]


@pytest.mark.parametrize("head", ["", "import sys\n"], ids=["shared", "alone"])
def test_inputs_finished_before_a_loop_keep_their_grids(sandbox, head):
    ran = one(sandbox, head + "def transform(g):\n    while g.shape == (2, 2):\n        pass\n    return g")
    assert [output.fault for output in ran.outputs] == [None, F.CPU, F.CPU]
    assert ran.outputs[0].grid == INPUTS[0] and ran.isolated == bool(head)


def test_answers_come_in_the_order_of_the_jobs(sandbox):
    jobs = [job(f"def transform(g):\n    return [[{n % 10}] * {n % 7 + 1}]") for n in range(200)]
    jobs[50] = jobs[120] = LOOP
    for n, ran in enumerate(sandbox.run(jobs)):
        expected = None if n in (50, 120) else ((n % 10,) * (n % 7 + 1),)
        assert grids(ran) == (expected,) * 3


def test_batches_of_any_size_agree():
    jobs = [good() for _ in range(30)] + [job("import os\ndef transform(g):\n    return g"), job("1 / 0")]
    answers = []
    for batch, lanes in ((1, 1), (7, 1), (64, 2)):
        with Sandbox(SandboxConfig(batch=batch, lanes=lanes, cache_size=0)) as box:
            answers.append([ran.outputs for ran in box.run(jobs)])
    assert answers[0] == answers[1] == answers[2]


def test_shared_and_isolated_agree(sandbox):
    jobs = [good(), job("import random\ndef transform(g):\n    return [[random.randint(0, 9) for _ in range(9)]]")]
    with Sandbox(SandboxConfig(strict_language=False)) as box:
        lax = box.run(jobs)
    strict = sandbox.run(jobs)
    assert [ran.outputs for ran in strict] == [ran.outputs for ran in lax]
    assert [ran.isolated for ran in strict] == [False, False] and all(ran.isolated for ran in lax)


def test_runs_are_repeatable(sandbox):
    sources = [
        "import random\ndef transform(g):\n    return [[random.randint(0, 9) for _ in range(20)]]",
        "import numpy as np\ndef transform(g):\n    return np.random.randint(0, 10, (5, 5))",
        "def transform(g):\n    return [[hash('abc') % 10, hash(str(g.shape)) % 10]]",
        "def transform(g):\n    return [[int(c) for c in {'1', '2', '3', '4', '5'}]]",
    ]
    jobs = [job(source) for source in sources]
    assert [ran.outputs for ran in sandbox.run(jobs)] == [ran.outputs for ran in sandbox.run(jobs[::-1])][::-1]


@pytest.mark.parametrize(
    "expression",
    [
        "[[random.randint(0, 9) for _ in range(9)]]",
        "np.random.randint(0, 10, (3, 3))",
        "np.random.default_rng().integers(0, 10, (5, 5))",
        "[[hash('abc') // 7 % 10, hash('d') % 10, hash('e') % 10, hash('f') % 10]]",
        "[[int(c) for c in {'1', '2', '3', '4', '5', '6', '7', '8'}]]",
        "[[os.urandom(1)[0] % 10 for _ in range(9)]]",
        "[[time.time_ns() // 1000 % 10 for _ in range(5)]]",
        "[[next(counter)]]",
    ],
)
def test_confirm_finds_what_depends_on_chance(sandbox, expression):
    head = "import itertools, os, random, time\nimport numpy as np\ncounter = itertools.count()\n"
    assert sandbox.confirm([job(head + f"def transform(g):\n    return {expression}")]) == [False]


def test_confirm_agrees_with_what_is_stable(sandbox):
    stable = [
        good(),
        job("def solve(I):\n    return vmirror(I)", Dialect.SOLVE),
        job("def transform(g):\n    return None"),
    ]
    assert sandbox.confirm(stable) == [True] * 3
    assert sandbox.confirm(stable, first=sandbox.run(stable)) == [True] * 3


def test_confirm_cannot_tell_what_was_lost(sandbox):
    assert sandbox.confirm([good()], deadline=-math.inf) == [None]


def test_uninitialised_memory_reads_as_zero(sandbox):
    empty = "import numpy as np\ndef transform(g):\n    {dirt}\n    return np.empty((9, 9), int)"
    ran = one(sandbox, empty.format(dirt="np.full((9, 9), 7); np.full((9, 9), 8)"))
    assert grids(ran) == (((0,) * 9,) * 9,) * 3


def test_print_in_a_correct_program_is_harmless(sandbox):
    source = "def transform(g):\n    for _ in range(500):\n        print('x' * 100, g, flush=True)\n    return g"
    assert grids(one(sandbox, source)) == INPUTS


def test_changing_the_input_is_harmless(sandbox):
    bad, after = job("def transform(g):\n    g[:] = 0\n    return g"), good()
    assert grids(sandbox.run([bad, after, good()])[1]) == mirrored()


def test_a_loop_costs_its_limit_and_its_neighbours_nothing(sandbox):
    for loop in (LOOP, C_LOOP):
        *rest, looped = sandbox.run([*(good() for _ in range(20)), loop])
        assert faults(looped) == {F.CPU} and 0.09 <= looped.cpu_seconds <= 0.25
        assert all(grids(ran) == mirrored() and ran.cpu_seconds < 0.05 for ran in rest)


def test_duplicates_run_once(sandbox):
    before = sandbox.report().counters.shared
    same = good()
    rans = sandbox.run([same] * 10)
    assert sandbox.report().counters.shared == before + 1
    assert [grids(ran) for ran in rans] == [mirrored()] * 10


def test_results_are_remembered_within_bounds():
    with Sandbox(SandboxConfig(cache_size=2)) as box:
        jobs = [good() for _ in range(3)]
        box.run(jobs)
        begun = box.report().counters.shared
        box.run(jobs[1:])
        assert box.report().counters.shared == begun
        box.run(jobs[:1])
        assert box.report().counters.shared == begun + 1


def test_lost_is_not_remembered_and_not_a_fault_of_the_program():
    with Sandbox() as box:
        wanted = good()
        (lost,) = box.run([wanted], deadline=-math.inf)
        assert lost.lost and faults(lost) == {F.LOST}
        assert grids(box.run([wanted])[0]) == mirrored()
        assert box.report().counters.lost == 1


def test_the_deadline_is_kept_in_the_middle_of_a_batch():
    with Sandbox(SandboxConfig(cpu_seconds=0.2)) as box:
        loops = [job(f"def transform(g):\n    while True:\n        pass\n# {n}") for n in range(100)]
        first = good()
        start = time.monotonic()
        rans = box.run([first, *loops], deadline=start + 1.0)
        assert time.monotonic() - start < 8  # all of them would take 20 s of CPU
        assert faults(rans[1]) == {F.CPU} and faults(rans[-1]) == {F.LOST}
        assert grids(box.run([good()])[0]) == mirrored()


def test_the_deadline_is_read_from_the_clock_that_was_given():
    now = [100.0]
    with Sandbox(clock=lambda: now[0]) as box:
        assert grids(box.run([good()], deadline=101.0)[0]) == mirrored()
        now[0] = 102.0
        assert box.run([good()], deadline=101.0)[0].lost


@pytest.mark.parametrize("inputs", [(), (((1, 2), (3,)),), (((11,),),)])
def test_a_caller_who_sends_no_grids_is_told(sandbox, inputs):
    with pytest.raises(ValueError):
        sandbox.run([job("def transform(g):\n    return g", inputs=inputs)])


def test_no_jobs_no_answers(sandbox):
    assert sandbox.run([]) == []


def test_many_inputs(sandbox):
    inputs = (((1,) * 30,) * 30,) * 500
    assert grids(sandbox.run([good(inputs)])[0]) == inputs


def test_an_honest_large_program_after_a_leaking_one(sandbox):
    leak = "def transform(g):\n    pairs = []\n    pairs.append((pairs, bytearray(30 << 20)))\n    return g\n"
    honest = "import numpy as np\ndef transform(g):\n    return np.ones((60 << 17,)).reshape(-1, 2)[:2].astype(int)\n"
    rans = sandbox.run([job(f"{source}# {n}") for n in range(4) for source in (leak, honest)])
    assert [faults(ran) for ran in rans] == [{None}] * 8


def test_a_tamperer_and_those_after_it_run_again_alone(sandbox):
    """It passes the audit; the canary sees it. Nine before it are covered by the canary after the eighth."""
    source = "import numpy as np\nclass A:\n    def change(self):\n        self.flip = None\ndef transform(g):\n    A.change(np)\n    return g"
    user = "import numpy as np\ndef transform(g):\n    return np.flip(g, 1)\n# {}"
    before = sandbox.report().counters
    rans = sandbox.run([*(good() for _ in range(9)), job(source), *(job(user.format(n)) for n in range(20))])
    after = sandbox.report().counters
    assert [grids(ran) for ran in rans[:9] + rans[10:]] == [mirrored()] * 29
    assert [ran.isolated for ran in rans] == [False] * 8 + [True] * 8 + [False] * 14
    assert after.tampered == before.tampered + 1


def test_a_crash_in_a_shared_runner_is_the_crashers_alone(sandbox):
    deep = "def transform(g):\n    out = []\n    for _ in range(3 * 10 ** 5):\n        out = [out]\n    return [[len(repr(out))]]\n"
    rans = sandbox.run([good(), good(), job(deep), good()])
    assert [grids(rans[n]) for n in (0, 1, 3)] == [mirrored()] * 3
    assert [rans[n].isolated for n in (0, 1, 3)] == [False] * 3


def test_the_hosts_side_needs_no_numpy():
    code = (
        "import sys, arc_submit.sandbox; sys.exit(any(m in sys.modules for m in ('numpy', 'torch', 'arc_submit.dsl')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
