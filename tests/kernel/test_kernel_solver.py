"""The watch over the solver: restarts, their limit, the end of time, what is left running."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from fake_session import Session, task

from kernel import solver
from kernel.process import Stop
from kernel.solver import Ended, Order


@pytest.fixture
def order(session: Session) -> Order:
    """An order to the fake solver."""
    session.code()
    challenges = session.root / "challenges.json"
    challenges.write_text(json.dumps({"a": task(), "b": task()}))
    code = session.input / "datasets/me/arc-submit-code/code"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(code)}
    out, log = session.root / "run", session.root / "solver.log"
    return Order(sys.executable, challenges, out, "laptop", (), (), environment, log, session.root / "solver.pid")


def solve(order: Order, fake: str, *, seconds: float = 30.0, stop: Stop | None = None, **options: Any) -> Ended:
    until = time.monotonic() + seconds
    order = replace(order, environment={**order.environment, "FAKE": fake})
    return solver.solve(
        order, lambda: until - time.monotonic(), stop or Stop(), options.pop("mirror", lambda source: None),
        pauses=(0.01,), **{"grace": 0.5, **options},
    )  # fmt: skip


def starts(order: Order) -> list[list[str]]:
    """The arguments of each start, over all run folders."""
    files = sorted(order.out.parent.glob("run*/starts.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def test_an_end_in_order_is_the_end(order):
    ended = solve(order, "ok")
    assert (ended.code, ended.restarts, ended.troubles) == (0, 0, [])
    assert ended.summary is not None and ended.summary["canary"] is True
    assert len(starts(order)) == 1 and not order.pidfile.exists()
    assert "solver ok at work" in order.log.read_text()


def test_it_is_started_again_five_times_and_no_more(order, capsys):
    ended = solve(order, "dies-always")
    assert ended.restarts == 5 and ended.code == -6
    assert ["--resume" in start for start in starts(order)] == [False] + [True] * 5
    assert ended.troubles == ["the solver ended with signal SIGABRT"] * 6
    assert "started again 5 times already" in capsys.readouterr().out


def test_exit_code_1_is_machine_trouble_and_tried_again(order):
    assert solve(order, "fails").restarts == 5


def test_a_run_that_cannot_be_resumed_begins_anew_in_another_folder(order):
    ended = solve(order, "refuses-resume")
    assert ended.in_order and ended.degraded == []
    assert [folder.name for folder in ended.folders] == ["run", "run-2"]
    assert json.loads((order.out / "submission.json").read_text())["a"][0]["attempt_1"] == [[7]]  # kept


def test_a_refusal_is_tried_once_more_without_the_model(order):
    ended = solve(order, "refuses")
    assert (ended.code, ended.restarts, len(starts(order))) == (2, 0, 2)
    assert [solver.SYMBOLIC in start for start in starts(order)] == [False, True]


def test_one_that_does_not_stop_is_killed(order):
    began = time.monotonic()
    ended = solve(order, "deaf", seconds=3.5)
    assert time.monotonic() - began < 8
    assert ended.code == -9 and "was killed" in ended.troubles[0]


def test_nothing_is_started_when_no_time_is_left(order):
    assert solve(order, "ok", seconds=1.0).code is None


def test_the_order_to_stop_is_passed_on(order):
    stop = Stop()

    def once_it_has_answered(source: Path) -> None:
        stop.reason = "SIGTERM" if source.exists() else ""

    ended = solve(order, "waits", stop=stop, mirror=once_it_has_answered)
    assert ended.code == 143 and ended.summary is not None and ended.summary["stopped"] == "SIGTERM"


def test_nothing_of_it_is_left_running(order):
    solve(order, "orphan")
    orphan = int((order.out.parent / "orphan").read_text())
    deadline = time.monotonic() + 5
    while psutil.pid_exists(orphan) and psutil.Process(orphan).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the child of the solver still runs"
        time.sleep(0.02)


def test_answers_are_looked_at_after_the_end(order):
    seen: list[Path] = []
    solve(order, "ok", mirror=seen.append)
    assert seen[-1] == order.out / "submission.json"


def test_a_number_of_another_process_is_left_alone(order):
    order.pidfile.write_text(str(os.getpid()))  # not a solver
    assert solve(order, "ok").in_order


def test_workers_whose_solver_is_gone_are_ended(order):
    worker = "import os, time; print(os.getpid(), flush=True); time.sleep(100)  # arc_submit"
    script = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {worker!r}])"
    leader = subprocess.Popen([sys.executable, "-c", script], start_new_session=True, stdout=subprocess.PIPE, text=True)
    assert leader.stdout
    left = int(leader.stdout.readline())
    leader.wait()
    order.pidfile.write_text(str(leader.pid))
    assert solve(order, "ok").in_order
    assert not psutil.pid_exists(left) or psutil.Process(left).status() == psutil.STATUS_ZOMBIE


def test_a_resumed_run_keeps_its_settings(order):
    line = solver.command(replace(order, settings=("a.b=c",), tasks=("a",)), 5.0, resume=True)
    assert line[-1] == "--resume" and not {"--set", "--preset", "--tasks", "--fresh"} & set(line)
    line = solver.command(replace(order, settings=("a.b=c",), tasks=("a", "b")), 5.0, resume=False)
    assert line[-2:] == ["--tasks", "a,b"] and "--fresh" in line and line[line.index("--hard-stop") + 1] == "5.000"


def test_only_the_summary_is_taken_for_one():
    assert solver.summary(b'{"tasks": 1, "outputs": 1, "submission": "x"}') is not None
    assert solver.summary(b'{"tasks": 1}') is None and solver.summary(b"{broken") is None
