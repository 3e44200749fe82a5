"""A profile of this machine: one worker's kit, opened as a worker opens it, at work on a few tasks for some seconds.

What a number holds: decoding includes reading the prompts; a symbolic program's seconds include finding out that others
were none; start-up is that of this process, after Python itself has started. One worker alone: workers side by side
share memory bandwidth, so with many of them on one machine each is slower.
"""

import platform
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from arc_submit import solve
from arc_submit.budget import Clock
from arc_submit.config import LANGUAGE, RunConfig
from arc_submit.errors import ConfigError
from arc_submit.plan.profile import Number, Positive, Profile, Share
from arc_submit.records import Task
from arc_submit.sandbox import Sandbox
from arc_submit.search import Proposer
from arc_submit.search.hunt import Hunt

_LEARN_AFTER = 32  # answers, so that a short measurement sees an update
_NEVER_AGREED = 1 << 20  # quorum and patience, so that no task is over while it is measured
_ASSUMED_SPREAD = Positive(
    value=0.82, known="derived", source="NVARC's 400 tasks: mean 106.9 s, median 76.3 s (peers notes 1.1)"
)


@dataclass(slots=True)
class Tally:
    """What was counted while a kit was at work."""

    startup: float
    """Seconds until the kit was open."""
    elapsed: float = 0.0
    """Seconds of search."""
    stages: Counter[str] = field(default_factory=Counter)
    """Seconds per stage, as `Hunt.seconds` has them; together `elapsed`, nearly."""
    tokens: int = 0
    asked: int = 0
    """Answers that the model was asked for."""
    ran: Counter[str] = field(default_factory=Counter)
    """Programs run, by proposer."""
    steps: int = 0
    """Optimizer steps."""
    step_seconds: float = 0.0
    trained: int = 0
    """Tokens trained on."""
    updates: set[tuple[int, float]] = field(default_factory=set)
    """(number, training seconds) of those counted: an update of a cohort is told once per task."""
    swap_seconds: float = 0.0

    def parts(self) -> dict[str, float]:
        """Return the share of time in engine, symbolic proposers, sandbox, learning and the loop between, 0..1."""
        whole = sum(self.stages.values()) or 1.0
        engine, learning = self.stages["propose:lm"], self.stages["adapt"]
        sandbox = self.stages["sandbox"]
        symbolic = sum(seconds for name, seconds in self.stages.items() if name.startswith("propose:")) - engine
        found = {"engine": engine, "symbolic": symbolic, "sandbox": sandbox, "learning": learning}
        return {name: seconds / whole for name, seconds in {**found, "loop": whole - sum(found.values())}.items()}


