"""An application on a loopback socket: in this thread until told to stop, or in a thread of its own for a while.

uvicorn serves; the process's signals stay with the caller. Left out: every address but 127.0.0.1.
"""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import uvicorn
from fastapi import FastAPI

from arc_submit.errors import ConfigError, EngineError

HOST = "127.0.0.1"
STARTS = 30.0  # seconds that a server in a thread has to start and to end


def listen(port: int) -> socket.socket:
    """Return a listening socket; port 0: any that is free.

    Raises:
        ConfigError: the port is taken.
    """
    own = socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        own.bind((HOST, port))
        own.listen(2048)
    except OSError as error:
        own.close()
        raise ConfigError(f"--port {port}: {error.strerror}; take another, or 0 for any") from None
    return own


def url(own: socket.socket) -> str:
    """Return the base URL that a client is given."""
    return f"http://{HOST}:{own.getsockname()[1]}/v1"


async def serve(application: FastAPI, own: socket.socket, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; requests under way have five seconds to end."""
    server = uvicorn.Server(
        uvicorn.Config(application, log_level="warning", access_log=False, lifespan="on", timeout_graceful_shutdown=5)
    )
    server.capture_signals = nullcontext

    async def watch() -> None:
        await stop.wait()
        server.should_exit = True

    watcher = asyncio.create_task(watch())
    try:
        await server.serve(sockets=[own])
    finally:
        watcher.cancel()


class _Thread(threading.Thread):
    """A server with an event loop of its own."""

    def __init__(self, application: FastAPI, own: socket.socket) -> None:
        super().__init__(name="serve", daemon=True)
        self._application, self._own = application, own
        self._loop, self._stop_event = asyncio.new_event_loop(), asyncio.Event()
        self.ready = threading.Event()

    def run(self) -> None:
        """Serve until stopped."""
        self._loop.call_soon(self.ready.set)
        try:
            self._loop.run_until_complete(serve(self._application, self._own, self._stop_event))
        finally:
            self._loop.close()

    def stop(self) -> None:
        """End it and wait for that."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop_event.set)
        self.join(STARTS)


@contextmanager
def in_background(application: FastAPI, port: int = 0) -> Iterator[str]:
    """Serve in a thread while the block lasts; gives the base URL. The socket takes requests at once.

    Raises:
        ConfigError: the port is taken.
        EngineError: the server does not start.
    """
    own = listen(port)
    thread = _Thread(application, own)
    thread.start()
    try:
        if not thread.ready.wait(STARTS):
            raise EngineError(f"the server does not start within {STARTS:g} s")
        yield url(own)
    finally:
        thread.stop()
