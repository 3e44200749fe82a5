"""One try of one request, with OpenAI's own client; what goes wrong comes out as one of `training.teacher.troubles`.

The library's retries are off: ours know the budget, the pace of the others and what was paid. Responses are taken as
the bytes that came, so the archive keeps what the server said and not what the library made of it. Every request has
an `Idempotency-Key`, its id: a server that knows the header does not answer, or bill, the same request twice.

Left out: tools, images, the Responses and Messages interfaces.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx2
import openai
import orjson

from arc_submit.errors import ConfigError, EngineError
from training.teacher.providers import Provider
from training.teacher.settings import Settings
from training.teacher.troubles import NO_CONNECTION, NO_MONEY, Declined, Failed, Wait, clean, retry_after, to_hide
from training.teacher.usage import Usage
from training.teacher.wire import Answer, Broken, Pieces, broken_off, read, repaired, wire

PATH = "/chat/completions"
CONNECT = 15.0  # seconds for a connection
NO_KEY = "none"
"""Sent where a server needs no key; the library insists on one."""
LATER = (408, 409, 425)
"""Statuses below 500 that pass."""
OVERLOADED = 529
OPENAI_KEY = "OPENAI_API_KEY"


class Client:
    """Connections to one server. The key is read once from the environment and kept nowhere else.

    Raises:
        ConfigError: the key's variable is not set.
    """

    def __init__(self, settings: Settings) -> None:
        provider = settings.provider
        self._settings, self._provider = settings, provider
        self._secret = provider.secret()
        timeout = httpx2.Timeout(settings.timeout, connect=min(CONNECT, settings.timeout))
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=settings.in_flight)
        self._client = openai.AsyncOpenAI(
            base_url=provider.base_url,
            api_key=self._secret or NO_KEY,
            max_retries=0,
            timeout=timeout,
            http_client=openai.DefaultAsyncHttpxClient(limits=limits, timeout=timeout),
        )
        _for_one(provider, self._client)

    async def ask(self, request: str, asked: Mapping[str, Any]) -> Answer:
        """Return the answers to one request.

        Raises:
            Wait, Failed, Declined: see `training.teacher.troubles`.
            EngineError: nothing will do.
        """
        pieces, raw = Pieces(self._provider), None
        try:
            async with asyncio.timeout(self._settings.timeout):
                raw = await (
                    self._stream(request, asked, pieces) if self._settings.stream else self._post(request, asked)
                )
            return read(raw, self._provider, asked, request)
        except openai.APIStatusError as error:
            raise self._status(error.status_code, self._words(error), error.response.headers) from None
        except (TimeoutError, openai.APITimeoutError):
            late = f"no answer within {self._settings.timeout:g} s"
            raise Failed(late, "late", cut=self._took(asked, pieces, raw)) from None
        except openai.APIConnectionError as error:
            gone = isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout)
            cause = clean(str(error.__cause__ or error), self._secret) or type(error.__cause__).__name__
            kind = NO_CONNECTION if gone else "cut"
            raise Failed(f"{kind} ({cause})", kind, gone=gone, cut=self._took(asked, pieces, raw)) from None
        except openai.APIError as error:  # an error that a stream told of, in the middle
            raise Failed(self._words(error), "cut", cut=self._took(asked, pieces, raw)) from None
        except (ValueError, RecursionError) as error:  # not JSON, or (Broken) not what was asked for
            kind = "cut" if isinstance(error, Broken) else "not JSON"
            raise Failed(clean(f"{kind}: {error}", self._secret), kind, cut=self._took(asked, pieces, raw)) from None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _post(self, request: str, asked: Mapping[str, Any]) -> Any:
        response = await self._client.post(
            PATH,
            cast_to=httpx2.Response,
            body=wire(self._provider, asked),
            options={"headers": {"Idempotency-Key": request}},
        )
        raw = self._json(response.content)
        self._told(raw, response.headers)
        return raw

    async def _stream(self, request: str, asked: Mapping[str, Any], pieces: Pieces) -> Any:
        stream = await self._client.post(
            PATH,
            cast_to=object,
            body=wire(self._provider, asked, stream=True),
            options={"headers": {"Idempotency-Key": request}},
            stream=True,
            stream_cls=openai.AsyncStream[object],
        )
        async with stream:
            async for piece in stream:
                pieces.add(piece)
        return self._json(_written(pieces.whole()))

    def _json(self, data: bytes) -> Any:
        """The JSON of a body, without the key should a server repeat it, and without halves of characters."""
        if hidden := to_hide(self._secret).encode():
            data = data.replace(hidden, b"[key]")
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            return orjson.loads(_written(json.loads(data)))

    def _told(self, raw: Any, headers: Mapping[str, str]) -> None:
        """Some servers say 200 and tell of their error in the body."""
        error = raw.get("error") if isinstance(raw, dict) else None
        if error and not raw.get("choices"):
            code = error.get("code") if isinstance(error, dict) else None
            status = code if isinstance(code, int) and 400 <= code < 600 else 500
            raise self._status(status, clean(str(error), self._secret), headers)

    def _status(self, status: int, words: str, headers: Mapping[str, str]) -> Exception:
        """The trouble behind a status."""
        provider, reason = self._provider, f"status {status}: {words}"
        seconds = retry_after(headers)
        if status == 401:
            return EngineError(f"{provider.base_url} refuses the key; set {provider.key} to a valid one ({reason})")
        if status == 402 or (status in (400, 403, 429) and any(said in words.lower() for said in NO_MONEY)):
            return EngineError(f"{provider.base_url} wants money for the key in {provider.key} ({reason})")
        if status == 404:
            return EngineError(f"{provider.base_url} does not know the model {self._settings.model} ({reason})")
        if status in (429, OVERLOADED) or (status == 503 and seconds is not None):
            return Wait(reason, seconds)
        if status >= 500 or status in LATER:
            return Failed(reason, "server error", gone=True, seconds=seconds)
        if status == 403:
            reason = f"{reason}; the key in {provider.key} may not do this"
        return Declined(reason, status)

    def _words(self, error: openai.APIError) -> str:
        code = error.code if error.code and error.code not in error.message else ""
        return clean(f"{error.message} {code}".strip(), self._secret)

    def _took(self, asked: Mapping[str, Any], pieces: Pieces, raw: Any) -> Usage | None:
        """What had come of an answer, of a stream in pieces; None: nothing that could be counted."""
        return broken_off(pieces.whole() if self._settings.stream else raw, self._provider, asked)


def _for_one(provider: Provider, client: openai.OpenAI | openai.AsyncOpenAI) -> None:
    """Tell OpenAI's names of organization and project, which the library reads from the environment, to it alone."""
    if provider.key != OPENAI_KEY:
        client.organization = client.project = None


