"""The page's server: loopback only, one random token in the URL, Host and origin checked.

    GET  /TOKEN/                 the page, with a nonce of its own
    GET  /TOKEN/list             every trace in a line, counts, reasons
    GET  /TOKEN/trace/PLACE      one trace whole; its program is run
    POST /TOKEN/decide           {"place", "verdict", "reasons"}

Another page in the same browser can neither guess the token nor, by a name that resolves to this machine, pass the
check of the Host header. FastAPI and uvicorn are imported inside functions.
"""

import asyncio
import hmac
import secrets
import socket
from collections.abc import Awaitable, Callable
from importlib import import_module
from types import FrameType
from typing import Any

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined

from arc_submit.draw import PALETTE
from arc_submit.errors import OutputError
from arc_submit.serve.app import fastapi
from training.review.cards import REASONS, Deck
from training.review.text import harmless

MOST_BYTES = 10_000  # of a decision
PLAIN = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page(nonce: str, title: str) -> str:
    """Return the page as HTML."""
    environment = Environment(
        loader=PackageLoader("training.review", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    reasons = list(enumerate(REASONS.items(), start=1))
    return environment.get_template("page.html").render(nonce=nonce, title=title, palette=PALETTE, reasons=reasons)


def build(deck: Deck, token: str, port: int) -> Any:
    """Return the ASGI application for a server on this port. ConfigError: FastAPI is not installed."""
    app = fastapi().FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    site = Site(deck, token, port)
    Request = import_module("starlette.requests").Request

    def route(method: str, path: str, handle: Callable[[Any], Awaitable[Any]]) -> None:
        async def answer(request: Request) -> Any:  # type: ignore[valid-type]
            return await site.answered(handle, request)

        app.add_api_route(path, answer, methods=[method], response_model=None)

    route("GET", "/{token}/", site.page)
    route("GET", "/{token}/list", site.list)
    route("GET", "/{token}/trace/{place}", site.trace)
    route("POST", "/{token}/decide", site.decide)
    return app


class Refused(Exception):
    """No answer: a status, and a word to the page."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Site:
    """What the routes do."""

    def __init__(self, deck: Deck, token: str, port: int) -> None:
        self._deck, self._token = deck, token
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        self._response = import_module("starlette.responses").Response
        self._turn = asyncio.Lock()  # decisions are written one after the other

    async def answered(self, handle: Callable[[Any], Awaitable[Any]], request: Any) -> Any:
        """Return the response of a route to those who may ask."""
        try:
            self._check(request)
            return await handle(request)
        except Refused as refused:
            return self._json({"error": harmless(str(refused))}, refused.status)

    async def page(self, _: Any) -> Any:
        """The page."""
        nonce = secrets.token_urlsafe(16)
        headers = {**PLAIN, "Content-Security-Policy": POLICY.format(nonce=nonce)}
        return self._response(page(nonce, harmless(self._deck.folder.name)), 200, headers, "text/html; charset=utf-8")

    async def list(self, _: Any) -> Any:
        """Every trace in a line."""
        return self._json({"rows": self._deck.rows(), "counts": self._deck.counts()})

    async def trace(self, request: Any) -> Any:
        """One trace."""
        text = request.path_params["place"]
        place = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
        if not 0 <= place < len(self._deck.traces):
            raise Refused(404, f"no trace {text[:20]}")
        return self._json(await asyncio.to_thread(self._deck.card, place))

    async def decide(self, request: Any) -> Any:
        """Write a decision down."""
        place, verdict, reasons = _decision(await self._body(request), len(self._deck.traces))
        async with self._turn:
            try:
                row = await asyncio.to_thread(self._deck.decide, place, verdict, reasons)
            except ValueError as error:
                raise Refused(422, str(error)) from None
            except OutputError as error:
                raise Refused(507, str(error)) from None
            return self._json({"row": row, "counts": self._deck.counts()})

    def _check(self, request: Any) -> None:
        """Refused: another host, another site's page, another token."""
        host = request.headers.get("host", "")
        if host not in self._hosts:
            raise Refused(421, "this page is for this machine alone")
        origin = request.headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            raise Refused(403, "asked by another page")
        if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            raise Refused(403, "asked by another page")
        shown = request.path_params["token"].encode("utf-8", "replace")
        if not hmac.compare_digest(shown, self._token.encode()):
            raise Refused(404, "no such page; the address is the one that `arc-train review` printed")

    async def _body(self, request: Any) -> Any:
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise Refused(415, "expected JSON")
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                raise Refused(413, "too large for a decision")
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            raise Refused(400, "expected JSON") from None

    def _json(self, body: Any, status: int = 200) -> Any:
        headers = {**PLAIN, "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
        return self._response(orjson.dumps(body), status, headers, "application/json")


def _decision(body: Any, traces: int) -> tuple[int, str, "list[str]"]:
    if not isinstance(body, dict):
        raise Refused(422, "expected an object")
    place, verdict, reasons = body.get("place"), body.get("verdict"), body.get("reasons", [])
    if type(place) is not int or not 0 <= place < traces:
        raise Refused(422, "expected the place of a trace")
    if (
        not isinstance(verdict, str)
        or not isinstance(reasons, list)
        or not all(isinstance(one, str) for one in reasons)
    ):
        raise Refused(422, "expected a verdict, and a list of reasons")
    return place, verdict, reasons


def serve(deck: Deck, token: str, bound: socket.socket, *, ready: Callable[[], None] = lambda: None) -> None:
    """Serve the page on a bound socket until SIGTERM or Ctrl-C. ConfigError: FastAPI is not installed."""
    app = build(deck, token, bound.getsockname()[1])
    uvicorn: Any = import_module("uvicorn")

    class Server(uvicorn.Server):  # type: ignore[misc]
        """Ends in order, without passing the signal on."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            self.should_exit = True

        async def startup(self, sockets: "list[socket.socket] | None" = None) -> None:
            await super().startup(sockets)
            ready()

    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, lifespan="off", ws="none",
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    Server(config).run(sockets=[bound])
