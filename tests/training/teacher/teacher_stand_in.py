"""A server on loopback that speaks OpenAI's chat completions and plays troubles: for tests and the bench.

    with StandIn([say(500), half, answer("text")]) as server: server.url, server.asked, server.keys
    python tests/training/teacher/teacher_stand_in.py --seconds 1 --log FILE     # a process of its own; prints its port

Each request takes the next of the troubles, the last one again and again. A trouble is a function of the request's
body that gives bytes to be sent (with a pause where it gives a number, and a hang-up where it gives None). Raw asyncio
and no framework: 200 answers a second cost it little.
"""

import argparse
import asyncio
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Part = bytes | float | None
Trouble = Callable[[dict[str, Any]], Iterator[Part]]

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 429: "Too Many Requests", 500: "Internal Server Error"}


def respond(status: int, body: bytes, *, kind: str = "application/json", length: int | None = None, **headers: str):
    """The bytes of a response; `length` lies about its length."""
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'X')}", f"Content-Type: {kind}"]
    lines += [f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def completion(texts: list[str], finish: str | None = "stop", thinking: str = "", **usage: Any) -> dict[str, Any]:
    """A chat completion; 10 prompt tokens and 5 an answer unless `usage` says otherwise."""
    more = {"reasoning_content": thinking} if thinking else {}
    return {
        "id": "x",
        "object": "chat.completion",
        "model": "m",
        "choices": [
            {"index": i, "finish_reason": finish, "message": {"role": "assistant", "content": text} | more}
            for i, text in enumerate(texts)
        ],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5 * len(texts)} | usage,
    }


def answer(text: str = "hello", *, most: int = 99, seconds: float = 0.0, **more: Any) -> Trouble:
    """Answer as often as asked, at most `most` times; each text ends with its seed so that no two are alike."""

    def play(body: dict[str, Any]) -> Iterator[Part]:
        if seconds:
            yield seconds
        count = min(body.get("n", 1), most)
        texts = [f"{text} {body.get('seed', 0)}/{i}" if text else "" for i in range(count)]
        yield respond(200, json.dumps(completion(texts, **more)).encode())

    return play


def say(status: int, body: Any = None, **headers: str) -> Trouble:
    """A status, an error in words, headers."""
    data = body if isinstance(body, bytes) else json.dumps(body or {"error": {"message": f"no {status}"}}).encode()

    def play(_: dict[str, Any]) -> Iterator[Part]:
        yield respond(status, data, **headers)

    return play


def echo_key(status: int) -> Trouble:
    """Refuse the key and repeat it, as careless servers do."""

    def play(body: dict[str, Any]) -> Iterator[Part]:
        yield respond(status, json.dumps({"error": {"message": f"wrong key {body['_key']}"}}).encode())

    return play


def half(body: dict[str, Any]) -> Iterator[Part]:
    """Hang up in the middle of a body."""
    data = json.dumps(completion(["half"])).encode()
    yield respond(200, data[: len(data) // 2], length=len(data))
    yield None


def hang_up(body: dict[str, Any]) -> Iterator[Part]:
    """Hang up without a word."""
    yield None


def silent(body: dict[str, Any]) -> Iterator[Part]:
    """Say nothing for long."""
    yield 30.0


def stream(pieces: list[str], *, end: bool = True, usage: bool = True, after: list[bytes] | None = None) -> Trouble:
    """Server-sent events; without `end` there is no finish_reason and no [DONE], as if the server had died politely."""

    def event(value: Any) -> bytes:
        return b"data: " + json.dumps(value).encode() + b"\n\n"

    def play(body: dict[str, Any]) -> Iterator[Part]:
        parts = [
            event({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]}) for piece in pieces
        ]
        if end:
            parts.append(event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
            if usage:
                parts.append(event({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5}}))
            parts.append(b"data: [DONE]\n\n")
        parts += after or []
        yield respond(200, b"".join(parts), kind="text/event-stream")

    return play


class Server:
    """What is listened on, and what was heard."""

    def __init__(self, troubles: list[Trouble], log: Path | None = None) -> None:
        self._troubles = list(troubles)
        self._log = log.open("a") if log is not None else None
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.headers: list[dict[str, str]] = []
        """Of each request, in lower case."""
        self.ids: list[str] = []
        """The Idempotency-Key of each request."""
        self.answered: list[str] = []
        """Ids of those whose response was sent to the end."""
        self.under_way, self.most = 0, 0

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=2048, limit=1 << 22)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
                raw = [line.split(": ", 1)[1] for line in head if line.lower().startswith("authorization: ")]
                data = await reader.readexactly(int(headers.get("content-length", 0)))
                key = raw[0].removeprefix("Bearer ") if raw else ""
                if head[0].startswith("GET"):
                    writer.write(respond(200, json.dumps({"object": "list", "data": [{"id": "m"}]}).encode()))
                    continue
                body = json.loads(data)
                self.keys.append(key)
                self.headers.append(headers)
                self.asked.append(body)
                self.ids.append(headers.get("idempotency-key", ""))
                if not await self._play({**body, "_key": key}, self.ids[-1], writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _play(self, body: dict[str, Any], request: str, writer: asyncio.StreamWriter) -> bool:
        trouble = self._troubles.pop(0) if len(self._troubles) > 1 else self._troubles[0]
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            for part in trouble(body):
                if part is None:
                    await writer.drain()
                    writer.transport.abort() if trouble is hang_up else writer.close()
                    return False
                if isinstance(part, bytes):
                    writer.write(part)
                else:
                    await asyncio.sleep(part)
            await writer.drain()
        finally:
            self.under_way -= 1
        self.answered.append(request)
        if self._log is not None:
            self._log.write(f"{request}\n")
            self._log.flush()
        return True


class StandIn(Server):
    """A server in a thread, for tests."""

    def __enter__(self) -> "StandIn":
        ready = threading.Event()

        async def main() -> None:
            self._stop = asyncio.Event()
            self._loop = asyncio.get_running_loop()
            server = await self.listen()
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            await self._stop.wait()
            server.close()

        self._thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="until an answer comes")
    parser.add_argument("--log", type=Path, help="ids of answered requests, one a line")
    parser.add_argument("--characters", type=int, default=1500, help="of an answer")
    given = parser.parse_args()
    text = "".join(itertools.islice(itertools.cycle("hconcat(I, I) "), given.characters))

    async def serve() -> None:
        played = answer(text, seconds=given.seconds)
        server = await Server([played], given.log).listen()
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    try:
        import uvloop

        uvloop.run(serve())
    except ImportError:
        asyncio.run(serve())


if __name__ == "__main__":
    main()
