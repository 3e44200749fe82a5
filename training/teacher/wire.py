"""A question as a request, and a response as answers: OpenAI's chat completions, in every provider's own way.

Two forms of a request are kept apart. The body says what is asked, in one way for all providers: its hash is the
request's id. The wire form is what this provider is sent; changing how it is said changes no id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arc_submit.records import Prompt
from training.teacher.providers import Provider
from training.teacher.records import Reply
from training.teacher.settings import Settings
from training.teacher.usage import Usage

BYTES_PER_TOKEN = 3
"""Of answers, where the server does not count: prose has four, code and digits two."""

MOST_DOLLARS = 1e6
"""That one request may cost; what is said above is no price."""


class Broken(ValueError):
    """A response that is no whole answer; the message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    raw: Mapping[str, Any]
    """The response's body; of a stream: the same body, put together."""
    replies: tuple[Reply, ...]
    """At least one."""
    usage: Usage


def body(settings: Settings, prompt: Prompt, n: int, seed: int) -> dict[str, Any]:
    """Return what is asked; the id is its hash."""
    return {
        "model": settings.model,
        "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
        "n": n,
        "seed": seed,
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "max_tokens": settings.max_tokens,
        "extra": dict(settings.extra),
    }


def wire(provider: Provider, asked: Mapping[str, Any], *, stream: bool = False) -> dict[str, Any]:
    """Return the request as the provider wants it."""
    sent: dict[str, Any] = {**provider.extra, "model": asked["model"], "messages": asked["messages"]}
    sent[provider.limit] = asked["max_tokens"]
    if asked["temperature"] is not None and not (provider.plain_ones and asked["temperature"] == 1.0):
        sent["temperature"] = asked["temperature"]
    if asked["top_p"] != 1.0:
        sent["top_p"] = asked["top_p"]
    if asked["n"] != 1:
        sent["n"] = asked["n"]
    if provider.seed:
        sent["seed"] = asked["seed"]
    if stream:
        sent |= {"stream": True, "stream_options": {"include_usage": True}}
    sent.update(asked["extra"])
    return sent


def most_tokens(prompt: Prompt) -> int:
    """Return what a prompt's tokens do not exceed: a token has a byte at least, a message's frame some tokens."""
    return sum(8 + len(message.content.encode()) for message in prompt.messages)


def read(raw: Any, provider: Provider, asked: Mapping[str, Any], request: str) -> Answer:
    """Return the answers of a response's body, as it came.

    Raises:
        Broken: it is not whole: no choices, no message, no word on why an answer ended.
    """
    if not isinstance(raw, dict):
        raise Broken("not a JSON object")
    choices = raw.get("choices")
    if not isinstance(choices, list) or not choices:
        raise Broken("no choices")
    said = [_said(choice, provider) for choice in choices[: asked["n"]]]
    usage = _usage(raw.get("usage"), asked, said)
    lengths = [len(text) + len(thinking) for text, thinking, _ in said]
    shares = _shared(usage.completion, lengths)
    replies = tuple(
        Reply(text, thinking, finish, tokens, request)
        for (text, thinking, finish), tokens in zip(said, shares, strict=True)
    )
    return Answer(raw, replies, usage)


def _said(choice: Any, provider: Provider) -> tuple[str, str, str]:
    """(text, thinking, finish) of one choice."""
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        raise Broken("a choice without a message")
    finish = choice.get("finish_reason")
    if not isinstance(finish, str) or finish == "error":
        raise Broken(f"an answer that broke off (finish_reason {finish})")
    text = _text(message.get("content"))
    thinking = next(filter(None, (_text(message.get(name)) for name in provider.thinking)), "")
    return text, thinking, "length" if finish == "length" else "stop"


