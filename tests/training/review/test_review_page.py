"""The page's server: who may ask, what headers it answers with, and that decisions reach the disk."""

import http.client
import json
import re
import signal
import sys
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import quote, urlsplit

import pytest
from review_folder import TRACES, UNTURNED, reviewing, write

from training.cli import main
from training.review.cards import REASONS
from training.review.decisions import NAME, read

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")


class Page:
    """A page that is served."""

    def __init__(self, url, folder):
        self.url, self.folder = url, folder
        parts = urlsplit(url)
        self.port, self.path = parts.port, parts.path
        self.host = parts.netloc

    def ask(self, path="", method="GET", body=None, **headers):
        """(status, headers, body)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if sent is not None:
            named.setdefault("Content-Type", "application/json")
        connection.request(method, path if path.startswith("/") else self.path + path, sent, named)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        return response.status, dict(response.headers), answer

    def decide(self, body, **headers):
        return self.ask("decide", "POST", body, **headers)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = write(tmp_path_factory.mktemp("page") / "<b>&traces")
    with reviewing(folder) as (url, _):
        yield Page(url, folder)


class Reading(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_the_page_lets_no_script_run_but_its_own(page):
    status, headers, body = page.ask()
    html = body.decode()
    assert status == 200
    policy = headers["content-security-policy"]
    (nonce,) = set(re.findall(r"'nonce-([^']+)'", policy))
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    read_ = Reading(html)
    for tag, attributes in read_.tags:
        if tag in ("script", "style"):
            assert attributes == {"nonce": nonce}
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "src", "href")]
    assert [tag for tag, _ in read_.tags].count("script") == 1
    assert "<b>&traces" not in html and "&lt;b&gt;&amp;traces" in html  # the folder's name
    assert len(nonce) >= 20 and nonce not in page.ask()[1]["content-security-policy"]  # new for each load
    assert headers["referrer-policy"] == "no-referrer" and headers["cache-control"] == "no-store"


def test_the_script_makes_no_html_of_strings(page):
    html = page.ask()[2].decode()
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|http:|https:",
        html.replace("http://www.w3.org/2000/svg", ""),
    )


def test_json_is_served_as_json_that_nobody_frames(page):
    status, headers, body = page.ask("list")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert headers["x-content-type-options"] == "nosniff" and "default-src 'none'" in headers["content-security-policy"]
    assert headers["cross-origin-resource-policy"] == "same-origin"
    found = json.loads(body)
    assert [row["task"] for row in found["rows"]] == [
        "flip0001",
        "flip0001",
        "wide0002",
        "flip0001",
        "flip0001",
        "gone0003",
    ]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", "", "127.0.0.1:{port}.x"]
)
def test_a_name_that_was_bent_to_this_machine_is_refused(page, host):
    status, _, body = page.ask("list", Host=host.format(port=page.port))
    assert status in (400, 421) and b"rows" not in body


def test_the_names_of_this_machine_are_taken(page):
    for name in ("127.0.0.1", "localhost", "[::1]"):
        assert page.ask("list", Host=f"{name}:{page.port}")[0] == 200


@pytest.mark.parametrize(
    "path", ["/", "/list", "/x/", "/x/list", "/x/decide", "/x/trace/0", "/%2e%2e/list", "/docs", "/openapi.json"]
)
def test_without_the_token_there_is_nothing(page, path):
    status, _, body = page.ask(path)
    assert status in (404, 405) and b"flip0001" not in body and page.path.strip("/").encode() not in body


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
    ],
)
def test_another_page_cannot_decide_even_with_the_token(page, headers):
    before = read(page.folder)
    status, _, _ = page.decide({"place": 5, "verdict": "accept"}, **headers)
    assert status in (403, 415)
    assert read(page.folder) == before


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[" * 5000, b"NaN", b"[]", b"x" * 20_000,
        {"place": 6, "verdict": "accept"}, {"place": -1, "verdict": "accept"}, {"place": True, "verdict": "accept"},
        {"place": "0", "verdict": "accept"}, {"place": 0}, {"place": 0, "verdict": "maybe"},
        {"place": 0, "verdict": ["accept"]}, {"place": 0, "verdict": "accept", "reasons": "luck"},
        {"place": 0, "verdict": "accept", "reasons": ["../../x"]}, {"place": 0, "verdict": "accept", "reasons": [1]},
    ],
)  # fmt: skip
def test_what_is_no_decision_is_refused(page, body):
    before = read(page.folder)
    status, _, answer = page.decide(body)
    assert status in (400, 413, 422) and json.loads(answer)["error"]
    assert read(page.folder) == before


@pytest.mark.parametrize("place", ["6", "-1", "x", "%2e%2e", "1e1", "9" * 30, "²"])
def test_other_places_hold_no_trace(page, place):
    assert page.ask(f"trace/{quote(place, safe='%')}")[0] == 404


def test_a_decision_is_on_disk_before_it_is_answered(page):
    status, _, body = page.decide({"place": 2, "verdict": "accept", "reasons": ["clear"]}, Origin=f"http://{page.host}")
    found = json.loads(body)
    assert status == 200 and found["row"]["verdict"] == "accept" and found["counts"]["accepted"] == 1
    (decision,) = [one for key, one in read(page.folder).items() if key.endswith("//wide0002")]
    assert (decision.verdict, decision.reasons) == ("accept", ("clear",))
    page.decide({"place": 2, "verdict": "open"})
    assert not [key for key in read(page.folder) if key.endswith("//wide0002")]


def test_what_another_page_wrote_is_seen(page):
    with (page.folder / NAME).open("a") as file:
        file.write(json.dumps({"trace": json.loads(page.ask("list")[2])["rows"][3]["key"], "verdict": "reject"}) + "\n")
    assert json.loads(page.ask("list")[2])["rows"][3]["verdict"] == "reject"


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """Two traces, the first with halves of characters; a folder's name need not be UTF-8 either."""
    half = replace(TRACES[0], hint="\ud800", thinking="\udfff", parent=replace(UNTURNED, program="\udbff"))
    folder = write(tmp_path_factory.mktemp("odd") / "caf\udce9", [half, TRACES[2]])
    with reviewing(folder) as (url, _):
        yield Page(url, folder)


