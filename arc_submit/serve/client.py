"""The other side: tasks and programs in, verdicts out, from any process that has the address and the token.

    with Client("http://127.0.0.1:8765", token) as client:
        verdicts = client.judge([Ask(task, program), Ask(task, child, parent=program)])

Standard library only. Large batches go in parts, within what the server says it takes; it is asked that once. A full or
ending server (429, 503), a lost connection and a passed deadline are tried again, after what Retry-After says, until
`patience` is used up: judging changes nothing, so asking twice does no harm. Everything else is a mistake and raises at
once. Connections last, one per thread; a client may be shared between threads. After a fork the child opens its own.
"""

import http.client
import math
import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import orjson

from arc_submit.errors import ArcSubmitError, ConfigError
from arc_submit.records import Task
from arc_submit.serve import access, wire
from arc_submit.serve.records import Ask, Verdict
from arc_submit.serve.shelf import digest

AGAIN = (408, 429, 502, 503, 504)
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 20.0  # seconds; doubled from the one to the other
SLACK = 30.0  # seconds that an answer may take on top of its deadline
CHUNK_BYTES = 2 << 20  # of one request, where the server takes as many
CHUNK = 128  # programs in one request, likewise: a share of the server's queue, not all of it
_TASKS, _PROGRAMS = b'{"tasks":{', b'{"programs":['  # how bodies begin


class ServerError(ArcSubmitError, RuntimeError):
    """The exec server cannot be reached, stays full, or answers what no exec server says."""


class NotTaken(ServerError):
    """The server refuses the request for good."""

    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        super().__init__(f"the exec server refuses ({status}): {error.get('message', 'no reason given')}")
        self.status, self.kind = status, str(error.get("kind", ""))
        self.field, self.task = str(error.get("field", "")), str(error.get("task", ""))
        self.expected = str(error.get("expected", ""))


class Client:
    """A context manager; leaving closes the connections of the thread that leaves."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        patience: float = 600.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect to nothing yet.

        Args:
            url: `http://HOST:PORT`, or https where a proxy in front has a certificate.
            token: None: from the environment, ARC_SUBMIT_TOKEN.
            patience: seconds that one call may spend on trying again.

        Raises:
            ConfigError: not such an address, no token, or one that a header cannot carry.
        """
        self._secure, self._host = _address(url)
        self.url, self.patience = f"{'https' if self._secure else 'http'}://{self._host}", patience
        found = access.given(None) if token is None else access.checked(token, "the exec server's token")
        if found is None:
            raise ConfigError(f"exec server {self.url}: no token; set {access.VARIABLE}, or name the file that has it")
        self._token, self._sleep, self._clock = found, sleep, clock
        self._own = threading.local()
        self._registered: set[tuple[str, str]] = set()
        self._most: tuple[int, int] | None = None
        self.retries = 0
        """Requests that were sent again, for the log."""

    @classmethod
    def of(cls, url: str, token_file: Path | None, **options: Any) -> Self:
        """Return a client whose token is in a file, else in the environment. ConfigError: neither, or a bad one."""
        return cls(url, access.given(token_file), **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._own, "connection", None)
        if connection is not None:
            connection.close()
        self._own.connection = None

    # --- what trainers ask --------------------------------------------------------------------------------------------

    def judge(self, asks: Sequence[Ask], *, grids: bool = False, deadline: float = 60.0) -> list[Verdict]:
        """Return one verdict per ask, same order.

        Args:
            grids: with the grids that the programs made.
            deadline: seconds for each request of up to 128 programs; what is not judged by then is unscored.

        Raises:
            NotTaken: bad token, bad field; ServerError: not reached within the client's patience.
        """
        found: list[Verdict] = []
        if not asks:
            return found
        names = {number: digest(task) for number, task in {id(ask.task): ask.task for ask in asks}.items()}
        end = b"]," + orjson.dumps({"grids": grids, "deadline_seconds": deadline})[1:]
        programs, size = self._limits()
        bodies = (orjson.dumps(wire.ask_body(ask, names[id(ask.task)])) for ask in asks)
        for chunk in _chunks(bodies, programs, size - len(_PROGRAMS + end)):
            tasks = {(ask.task.id, names[id(ask.task)]): ask.task for ask in asks[len(found) : len(found) + len(chunk)]}
            answer = self._judged(tasks, _PROGRAMS + b",".join(chunk) + end, deadline)
            found += _verdicts(self.url, answer, len(chunk))
        return found

    def register(self, tasks: Sequence[Task]) -> None:
        """Send tasks that were not sent before; `judge` does it by itself. Raises: as `judge`."""
        self._register({(task.id, digest(task)): task for task in tasks})

    def health(self) -> dict[str, Any]:
        """Return what the server says of itself. Raises: as `judge`."""
        return self._request("GET", "/health", None, SLACK)

    def metrics(self) -> dict[str, Any]:
        """Return the server's counters. Raises: as `judge`."""
        return self._request("GET", "/metrics", None, SLACK)

    # --- one request --------------------------------------------------------------------------------------------------

    def _limits(self) -> tuple[int, int]:
        """Programs and bytes of one request: our own bounds, or the server's where they are narrower."""
        if self._most is None:
            health = self.health()
            try:
                said = health["limits"]
                self._most = min(CHUNK, int(said["programs"])), min(CHUNK_BYTES, int(said["body_bytes"]))
            except (KeyError, TypeError, ValueError) as error:
                raise _another(self.url, error) from None
        return self._most

    def _register(self, tasks: Mapping[tuple[str, str], Task]) -> None:
        waiting = {key: task for key, task in tasks.items() if key not in self._registered}
        while waiting:  # one body cannot hold two tasks of one id
            now = list({key[0]: key for key in waiting}.values())
            entries = (orjson.dumps(key[0]) + b":" + orjson.dumps(wire.task_body(waiting.pop(key))) for key in now)
            done = 0
            for chunk in _chunks(entries, len(now), self._limits()[1] - len(_TASKS + b"}}")):
                self._request("POST", "/tasks", _TASKS + b",".join(chunk) + b"}}", SLACK)
                self._registered.update(now[done : done + len(chunk)])
                done += len(chunk)

    def _judged(self, tasks: Mapping[tuple[str, str], Task], body: bytes, deadline: float) -> dict[str, Any]:
        self._register(tasks)
        try:
            return self._request("POST", "/judge", body, deadline + SLACK)
        except NotTaken as error:
            if error.kind != "unknown_task":
                raise
        self._registered.difference_update(tasks)  # the server was started anew, or its shelf is short
        self._register(tasks)
        return self._request("POST", "/judge", body, deadline + SLACK)

    def _request(self, method: str, path: str, body: bytes | None, seconds: float) -> dict[str, Any]:
        """Return the answer; try again where that may help."""
        until, pause = self._clock() + self.patience, FIRST_PAUSE
        while True:
            try:
                status, headers, answer = self._once(method, path, body, seconds)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                why, wait = f"{type(error).__name__}: {error}", 0.0
            else:
                if status == 200:
                    return _parsed(self.url, answer)
                if status not in AGAIN:
                    raise NotTaken(status, _error(answer))
                why, wait = f"{status}: {_error(answer).get('message', '')}", _wait(headers.get("Retry-After"))
            wait = max(wait, pause) * random.uniform(1.0, 1.25)  # so that many clients do not come back as one
            if self._clock() + wait > until:
                raise ServerError(f"{self.url}: not served within {self.patience:g} s; the last try: {why}")
            self.retries += 1
            self._sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _once(self, method: str, path: str, body: bytes | None, seconds: float) -> tuple[int, Message, bytes]:
        connection = self._connection(seconds)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        """This thread's, in this process."""
        connection = getattr(self._own, "connection", None)
        if connection is None or self._own.pid != os.getpid():
            kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
            connection, self._own.pid = kind(self._host, timeout=seconds), os.getpid()
            self._own.connection = connection
        connection.timeout = seconds
        if connection.sock is not None:
            connection.sock.settimeout(seconds)
        return connection


