"""Pack: everything that Kaggle needs, as folders that a push uploads. This file is the order of events.

    <pack>/pack.json            what was packed, from which commit
    <pack>/code/                dataset: the kit itself                     (`bundle`)
    <pack>/wheels-cp312/        dataset: all packages, for one Python       (`wheelhouse`; tried by `tryout`)
    <pack>/weights/             model, only where one is named              (`weights`)
    <pack>/kernel/              the notebook and its card, generated from the repository's kernel/

Nothing is uploaded and nobody is asked for an account. Where the owner is not known yet, the cards say OWNER.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from arc_submit import config
from arc_submit.errors import UserError
from arc_submit.kaggle import bundle, cards, limits, stage, sums, tags, tryout, weights, wheelhouse
from arc_submit.kaggle.bundle import Checkout
from arc_submit.kaggle.common import Say, on_disk

CARD = "kernel-metadata.json"
NOTEBOOK = "arc-submit.ipynb"
LICENCE = [{"name": "other"}]
IMAGES = {
    "3.11": "gcr.io/kaggle-gpu-images/python@sha256:320043e14c68293f1c946585b9257123385205a58af4b94b17d31868cae4e868",
    "3.12": "gcr.io/kaggle-gpu-images/python@sha256:37c64f7dd9c54116ecd1bcc88817c5469b88387388fade02bfa8bf3fc647d461",
}
"""Wheels belong to one Python, so the image is pinned to one. No image of 3.13 is known by its digest: Kaggle's newest
one has it, and is used unpinned."""
SUBTITLES = {
    "code": "The solver and the kernel of arc-submit, one commit of it",
    "wheels": "Packages that arc-submit installs offline, with hashes",
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to pack."""

    out: Path = Path("out/kaggle")
    owner: str = cards.OWNER
    """Name of the account or organisation that the folders will belong to."""
    stack: str = "gpu"
    python: str = "3.12"
    """Of the pinned image."""
    model: Path | None = None
    """Checkpoint folder; None: the small model inside the code bundle."""
    model_licence: str | None = None
    preset: str = "kaggle-4xl4"
    set: tuple[str, ...] = ()
    code: bool = True
    wheels: bool = True
    check: bool = True
    """Install the wheels once, offline, and import what matters."""
    root: Path | None = None
    """Checkout; None: the one that this package runs from."""


@dataclass(frozen=True, slots=True)
class Part:
    """One folder of the pack."""

    thing: str
    """code, wheels, weights or kernel"""
    folder: Path
    id: str
    files: int
    bytes: int
    note: str = ""


@dataclass(slots=True)
class Packed:
    """What came of it."""

    checkout: Checkout
    parts: list[Part] = field(default_factory=list)
    tried: tryout.Tried | None = None
    """None: no wheels were packed."""


def pack(wishes: Wishes, say: Say = lambda text: None, tick: wheelhouse.Tick = lambda name: None) -> Packed:
    """Write the pack and return what is in it.

    Raises:
        UserError: a wish that cannot be met; what was packed before stays.
        ArcSubmitError: the wheels do not install, or pip could not reach an index.
        OutputError: the disk is too small, or the folder cannot be written.
    """
    check(wishes)
    with on_disk(wishes.out):
        return _pack(wishes, say, tick)


def _pack(wishes: Wishes, say: Say, tick: wheelhouse.Tick) -> Packed:
    packed = Packed(bundle.find_checkout(wishes.root))
    _say_dirty(packed.checkout, say)
    if wishes.owner == cards.OWNER:
        say(f"no --owner: the cards say {cards.OWNER}, and a push fills it in")
    wishes.out.mkdir(parents=True, exist_ok=True)
    if wishes.code:
        packed.parts.append(_code(wishes, packed.checkout))
    if wishes.model:
        packed.parts.append(_weights(wishes, wishes.model))
    if wishes.wheels:
        packed.parts.append(_wheels(wishes, packed, say, tick))
    if wishes.stack != "gpu":
        say(f"--stack {wishes.stack}: the notebook asks for no GPU, so name a --preset that needs none")
    if wishes.python not in IMAGES:
        say(f"--python {wishes.python}: no image of it is known by its digest; the notebook takes Kaggle's newest")
    settings = _settings(wishes, packed.checkout)
    packed.parts.append(_kernel(wishes, packed.checkout, settings))
    _write_pack(wishes, packed, settings)
    return packed


