"""What a checkpoint says of itself: the prompts it was tuned on, and whether it was kept from the tasks of a set.

Read are the JSON files that lie with the model, its adapter and the run that made them: `manifest.json`
(`training.manifest`) and `dataset.json` among them. Words are compared, not grids: what is written there is believed.
A checkpoint without papers is not clean, it is unknown, and both are said.

A model that was tuned, merged and tuned again has a layer of papers for each time. Each has to vouch for itself; the
newest one says which prompts the model knows.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from arc_submit.config import PromptsConfig
from training.exercises import GENERATED, HELD_OUT, LEARN
from training.guard import EVALUATION

NAMES = ("manifest.json", "dataset.json", "about.json", "training.json", "tuning.json", "settings.json", "result.json")
VERSION = re.compile(r"(compact|chat)-\d+")
RECIPE = "training.data.make"  # writes compact prompts, and nothing else does
NOT_SEEN = ("guard", "held_out", "refused", "scores", "recipe", "commit", "files", "bytes")
"""Keys whose words name sets that nothing was learnt from."""
SAME = {"kaggle2025-training": "arc2-training"}
"""Sets by the name that papers know them by."""
LARGEST = 4 * 2**20  # bytes of a file that is looked at

CLEAN, SEEN, UNKNOWN = "clean", "seen", "unknown"


@dataclass(frozen=True, slots=True)
class Word:
    """What one part of a checkpoint says of a set."""

    part: str
    """`model` or `adapter`."""
    verdict: str
    """CLEAN, SEEN or UNKNOWN."""
    why: str


@dataclass(frozen=True, slots=True)
class Papers:
    """The JSON objects that lie with a part of a checkpoint."""

    part: str
    bodies: tuple[dict[str, Any], ...]

    @property
    def prompts(self) -> PromptsConfig | None:
        """The prompts that it was tuned on last, as they are written down; None: not said."""
        for body in self._newest_first():
            for _, found in _walk(body):
                if isinstance(found, dict) and {"style", "dialect"} <= set(found):
                    known = {key: found[key] for key in PromptsConfig.model_fields if key in found}
                    try:
                        return PromptsConfig.model_validate(known)
                    except ValidationError:
                        continue  # of another time, or somebody else's words
        return None

    @property
    def version(self) -> str | None:
        """The version of these prompts, e.g. `compact-1`; of the kit's own recipes only the style: `compact`."""
        for body in self._newest_first():
            for keys, found in _walk(body):
                if isinstance(found, str) and VERSION.fullmatch(found) and "version" in keys[-1]:
                    return found
        if any(RECIPE in str(body.get("recipe", "")) for body in self.bodies):
            return "compact"
        return None

    def _newest_first(self) -> Iterator[dict[str, Any]]:
        return (body for layer in _layers(self.part, self.bodies) for body in layer)

    def of(self, data: str) -> Word:
        """Return what is known of a set that is measured on."""
        if not self.bodies:
            return Word(self.part, UNKNOWN, "no manifest.json or dataset.json: nobody knows what it has seen")
        words = [self._of(layer, data) for layer in _layers(self.part, self.bodies)]
        return max(words, key=lambda word: (CLEAN, UNKNOWN, SEEN).index(word.verdict))

    def _of(self, bodies: tuple[dict[str, Any], ...], data: str) -> Word:
        name = data.partition(":")[0]
        name = SAME.get(name, name)
        learnt = _learnt(bodies)
        if name == GENERATED:
            return self._generated(bodies, data.partition(":")[2])
        if name in learnt or (name == LEARN and learnt):
            return Word(self.part, SEEN, f"its papers say that it was trained on tasks of {name}")
        guard = " ".join(_said(bodies, "guard"))
        if name in EVALUATION:
            kept = name in guard
        elif name == HELD_OUT:
            tuned = any("dataset" in body for body in bodies)  # `arc-train sft` refuses held-out tasks
            kept = tuned or bool(_said(bodies, "held_out")) or HELD_OUT in guard
        else:
            return Word(self.part, UNKNOWN, f"its papers have no word on {data}")
        if kept:
            return Word(self.part, CLEAN, f"its papers say that it was kept from {name}")
        return Word(self.part, UNKNOWN, f"its papers do not say of every stage that it was kept from {name}")

    def _generated(self, bodies: tuple[dict[str, Any], ...], names: str) -> Word:
        learnt = " ".join(_said(bodies, "generators"))
        if learnt and any(name.strip() in learnt for name in names.split(",")):
            return Word(self.part, CLEAN, "trained on tasks of these generators, of other seeds")
        return Word(self.part, CLEAN, "no word of these generators; tasks are drawn from a seed of their own")


def read(part: str, folder: Path | None) -> Papers:
    """Return what lies in a folder; for one called model, adapter or lora in the folder above it too."""
    if folder is None:
        return Papers(part, ())
    own = folder.name.startswith(("model", "adapter", "lora", "merged", "best"))
    bodies = [
        body
        for place in ((folder, folder.parent) if own else (folder,))
        for name in NAMES
        if (body := _object(place / name)) is not None
    ]
    return Papers(part, tuple(bodies))


def _layers(part: str, bodies: tuple[dict[str, Any], ...]) -> list[tuple[dict[str, Any], ...]]:
    """Stages that each have to vouch for themselves, the newest first: what a merged or wholly tuned model was before
    is one, or several where that was tuned and merged itself."""
    for body in bodies:
        data = body.get("data")
        if isinstance(data, dict) and isinstance(data.get("base"), dict) and isinstance(data.get("tuned on"), dict):
            return [({"dataset": data["tuned on"]},), *_layers(part, ({"data": data["base"]},))]
    if part == "model" and not any("data" in body for body in bodies):
        return [bodies, ({"data": {}},)]
    return [bodies]


def _object(file: Path) -> dict[str, Any] | None:
    """The object in a file; None where there is no such file, or something else in it."""
    try:
        if file.stat().st_size > LARGEST:
            return None
        body = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return body if isinstance(body, dict) else None


def _walk(value: Any, keys: tuple[str, ...] = ("",)) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Everything in an object with the keys that lead there."""
    yield keys, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(inner, (*keys, str(key)))
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, keys)


def _said(bodies: tuple[dict[str, Any], ...], key: str) -> list[str]:
    """Texts under a key, however deep."""
    return [found for body in bodies for keys, found in _walk(body) if key in keys and isinstance(found, str)]


def _learnt(bodies: tuple[dict[str, Any], ...]) -> set[str]:
    """Public sets that the papers name anywhere but where they say what was left out."""
    texts = [
        found
        for body in bodies
        for keys, found in _walk(body)
        if isinstance(found, str)
        and not set(keys) & set(NOT_SEEN)
        and {"data", "origin", "origins", "sources"} & set(keys)
    ]
    return {name for name in (*EVALUATION, "arc1-training", "arc2-training") for text in texts if name in text}