def _text(content: Any) -> str:
    """The text of a message; some servers give it in parts."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    raise Broken(f"a text that is none ({type(content).__name__})")


def estimate(asked: Mapping[str, Any], texts: Sequence[str]) -> Usage:
    """Return what a request took where the server did not count."""
    given = sum(len(message["content"].encode()) for message in asked["messages"])
    made = sum(len(text.encode(errors="replace")) for text in texts)
    return Usage(given // BYTES_PER_TOKEN + 1, 0, made // BYTES_PER_TOKEN + 1, estimated=True)


def broken_off(raw: Any, provider: Provider, asked: Mapping[str, Any]) -> Usage | None:
    """Return what a response took that is no whole answer: it is paid for all the same. None: nobody knows.

    By the server's count; of a stream that may have been told too early, so by its text where that is more.
    """
    if not isinstance(raw, dict):
        return None
    counted = _counted(raw.get("usage"))
    texts = _texts(raw.get("choices"), ("content", *provider.thinking))
    if counted is not None and not (raw.get("streamed") and texts):
        return counted
    estimated = estimate(asked, texts) if texts else None
    return max((own for own in (counted, estimated) if own is not None), key=lambda own: own.tokens, default=None)


def _texts(choices: Any, fields: Sequence[str]) -> list[str]:
    """The texts of choices that may be anything."""
    listed = choices if isinstance(choices, list) else []
    messages = [choice.get("message") for choice in listed if isinstance(choice, dict)]
    found = [message.get(name) for message in messages if isinstance(message, dict) for name in fields]
    return [text for text in found if isinstance(text, str) and text]


def _usage(found: Any, asked: Mapping[str, Any], said: Sequence[tuple[str, str, str]]) -> Usage:
    counted = _counted(found)
    return counted if counted is not None else estimate(asked, [text + thinking for text, thinking, _ in said])


def _counted(found: Any) -> Usage | None:
    """The server's own count; None: it has none."""
    if not isinstance(found, dict):
        return None
    prompt, made = _count(found, "prompt_tokens"), _count(found, "completion_tokens")
    made = max(made, _count(found, "total_tokens") - prompt)  # some leave the thinking to the total
    if not prompt and not made:
        return None
    cached = max(_count(found.get("prompt_tokens_details"), "cached_tokens"), _count(found, "prompt_cache_hit_tokens"))
    thought = _count(found.get("completion_tokens_details"), "reasoning_tokens")
    cost = found.get("cost")
    dollars = None
    if isinstance(cost, int | float) and not isinstance(cost, bool) and 0 <= cost < MOST_DOLLARS:
        dollars = float(cost)
    return Usage(prompt, min(cached, prompt), made, min(thought, made), dollars)


def _count(found: Any, name: str) -> int:
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, int) and value > 0 else 0


def _shared(tokens: int, lengths: Sequence[int]) -> list[int]:
    """Tokens shared out by length; they add up.

    >>> _shared(10, [1, 3])
    [3, 7]
    """
    total, given, found = sum(lengths) + len(lengths), 0, []
    for place in range(len(lengths)):
        until = tokens * (sum(lengths[: place + 1]) + place + 1) // total
        found.append(until - given)
        given = until
    return found


def repaired(text: str) -> str:
    """Return a text that can be written as UTF-8: halves of a character joined, a half alone as U+FFFD.

    >>> repaired("\\ud83d" + "\\ude00") == "\\U0001f600", repaired("a\\ud83d") == "a\\ufffd"
    (True, True)
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Pieces:
    """A stream, put together into the body that the same answer has without streaming."""

    def __init__(self, provider: Provider) -> None:
        self._fields = ("content", *provider.thinking)
        self._choices: dict[int, tuple[dict[str, list[str]], list[str]]] = {}
        self._head: dict[str, Any] = {}

    def add(self, piece: Any) -> None:
        """Take one event.

        Raises:
            Broken: it is no piece of a chat completion.
        """
        if not isinstance(piece, dict):
            raise Broken("a piece that is no JSON object")
        self._head |= {name: piece[name] for name in ("id", "model", "created", "usage") if piece.get(name) is not None}
        for choice in piece.get("choices") or ():
            delta = choice.get("delta") if isinstance(choice, dict) else None
            if not isinstance(delta, dict):
                raise Broken("a piece without a delta")
            texts, finish = self._choices.setdefault(
                choice.get("index") or 0, ({name: [] for name in self._fields}, [])
            )
            for name in self._fields:
                if text := _text(delta.get(name)):
                    texts[name].append(text)
            if choice.get("finish_reason") is not None:
                finish.append(choice["finish_reason"])

    def whole(self) -> dict[str, Any]:
        """Return the body; what has not ended has no finish_reason."""
        choices = [
            {
                "index": index,
                "message": {"role": "assistant"} | {name: "".join(parts) for name, parts in texts.items()},
                "finish_reason": finish[-1] if finish else None,
            }
            for index, (texts, finish) in sorted(self._choices.items())
        ]
        return {**self._head, "object": "chat.completion", "streamed": True, "choices": choices}
