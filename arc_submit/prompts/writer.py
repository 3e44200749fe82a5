"""Writes prompts in the configured style and within the token budget."""

from collections.abc import Callable, Sequence
from types import ModuleType

from arc_submit import views
from arc_submit.config import PromptsConfig
from arc_submit.errors import PromptError
from arc_submit.prompts import chat, compact
from arc_submit.prompts.sections import Attempt, estimate, fit
from arc_submit.records import Prompt, Task, View

KINDS = ("fresh", "edit", "crossover", "restart")
STYLES: dict[str, ModuleType] = {"compact": compact, "chat": chat}


class Writer:
    """One style, one budget.

    Attempts are shown as they are: code and outputs must belong to the view they are shown in.
    """

    def __init__(self, config: PromptsConfig, count: Callable[[str], int] = estimate) -> None:
        self._config = config
        self._count = count

    @property
    def version(self) -> str:
        """The writer's version, e.g. `compact-1`."""
        return str(STYLES[self._config.style].VERSION)

    def fresh(self, task: Task, view: View | None = None) -> Prompt:
        """Return the prompt that asks for a program from the demonstrations alone."""
        return self._write("fresh", task, view, ())

    def edit(self, task: Task, parent: Attempt, view: View | None = None) -> Prompt:
        """Return the prompt that asks for a better version of one program."""
        return self._write("edit", task, view, (parent,))

    def crossover(self, task: Task, first: Attempt, second: Attempt, view: View | None = None) -> Prompt:
        """Return the prompt that asks for a child of two programs."""
        return self._write("crossover", task, view, (first, second))

    def restart(self, task: Task, attempts: Sequence[Attempt], view: View | None = None) -> Prompt:
        """Return the prompt that shows attempts, worst first, and asks for another idea. They are no parents."""
        shown = sorted(attempts, key=lambda attempt: sum(attempt.solved))[-self._config.attempts :]
        return self._write("restart", task, view, shown if self._config.attempts else ())

    def _write(self, kind: str, task: Task, view: View | None, attempts: Sequence[Attempt]) -> Prompt:
        seen = task if view is None else views.apply_task(view, task)
        style = STYLES[self._config.style]
        parts = style.sections(kind, seen, attempts, self._config)
        kept, dropped, tokens = fit(parts, self._config.tokens, self._count)
        if tokens > self._config.tokens:
            raise PromptError(
                f"task {task.id}: a {kind} prompt needs {tokens} tokens without its grids; "
                f"prompts.tokens={self._config.tokens} is too small for it"
            )
        return Prompt(
            task_id=task.id,
            kind=kind,
            messages=style.messages(kind, "".join(part.text for part in kept), self._config),
            view=view or View(),
            parents=() if kind == "restart" else tuple(attempt.id for attempt in attempts),
            version=self.version,
            dropped=dropped,
        )
