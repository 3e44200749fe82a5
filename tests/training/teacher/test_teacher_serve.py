"""An engine behind HTTP, asked by OpenAI's own client and by the sampler."""

import asyncio
import json
import signal
import subprocess
import sys
import threading

import pytest

pytest.importorskip("openai")
pytest.importorskip("fastapi")

import openai
from helpers import make_task

from arc_submit.errors import ConfigError, EngineError, PromptError
from arc_submit.records import Completion, Message, Prompt
from arc_submit.sample.scripted import ScriptedEngine
from training.cli.serve import name_of
from training.teacher.account import Account
from training.teacher.archive import Archive
from training.teacher.client import only_model
from training.teacher.listen import in_background, listen
from training.teacher.providers import resolve
from training.teacher.records import Question
from training.teacher.sampler import ServerTeacher
from training.teacher.serve import app
from training.teacher.settings import Settings


class Echo(ScriptedEngine):
    """Answers with its seed and place; keeps the sizes of batches; waits at the gate for a full house."""

    def __init__(self, context=1000):
        super().__init__({})
        self.context, self.batches, self.limits, self.error = context, [], [], None
        self.gate = threading.Event()
        self.gate.set()

    def sample(self, requests, deadline):
        assert self.gate.wait(20)
        self.batches.append(sum(request.n for request in requests))
        self.limits += [request.limit for request in requests]
        if self.error is not None:
            raise self.error
        return [
            [Completion(f"{request.seed}/{i}", "fresh", tokens=(1, 2, 3)) for i in range(request.n)]
            for request in requests
        ]


def client(url):
    return openai.OpenAI(base_url=url, api_key="none", max_retries=0, timeout=20)


USER = [{"role": "user", "content": "hello"}]


def test_the_scripted_engine_answers_openais_client():
    engine = ScriptedEngine({"served": ["one", "two"], "t9": ["nine"]})
    with in_background(app(engine, "weights/small")) as url, client(url) as own:
        assert [model.id for model in own.models.list()] == ["weights/small"]
        found = own.chat.completions.create(model="weights/small", messages=USER, n=2, temperature=0.3)
        assert [choice.message.content for choice in found.choices] == ["one", "two"]
        assert found.usage.prompt_tokens == 5 and found.usage.completion_tokens == 8  # bytes, and an end each
        named = own.chat.completions.create(model="weights/small", messages=USER, user="t9")
        assert named.choices[0].message.content == "nine"
        with pytest.raises(openai.InternalServerError, match="no answer"):
            own.chat.completions.create(model="weights/small", messages=USER)


def test_a_stream_brings_texts_ends_and_usage():
    with in_background(app(Echo(), "m")) as url, client(url) as own:
        options = {"include_usage": True}
        stream = own.chat.completions.create(model="m", messages=USER, n=2, seed=4, stream=True, stream_options=options)
        chunks = list(stream)
    texts = {0: "", 1: ""}
    for chunk in chunks:
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
    assert texts == {0: "4/0", 1: "4/1"}
    assert [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason] == [
        "stop"
    ] * 2
    assert chunks[-1].usage.completion_tokens == 6


@pytest.fixture(scope="module")
def served():
    engine = Echo()
    with in_background(app(engine, "m", temperature=1.0)) as url, client(url) as own:
        yield engine, own


@pytest.fixture
def strict(served):
    """An engine of temperature 1 that has served nothing yet, and a client of its server."""
    served[0].batches.clear()
    return served


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": 0.5},
        {"temperature": "warm"},
        {"top_p": 0.5},
        {"n": 0},
        {"n": True},
        {"n": 1000},
        {"max_tokens": 0},
        {"seed": -1},
        {"messages": []},
        {"messages": ["x"]},
        {"messages": [{"role": "tool", "content": "x"}]},
        {"messages": [{"role": "user", "content": None}]},
        {"tools": [{}]},
        {"stop": "x"},
        {"stream": True, "stream_options": "x"},
        {"stream": True, "stream_options": ["include_usage"]},
    ],
)
def test_a_body_that_is_wrong_is_refused_in_words(wrong, strict):
    engine, own = strict
    with pytest.raises(openai.BadRequestError):
        own.post("/chat/completions", cast_to=object, body={"model": "m", "messages": USER} | wrong)
    assert engine.batches == []


def test_what_is_no_request_at_all_is_refused_and_the_next_one_served(strict):
    engine, own = strict
    with pytest.raises(openai.NotFoundError):
        own.chat.completions.create(model="other", messages=USER)
    with pytest.raises(openai.BadRequestError, match="not JSON"):
        own.post("/chat/completions", cast_to=object, content=b"{")
    assert own.chat.completions.create(model="m", messages=USER, temperature=1.0, seed=3).choices
    assert engine.batches == [1]


