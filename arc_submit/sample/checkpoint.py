"""Find the model and adapter folders that the settings name, and refuse bad ones before anything heavy loads.

Checked: the folder and its files, safetensors only and whole, an architecture on the list, no code of its own, a
tokenizer with a chat template, the sums in `manifest.json` where there is one, and an adapter that fits its base tensor
by tensor. Headers and JSON are read, never weights (but the manifest's sums read every listed file).

Not checked: whether the weights are any good; that is a run's canary and the adapter's probe.
"""

import hashlib
import json
import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from arc_submit.config import SampleConfig
from arc_submit.errors import WeightsError

ARCHITECTURES = ("LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM")
"""Dense decoders that both engines decode alike; each names its tensors as the library names its modules."""
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
KIT = Path(__file__).parents[2]
"""The folder that holds the package: with the repository's own `weights/` in a checkout."""
FACTOR = re.compile(r"base_model\.model\.(.+)\.lora_([AB])\.weight")

Shapes: TypeAlias = Mapping[str, tuple[int, ...]]
"""Tensor name -> shape."""


@dataclass(frozen=True, slots=True)
class Lora:
    """A plain LoRA: W + scale * B @ A for each of its modules."""

    folder: Path
    modules: tuple[str, ...]
    """Names in the base, e.g. `model.layers.0.self_attn.q_proj`."""
    rank: int
    """Largest rank of a module."""
    scale: Mapping[str, float]
    """Module -> what B @ A is multiplied by: alpha / rank, or alpha / sqrt(rank) under rslora."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model folder that passed every check."""

    folder: Path
    adapter: Path | None
    """LoRA folder to start with; passed its checks too."""
    architecture: str
    context: int
    """Tokens of prompt and answer together that the model was made for; its sliding window where it has one."""
    ends: tuple[int, ...]
    """Token ids that end an answer, from config.json and generation_config.json; the tokenizer may add one."""


def resolve(config: SampleConfig) -> Checkpoint:
    """Return the checked checkpoint that the settings name.

    Raises:
        WeightsError: something is missing, damaged, of the wrong kind or not for this base; the message says what.
    """
    folder = find_model(config.model)
    settings = _settings(folder)
    _all_shapes(folder)
    _check_tokenizer(folder)
    adapter = find_adapter(config.adapter, folder)
    _check_manifest(folder, adapter)
    if adapter is not None:
        check_adapter(adapter, folder)
    return Checkpoint(
        folder=folder,
        adapter=adapter,
        architecture=settings["architectures"][0],
        context=_context(folder, settings),
        ends=_ends(folder, settings),
    )


def find_model(name: str) -> Path:
    """Return the model's folder; a relative name is looked for in the working directory, then beside the package."""
    places = [Path(name)] if Path(name).is_absolute() else [Path.cwd() / name, KIT / name]
    for place in places:
        if place.is_dir():
            return place.resolve()
    looked = " or ".join(dict.fromkeys(map(str, places)))
    raise WeightsError(f"sample.model={name}: no folder {looked}; name a checkpoint folder")


def find_adapter(adapter: Path | None, model: Path) -> Path | None:
    """Return the adapter's folder; None for none, or for the default name where the model's folder has none."""
    if adapter is None:
        return None
    folder = model / adapter
    if folder.is_dir():
        return folder.resolve()
    if adapter == SampleConfig.model_fields["adapter"].default:
        return None
    raise WeightsError(f"sample.adapter={adapter}: no folder {folder}; name a LoRA folder, or none")


