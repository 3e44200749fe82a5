"""What every local engine does around decoding: seeds of samples, room for an answer, tokens back to text."""

import hashlib
from collections.abc import Sequence
from typing import Any

from arc_submit.config import SampleConfig
from arc_submit.errors import PromptError
from arc_submit.records import Completion, Prompt
from arc_submit.sample.engine import Request


def sample_seed(seed: int, index: int) -> int:
    """Return the seed of sample `index` of a request, 0..2^63 - 1."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{index}".encode(), digest_size=8).digest(), "big") >> 1


def limit(request: Request, config: SampleConfig) -> int:
    """Return the tokens that an answer to a request may have, wherever the context ends."""
    return config.max_new_tokens if request.limit is None else min(request.limit, config.max_new_tokens)


def room(prompt: Prompt, tokens: int, wanted: int, context: int) -> int:
    """Return the tokens that an answer to a prompt of `tokens` tokens may have: `wanted`, or what the context leaves.

    Raises:
        PromptError: none are left.
    """
    left = min(wanted, context - tokens)
    if left < 1:
        raise PromptError(
            f"{prompt.task_id}: a {prompt.kind} prompt of {tokens} tokens leaves no room for an answer in a context of"
            f" {context}; lower prompts.tokens or raise sample.context"
        )
    return left


def completion(
    tokenizer: Any, prompt: Prompt, tokens: Sequence[int], logprobs: Sequence[float], finish: str
) -> Completion:
    """Return the record of an answer; one without a finish was cut by the deadline."""
    return Completion(
        text=tokenizer.decode(tokens, skip_special_tokens=True),
        proposer=prompt.kind,
        parents=prompt.parents,
        tokens=tuple(tokens),
        logprobs=tuple(logprobs),
        finish=finish or "deadline",
    )
