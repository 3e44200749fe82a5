"""Uvicorn around the application: one socket, and an end in order on SIGTERM or Ctrl-C.

The first signal refuses what is new and what waits (503) and finishes what runs; the second ends at once. Nothing of a
request is logged, its headers least of all. Uvicorn is imported inside `serve`.
"""

import socket
from collections.abc import Callable
from importlib import import_module
from types import FrameType
from typing import Any

from arc_submit.errors import ConfigError
from arc_submit.serve.app import build
from arc_submit.serve.crew import Crew

CONNECTIONS = 4096  # at a time, most of them idle
IDLE_SECONDS = 75  # that a connection may lie idle
LINGER_TICKS = 5  # of 0.1 s between the last answer and the end, for clients to hear 503 rather than silence


def listen(host: str, port: int) -> socket.socket:
    """Return a bound socket. ConfigError: it cannot be bound."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise ConfigError(f"--host {host}: no such host here ({error.strerror})") from None
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise ConfigError(f"--host {host} --port {port}: cannot listen there ({error.strerror})") from None
    return bound


def url(bound: socket.socket) -> str:
    """Return the address of a bound socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(crew: Crew, token: str, bound: socket.socket, *, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until a signal comes; the crew must have started. `ready` is called when connections are taken.

    Raises:
        ConfigError: FastAPI or uvicorn is not installed.
    """
    app = build(crew, token)
    uvicorn: Any = import_module("uvicorn")

    class Server(uvicorn.Server):  # type: ignore[misc]
        """Ends when the crew has nothing to do any more."""

        asked = 0  # signals so far
        idle = 0  # ticks without work since the first of them

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            self.asked += 1  # from a signal handler: no locks here

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

        async def on_tick(self, counter: int) -> bool:
            if self.asked and not crew.draining:
                crew.drain()
            self.idle = self.idle + 1 if crew.draining and not crew.running and not crew.taken else 0
            if self.asked > 1:
                self.force_exit = True
                crew.hurry()
            return bool(await super().on_tick(counter)) or self.force_exit or self.idle > LINGER_TICKS

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=5,
        limit_concurrency=CONNECTIONS,
        backlog=CONNECTIONS,
    )
    Server(config).run(sockets=[bound])
