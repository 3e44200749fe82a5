"""A trl reward function whose sandbox and judge are a server: `arc-submit serve-sandbox`, on this host or another.

    arc-submit serve-sandbox --token-file token.txt --workers 4         # where the CPU cores are

    with Client.of("http://127.0.0.1:8765", Path("token.txt")) as client:
        trainer = trl.GRPOTrainer(model, RemoteReward(asked, client), settings, rows)

The shape of `training.grpo_trl.Judge`, and the same rewards: programs are taken out of the answers here, the server
runs and compares, and what an answer is worth within its prompt's group is worked out by the code that the solver
learns with (`arc_submit.adapt.learner.group`). The dataset's rows need a column `number`, the place of a prompt in
`asked`. A server that cannot be reached within the client's patience raises: a whole batch without rewards would go
unseen.

Left out: the advantages, which are the trainer's; sending answers before the batch is whole. No torch.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from arc_submit import views
from arc_submit.adapt.learner import Known, group
from arc_submit.errors import ExtractError
from arc_submit.records import Completion, Program, Prompt, Task
from arc_submit.search.language import Sampled, program
from arc_submit.serve.records import Ask, Verdict
from arc_submit.verify import PENALTY_PER_TOKEN

SECONDS = 120.0  # that the server may take for a request of 128 programs


class Hears(Protocol):
    """What is told how well each task went, e.g. `training.curriculum.Curriculum`."""

    def heard(self, task_id: str, rewards: Sequence[float | None]) -> Any:
        """The rewards of a prompt's answers, None for unscored ones."""
        ...


class Judges(Protocol):
    """The part of `arc_submit.serve.client.Client` that is used."""

    def judge(self, asks: Sequence[Ask], *, deadline: float) -> list[Verdict]:
        """One verdict per ask, same order."""
        ...


class RemoteReward:
    """Answers in, rewards out, None where one could not be judged."""

    def __init__(
        self,
        asked: Sequence[tuple[Task, Prompt]],
        client: Judges,
        curriculum: Hears | None = None,
        *,
        parents: Mapping[str, Program] | None = None,
        thinking: Callable[[Sequence[int]], int] | None = None,
    ) -> None:
        """Keep what the answers will be about.

        Args:
            asked: task and prompt by number.
            parents: programs that edit prompts show, by id, as they run on the task itself: an edit is worth the
                difference to the better one. A parent that is missing leaves its prompt's answers unscored.
            thinking: tokens of an answer -> how many of them were thought; each costs `PENALTY_PER_TOKEN`.
        """
        self.asked, self._client, self._curriculum = asked, client, curriculum
        self._parents, self._thinking = parents or {}, thinking
        self.unscored = 0
        self.__name__ = "reward"  # what the trainer's log calls it

    def __call__(
        self, completions: Sequence[Any], completion_ids: Sequence[Sequence[int]], number: Sequence[int], **_: Any
    ) -> list[float | None]:
        """Return the reward of each answer; `number`: place of its prompt among those asked.

        Raises:
            ServerError: the server is not to be had, or refuses.
        """
        answers = [
            Completion(_text(answer), self.asked[place][1].kind, tokens=tuple(ids))
            for answer, ids, place in zip(completions, completion_ids, number, strict=True)
        ]
        programs = [_program(answer, self.asked[place][1]) for answer, place in zip(answers, number, strict=True)]
        worth = self._judged(list(zip(number, programs, strict=True)))
        rewards = [
            self._reward(place, answer, found, worth[place])
            for place, answer, found in zip(number, answers, programs, strict=True)
        ]
        self.unscored += rewards.count(None)
        if self._curriculum is not None:
            for place in dict.fromkeys(number):
                own = [reward for reward, at in zip(rewards, number, strict=True) if at == place]
                self._curriculum.heard(self.asked[place][0].id, own)
        return rewards

    def _judged(self, found: Sequence[tuple[int, Program | None]]) -> dict[int, dict[str, Known]]:
        """What each program is worth, by prompt and id; parents among them."""
        wanted: dict[tuple[int, str], Program] = {}
        for place, one in found:
            if one is not None:
                wanted.setdefault((place, one.id), one)
        for place in {place for place, _ in found}:
            for parent in self.asked[place][1].parents:
                if parent in self._parents:
                    wanted.setdefault((place, parent), self._parents[parent])
        asks = [Ask(self.asked[place][0], one) for (place, _), one in wanted.items()]
        verdicts = self._client.judge(asks, deadline=SECONDS) if asks else []
        worth: dict[int, dict[str, Known]] = {place: {} for place, _ in found}
        for (place, name), verdict in zip(wanted, verdicts, strict=True):
            pairs = (0.0,) * len(self.asked[place][0].train)  # of use to prompts that leave a pair out alone
            worth[place][name] = Known(verdict.reward, not verdict.faults, pairs)
        return worth

    def _reward(self, place: int, answer: Completion, found: Program | None, worth: dict[str, Known]) -> float | None:
        task, prompt = self.asked[place]
        sampled = Sampled(prompt, (answer,), (None if found is None else found.id,))
        reward = group(task, sampled, worth).answers[0].reward
        if reward is None or self._thinking is None:
            return reward
        return reward - PENALTY_PER_TOKEN * self._thinking(answer.tokens)


def _text(answer: Any) -> str:
    """A plain answer, or a chat of one turn."""
    return answer if isinstance(answer, str) else str(answer[0]["content"])


def _program(answer: Completion, prompt: Prompt) -> Program | None:
    """The program in an answer, wrapped for its prompt's view; which pairs that showed is no part of it."""
    try:
        return program(answer, views.ordered(prompt.view, ()))
    except ExtractError:
        return None