def check_adapter(folder: Path, base: Path) -> Lora:
    """Return what a LoRA folder holds, once every factor fits its tensor in the base.

    Raises:
        WeightsError: missing, damaged, not a plain LoRA in safetensors, or for another base.
    """
    settings = _read_json(folder / "adapter_config.json", "name a LoRA folder as peft saves it")
    kind = settings.get("peft_type")
    if kind != "LORA":
        raise WeightsError(f"{folder}/adapter_config.json: peft_type is {kind}, expected LORA")
    for key in ("use_dora", "modules_to_save", "rank_pattern", "alpha_pattern", "fan_in_fan_out"):
        if settings.get(key):
            raise WeightsError(f"{folder}/adapter_config.json: {key} is not supported; train a plain LoRA")
    file = folder / "adapter_model.safetensors"
    if not file.is_file():
        raise WeightsError(f"{folder}: no adapter_model.safetensors; {_found_pickles(folder)}")
    _check_manifest(folder, folder.resolve())
    base_shapes, ranks = _all_shapes(base), _ranks(file, folder, read_shapes(file))
    for module, (outputs, _rank, inputs) in ranks.items():
        wanted = base_shapes.get(f"{module}.weight")
        if wanted != (outputs, inputs):
            here = "not there" if wanted is None else "x".join(map(str, wanted))
            raise WeightsError(
                f"{folder}: made for another base: {module} is {outputs}x{inputs} in it and {here} in {base};"
                " name the base that it was trained on"
            )
    alpha = settings.get("lora_alpha")
    if isinstance(alpha, bool) or not isinstance(alpha, int | float):
        raise WeightsError(f"{folder}/adapter_config.json: lora_alpha is {alpha}, expected a number")
    power = 0.5 if settings.get("use_rslora") else 1.0
    scale = {module: alpha / math.pow(rank, power) for module, (_, rank, _) in ranks.items()}
    return Lora(folder, tuple(ranks), max(rank for _, rank, _ in ranks.values()), scale)


def read_shapes(file: Path) -> Shapes:
    """Return the shapes in a safetensors file from its header.

    Raises:
        WeightsError: not a safetensors file, or cut short.
    """
    broken = f"{file}: damaged or not a safetensors file; copy it again (a Git LFS pointer is not the file)"
    size = file.stat().st_size
    with file.open("rb") as opened:
        start = opened.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else size
        if length > size - 8:
            raise WeightsError(broken)
        try:
            header = json.loads(opened.read(length))
            header.pop("__metadata__", None)
            shapes = {name: tuple(entry["shape"]) for name, entry in header.items()}
            end = max((entry["data_offsets"][1] for entry in header.values()), default=0)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            raise WeightsError(broken) from None
    if 8 + length + end != size:
        raise WeightsError(broken)
    return shapes


def _ranks(file: Path, folder: Path, shapes: Shapes) -> dict[str, tuple[int, int, int]]:
    """Module -> (outputs, rank, inputs)."""
    factors: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, shape in shapes.items():
        match = FACTOR.fullmatch(name)
        if match is None or len(shape) != 2:
            raise WeightsError(f"{file}: holds {name}, which a plain LoRA has not; train without it")
        factors.setdefault(match[1], {})[match[2]] = shape
    if not factors:
        raise WeightsError(f"{file}: holds no tensors; train the adapter again")
    found = {}
    for module, pair in factors.items():
        if len(pair) != 2 or pair["A"][0] != pair["B"][1]:
            raise WeightsError(f"{file}: the factors of {module} do not belong together; save the adapter again")
        found[module] = (pair["B"][0], pair["A"][0], pair["A"][1])
    return found


def _settings(folder: Path) -> dict[str, Any]:
    settings = _read_json(folder / "config.json", "name a checkpoint folder as transformers saves it")
    if settings.get("auto_map"):
        raise WeightsError(f"{folder}/config.json: wants code of its own (auto_map), which is never run")
    named = settings.get("architectures")
    if not isinstance(named, list) or not named or named[0] not in ARCHITECTURES:
        first = named[0] if isinstance(named, list) and named else None
        raise WeightsError(f"{folder}/config.json: architecture {first}; expected one of {', '.join(ARCHITECTURES)}")
    return settings


def _all_shapes(folder: Path) -> Shapes:
    shapes: dict[str, tuple[int, ...]] = {}
    for file in shards(folder):
        shapes.update(read_shapes(file))
    return shapes


