"""Prompt and answer in the student's style: by the writer that asks it at test time, counted by its own tokenizer.

    chat       <think> what was thought </think>, then fenced, commented Python that imports the DSL
    compact    code alone, in the form that the small model knows: one call a line, no comments, names x1, x2, ... O

A prompt's budget (`prompts.tokens`) is counted as the solver counts it; what does not fit goes in the same order, so
that a model is tuned on the prompts that it will meet.
"""

import logging
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from arc_submit import views
from arc_submit.config import PromptsConfig
from arc_submit.errors import WeightsError
from arc_submit.prompts import Attempt, Writer, chat, compact
from arc_submit.records import Dialect, Message, Prompt, Task
from arc_submit.symbolic.program import parse, render
from training.dataset.cases import Case, Grids, Seen
from training.dataset.comments import without
from training.dataset.store import Turns, fingerprint

IMPORT = compact.IMPORT


class Student:
    """Who will read the examples: a style and a tokenizer."""

    def __init__(self, prompts: PromptsConfig, tokenizer: Any) -> None:
        self.prompts = prompts
        self._tokenizer = tokenizer
        self._writer = Writer(prompts)
        self.thinks = prompts.style == "chat"
        """Answers hold thoughts and comments."""
        self.dialect = Dialect.TRANSFORM if self.thinks and prompts.dialect == "transform" else Dialect.SOLVE
        """What it is asked for."""

    @property
    def version(self) -> str:
        """The writer's version."""
        return self._writer.version

    def prompt(self, case: Case, seen: Seen) -> Prompt:
        """Return the prompt of a case in a view.

        Raises:
            PromptError: it does not fit the budget.
        """
        task = case.exercise.task
        if case.parent is None or case.shown is None:
            return self._writer.fresh(task, seen.view)
        return self._writer.edit(task, self.attempt(case, seen), seen.view)

    def attempt(self, case: Case, seen: Seen) -> Attempt:
        """Return the parent as the view's prompt shows it: outputs turned, recoloured and in the view's order."""
        assert case.parent is not None
        parent, order = case.parent, seen.view.order or range(len(case.parent.outputs))
        outputs: Grids = tuple(grid and views.apply(seen.view, grid) for grid in parent.outputs)
        return Attempt(
            parent.program,
            self.code(seen.parent),
            tuple(outputs[place] for place in order),
            tuple(parent.solved[place] for place in order),
        )

    def edit(self, task: Task, parent: Attempt) -> Prompt:
        """Return the prompt that asks for a better version, the task as it stands.

        Raises:
            PromptError: it does not fit the budget.
        """
        return self._writer.edit(task, parent)

    def code(self, source: str) -> str:
        """Return a program as the student writes it."""
        return source.strip() + "\n" if self.thinks else plain(source)

    def answer(self, source: str, thinking: str) -> str:
        """Return what the student is taught to say. The thought may be empty, its tags stay."""
        if not self.thinks:
            return compact.answer(plain(source))
        if self.dialect is Dialect.SOLVE and IMPORT not in source:
            source = f"{IMPORT}\n\n\n{source.lstrip()}"
        thought = thinking.replace("<think>", "").replace("</think>", "").strip()
        return f"<think>\n{thought}\n</think>\n\n{chat.answer(source)}"

    def tokens(self, prompt: Sequence[Message], answer: str) -> int:
        """Return the tokens of prompt and answer, chat template and end token among them."""
        turns = [{"role": message.role, "content": message.content} for message in prompt]
        text = self._tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
        return self.count(text) + self.count(answer) + 1

    def count(self, text: str) -> int:
        """Return the tokens of a text."""
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])


@lru_cache(maxsize=4096)
def plain(source: str) -> str:
    """Return a program in the compact form: straight-line DSL normalised, anything else without its comments.

    >>> print(plain("def solve_ab12(I):\\n  # mirror\\n  return hmirror(vmirror(I))\\n"), end="")
    def solve(I):
        x1 = vmirror(I)
        O = hmirror(x1)
        return O
    """
    straight = parse(source)
    if straight is None:
        return compact.code(without(source))
    text = render(straight).replace(f"def {straight.entry}(", "def solve(", 1)
    return compact.code(text)


def turns(messages: Sequence[Message]) -> Turns:
    """Return messages as a dataset has them."""
    return [{"role": message.role, "content": message.content} for message in messages]


def said(answer: str) -> Turns:
    """Return an answer as a dataset has it."""
    return [{"role": "assistant", "content": answer}]


def tokenizer(model: Path) -> Any:
    """Return the tokenizer of a model folder.

    Raises:
        WeightsError: there is none, or it has no chat template.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    logging.getLogger("transformers").setLevel(logging.ERROR)
    from transformers import AutoTokenizer

    fingerprint(model)
    try:
        found = AutoTokenizer.from_pretrained(str(model), local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise WeightsError(f"{model}: its tokenizer cannot be read ({str(error).splitlines()[0]})") from None
    if not getattr(found, "chat_template", None):
        raise WeightsError(f"{model}: its tokenizer has no chat template, which every prompt goes through")
    found.model_max_length = 10**9  # counting is not running: no warning about long texts
    return found
