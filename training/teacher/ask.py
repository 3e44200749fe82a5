"""What a teacher is asked: the task as the kit's one writer puts it, after a preface for strangers.

    system   the writer's own rules; the DSL's functions, the most used first as far as the tokens reach; what is wanted
             of an answer; a few worked examples
    user     perhaps what a person says of the task; then the task, or the edit, unchanged from `arc_submit.prompts`

The system part is the same for nearly all questions, so servers that remember prefixes read it once. A model of our
own is asked in the style that it was trained on (`compact`), with not one character added.

Nothing that a teacher is to find out may stand in a prompt: `leak` looks for test outputs and for the program behind a
generated task, and no question leaves this file without it. A hint that holds a test output is left out and counted.

The text is versioned: VERSION changes whenever a character of it does, and a test pins it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from arc_submit.config import PromptsConfig
from arc_submit.dsl.registry import CONSTANTS, PRIMITIVES
from arc_submit.errors import ArcSubmitError, ConfigError
from arc_submit.prompts import Attempt, Writer
from arc_submit.prompts.sections import estimate
from arc_submit.records import Message, Prompt
from arc_submit.symbolic.grammar import USES
from training.exercises import Exercise
from training.guard import form
from training.teacher.examples import Example, examples, identity
from training.teacher.grids import leftovers
from training.teacher.hints import Hint
from training.teacher.records import Question

VERSION = "teacher-1"
_FENCE = "```"

_WANTED = (
    "Before the block, think aloud in two to five short sentences between <think> and </think>: what the "
    "demonstrations show, what the rule is, and how the program follows it; of a program that is not right yet, what "
    "it misses and what you change. Speak of nothing but what you are shown. In the block, put a short comment behind "
    "each step. No output grid may stand in the program."
)
_HINTED = (
    "A person who looked at this task says: {text}\n"
    "Check it against the demonstrations, and do not mention it: the reader of your answer does not have it.\n\n"
)


class LeakyPromptError(ArcSubmitError, RuntimeError):
    """A prompt holds what its teacher is to find out: a bug of ours, and the question is not sent."""


@dataclass(frozen=True, slots=True)
class AskSettings:
    """How a teacher is asked.

    Raises:
        ConfigError: the compact style asks for DSL programs and for nothing else.
    """

    style: Literal["chat", "compact"] = "chat"
    dialect: Literal["solve", "transform"] = "solve"
    """DSL, or numpy."""
    tokens: int = 16_000
    """Estimated tokens that the task's part may have; above it grids go first, then demonstrations."""
    docs: int = 7_000
    """Estimated tokens for the DSL's functions: all 160 have some 6,100; those that do not fit are left out."""
    examples: int = 3
    """Worked examples, 0 or more."""

    def __post_init__(self) -> None:
        if self.style == "compact" and self.dialect != "solve":
            raise ConfigError("the compact style has no words for numpy programs; use the chat style for them")