def shards(folder: Path) -> list[Path]:
    """The files that transformers loads: one, or those of the index."""
    index = folder / "model.safetensors.index.json"
    if (folder / "model.safetensors").is_file():
        return [folder / "model.safetensors"]
    if not index.is_file():
        raise WeightsError(f"{folder}: no model.safetensors; {_found_pickles(folder)}")
    named = _read_json(index, "").get("weight_map")
    if not isinstance(named, dict) or not named:
        raise WeightsError(f"{index}: no weight_map; copy it again")
    files = [folder / str(name) for name in sorted(set(named.values()))]
    for file in files:
        if not file.is_file():
            raise WeightsError(f"{folder}: {file.name} of the index is missing; copy it again")
    return files


def _found_pickles(folder: Path) -> str:
    found = next((file.name for pattern in PICKLES for file in sorted(folder.glob(pattern))), None)
    advice = "save with save_pretrained, whose default it is"
    return f"weights load from safetensors only{f', not {found}' if found else ''}: {advice}"


def _check_tokenizer(folder: Path) -> None:
    _read_json(folder / "tokenizer.json", "save the tokenizer in its fast form beside the weights")
    settings = folder / "tokenizer_config.json"
    said = _read_json(settings, "save the tokenizer beside the weights")
    if said.get("auto_map"):
        raise WeightsError(f"{settings}: wants code of its own (auto_map), which is never run")
    if not said.get("chat_template") and not (folder / "chat_template.jinja").is_file():
        raise WeightsError(f"{folder}: the tokenizer has no chat template; add chat_template.jinja")


def _check_manifest(folder: Path, adapter: Path | None) -> None:
    """Compare the files with the manifest's sums; those of adapters that are not asked for do not matter."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return
    listed = _read_json(manifest, "").get("files")
    if not isinstance(listed, dict) or not all(isinstance(value, str) for value in listed.values()):
        raise WeightsError(f'{manifest}: expected {{"files": {{name: sha256}}}}; write it again')
    for name, wanted in listed.items():
        file = folder / name
        if (file.parent / "adapter_config.json").is_file() and file.parent.resolve() != adapter:
            continue
        if not file.is_file():
            raise WeightsError(f"{file}: listed in manifest.json and missing; copy the folder again")
        with file.open("rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() != wanted.lower():
                raise WeightsError(f"{file}: is not the file that manifest.json lists; copy the folder again")
    for file in sorted(folder.rglob("*.safetensors")):
        of_its_own = file.parent != folder and (file.parent / "manifest.json").is_file()
        if not of_its_own and file.relative_to(folder).as_posix() not in listed:
            raise WeightsError(f"{file}: not listed in manifest.json; remove it or write the manifest again")


def _context(folder: Path, settings: Mapping[str, Any]) -> int:
    window = settings.get("sliding_window")
    windowed = window and settings.get("use_sliding_window", settings["architectures"][0].startswith("Mistral"))
    longest = settings.get("max_position_embeddings")
    if not isinstance(longest, int) or longest < 1:
        raise WeightsError(f"{folder}/config.json: max_position_embeddings is {longest}, expected a number of tokens")
    return min(longest, int(window)) if window and windowed else longest


def _ends(folder: Path, settings: Mapping[str, Any]) -> tuple[int, ...]:
    file = folder / "generation_config.json"
    said = [settings.get("eos_token_id"), _read_json(file, "").get("eos_token_id") if file.is_file() else None]
    ids = [number for entry in said for number in (entry if isinstance(entry, list) else [entry])]
    return tuple(sorted({number for number in ids if isinstance(number, int)}))


def _read_json(file: Path, advice: str) -> dict[str, Any]:
    if not file.is_file():
        raise WeightsError(f"{file}: missing; {advice}")
    try:
        value = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:120]
        raise WeightsError(f"{file}: not readable JSON ({reason}); copy it again") from None
    if not isinstance(value, dict):
        raise WeightsError(f"{file}: expected a JSON object; copy it again")
    return value
