"""A pack of a few bytes, laid out as `arc-submit kaggle pack` does."""

import hashlib
import json
from pathlib import Path
from typing import Any

IMAGE = "gcr.io/kaggle-gpu-images/python@sha256:" + "3" * 64
NOTEBOOK = {
    "cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": ["print(1)"]}],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
SUM = "SHA256SUMS"


def make_pack(folder: Path, owner: str = "OWNER", weights: bool = True) -> Path:
    """code/, wheels-cp312/, weights/ and kernel/ with valid cards and sums."""
    write(folder / "pack.json", {"commit": "c" * 40})
    code = folder / "code"
    write(code / "dataset-metadata.json", dataset_card(owner, "arc-submit-code"))
    write(code / "BUNDLE.json", {"kit": "arc-submit"})
    write(code / "code" / "arc_submit" / "__init__.py", "")
    write(code / "code" / "arc_submit" / "solve.py", "answer = 42\n" * 4000)
    wheels = folder / "wheels-cp312"
    write(wheels / "dataset-metadata.json", dataset_card(owner, "arc-submit-wheels-cp312"))
    write(wheels / "wheels" / "numpy-2.3.5-cp312.whl", "wheel" * 10_000)
    if weights:
        card = {"ownerSlug": owner, "slug": "arc-base", "title": "ARC base", "isPrivate": True, "description": "x"}
        write(folder / "weights" / "model-metadata.json", card)
        instance = {"ownerSlug": owner, "modelSlug": "arc-base", "instanceSlug": "small", "framework": "transformers"}
        more = {"licenseName": "Apache 2.0", "fineTunable": False}
        write(folder / "weights" / "model" / "model-instance-metadata.json", instance | more)
        write(folder / "weights" / "model" / "model.safetensors", "w" * 70_000)
        write_sums(folder / "weights" / "model")
    write(folder / "kernel" / "arc-submit.ipynb", NOTEBOOK)
    write(folder / "kernel" / "kernel-metadata.json", kernel_card(owner, weights))
    for part in (code, wheels):
        write_sums(part)
    return folder


def kernel_card(owner: str, weights: bool = True) -> dict[str, Any]:
    return {
        "id": f"{owner}/arc-submit",
        "title": "arc-submit",
        "code_file": "arc-submit.ipynb",
        "language": "python",
        "kernel_type": "notebook",
        "is_private": True,
        "enable_internet": False,
        "machine_shape": "NvidiaL4",
        "docker_image": IMAGE,
        "dataset_sources": [f"{owner}/arc-submit-code", f"{owner}/arc-submit-wheels-cp312"],
        "competition_sources": ["arc-prize-2026-arc-agi-2"],
        "model_sources": [f"{owner}/arc-base/transformers/small/1"] if weights else [],
    }


def dataset_card(owner: str, slug: str) -> dict[str, Any]:
    return {"id": f"{owner}/{slug}", "title": slug, "licenses": [{"name": "CC0-1.0"}]}


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def write_sums(folder: Path) -> None:
    """As `sha256sum` would."""
    lines = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != SUM and not path.name.endswith("-metadata.json"):
            lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n")
    (folder / SUM).write_text("".join(lines))