def test_a_prompt_that_is_too_long_is_refused_alone_and_as_servers_say_it():
    with (
        in_background(app(Echo(context=4), "m")) as url,
        client(url) as own,
        pytest.raises(openai.BadRequestError, match="context length"),
    ):
        own.chat.completions.create(model="m", messages=USER)


def test_the_limit_on_tokens_is_passed_on_and_never_above_the_servers():
    engine = Echo()
    with in_background(app(engine, "m", limit=50)) as url, client(url) as own:
        for most in ({"max_tokens": 7}, {"max_completion_tokens": 9}, {"max_tokens": 99}, {}):
            own.chat.completions.create(model="m", messages=USER, **most)
    assert engine.limits == [7, 9, 50, 50]


def test_an_engine_that_fails_is_a_500_and_the_next_request_is_served():
    engine = Echo()
    with in_background(app(engine, "m")) as url, client(url) as own:
        for error, kind in (
            (EngineError("died"), openai.InternalServerError),
            (PromptError("x"), openai.BadRequestError),
            (RuntimeError("device-side assert"), openai.InternalServerError),
            (IndexError(), openai.InternalServerError),
        ):
            engine.error = error
            with pytest.raises(kind, match=str(error) or "IndexError"):
                own.chat.completions.create(model="m", messages=USER)
        engine.error = None
        assert own.chat.completions.create(model="m", messages=USER, seed=1).choices[0].message.content == "1/0"


def test_an_engine_that_leaves_requests_out_is_a_500_and_the_next_request_is_served():
    class Forgetful(Echo):
        def sample(self, requests, deadline):
            found = super().sample(requests, deadline)
            return found if len(self.batches) > 1 else []

    with in_background(app(Forgetful(), "m")) as url, client(url) as own:
        with pytest.raises(openai.InternalServerError, match="0 of 1"):
            own.chat.completions.create(model="m", messages=USER)
        assert own.chat.completions.create(model="m", messages=USER, seed=1).choices[0].message.content == "1/0"


def questions(count, n):
    return [
        Question(Prompt("t", "fresh", (Message("user", str(number)),)), make_task(), (), n, number)
        for number in range(count)
    ]


@pytest.mark.parametrize("streamed", [False, True])
def test_the_sampler_asks_it_and_what_comes_together_is_decoded_together(streamed, tmp_path):
    engine = Echo()
    engine.gate.clear()
    application = app(engine, "m", temperature=1.0)

    async def main(url):
        provider, _ = resolve(url)
        with Archive(tmp_path) as archive:
            settings = Settings(provider, await asyncio.to_thread(only_model, provider), in_flight=40, stream=streamed)
            teacher = ServerTeacher(settings, archive, Account())
            asked = [asyncio.create_task(teacher.ask(question)) for question in questions(40, 2)]
            while application.state.counts.requests < 40:
                await asyncio.sleep(0.01)
            engine.gate.set()
            found = await asyncio.gather(*asked)
            await teacher.close()
            assert len(archive) == 40
        return found

    with in_background(application) as url:
        found = asyncio.run(main(url))
    assert [[reply.text for reply in own] for own in found] == [[f"{i}/0", f"{i}/1"] for i in range(40)]
    assert sum(engine.batches) == 80 and len(engine.batches) < 10
    assert all(reply.tokens == 3 for own in found for reply in own)


def test_a_port_that_is_taken_is_the_persons_mistake():
    own = listen(0)
    with own, pytest.raises(ConfigError, match="take another"):
        listen(own.getsockname()[1])


def test_no_path_of_the_machine_is_in_the_models_name():
    assert name_of("/home/someone/out/merged") == "out/merged"
    assert name_of("small") == "small"


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_the_command_prints_its_url_and_ends_with_a_line_of_json(number, tmp_path):
    script = tmp_path / "script.jsonl"
    script.write_text('{"task": "served", "text": "one"}\n')
    program = "import training.cli.serve; from training.cli import main; main()"
    command = [
        sys.executable,
        "-c",
        program,
        "serve",
        "m",
        "--engine",
        "scripted",
        "--script",
        str(script),
        "--port",
        "0",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        url = process.stdout.readline().strip()
        with client(url) as own:
            assert own.chat.completions.create(model="m", messages=USER).choices[0].message.content == "one"
        process.send_signal(number)
        out, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0
    last = json.loads(out.splitlines()[-1])
    assert (last["url"], last["requests"], last["answers"], last["batches"]) == (url, 1, 1, 1)
