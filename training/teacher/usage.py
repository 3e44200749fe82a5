"""What a request took, what that costs, and sums of both."""

from dataclasses import dataclass

from arc_submit.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Usage:
    """What one request took."""

    prompt: int = 0
    """Tokens, the cached ones among them."""
    cached: int = 0
    completion: int = 0
    """Tokens of all its answers, thinking included."""
    thinking: int = 0
    dollars: float | None = None
    """As the server says; None: it does not."""
    estimated: bool = False
    """The server gave no token counts: ours, from the length of the text."""

    @property
    def tokens(self) -> int:
        """Prompt and answers."""
        return self.prompt + self.completion


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars per million tokens.

    Raises:
        ConfigError: one below 0.
    """

    prompt: float
    completion: float
    cached: float | None = None
    """None: as the prompt."""

    def __post_init__(self) -> None:
        """Check them."""
        if min(self.prompt, self.completion, self.cached or 0.0) < 0:
            raise ConfigError("prices: expected dollars per million tokens, 0 or more")

    def of(self, usage: Usage) -> float:
        """Return what it cost, in dollars."""
        cached = self.prompt if self.cached is None else self.cached
        fresh = usage.prompt - usage.cached
        return (fresh * self.prompt + usage.cached * cached + usage.completion * self.completion) / 1e6


@dataclass(slots=True)
class Spent:
    """Sums of one teacher."""

    requests: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    thinking_tokens: int = 0
    dollars: float = 0.0
    unpriced: int = 0
    """Requests of which nobody knows what they cost."""
    estimated: int = 0
    """Requests whose tokens the server did not count."""

    def add(self, usage: Usage, dollars: float | None) -> None:
        """Take one more request into the sums."""
        self.requests += 1
        self.prompt_tokens += usage.prompt
        self.cached_tokens += usage.cached
        self.completion_tokens += usage.completion
        self.thinking_tokens += usage.thinking
        self.dollars += dollars or 0.0
        self.unpriced += dollars is None
        self.estimated += usage.estimated

    @property
    def tokens(self) -> int:
        """Prompts and answers."""
        return self.prompt_tokens + self.completion_tokens
