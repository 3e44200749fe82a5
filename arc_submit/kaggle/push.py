"""Push a pack: upload what changed, wait until Kaggle has it, start the notebook, and read back what it became.

A part that was uploaded is written down in <pack>/pushed.json at once, and its version when Kaggle has it, so that a
push that was cut off goes on where it stopped, and a second push of the same pack uploads nothing: a part is unchanged
where the files are those that were pushed and Kaggle's current version is the one that came of them.

Kaggle drops what it cannot attach without a word, and replaces machines that it no longer has: what comes back is
compared with what was asked for, and a difference is an error.

Not here: making the pack (`pack`), following the run (`follow`).
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from arc_submit.kaggle import cards, stage
from arc_submit.kaggle.client import LOST, READY, Client, Dataset, Kernel
from arc_submit.kaggle.common import Say, on_disk
from arc_submit.kaggle.limits import check_folder, gigabytes
from arc_submit.kaggle.trouble import KaggleError

T = TypeVar("T")

PARTS = ("code", "wheels", "weights", "kernel")
RECORD = "pushed.json"
READY_SECONDS = 3600.0
"""Kaggle unpacks and copies what was uploaded; for a few GB that takes minutes."""
POLL_SECONDS = 5.0
LARGE_BYTES = 100 * 10**6
"""From here on, checking and packing a folder takes long enough to be said."""
START_MINUTES = 15.0
"""Of a run, beside the solver's: mounting, installing, handing in."""

_SOURCES = {
    "datasets": ("dataset_sources", "datasetDataSources", "invalidDatasetSources"),
    "competitions": ("competition_sources", "competitionDataSources", "invalidCompetitionSources"),
    "notebooks": ("kernel_sources", "kernelDataSources", "invalidKernelSources"),
    "models": ("model_sources", "modelDataSources", "invalidModelSources"),
}
"""Kind -> (key of the card, key of what Kaggle keeps, key of what a push refused)."""


@dataclass(frozen=True)
class Pushed:
    """What became of one part."""

    part: str
    ref: str
    done: str
    """uploaded, unchanged, pushed."""
    version: int | None = None


