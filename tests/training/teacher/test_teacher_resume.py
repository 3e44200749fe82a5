"""A sampler that is killed by SIGKILL in the middle: what it stored is never paid again, and nothing is lost."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("openai")

from teacher_stand_in import StandIn, answer

from scripts.bench_teacher import sampled
from training.teacher.archive import JOURNAL, Archive

SCRIPT = Path(__file__).parents[3] / "scripts" / "bench_teacher.py"
TOTAL = 120


def test_after_kill_9_nothing_stored_is_paid_twice_and_nothing_is_lost(tmp_path):
    journal = tmp_path / "archive" / JOURNAL
    with StandIn([answer("text", seconds=0.1)]) as server:
        command = [sys.executable, str(SCRIPT), "--child", server.url, str(tmp_path)]
        child = subprocess.Popen([*command, "--requests", str(TOTAL), "--in-flight", "10"])
        deadline = time.monotonic() + 60
        while not (journal.exists() and journal.read_bytes().count(b"\n") >= 30):
            assert child.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        stored = {json.loads(line)["id"] for line in journal.read_bytes().split(b"\n")[:-1]}
        before = {json.loads(line)["id"]: line for line in journal.read_bytes().split(b"\n")[:-1]}
        assert 30 <= len(stored) < TOTAL
        tally = asyncio.run(sampled(server.url, range(TOTAL), 10, tmp_path))
        times = Counter(server.ids)
    assert tally["from archive"] == len(stored) and tally["answered"] == TOTAL - len(stored)
    assert all(times[request] == 1 for request in stored)
    assert len(times) == TOTAL and max(times.values()) <= 2  # twice: those in flight when it was killed
    assert sum(times.values()) <= TOTAL + 10
    with Archive(tmp_path / "archive") as archive:
        assert len(archive) == TOTAL
    lines = set(journal.read_bytes().split(b"\n"))
    assert all(line in lines for line in before.values())
