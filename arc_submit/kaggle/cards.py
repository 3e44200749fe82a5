"""The four metadata files ("cards") of the official client: what they may say, and how ours are written.

The rules are those of the client's own source (`kaggle` 2.2.4: dataset_create_new, model_create_new,
model_instance_create, kernels_push) and of its documentation's lists, with three of this kit: a kernel says
`enable_internet: false` aloud (the client's default is true), names a machine only together with the competition
(Kaggle gives it for that alone), and a key that the client does not know is a mistake (the client ignores it silently).

Not checked: whether Kaggle knows the owner, the sources, the keywords or the image; only a push tells.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from arc_submit.errors import UserError

Card: TypeAlias = Mapping[str, Any]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


OWNER = "OWNER"
"""Stands for the account's name until a push fills it in; no account can have it, names there are lower-case."""

MACHINES = ("NvidiaTeslaT4", "NvidiaTeslaA100", "NvidiaL4", "NvidiaL4X1", "NvidiaH100", "NvidiaRtxPro6000")
"""GPU machines of September 2026: T4 is two of them, NvidiaL4 four and NvidiaL4X1 one. TPUs are not for this kit."""
RETIRED_MACHINES = {"NvidiaTeslaP100": "NvidiaTeslaT4", "NvidiaTeslaT4Highmem": "NvidiaTeslaT4"}
"""Replaced by the server without a word."""
DATASET_LICENCES = _words(
    "CC0-1.0 CC-BY-3.0 CC-BY-3.0-IGO CC-BY-4.0 CC-BY-NC-4.0 CC-BY-NC-ND-4.0 CC-BY-NC-SA-3.0-IGO CC-BY-NC-SA-4.0"
    " CC-BY-ND-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 ODbL-1.0 DbCL-1.0 ODC-BY-1.0 PDDL CDLA-Permissive-1.0 CDLA-Sharing-1.0"
    " GPL-2.0 GPL-3.0 LGPL-3.0 AGPL-3.0 FDL-1.3 apache-2.0 US-Government-Works EU-ODP-Legal-Notice copyright-authors"
    " other unknown"
)
"""`other`: the description says which."""
MODEL_LICENCES = (
    "Apache 2.0",
    "MIT",
    "BSD-3-Clause",
    "CC0: Public Domain",
    "CC BY-SA 3.0",
    "CC BY-SA 4.0",
    "CC BY-NC-SA 4.0",
    "Attribution 4.0 International (CC BY 4.0)",
    "Attribution-NonCommercial 4.0 International (CC BY-NC 4.0)",
    "GPL 2",
    "GPL 3",
    "GNU Lesser General Public License 3.0",
    "GNU Affero General Public License 3.0",
)
"""Those of Kaggle's list that weights come under; a name is spelled as there."""
FRAMEWORKS = _words(
    "tensorFlow1 tensorFlow2 tfLite tfJs pyTorch jax flax pax maxText gemmaCpp ggml gguf coral scikitLearn mxnet onnx"
    " keras transformers api other tensorRtLlm triton vllm"
)
INSTANCE_KINDS = ("Unspecified", "BaseModel", "KaggleVariant", "ExternalVariant")
LANGUAGES = ("python", "r", "rmarkdown")
KERNEL_TYPES = {"script": (".py", ".r", ".R", ".rmd", ".Rmd"), "notebook": (".ipynb",)}
PINNINGS = ("original", "latest")

KERNEL_KEYS = _words(
    "id id_no title code_file language kernel_type is_private enable_gpu enable_tpu enable_internet machine_shape"
    " dataset_sources competition_sources kernel_sources model_sources keywords docker_image"
    " docker_image_pinning_type"
)
DATASET_KEYS = _words(
    "id id_no title subtitle description licenses resources keywords expectedUpdateFrequency userSpecifiedSources"
    " image isPrivate"
)
MODEL_KEYS = _words("ownerSlug slug title subtitle isPrivate description publishTime provenanceSources licenseName")
INSTANCE_KEYS = _words(
    "ownerSlug modelSlug instanceSlug framework overview usage licenseName fineTunable trainingData modelInstanceType"
    " baseModelInstance externalBaseModelUrl"
)

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
OWNER_SLUG = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")
IMAGE = re.compile(r"gcr\.io/kaggle-[a-z-]+/python@sha256:[0-9a-f]{64}")


def slugify(title: str) -> str:
    """Return the slug that Kaggle makes of a title, e.g. `ARC submit, 4 x L4` -> `arc-submit-4-x-l4`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def read(path: Path) -> dict[str, Any]:
    """Return a card's keys; raise UserError where it is missing or not a JSON object."""
    try:
        card = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: no such card; pack first (arc-submit kaggle pack)") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not readable JSON ({' '.join(str(error).split())[:120]}); write it again") from None
    if not isinstance(card, dict):
        raise UserError(f"{path}: expected a JSON object")
    return card