@dataclass
class Push:
    """One push; `go` does it."""

    client: Client
    pack: Path
    owner: str
    accelerator: str | None = None
    """Machine instead of the card's."""
    timeout_minutes: int | None = None
    """Limit of the run; None: Kaggle's (12 h)."""
    only: Collection[str] = PARTS
    again: bool = False
    """Start the notebook even if nothing changed."""
    say: Say = lambda text: None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def go(self) -> Iterator[Pushed]:
        """Yield each part when it is done.

        Raises:
            UserError: the pack is incomplete, or Kaggle refused; what was done stays done.
        """
        folders = parts(self.pack)
        wanted = [folder for folder in folders if kind(folder) in self.only]
        if not wanted:
            raise KaggleError(f"{self.pack}: nothing of {', '.join(sorted(self.only))} in this pack")
        with on_disk(self.pack):
            fill_owner(self.pack, folders, self.owner)
            for folder in wanted:
                check_part(folder)
        if any(kind(folder) == "kernel" and self._wants_machine(folder) for folder in wanted):
            self._check_quota()
        for folder in wanted:
            with on_disk(self.pack):
                done = {"kernel": self._kernel, "weights": self._weights}.get(kind(folder), self._dataset)(folder)
            yield done

    def _dataset(self, folder: Path) -> Pushed:
        part, ref = folder.name, str(cards.read(folder / "dataset-metadata.json")["id"])
        sums, now = stage.fingerprint(folder), self.client.dataset(ref)
        version, failed = (now.version, now.state in LOST) if now else (None, False)
        past = self._past(part, ref, sums)
        if "pending" in past and not failed:
            return self._dataset_arrived(part, ref, sums, past["pending"])
        if past and now and not failed and self._is_current(ref, past, version):
            self._until_ready(part, ref)
            return Pushed(part, ref, "unchanged", version)
        laid = self._laid(folder, part)
        self.client.upload_dataset(laid, self._notes(), new=now is None)
        self._remember(part, {"ref": ref, "sums": sums, "pending": version})
        stage.clear(laid)
        return self._dataset_arrived(part, ref, sums, version, failed)

    def _dataset_arrived(
        self, part: str, ref: str, sums: str, before: int | None, failed_before: bool = False
    ) -> Pushed:
        version = self._until_ready(part, ref, before, failed_before)
        self._remember(part, {"ref": ref, "sums": sums, "version": version})
        return Pushed(part, ref, "uploaded", version)

    def _weights(self, folder: Path) -> Pushed:
        model, variation = model_refs(folder)
        sums, version = stage.fingerprint(folder / "model"), self.client.model_version(variation)
        past = self._past("weights", variation, sums)
        if "pending" not in past:
            if past and version is not None and self._is_current(variation, past, version):
                return Pushed("weights", variation, "unchanged", version)
            laid = self._laid(folder / "model", "weights")
            if not self.client.has_model(model):
                self.client.create_model(folder)
            self.client.upload_model(laid, self._notes(), None if version is None else variation)
            past = {"ref": variation, "sums": sums, "pending": version or 0}
            self._remember("weights", past)
            stage.clear(laid)
        newer = self._until(f"model {variation}", lambda: _above(self.client.model_version(variation), past["pending"]))
        self._remember("weights", {"ref": variation, "sums": sums, "version": newer})
        return Pushed("weights", variation, "uploaded", newer)

    def _is_current(self, ref: str, past: Mapping[str, Any], version: int | None) -> bool:
        """Whether Kaggle's current version is the one that we pushed; where it is not, say so."""
        if past.get("version") == version:
            return True
        self.say(f"{ref}: Kaggle has version {version or '?'}, not {past.get('version') or '?'} as pushed from here")
        return False

    def _laid(self, folder: Path, part: str) -> Path:
        size = check_folder(folder).bytes
        if size >= LARGE_BYTES:
            self.say(f"checking and packing {part}, {gigabytes(size)}")
        return stage.make(folder, self.pack / "upload" / part)

    def _kernel(self, folder: Path) -> Pushed:
        path = folder / "kernel-metadata.json"
        card = cards.read(path)
        self._name_weights(card)
        cards.check_kernel(card, path)
        cards.write(path, card)
        kernel = Kernel.parse(str(card["id"]), self.owner)
        sums = self._kernel_sums(folder, card)
        past = self._past("kernel", kernel.ref, sums)
        if past and not self.again and self._is_current(kernel.ref, past, self.client.kernel_version(kernel)):
            self.say(f"{kernel.ref} is as it was pushed; --again starts another run of it")
            return Pushed("kernel", kernel.ref, "unchanged", past.get("version"))
        seconds = None if self.timeout_minutes is None else 60 * self.timeout_minutes
        answer = self.client.push_kernel(folder, self.accelerator, seconds)
        found = self.client.kernel(kernel)
        version = answer.get("versionNumber") or found.get("currentVersionNumber")
        wanted = card if self.accelerator is None else {**card, "machine_shape": self.accelerator}
        wrong, unsure = differences(wanted, found, answer)
        for line in unsure:
            self.say(line)
        if wrong:
            raise KaggleError(
                f"{kernel.ref}: version {version} is not what was pushed: {'; '.join(wrong)}. Its run has begun: stop "
                f"it at {kernel.url}, mend the card {path} (or your access to the sources), and push again"
            )
        self._remember("kernel", {"ref": kernel.ref, "sums": sums, "version": version})
        return Pushed("kernel", kernel.ref, "pushed", version)

    def _wants_machine(self, folder: Path) -> bool:
        card = cards.read(folder / "kernel-metadata.json")
        return bool(self.accelerator or card.get("machine_shape") or card.get("enable_gpu"))

    def _check_quota(self) -> None:
        try:
            quota = self.client.quota()
        except KaggleError as error:
            self.say(f"the accelerator quota is not known: {error}")
            return
        if quota is not None and quota.total > 0 and quota.left <= 0:
            raise KaggleError(
                f"the weekly GPU quota is used up ({quota.used:.1f} of {quota.total:.1f} h), so the notebook would not "
                f"start; it is renewed {quota.renewed or 'on Saturday 00:00 UTC'}. "
                "`--only code,wheels,weights` uploads the rest meanwhile"
            )
        minutes = self._commit_minutes()
        if quota is not None and quota.left < 2 * minutes / 60:
            self.say(
                f"only {quota.left:.1f} GPU hours are left this week; this run takes about {minutes:.0f} minutes, and "
                "4 x L4 count twice"
            )

    def _commit_minutes(self) -> float:
        """What a commit run takes, start and installation included."""
        said = _read(self.pack / "pack.json").get("commit_minutes", 20)
        return (said if isinstance(said, int | float) else 20) + START_MINUTES

    def _name_weights(self, card: dict[str, Any]) -> None:
        """Put the version that Kaggle gave the weights into the notebook's sources."""
        past = self._record("weights")
        if "pending" in past:
            raise KaggleError("the weights were uploaded, and Kaggle has not taken them yet; push them and the kernel")
        if "version" not in past:
            return
        ref = str(past["ref"])
        others = [source for source in card.get("model_sources", ()) if not str(source).startswith(f"{ref}/")]
        card["model_sources"] = [*others, f"{ref}/{past['version']}"]

    def _kernel_sums(self, folder: Path, card: Mapping[str, Any]) -> str:
        """Hash of all that a run depends on."""
        parts = [part for part in sorted(_read(self.pack / RECORD)) if part != "kernel"]
        others = {part: [self._record(part).get(key) for key in ("sums", "version")] for part in parts}
        told = json.dumps([card, others, self.accelerator, self.timeout_minutes], sort_keys=True)
        return hashlib.sha256(told.encode() + (folder / str(card["code_file"])).read_bytes()).hexdigest()

    def _until_ready(self, part: str, ref: str, before: int | None = None, failed_before: bool = False) -> int | None:
        """Wait until a dataset is ready in a version above `before`; return its version.

        Args:
            before: current version before the upload; None: there was none, or Kaggle does not tell.
            failed_before: that version could not be taken, which Kaggle may go on saying for a while.
        """

        def ready() -> Dataset | None:
            now = self.client.dataset(ref)
            if now is None:
                return None
            newer = before is None or _above(now.version, before) is not None
            if now.state in LOST and (newer or not failed_before):
                self._remember(part, {})
                raise KaggleError(
                    f"dataset {ref}: Kaggle could not take what was uploaded ({now.state}); look at "
                    f"kaggle.com/datasets/{ref}, then push again"
                )
            return now if newer and now.state == READY else None

        return self._until(f"dataset {ref}", ready).version

    def _until(self, what: str, ask: Callable[[], T | None]) -> T:
        end = self.clock() + READY_SECONDS
        told = False
        while (found := ask()) is None:
            if self.clock() >= end:
                raise KaggleError(
                    f"{what}: not ready after {READY_SECONDS / 60:.0f} minutes; push again later, which waits on "
                    f"(delete {self.pack / RECORD} to upload anew instead)"
                )
            if not told:
                self.say(f"waiting until Kaggle has {what} ready")
                told = True
            self.sleep(POLL_SECONDS)
        return found

    def _notes(self) -> str:
        made = _read(self.pack / "pack.json")
        return f"arc-submit {str(made.get('commit', ''))[:12] or 'pack'}"

    def _past(self, part: str, ref: str, sums: str) -> dict[str, Any]:
        """What is remembered of pushing just this; empty where it was something else."""
        found = self._record(part)
        return found if (found.get("ref"), found.get("sums")) == (ref, sums) else {}

    def _record(self, part: str) -> dict[str, Any]:
        found = _read(self.pack / RECORD).get(part)
        return dict(found) if isinstance(found, dict) else {}

    def _remember(self, part: str, what: Mapping[str, Any]) -> None:
        path = self.pack / RECORD
        draft = path.with_suffix(".json.new")
        draft.write_text(json.dumps({**_read(path), part: dict(what)}, indent=2) + "\n")
        os.replace(draft, path)


