"""An engine of the kit behind OpenAI's chat-completions interface, on loopback: the small model as a teacher on a CPU.

    GET  /v1/models
    POST /v1/chat/completions    n, seed, max_tokens, temperature (the engine's own, or 400), stream, usage

Requests that come within a short window, or while the engine is busy, are decoded together in one call of
`engine.sample`, in one thread: an engine is not asked twice at once. The same request with the same seed gets the same
answers. Bodies that are wrong are refused as OpenAI refuses them: an `error` with a message, 400, 404 or 413.

Left out: keys (it listens on loopback only), tools, stop words, log-probabilities; a stream brings each answer in one
piece when it is whole. A request's task, for engines that go by it (`scripted`), is the field `user`, else `served`.
"""

import asyncio
import itertools
import logging
import math
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse, Response, StreamingResponse

from arc_submit.errors import ArcSubmitError, EngineError, PromptError
from arc_submit.records import Completion, Message, Prompt
from arc_submit.sample import Engine, Request

WINDOW = 0.02  # seconds that the first of a batch waits for others
TASK = "served"
ROLES = ("system", "developer", "user", "assistant")
MOST_ANSWERS = 64
"""To one request."""
MOST_BYTES = 4 << 20  # of a request
LOG = logging.getLogger(__name__)


class Refused(Exception):
    """A request that is not carried out."""

    def __init__(self, message: str, status: int = 400, code: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass(slots=True)
class Counts:
    """What was served."""

    requests: int = 0
    answers: int = 0
    tokens: int = 0
    batches: int = 0
    refused: int = 0
    largest: int = 0
    """Answers of the largest batch."""


@dataclass(slots=True)
class Batches:
    """Gathers requests and has them decoded together.

    Args:
        engine: already started.
        most: answers in one batch, at most (a single larger request goes alone).
    """

    engine: Engine
    most: int = 256
    counts: Counts = field(default_factory=Counts)
    _waiting: "asyncio.Queue[tuple[Request, asyncio.Future[list[Completion]]]]" = field(default_factory=asyncio.Queue)
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "engine"))

    async def ask(self, request: Request) -> tuple[int, list[Completion]]:
        """Return a prompt's tokens and the answers.

        Raises:
            PromptError: it is too long.
            EngineError: the engine failed.
        """
        loop = asyncio.get_running_loop()
        tokens = await loop.run_in_executor(self._thread, self.engine.count, request.prompt)
        if tokens >= self.engine.context:
            raise PromptError(f"the prompt has {tokens} tokens, the context length is {self.engine.context}")
        answer: asyncio.Future[list[Completion]] = loop.create_future()
        self._waiting.put_nowait((request, answer))
        return tokens, await answer

    async def work(self) -> None:
        """Serve until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            batch = [await self._waiting.get()]
            await asyncio.sleep(WINDOW)
            while not self._waiting.empty() and sum(request.n for request, _ in batch) < self.most:
                batch.append(self._waiting.get_nowait())
            batch = [(request, answer) for request, answer in batch if not answer.done()]  # its asker may have left
            if not batch:
                continue
            requests = [request for request, _ in batch]
            self.counts.batches += 1
            self.counts.largest = max(self.counts.largest, sum(request.n for request in requests))
            try:
                found = await loop.run_in_executor(self._thread, self.engine.sample, requests, math.inf)
                if len(found) != len(batch):
                    raise EngineError(f"the engine answered {len(found)} of {len(batch)} requests")
            except Exception as error:  # of whatever an engine is made of: these requests fail, later ones are served
                if not isinstance(error, ArcSubmitError):
                    LOG.exception("the engine failed")
                for _, answer in batch:
                    if not answer.done():
                        said = PromptError if isinstance(error, PromptError) else EngineError
                        answer.set_exception(said(str(error) or type(error).__name__))
                continue
            for (_, answer), own in zip(batch, found, strict=True):
                if not answer.done():
                    answer.set_result(own)

    def close(self) -> None:
        """Let the thread end; what it decodes is waited for."""
        self._thread.shutdown(wait=True, cancel_futures=True)


def app(engine: Engine, model: str, temperature: float | None = None, limit: int = 4096, most: int = 256) -> FastAPI:
    """Return the application; `state.counts` of it says what was served.

    Args:
        engine: already started; closing it stays with the caller.
        model: the one name that it is served under.
        temperature: of the engine; None: it has none, and any is taken.
        limit: tokens of an answer, at most.
        most: answers decoded together, at most.
    """
    batches = Batches(engine, most)
    numbers = itertools.count()

    @asynccontextmanager
    async def alive(_: FastAPI) -> AsyncIterator[None]:
        worker = asyncio.create_task(batches.work())
        try:
            yield
        finally:
            worker.cancel()
            batches.close()

    served = FastAPI(lifespan=alive, docs_url=None, redoc_url=None, openapi_url=None)
    served.state.counts = batches.counts

    async def models() -> Response:
        entry = {"id": model, "object": "model", "created": 0, "owned_by": "arc-train", "max_model_len": engine.context}
        return JSONResponse({"object": "list", "data": [entry]})

    async def complete(http: HttpRequest) -> Response:
        try:
            body = await _body(http)
            request = _request(body, model, temperature, limit, next(numbers))
            batches.counts.requests += 1
            tokens, found = await batches.ask(request)
            if not found:
                raise Refused("the engine has no answer to this prompt", 503, "no_answer")
            if any(own.finish == "deadline" for own in found):
                raise Refused("the server is going down", 503, "going_down")
        except PromptError as error:
            batches.counts.refused += 1
            return _error(Refused(str(error), 400, "context_length_exceeded"))
        except Refused as refused:
            batches.counts.refused += 1
            return _error(refused)
        except ArcSubmitError as error:
            return _error(Refused(str(error), 500, "engine_error"))
        batches.counts.answers += len(found)
        made = sum(_tokens(completion) for completion in found)
        batches.counts.tokens += made
        usage = {"prompt_tokens": tokens, "completion_tokens": made, "total_tokens": tokens + made}
        head = {"id": f"arc-{batches.counts.requests}", "created": int(time.time()), "model": model}
        if body.get("stream"):
            with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
            return StreamingResponse(
                _events(head, found, usage if with_usage else None), media_type="text/event-stream"
            )
        choices = [
            {"index": index, "message": {"role": "assistant", "content": own.text}, "finish_reason": _finish(own)}
            for index, own in enumerate(found)
        ]
        return JSONResponse({**head, "object": "chat.completion", "choices": choices, "usage": usage})

    served.add_api_route("/v1/models", models, methods=["GET"])
    served.add_api_route("/v1/chat/completions", complete, methods=["POST"])
    return served


async def _body(http: HttpRequest) -> dict[str, Any]:
    data = await http.body()
    if len(data) > MOST_BYTES:
        raise Refused(f"more than {MOST_BYTES >> 20} MiB", 413)
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Refused(f"not JSON: {error.msg}") from None
    if not isinstance(body, dict):
        raise Refused("expected a JSON object")
    return body


def _request(body: dict[str, Any], model: str, temperature: float | None, limit: int, number: int) -> Request:
    """The engine's request for a body.

    Raises:
        Refused: a field that is wrong or not supported.
    """
    if body.get("model") != model:
        raise Refused(f"no model {body.get('model')!r}; this server has {model!r}", 404, "model_not_found")
    for name in ("tools", "functions", "stop", "logprobs", "response_format"):
        if body.get(name):
            raise Refused(f"{name} is not supported")
    asked = body.get("temperature")
    if asked is not None and temperature is not None and not (_number(asked) and abs(asked - temperature) < 1e-6):
        raise Refused(
            f"temperature {asked}: this server samples at {temperature:g}; leave it out or start it with another"
        )
    if body.get("top_p") not in (None, 1, 1.0):
        raise Refused("top_p is not supported")
    n = _whole(body, "n", 1, 1, MOST_ANSWERS)
    most = _whole(body, "max_completion_tokens", _whole(body, "max_tokens", limit, 1, None), 1, None)
    seed = _whole(body, "seed", number, 0, (1 << 63) - 1)
    task = body.get("user")
    if not isinstance(body.get("stream_options") or {}, dict):
        raise Refused("stream_options: expected an object")
    messages = _messages(body.get("messages"))
    prompt = Prompt(task if isinstance(task, str) and task else TASK, "fresh", messages)
    return Request(prompt, n, seed, limit=min(most, limit))


def _messages(found: Any) -> tuple[Message, ...]:
    if not isinstance(found, list) or not found:
        raise Refused("messages: expected a list of at least one message")
    messages = []
    for message in found:
        role = message.get("role") if isinstance(message, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, list) and all(isinstance(part, dict) and part.get("type") == "text" for part in content):
            content = "".join(str(part.get("text", "")) for part in content)
        if role not in ROLES or not isinstance(content, str):
            raise Refused(f"messages: expected a role of {', '.join(ROLES)} and a text")
        messages.append(Message("system" if role == "developer" else str(role), content))
    return tuple(messages)


def _whole(body: dict[str, Any], name: str, default: int, least: int, most: int | None) -> int:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or value < least or (most is not None and value > most):
        raise Refused(f"{name}: expected a whole number from {least}{f' to {most}' if most is not None else ''}")
    return value


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _finish(completion: Completion) -> str:
    return "stop" if completion.finish == "stop" else "length"


def _tokens(completion: Completion) -> int:
    return len(completion.tokens) or len(completion.text.encode()) // 3 + 1


def _error(refused: Refused) -> Response:
    return JSONResponse(
        {"error": {"message": str(refused), "type": refused.code, "code": refused.code}}, refused.status
    )


def _events(head: dict[str, Any], found: Sequence[Completion], usage: dict[str, int] | None) -> Iterator[bytes]:
    """Server-sent events of whole answers."""
    head = {**head, "object": "chat.completion.chunk"}
    for index, own in enumerate(found):
        for delta, finish in (({"role": "assistant", "content": own.text}, None), ({}, _finish(own))):
            choice = {"index": index, "delta": delta, "finish_reason": finish}
            yield b"data: " + orjson.dumps({**head, "choices": [choice]}) + b"\n\n"
    if usage is not None:
        yield b"data: " + orjson.dumps({**head, "choices": [], "usage": usage}) + b"\n\n"
    yield b"data: [DONE]\n\n"
