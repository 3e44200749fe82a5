"""The one protocol of language-model engines: prompts in, n completions each out.

    hf        transformers, any device, one prefill per prompt           arc_submit.sample.hf
    vllm      vLLM, GPU or its CPU build                                 arc_submit.sample.vllm
    openai    any OpenAI-compatible server                               arc_submit.sample.openai
    scripted  replays a list: the loop without a model, a fake for tests arc_submit.sample.scripted

Engines know nothing of tasks or programs. A failure inside a batch costs that batch's unfinished requests a retry in
smaller batches, never the finished ones. `build` picks one by configuration, inside a function, so that importing this
package brings no torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from arc_submit.records import Completion, Prompt


@dataclass(frozen=True, slots=True)
class Request:
    """One prompt, and how often it is to be answered."""

    prompt: Prompt
    n: int
    seed: int
    """Sample i is drawn from a generator seeded with (seed, i): the same request gives the same samples, whatever
    else is in the batch. See `request_seed`."""
    prefix: tuple[int, ...] = ()
    """Token ids that every answer begins with; completions hold what comes after them. hf and vllm only."""
    limit: int | None = None
    """Tokens that an answer may have after the prefix, where that is fewer than the engine's own limit. As above."""


class Engine(Protocol):
    """A resident model."""

    name: str
    model: str
    """The checkpoint in words, for reports."""
    context: int
    """Tokens that prompt and answer may have together."""
    on_cpu: bool
    """Decodes on the processor that the caller works on: then there is nothing to do meanwhile."""

    @property
    def produced(self) -> int:
        """Tokens decoded since the start; grows while `sample` runs, so a supervisor can see that it lives."""
        ...

    @property
    def adapter(self) -> Path | None:
        """The LoRA folder that is on, None for the base alone."""
        ...

    def count(self, prompt: Prompt) -> int:
        """Return the tokens of a prompt under the model's chat template, generation prompt included."""
        ...

    def sample(self, requests: Sequence[Request], deadline: float) -> list[list[Completion]]:
        """Return the completions of each request, same order.

        At the deadline (seconds on the engine's clock) decoding stops: what is unfinished comes back cut, with finish
        `deadline`, and a request that was never begun gives []. Completions carry token ids and log-probabilities;
        `Completion.proposer` is the prompt's kind, `Completion.parents` the prompt's.

        Raises:
            PromptError: a prompt longer than the context.
            EngineError: the engine died and could not be brought back.
        """
        ...

    def score(self, prompt: Prompt, text: str) -> tuple[float, ...]:
        """Return the log-probability of each token of `text`, end token included, as an answer to the prompt."""
        ...

    def adapt(self, folder: Path | None) -> None:
        """Put a LoRA folder on, swap it for another (also one at the same path with new content), or take it off.

        Raises:
            WeightsError: not a LoRA folder, or one for another base; the adapter stays as it was.
        """
        ...

    def close(self) -> None:
        """Give back memory and processes; nothing may be called afterwards."""
        ...


class Lender(Engine, Protocol):
    """An engine whose model can be trained beside it: hf lends its own, vllm keeps a second copy."""

    tokenizer: Any
    folder: Path
    """The checkpoint."""
    precision: float
    """By how much two ways of adding up may differ in a log-probability, nats."""

    def score_ids(self, prompt: Sequence[int], answer: Sequence[int]) -> tuple[float, ...]:
        """Return the log-probability of each id of the answer, as `score` does for texts."""
        ...

    def lend(self) -> Any:
        """Return the torch model on its base weights, which may only be read.

        An adapter may be off afterwards; the caller puts one on again.

        Raises:
            EngineError: there is no memory for it.
        """
        ...


def request_seed(seed: int, task_id: str, turn: int, index: int) -> int:
    """Return the seed of a request, 0..2^31 - 1: a hash of (run's seed, task, round, index of the prompt)."""
    import hashlib

    text = f"{seed}/{task_id}/{turn}/{index}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "big") >> 1
