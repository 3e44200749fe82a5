"""The remote engine against a real server on loopback that answers, is busy, breaks, talks nonsense or is silent."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytest.importorskip("openai")

from arc_submit.config import SampleConfig
from arc_submit.errors import EngineError, PromptError
from arc_submit.records import Message, Prompt
from arc_submit.sample import openai as remote
from arc_submit.sample.engine import Request

SECRET = "sk-not-to-be-seen"


class Stub(ThreadingHTTPServer):
    """Answers each chat request with the next of `replies`, the last one again and again; keeps what it was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies = [good]
        self.models = {"data": [{"id": "m", "object": "model", "created": 0, "owned_by": "me"}], "object": "list"}
        self.asked, self.keys = [], []
        self.stop = threading.Event()
        self.lock = threading.Lock()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"

    def next(self, body):
        with self.lock:
            self.asked.append(body)
            return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.keys.append(self.headers["Authorization"])
        if self.server.models is None:
            self.say(404, {"error": {"message": "no such page"}})
        else:
            self.say(200, self.server.models)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.next(body)(self, body)

    def say(self, status, value, **headers):
        self.send(status, json.dumps(value).encode(), **headers)

    def send(self, status, data, length=None, **headers):
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(length or len(data)))
        self.end_headers()
        self.wfile.write(data)


def choice(index, text, finish="stop", **more):
    return {"index": index, "finish_reason": finish, "message": {"role": "assistant", "content": text}} | more


def answer(handler, choices):
    usage = {"prompt_tokens": 5, "completion_tokens": 7 * len(choices), "total_tokens": 5 + 7 * len(choices)}
    head = {"id": "x", "object": "chat.completion", "created": 0, "model": "m"}
    handler.say(200, head | {"choices": choices, "usage": usage})


def good(handler, body):
    words = body["messages"][-1]["content"]
    answer(handler, [choice(i, f"{words} {body['seed'] + i}") for i in range(body["n"])])


def one(handler, body):
    answer(handler, [choice(0, f"only {body['seed']}", "length")])


def with_ids(handler, body):
    parts = {"content": [{"token": "a", "logprob": -0.5, "top_logprobs": []}] * 2}
    answer(handler, [choice(i, "aa", logprobs=parts, token_ids=[4, 4]) for i in range(body["n"])])


def refuse(status, message="", **headers):
    return lambda handler, body: handler.say(status, {"error": {"message": message}}, **headers)


def raw(data, **more):
    return lambda handler, body: handler.send(200, data, **more)


def silence(handler, body):
    handler.server.stop.wait(20)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(remote, "WAIT", 0.01)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    stub = Stub()
    thread = threading.Thread(target=stub.serve_forever, args=(0.02,))
    thread.start()
    yield stub
    stub.stop.set()
    stub.shutdown()
    stub.server_close()
    thread.join()


def engine(stub, **settings):
    given = {"engine": "openai", "model": "m", "server": stub.url, "retries": 2, "timeout": 5.0} | settings
    return remote.OpenAIEngine(SampleConfig(**given))


def ask(words="hi", n=1, seed=10):
    return Request(Prompt("t", "edit", (Message("system", "s"), Message("user", words)), parents=("p",)), n, seed)


def texts(answered):
    return [[completion.text for completion in own] for own in answered]


def soon(seconds=30.0):
    return time.monotonic() + seconds


def test_answers_keep_the_order_of_the_requests_and_their_seeds(server):
    made = engine(server).sample([ask("a", 2, 10), ask("b", 1, 20), ask("c", 3, 30)], soon())
    assert texts(made) == [["a 10", "a 11"], ["b 20"], ["c 30", "c 31", "c 32"]]
    first = made[0][0]
    assert (first.proposer, first.parents, first.finish, first.tokens, first.logprobs) == (
        "edit",
        ("p",),
        "stop",
        (),
        (),
    )


def test_the_request_carries_the_settings(server):
    engine(server, temperature=0.25, top_p=0.5, min_p=0.125, max_new_tokens=9).sample([ask()], soon())
    (body,) = server.asked
    asked = {"model": "m", "temperature": 0.25, "top_p": 0.5, "min_p": 0.125, "max_tokens": 9, "n": 1, "seed": 10}
    assert {key: body[key] for key in asked} == asked
    assert body["messages"] == [{"role": "system", "content": "s"}, {"role": "user", "content": "hi"}]


def test_produced_grows_by_what_the_server_counts(server):
    asked = engine(server)
    asked.sample([ask(n=2), ask()], soon())
    assert asked.produced == 3 * 7


def test_a_server_that_gives_one_answer_at_a_time_is_asked_again(server):
    server.replies = [one]
    (made,) = engine(server).sample([ask(n=3)], soon())
    assert [(completion.text, completion.finish) for completion in made] == [
        ("only 10", "length"),
        ("only 11", "length"),
        ("only 12", "length"),
    ]


