"""The small model: a Qwen3 decoder of a few million parameters, and how its embeddings begin.

Qwen3 (queries and keys normalised) trains at higher rates than Qwen2 at this size, and transformers, vLLM, peft and
unsloth all load it. Tokens that are groups of digits begin as sums of one vector per (place, digit), and facts with a
number as the sum of their name and the number, so what is learnt of one helps the others from the first step.
"""

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Shape:
    """Size of the model. The default: 3.0 M parameters in the layers, 1.0 M in the (tied) embedding."""

    width: int = 256
    layers: int = 4
    heads: int = 8
    head: int = 32
    inner: int = 640
    context: int = 2048


def create(shape: Shape, tokenizer: Any, seed: int) -> Any:
    """Return a freshly initialised model in float32; the same seed gives the same weights."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(seed)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=shape.width,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        head_dim=shape.head,
        max_position_embeddings=shape.context,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
        tie_word_embeddings=True,
        initializer_range=0.02,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        attn_implementation="sdpa",
    )
    model = Qwen3ForCausalLM(config)
    _compose(model.get_input_embeddings().weight.data, tokenizer)
    return model


def parameters(model: Any) -> tuple[int, int]:
    """Return the numbers of parameters (all, without the embedding)."""
    total = sum(weight.numel() for weight in model.parameters())
    return total, total - model.get_input_embeddings().weight.numel()


_DIGITS = re.compile(r"^([0-9]{1,3})(\n?)$")
_NUMBERED = re.compile(r"^ ([a-z-]+)-([0-9])$")


def _compose(weight: Any, tokenizer: Any) -> None:
    """Overwrite the vectors of digit groups and of numbered facts with sums of shared parts, same variance."""
    import torch

    parts: dict[tuple[str, ...], Any] = {}

    def part(*key: str) -> Any:
        if key not in parts:
            parts[key] = torch.randn(weight.shape[1]) * 0.02
        return parts[key]

    for text, index in ((tokenizer.decode([index]), index) for index in range(len(tokenizer))):
        digits, numbered = _DIGITS.match(text), _NUMBERED.match(text)
        if digits:
            found = [part("place", str(place), digit) for place, digit in enumerate(digits.group(1))]
            found.append(part("end", digits.group(2), str(len(digits.group(1)))))
        elif numbered:
            found = [part("name", numbered.group(1)), part("number", numbered.group(2))]
        else:
            continue
        weight[index] = torch.stack(found).sum(0) / len(found) ** 0.5