def write(path: Path, card: Card) -> None:
    """Write a card that passed its check."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", "utf-8")


def check_kernel(card: Card, path: Path, *, placeholder: bool = False) -> None:
    """Raise UserError where a push of this kernel would fail or mean something else than it says.

    `path` is the card's file; `code_file` is looked for beside it. With `placeholder` the owner may still be OWNER.
    """
    said = _Said(card, path, placeholder)
    said.keys_of(KERNEL_KEYS)
    if "id_no" in card:
        said.refuse("id_no", "no number: it wins over id, and another account's is 'Notebook not found'")
    slug = said.reference("id", parts=2)[1]
    title = said.text("title", 5, 50)
    if len(slug) < 5 or slug != slugify(title):
        said.refuse("id", f"the slug of the title, OWNER/{slugify(title)}, of 5 characters or more")
    said.one_of("language", LANGUAGES)
    kind = said.one_of("kernel_type", KERNEL_TYPES)
    code = said.text("code_file", 1, 255)
    if Path(code).suffix not in KERNEL_TYPES[kind]:
        said.refuse("code_file", f"a {kind} ({', '.join(KERNEL_TYPES[kind])})")
    if not (path.parent / code).is_file():
        said.refuse("code_file", f"a file beside the card; there is no {path.parent / code}")
    if kind == "notebook":
        _check_notebook(path.parent / code)
    if "enable_internet" not in card:
        said.refuse("enable_internet", "false, written out: the client's default is true")
    if said.switch("enable_internet"):
        said.refuse("enable_internet", "false: a scored notebook may not have the internet")
    for key in ("is_private", "enable_gpu", "enable_tpu"):
        said.switch(key)
    for source in said.list_of("dataset_sources"):
        said.source("dataset_sources", source, (2, 3), "owner/slug or owner/slug/version")
    for source in said.list_of("kernel_sources"):
        said.source("kernel_sources", source, (2, 3), "owner/slug or owner/slug/version, the slug of 5 or more")
    for source in said.list_of("model_sources"):
        said.source("model_sources", source, (5,), "owner/model/framework/variation/version, the version a number")
    for source in said.list_of("competition_sources"):
        if not SLUG.fullmatch(source):
            said.refuse("competition_sources", "bare slugs, e.g. arc-prize-2026-arc-agi-2", source)
    _check_machine(said, card)
    image = card.get("docker_image")
    if image is not None and (not isinstance(image, str) or not IMAGE.fullmatch(image)):
        said.refuse("docker_image", "gcr.io/kaggle-gpu-images/python@sha256:<64 hex digits>; wheels fit one image")
    if card.get("docker_image_pinning_type") is not None:
        said.one_of("docker_image_pinning_type", PINNINGS)
    said.list_of("keywords")


def check_dataset(card: Card, path: Path, *, placeholder: bool = False) -> None:
    """Raise UserError where a dataset of this card could not be created; `path` is the card's file."""
    said = _Said(card, path, placeholder)
    said.keys_of(DATASET_KEYS)
    slug = said.reference("id", parts=2)[1]
    if not 6 <= len(slug) <= 50:
        said.refuse("id", "a slug of 6 to 50 characters")
    said.text("title", 6, 50)
    licences = card.get("licenses")
    if not isinstance(licences, list) or len(licences) != 1 or not isinstance(licences[0], dict):
        said.refuse("licenses", 'exactly one, as [{"name": "CC0-1.0"}]')
    if licences[0].get("name") not in DATASET_LICENCES:
        said.refuse("licenses", f"one of {', '.join(DATASET_LICENCES)}", licences[0].get("name"))
    if licences[0]["name"] == "other" and not card.get("description"):
        said.refuse("description", "which licence `other` is")
    if card.get("subtitle"):
        said.text("subtitle", 20, 80)
    said.list_of("keywords")
    resources = card.get("resources", [])
    if not isinstance(resources, list) or not all(isinstance(item, dict) for item in resources):
        said.refuse("resources", 'a list of {"path": ...}')
    paths = [str(item.get("path")) for item in resources]
    for name in paths:
        if paths.count(name) > 1 or not (path.parent / name).is_file():
            said.refuse("resources", "each a file beside the card, named once", name)


def check_model(card: Card, path: Path, *, placeholder: bool = False) -> None:
    """Raise UserError where a model of this card could not be created; `path` is the card's file."""
    said = _Said(card, path, placeholder)
    said.keys_of(MODEL_KEYS)
    said.owner("ownerSlug")
    said.slug("slug")
    said.text("title", 1, 50)
    said.text("description", 0, 1_000_000)
    said.json_bool("isPrivate", needed=True)
    if card.get("publishTime"):
        try:
            datetime.strptime(str(card["publishTime"]), "%Y-%m-%d")
        except ValueError:
            said.refuse("publishTime", "a date as 2026-11-30, or nothing")


