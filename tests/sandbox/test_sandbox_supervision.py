"""Lanes die, hosts die; nothing is left behind and little is lost."""

import os
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest
from sandbox_programs import faults, good, grids, job, mirrored

from arc_submit.errors import SandboxError
from arc_submit.records import Fault
from arc_submit.sandbox import Sandbox, SandboxConfig
from arc_submit.sandbox.lane import Lane, LaneDied


def kill_soon(pid: int, number: int, seconds: float) -> threading.Timer:
    timer = threading.Timer(seconds, os.kill, (pid, number))
    timer.start()
    return timer


def test_a_lane_killed_in_mid_batch_is_replaced_and_the_other_answers_kept():
    with Sandbox(SandboxConfig(cpu_seconds=0.3, batch=4)) as box:
        loops = [job(f"def transform(g):\n    while True:\n        pass\n# {n}") for n in range(3)]
        jobs = [good(), good(), *loops, good(), good()]
        (pid,) = box.pids()
        timer = kill_soon(pid, signal.SIGKILL, 0.4)
        rans = box.run(jobs)
        timer.join()
        assert [grids(rans[n]) == mirrored() for n in (0, 1, 5, 6)] == [True] * 4
        assert [faults(ran) for ran in rans[2:5]] == [{Fault.CPU}] * 3
        assert box.report().counters.restarts == 1
        assert box.pids() != [pid]


def test_a_thread_that_started_a_lane_may_end():
    with Sandbox() as box:
        box.close()
        answers = []
        for _ in range(2):
            thread = threading.Thread(target=lambda: answers.extend(box.run([good()])))
            thread.start()
            thread.join()
        assert [grids(ran) for ran in answers] == [mirrored()] * 2


def test_a_fork_of_the_host_leaves_its_lanes_alone():
    with Sandbox() as box:
        child = os.fork()
        if child == 0:
            box.close()
            os._exit(0)
        os.waitpid(child, 0)
        pids = box.pids()
        assert grids(box.run([good()])[0]) == mirrored() and box.pids() == pids


def test_an_interrupted_call_leaves_no_stale_reply(monkeypatch):
    with Sandbox(SandboxConfig(cpu_seconds=0.5)) as box:

        def interrupt(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(Sandbox, "_attend", interrupt)
        with pytest.raises(KeyboardInterrupt):
            box.run([job("def transform(g):\n    return [[1]]")])
        monkeypatch.undo()
        assert grids(box.run([good()])[0]) == mirrored()


def test_a_lane_that_cannot_start_does_not_stop_the_others(monkeypatch):
    with Sandbox(SandboxConfig(lanes=3, batch=4, cpu_seconds=0.1)) as box:

        def fail(*_):
            raise SandboxError("no room for another")

        monkeypatch.setattr("arc_submit.sandbox.host.Lane", fail)
        assert [grids(ran) for ran in box.run([good() for _ in range(20)])] == [mirrored()] * 20
        assert len(box.pids()) == 1


def test_a_lane_killed_between_calls_is_replaced():
    with Sandbox() as box:
        os.kill(box.pids()[0], signal.SIGKILL)
        time.sleep(0.1)
        (ran,) = box.run([good()])
        assert grids(ran) == mirrored() and not ran.isolated, "nobody is blamed"
        assert box.report().counters.restarts == 0


def test_a_program_that_ends_two_lanes_is_set_aside(monkeypatch):
    with Sandbox(SandboxConfig(cpu_seconds=0.05)) as box:
        fatal, send = job("def transform(g):\n    return g\n# fatal"), Lane.send

        def die_of_it(lane, frame):
            if b"# fatal" in frame:
                raise LaneDied("as if the program had done it")
            send(lane, frame)

        monkeypatch.setattr(Lane, "send", die_of_it)
        rans = box.run([good(), fatal, good()])
        assert [grids(rans[n]) for n in (0, 2)] == [mirrored()] * 2
        assert faults(rans[1]) == {Fault.LOST} and "two lanes" in rans[1].outputs[0].message
        counters = box.report().counters
        assert (counters.quarantined, counters.restarts) == (1, 2)
        assert box.run([fatal])[0].lost
        assert box.report().counters.restarts == 2, "it was not tried again"


def test_a_stopped_lane_is_killed_and_replaced(monkeypatch):
    monkeypatch.setattr("arc_submit.sandbox.host.SLACK_SECONDS", 0.2)
    with Sandbox(SandboxConfig(cpu_seconds=0.05)) as box:
        os.kill(box.pids()[0], signal.SIGSTOP)
        assert grids(box.run([good()])[0]) == mirrored()
        assert box.report().counters.restarts == 1


def test_two_lanes_share_the_work():
    with Sandbox(SandboxConfig(lanes=2, batch=8, cpu_seconds=0.2)) as box:
        rans = box.run([good() for _ in range(100)])
        assert [grids(ran) for ran in rans] == [mirrored()] * 100
        assert len(box.pids()) == 2


def test_closing_leaves_no_process_and_no_descriptor():
    before = psutil.Process().num_fds()
    with Sandbox(SandboxConfig(lanes=2)) as box:
        box.confirm([good()])
        pids = box.pids()
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert psutil.Process().num_fds() == before


def test_a_closed_sandbox_starts_again():
    box = Sandbox()
    box.close()
    assert grids(box.run([good()])[0]) == mirrored()
    box.close()


def test_a_forgotten_sandbox_is_cleaned_up():
    box = Sandbox()
    box.run([good()])
    (pid,) = box.pids()
    del box
    assert not psutil.pid_exists(pid)


HOST = """
import sys, time
from arc_submit.records import Dialect
from arc_submit.sandbox import Job, Sandbox, SandboxConfig
box = Sandbox(SandboxConfig(cpu_seconds=30))
box.run([Job("def transform(g):\\n    return g", Dialect.TRANSFORM, "transform", (((1,),),))])
print(box.pids()[0], flush=True)
if sys.argv[1] == "busy":
    box.run([Job("def transform(g):\\n    while True: pass", Dialect.TRANSFORM, "transform", (((1,),),))])
time.sleep(60)
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_a_host_killed_at_once_leaves_no_zygote(state):
    host = subprocess.Popen([sys.executable, "-c", HOST, state], stdout=subprocess.PIPE, text=True)
    zygote = psutil.Process(int(host.stdout.readline()))
    time.sleep(0.3)
    family = [zygote, *zygote.children(recursive=True)]
    assert len(family) == (2 if state == "busy" else 1)
    host.kill()
    host.wait()
    host.stdout.close()
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive


@pytest.mark.skipif(os.geteuid() != 0, reason="a locked zygote shows itself to root only")
def test_a_zygote_has_nothing_of_the_host(monkeypatch):
    monkeypatch.setenv("ARC_TOKEN", "secret")
    with Sandbox() as box:
        zygote = psutil.Process(box.pids()[0])
        assert "secret" not in repr(zygote.environ())
        assert zygote.num_threads() == 1
        assert len(zygote.open_files()) == 0
        assert zygote.num_fds() == 4  # /dev/null twice, two pipes


def test_start_takes_less_than_a_few_seconds():
    start = time.monotonic()
    with Sandbox():
        assert time.monotonic() - start < 10


def test_a_zygote_that_cannot_start_is_an_error():
    box = Sandbox(SandboxConfig(preload=("no_such_module_anywhere",)))
    with pytest.raises(SandboxError, match="no_such_module_anywhere"):
        box.run([good()])
    assert box.pids() == []
