"""What can go wrong with one try of a request, told apart by what is to be done about it.

    Wait       the server is well and wants us later (429, overloaded): everybody waits, no try is used up
    Failed     perhaps the next try does better (no connection, 5xx, cut, garbled, late)
    Declined   this request will never do (too long, refused for what it says); others may
    EngineError  nothing will do: refused key, unknown model, no money

No message holds a key: what servers say is cleaned before it is repeated.
"""

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from training.teacher.usage import Usage

TOO_LONG = ("context length", "context window", "context_length", "max_model_len", "too long", "maximum input length")
"""What servers write of a prompt that does not fit, in lower case."""
NO_MONEY = (
    "insufficient_quota",
    "insufficient balance",
    "insufficient credits",
    "credit balance is too low",
    "billing",
)
"""What they write with a 429 or 400 that no waiting helps against."""
NO_CONNECTION = "no connection"
"""Kind of a failure where not even a server was there."""
SHORTEST_KEY = 8
"""Characters. A shorter key is a dummy for a server without keys; blotting out every `x` would spoil answers."""


class Trouble(Exception):
    """One try came to nothing."""


class Wait(Trouble):
    """Later. `seconds`: as the server says, None: it does not."""

    def __init__(self, reason: str, seconds: float | None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Failed(Trouble):
    """Again, perhaps.

    Args:
        reason: in a few words.
        kind: for the tally, e.g. `server error`.
        gone: it looks as if there were no server any more.
        cut: what came before it broke off, by estimate: paid for all the same.
        seconds: as of `Wait`.
    """

    def __init__(
        self, reason: str, kind: str, *, gone: bool = False, cut: Usage | None = None, seconds: float | None = None
    ) -> None:
        super().__init__(reason)
        self.kind, self.gone, self.cut, self.seconds = kind, gone, cut, seconds


class Declined(Trouble):
    """Not this one."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status
        self.too_long = any(words in reason.lower() for words in TOO_LONG)


def retry_after(headers: Mapping[str, str], now: Callable[[], float] = time.time) -> float | None:
    """Return the seconds that a server asks for: `Retry-After` in seconds or as a date, None where it does not say.

    >>> retry_after({"retry-after": "2.5"})
    2.5
    >>> retry_after({"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, lambda: 90.0)
    10.0
    """
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = _until(text, headers.get("date", ""), now)
    return max(0.0, seconds) if seconds == seconds and seconds != float("inf") else None


def _until(text: str, served: str, now: Callable[[], float]) -> float:
    """Seconds until a date, by the server's own clock where it tells the time; NaN: no date."""
    try:
        then = parsedate_to_datetime(text).timestamp()
    except ValueError:
        return float("nan")
    try:
        return then - parsedate_to_datetime(served).timestamp()
    except ValueError:
        return then - now()


def clean(text: str, secret: str) -> str:
    """Return a server's words as one short line without the key.

    >>> clean("no such key:  sk-1234567", "sk-1234567")
    'no such key: [key]'
    """
    hidden = to_hide(secret)
    return " ".join((text.replace(hidden, "[key]") if hidden else text).split())[:300]


def to_hide(secret: str) -> str:
    """Return the key where it is one, empty for a dummy."""
    return secret if len(secret) >= SHORTEST_KEY else ""
