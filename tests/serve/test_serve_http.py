"""A real server: tokens, sizes, hostile requests, and programs that never end. It is well at the end of every test."""

import json
import socket
import time

import pytest
from serve.serving import ENDLESS, ENTRY, FLIP, SAME, TOKEN, Served


@pytest.fixture(autouse=True)
def _well(server):
    yield
    status, _, body = server.judge({"task": "t", "source": FLIP})
    assert (status, body["results"][0]["reward"]) == (200, pytest.approx(1.2))
    state = server.ask("GET", "/health")[2]
    assert (state["status"], state["queue"]["taken"], state["queue"]["running"]) == ("ok", 0, 0)


def test_health_needs_no_token_and_says_what_results_are_worth(server):
    status, _, body = server.ask("GET", "/health", token=None)
    assert status == 200
    assert body["grade"] in "ABC" and body["layers"]
    assert body["limits"] == {"programs": 64, "body_bytes": 1 << 20, "deadline_seconds": 120.0}
    assert body["queue"]["places"] == 2 + 32 and body["queue"]["workers"] == 2
    assert TOKEN not in json.dumps(body)


@pytest.mark.parametrize("path", ["/judge", "/tasks"])
@pytest.mark.parametrize("token", [None, "", "wrong" * 5, TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "t\xf6ken"])
def test_nothing_is_done_without_the_token(server, path, token):
    status, headers, body = server.ask("POST", path, {"tasks": {"t": ENTRY}}, token=token)
    assert (status, body["error"]["kind"]) == (401, "token")
    assert headers["www-authenticate"] == "Bearer"
    assert TOKEN not in json.dumps(body)


def test_the_token_has_one_place_only(server):
    assert server.ask("GET", f"/metrics?token={TOKEN}", token=None)[0] == 401
    assert server.ask("GET", "/metrics", token=None, headers={"Authorization": f"Basic {TOKEN}"})[0] == 401
    assert server.ask("GET", "/metrics", token=None, headers={"Cookie": f"token={TOKEN}"})[0] == 401
    assert server.ask("GET", "/metrics")[0] == 200


@pytest.mark.parametrize(
    "path",
    ["/", "/docs", "/openapi.json", "/../etc/passwd", "/judge/../health", "/%2e%2e/health", "/health/", "//judge"],
)
def test_other_paths_lead_nowhere(server, path):
    status, _, body = server.ask("GET", path)
    assert status in (404, 405)
    assert body["error"]["kind"] == "nowhere"


def test_the_wrong_method_is_said(server):
    assert server.ask("GET", "/judge")[0] == 405
    assert server.ask("DELETE", "/tasks")[2]["error"]["kind"] == "nowhere"


def test_errors_name_the_field_the_task_and_what_was_expected(server):
    status, error = server.refused({"task": "t", "source": FLIP, "dialect": "lisp"})
    assert status == 422
    assert error["field"] == "programs[0].dialect" and error["task"] == "t"
    assert error["expected"] == "one of transform, solve, main" and "'lisp'" in error["message"]


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"tasks": ' * 50_000, b"NaN", b"{}", b"[]", b"null", b"\x00\xff"])
def test_hostile_bodies_are_refused(server, body):
    status, _, answer = server.ask("POST", "/judge", body)
    assert status in (400, 422) and answer["error"]["message"]


def test_grids_of_31_and_booleans_are_refused(server):
    for grid in ([[0] * 31] * 31, [[True]]):
        status, _, body = server.ask("POST", "/tasks", {"tasks": {"t": {**ENTRY, "test": [{"input": grid}]}}})
        assert (status, body["error"]["task"]) == (422, "t")


def test_a_body_that_is_too_large_is_not_read(server):
    status, _, body = server.ask("POST", "/judge", b"x" * (3 << 20))
    assert (status, body["error"]["kind"]) == (413, "size")


