"""Fine-tune a LoRA adapter on fresh and edit examples together.

    python -m training.data.make out/train/tuning --shards 12 --generated 0.5 --solved out/train/solved.jsonl
    python -m training.sft out/train/base/model out/train/tuning out/train/adapter --shards 12 --tokens 1500000
    accelerate launch --num_processes 4 -m training.sft ...           (several devices)

The base is any causal LM that peft knows, ours or a 7B one; shards must come from its own tokenizer and prompt style.
Rank-stabilised LoRA (arXiv 2312.03732) on all linear layers. Stopped, it goes on where it was.
"""

import argparse
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from training.loop import LoopConfig, quiet, train

DEFAULTS = LoopConfig(tokens=1_500_000, rate=5e-4, decay=0.0)


def adapted(base: Path, rank: int, alpha: int, seed: int) -> Any:
    """Return the base with a fresh adapter; only the adapter trains.

    Args:
        alpha: the adapter counts alpha / sqrt(rank) times.
    """
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_pretrained(base, use_safetensors=True, dtype="auto")
    settings = LoraConfig(r=rank, lora_alpha=alpha, target_modules="all-linear", use_rslora=True, task_type="CAUSAL_LM")
    return get_peft_model(model, settings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path, help="model folder")
    parser.add_argument("folder", type=Path, help="token shards of training.data.make")
    parser.add_argument("out", type=Path, help="checkpoint, curves, and at the end the adapter")
    parser.add_argument("--shards", type=int, default=12)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--alpha", type=int, default=32)
    for name, value in asdict(DEFAULTS).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    options = parser.parse_args()
    config = LoopConfig(**{name: getattr(options, name) for name in asdict(DEFAULTS)})
    quiet()
    model = adapted(options.base, options.rank, options.alpha, config.seed)
    state = train(model, options.folder, options.shards, options.out, config)
    if int(os.environ.get("RANK", "0")):
        return
    model.save_pretrained(options.out / "adapter")
    trained = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    report = {"command": "sft", "out": str(options.out), "tokens": state.tokens, "steps": state.steps}
    print(json.dumps({**report, "trained_parameters": trained, "loss": state.losses[-1][1]}))


if __name__ == "__main__":
    main()
