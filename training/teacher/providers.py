"""The servers that are known by name, and how a teacher is named.

    deepseek/deepseek-chat            a model of a known provider (providers.toml)
    openrouter/qwen/qwen3-coder       whose own names may have a slash
    http://127.0.0.1:8000/v1          any other server; its model is named apart, or the only one it lists
    local/MODEL                       the same, on the usual port of `vllm serve`

The last two are sent the key in ARC_TEACHER_KEY, if any: the key of a provider never goes to a server it is not for.

What a server does in its own way is data: a new provider is a table in providers.toml, or none at all with its URL.
Left out: prices, which the person or the server's own words give (`training.teacher.account`).
"""

import os
import tomllib
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any

from arc_submit.errors import ConfigError

LOCAL = "local"
LOCAL_URL = "http://127.0.0.1:8000/v1"
"""Where `vllm serve` listens unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One way of being an OpenAI-compatible server."""

    name: str
    base_url: str = LOCAL_URL
    """What `/chat/completions` is appended to."""
    key: str = "ARC_TEACHER_KEY"
    """Environment variable of the key."""
    key_needed: bool = True
    """False: asked without a key where the variable is not set."""
    limit: str = "max_tokens"
    """Field of the limit on an answer's tokens."""
    several: bool = False
    """Gives n answers to one request; else it is asked n times."""
    seed: bool = False
    """Takes a seed."""
    thinking: tuple[str, ...] = ()
    """Fields of a message that hold the reasoning, first filled one first."""
    plain_ones: bool = False
    """Temperature 1 and top_p 1 are not sent: some models refuse the fields."""
    costs: bool = False
    """Says in `usage.cost` how many dollars an answer cost."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of every request."""

    def secret(self) -> str:
        """Return the key, empty where none is needed and none is set.

        Raises:
            ConfigError: it is needed and not set.
        """
        found = os.environ.get(self.key, "").strip()
        if not found and self.key_needed:
            raise ConfigError(f"teacher {self.name}: set {self.key} to your key (export {self.key}=...)")
        return found


@cache
def table() -> dict[str, Provider]:
    """Return the known providers by name."""
    text = (resources.files("training.teacher") / "providers.toml").read_text("utf-8")
    return {
        name: Provider(name, **{**entry, "thinking": tuple(entry.get("thinking", ()))})
        for name, entry in tomllib.loads(text).items()
    }


def resolve(teacher: str, model: str = "", base_url: str = "") -> tuple[Provider, str]:
    """Return the provider and the model (empty: none is named) that a teacher's name stands for, see above.

    Args:
        model: takes the place of the model in the name.
        base_url: takes the place of the provider's, e.g. for a proxy.

    Raises:
        ConfigError: an unknown provider, no URL, or a provider of many models without a model.

    >>> provider, model = resolve("openrouter/qwen/qwen3-coder")
    >>> provider.name, model
    ('openrouter', 'qwen/qwen3-coder')
    """
    if teacher.startswith(("http://", "https://")):
        return replace(table()[LOCAL], base_url=_url(teacher)), model
    name, _, rest = teacher.partition("/")
    if name not in table():
        known = ", ".join(table())
        raise ConfigError(f"no teacher '{teacher}'; expected PROVIDER/MODEL with a provider of {known}, or a URL")
    provider = table()[name]
    if base_url:
        provider = replace(provider, base_url=_url(base_url))
    chosen = model or rest
    if not chosen and name != LOCAL:
        raise ConfigError(f"teacher {name}: name the model too, e.g. {name}/MODEL")
    return provider, chosen


def _url(text: str) -> str:
    try:
        parts = urllib.parse.urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:  # a port that is no number
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise ConfigError(f"teacher {text}: expected a URL, e.g. {LOCAL_URL}")
    if parts.username or parts.password or parts.query:
        raise ConfigError("a teacher's URL holds no key or password: set the environment variable of its key")
    return text.rstrip("/")