def test_a_body_that_hides_its_size_is_cut_off(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as raw:
        raw.sendall(
            f"POST /judge HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        for _ in range(18):  # 18 x 64 KiB are more than 1 MiB
            raw.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 413")


def test_a_compressed_body_is_not_unpacked(server):
    status, _, body = server.ask("POST", "/judge", b"x", headers={"Content-Encoding": "gzip"})
    assert (status, body["error"]["kind"]) == (415, "encoding")


def test_a_client_that_leaves_in_the_middle_of_its_body_frees_its_place(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as raw:
        raw.sendall(
            f"POST /judge HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 99\r\n\r\n{{".encode()
        )
        _until(lambda: server.ask("GET", "/health")[2]["queue"]["taken"] == 1)
    _until(lambda: server.ask("GET", "/health")[2]["queue"]["taken"] == 0)


def test_registered_tasks_are_referred_to_by_id_and_digest(server):
    _, _, body = server.ask("POST", "/tasks", {"tasks": {"t": ENTRY}})
    program = {"task": "t", "digest": body["tasks"]["t"]["digest"], "source": FLIP}
    status, _, body = server.ask("POST", "/judge", {"programs": [program], "grids": True})
    assert (status, body["unscored"]) == (200, 0)
    (found,) = body["results"]
    assert (found["passes"], found["solved"], found["tests"]) == (True, [True, True], [[[1, 2], [3, 4]]])
    status, _, body = server.ask("POST", "/judge", {"programs": [program | {"digest": "0" * 16}]})
    assert (status, body["error"]["kind"]) == (404, "unknown_task")


def test_a_program_that_never_ends_is_a_fault_and_its_neighbours_are_judged(server):
    programs = [{"task": "t", "source": source} for source in (FLIP, ENDLESS, SAME)]
    status, _, body = server.judge(*programs)
    assert status == 200
    flip, endless, same = body["results"]
    assert (flip["reward"], same["reward"]) == (pytest.approx(1.2), pytest.approx(0.2))
    assert endless["reward"] == pytest.approx(0.1)
    assert [fault["fault"] for fault in endless["faults"]] == ["cpu"] * 3
    assert [fault["input"] for fault in endless["faults"]] == [0, 1, 2]


@pytest.mark.parametrize(
    "source", ["", "\0", "x" * 70_000, "(" * 5_000, "def transform(grid):\n" + " " * 200 + "return grid", "#" * 60_000]
)
def test_sources_that_are_none_are_worth_nothing_and_no_error(server, source):
    status, _, body = server.judge({"task": "t", "source": source})
    assert status == 200
    assert body["results"][0]["reward"] in (0.0, pytest.approx(0.2))  # the indented one is a program


def test_hostile_messages_are_text(server):
    source = "def transform(grid):\n    raise ValueError('</script>\\x00\\u202e' + 'x' * 9999)"
    fault = server.judge({"task": "t", "source": source})[2]["results"][0]["faults"][0]
    assert len(fault["message"]) <= 200 and "\x00" not in fault["message"]


def test_metrics_count_what_was_done(server):
    before = server.ask("GET", "/metrics")[2]
    server.judge({"task": "t", "source": FLIP}, {"task": "t", "source": SAME})
    server.refused({"task": "t"})
    after = server.ask("GET", "/metrics")[2]
    grown = {name: after["counters"][name] - before["counters"][name] for name in after["counters"]}
    assert grown == {
        "requests": 3,
        "refused": 1,
        "batches": 1,
        "programs": 2,
        "unscored": 0,
        "broken": 0,
        "restarts": 0,
    }
    assert after["answers"]["422"] == before["answers"].get("422", 0) + 1
    assert after["batch_seconds"]["largest"] > 0 and after["resident_bytes"] > 1 << 20
    assert after["sandbox"]["programs"] > before["sandbox"]["programs"]


def test_the_log_holds_no_token_and_no_request(server: Served):
    assert TOKEN not in server.said.read_text()
    assert "judge" not in server.said.read_text()


def _until(true, seconds=10.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "not within the time"
        time.sleep(0.02)
