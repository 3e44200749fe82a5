"""What so many hours buy for every task, and what is wrong with a plan.

    hours - installing - what the settings leave unused - reserve - start-up = search time of a worker
    x workers / tasks = seconds per task = first visit + later visits
    / seconds per answer, sandbox included = answers, prompts, tokens, programs, updates

Steady rates, no solved task: a task that is solved early leaves its time to others, so this is the least that a task
gets. What may go wrong in a run is drawn in `risk`.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from arc_submit import budget
from arc_submit.config import LANGUAGE, SYMBOLIC, RunConfig
from arc_submit.errors import ConfigError
from arc_submit.plan.profile import Profile

HIDDEN_TASKS = 240  # of the hidden file of ARC Prize 2025 and 2026 (kaggle notes 1.1); public sets have 120
_LATEST_SHARE = 700 / 720  # of the allowed time at which a run on Kaggle should stop: 11 h 40 (peers notes, lesson 1)
_MOST_STARTUP = 0.05  # of the run
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a plan buys. Seconds are wall seconds unless they are a task's: those are seconds of one worker."""

    hours: float
    tasks: int
    workers: int
    install: float
    unused: float
    """Seconds that the settings leave at the end (`budget.minutes` is less than the hours)."""
    reserve: float
    startup: float
    search: float
    """Seconds between start-up and reserve."""
    task_seconds: float
    first_visit: float
    """Part of `task_seconds` that every task gets before any gets more."""
    learning: float
    """Part of `task_seconds` that test-time learning takes."""
    round_seconds: float
    """One round of `round_tasks` tasks: prompts, decoding, sandbox."""
    round_tasks: int
    rounds: float
    """Per task."""
    prompts: float
    answers: float
    tokens: float
    """Decoded."""
    programs: float
    updates: float
    update_seconds: float | None
    """None: nothing is known of a step's seconds, or nothing learns."""
    cohorts: int
    """Cohorts of first visits."""

    @property
    def run(self) -> float:
        """Seconds that the solver itself takes."""
        return self.startup + self.search + self.reserve


@dataclass(frozen=True, slots=True)
class Round:
    """What a round of one task costs and gives, in seconds of a worker."""

    seconds: float
    answers: float
    programs: float


def buy(config: RunConfig, profile: Profile, hours: float, tasks: int) -> Purchase:
    """Return what the hours buy; limits of `budget.seconds_per_task` do not count here (see `warnings`).

    Raises:
        ConfigError: no hours, no tasks, or a profile without a model for proposers that need one.
    """
    if not (hours > 0 and math.isfinite(hours)):
        raise ConfigError(f"--hours {hours:g}: expected more than 0")
    if tasks < 1:
        raise ConfigError(f"--tasks {tasks}: expected at least 1")
    workers = config.workers or profile.workers
    install = profile.install_seconds.value
    available = max(0.0, hours * _HOUR - install)
    run = min(available, config.budget.minutes * 60.0) if config.budget.minutes is not None else available
    reserve = budget.reserve(config.budget, run)
    startup = min(profile.startup_seconds.value, run - reserve)
    search = run - reserve - startup
    seconds = search * min(workers, tasks) / tasks
    each = _round(config, profile)
    update = _update_seconds(config, profile)
    learning, updates = _learning(config, seconds, each, update)
    rounds = (seconds - learning) / each.seconds
    model = _has_model(config)
    answers = rounds * each.answers if model else 0.0
    return Purchase(
        hours=hours,
        tasks=tasks,
        workers=workers,
        install=min(install, hours * _HOUR),
        unused=available - run,
        reserve=reserve,
        startup=startup,
        search=search,
        task_seconds=seconds,
        first_visit=config.budget.first_visit * seconds,
        learning=learning,
        round_seconds=each.seconds * min(config.budget.width, tasks),
        round_tasks=min(config.budget.width, tasks),
        rounds=rounds,
        prompts=answers / config.search.samples,
        answers=answers,
        tokens=answers * profile.answer_tokens.value if profile.answer_tokens is not None else 0.0,
        programs=rounds * each.programs,
        updates=updates,
        update_seconds=update,
        cohorts=_cohorts(config, tasks, workers),
    )