class _Counted:
    """A proposer whose turns are counted."""

    def __init__(self, inner: Proposer) -> None:
        self._inner = inner
        self.turns = 0
        """Tasks times rounds."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def propose(self, populations: Sequence[Any], deadline: float) -> Any:
        self.turns += len(populations)
        return self._inner.propose(populations, deadline)


def measure(
    config: RunConfig,
    tasks: Sequence[Task],
    seconds: float,
    *,
    now: Clock = time.monotonic,
    step: Callable[[str], None] = lambda what: None,
) -> Tally:
    """Open a kit and let it search.

    Args:
        seconds: of search, start-up not counted.
        step: called now and then, with what is going on.

    Raises:
        UserError: an engine or model that the settings name and this machine does not have.
        EngineError, SandboxError: the engine or the sandbox does not start.
    """
    settings = _unending(config)
    began = now()
    step("starting the sandbox and the model")
    with Sandbox(settings.sandbox) as sandbox, solve.opened(settings, sandbox, now) as kit:
        counted = [_Counted(proposer) for proposer in kit.proposers]
        kit = replace(kit, proposers=cast("list[Proposer]", counted))
        tally = Tally(startup=now() - began)
        started = now()

        def hear(event: dict[str, Any]) -> None:
            step("searching")
            if event["event"] == "adapt":
                _learnt(tally, event)

        produced = sum(proposer.produced for proposer in kit.proposers)
        size = config.budget.cohort
        for index in range(0, len(tasks), size):
            cohort = tasks[index : index + size]
            deadline = started + seconds * (index + len(cohort)) / len(tasks)
            if deadline > now():
                _count(tally, solve.solve(kit, cohort, deadline, hear))
        tally.elapsed = now() - started
        tally.tokens = sum(proposer.produced for proposer in kit.proposers) - produced
        turns = sum(proposer.turns for proposer in counted if getattr(proposer, "name", "") == "lm")
        tally.asked = turns * config.search.prompts * config.search.samples
    return tally


def profile(tally: Tally, config: RunConfig, preset: str) -> Profile:
    """Return a tally as a profile of this machine.

    Raises:
        ConfigError: nothing was run: the time was too short.
    """
    language = sum(count for name, count in tally.ran.items() if name in LANGUAGE)
    others = sum(tally.ran.values()) - language
    parts, whole = tally.parts(), sum(tally.stages.values())
    if not language + others:
        raise ConfigError(f"no program was run in {tally.elapsed:.0f} s; measure for longer with --seconds")
    taken = f"{tally.elapsed:.0f} s on this machine"
    runs = tally.stages["sandbox"] / (language + others)  # seconds per program
    search = (1.0 - parts["loop"] - parts["learning"]) * whole
    engine = tally.stages["propose:lm"]

    def measured(value: float) -> Positive:
        return Positive(value=_short(value), known="measured", source=taken)

    model = tally.tokens > 0 and engine > 0 and tally.asked > 0
    return Profile(
        about=f"one worker on {platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        preset=preset,
        workers=config.worker_count,
        install_seconds=Number(value=0.0, known="assumed", source="the solver is there already"),
        startup_seconds=Number(value=_short(tally.startup), known="measured", source=taken),
        overrun_seconds=Number(value=1.0, known="assumed", source="the last programs of a visit are still run"),
        deaths_per_hour=Number(value=0.0, known="assumed", source="none die"),
        decode_tokens_per_second=measured(tally.tokens / engine) if model else None,
        answer_tokens=measured(tally.tokens / tally.asked) if model else None,
        programs_per_answer=(
            Share(value=_short(min(1.0, language / tally.asked)), known="measured", source=taken) if model else None
        ),
        sandbox_programs_per_second=measured(1.0 / max(runs, 1e-6)),
        symbolic_programs_per_second=(
            measured(others / (parts["symbolic"] * whole)) if others and parts["symbolic"] > 0 else None
        ),
        symbolic_share=Share(
            value=_short(min(1.0, (parts["symbolic"] * whole + others * runs) / search)) if search > 0 else 0.0,
            known="measured",
            source=taken,
        ),
        loop_share=Share(value=_short(max(0.0, min(1.0, parts["loop"]))), known="measured", source=taken),
        step_seconds=measured(tally.step_seconds / tally.steps) if tally.steps else None,
        train_tokens_per_second=measured(tally.trained / tally.step_seconds) if tally.trained else None,
        swap_seconds=(
            Number(value=_short(tally.swap_seconds / len(tally.updates)), known="measured", source=taken)
            if tally.updates
            else None
        ),
        task_spread=_ASSUMED_SPREAD,
    )


def _unending(config: RunConfig) -> RunConfig:
    """The settings with tasks that are never over and, where something is learnt, an update as soon as may be."""
    learn = {"when": "open", "answers": min(config.adapt.answers, _LEARN_AFTER), "share": 1.0}
    return config.model_copy(
        update={
            "vote": config.vote.model_copy(update={"quorum": _NEVER_AGREED}),
            "search": config.search.model_copy(update={"patience": _NEVER_AGREED}),
            "adapt": config.adapt.model_copy(update=learn),
            "budget": config.budget.model_copy(update={"max_rounds": None}),
        }
    )


def _count(tally: Tally, hunts: Sequence[Hunt]) -> None:
    for hunt in hunts:
        tally.stages.update(hunt.seconds)  # a Counter adds
        tally.ran.update(hunt.authors)


def _learnt(tally: Tally, event: dict[str, Any]) -> None:
    update = (event["update"], event["seconds"]["train"])
    if not event["steps"] or update in tally.updates:
        return
    tally.updates.add(update)
    tally.steps += event["steps"]
    tally.trained += event["tokens"]
    tally.step_seconds += event["seconds"]["train"]
    tally.swap_seconds += event["seconds"]["swap"]


def _short(value: float) -> float:
    """Four digits: more would be noise."""
    return float(f"{value:.4g}")
