"""Write a checkpoint of `training.loop` as a model folder that every engine loads.

python -m training.export out/train/base out/train/peek
"""

import argparse
import json
from pathlib import Path


def export(checkpoint: Path, shape_of: Path | None, folder: Path) -> None:
    """Write the model of a checkpoint, with its tokenizer; `shape_of`: a model folder to take the sizes from."""
    from safetensors.torch import load_file
    from transformers import AutoConfig, AutoModelForCausalLM

    from training.model import Shape, create
    from training.tokenizer import build

    tokenizer = build()
    model = create(Shape(), tokenizer, 0)
    if shape_of is not None:
        model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(shape_of))
    model.load_state_dict(load_file(checkpoint / "model.safetensors"), strict=False)
    model.tie_weights()
    model.save_pretrained(folder, max_shard_size="15MB")
    tokenizer.save_pretrained(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="output folder of training.pretrain")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shape-of", type=Path, help="model folder with the sizes; default: those of training.model")
    options = parser.parse_args()
    export(options.run / "checkpoint", options.shape_of, options.folder)
    print(json.dumps({"command": "export", "folder": str(options.folder)}))


if __name__ == "__main__":
    main()
