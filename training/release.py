"""Gather base, adapter and tokenizer into the folder that ships, with a manifest that says how they came to be.

    python -m training.release out/train/grown/model out/train/adapter/adapter out/train/weights \\
        --recipe small --data out/train --scores scores.json

Copy the folder to weights/small to ship it. `arc-submit doctor` verifies it.
"""

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from arc_submit.errors import WeightsError
from training import manifest
from training.remake import read
from training.split import EVERY, split
from training.tasks.registry import GENERATORS

ADAPTER = ("adapter_config.json", "adapter_model.safetensors")


def release(
    base: Path, adapter: Path, folder: Path, recipe: str, data: Path, scores: dict[str, Any], name: str = "adapter"
) -> None:
    """Write the folder, replacing what is there.

    Args:
        name: of the adapter's folder in it. `adapter` goes on by itself (`sample.adapter`); another one when asked for.

    Raises:
        WeightsError: too large, or a file that does not belong (see `training.manifest`).
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder)
    (folder / name).mkdir()
    for file in ADAPTER:
        shutil.copy(adapter / file, folder / name / file)
    card = folder / name / ADAPTER[0]
    settings = json.loads(card.read_text())
    settings["base_model_name_or_path"] = folder.name  # not the folder of the machine that it was trained on
    settings["target_modules"] = sorted(settings["target_modules"])
    card.write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n")
    manifest.write(
        folder,
        recipe=read(recipe),
        data=_described(data),
        commit=_commit(),
        tokens=sum(_tokens(run) for run in sorted(data.glob("*/checkpoint/state.json"))),
        scores=scores,
    )


def _described(data: Path) -> dict[str, Any]:
    found = split()
    return {
        "tasks": f"{len(found.learn)} of arc1-training and arc2-training, by content",
        "held_out": f"every {EVERY}th of arc1-training by id, {len(found.held)} tasks",
        "refused": len(found.refused),
        "guard": found.guard,
        "generators": sorted(GENERATORS),
        "shards": {path.parent.name: json.loads(path.read_text()) for path in sorted(data.glob("*/sources.json"))},
    }


def _commit() -> str:
    try:
        return manifest.head()
    except WeightsError:
        return "unknown: not made in a git checkout"


def _tokens(state: Path) -> int:
    return int(json.loads(state.read_text())["tokens"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path, help="model folder")
    parser.add_argument("adapter", type=Path, help="adapter folder")
    parser.add_argument("folder", type=Path, help="what is written")
    parser.add_argument("--recipe", required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recipe's run")
    parser.add_argument("--name", default="adapter", help="folder of the adapter in it (default adapter: on by itself)")
    parser.add_argument("--scores", type=Path, help="JSON object: what the weights score, and by which command")
    options = parser.parse_args()
    scores = json.loads(options.scores.read_text()) if options.scores else {}
    release(options.base, options.adapter, options.folder, options.recipe, options.data, scores, options.name)
    found = manifest.read(options.folder)
    report = {"command": "release", "folder": str(options.folder), "parameters": found["parameters"]}
    print(json.dumps({**report, "tokens": found["tokens"], "bytes": sum(found["bytes"].values())}))


if __name__ == "__main__":
    main()
