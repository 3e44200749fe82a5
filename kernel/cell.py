"""The notebook's last cell: run the kernel in a subprocess and never raise. Pasted as it is by `kernel.notebook`.

A subprocess, because modules that the notebook's own process has imported stay stale after an install. A kernel that is
killed is started once more and goes on; one that outlives the session is stopped; what is missing at the end is said.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

_STARTS = 2
_GRACE = 60.0  # seconds that a kernel has for its hand-in after SIGTERM
_LAST_SECONDS = 240.0  # of the session that belong to Kaggle
_LEAST_SECONDS = 600.0  # left of the session, for a second start


def run() -> None:
    """Run the kernel; print what goes wrong instead of raising it."""
    temp = Path(os.environ.get("ARC_SUBMIT_TEMP") or "/tmp/arc-submit")
    working = Path(os.environ.get("ARC_SUBMIT_WORKING") or "/kaggle/working")
    try:
        _set_clock(temp)
        (working / "verdict.json").unlink(missing_ok=True)
        for number in range(_STARTS):
            code = _start(temp, number)
            print(f"kernel: exit code {code}")
            if code == 0 or _left(temp) < _LEAST_SECONDS:
                break
    except BaseException as error:  # a cell that raises loses the submission, whatever it was
        print(f"kernel: {type(error).__name__}: {error}")
    try:
        _look(working)
    except BaseException as error:
        print(f"kernel: {type(error).__name__}: {error}")


def _start(temp: Path, number: int) -> int:
    """Run the kernel once, pass its output on, and return its exit code."""
    child = subprocess.Popen(
        [sys.executable, "-u", str(temp / "kernel" / "main.py")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "ARC_SUBMIT_AGAIN": str(number)},
        start_new_session=True,
    )
    limit = threading.Timer(max(0.0, _left(temp)), child.terminate)
    hard = threading.Timer(max(0.0, _left(temp)) + _GRACE, child.kill)
    for timer in (limit, hard):
        timer.daemon = True
        timer.start()
    try:
        assert child.stdout
        for line in child.stdout:
            print(line.decode("utf-8", "replace"), end="", flush=True)
        return child.wait()
    finally:
        limit.cancel()
        hard.cancel()
        if child.poll() is None:  # this cell was interrupted
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(_GRACE)
            except subprocess.TimeoutExpired:
                child.kill()


def _set_clock(temp: Path) -> None:
    """Let the session begin now, for the kernel, too, where the start that was told is not believable."""
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    try:
        told = float(os.environ.get("ARC_SUBMIT_STARTED", "nan"))
    except ValueError:
        told = float("nan")
    if not 0.0 <= now - told < _length(temp):
        os.environ["ARC_SUBMIT_STARTED"] = str(now)


def _left(temp: Path) -> float:
    """Seconds of the session that are left."""
    elapsed = time.clock_gettime(time.CLOCK_BOOTTIME) - float(os.environ["ARC_SUBMIT_STARTED"])
    return _length(temp) - min(_LAST_SECONDS, _length(temp) / 50) - elapsed


def _length(temp: Path) -> float:
    """Seconds of the whole session."""
    try:
        settings = Path(os.environ.get("ARC_SUBMIT_SETTINGS") or temp / "kernel" / "settings.json")
        return float(json.loads(settings.read_text("utf-8"))["hours"]) * 3600
    except (OSError, ValueError, KeyError, TypeError):
        return 12.0 * 3600


def _look(working: Path) -> None:
    """Say what the kernel has left; where it left no verdict, write one."""
    try:
        tasks = len(json.loads((working / "submission.json").read_text("utf-8")))
        print(f"kernel: submission.json with {tasks} tasks")
    except (OSError, ValueError, TypeError) as error:
        print(f"kernel: NO VALID submission.json: {error}")
    if not (working / "verdict.json").is_file():
        why = "the kernel ended without a verdict: it could not be started, or was killed"
        verdict: dict[str, Any] = {"kit": "arc-submit", "ok": False, "why": [why]}
        verdict |= {"mode": "rerun" if os.environ.get("KAGGLE_IS_COMPETITION_RERUN") else "commit"}
        verdict |= {"commit": os.environ.get("ARC_SUBMIT_COMMIT") or "unknown"}
        (working / "verdict.json").write_text(json.dumps(verdict, indent=2) + "\n", "utf-8")
        print(f"!!!! NOT OK: {why}")


if __name__ == "__main__":
    run()