def _address(url: str) -> tuple[bool, str]:
    """Whether it is https, and `HOST[:PORT]`. ConfigError: no such address."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        http.client.HTTPConnection(host)  # connects to nothing, but looks at every character
        named = (parts.hostname or "").encode("idna")
        right = bool(named) and parts.port != 0 and parts.scheme in ("http", "https") and parts.path in ("", "/")
    except (ValueError, http.client.InvalidURL):
        right = False
    if not right:
        raise ConfigError(f"exec server {url!r}: expected an address like http://127.0.0.1:8765")
    return parts.scheme == "https", host


def _chunks(parts: Iterable[bytes], most: int, most_bytes: int) -> Iterator[list[bytes]]:
    """Parts in order, at most so many and, with commas between, so many bytes at a time; a larger one goes alone.

    >>> list(_chunks([b"1", b"22", b"333", b"4"], 2, 6))
    [[b'1', b'22'], [b'333', b'4']]
    >>> list(_chunks([b"1", b"22", b"333", b"4"], 9, 4))
    [[b'1', b'22'], [b'333'], [b'4']]
    """
    chunk: list[bytes] = []
    size = 0
    for part in parts:
        if chunk and (len(chunk) >= most or size + len(part) > most_bytes):
            yield chunk
            chunk, size = [], 0
        chunk.append(part)
        size += len(part) + 1
    if chunk:
        yield chunk


def _verdicts(url: str, answer: Mapping[str, Any], wanted: int) -> list[Verdict]:
    try:
        found = [wire.verdict(one) for one in answer["results"]]
    except (KeyError, TypeError, ValueError) as error:
        raise _another(url, error) from None
    if len(found) != wanted:
        raise ServerError(f"{url}: {len(found)} verdicts for {wanted} programs")
    return found


def _another(url: str, error: Exception) -> ServerError:
    return ServerError(f"{url}: an answer of another version ({type(error).__name__}: {error})")


def _wait(header: str | None) -> float:
    """Seconds that a Retry-After header asks for; 0 where it says nothing sensible.

    >>> _wait("3"), _wait(None), _wait("soon")
    (3.0, 0.0, 0.0)
    """
    if header is None:
        return 0.0
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except ValueError:
            return 0.0
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0


def _parsed(url: str, answer: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(answer)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise ServerError(f"{url}: not an exec server: its answer is no JSON object")
    return found


def _error(answer: bytes) -> Mapping[str, Any]:
    try:
        found = orjson.loads(answer)["error"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return {"message": answer[:200].decode("utf-8", "replace")}
    return found if isinstance(found, dict) else {}