def warnings(config: RunConfig, profile: Profile, plan: Purchase, preset: str) -> list[str]:
    """Return what a person should change, or know, before the run; one line each."""
    return [
        *_limits(config, plan),
        *_shape(config, plan),
        *_kaggle(plan, preset),
        *_belief(config, profile, plan, preset),
    ]


def _limits(config: RunConfig, plan: Purchase) -> Iterator[str]:
    if plan.search <= 0:
        yield f"no time to search: {plan.hours:g} h are over before the workers have started"
        return
    wanted = math.floor(plan.search * min(plan.workers, plan.tasks) / plan.tasks)
    by_task = config.budget.seconds_per_task * plan.tasks / min(plan.workers, plan.tasks)
    if by_task < 0.98 * plan.run:
        yield (
            f"budget.seconds_per_task={config.budget.seconds_per_task:g} ends the run after {by_task / _HOUR:.2f} h; "
            f"to use the hours: --set budget.seconds_per_task={max(1, wanted)}"
        )
    minutes = config.budget.minutes
    if minutes is None:
        yield f"budget.minutes is not set: only seconds per task end the run; --set budget.minutes={plan.run / 60:.0f}"
    elif minutes * 60.0 + plan.install > plan.hours * _HOUR:
        yield (
            f"budget.minutes={minutes:g} and {plan.install:.0f} s of installing are more than {plan.hours:g} h; "
            f"--set budget.minutes={max(1.0, plan.run / 60):.0f}"
        )


def _shape(config: RunConfig, plan: Purchase) -> Iterator[str]:
    first = plan.first_visit * plan.round_tasks
    if plan.search > 0 and first < plan.round_seconds:
        yield (
            f"a first visit of {_counted(plan.round_tasks)} ({first:.0f} s) is shorter than one round of the engine "
            f"({plan.round_seconds:.0f} s): answers will be cut; lower search.prompts, search.samples or budget.width"
        )
    if plan.startup > _MOST_STARTUP * plan.run:
        yield f"start-up takes {plan.startup / plan.run:.0%} of the run ({plan.startup:.0f} s of every worker)"
    if plan.round_tasks < min(config.budget.width, config.budget.cohort):
        yield f"only {_counted(plan.round_tasks)}: rounds are smaller than budget.width={config.budget.width}"
    if plan.update_seconds is not None and plan.update_seconds > config.adapt.share * plan.task_seconds:
        yield (
            f"one update of the model ({plan.update_seconds:.0f} s) does not fit in adapt.share={config.adapt.share:g} "
            f"of a task's {plan.task_seconds:.0f} s: nothing will be learnt"
        )


def _kaggle(plan: Purchase, preset: str) -> Iterator[str]:
    if not preset.startswith("kaggle"):
        return
    end = plan.hours * _HOUR - plan.unused
    if end > _LATEST_SHARE * plan.hours * _HOUR:
        yield (
            f"the solver ends {max(0.0, plan.hours * _HOUR - end) / 60:.0f} min before the limit; timed out, it scores "
            f"nothing, so let all be over after {_LATEST_SHARE * plan.hours * 60:.0f} min: lower budget.minutes"
        )
    if plan.tasks < HIDDEN_TASKS:
        yield (
            f"{plan.tasks} tasks: the hidden file has {HIDDEN_TASKS}; there a task gets "
            f"{plan.task_seconds * plan.tasks / HIDDEN_TASKS:.0f} s, not {plan.task_seconds:.0f} s"
        )


def _belief(config: RunConfig, profile: Profile, plan: Purchase, preset: str) -> Iterator[str]:
    assumed = [name for name, number in profile.numbers().items() if number.known == "assumed"]
    if assumed:
        yield f"nobody measured {len(assumed)} of {len(profile.numbers())} numbers: {', '.join(assumed)}"
    if profile.preset != preset:
        yield f"the profile was taken with preset {profile.preset}, not {preset}"
    if config.workers is not None and config.workers != profile.workers:
        yield f"workers={config.workers}: the profile's rates are those of {profile.workers} side by side"
    if config.adapt.mode != "none" and plan.update_seconds is None:
        yield f"adapt.mode={config.adapt.mode}: the profile does not say what a training step takes; it is not counted"