def check(wishes: Wishes) -> None:
    """Refuse wishes that cannot be met, before anything is written."""
    if wishes.owner != cards.OWNER and not cards.OWNER_SLUG.fullmatch(wishes.owner):
        raise UserError(f"--owner {wishes.owner}: expected an account's name as in its address, e.g. jane-doe")
    if wishes.stack not in wheelhouse.STACKS:
        raise UserError(f"--stack {wishes.stack}: expected one of {', '.join(wheelhouse.STACKS)}")
    if wishes.model_licence is not None and wishes.model_licence not in cards.MODEL_LICENCES:
        raise UserError(f"--model-licence {wishes.model_licence}: expected one of {', '.join(cards.MODEL_LICENCES)}")
    tags.abi(wishes.python)
    config.load(wishes.preset, wishes.set)
    if wishes.out.exists() and not wishes.out.is_dir():
        raise UserError(f"--out {wishes.out}: expected a folder")
    if wishes.model is None and (wishes.out / "weights").exists():
        raise UserError(f"{wishes.out / 'weights'}: of an earlier pack with --model; name the model again or remove it")
    house = _house(wishes)
    there = cards.read(house / wheelhouse.CARD).get("stack") if (house / wheelhouse.CARD).is_file() else wishes.stack
    if there != wishes.stack:
        raise UserError(
            f"{house}: holds the wheels of the {there} stack, not of {wishes.stack}; name another --out, or remove it"
        )


def _say_dirty(checkout: Checkout, say: Say) -> None:
    if checkout.changed:
        shown = ", ".join(checkout.changed[:5]) + (", ..." if len(checkout.changed) > 5 else "")
        say(
            f"{len(checkout.changed)} files are not as in commit {checkout.commit[:12]} ({shown}):"
            " packed as they are, stamped dirty"
        )
    if checkout.untracked:
        say(f"not in any commit, and packed all the same: {', '.join(checkout.untracked)}")


def _code(wishes: Wishes, checkout: Checkout) -> Part:
    folder = wishes.out / "code"
    stamp = bundle.build(checkout, folder, small=wishes.model is None)
    described = f"arc-submit {stamp['version']}, commit {stamp['commit']}. MIT-0: see code/LICENSE."
    return _dataset("code", folder, wishes.owner, "arc-submit-code", described, "dirty" if stamp["dirty"] else "")


def _wheels(wishes: Wishes, packed: Packed, say: Say, tick: wheelhouse.Tick) -> Part:
    folder = _house(wishes)
    house = wheelhouse.build(folder, wishes.stack, wishes.python, lock_of(wishes, packed.checkout), tick)
    if house.renamed:
        say(
            f"a + in the name of {', '.join(house.renamed)}: where an upload changes it, the kernel finds it by content"
        )
    if wishes.check and tryout.interpreter(wishes.python):
        say(f"installing {len(house.wheels)} wheels once, without network, to see that they can be")
    packed.tried = tryout.install_and_import(house) if wishes.check else tryout.Tried(None, "not checked: --no-check")
    say(packed.tried.how)
    described = f"Wheels of the {house.stack} stack for CPython {house.python}. Each has the licence inside it."
    news = f"{house.stack}; {house.fetched} fetched, {len(house.wheels) - house.fetched} kept, {house.removed} removed"
    return _dataset("wheels", folder, wishes.owner, f"arc-submit-{folder.name}", described, news)


def _house(wishes: Wishes) -> Path:
    return wishes.out / f"wheels-{tags.abi(wishes.python)}"


def lock_of(wishes: Wishes, checkout: Checkout) -> Path:
    """Return the lock of a stack."""
    return checkout.root / "requirements" / "locks" / f"{wishes.stack}.txt"


def _weights(wishes: Wishes, model: Path) -> Part:
    folder = wishes.out / "weights"
    made = weights.build(model, folder, wishes.owner, wishes.model_licence)
    size = limits.check_folder(folder / "model")
    return Part("weights", folder, made.source.rpartition("/")[0], size.files, size.bytes, made.slug)


def _dataset(thing: str, folder: Path, owner: str, slug: str, description: str, note: str) -> Part:
    card = {
        "id": f"{owner}/{slug}",
        "title": slug,
        "subtitle": SUBTITLES[thing],
        "description": description,
        "licenses": LICENCE,
        "keywords": [],
    }
    path = folder / "dataset-metadata.json"
    cards.check_dataset(card, path, placeholder=True)
    cards.write(path, card)
    size = limits.check_folder(folder)
    return Part(thing, folder, str(card["id"]), size.files, size.bytes, note)


