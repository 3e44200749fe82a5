"""What a teacher behind a server is asked with: provider, sampling, pace, patience. Checked on arrival.

Limits on tokens and money are the account's (`training.teacher.account`), of a whole folder of traces.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from arc_submit.errors import ConfigError
from training.teacher.providers import Provider

OWN = frozenset({"model", "messages", "n", "seed", "stream", "temperature", "top_p", "max_tokens"})
"""Fields of a request that have a setting of their own."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One teacher.

    Raises:
        ConfigError: a value out of its range; the message names it.
    """

    provider: Provider
    model: str
    """As the server calls it."""
    temperature: float | None = 1.0
    """0..2; None: the server's own."""
    top_p: float = 1.0
    """0..1."""
    max_tokens: int = 8192
    """Tokens of an answer, its thinking among them; what is reserved of a budget for each."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """More fields of every request, e.g. {"reasoning_effort": "low"}; they are part of what is asked."""
    one_at_a_time: bool = False
    """Ask n times for n answers also where the provider can give them at once."""
    stream: bool = False
    """Answers come piece by piece: one that is cut is seen at once, and so is a server that has gone silent."""
    in_flight: int = 64
    """Requests under way at once, at most."""
    requests_per_minute: int | None = None
    """Requests begun in any 60 seconds, at most; None: no limit of ours."""
    tokens_per_minute: int | None = None
    """Prompt and answer tokens in any 60 seconds, at most; None: no limit of ours."""
    timeout: float = 600.0
    """Seconds that one try may take, first byte to last."""
    retries: int = 5
    """Times that a request is tried again which failed; being told to wait (429) is not a failure."""
    patience: float = 1800.0
    """Seconds of being told to wait, nothing answered meanwhile, after which we stop."""

    def __post_init__(self) -> None:
        """Check every value."""
        _within("temperature", 1.0 if self.temperature is None else self.temperature, 0.0, 2.0)
        _within("top_p", self.top_p, 0.0, 1.0)
        _within("max_tokens", self.max_tokens, 1, math.inf)
        _within("in_flight", self.in_flight, 1, 10_000)
        _within("requests_per_minute", self.requests_per_minute, 1, math.inf)
        _within("tokens_per_minute", self.tokens_per_minute, 1, math.inf)
        _within("retries", self.retries, 0, 1000)
        if not (0 < self.timeout < math.inf and 0 < self.patience < math.inf):
            raise ConfigError("timeout and patience: expected seconds above 0")
        if not self.model:
            raise ConfigError(f"teacher {self.provider.name}: name the model (--model)")
        taken = sorted(OWN & set(self.extra))
        if taken:
            raise ConfigError(f"extra fields {', '.join(taken)}: each has a setting of its own")

    @property
    def name(self) -> str:
        """For traces and accounts, e.g. `deepseek/deepseek-chat`."""
        return f"{self.provider.name}/{self.model}"


def _within(name: str, value: float | None, least: float, most: float) -> None:
    if value is not None and not least <= value <= most:
        upper = "" if most == math.inf else f"..{most:g}"
        raise ConfigError(f"{name}={value:g}: expected {least:g}{upper}{' or more' if most == math.inf else ''}")
