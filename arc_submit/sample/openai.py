"""The remote engine: chat completions of any server that speaks OpenAI's HTTP interface.

A server can be busy, restarted or broken in the middle of a run. An answer that is refused for a while (408, 409, 429,
5xx), cut, garbled or late is asked for again, later each time, while the retries and the deadline allow. What stays
unanswered is missing from its request's completions; only when nothing at all was answered it is an error. A prompt
that the server finds too long is the prompt's mistake, a refused key or model the person's: neither is repeated.

Left out: streaming, so an answer that is not whole at the deadline is lost; adapters and scoring, which servers do each
in their own way; the server's tokenizer: `count` estimates. Token ids and log-probabilities come from vLLM's server,
others give none.

The key is read from OPENAI_API_KEY and written nowhere.
"""

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from arc_submit.config import SampleConfig
from arc_submit.errors import EngineError, PromptError
from arc_submit.records import Completion, Prompt
from arc_submit.sample.engine import Request

T = TypeVar("T")

CONTEXT = 32_768
"""Tokens, where neither the settings nor the server say."""
CONNECTIONS = 64
"""Requests under way at once, at most: a server queues what it cannot batch."""
WAIT = 0.5
"""Seconds before the first retry; doubles."""
LONGEST_WAIT = 30.0
"""Seconds between two tries, also where the server asks for more."""
BYTES_PER_TOKEN = 2
"""Rows of digits come near it; prose has four, so it is counted as longer than it is."""
BUSY = (408, 409, 429)
"""Statuses below 500 that pass."""
TOO_LONG = ("context length", "context window", "context_length", "max_model_len", "too long", "maximum input length")
"""What servers write of a prompt that does not fit, in lower case."""


