"""The client against a server that plays a script: what is tried again, how long it waits, and what raises at once."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from helpers import Clock, make_task
from serve.serving import FLIP, SAME, TASK, TOKEN, written

from arc_submit.errors import ConfigError
from arc_submit.records import Program
from arc_submit.serve import client as client_module
from arc_submit.serve.client import Client, NotTaken, ServerError
from arc_submit.serve.records import Ask
from arc_submit.serve.shelf import digest

VERDICT = {
    "reward": 1.2, "edit_reward": None, "parent_reward": None, "passes": True, "literal": False, "solved": [True],
    "cells": [1.0], "signature": "s", "faults": [], "cpu_seconds": 0.0, "outputs": None, "tests": None,
}  # fmt: skip
UNKNOWN = (404, {}, {"error": {"kind": "unknown_task", "message": "no such task"}})


class Script:
    """Answers posts in order, then as an exec server would; keeps what it was asked."""

    def __init__(self):
        self.answers, self.asked, self.tokens, self.connections = [], [], [], set()
        self.health, self.looked, self.longest = {"limits": {"programs": 512, "body_bytes": 8 << 20}}, 0, 0
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # no 40 ms between head and body

            def do_GET(self):
                script.looked += 1
                self._send(200, {}, script.health)

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                script.longest = max(script.longest, length)
                body = json.loads(self.rfile.read(length))
                script.asked.append((self.path, body))
                script.tokens.append(self.headers["Authorization"])
                script.connections.add(self.client_address)
                answer = script.answers.pop(0) if script.answers else None
                if answer == "hang up":
                    self.close_connection = True
                    self.connection.close()
                    return
                usual = {"results": [VERDICT] * len(body.get("programs", ()))}
                self._send(*(answer or (200, {}, usual)))

            def _send(self, status, headers, made):
                sent = made if isinstance(made, bytes) else json.dumps(made).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(sent))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def script():
    found = Script()
    yield found
    found.http.shutdown()
    found.http.server_close()


class Slept(Clock):
    """Sleeping moves the clock."""

    def __init__(self):
        super().__init__()
        self.naps = []

    def sleep(self, seconds):
        self.naps.append(seconds)
        self.time += seconds


@pytest.fixture
def slept():
    return Slept()


def made(script, slept, **more):
    return Client(script.url, TOKEN, sleep=slept.sleep, clock=slept, **more)


def test_a_task_is_registered_once_and_then_referred_to(script, slept):
    client = made(script, slept)
    for source in (FLIP, SAME):
        (verdict,) = client.judge([Ask(TASK, written(source), written(SAME))])
        assert verdict.passes
    assert [path for path, _ in script.asked] == ["/tasks", "/judge", "/judge"]
    (program,) = script.asked[2][1]["programs"]
    assert (program["task"], program["digest"]) == ("t", digest(TASK))
    assert program["parent"]["source"] == SAME
    assert set(script.tokens) == {f"Bearer {TOKEN}"}
    assert len(script.connections) == 1  # it lasts


def test_a_server_that_forgot_the_task_is_told_again(script, slept):
    client = made(script, slept)
    client.register([TASK])
    script.answers = [UNKNOWN]
    assert client.judge([Ask(TASK, written(FLIP))])[0].reward == 1.2
    assert [path for path, _ in script.asked] == ["/tasks", "/judge", "/tasks", "/judge"]


def test_two_tasks_of_one_id_are_registered_one_after_the_other(script, slept):
    made(script, slept).register([TASK, make_task(("1", "2"))])
    assert [list(body["tasks"]) for _, body in script.asked] == [["t"], ["t"]]
    assert script.asked[0] != script.asked[1]


@pytest.mark.parametrize("status", [429, 503])
def test_a_full_or_ending_server_is_asked_again_after_what_it_says(script, slept, status):
    client = made(script, slept)
    client.register([TASK])
    script.answers = [(status, {"Retry-After": "7"}, {"error": {"message": "full"}})] * 2
    assert client.judge([Ask(TASK, written(FLIP))])[0].reward == 1.2
    assert client.retries == 2
    assert all(7.0 <= nap <= 7.0 * 1.25 for nap in slept.naps) and len(slept.naps) == 2


def test_pauses_grow_where_nothing_is_said(script, slept):
    client = made(script, slept)
    script.answers = [(503, {}, b"Service Unavailable"), "hang up", (504, {"Retry-After": "soon"}, b""), (502, {}, b"")]
    client.register([TASK])
    assert len(slept.naps) == 4
    for nap, least in zip(slept.naps, (0.1, 0.2, 0.4, 0.8), strict=True):
        assert least <= nap <= 1.25 * least  # up to a quarter more, by chance


def test_patience_ends(script, slept):
    client = made(script, slept, patience=20.0)
    script.answers = [(429, {"Retry-After": "8"}, {"error": {"message": "all 3 places are taken"}})] * 9
    with pytest.raises(ServerError, match="not served within 20 s; the last try: 429: all 3 places"):
        client.register([TASK])
    assert len(slept.naps) == 2  # 8..10 s each; a third would pass 20 s


def test_a_wait_beyond_all_patience_is_not_begun(script, slept):
    script.answers = [(503, {"Retry-After": "100000"}, b"")]
    with pytest.raises(ServerError):
        made(script, slept).register([TASK])
    assert slept.naps == []


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        (401, {"kind": "token", "message": "no token, or another"}, "no token"),
        (413, {"kind": "size", "message": "a body of 9 bytes"}, "a body of"),
        (422, {"kind": "field", "message": "tasks.t: bad", "field": "tasks", "task": "t"}, "tasks.t: bad"),
        (500, {}, "no reason given"),
    ],
)
def test_a_mistake_raises_at_once(script, slept, status, error, said):
    script.answers = [(status, {}, {"error": error})]
    with pytest.raises(NotTaken, match=said) as caught:
        made(script, slept).register([TASK])
    assert slept.naps == [] and caught.value.status == status
    assert caught.value.field == error.get("field", "")
    assert TOKEN not in str(caught.value)


def test_a_task_that_stays_unknown_raises(script, slept):
    script.answers = [(200, {}, {}), UNKNOWN, (200, {}, {}), UNKNOWN]
    with pytest.raises(NotTaken, match="no such task"):
        made(script, slept).judge([Ask(TASK, written(FLIP))])


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b"", b"null"])
def test_what_no_exec_server_says_raises(script, slept, answer):
    script.answers = [(200, {}, answer)]
    with pytest.raises(ServerError, match="not an exec server"):
        made(script, slept).register([TASK])


@pytest.mark.parametrize(
    ("results", "said"),
    [([VERDICT, VERDICT], "2 verdicts for 1"), ([{"reward": 1}], "another version"), (None, "another version")],
)
def test_verdicts_that_do_not_fit_raise(script, slept, results, said):
    script.answers = [(200, {}, {}), (200, {}, {"results": results})]
    with pytest.raises(ServerError, match=said):
        made(script, slept).judge([Ask(TASK, written(FLIP))])


def test_large_batches_go_in_parts_and_come_back_in_order(script, slept, monkeypatch):
    monkeypatch.setattr(client_module, "CHUNK", 2)
    script.answers = [(200, {}, {})] + [
        (200, {}, {"results": [VERDICT | {"reward": number} for number in part]}) for part in ([0, 1], [2, 3], [4])
    ]
    found = made(script, slept).judge([Ask(TASK, written(FLIP))] * 5)
    assert [verdict.reward for verdict in found] == [0, 1, 2, 3, 4]


def sizes(script):
    """How many programs or tasks each request had."""
    return [len(body.get("programs", body.get("tasks"))) for _, body in script.asked]


def test_the_servers_limits_are_asked_for_once_and_kept(script, slept):
    script.health = {"limits": {"programs": 3, "body_bytes": 1 << 20}}
    client = made(script, slept)
    for _ in range(2):
        assert len(client.judge([Ask(TASK, written(FLIP))] * 7)) == 7
    assert sizes(script) == [1, 3, 3, 1, 3, 3, 1]  # the task, then programs
    assert script.looked == 1


def test_a_server_that_takes_more_gets_no_more_than_a_share_of_its_queue(script, slept):
    script.health = {"limits": {"programs": 4096, "body_bytes": 64 << 20}}
    made(script, slept).judge([Ask(TASK, written(FLIP))] * 300)
    assert sizes(script) == [1, 128, 128, 44]


@pytest.mark.parametrize("letter", ["x", "é", "\u2028", "\x01"])  # 1, 2, 3 and 6 bytes as JSON
def test_bodies_are_within_what_the_server_takes_whatever_the_letters(script, slept, letter):
    script.health = {"limits": {"programs": 512, "body_bytes": 2000}}
    program = Program("", FLIP + "#" + letter * 200, written(FLIP).dialect, "transform", 0, "test")
    made(script, slept).judge([Ask(TASK, program)] * 9)
    assert sum(sizes(script)[1:]) == 9
    assert 700 < script.longest <= 2000


def test_a_body_may_be_as_long_as_the_server_says_to_the_byte(script, slept):
    client = made(script, slept)
    client.judge([Ask(TASK, written(FLIP))] * 5)
    whole, programs = script.longest, script.asked[-1][1]["programs"]
    assert whole > len(json.dumps(script.asked[0][1]))  # longer than the task's
    for most, parts in ((whole, [5]), (whole - 1, [4, 1])):
        script.asked.clear()
        script.health = {"limits": {"programs": 512, "body_bytes": most}}
        made(script, slept).judge([Ask(TASK, written(FLIP))] * 5)
        assert sizes(script)[1:] == parts
    assert script.asked[1][1]["programs"] == programs[:4]


def test_tasks_are_registered_within_what_the_server_takes(script, slept):
    script.health = {"limits": {"programs": 512, "body_bytes": 2000}}
    tasks = [make_task(("1" * 20, "2" * 20), task_id=f"task{number}") for number in range(40)]
    made(script, slept).register(tasks)
    assert [name for _, body in script.asked for name in body["tasks"]] == [task.id for task in tasks]
    assert 1500 < script.longest <= 2000 and len(script.asked) > 3


def test_tasks_that_were_sent_are_not_sent_again(script, slept):
    client, other = made(script, slept), make_task(task_id="other")
    for tasks in ([TASK], [TASK], [TASK, other], [other], []):
        client.register(tasks)
    assert [list(body["tasks"]) for _, body in script.asked] == [["t"], ["other"]]


@pytest.mark.parametrize("health", [{}, {"limits": None}, {"limits": {"programs": 9}}, {"limits": {"programs": "x"}}])
def test_a_server_that_names_no_limits_is_of_another_version(script, slept, health):
    script.health = health
    with pytest.raises(ServerError, match="another version"):
        made(script, slept).judge([Ask(TASK, written(FLIP))])
    assert script.asked == []


def test_a_real_server_with_narrow_limits_judges_more_than_it_takes_at_once(server):
    """It takes 64 programs and 1 MiB."""
    large = make_task(("1" * 30 + "/" + "2" * 30, "3" * 30), *[("4" * 30, "5" * 30)] * 200)
    with Client(server.url, TOKEN, patience=30) as client:
        client.register([replace(large, id=f"large{number}") for number in range(60)])
        padded = [written(f"{FLIP}# {number} {'é' * 10_000}") for number in range(100)]
        found = client.judge([Ask(TASK, program) for program in padded])
        assert [verdict.reward for verdict in found] == [pytest.approx(1.2)] * 100


def test_a_nobody_there_is_tried_until_patience_ends(slept):
    with pytest.raises(ServerError, match="not served within 2 s"):
        Client("http://127.0.0.1:9", TOKEN, patience=2, sleep=slept.sleep, clock=slept).health()
    assert slept.naps


def test_nothing_to_judge_asks_nobody(slept):
    assert Client("http://127.0.0.1:9", TOKEN).judge([]) == []


def test_a_source_that_is_no_text_is_judged_all_the_same(script, slept):
    program = Program("", "'\ud800'", written(FLIP).dialect, "transform", 0, "test")
    made(script, slept).judge([Ask(TASK, program)])
    assert script.asked[1][1]["programs"][0]["source"] == "\0"


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8765", "ftp://host", "http://", "http://host/path", "", "http://host:abc", "http://host:99999",
        "http://host:0", "http://host:-1", "http://:8765", "http://[::1", "http://a host", f"http://{'a' * 64}.org",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ConfigError, match="expected an address"):
        Client(url, TOKEN)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8765/", "https://exec.example", "http://[::1]:80", "http://localhost"]
)
def test_an_address_is_taken(url):
    assert Client(url, TOKEN).url == url.rstrip("/")


def test_a_password_in_an_address_is_not_kept():
    assert Client("http://me:sesame@host:80", TOKEN).url == "http://host:80"


def test_a_token_is_taken_without_the_space_around_it(script, slept):
    Client(script.url, f" {TOKEN}\n", sleep=slept.sleep, clock=slept).register([TASK])
    assert script.tokens == [f"Bearer {TOKEN}"]


@pytest.mark.parametrize("token", ["", "sesame", "a-sesame of many words", "a-long-sesame\nX-More: 1", "sésame" * 5])
def test_a_token_that_no_header_can_carry_is_refused_and_not_shown(token):
    with pytest.raises(ConfigError, match="the exec server's token: expected") as caught:
        Client("http://127.0.0.1:9", token)
    assert "sesame" not in str(caught.value) and "sésame" not in str(caught.value)


def test_a_client_without_a_token_says_where_one_is_looked_for(monkeypatch):
    monkeypatch.delenv("ARC_SUBMIT_TOKEN", raising=False)
    with pytest.raises(ConfigError, match="set ARC_SUBMIT_TOKEN"):
        Client("http://127.0.0.1:8765")
