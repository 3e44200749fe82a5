"""Back-pressure, deadlines, clients that leave, a sandbox that breaks, and the end, on servers with one worker."""

import asyncio
import http.client
import json
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from serve.serving import ENTRY, FLIP, TASK, TOKEN, Served, served, slow, written

from arc_submit.serve.client import Client
from arc_submit.serve.records import Ask

pytest.importorskip("fastapi")
SMALL = ("--workers", "1", "--queue", "2", "--set", "sandbox.cpu_seconds=30")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    with served(tmp_path_factory.mktemp("small"), *SMALL) as found:
        yield found


def queue(server: Served) -> dict[str, int]:
    return server.ask("GET", "/health")[2]["queue"]


def until(true, seconds=20.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "not within the time"
        time.sleep(0.02)


def raw(server: Served, *sources: str, **more) -> socket.socket:
    """A connection that has sent a batch and waits."""
    programs = [{"task": "t", "source": source} for source in sources]
    body = json.dumps({"tasks": {"t": ENTRY}, "programs": programs, **more}).encode()
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    head = f"POST /judge HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)
    return connection


def heard(connection: socket.socket) -> tuple[int, dict[str, str], dict]:
    """(status, headers, parsed body) of what comes back."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    found = response.status, dict(response.headers), json.loads(response.read())
    response.close()
    return found


def test_what_is_not_done_by_the_deadline_is_unscored(small):
    began = time.monotonic()
    status, _, body = small.judge(
        {"task": "t", "source": FLIP}, {"task": "t", "source": slow(1, 20)}, deadline_seconds=0.6
    )
    assert time.monotonic() - began < 15
    assert status == 200
    assert body["results"][1]["reward"] is None and body["unscored"] >= 1
    assert {fault["fault"] for fault in body["results"][1]["faults"]} == {"lost"}


def test_a_deadline_that_passes_while_waiting_is_504(small):
    with raw(small, slow(2, 20)):
        until(lambda: queue(small)["running"] == 1)
        status, headers, body = small.judge({"task": "t", "source": FLIP}, deadline_seconds=0.3)
        assert (status, body["error"]["kind"]) == (504, "deadline")
        assert int(headers["retry-after"]) >= 1
    until(lambda: queue(small)["taken"] == 0)


def test_a_full_queue_is_429_and_a_client_that_leaves_frees_its_place(small):
    waiting = [raw(small, slow(10 + number, 20)) for number in range(3)]  # one worker, two places to wait
    until(lambda: queue(small)["taken"] == 3)
    status, headers, body = small.judge({"task": "t", "source": FLIP})
    assert (status, body["error"]["kind"]) == (429, "full")
    assert 1 <= int(headers["retry-after"]) <= 30
    assert small.ask("GET", "/health", token=None)[0] == 200  # health never queues
    waiting.pop().close()  # one that waits
    until(lambda: queue(small)["taken"] == 2)
    waiting.pop(0).close()  # the one that runs
    waiting.pop().close()
    until(lambda: queue(small)["taken"] == 0 and queue(small)["running"] == 0)
    assert small.judge({"task": "t", "source": FLIP})[0] == 200  # long before the 20 s of the slow ones


async def one_of_many(port: int, body: bytes) -> tuple[int, bool]:
    """(status, whether it says when to come again)"""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /judge HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return int(answer.split()[1]), b"retry-after: " in answer.lower()


def test_a_thousand_clients_are_served_or_told_to_come_again(small):
    body = json.dumps({"tasks": {"t": ENTRY}, "programs": [{"task": "t", "source": slow(99, 0.02)}]}).encode()

    async def all_at_once():
        return await asyncio.gather(*(one_of_many(small.port, body) for _ in range(1000)))

    before = small.ask("GET", "/metrics")[2]
    answers = asyncio.run(all_at_once())
    assert {status for status, _ in answers} <= {200, 429}
    assert all(again for status, again in answers if status == 429)
    assert sum(status == 200 for status, _ in answers) >= 3  # as many as there are places, at least
    until(lambda: queue(small)["taken"] == 0)
    after = small.ask("GET", "/metrics")[2]
    assert after["resident_bytes"] - before["resident_bytes"] < 64 << 20


def test_clients_that_come_again_are_all_served(small):
    def ask(number):
        with Client(small.url, TOKEN, patience=60) as client:
            return client.judge([Ask(TASK, written(slow(1000 + number, 0.01)))])[0].reward, client.retries

    with ThreadPoolExecutor(8) as pool:  # three places
        found = list(pool.map(ask, range(8)))
    assert [reward for reward, _ in found] == [pytest.approx(0.2)] * 8


def test_a_sandbox_that_dies_is_replaced_and_counted(small):
    before = small.ask("GET", "/health")[2]["counters"]["restarts"]
    with raw(small, slow(3, 0.3), FLIP) as connection:
        until(lambda: queue(small)["running"] == 1)
        time.sleep(0.2)
        for zygote in psutil.Process(small.process.pid).children():
            os.kill(zygote.pid, signal.SIGKILL)
        results = heard(connection)[2]["results"]
    assert results[1]["reward"] == pytest.approx(1.2)  # tried once more
    assert small.ask("GET", "/health")[2]["counters"]["restarts"] >= before + 1


def test_the_end_finishes_what_runs_and_refuses_the_rest(tmp_path):
    with served(tmp_path, *SMALL) as server:
        zygotes = psutil.Process(server.process.pid).children(recursive=True)
        assert zygotes
        running = raw(server, slow(4, 0.4))
        until(lambda: queue(server)["running"] == 1)
        waiting = raw(server, FLIP)
        until(lambda: queue(server)["taken"] == 2)
        server.process.send_signal(signal.SIGTERM)
        status, headers, _ = heard(waiting)
        assert status == 503 and "retry-after" in headers
        status, headers, body = server.judge({"task": "t", "source": FLIP})
        assert (status, body["error"]["kind"]) == (503, "ending") and "retry-after" in headers
        assert server.ask("GET", "/health")[2]["status"] == "ending"
        results = heard(running)[2]["results"]
        assert results[0]["reward"] == pytest.approx(0.2)
        running.close()
        waiting.close()
        assert server.process.wait(10) == 0
        assert server.process.stdout is not None
        last = json.loads(server.process.stdout.read().splitlines()[-1])
        assert (last["programs"], last["answers"]["503"]) == (1, 2)
        _, alive = psutil.wait_procs(zygotes, timeout=5)
        assert not alive


def test_what_runs_too_long_at_the_end_is_unscored(tmp_path):
    with served(tmp_path, *SMALL, "--grace", "0.2") as server:
        running = raw(server, slow(5, 25.0))
        until(lambda: queue(server)["running"] == 1)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        results = heard(running)[2]["results"]
        assert results[0]["reward"] is None
        assert server.process.wait(10) == 0
        assert time.monotonic() - began < 15
        running.close()


@pytest.mark.slow
def test_memory_is_flat(small):
    """Many batches, none of which the next one needs."""
    with Client(small.url, TOKEN) as client:
        sizes = []
        for turn in range(4):
            for batch in range(2):
                sources = [FLIP + f"# {turn} {batch} {number} {'x' * 2000}" for number in range(64)]
                client.judge([Ask(TASK, written(source)) for source in sources])
            sizes.append(client.metrics()["resident_bytes"])
    assert sizes[-1] - sizes[1] < 8 << 20  # 256 programs later, results that are remembered among them


def test_two_threads_share_a_client(small):
    client, found = Client(small.url, TOKEN), []

    def ask():
        found.append(client.judge([Ask(TASK, written(FLIP))])[0].passes)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True, True]


def test_the_log_of_a_hard_life_holds_no_traceback(small):
    """Runs last in this file: whatever came before was no bug of the server's."""
    assert "Traceback" not in Path(small.said).read_text()
