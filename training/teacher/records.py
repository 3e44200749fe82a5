"""What a teacher is asked and what comes back.

    Question -> (Teacher.ask) -> Replies -> (training.edits) -> Traces

A teacher knows nothing of rewards: it is shown demonstrations, perhaps a program and what that made, and answers in
text. What is worth keeping is decided by running its programs.
"""

from dataclasses import dataclass
from typing import Protocol

from arc_submit.prompts import Attempt
from arc_submit.records import Prompt, Task


@dataclass(frozen=True, slots=True)
class Question:
    """One prompt, and how often it is to be answered."""

    prompt: Prompt
    """As it is sent. No answer program and no test output is in it."""
    task: Task
    """What the prompt is about."""
    attempts: tuple[Attempt, ...]
    """The programs shown; empty for a fresh prompt."""
    n: int
    """Answers asked for, 1 or more."""
    seed: int
    """A function of (run's seed, task, round, place): the same question is the same request, paid once."""
    hint: str = ""
    """Name of the hint that the prompt holds; empty: none."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    text: str
    """What was said, a `<think>` section perhaps among it; never None, maybe empty."""
    thinking: str = ""
    """Reasoning that the server gave apart from the text."""
    finish: str = "stop"
    """`stop`, or `length` where it was cut."""
    tokens: int = 0
    """Completion tokens, the thinking among them; the server's count, else an estimate."""
    request: str = ""
    """Id of the request in the archive."""


class Teacher(Protocol):
    """Answers questions; many may be under way at once."""

    name: str
    """For the traces, e.g. `symbolic` or `deepseek/deepseek-chat`."""

    async def ask(self, question: Question) -> list[Reply]:
        """Return the answers to a question: n of them, fewer where it has no more to say, none where it gave up.

        Raises:
            BudgetUsedUp: nothing further may be bought; what was answered before stays.
            EngineError: the teacher cannot go on at all (refused key, server gone for good).
        """
        ...

    async def close(self) -> None:
        """Give back connections and processes."""
        ...