@pytest.mark.parametrize(
    "trouble",
    [
        refuse(429, "slow down"),
        refuse(429, "slow down", Retry_After="0.02"),
        refuse(429, "slow down", Retry_After="tomorrow"),
        refuse(500),
        refuse(503),
        raw(b"{not json"),
        raw(b"<html>", Content_Type="text/html"),
        raw(b"[]"),
        raw(b'{"choices": []}'),
        raw(b'{"choices": [{"message": "text"}]}'),
        raw(b'{"choices": ', length=400),
    ],
)
def test_trouble_that_passes_is_outlived(server, trouble):
    server.replies = [trouble, trouble, good]
    assert texts(engine(server, timeout=1.0).sample([ask()], soon())) == [["hi 10"]]
    assert len(server.asked) == 3


def test_a_silent_server_is_asked_again_after_the_timeout(server):
    server.replies = [silence, good]
    assert texts(engine(server, timeout=0.3).sample([ask()], soon())) == [["hi 10"]]


def test_the_deadline_ends_the_wait_for_a_silent_server(server):
    server.replies = [silence]
    began = time.monotonic()
    assert engine(server).sample([ask(), ask()], soon(0.4)) == [[], []]
    assert time.monotonic() - began < 3


def test_a_retry_does_not_outlast_the_deadline(server, monkeypatch):
    monkeypatch.setattr(remote, "WAIT", 60.0)
    server.replies = [refuse(500)]
    assert engine(server).sample([ask()], soon(2.0)) == [[]]


def test_a_request_that_is_never_answered_comes_back_short_beside_others(server):
    server.replies = [lambda handler, body: (refuse(500) if "bad" in str(body) else good)(handler, body)]
    assert texts(engine(server).sample([ask("bad", 2), ask("fine")], soon())) == [[], ["fine 10"]]


def test_no_answer_at_all_is_an_error_that_says_why(server):
    server.replies = [refuse(500, "burning")]
    with pytest.raises(EngineError, match=r"no answer after 2 retries.*burning"):
        engine(server).sample([ask(), ask()], soon())
    assert len(server.asked) == 6


def test_no_requests_no_answers(server):
    assert engine(server).sample([], soon()) == []


def test_a_prompt_that_is_too_long_is_the_prompts_mistake(server):
    server.replies = [refuse(400, "This model's maximum context length is 10 tokens")]
    with pytest.raises(PromptError, match="maximum context length"):
        engine(server).sample([ask()], soon())
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "refuses the key; set OPENAI_API_KEY"), (404, "sample.model=m"), (400, "sample.model=m")],
)
def test_a_refusal_is_not_repeated(server, status, words):
    server.replies = [refuse(status, "no")]
    with pytest.raises(EngineError, match=words):
        engine(server).sample([ask()], soon())
    assert len(server.asked) == 1


def test_the_key_is_sent_and_never_written(server, caplog, capsys):
    caplog.set_level("DEBUG")
    server.replies = [refuse(401, "bad key")]
    with pytest.raises(EngineError) as caught:
        engine(server).sample([ask()], soon())
    assert server.keys == [f"Bearer {SECRET}"]
    assert SECRET not in str(caught.value) + caplog.text + "".join(capsys.readouterr())


def test_vllms_server_gives_ids_log_probabilities_and_its_context(server):
    server.models["data"][0] |= {"owned_by": "vllm", "max_model_len": 4096}
    server.replies = [with_ids]
    asked = engine(server)
    ((made,),) = asked.sample([ask()], soon())
    assert asked.context == 4096
    assert engine(server, context=512).context == 512
    assert engine(server, context=8192).context == 4096
    assert (made.tokens, made.logprobs) == ((4, 4), (-0.5, -0.5))
    assert server.asked[0]["logprobs"] is True
    assert server.asked[0]["return_token_ids"] is True


def test_the_context_is_the_settings_or_a_common_one_where_the_server_does_not_say(server):
    assert engine(server).context == remote.CONTEXT
    server.models = None
    assert engine(server).context == remote.CONTEXT
    assert engine(server, context=512).context == 512


def test_a_server_that_is_not_there_is_named(server):
    with pytest.raises(EngineError, match=r"sample\.server=http://127\.0\.0\.1:9/v1: .*is it running"):
        engine(server, server="http://127.0.0.1:9/v1")


def test_what_a_server_cannot_do_is_said(server):
    asked = engine(server)
    asked.adapt(None)
    assert asked.adapter is None
    with pytest.raises(EngineError, match="cannot put the adapter x on"):
        asked.adapt("x")
    with pytest.raises(EngineError, match="cannot score"):
        asked.score(ask().prompt, "text")
    asked.close()


def test_the_count_is_an_estimate_by_bytes(server):
    assert engine(server).count(ask("0 1 2 3 ").prompt) == (4 + 0) + (4 + 4)  # "s", then eight bytes
