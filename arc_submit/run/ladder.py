"""What a worker does without after trouble. Two ladders, each walked down only, and remembered with the run.

memory   fewer sequences, then fewer tasks at once and a shorter context, a smaller adapter, no learning
less     where the model cannot be used at all: the base without its adapter, then search without a language model

The second one is walked only if the run may (`--degrade`): at a desk a broken model is a mistake to be told of, in a
scored rerun anything is better than nothing. Every step is said aloud and stands in the summary.
"""

from collections.abc import Callable, Mapping
from typing import Any

from arc_submit.config import LANGUAGE, SYMBOLIC, RunConfig, SampleConfig

_LEAST_CONTEXT = 1024  # tokens; a shorter one holds no task


def _halved(value: int) -> int:
    return max(1, value // 2)


def _fewer_sequences(config: RunConfig) -> dict[str, Any]:
    sample = config.sample
    least = SampleConfig.model_fields["batch_tokens"].metadata[0].ge
    return {
        "sample": {"sequences": _halved(sample.sequences), "batch_tokens": max(least, sample.batch_tokens // 2)},
        "adapt": {"micro_tokens": max(64, config.adapt.micro_tokens // 2)},
    }


def _fewer_tasks(config: RunConfig) -> dict[str, Any]:
    context = config.sample.context
    shorter = None if context is None else max(min(context, _LEAST_CONTEXT), context * 3 // 4)
    return {
        "budget": {"cohort": _halved(config.budget.cohort), "width": _halved(config.budget.width)},
        "sample": {"context": shorter, "sequences": _halved(config.sample.sequences)},
    }


def _smaller_adapter(config: RunConfig) -> dict[str, Any]:
    rank = _halved(config.adapt.rank)
    return {
        "adapt": {"rank": rank, "alpha": config.adapt.alpha * rank / config.adapt.rank},
        "sample": {"sequences": _halved(config.sample.sequences)},
    }


def _no_learning(config: RunConfig) -> dict[str, Any]:
    return {"adapt": {"mode": "none"}, "budget": {"cohort": 1, "width": 1}, "sample": {"sequences": 1}}


RUNGS: tuple[tuple[str, Callable[[RunConfig], dict[str, Any]]], ...] = (
    ("half the sequences", _fewer_sequences),
    ("half the tasks at once, a shorter context", _fewer_tasks),
    ("half the adapter", _smaller_adapter),
    ("one task, one sequence, no learning", _no_learning),
)
"""The memory ladder: (in words, what changes). Each rung changes what the one above it left."""


def less(config: RunConfig) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Return the steps of the other ladder that these settings have: (in words, what changes)."""
    if not set(config.search.proposers) & set(LANGUAGE):
        return ()
    adapter = ("the base without its adapter", {"sample": {"adapter": None}})
    model = ("no language model", {"search": {"proposers": SYMBOLIC}, "adapt": {"mode": "none"}})
    return (adapter, model) if config.sample.adapter is not None else (model,)


def settings(config: RunConfig, rung: int, lesser: int) -> RunConfig:
    """Return the settings of a worker that stands on these two rungs; 0, 0: as asked."""
    for _, change in RUNGS[:rung]:
        config = _changed(config, change(config))
    for _, changes in less(config)[:lesser]:
        config = _changed(config, changes)
    return config


def words(config: RunConfig, rung: int, lesser: int) -> str:
    """Return what a worker on these rungs does without, in words; empty: nothing."""
    return "; ".join([*(RUNGS[rung - 1][:1] if rung else ()), *(name for name, _ in less(config)[:lesser][-1:])])


def _changed(config: RunConfig, changes: Mapping[str, Mapping[str, Any]]) -> RunConfig:
    stages = {name: getattr(config, name).model_copy(update=dict(values)) for name, values in changes.items()}
    return config.model_copy(update=stages)
