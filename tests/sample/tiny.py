"""A model small enough to build in a test: random Qwen2, byte-level tokenizer, ChatML template, LoRA adapter.

The weights mean nothing but are never flat: the same seed gives the same model, other seeds give other log-probs.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")  # ids 256, 257, 258; bytes come first
END = 258  # <|im_end|>: ends an answer
VOCABULARY = 259
CONTEXT = 2048
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LORA = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "lora_dropout": 0.0, "bias": "none", "inference_mode": True}


def tiny_model(folder: Path, seed: int = 0, layers: int = 2, hidden: int = 64) -> Path:
    """Write a random Qwen2 checkpoint with its tokenizer; heads are 32 wide, the smallest that vLLM knows on a CPU."""
    import torch
    from transformers import GenerationConfig, Qwen2Config, Qwen2ForCausalLM

    heads = hidden // 32
    config = Qwen2Config(
        vocab_size=VOCABULARY,
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=max(1, heads // 2),
        max_position_embeddings=CONTEXT,
        initializer_range=0.15,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=END,
        dtype="float32",
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Qwen2ForCausalLM(config)
    model.generation_config = GenerationConfig(eos_token_id=END, pad_token_id=256)
    model.save_pretrained(folder)
    tiny_tokenizer(folder)
    return folder


def tiny_tokenizer(folder: Path) -> Path:
    """Write a tokenizer of 256 bytes and three special tokens, with its chat template."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    raw = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(alphabet)}, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)  # type: ignore[assignment]
    raw.decoder = decoders.ByteLevel()  # type: ignore[assignment]
    raw.add_special_tokens(list(SPECIAL))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token=SPECIAL[2], pad_token=SPECIAL[0])
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    return folder


def tiny_adapter(
    folder: Path,
    base: Path,
    seed: int = 0,
    rank: int = 4,
    targets: Sequence[str] = ("q_proj", "v_proj", "down_proj"),
    **settings: Any,
) -> Path:
    """Write a LoRA folder for `base`, neither of its factors zero; `settings` go into adapter_config.json."""
    import torch
    from safetensors.torch import load_file, save_file

    draw = torch.Generator().manual_seed(seed)
    factors: dict[str, Any] = {}
    for name, weight in load_file(base / "model.safetensors").items():
        module = name.removesuffix(".weight")
        if name.endswith(".weight") and module.rsplit(".", 1)[-1] in targets:
            outputs, inputs = weight.shape
            factors[f"base_model.model.{module}.lora_A.weight"] = torch.randn(rank, inputs, generator=draw) * 0.1
            factors[f"base_model.model.{module}.lora_B.weight"] = torch.randn(outputs, rank, generator=draw) * 0.1
    folder.mkdir(parents=True, exist_ok=True)
    save_file(factors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    written = LORA | {"base_model_name_or_path": str(base), "r": rank, "lora_alpha": 2 * rank}
    written |= {"target_modules": list(targets)} | settings
    (folder / "adapter_config.json").write_text(json.dumps(written), "utf-8")
    return folder


def write_manifest(folder: Path, **changes: str | None) -> Path:
    """Write manifest.json over every file of a model folder; a change of None leaves that name out."""
    files: Mapping[str, str | None] = {
        str(file.relative_to(folder)): sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != "manifest.json"
    } | {name.replace("__", "."): value for name, value in changes.items()}
    kept = {name: value for name, value in files.items() if value is not None}
    (folder / "manifest.json").write_text(json.dumps({"files": kept}), "utf-8")
    return folder
