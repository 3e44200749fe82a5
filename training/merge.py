"""Fuse a LoRA adapter into its base: a model folder of its own, with logits compared before and after.

    arc-train merge weights/small out/tuned/adapter out/merged
    python -m training.merge BASE ADAPTER OUT

Weights are added in float32 and only then cast to the base's own dtype, so that what is lost is one rounding, and that
is measured. Works for LoRA, rsLoRA and DoRA (peft's merge_and_unload). Tokenizer, chat template and generation settings
are copied from the base as they stand. Nothing is left in OUT when a comparison fails.

    fits      every tensor of the adapter has its place in the base, every place that its settings name has a tensor
    fused     logits of base + adapter against the sum, both in float32: more than 1e-3 of the largest logit is refused
    rounded   the same after the cast, sums still in float32: more than `tolerance` of it is refused

Left out: a base in 4 bits (fuse into the base that it was quantised from), several adapters at once, adapters on
embeddings or the head, shards read one at a time: the base is held once, in float32.
"""

import json
import re
import shutil
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from arc_submit.config import PromptsConfig, SampleConfig
from arc_submit.errors import OutputError, WeightsError
from arc_submit.prompts import Writer
from arc_submit.records import Prompt
from arc_submit.sample import chat, checkpoint
from arc_submit.tasks import load as load_tasks
from training import manifest
from training.tuning.folder import CARD
from training.tuning.model import copy_texts, load
from training.tuning.model import shard_size as default_size
from training.tuning.settings import Hold, Settings

TASKS = 4  # whose fresh prompts, in both styles, the logits are compared on
LONGEST = 512  # tokens of a compared prompt; the rest is cut
FUSED = 1e-3  # of the largest logit
ROUNDED = 0.05  # the same after the cast
AGREED = 0.98  # of the places have the same likeliest token before and after fusing
WEIGHTS = "adapter_model.safetensors"
PART = re.compile(r"base_model\.model\.(.+)\.(lora_[AB]|lora_magnitude_vector)(?:\.weight)?")
"""A tensor of an adapter: the module that it is of, and what it is of it."""
LAYER = re.compile(r"\.layers\.(\d+)\.")


