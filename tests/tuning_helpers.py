"""Datasets and models for the tests of fine-tuning: a random model of two layers, and prompts of generated tasks."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from arc_submit.config import PromptsConfig
from arc_submit.prompts import Writer
from arc_submit.prompts.compact import answer
from training.dataset import sides, store
from training.exercises import Exercise
from training.guard import EVALUATION
from training.tasks.registry import item
from training.tuning.data import Material
from training.tuning.data import read as read_material
from training.tuning.settings import Settings, read

ROOT = Path(__file__).parents[1]
SMALL = ROOT / "weights" / "small"
COMPACT = PromptsConfig()
TEXTS = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json")
GUARD = f"no task shares a pair with {', '.join(EVALUATION)}: 2269 pairs, by content"


def tiny(folder: Path, seed: int = 0, dtype: str = "float32", layers: int = 2) -> Path:
    """Write a random Qwen2 of width 32, with the tokenizer that ships."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    from arc_submit.sample import chat

    tokenizer = chat.load_tokenizer(SMALL)
    torch.manual_seed(seed)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    model = Qwen2ForCausalLM(config).to(getattr(torch, dtype))
    model.save_pretrained(folder)
    for name in TEXTS:
        shutil.copy(SMALL / name, folder / name)
    return folder


def rows(count: int, seed: int, name: str, config: PromptsConfig = COMPACT) -> list[store.Row]:
    """Return fresh examples of generated tasks, weights 0.5, 1 and 1.5 in turn."""
    writer, found = Writer(config), []
    for number in range(count):
        made = item(seed, number)
        prompt = [{"role": message.role, "content": message.content} for message in writer.fresh(made.task).messages]
        found.append(
            store.Row(
                id=f"{name}/{number}",
                task=f"{name}-{number}",
                kind="fresh",
                prompt=prompt,
                completion=[{"role": "assistant", "content": answer(made.source)}],
                weight=0.5 + number % 3 / 2,
                tokens=0,
                difficulty=1.0,
                origin="generated/symmetry/unfold",
                teacher="symbolic",
                gain=0.5,
            )
        )
    return found


def contents(count: int, seed: int, name: str) -> dict[str, frozenset[bytes]]:
    """Return what the tasks of `rows` are."""
    made = (item(seed, number) for number in range(count))
    return {f"{name}-{number}": sides.forms(Exercise(one.task, "", (one.test,))) for number, one in enumerate(made)}


def about(config: PromptsConfig = COMPACT, model: Path = SMALL, **changes: object) -> store.About:
    """Return what a dataset of this kit says of itself."""
    said = store.About(
        version=Writer(config).version, prompts=config, fingerprint=store.fingerprint(model), guard=GUARD
    )
    return replace(said, **changes)


def dataset(
    folder: Path, train: int = 40, evaluation: int = 8, config: PromptsConfig = COMPACT, **changes: object
) -> Path:
    """Write a dataset of generated tasks."""
    splits = {"train": rows(train, 1, "a", config), "eval": rows(evaluation, 2, "b", config)}
    store.save(folder, splits, about(config, **changes))
    store.write_contents(folder, {"train": contents(train, 1, "a"), "eval": contents(evaluation, 2, "b")})
    return folder


def settings(*given: str, **overrides: object) -> Settings:
    """Return small settings: two checkpoints, nothing sampled, 500 tokens a step."""
    return read("toy", ["steps.batch_tokens=500", "check.examples=8", "lora.rank=4", *given], **overrides)


def material(place: Path, *given: str, folder: str = "d") -> Material:
    """Return the examples of the dataset `folder` in a place, for its model `m`."""
    from arc_submit.sample import chat

    return read_material(place / folder, place / "m", chat.load_tokenizer(place / "m"), 1024, settings(*given))


def gradient(loss: Any, tuned: Any) -> Any:
    """Return the gradient of all that trains, in one row."""
    import torch

    tuned.zero_grad()
    loss.backward()
    return torch.cat([weight.grad.flatten() for weight in tuned.parameters() if weight.requires_grad])


def shaped(folder: Path, shape: str, device: str = "cpu") -> Path:
    """Write a random Qwen2.5 of a published shape in bfloat16, with the tokenizer that ships: speed, not sense."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    from scripts.bench_step import QWEN

    hidden, inner, layers, heads, keys, vocabulary, tied = QWEN[shape]
    config = Qwen2Config(
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=keys,
        max_position_embeddings=4096,
        tie_word_embeddings=tied,
        eos_token_id=1,
        pad_token_id=0,
        bos_token_id=None,
        dtype="bfloat16",
    )
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(device):
            model = Qwen2ForCausalLM(config)
    finally:
        torch.set_default_dtype(before)
    model.save_pretrained(folder)
    for name in TEXTS:
        shutil.copy(SMALL / name, folder / name)
    return folder
