"""The dataset's card: README.md, for people who find the folder."""

from collections.abc import Mapping
from typing import Any

from training.dataset.pick import STEPS
from training.dataset.store import About

LICENCE = (
    "Generated tasks, programs of the kit's own search and the prompts: MIT-0. Public ARC tasks: Apache-2.0 (ARC-AGI-1 "
    "and ARC-AGI-2, by their authors). Answers of language models: under the terms of the models that gave them; read "
    "these before you publish or sell what was trained on them."
)
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def card(name: str, about: About) -> str:
    """Return the card of a dataset."""
    rows = sum(about.rows.values())
    size = next((text for most, text in _SIZES if rows < most), "1M<n<10M")
    prompts = about.prompts.model_dump(mode="json")
    return f"""---
pretty_name: {name}
license: other
task_categories: [text-generation]
tags: [arc-agi, program-synthesis, code, dsl]
size_categories: [{size}]
---

# {name}

Prompts about ARC tasks and programs that answer them: `fresh` ones are asked from the demonstrations alone, `edit` ones
show a program that is not right yet and what it made. Written by `arc-train dataset`; read with
`datasets.load_from_disk` or `training.dataset.store.load`. No pickle.

| split | tasks | examples | {" | ".join(_LENGTHS)} tokens |
|---|---|---|{"---|" * len(_LENGTHS)}
{_splits(about)}

![lengths](lengths.svg)

## How it was made
Prompts: `{about.version}`, {", ".join(f"{key} {value}" for key, value in prompts.items())}. Tokens are those of
{about.model or "the student"} (sha256 of its tokenizer.json: `{about.fingerprint}`).

| answers | number |
|---|---|
{_counts(about.counts)}

Every program was run again in the sandbox, in every view that it is shown in. Weights: every task the same total,
within a task every answer the same, mean 1 over a split{_power(about.settings)}.
`preferences.jsonl` holds {about.preferences:,} pairs of a better and a worse child of one parent.

## Where it comes from
| folder | tasks | traces | judged | teachers |
|---|---|---|---|---|
{_sources(about)}

## Kept out
{_sentence(about.guard)} Train and eval share no task, by content: orientation, colours, ids and order of
pairs hide nothing.

## Licence
{about.licence}
"""


_LENGTHS = ("p50", "p90", "p99", "max")


def _splits(about: About) -> str:
    lines = []
    for split, rows in about.rows.items():
        lengths = about.lengths.get(split, {})
        cells = [split, f"{about.tasks.get(split, 0):,}", f"{rows:,}", *(f"{lengths.get(k, 0):,}" for k in _LENGTHS)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _counts(counts: Mapping[str, Any]) -> str:
    left = [(f"left out: {STEPS[name]}", counts[name]) for name in STEPS if counts.get(name)]
    others = [(name, number) for name, number in counts.items() if name not in STEPS and name != "read" and number]
    found = [("read", counts.get("read", 0)), *left, *others]
    return "\n".join(f"| {name} | {number:,} |" for name, number in found)


def _power(settings: Mapping[str, Any]) -> str:
    power = settings.get("difficulty_power", 0.0)
    return f", times difficulty to the power of {power:g}" if power else ""


def _sources(about: About) -> str:
    return "\n".join(
        f"| {source['name']} | {source.get('tasks', 0):,} | {source.get('traces', 0):,} | {source.get('judged', 0):,} "
        f"| {', '.join(f'{name} {number:,}' for name, number in source.get('teachers', {}).items()) or '-'} |"
        for source in about.sources
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