def parts(pack: Path) -> list[Path]:
    """Return the pack's folders in the order in which they go up: the notebook last, for it names the others.

    Raises:
        KaggleError: no pack, or no notebook in it.
    """
    if not pack.is_dir():
        raise KaggleError(f"{pack}: no such folder; make it with `arc-submit kaggle pack --out {pack}`")
    found = [pack / "code", *sorted(pack.glob("wheels-*")), pack / "weights", pack / "kernel"]
    there = [folder for folder in found if folder.is_dir()]
    if pack / "kernel" not in there:
        raise KaggleError(f"{pack}: expected a pack (pack.json, code/, kernel/); make it with `arc-submit kaggle pack`")
    return there


def kind(folder: Path) -> str:
    """Return code, wheels, weights or kernel."""
    return folder.name.partition("-")[0]


def check_part(folder: Path, *, placeholder: bool = False) -> None:
    """Check one part's cards and sizes.

    Args:
        placeholder: the owner may still be open.

    Raises:
        UserError: a card or a folder that Kaggle would refuse.
    """
    match kind(folder):
        case "kernel":
            path = folder / "kernel-metadata.json"
            cards.check_kernel(cards.read(path), path, placeholder=placeholder)
        case "weights":
            path = folder / "model-metadata.json"
            cards.check_model(cards.read(path), path, placeholder=placeholder)
            path = folder / "model" / "model-instance-metadata.json"
            cards.check_model_instance(cards.read(path), path, placeholder=placeholder)
            check_folder(folder / "model")
        case _:
            path = folder / "dataset-metadata.json"
            cards.check_dataset(cards.read(path), path, placeholder=placeholder)
            check_folder(folder)


