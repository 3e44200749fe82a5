"""A real server in a process of its own, a raw way to talk to it, and small tasks and programs."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers import make_task

from arc_submit.programs import from_source
from arc_submit.records import Program

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-that-only-tests-know"
TASK = make_task()  # two pictures to be turned upside down
FLIP = "def transform(grid):\n    return grid[::-1]\n"
SAME = "def transform(grid):\n    return grid\n"
ENDLESS = "def transform(grid):\n    while True:\n        pass\n"
ENTRY = {
    "train": [
        {"input": [[1, 2], [3, 4]], "output": [[3, 4], [1, 2]]},
        {"input": [[5, 6], [7, 8]], "output": [[7, 8], [5, 6]]},
    ],
    "test": [{"input": [[3, 4], [1, 2]]}],
}
"""TASK as JSON has it."""


def written(source: str) -> Program:
    return from_source(source, "test")


def slow(number: int = 0, cpu: float = 5.0) -> str:
    """A program that computes for about so long; no two are alike."""
    return (
        "import time\ndef transform(grid):\n"
        f"    end = time.process_time() + {cpu}  # {number}\n"
        "    while time.process_time() < end:\n        pass\n    return grid\n"
    )


@dataclass
class Served:
    """A server that runs."""

    url: str
    process: "subprocess.Popen[str]"
    said: Path
    """What it wrote on standard error."""

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = TOKEN,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, str], Any]:
        """(status, headers, parsed body); `body` is sent as it is when it is bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        own = {} if token is None else {"Authorization": f"Bearer {token}"}
        connection.request(method, path, sent, own | (headers or {}))
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        return response.status, dict(response.headers), json.loads(answer) if answer else None

    def judge(self, *programs: dict[str, Any], **more: Any) -> tuple[int, dict[str, str], Any]:
        """POST /judge with the task `t` inline."""
        return self.ask("POST", "/judge", {"tasks": {"t": ENTRY}, "programs": list(programs), **more})

    def refused(self, *programs: dict[str, Any], **more: Any) -> tuple[int, dict[str, str]]:
        """(status, error) of a request that must be refused."""
        status, _, body = self.judge(*programs, **more)
        assert status >= 400, body
        return status, body["error"]


@contextmanager
def served(folder: Path, *options: str) -> Iterator[Served]:
    """Start `arc-submit serve-sandbox` on a free port, wait until it is ready, end it."""
    token, said = folder / "token", folder / "said"
    token.write_text(TOKEN + "\n")
    token.chmod(0o600)
    command = [sys.executable, "-m", "arc_submit", "serve-sandbox", "--port", "0", "--token-file", str(token), *options]
    with said.open("w") as errors:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        assert first, said.read_text()
        yield Served(json.loads(first)["serving"], process, said)
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
