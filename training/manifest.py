"""`manifest.json` of a model folder: what each file is, and how the weights came to be.

    {"files": {"model.safetensors": sha256, ...}, "bytes": {"model.safetensors": number, ...},
     "parameters": ..., "tokens": ..., "recipe": {"text": ..., "sha256": ...}, "data": {...},
     "commit": ..., "scores": {...}, "licence": ...}

Engines refuse a folder whose files differ from the sums (`arc_submit.sample.checkpoint`). `write` refuses what cannot
be published with a repository: over 64 MB in all, a file of 16 MiB or more, weights in anything but safetensors.
`save_pretrained(folder, max_shard_size=SHARD)` makes shards that are small enough.

A subfolder with a manifest of its own (an adapter) vouches for itself: its files count for the size, and are not
listed. There is no date in it, so the same recipe on the same commit gives the same file.
"""

import hashlib
import json
import math
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from arc_submit.errors import WeightsError
from arc_submit.sample.checkpoint import read_shapes

NAME = "manifest.json"
SHARD = "15MB"  # of save_pretrained: 10^6 bytes of tensors; with its header a shard stays below MAX_FILE
MAX_FILE = 16 * 2**20  # bytes
MAX_FOLDER = 64 * 10**6  # bytes
KINDS = (".safetensors", ".json", ".jinja", ".txt", ".md", ".svg")
"""File kinds that may lie in a model folder: weights, and text. Anything else might be a pickle."""
NAMES = ("LICENSE", "LICENCE", "NOTICE")
KEYS = ("files", "bytes", "parameters", "tokens", "recipe", "data", "commit", "scores", "licence")


def write(
    folder: Path,
    *,
    recipe: str,
    data: Mapping[str, Any],
    commit: str,
    tokens: int,
    scores: Mapping[str, Any],
    licence: str = "MIT-0",
    bounded: bool = True,
) -> dict[str, Any]:
    """Write `manifest.json` (anew, atomically: whole or not at all) and return what it says.

    Args:
        folder: the finished model folder, adapter and tokenizer included.
        recipe: the settings' text, word for word.
        data: what was trained on: sets, counts of tasks seen, generators and seeds, the guard's `describe()`.
        commit: of the code, e.g. from `head`.
        tokens: trained on, repetitions counted.
        scores: of the finished weights, by set, with what a reader needs to repeat them.
        licence: of the weights, an SPDX identifier.
        bounded: sizes that cannot be published with a repository are refused.

    Raises:
        WeightsError: no weights, a file that is no part of a model folder, or too large.
        ValueError: data or scores that JSON does not hold, NaN among them.
    """
    files = _files(folder)
    listed = [file for file in files if not _vouched(file, folder)]
    value = {
        "files": {_name(file, folder): _sum(file) for file in listed},
        "bytes": {_name(file, folder): file.stat().st_size for file in listed},
        "parameters": _parameters(folder),
        "tokens": tokens,
        "recipe": {"text": recipe, "sha256": hashlib.sha256(recipe.encode()).hexdigest()},
        "data": dict(data),
        "commit": commit,
        "scores": dict(scores),
        "licence": licence,
    }
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if bounded:
        _check_size(files, folder, len(text.encode()))
    _replace(folder / NAME, text)
    return value


def read(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder; its sums are checked where the weights are loaded, not here.

    Raises:
        WeightsError: missing, not JSON, or without one of `KEYS`.
    """
    file = folder / NAME
    try:
        value = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise WeightsError(f"{file}: missing; write it when the weights are finished") from None
    except (OSError, ValueError) as error:
        raise WeightsError(f"{file}: not readable JSON ({' '.join(str(error).split())[:120]})") from None
    missing = [key for key in KEYS if key not in value] if isinstance(value, dict) else list(KEYS)
    if missing:
        raise WeightsError(f"{file}: expected {', '.join(KEYS)}; missing: {', '.join(missing)}")
    found: dict[str, Any] = value
    return found


def head(repository: Path = Path(__file__).parents[1]) -> str:
    """Return the commit that is checked out, with ` (changed)` behind it when the tracked files differ from it.

    Raises:
        WeightsError: not a git checkout, or no git.
    """
    try:
        commit, changes = (
            subprocess.run(
                ["git", "-C", str(repository), *words], capture_output=True, text=True, check=True
            ).stdout.strip()
            for words in (("rev-parse", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))
        )
    except (OSError, subprocess.CalledProcessError):
        raise WeightsError(f"{repository}: no git checkout; name the commit by hand") from None
    return f"{commit} (changed)" if changes else commit


def _files(folder: Path) -> list[Path]:
    """Everything in the folder but its own manifest, in order of name."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        if path.is_symlink() or not path.is_file():
            raise WeightsError(f"{path}: a link; copy the file itself into the folder")
        if path.suffix not in KINDS and path.name not in NAMES:
            raise WeightsError(f"{path}: no part of a model folder (expected {', '.join(KINDS)}); remove it")
        if path != folder / NAME and path != _aside(folder / NAME):
            found.append(path)
    if not any(file.suffix == ".safetensors" for file in found):
        raise WeightsError(f"{folder}: no weights in it; expected at least one *.safetensors")
    return found


def _vouched(file: Path, folder: Path) -> bool:
    """Some folder between the file and the model's has a manifest of its own, this file or one that lists it."""
    between = file.relative_to(folder).parents
    return any(part != Path() and (folder / part / NAME).is_file() for part in between)


def _check_size(files: list[Path], folder: Path, manifest: int) -> None:
    for file in files:
        if file.stat().st_size >= MAX_FILE:
            raise WeightsError(
                f"{file}: {file.stat().st_size / 2**20:.1f} MiB, expected less than {MAX_FILE / 2**20:.0f}; "
                f"save with max_shard_size={SHARD!r}"
            )
    total = manifest + sum(file.stat().st_size for file in files)
    if total > MAX_FOLDER:
        raise WeightsError(f"{folder}: {total / 1e6:.1f} MB, expected at most {MAX_FOLDER / 1e6:.0f}; save in bfloat16")


def _parameters(folder: Path) -> int:
    """Numbers in the folder's own weights, from the headers; tied weights count once, an adapter's do not."""
    shapes = {name: shape for file in sorted(folder.glob("*.safetensors")) for name, shape in read_shapes(file).items()}
    return sum(math.prod(shape) for shape in shapes.values())


def _sum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _name(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix()


def _aside(file: Path) -> Path:
    return file.with_name("manifest.new.json")


def _replace(file: Path, text: str) -> None:
    with _aside(file).open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    os.replace(_aside(file), file)
