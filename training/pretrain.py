"""Pre-train the small model from scratch on token shards.

    python -m training.data.make out/train/shards --shards 60
    python -m training.pretrain out/train/shards out/train/base --shards 60 --tokens 8000000
    accelerate launch --num_processes 2 -m training.pretrain ...      (several devices, or several cores)

Stopped, it goes on where it was when the same command is given again.
"""

import argparse
import json
import os
from dataclasses import asdict
from functools import partial
from pathlib import Path

from training.check import held, solve_rate
from training.loop import LoopConfig, quiet, train
from training.manifest import SHARD
from training.model import Shape, create, parameters
from training.tokenizer import build


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shards", type=Path, help="folder of training.data.make")
    parser.add_argument("out", type=Path, help="checkpoint, curves, and at the end the model")
    parser.add_argument("--shards", dest="count", type=int, default=60)
    parser.add_argument("--init", type=Path, help="go on from this model instead of from nothing")
    shape, loop = Shape(), LoopConfig()
    for name, value in asdict(shape).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    for name, value in asdict(loop).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    parser.add_argument("--check-tasks", type=int, default=0, help="held-out tasks tried at every checkpoint (0: off)")
    options = parser.parse_args()
    quiet()
    tokenizer = build()
    given = vars(options)
    config = LoopConfig(**{name: given[name] for name in asdict(loop)})
    if options.init:
        from transformers import AutoModelForCausalLM

        model = AutoModelForCausalLM.from_pretrained(options.init, use_safetensors=True)
    else:
        model = create(Shape(**{name: given[name] for name in asdict(shape)}), tokenizer, config.seed)
    tasks = held(options.check_tasks) if options.check_tasks else []
    check = partial(solve_rate, tasks=tasks) if tasks else None
    state = train(model, options.shards, options.count, options.out, config, check)
    if int(os.environ.get("RANK", "0")):
        return
    model.save_pretrained(options.out / "model", max_shard_size=SHARD)
    tokenizer.save_pretrained(options.out / "model")
    total, layers = parameters(model)
    report = {"command": "pretrain", "out": str(options.out), "tokens": state.tokens, "steps": state.steps}
    print(json.dumps({**report, "parameters": total, "in_layers": layers, "loss": state.losses[-1][1]}))


if __name__ == "__main__":
    main()
