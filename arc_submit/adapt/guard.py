"""Tell from what a tuned model samples whether its adapter may stay.

Reinforcement on own answers collapses when left alone: programs stop running, answers grow, all come out alike (of
ironbar's long GRPO runs, every one, whatever the remedy). A round of samples shows it before the search has lost much
time, and the last good adapter comes back. What a round shows is compared with the rounds sampled before any learning.

A share must fall below its limit and, beyond that, by more than chance explains: two standard errors of the difference,
for which the answers to one prompt count as few, since they are alike. Where a share is small already that makes the
guard blind rather than jumpy. Answers to fresh prompts are what to show it: those of edits depend on the parents, which
grow as the search goes on (without any learning valid edits fell from 0.78 to 0.44 of a task's answers in nine rounds).

Not covered: adapters that are merely no better (the search's own business), drift from one round to the next that stays
within the limits.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

from arc_submit.adapt.records import Answer, Group
from arc_submit.config import AdaptConfig

LEAST = 8
"""Answers, and for the held reward answers that have one, below which a round tells nothing."""
ALIKE = 2.0 / 7.0
"""How alike answers to one prompt are (intra-class correlation): eight tell as much as 8 / 3 to as many prompts."""
ERRORS = 2.0
"""Standard errors of the difference that a fall must exceed."""
WIDEST = 0.6
"""Largest deviation of rewards, which lie in 0 .. 1.2: the error of a mean when all its answers are to one prompt."""


@dataclass(frozen=True, slots=True)
class Signs:
    """How a round's answers look, or several rounds' together. Answers that the deadline cut off are not in it."""

    answers: int = 0
    """Truncated ones included."""
    prompts: int = 0
    """That they answer; 0: not known, eight answers each are assumed."""
    valid: float = 0.0
    """Share of the answers whose program gave a grid on every demonstration."""
    distinct: float = 0.0
    """Distinct programs of a task and round as a share of its answers."""
    length: float = 0.0
    """Tokens of an answer, mean."""
    reward: float | None = None
    """Mean over the scored answers to fresh prompts; None: there is none."""
    held: float | None = None
    """Mean reward on pairs that prompts left out; None: there is none."""
    scored: int = 0
    """Answers behind `reward`."""
    holding: int = 0
    """Answers behind `held`."""
    error: float = 0.0
    """Standard error of `held`; answers to one prompt share the pair left out and so are alike, which it allows for."""


def signs(groups: Sequence[Group]) -> Signs:
    """Return how the answers of some groups look, as of one round."""
    kept = [(group, answer) for group in groups for answer in group.answers if answer.finish != "deadline"]
    if not kept:
        return Signs()
    programs = {(group.task_id, answer.program) for group, answer in kept if answer.program is not None}
    rewards = [answer.reward for group, answer in kept if group.prompt.kind == "fresh" and answer.reward is not None]
    held_by_prompt = [held for group in groups if (held := _held(group.answers))]
    held = [reward for rewards_G in held_by_prompt for reward in rewards_G]
    return Signs(
        answers=len(kept),
        prompts=len({id(group) for group, _ in kept}),
        valid=sum(answer.valid for _, answer in kept) / len(kept),
        distinct=len(programs) / len(kept),
        length=fmean(len(answer.tokens) for _, answer in kept),
        reward=fmean(rewards) if rewards else None,
        held=fmean(held) if held else None,
        scored=len(rewards),
        holding=len(held),
        error=_error(held_by_prompt) if held else 0.0,
    )


def pool(rounds: Sequence[Signs]) -> Signs:
    """Return the signs of several rounds together: means weighted by the answers behind them.

    Programs are distinct within their round, so that `distinct` can be compared with a single round's.
    """
    answers, scored, holding = (sum(getattr(one, name) for one in rounds) for name in ("answers", "scored", "holding"))
    if not answers:
        return Signs()
    return Signs(
        answers=answers,
        prompts=sum(one.prompts for one in rounds),
        valid=math.fsum(one.valid * one.answers for one in rounds) / answers,
        distinct=math.fsum(one.distinct * one.answers for one in rounds) / answers,
        length=math.fsum(one.length * one.answers for one in rounds) / answers,
        reward=math.fsum((one.reward or 0.0) * one.scored for one in rounds) / scored if scored else None,
        held=math.fsum((one.held or 0.0) * one.holding for one in rounds) / holding if holding else None,
        scored=scored,
        holding=holding,
        error=math.hypot(*(one.error * one.holding for one in rounds)) / holding if holding else 0.0,
    )


class Guard:
    """Knows what rounds looked like before learning, and says when one looks much worse."""

    def __init__(self, config: AdaptConfig) -> None:
        self._config = config
        self._before = Signs()

    @property
    def baseline(self) -> Signs:
        """The rounds sampled before any learning, together."""
        return self._before

    def before(self, signs: Signs) -> None:
        """Take in a round sampled before any learning."""
        self._before = pool((self._before, signs))

    def breach(self, signs: Signs, kl: float) -> str | None:
        """Return in words what is wrong with a round sampled after learning; None: nothing that is sure.

        `kl` is the divergence from the adapter's start, last measured before an update, nats per token. It
        is judged always; the rest needs LEAST answers in the round, and before learning.
        """
        most = self._config.most_kl
        if not kl <= most:  # also when it is not a number
            return f"divergence from the start rose to {kl:.2f} nats per token, over {most:.2f}"
        if min(signs.answers, self._before.answers) < LEAST:
            return None
        return self._shares(signs) or self._length(signs) or self._held(signs)

    def _shares(self, now: Signs) -> str | None:
        """Judge the shares of valid and of distinct programs."""
        was = self._before
        for name, before, after, least in (
            ("valid", was.valid, now.valid, self._config.least_valid),
            ("distinct", was.distinct, now.distinct, self._config.least_distinct),
        ):
            error = _share_error(before, _worth(was), after, _worth(now))
            if _fell(before, after, least, error):
                return f"{name} programs fell from {before:.2f} to {after:.2f} of the answers"
        return None

    def _length(self, now: Signs) -> str | None:
        """Judge the mean length."""
        if now.length <= self._config.longest * self._before.length:
            return None
        return f"answers grew from {self._before.length:.0f} to {now.length:.0f} tokens"

    def _held(self, now: Signs) -> str | None:
        """Judge the reward on pairs left out."""
        was = self._before
        if was.held is None or now.held is None or min(was.holding, now.holding) < LEAST:
            return None
        # A few zeros show no spread of their own: expect no less than there was before.
        error = max(now.error, was.error * math.sqrt(was.holding / now.holding))
        if not _fell(was.held, now.held, self._config.least_held, math.hypot(was.error, error)):
            return None
        return f"reward on pairs left out fell from {was.held:.2f} to {now.held:.2f}"


def _held(answers: Sequence[Answer]) -> list[float]:
    """Return the rewards on the pair left out, of the answers to one prompt that have one."""
    return [answer.held for answer in answers if answer.held is not None and answer.finish != "deadline"]


def _fell(before: float, after: float, least: float, error: float) -> bool:
    """Return whether a value is below `least` times what it was, and by more than chance explains."""
    return after < least * before and before - after > ERRORS * error


def _share_error(before: float, worth_before: float, after: float, worth_after: float) -> float:
    """Return the standard error of the difference of two shares that are the same but for chance (binomial)."""
    both = (before * worth_before + after * worth_after) / (worth_before + worth_after)
    return math.sqrt(both * (1 - both) * (1 / worth_before + 1 / worth_after))


def _worth(signs: Signs) -> float:
    """Return how many answers to prompts of their own would tell as much (design effect of clusters)."""
    each = signs.answers / signs.prompts if signs.prompts else 8.0
    return signs.answers / (1.0 + (each - 1.0) * ALIKE)


def _error(rewards_by_prompt: Sequence[Sequence[float]]) -> float:
    """Return the standard error of the mean of all rewards when those of one prompt are alike.

    The ratio estimator's, prompts taken as drawn: sqrt(P / (P - 1) * sum over prompts (sum(r - mean))**2) / n. With few
    prompts that may come out small by luck, so it is at least what it were if all rewards were independent.
    """
    flat = [reward for rewards in rewards_by_prompt for reward in rewards]
    prompts = len(rewards_by_prompt)
    if prompts < 2:
        return WIDEST
    mean = fmean(flat)
    between = math.fsum(math.fsum(reward - mean for reward in rewards) ** 2 for rewards in rewards_by_prompt)
    clustered = math.sqrt(prompts / (prompts - 1) * between) / len(flat)
    return max(clustered, math.sqrt(variance(flat) / len(flat)))
