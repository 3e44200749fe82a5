"""What holds when a layer is missing, and whether the report says so."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from sandbox_programs import C_LOOP, INPUTS, LOOP, faults, good, grids, job, mirrored

from arc_submit.errors import SandboxError
from arc_submit.records import Fault
from arc_submit.sandbox import Sandbox, SandboxConfig, seccomp

root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def test_the_report_names_every_layer():
    with Sandbox() as box:
        report = box.report()
        assert set(report.layers) == {"seccomp", "landlock", "uid", "netns", "rlimits", "hook"}
        assert report.grade in "ABC" and set(report.versions) == {"python", "numpy", "kernel"}
        assert report.lines()[0].startswith(f"sandbox grade {report.grade}")


@pytest.mark.skipif(not seccomp.supported(), reason="no filter table for this machine")
def test_all_layers_are_grade_a():
    with Sandbox(SandboxConfig(require="A")) as box:
        assert box.report().grade == "A" and box.report().layers["seccomp"] == "on"


def test_less_than_required_is_an_error():
    box = Sandbox(SandboxConfig(require="A", disable_layers=("seccomp",)))
    with pytest.raises(SandboxError, match="asks for A"):
        box.run([good()])
    assert box.pids() == []


REFUSED = {Fault.ERROR, Fault.OUTPUT}  # an exception, or an error code that nobody looked at
ATTACKS = {
    "write": ("import os\ndef transform(g):\n    open('@/made', 'w')", {Fault.ERROR}),
    "delete": ("import os\ndef transform(g):\n    os.remove('@/victim')", {Fault.ERROR}),
    "system": ("import os\ndef transform(g):\n    os.system('touch @/made')", REFUSED),
    "fork": ("import os\ndef transform(g):\n    os.fork()", {Fault.ERROR}),
    "kill_parent": ("import os\ndef transform(g):\n    os.kill(os.getppid(), 9)", {Fault.ERROR}),
    "ctypes": ("import ctypes\ndef transform(g):\n    ctypes.CDLL(None).unlink(b'@/victim')", REFUSED),
    "socket": ("import socket\ndef transform(g):\n    socket.socket()", {Fault.ERROR, Fault.LOAD}),
    "exit": ("import os\ndef transform(g):\n    os._exit(0)", {Fault.EXIT}),
    "memory": ("import numpy as np\ndef transform(g):\n    np.ones(10 ** 9)", {Fault.MEMORY}),
}


@pytest.mark.parametrize(
    ("disabled", "grade"),
    [
        pytest.param(("seccomp",), "B", marks=root),
        pytest.param(("seccomp", "landlock", "netns"), "B", marks=root),
        pytest.param(("seccomp", "uid"), "C", id="as the same user"),
        pytest.param(("landlock", "uid", "netns"), "A", id="seccomp alone"),
    ],
)
def test_ordinary_malice_is_contained_on_every_rung(tmp_path, disabled, grade):
    (tmp_path / "victim").write_text("here")
    tmp_path.chmod(0o777)
    config = SandboxConfig(cpu_seconds=0.1, disable_layers=disabled, preload=("socket",), cache_size=0)
    with Sandbox(config) as box:
        report, pids = box.report(), box.pids()
        assert report.grade == grade
        assert all(report.layers[layer].startswith("off") for layer in disabled)
        for source, expected in ATTACKS.values():
            bad, fine = box.run([job(source.replace("@", str(tmp_path))), good()])
            assert faults(bad) <= expected, (source, bad)
            assert grids(fine) == mirrored()
        assert [faults(ran) for ran in box.run([LOOP, C_LOOP])] == [{Fault.CPU}] * 2
        assert box.pids() == pids
    assert [path.name for path in tmp_path.iterdir()] == ["victim"]


@root
def test_without_seccomp_a_program_cannot_kill_its_zygote_by_any_call():
    """The audit hook is off too: only the other user stands between."""
    with Sandbox(SandboxConfig(disable_layers=("seccomp", "hook", "landlock"), cpu_seconds=0.1)) as box:
        pids = box.pids()
        source = "import ctypes, os\ndef transform(g):\n    ctypes.CDLL(None).kill(os.getppid(), 9)\n    return g\n"
        assert grids(box.run([job(source)])[0]) == INPUTS
        assert box.pids() == pids and box.report().counters.restarts == 0


def test_timers_switched_off_without_seccomp_end_by_the_cpu_limit():
    with Sandbox(SandboxConfig(disable_layers=("seccomp", "hook"), cpu_seconds=0.1)) as box:
        source = """
            import signal
            def transform(g):
                signal.setitimer(signal.ITIMER_PROF, 0)
                while True:
                    pass
        """
        assert faults(box.run([job(source)])[0]) <= {Fault.CPU, Fault.WALL}


PLAIN_USER = """
from arc_submit.records import Dialect
from arc_submit.sandbox import Job, Sandbox
def job(source):
    return Job(source, Dialect.TRANSFORM, "transform", (((1,),),))
attack = "import os\\ndef transform(g):\\n    {}"
with Sandbox() as box:
    good, *bad = box.run([
        job("def transform(g):\\n    return g"),
        job(attack.format("os.kill(os.getppid(), 9)")),
        job(attack.format("os.fork()")),
        job(attack.format("os.remove('VICTIM')")),
    ])
    assert good.outputs[0].grid == ((1,),)
    assert [ran.outputs[0].fault for ran in bad] == ["error"] * 3, bad
    print(box.report().grade, box.report().layers["uid"])
"""


@root
def test_a_plain_user_gets_seccomp_as_well(tmp_path):
    """With an interpreter that another user can read; the packages are the ones of this environment."""
    victim = tmp_path / "victim"
    victim.write_text("here")
    path = {str(Path(find_spec(name).origin).parents[1]) for name in ("arc_submit", "numpy", "pydantic")}
    for interpreter in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        command = [interpreter, "-c", PLAIN_USER.replace("VICTIM", str(victim))]
        try:
            done = subprocess.run(
                command, env={"PYTHONPATH": os.pathsep.join(path)}, cwd="/", user=61_999, group=61_999, extra_groups=[],
                capture_output=True, text=True,
            )  # fmt: skip
        except OSError:
            continue
        if "No module named" not in done.stderr:
            assert done.stdout == "A off: not root\n", done.stderr
            return
    pytest.skip("no interpreter here that another user can run")


def test_the_filter_is_short_and_ends_in_refusal():
    if not seccomp.supported():
        pytest.skip("no filter table for this machine")
    for stage in (1, 2):
        program = seccomp.build(stage)
        assert len(program) % 8 == 0 and len(program) // 8 < 200
        assert program[-8:] == (0x06).to_bytes(2, "little") + bytes(2) + seccomp.DENY.to_bytes(4, "little")