class Asker:
    """Makes questions of exercises. `count` counts tokens; by default it is an estimate from above."""

    def __init__(self, settings: AskSettings = AskSettings(), count: Callable[[str], int] = estimate) -> None:
        self._settings = settings
        config = PromptsConfig(style=settings.style, dialect=settings.dialect, tokens=settings.tokens)
        self._writer = Writer(config, count)
        self.refused: Counter[str] = Counter()
        """Hints that were left out, by reason."""

    @property
    def version(self) -> str:
        """Of the whole text, e.g. `teacher-1+chat-1`."""
        own = self._settings.style == "compact"
        return self._writer.version if own else f"{VERSION}+{self._writer.version}"

    def fresh(self, exercise: Exercise, n: int, seed: int, hint: Hint | None = None) -> Question:
        """Return the question for a program from the demonstrations alone.

        Raises:
            PromptError: it does not fit into the tokens.
            LeakyPromptError: see `leak`.
        """
        return self._question(exercise, self._writer.fresh(exercise.task), (), n, seed, hint)

    def edit(self, exercise: Exercise, parent: Attempt, n: int, seed: int, hint: Hint | None = None) -> Question:
        """Return the question for a better version of a program; raises as `fresh` does."""
        return self._question(exercise, self._writer.edit(exercise.task, parent), (parent,), n, seed, hint)

    def _question(
        self, exercise: Exercise, prompt: Prompt, attempts: tuple[Attempt, ...], n: int, seed: int, hint: Hint | None
    ) -> Question:
        shown = self._examples(exercise)
        if hint is not None and self._settings.style == "compact":
            self.refused["the compact style has no words for hints"] += 1
            hint = None
        if hint is not None and leak(replace(prompt, messages=(Message("user", hint.text),)), exercise, attempts, ()):
            self.refused["the hint holds a test output"] += 1
            hint = None
        if self._settings.style == "chat":
            prompt = self._prefaced(prompt, shown, hint)
        reason = leak(prompt, exercise, attempts, shown)
        if reason:
            raise LeakyPromptError(f"task {exercise.task.id}: {reason} stands in a {prompt.kind} prompt")
        return Question(prompt, exercise.task, attempts, n, seed, hint.name if hint is not None else "")

    def _examples(self, exercise: Exercise) -> list[Example]:
        """The first examples that share no pair with the task, under any view, and have another program."""
        if self._settings.style != "chat":
            return []
        task = exercise.task
        pairs = [(pair.input, pair.output) for pair in task.train]
        pairs += list(zip(task.test, exercise.answers, strict=False))
        forms = {form(*pair) for pair in pairs}
        own = identity(exercise.program)
        free = [one for one in examples(self._settings.dialect) if not one.forms & forms and own not in one.programs]
        return free[: self._settings.examples]

    def _prefaced(self, prompt: Prompt, shown: Sequence[Example], hint: Hint | None) -> Prompt:
        system, user = prompt.messages
        parts = [system.content, _WANTED]
        if self._settings.dialect == "solve":
            parts.append(_dsl(self._settings.docs))
        parts += [f"Example {number}\n\n{one.text}" for number, one in enumerate(shown, start=1)]
        told = _HINTED.format(text=hint.text) if hint is not None else ""
        return replace(
            prompt,
            messages=(Message("system", "\n\n".join(parts)), Message("user", told + user.content)),
            version=self.version,
        )


@cache
def _dsl(budget: int) -> str:
    """Signatures and docs of the functions, the most used first where not all fit; then the constants."""
    names = sorted(PRIMITIVES, key=lambda name: -USES.get(name, 0))
    kept: list[str] = []
    left = budget
    for name in names:
        cost = estimate(_entry(name))
        if cost <= left:
            kept.append(name)
            left -= cost
    if not kept:
        return ""
    chosen = set(kept)
    head = "The functions of arc_dsl" if len(kept) == len(PRIMITIVES) else "Some functions of arc_dsl"
    listed = "".join(_entry(name) for name in PRIMITIVES if name in chosen)
    constants = ", ".join(f"{name}={value}" for name, value in CONSTANTS.items())
    return f"{head}:\n{listed}\nConstants: {constants}"


def _entry(name: str) -> str:
    return f"{PRIMITIVES[name].signature}: {PRIMITIVES[name].doc}\n"


# What may not stand in a prompt. -------------------------------------------------------------------------------------


def leak(prompt: Prompt, exercise: Exercise, attempts: Sequence[Attempt], shown: Sequence[Example]) -> str:
    """Return what a prompt gives away, empty for nothing: a test output, or the program behind the task.

    Grids of the task, of the attempts and of the examples are there by right, and so is a program that was tried.
    """
    text = "\n".join(message.content for message in prompt.messages)
    task = exercise.task
    known = [grid for pair in task.train for grid in (pair.input, pair.output)] + list(task.test)
    known += [grid for attempt in attempts for grid in attempt.outputs if grid is not None]
    known += [grid for example in shown for grid in example.grids]
    if leftovers(text, exercise.answers, known):
        return "a test output"
    own = identity(exercise.program)
    if own and own not in {identity(attempt.source) for attempt in attempts}:
        if _squeezed(exercise.program) in _squeezed(text):
            return "the program behind the task"
        if any(identity(block.removeprefix("python")) == own for block in text.split(_FENCE) if "def " in block):
            return "the program behind the task"
    return ""


def _squeezed(text: str) -> str:
    return "".join(text.split())