@dataclass(frozen=True, slots=True)
class Difference:
    """Two sets of logits, compared."""

    largest: float
    """Largest absolute difference of a logit."""
    scale: float
    """Largest absolute logit before."""
    agreement: float
    """Share of the places at which the likeliest token is the same."""
    places: int

    @property
    def share(self) -> float:
        """Largest difference as a share of the largest logit."""
        return self.largest / max(self.scale, 1e-9)


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it."""

    folder: Path
    parameters: int
    dtype: str
    kind: str
    """LoRA, rsLoRA, DoRA."""
    fused: Difference
    rounded: Difference
    files: int
    bytes: int


def merge(
    base: Path,
    adapter: Path,
    out: Path,
    *,
    dtype: str = "auto",
    shard_size: str | None = None,
    tolerance: float = ROUNDED,
    replace: bool = False,
) -> Merged:
    """Write base + adapter to `out` as a model folder.

    Args:
        dtype: float32, bfloat16 or float16; auto: the base's own.
        shard_size: bytes of a weights file, as transformers writes it ("5GB"); None: small enough for a repository
            where the model is small.
        tolerance: largest difference of a logit after the cast, as a share of the largest logit.
        replace: an existing `out` is replaced.

    Raises:
        WeightsError: not a base, not an adapter for it, or logits that differ too much.
        OutputError: `out` is there already, or is a file.
    """
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: is a file; name a folder")
    if out.exists() and any(out.iterdir()) and not replace:
        raise OutputError(f"{out}: is not empty; name another folder, or add --replace")
    found = checkpoint.resolve(SampleConfig(model=str(base), adapter=None))
    kind = described(adapter)
    check_fits(adapter, found.folder)
    prompts = _prompts(found.folder)
    model = _worn(found.folder, adapter)
    before = _logits(model, prompts)
    model = _fuse(model)
    fused = compared(before, _logits(model, prompts))
    if fused.share > FUSED or fused.agreement < AGREED:
        raise WeightsError(f"{adapter}: fusing changes what the model says ({_said(fused)}); nothing was written")
    target = _dtype(found.folder, dtype)
    model = model.to(target).float()
    rounded = compared(before, _logits(model, prompts))
    name = str(target).removeprefix("torch.")
    if rounded.share > tolerance:
        raise WeightsError(f"{out}: in {name} the model says something else ({_said(rounded)}); try --dtype float32")
    model = model.to(target)
    count = sum(weight.numel() for weight in model.parameters())
    waiting = out.with_name(f"{out.name}.part")
    shutil.rmtree(waiting, ignore_errors=True)
    model.save_pretrained(waiting, max_shard_size=shard_size or default_size(model))
    copy_texts(found.folder, waiting)
    differences = {"fused": asdict(fused), "rounded": asdict(rounded)}
    told = _manifest(waiting, found.folder, adapter, {"kind": kind, "dtype": name, **differences})
    checkpoint.resolve(SampleConfig(model=str(waiting.resolve()), adapter=None))
    shutil.rmtree(out, ignore_errors=True)
    waiting.rename(out)
    return Merged(out, count, name, kind, fused, rounded, len(told["files"]), sum(told["bytes"].values()))


def fused(base: Path, adapter: Path) -> Any:
    """Return base + adapter as one model in float32."""
    return _fuse(_worn(base, adapter))


def described(adapter: Path) -> str:
    """Return what kind of adapter a folder holds.

    Raises:
        WeightsError: none, or one that is not fused here.
    """
    file = adapter / "adapter_config.json"
    if not file.is_file() or not (adapter / WEIGHTS).is_file():
        raise WeightsError(f"{adapter}: no adapter_config.json and adapter_model.safetensors; name an adapter's folder")
    try:
        settings = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise WeightsError(f"{file}: not readable JSON ({error})") from None
    if settings.get("peft_type") != "LORA":
        raise WeightsError(f"{file}: peft_type is {settings.get('peft_type')}, expected LORA")
    if settings.get("modules_to_save"):
        raise WeightsError(f"{file}: modules_to_save is not supported; train an adapter without it")
    if settings.get("use_dora"):
        return "DoRA"
    return "rsLoRA" if settings.get("use_rslora") else "LoRA"


def check_fits(adapter: Path, base: Path) -> None:
    """Make sure, before anything heavy loads, that every tensor of an adapter has its place in the base, and that the
    base has no more layers.

    That the base has no other place without a tensor is seen when peft has made the places: `_check_whole`.

    Raises:
        WeightsError: made for another base, or tensors that are no adapter's.
    """
    settings = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
    shapes = {name: shape for one in checkpoint.shards(base) for name, shape in checkpoint.read_shapes(one).items()}
    found = checkpoint.read_shapes(adapter / WEIGHTS)
    if any(settings.get(key) for key in ("use_dora", "rank_pattern", "alpha_pattern", "fan_in_fan_out")):
        _check_parts(adapter, base, found, shapes)
    else:
        checkpoint.check_adapter(adapter, base)
    layers, there = _layers(found), _layers(shapes)
    if not settings.get("layers_to_transform") and layers == set(range(len(layers))) and there - layers:
        raise WeightsError(
            f"{adapter}: made for another base than {base}: it has no tensor for layer {min(there - layers)} (of "
            f"{len(there)}); name the base that it was trained on"
        )


def _check_parts(adapter: Path, base: Path, found: checkpoint.Shapes, shapes: checkpoint.Shapes) -> None:
    """What `checkpoint.check_adapter` does for a plain LoRA."""
    for name, shape in found.items():
        match = PART.fullmatch(name)
        if match is None:
            raise WeightsError(f"{adapter / WEIGHTS}: holds {name}, which no LoRA has; train without it")
        outputs, inputs = shapes.get(f"{match[1]}.weight", (0, 0))
        first = match[2] == "lora_A"  # (rank, inputs); B is (outputs, rank), a magnitude (outputs,)
        if shape[int(first)] != (inputs if first else outputs):
            here = f"{outputs}x{inputs}" if outputs else "not there"
            raise WeightsError(
                f"{adapter}: made for another base: {name} is {'x'.join(map(str, shape))}, and {match[1]} is {here} in "
                f"{base}; name the base that it was trained on"
            )


def _layers(names: Iterable[str]) -> set[int]:
    return {int(match[1]) for name in names if (match := LAYER.search(name))}


def compared(before: Sequence[Any], after: Sequence[Any]) -> Difference:
    """Return how two lists of logits, (tokens, vocabulary) each, differ."""
    import torch

    one, other = torch.cat(list(before)), torch.cat(list(after))
    same = (one.argmax(-1) == other.argmax(-1)).float().mean()
    return Difference(float((one - other).abs().max()), float(one.abs().max()), float(same), len(one))


def _worn(base: Path, adapter: Path) -> Any:
    from peft import PeftModel

    from training.loop import quiet

    quiet()
    model = load(base, Settings(hold=Hold(dtype="float32")))
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Found missing adapter keys")  # an error, below
            worn = PeftModel.from_pretrained(model, adapter, use_safetensors=True).eval()
    except (RuntimeError, ValueError, KeyError, OSError) as error:
        line = " ".join(str(error).split())[:160]
        raise WeightsError(f"{adapter}: made for another base than {base} ({line})") from None
    _check_whole(worn, adapter, base)
    return worn


def _check_whole(worn: Any, adapter: Path, base: Path) -> None:
    """Hold the places that peft made against the file: it fills what is missing with what does nothing, and says
    little of what is left over."""
    from peft import get_peft_model_state_dict

    places = get_peft_model_state_dict(worn, save_embedding_layers=False)
    wanted = {name: tuple(tensor.shape) for name, tensor in places.items()}
    found = checkpoint.read_shapes(adapter / WEIGHTS)
    for one, other, said in (
        (wanted, found, "has no tensor for"),
        (found, wanted, "has a tensor without a place in the base:"),
    ):
        differing = sorted(name for name in one if other.get(name) != one[name])
        if differing:
            raise WeightsError(
                f"{adapter}: made for another base than {base}: it {said} {differing[0]} (of {len(differing)}); "
                f"name the base that it was trained on"
            )


def _fuse(model: Any) -> Any:
    try:
        return model.merge_and_unload(safe_merge=True).eval()
    except ValueError as error:  # what safe_merge says of NaN
        raise WeightsError(f"the adapter does not fuse: {' '.join(str(error).split())[:160]}") from None


def _prompts(folder: Path) -> list[list[int]]:
    """Ids of the same prompts every time."""
    tokenizer = chat.load_tokenizer(folder)
    return [chat.render(tokenizer, prompt)[:LONGEST] for prompt in _asked()]


@cache
def _asked() -> list[Prompt]:
    tasks = load_tasks("arc1-training").tasks[:TASKS]
    return [Writer(PromptsConfig(style=style)).fresh(task) for style in ("compact", "chat") for task in tasks]


def _logits(model: Any, prompts: Sequence[Sequence[int]]) -> list[Any]:
    import torch

    with torch.no_grad():
        return [model(input_ids=torch.tensor([list(ids)]), use_cache=False).logits[0].float() for ids in prompts]


def _dtype(base: Path, name: str) -> Any:
    import torch

    if name == "auto":
        said = json.loads((base / "config.json").read_text("utf-8"))
        name = said.get("dtype") or said.get("torch_dtype") or "float32"
    if name not in ("float32", "bfloat16", "float16"):
        raise WeightsError(f"dtype {name}: expected float32, bfloat16 or float16")
    return getattr(torch, name)


def _said(found: Difference) -> str:
    return (
        f"a logit differs by {found.largest:.2g}, {found.share:.2%} of the largest; the likeliest token is the same at "
        f"{found.agreement:.1%} of {found.places} places"
    )


def _manifest(folder: Path, base: Path, adapter: Path, merged: dict[str, Any]) -> dict[str, Any]:
    """Write the manifest: that of a repository where the folder is small enough for one, else without the limit."""
    said = json.loads((base / manifest.NAME).read_text("utf-8")) if (base / manifest.NAME).is_file() else {}
    card = json.loads((adapter / CARD).read_text("utf-8")) if (adapter / CARD).is_file() else {}
    recipe = "\n".join(filter(None, (said.get("recipe", {}).get("text", ""), json.dumps(card.get("settings", {})))))
    told: dict[str, Any] = {
        "recipe": recipe,
        "data": {"base": said.get("data", {"model": base.name}), "tuned on": card.get("dataset", {}), "merged": merged},
        "commit": _commit(),
        "tokens": int(said.get("tokens", 0)) + int(card.get("tokens", 0)),
        "scores": {},
    }
    if said.get("licence"):
        told["licence"] = said["licence"]
    sizes = [file.stat().st_size for file in folder.iterdir()]
    if max(sizes) < manifest.MAX_FILE and sum(sizes) < manifest.MAX_FOLDER - 2**16:
        return manifest.write(folder, **told)
    return manifest.write(folder, **{"licence": "see the base model", **told}, bounded=False)


def _commit() -> str:
    try:
        return manifest.head()
    except WeightsError:
        return "unknown: not made in a git checkout"


def main() -> None:
    import sys

    from training.cli.app import main as run
    from training.cli.merge import merge_command  # noqa: F401 - hangs itself on the application

    sys.argv.insert(1, "merge")
    run()


if __name__ == "__main__":
    main()
