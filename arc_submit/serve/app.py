"""FastAPI's routes. FastAPI is imported inside `build`, so that the package does without it.

    GET  /health    without a token: grade, layers, queue, counters, limits
    GET  /metrics   the same and more, as JSON
    POST /tasks     register tasks, {"tasks": {ID: ARC JSON}} -> {"tasks": {ID: {"digest": ...}}}
    POST /judge     programs -> verdicts (`wire`)

The order of a request: token, place, body within size and time, JSON, queue, answer. A client that leaves frees its
place at any of these. Errors are {"error": {"kind", "message", "field", "task", "expected"}}.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from importlib import import_module
from typing import Any

import orjson

from arc_submit import __version__
from arc_submit.errors import ConfigError
from arc_submit.serve import access, wire
from arc_submit.serve.crew import Crew, Ticket, leaving
from arc_submit.serve.records import Batch, Refused, Verdict
from arc_submit.serve.shelf import Shelf

PARSERS = 2  # bodies that are taken apart at a time: bounds memory


def fastapi() -> Any:
    """Return the module. ConfigError: it is not installed."""
    try:
        import_module("uvicorn")
        return import_module("fastapi")
    except ImportError as error:
        raise ConfigError(
            f"{error.name} is not installed; `pip install fastapi uvicorn` or `pip install 'arc-submit[training]'` "
            "brings what servers need"
        ) from None


def build(crew: Crew, token: str) -> Any:
    """Return the ASGI application. ConfigError: FastAPI is not installed."""
    app = fastapi().FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    service = Service(crew, token)
    Request = import_module("starlette.requests").Request

    def route(method: str, path: str, handle: Callable[[Any], Awaitable[Any]]) -> None:
        async def answer(request: Request) -> Any:  # type: ignore[valid-type]
            return await service.answered(handle, request)

        app.add_api_route(path, answer, methods=[method], response_model=None)

    route("GET", "/health", service.health)
    route("GET", "/metrics", service.metrics)
    route("POST", "/tasks", service.tasks)
    route("POST", "/judge", service.judge)

    async def nowhere(request: Request, error: Any) -> Any:  # type: ignore[valid-type]
        refused = Refused(
            error.status_code, "nowhere", "no such route", expected="GET /health, /metrics; POST /tasks, /judge"
        )
        return service.refusal(refused)

    async def bug(request: Request, error: Any) -> Any:  # type: ignore[valid-type]
        return service.refusal(Refused(500, "bug", "an error of the server's own; its log says which"))

    app.add_exception_handler(500, bug)  # the traceback goes to the log all the same
    app.add_exception_handler(404, nowhere)
    app.add_exception_handler(405, nowhere)
    return app


class Service:
    """What the routes do."""

    def __init__(self, crew: Crew, token: str) -> None:
        self.crew, self.shelf, self._token = crew, Shelf(crew.limits.tasks), token
        self._parsers = asyncio.Semaphore(PARSERS)
        self._response = import_module("starlette.responses").Response

    async def answered(self, handle: Callable[[Any], Awaitable[Any]], request: Any) -> Any:
        """Return the response of a route, refusals among them."""
        self.crew.counts["requests"] += 1
        try:
            status, body = 200, await handle(request)
        except Refused as refused:
            self.crew.counts["refused"] += 1
            return self.refusal(refused)
        self.crew.counts[f"status {status}"] += 1
        return self._json(status, body)

    def refusal(self, refused: Refused) -> Any:
        """Return the response for a refusal."""
        self.crew.counts[f"status {refused.status}"] += 1
        headers = {"Retry-After": str(refused.retry_after)} if refused.retry_after is not None else {}
        if refused.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return self._json(refused.status, refused.body(), headers)

    def _json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> Any:
        more = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}
        return self._response(orjson.dumps(body), status, more, "application/json")

    # --- routes -------------------------------------------------------------------------------------------------------

    async def health(self, _: Any) -> dict[str, Any]:
        """For whoever asks: is it well, and what are its results worth?"""
        report, limits = self.crew.report(), self.crew.limits
        return {
            "service": "arc-submit serve-sandbox",
            "version": __version__,
            "status": "ending" if self.crew.draining else "ok" if report is not None else "starting",
            "grade": report.grade if report is not None else None,
            "layers": report.layers if report is not None else {},
            "limits": {
                "programs": limits.programs,
                "body_bytes": limits.body_bytes,
                "deadline_seconds": limits.deadline_seconds,
            },
            **self.crew.state(),
        }

    async def metrics(self, request: Any) -> dict[str, Any]:
        """For those with a token."""
        self._authorise(request)
        return self.crew.metrics() | {"tasks": len(self.shelf)}

    async def tasks(self, request: Any) -> dict[str, Any]:
        """Register tasks."""
        self._authorise(request)
        with self.crew.place():
            body = await self._read(request)
            async with self._parsers:
                found = await asyncio.to_thread(lambda: wire.tasks(wire.parse(body)))
            return {"tasks": {task_id: {"digest": self.shelf.put(task)} for task_id, task in found.items()}}

    async def judge(self, request: Any) -> dict[str, Any]:
        """Judge a batch."""
        self._authorise(request)
        with self.crew.place():
            body = await self._read(request)
            async with self._parsers:
                batch = await asyncio.to_thread(self._batch, body)
            del body
            ticket = self.crew.ticket(batch)
            del batch
            try:
                found = await self._waited(request, ticket)
            finally:
                ticket.drop()
        return {"results": [asdict(verdict) for verdict in found], "unscored": sum(one.reward is None for one in found)}

    # --- on the way ---------------------------------------------------------------------------------------------------

    def _batch(self, body: bytes) -> Batch:
        return wire.batch(wire.parse(body), self.shelf, self.crew.limits)

    def _authorise(self, request: Any) -> None:
        if not access.allowed(request.headers.get("authorization"), self._token):
            raise Refused(401, "token", "no token, or another", expected="Authorization: Bearer TOKEN")

    async def _read(self, request: Any) -> bytes:
        most = self.crew.limits.body_bytes
        said = request.headers.get("content-length", "0")
        if request.headers.get("content-encoding", "identity") != "identity":
            raise Refused(415, "encoding", "compressed bodies are not taken", expected="plain JSON")
        if said.isdigit() and int(said) > most:
            raise _too_large(int(said), most)
        parts, size = [], 0
        try:
            async with asyncio.timeout(self.crew.limits.read_seconds):
                async for part in _stream(request):
                    size += len(part)
                    if size > most:
                        raise _too_large(size, most)
                    parts.append(part)
        except TimeoutError:
            raise Refused(
                408, "slow", f"the body did not arrive within {self.crew.limits.read_seconds:g} s", retry_after=1
            ) from None
        return b"".join(parts)

    async def _waited(self, request: Any, ticket: Ticket) -> list[Verdict]:
        """Queue a ticket and wait for its answer, its deadline, the client's leaving or the server's end."""
        future = self.crew.submit(ticket)
        answer = asyncio.wrap_future(future)
        left = asyncio.ensure_future(request.receive())
        try:
            await asyncio.wait({answer, left}, timeout=self.crew.left(ticket), return_when=asyncio.FIRST_COMPLETED)
            if not answer.done() and not left.done():
                if future.cancel():
                    raise Refused(504, "deadline", "the deadline passed while the request waited", retry_after=1)
                await asyncio.wait({answer, left}, return_when=asyncio.FIRST_COMPLETED)  # the sandbox stops by itself
            if not answer.done():
                raise Refused(499, "gone", "the client left")
            if answer.cancelled():
                raise leaving()
            return answer.result()
        finally:
            left.cancel()
            if not answer.done():
                ticket.drop()
                future.cancel()
                answer.add_done_callback(_heard)


def _heard(answer: "asyncio.Future[list[Verdict]]") -> None:
    """Nobody waits for what came of it, not even for an error."""
    if not answer.cancelled():
        answer.exception()


async def _stream(request: Any) -> Any:
    """The parts of a body. Refused: the client left before its end."""
    while True:
        message = await request.receive()
        if message["type"] != "http.request":
            raise Refused(499, "gone", "the client left")
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


def _too_large(size: int, most: int) -> Refused:
    return Refused(413, "size", f"a body of {size} bytes", expected=f"at most {most} bytes")
