"""A model's folder as a Kaggle Model: safetensors, settings and tokenizer, checked as a run would check them.

    <pack>/weights/     model-metadata.json  model/{model-instance-metadata.json, config.json, *.safetensors, ...}

Files are linked, not copied, where the disk allows it: a 7B model is 15 GB.

Not packed: hidden files. Refused: pickles (they run code when they are loaded), code, and all that `sample.checkpoint`
refuses.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from arc_submit.config import SampleConfig
from arc_submit.errors import UserError, WeightsError
from arc_submit.kaggle import cards, limits, sums
from arc_submit.kaggle.common import link_or_copy
from arc_submit.sample import checkpoint

FRAMEWORK, VARIATION = "transformers", "default"
REFUSED = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".py")
LICENCES = {
    "apache-2.0": "Apache 2.0",
    "mit": "MIT",
    "bsd-3-clause": "BSD-3-Clause",
    "cc0-1.0": "CC0: Public Domain",
    "cc-by-4.0": "Attribution 4.0 International (CC BY 4.0)",
    "cc-by-sa-4.0": "CC BY-SA 4.0",
    "gpl-3.0": "GPL 3",
}
"""What a README's `license:` says -> Kaggle's name for it."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A model that is ready to go up."""

    slug: str
    owner: str

    @property
    def source(self) -> str:
        """As a kernel's `model_sources` wants it; a push puts the real version there."""
        return f"{self.owner}/{self.slug}/{FRAMEWORK}/{VARIATION}/1"

    @property
    def pattern(self) -> str:
        """As the kernel looks for it: the owner is not in every layout."""
        return f"{self.slug}/{FRAMEWORK}/{VARIATION}"


def build(model: Path, folder: Path, owner: str, licence: str | None = None) -> Packed:
    """Lay out a model's folder with its cards.

    Raises:
        WeightsError: missing, damaged, pickled, or of a kind that the kit does not run.
        UserError: a licence that Kaggle does not list, or a name without a slug.
    """
    if not model.is_dir():
        raise WeightsError(f"{model}: no such folder; name a checkpoint folder with --model")
    files = [file for file in sorted(model.rglob("*")) if file.is_file() and not _hidden(file.relative_to(model))]
    for file in files:
        if file.suffix in REFUSED:
            raise WeightsError(f"{file}: weights travel as safetensors only, without code; remove it or convert it")
    checkpoint.resolve(SampleConfig(model=str(model.absolute())))
    slug = cards.slugify(f"arc-submit-{model.resolve().name}")[:50].strip("-")
    licence = licence or _said_licence(model)
    shutil.rmtree(folder, ignore_errors=True)
    for file in files:
        if file.name not in limits.CARDS and file.name != sums.NAME:
            link_or_copy(file, folder / "model" / file.relative_to(model))
    sums.write(folder / "model")
    card = {
        "ownerSlug": owner,
        "title": slug,
        "slug": slug,
        "subtitle": "",
        "isPrivate": True,
        "description": f"A checkpoint for arc-submit: {model.resolve().name}. Safetensors; SHA256SUMS lists its files.",
        "publishTime": "",
        "provenanceSources": "",
    }
    variation = {
        "ownerSlug": owner,
        "modelSlug": slug,
        "instanceSlug": VARIATION,
        "framework": FRAMEWORK,
        "overview": "Base model and tokenizer as transformers loads them; an adapter in its sub-folder, if any.",
        "usage": "Attach it to the notebook of arc-submit.",
        "licenseName": licence,
        "fineTunable": True,
        "trainingData": [],
        "modelInstanceType": "Unspecified",
        "baseModelInstance": "",
        "externalBaseModelUrl": "",
    }
    cards.write(folder / "model-metadata.json", card)
    cards.check_model(card, folder / "model-metadata.json", placeholder=True)
    instance = folder / "model" / "model-instance-metadata.json"
    cards.write(instance, variation)
    cards.check_model_instance(variation, instance, placeholder=True)
    return Packed(slug, owner)


def _said_licence(model: Path) -> str:
    readme = model / "README.md"
    text = readme.read_text("utf-8", "replace") if readme.is_file() else ""
    said = re.search(r"\A---\s*\n(?:.*\n)*?license:\s*['\"]?([\w.-]+)", text)
    if said is None or said[1].lower() not in LICENCES:
        found = f"README.md says {said[1]}" if said else "no README.md says"
        raise UserError(
            f"{model}: {found} which of Kaggle's licences the weights have; name it with --model-licence"
            f" ({', '.join(cards.MODEL_LICENCES[:4])}, ...)"
        )
    return LICENCES[said[1].lower()]


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