def card_files(folder: Path) -> list[Path]:
    """Return the cards of one part."""
    return sorted([*folder.glob("*-metadata.json"), *folder.glob("model/*-metadata.json")])


def fill_owner(pack: Path, folders: Collection[Path], owner: str) -> None:
    """Write the owner into cards that leave it open.

    Raises:
        KaggleError: a card names somebody else as the owner of what would be pushed.
    """
    for path in [card for folder in folders for card in card_files(folder)]:
        card = cards.read(path)
        filled = _filled(card, owner)
        named = str(filled.get("id", "")).partition("/")[0] or str(filled.get("ownerSlug", ""))
        if named.lower() != owner.lower():
            raise KaggleError(
                f"{path}: belongs to {named!r}, and you push as {owner!r}: pack again with --owner {owner}, or, if "
                f"{named!r} is an organisation of yours, push with --owner {named}"
            )
        if filled != card:
            cards.write(path, filled)


def model_refs(folder: Path) -> tuple[str, str]:
    """(owner/model, owner/model/framework/variation)"""
    card = cards.read(folder / "model" / "model-instance-metadata.json")
    model = f"{card['ownerSlug']}/{card['modelSlug']}"
    return model, f"{model}/{card['framework']}/{card['instanceSlug']}"


def differences(
    card: Mapping[str, Any], found: Mapping[str, Any], answer: Mapping[str, Any]
) -> tuple[list[str], list[str]]:
    """Return what differs between the card and what Kaggle keeps, and what Kaggle does not tell.

    Args:
        card: kernel-metadata.json as it was pushed.
        found: `Client.kernel` after the push.
        answer: what the push answered; names the sources that were refused.
    """
    wrong, unsure = [], []
    machine, given = card.get("machine_shape"), found.get("machineShape")
    if machine and not given:
        unsure.append(f"Kaggle does not tell which machine the run gets (asked for: {machine})")
    elif machine and machine != given:
        wrong.append(f"machine {given} instead of {machine}")
    if found.get("enableInternet") and str(card.get("enable_internet")).lower() != "true":
        wrong.append("internet is on, with which a notebook cannot be submitted")
    image, used = card.get("docker_image"), found.get("dockerImage")
    if image and not used:
        unsure.append("Kaggle does not tell which docker image the run gets; the notebook checks its Python")
    elif image and str(image).rpartition("@")[2] != str(used).rpartition("@")[2]:
        wrong.append(f"docker image {used} instead of {image}")
    for name, (key, kept, refused) in _SOURCES.items():
        have = [str(source).lower() for source in found.get(kept) or ()]
        for source in card.get(key) or ():
            if not any(_same(source.lower(), one) for one in have):
                why = " (refused by Kaggle)" if source in (answer.get(refused) or ()) else ""
                hint = "; are its rules accepted?" if name == "competitions" else ""
                wrong.append(f"{name} lack {source}{why}{hint}")
    return wrong, unsure


def _filled(value: Any, owner: str) -> Any:
    """The same JSON value with the owner where it was left open."""
    if isinstance(value, dict):
        return {key: _filled(item, owner) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, owner) for item in value]
    if isinstance(value, str) and (value == cards.OWNER or value.startswith(f"{cards.OWNER}/")):
        return owner + value.removeprefix(cards.OWNER)
    return value


def _same(wanted: str, kept: str) -> bool:
    """Either may leave out the version."""
    return wanted == kept or kept.startswith(f"{wanted}/") or wanted.startswith(f"{kept}/")


def _above(version: int | None, past: int) -> int | None:
    return version if version is not None and version > past else None


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text())
    except ValueError as error:
        raise KaggleError(f"{path}: not JSON ({error}); delete it, and everything is uploaded anew") from error
    if not isinstance(content, dict):
        raise KaggleError(f"{path}: expected a JSON object; delete it and push again")
    return content