def test_one_trace_with_half_a_character_hides_no_other(odd):
    status, _, body = odd.ask("list")
    assert status == 200 and [row["hint"] for row in json.loads(body)["rows"]] == [r"\ud800", ""]
    status, _, body = odd.ask("trace/0")
    assert status == 200 and json.loads(body)["parent"]["program"] == r"\udbff"
    status, _, body = odd.ask()
    assert status == 200 and rb"caf\udce9" in body


@pytest.fixture
def refused(monkeypatch, capsys):
    """Runs `arc-train review` in this process: what it says of a folder that it does not take."""

    def run(folder):
        monkeypatch.setattr(sys, "argv", ["arc-train", "review", str(folder)])
        with pytest.raises(SystemExit) as caught:
            main()
        out, said = capsys.readouterr()
        assert caught.value.code == 2 and out == "" and said.count("\n") == 1
        return said

    return run


def test_a_folder_without_traces_is_one_line(tmp_path, refused):
    assert "arc-train traces" in refused(tmp_path)


def test_a_review_that_cannot_be_read_is_one_line(tmp_path, refused):
    folder = write(tmp_path / "traces")
    (folder / NAME).mkdir()
    assert "review.jsonl: cannot be read" in refused(folder)


def test_a_decision_that_cannot_be_written_is_said_and_not_counted(odd):
    (odd.folder / NAME).mkdir()
    status, _, body = odd.decide({"place": 0, "verdict": "accept"})
    assert status == 507 and "was not written" in json.loads(body)["error"]
    (odd.folder / NAME).rmdir()
    assert json.loads(odd.ask("list")[2])["counts"]["accepted"] == 0


def test_the_end_says_how_far_it_is(tmp_path):
    folder = write(tmp_path / "traces")
    with reviewing(folder) as (url, process):
        page = Page(url, folder)
        page.decide({"place": 0, "verdict": "reject", "reasons": ["luck"]})
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=20)
        assert process.returncode == 0, said
        last = json.loads(out.splitlines()[-1])
        assert (last["traces"], last["accepted"], last["rejected"], last["open"]) == (6, 0, 1, 5)
        assert last["review"].endswith(NAME)


def test_there_is_a_key_for_every_reason():
    assert 1 <= len(REASONS) <= 9