def check_model_instance(card: Card, path: Path, *, placeholder: bool = False) -> None:
    """Raise UserError where a variation of this card could not be created; `path` is the card's file."""
    said = _Said(card, path, placeholder)
    said.keys_of(INSTANCE_KEYS)
    said.owner("ownerSlug")
    said.slug("modelSlug")
    said.slug("instanceSlug")
    said.one_of("framework", FRAMEWORKS)
    said.one_of("licenseName", MODEL_LICENCES)
    said.json_bool("fineTunable", needed=False)
    said.list_of("trainingData")
    if card.get("modelInstanceType") is not None:
        said.one_of("modelInstanceType", INSTANCE_KINDS)
    base = card.get("baseModelInstance")
    if base:
        said.source("baseModelInstance", base, (4,), "owner/model/framework/variation")


def _check_machine(said: "_Said", card: Card) -> None:
    machine = card.get("machine_shape")
    if machine is None:
        return
    if machine in RETIRED_MACHINES:
        said.refuse("machine_shape", f"a machine that there is: Kaggle gives {RETIRED_MACHINES[machine]} instead")
    said.one_of("machine_shape", MACHINES)
    if not card.get("competition_sources"):
        said.refuse("competition_sources", f"the competition: {machine} is given to notebooks that attach it")


def _check_notebook(file: Path) -> None:
    try:
        notebook = json.loads(file.read_text("utf-8"))
        cells, kernel = notebook["cells"], notebook["metadata"]["kernelspec"]["name"]
    except (ValueError, KeyError, TypeError):
        raise UserError(
            f"{file}: expected a notebook with cells and metadata.kernelspec.name (without it Kaggle says 'No kernel"
            " name found'); write it again"
        ) from None
    if not isinstance(cells, list) or not cells or not isinstance(kernel, str):
        raise UserError(f"{file}: expected a notebook with at least one cell and the name of its kernel")


class _Said:
    """What one card says, key by key; every refusal names the file, the key, what stands there and what should."""

    def __init__(self, card: Card, path: Path, placeholder: bool) -> None:
        self.card, self.path, self.placeholder = card, path, placeholder

    def refuse(self, key: str, expected: str, found: object = ...) -> NoReturn:
        shown = self.card.get(key) if found is ... else found
        there = "missing" if key not in self.card else f"is {json.dumps(shown, ensure_ascii=False, default=str)}"
        raise UserError(f"{self.path}: {key} {there}; expected {expected}")

    def keys_of(self, known: Collection[str]) -> None:
        for key in self.card:
            if key not in known:
                near = get_close_matches(key, known, 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise UserError(f"{self.path}: {key}: the client knows no such key and would ignore it{hint}")

    def text(self, key: str, least: int, most: int) -> str:
        value = self.card.get(key)
        if not isinstance(value, str) or not least <= len(value) <= most:
            self.refuse(key, f"{least} to {most} characters" if least else "a text")
        return str(value)

    def one_of(self, key: str, allowed: Collection[str]) -> str:
        value = self.card.get(key)
        if value not in allowed:
            self.refuse(key, f"one of {', '.join(allowed)}")
        return str(value)

    def switch(self, key: str) -> bool:
        """A kernel's yes or no: the client takes the words, too."""
        value = self.card.get(key, False)
        word = value.lower() if isinstance(value, str) else value
        if word not in (True, False, "true", "false") or isinstance(word, int | float) is not isinstance(word, bool):
            self.refuse(key, "true or false")
        return word in (True, "true")

    def json_bool(self, key: str, *, needed: bool) -> None:
        """A model's yes or no: the client takes no words here."""
        if (needed or key in self.card) and not isinstance(self.card.get(key), bool):
            self.refuse(key, "true or false, without quotes")

    def list_of(self, key: str) -> list[str]:
        value = self.card.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.refuse(key, "a list of texts")
        return list(value)

    def owner(self, key: str) -> None:
        self._check_owner(key, self.card.get(key))

    def slug(self, key: str) -> None:
        value = self.card.get(key)
        if not isinstance(value, str) or not SLUG.fullmatch(value) or len(value) > 50:
            self.refuse(key, "lower-case letters and digits with single hyphens between, at most 50")

    def reference(self, key: str, parts: int) -> list[str]:
        """owner/slug, split."""
        value = self.card.get(key)
        found = value.split("/") if isinstance(value, str) else []
        if len(found) != parts or not SLUG.fullmatch(found[-1]) or len(found[-1]) > 50:
            self.refuse(key, "owner/slug, the slug of lower-case letters, digits and single hyphens, at most 50")
        self._check_owner(key, found[0])
        return found

    def source(self, key: str, value: str, lengths: Collection[int], expected: str) -> None:
        parts = value.split("/") if isinstance(value, str) else []
        numbered = len(parts) in (3, 5)
        right = len(parts) in lengths and all(parts) and (not numbered or parts[-1].isdecimal())
        if not right or (key == "kernel_sources" and len(parts[1]) < 5):
            self.refuse(key, expected, value)
        self._check_owner(key, parts[0])

    def _check_owner(self, key: str, owner: object) -> None:
        if owner == OWNER:
            if not self.placeholder:
                self.refuse(key, f"an account's name in place of {OWNER}; name it with --owner")
        elif not isinstance(owner, str) or not OWNER_SLUG.fullmatch(owner):
            self.refuse(key, "an owner of lower-case letters and digits, with single hyphens or underscores between")