def _written(value: Any) -> bytes:
    """JSON of anything that was read from JSON; Python reads half a character without a word, orjson refuses it."""
    return repaired(json.dumps(value, ensure_ascii=False)).encode()


def only_model(provider: Provider) -> str:
    """Return the model of a server that has one.

    Raises:
        EngineError: nobody answers there, or the key is refused.
        ConfigError: it has several, or lists none.
    """
    secret = provider.secret()
    client = openai.OpenAI(
        base_url=provider.base_url, api_key=secret or NO_KEY, max_retries=1, timeout=httpx2.Timeout(CONNECT)
    )
    _for_one(provider, client)
    try:
        with client:
            listed = [str(model.id) for model in client.models.list().data or ()]
    except openai.AuthenticationError:
        raise EngineError(f"{provider.base_url} refuses the key; set {provider.key} to a valid one") from None
    except openai.APIError as error:
        cause = clean(str(error.__cause__ or error), secret)
        raise EngineError(f"{provider.base_url}: nobody answers ({cause}); is the server running?") from None
    except (ValueError, AttributeError) as error:
        raise EngineError(f"{provider.base_url}: no OpenAI-compatible server ({type(error).__name__})") from None
    if len(listed) != 1:
        shown = ", ".join(listed[:5]) or "none"
        raise ConfigError(f"{provider.base_url}: name the model (--model); the server lists {shown}")
    return listed[0]