def _counted(tasks: int) -> str:
    return "1 task" if tasks == 1 else f"{tasks} tasks"


def _round(config: RunConfig, profile: Profile) -> Round:
    """One round of one task. Symbolic proposers take turns with the model, by time."""
    runs = 1.0 / profile.sandbox_programs_per_second.value
    loop = 1.0 - min(0.9, profile.loop_share.value)
    symbolic = _symbolic_share(config, profile)
    rate = 0.0  # programs per second of symbolic turns
    if profile.symbolic_programs_per_second is not None:
        rate = 1.0 / (1.0 / profile.symbolic_programs_per_second.value + runs)
    if not _has_model(config):
        return Round(1.0, 0.0, loop * rate)
    answers = config.search.prompts * config.search.samples
    seconds, programs = _answer(config, profile, runs)
    whole = answers * seconds / (loop * (1.0 - symbolic))
    return Round(whole, answers, answers * programs + whole * loop * symbolic * rate)


def _answer(config: RunConfig, profile: Profile, runs: float) -> tuple[float, float]:
    """(seconds, programs) of one answer: decoding, its part of the prompt, the sandbox."""
    if profile.decode_tokens_per_second is None or profile.answer_tokens is None:
        raise ConfigError(
            "the profile has no language model (decode_tokens_per_second, answer_tokens); "
            "take another --profile, or --set search.proposers=symbolic"
        )
    seconds = profile.answer_tokens.value / profile.decode_tokens_per_second.value
    if profile.prompt_tokens_per_second is not None and profile.prompt_tokens is not None:
        seconds += profile.prompt_tokens.value / profile.prompt_tokens_per_second.value / config.search.samples
    programs = profile.programs_per_answer.value if profile.programs_per_answer is not None else 1.0
    return seconds + programs * runs, programs


def _symbolic_share(config: RunConfig, profile: Profile) -> float:
    return min(0.95, profile.symbolic_share.value) if set(config.search.proposers) & set(SYMBOLIC) else 0.0


def _has_model(config: RunConfig) -> bool:
    return bool(set(config.search.proposers) & set(LANGUAGE))


def _update_seconds(config: RunConfig, profile: Profile) -> float | None:
    """Steps of one update and the swap: `adapt.answers` examples, by GRPO as often as `adapt.passes`."""
    mode, adapt = config.adapt.mode, config.adapt
    if mode == "none" or not _has_model(config):
        return None
    step = profile.step_seconds.value if profile.step_seconds is not None else None
    if step is None and profile.train_tokens_per_second is not None and profile.answer_tokens is not None:
        prompt = profile.prompt_tokens.value if profile.prompt_tokens is not None else 0.0
        step = adapt.batch * (prompt + profile.answer_tokens.value) / profile.train_tokens_per_second.value
    if step is None:
        return None
    steps = 0
    if mode in ("hindsight", "both"):
        steps += math.ceil((adapt.best + adapt.different) / adapt.batch)
    if mode in ("grpo", "both"):
        steps += adapt.passes * math.ceil(adapt.answers / adapt.batch)
    return steps * step + (profile.swap_seconds.value if profile.swap_seconds is not None else 0.0)


def _learning(config: RunConfig, seconds: float, each: Round, update: float | None) -> tuple[float, float]:
    """(seconds, updates) per task where it learns at all: one after every `adapt.answers` answers, within its share."""
    if update is None or seconds <= 0:
        return 0.0, 0.0
    sampling = config.adapt.answers * each.seconds / each.answers
    updates = min(config.adapt.updates, config.adapt.share * seconds // update, seconds // (sampling + update))
    return updates * update, updates


def _cohorts(config: RunConfig, tasks: int, workers: int) -> int:
    waiting, cohorts = tasks, 0
    while waiting:
        waiting -= budget.cohort_size(config.budget, waiting, workers)
        cohorts += 1
    return cohorts