class OpenAIEngine:
    """See `arc_submit.sample.engine.Engine`. `now` is the clock that deadlines are measured on, in seconds.

    Raises:
        ImportError: no `openai` package.
        EngineError: no server answers at `sample.server`, or it refuses the key.
    """

    name = "openai"

    def __init__(self, config: SampleConfig, now: Callable[[], float] = time.monotonic) -> None:
        import openai

        self.config, self._now = config, now
        self._errors: Any = openai
        self._client: Any = openai.OpenAI(
            base_url=config.server,
            api_key=os.environ.get("OPENAI_API_KEY") or "none",
            timeout=config.timeout,
            max_retries=0,  # ours know the deadline
        )
        self._lock = threading.Lock()
        self.on_cpu = False  # a server on this machine as well: it is not ours to wait for
        self._produced = 0
        self._is_vllm = False
        self.model = f"{config.model} at {config.server}"
        named = self._ask()
        self.context = min(config.context or named or CONTEXT, named or config.context or CONTEXT)

    @property
    def produced(self) -> int:
        """Tokens that the server says it has produced since the start; grows with every answer."""
        return self._produced

    @property
    def adapter(self) -> Path | None:
        """None: see `adapt`."""
        return None

    def count(self, prompt: Prompt) -> int:
        """Return an estimate of a prompt's tokens, too high for prose."""
        return sum(4 + len(message.content.encode()) // BYTES_PER_TOKEN for message in prompt.messages)

    def sample(self, requests: Sequence[Request], deadline: float) -> list[list[Completion]]:
        """Return the completions of each request, same order; fewer where the server gave fewer.

        Raises:
            PromptError: the server finds a prompt too long.
            EngineError: a refused key or model, or not one answer after every retry.
        """
        if not requests:
            return []
        with ThreadPoolExecutor(min(len(requests), self.config.sequences, CONNECTIONS)) as pool:
            waiting = [pool.submit(self._answer, request, deadline) for request in requests]
            try:
                answered = [future.result() for future in waiting]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        troubles = [trouble for _, trouble in answered if trouble is not None]
        if len(troubles) == len(answered) and not any(own for own, _ in answered):
            raise EngineError(f"{self.config.server}: no answer after {self.config.retries} retries: {troubles[0]}")
        return [own for own, _ in answered]

    def score(self, prompt: Prompt, text: str) -> tuple[float, ...]:
        """Not supported.

        Raises:
            EngineError: always.
        """
        raise EngineError("sample.engine=openai cannot score a given text; take hf or vllm")

    def adapt(self, folder: Path | None) -> None:
        """Do nothing for None.

        Raises:
            EngineError: a folder; adapters are not put on over the network.
        """
        if folder is not None:
            raise EngineError(
                f"sample.engine=openai cannot put the adapter {folder} on; start the server with it, or take hf or vllm"
            )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self) -> int | None:
        """Return the context that the server names for the model, None where it names none."""
        deadline = self._now() + self.config.timeout
        listed, trouble = self._patiently(self._models, deadline)
        if trouble is not None:
            raise EngineError(f"sample.server={self.config.server}: {trouble}; is it running?")
        for entry in listed or ():
            if getattr(entry, "id", None) == self.config.model:
                self._is_vllm = getattr(entry, "owned_by", "") == "vllm"
                context = getattr(entry, "max_model_len", None)
                return context if isinstance(context, int) and context > 0 else None
        return None

    def _models(self, left: float) -> list[Any]:
        try:
            listed = self._client.models.list(timeout=left)
        except self._errors.NotFoundError:  # a server of one model need not list it
            return []
        return getattr(listed, "data", None) or []

    def _answer(self, request: Request, deadline: float) -> tuple[list[Completion], str | None]:
        """Ask until all completions are there: some servers give one, however many are asked for.

        Returns the completions, and what went wrong last where some are missing; None at the deadline.
        """
        answers: list[Completion] = []
        while len(answers) < request.n:
            missing, seed = request.n - len(answers), request.seed + len(answers)
            call = self._call(request.prompt, missing, seed)
            choices, trouble = self._patiently(call, deadline)
            if choices is None:
                return answers, trouble
            answers += [self._completion(request.prompt, choice) for choice in choices[:missing]]
        return answers, None

    def _call(self, prompt: Prompt, n: int, seed: int) -> Callable[[float], list[Any]]:
        config = self.config
        extra: dict[str, Any] = {"min_p": config.min_p} if config.min_p else {}
        if self._is_vllm:
            extra["return_token_ids"] = True

        def call(left: float) -> list[Any]:
            reply = self._client.chat.completions.create(
                model=config.model,
                messages=[{"role": message.role, "content": message.content} for message in prompt.messages],
                n=n,
                seed=seed,
                temperature=config.temperature,
                top_p=config.top_p,
                max_tokens=config.max_new_tokens,
                timeout=left,
                **({"logprobs": True} if self._is_vllm else {}),
                **({"extra_body": extra} if extra else {}),
            )
            choices = getattr(reply, "choices", None)
            if not isinstance(choices, list) or not choices or not all(map(_whole, choices)):
                raise ValueError("an answer without choices")
            with self._lock:
                self._produced += _tokens_of(reply) or len(choices)
            return choices

        return call

    def _patiently(self, call: Callable[[float], T], deadline: float) -> tuple[T | None, str | None]:
        """Return what the call gave, or None and what went wrong; both None when the deadline came first.

        `call` is given the seconds that it may take.
        """
        errors = self._errors
        trouble, wait = "", WAIT
        for tried in range(self.config.retries + 1):
            if tried:
                if self._now() + wait >= deadline:
                    return None, None
                time.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
            left = min(self.config.timeout, deadline - self._now())
            if left <= 0:
                return None, None
            try:
                return call(left), None
            except errors.APIStatusError as error:
                trouble = f"status {error.status_code}: {_line(error)}"
                if error.status_code < 500 and error.status_code not in BUSY:
                    raise self._refusal(error.status_code, trouble) from None
                wait = max(wait, _retry_after(error))
            except (errors.APIError, ValueError) as error:
                trouble = _line(error)  # no connection, too late, or (ValueError) no JSON or not what was asked for
        return None, trouble

    def _refusal(self, status: int, trouble: str) -> Exception:
        if status in (400, 413, 422) and any(words in trouble.lower() for words in TOO_LONG):
            return PromptError(f"{trouble}; lower prompts.tokens or sample.max_new_tokens")
        if status in (401, 403):
            return EngineError(f"{self.config.server} refuses the key; set OPENAI_API_KEY ({trouble})")
        return EngineError(f"{self.config.server} refuses sample.model={self.config.model} or its request ({trouble})")

    def _completion(self, prompt: Prompt, choice: Any) -> Completion:
        tokens = tuple(getattr(choice, "token_ids", None) or ())
        content = getattr(getattr(choice, "logprobs", None), "content", None) or ()
        logprobs = tuple(float(entry.logprob) for entry in content)
        return Completion(
            text=choice.message.content or "",
            proposer=prompt.kind,
            parents=prompt.parents,
            tokens=tokens,
            logprobs=logprobs if len(logprobs) == len(tokens) else (),
            finish="length" if getattr(choice, "finish_reason", None) == "length" else "stop",
        )


def _whole(choice: Any) -> bool:
    """The client fills its records with whatever came, so what is used is looked at."""
    return isinstance(getattr(getattr(choice, "message", None), "content", 0), str | None)


def _tokens_of(reply: Any) -> int:
    made = getattr(getattr(reply, "usage", None), "completion_tokens", 0)
    return made if isinstance(made, int) else 0


def _retry_after(error: Any) -> float:
    """Seconds that the server asks for, 0 where it does not."""
    try:
        return min(float(error.response.headers.get("retry-after", 0)), LONGEST_WAIT)
    except ValueError:
        return 0.0


def _line(error: Exception) -> str:
    """The error without its surroundings; the client's errors carry the reply, never the key."""
    return " ".join(str(error).split())[:200] or type(error).__name__
