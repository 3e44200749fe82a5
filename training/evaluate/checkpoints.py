"""A checkpoint as it is measured: model, adapter, and the prompts it is asked with.

Prompts are those that its papers name (`training.evaluate.papers`), else the compact ones that the kit's small model
knows; `--set prompts.*` goes on top. A checkpoint is never asked in another style than it was tuned on: it would do
badly, and the figure would say nothing. Two checkpoints that are compared are asked with the same prompts.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from arc_submit import config
from arc_submit.config import PromptsConfig, SampleConfig
from arc_submit.errors import ConfigError
from arc_submit.prompts import Writer
from arc_submit.sample import build
from training.evaluate import papers, workers
from training.evaluate.papers import Papers, Word
from training.tuning.model import TEXTS

STAGES = ("prompts.", "sample.")
OWN = ("sample.model", "sample.adapter")  # said by other options
READ_WITH = ("config.json", "adapter_config.json", *TEXTS)
"""Files that decide, with the weights, what a model says."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is measured."""

    name: str
    """In tables, e.g. `weights/small + lora`."""
    sample: SampleConfig
    papers: tuple[Papers, ...]
    """Of the model, then of the adapter where there is one."""

    @property
    def folders(self) -> list[Path]:
        """Model and adapter; none for a server or a script."""
        if self.sample.engine in ("openai", "scripted"):
            return []
        return [Path(self.sample.model), *([self.sample.adapter] if self.sample.adapter is not None else [])]

    def identity(self) -> dict[str, Any]:
        """Return what tells it from another one: settings, its weight files by size and time of change, and what it is
        read with by content."""
        files = [file for folder in self.folders for file in sorted(folder.glob("*.safetensors"))]
        stamps = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        texts = [folder / name for folder in self.folders for name in READ_WITH if (folder / name).is_file()]
        sums = [(str(file), hashlib.blake2b(file.read_bytes(), digest_size=12).hexdigest()) for file in texts]
        return {"sample": self.sample.model_dump(mode="json"), "files": stamps, "texts": sums}

    def words(self, data: str) -> list[Word]:
        """Return what each part says of a set."""
        return [own.of(data) for own in self.papers]


def settings(said: Sequence[str]) -> tuple[SampleConfig, list[str]]:
    """Return the sampling settings of `--set`, and the settings of the prompts among them.

    Raises:
        ConfigError: unknown, or a setting that plays no part here.
    """
    for setting in said:
        name = setting.partition("=")[0].strip()
        if name in OWN:
            raise ConfigError(f"--set {setting}: name the checkpoint as MODEL and --adapter")
        if not name.startswith(STAGES):
            raise ConfigError(f"--set {setting}: only prompts.* and sample.* play a part in an evaluation")
    sample = config.load("laptop", said).sample
    return sample, [setting for setting in said if setting.strip().startswith("prompts.")]


def open_checkpoint(model: str, adapter: str | None, sample: SampleConfig) -> Checkpoint:
    """Return a checkpoint whose folders are there and fit together; nothing heavy is loaded.

    Raises:
        WeightsError: missing, damaged, or an adapter of another base.
        ConfigError: engine or libraries that are not there.
    """
    chosen = workers.sampling(model, adapter, sample)
    build.check(chosen)
    name = f"{model} + {adapter}" if adapter else model
    if chosen.engine in ("openai", "scripted"):
        return Checkpoint(name, chosen, (Papers("model", ()),))
    found = [papers.read("model", Path(chosen.model))]
    if chosen.adapter is not None:
        found.append(papers.read("adapter", chosen.adapter))
    return Checkpoint(name, chosen, tuple(found))


def told_apart(checkpoints: Sequence[Checkpoint]) -> list[Checkpoint]:
    """Return them under different names: results are kept by name."""
    names = [checkpoint.name for checkpoint in checkpoints]
    return [
        replace(checkpoint, name=f"{checkpoint.name} ({number})") if names.count(checkpoint.name) > 1 else checkpoint
        for number, checkpoint in enumerate(checkpoints, start=1)
    ]


def prompts_for(checkpoints: Sequence[Checkpoint], said: Sequence[str]) -> PromptsConfig:
    """Return the prompts that all of them are asked with.

    Raises:
        ConfigError: tuned on different prompts and nothing said, or on others than asked for.
    """
    known = {checkpoint.name: _recorded(checkpoint) for checkpoint in checkpoints}
    recorded = next((found for found in known.values() if found is not None), None)
    if not said:
        _check_alike(known)
    base = config.load("laptop")
    if recorded is not None:
        base = base.model_copy(update={"prompts": recorded})
    chosen = config.load(settings=said, base=base).prompts
    version = Writer(chosen).version
    for checkpoint in checkpoints:
        tuned = next((own.version for own in reversed(checkpoint.papers) if own.version is not None), None)
        if tuned is not None and not version.startswith(tuned):
            raise ConfigError(
                f"{checkpoint.name}: tuned on {tuned} prompts, and would be asked with {version}; "
                f"take --set prompts.style={tuned.partition('-')[0]}, or evaluate checkpoints of other prompts apart"
            )
    return chosen


def _recorded(checkpoint: Checkpoint) -> PromptsConfig | None:
    """The prompts that a checkpoint was tuned on last: its adapter's, else its model's."""
    return next((own.prompts for own in reversed(checkpoint.papers) if own.prompts is not None), None)


def _check_alike(known: Mapping[str, PromptsConfig | None]) -> None:
    bodies = {name: found.model_dump(mode="json") for name, found in known.items() if found is not None}
    (first, one), *others = bodies.items() or [("", {})]
    for name, other in others:
        key = next((key for key in one if one[key] != other[key]), None)
        if key is not None:
            raise ConfigError(
                f"{first} was tuned with prompts.{key}={one[key]}, {name} with {other[key]}; choose for both, e.g. "
                f"--set prompts.{key}={one[key]}, or evaluate them apart"
            )


def told(checkpoint: Checkpoint) -> bool:
    """Return whether its papers say which prompts it was tuned on."""
    return any(own.version is not None or own.prompts is not None for own in checkpoint.papers)