def _kernel(wishes: Wishes, checkout: Checkout, settings: Mapping[str, Any]) -> Part:
    """The notebook, and its card from the repository's template."""
    folder = wishes.out / "kernel"
    folder.mkdir(parents=True, exist_ok=True)
    model = _model(wishes)
    _generate(checkout, settings, folder / NOTEBOOK)
    template = cards.read(checkout.root / CARD)
    owner, slug = wishes.owner, str(template.get("id", "")).rpartition("/")[2]
    datasets = [f"{owner}/arc-submit-code"]
    if settings.get("wheels", True):
        datasets.append(f"{owner}/arc-submit-wheels-{tags.abi(wishes.python)}")
    card = {
        **template,
        "id": f"{owner}/{slug}",
        "code_file": NOTEBOOK,
        "kernel_type": "notebook",
        "dataset_sources": datasets,
        "model_sources": [model.source] if model else [],
        "docker_image": IMAGES.get(wishes.python),
    }
    if wishes.stack != "gpu":
        card |= {"enable_gpu": False, "machine_shape": None}
    cards.check_kernel(card, folder / CARD, placeholder=True)
    cards.write(folder / CARD, card)
    return Part(
        "kernel", folder, str(card["id"]), 1, (folder / NOTEBOOK).stat().st_size, str(card["machine_shape"] or "no GPU")
    )


def _model(wishes: Wishes) -> weights.Packed | None:
    if wishes.model is None:
        return None
    return weights.Packed(str(cards.read(wishes.out / "weights" / "model-metadata.json")["slug"]), wishes.owner)


def _settings(wishes: Wishes, checkout: Checkout) -> dict[str, Any]:
    """The kernel's settings with what was wished, and the sums by which it knows the datasets of this pack again."""
    said = cards.read(checkout.root / "kernel" / "settings.json")
    without_model = ["search.proposers=symbolic"] if wishes.stack == "core" else []
    wanted = [*without_model, *wishes.set]
    filled: dict[str, Any] = {"python": wishes.python, "preset": wishes.preset, "set": wanted}
    if wishes.stack != "gpu":
        filled["accelerator"] = None
    packed = {"code": wishes.out / "code", "wheels": _house(wishes)}
    filled["fingerprints"] = {
        thing: stage.fingerprint(folder) if (folder / sums.NAME).is_file() else None for thing, folder in packed.items()
    }
    model = _model(wishes)
    return {**said, **filled, "stack": wishes.stack, "model": model.pattern if model else None}


def _generate(checkout: Checkout, settings: Mapping[str, Any], notebook: Path) -> None:
    """Let the repository's kernel/ write its notebook; it is another room, so in a process of its own."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "settings.json"
        file.write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
        command = [sys.executable, "-m", "kernel.notebook", str(notebook.absolute())]
        command += ["--commit", checkout.commit, "--settings", str(file)]
        done = subprocess.run(command, cwd=checkout.root, capture_output=True, text=True)
    if done.returncode or not notebook.is_file():
        words = " ".join((done.stderr or done.stdout).split())[-400:]
        raise UserError(f"{checkout.root}/kernel: no notebook came of it ({words}); restore kernel/ or its settings")


def _write_pack(wishes: Wishes, packed: Packed, settings: Mapping[str, Any]) -> None:
    tried = packed.tried
    said = {
        "kit": "arc-submit",
        "version": packed.checkout.version,
        "commit": packed.checkout.commit,
        "dirty": bool(packed.checkout.changed),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "owner": wishes.owner,
        "python": wishes.python,
        "stack": wishes.stack,
        "preset": wishes.preset,
        "set": list(wishes.set),
        "checked": tried.ok if tried else None,
        "commit_minutes": settings.get("commit", {}).get("minutes"),
        "parts": summary(packed.parts, wishes.out),
    }
    (wishes.out / "pack.json").write_text(json.dumps(said, indent=2) + "\n", "utf-8")


def summary(parts: Sequence[Part], out: Path) -> dict[str, dict[str, Any]]:
    """The parts for machines, by name."""
    return {part.thing: {**asdict(part), "folder": part.folder.relative_to(out).as_posix()} for part in parts}
