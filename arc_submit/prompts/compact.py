"""The compact style: bare facts, grids and code, without a sentence. What the model that ships was trained on.

    fresh                    edit                       cross                    restart
     same-shape back-0 ..     same-shape back-0 ..       same-shape ..            same-shape ..
    in                       code                       code                     code
    00300                    def solve(I): ..           def solve(I): ..         def solve(I): ..
    ..                        right-1 wrong-2            right-1 wrong-2          right-0 wrong-3
    out                      left                       code                     code
    ..                        few-changes to-3 ..       def solve(I): ..         ..
    test                     in, out, made ..            right-2 wrong-1
    ..

`left` are the facts between what the parent made and what was wanted: what is left to do. `made` is its wrong output.
"""

from collections.abc import Sequence

from arc_submit.config import PromptsConfig
from arc_submit.prompts.facts import facts
from arc_submit.prompts.sections import Attempt, Section
from arc_submit.records import Grid, Message, Pair, Task

VERSION = "compact-1"
KIND = {"fresh": "fresh", "edit": "edit", "crossover": "cross", "restart": "restart"}
VERDICTS = 9  # counts of pairs that have a word of their own
WORDS = (
    "fresh", "edit", "cross", "restart", "in", "out", "test", "code", "left", "made",
    *(f"right-{n}" for n in range(VERDICTS + 1)), *(f"wrong-{n}" for n in range(VERDICTS + 1)), "failed",
)  # fmt: skip
"""Words of the style beside the facts."""
IMPORT = "from arc_dsl import *"
EXTENDED_IMPORT = "from arc_ext import *\n"


def sections(kind: str, task: Task, attempts: Sequence[Attempt], config: PromptsConfig) -> list[Section]:
    """Return the parts of a compact prompt, each with the rank in which it may go (0: never, else highest first)."""
    found = [Section("kind", KIND[kind] + "\n")]
    if config.facts:
        found.append(Section("facts", _line(facts(task.train))))
    for attempt in attempts:
        found.append(Section("code", f"code\n{code(attempt.source)}{_line(verdict(attempt))}"))
        if kind == "edit" and config.facts:
            found.append(Section("facts of what is left", "left\n" + _line(facts(left(task, attempt)))))
    if not config.grids:
        return found
    shown = attempts[0] if kind == "edit" else None
    for index, pair in enumerate(task.train):
        rank = 2 + len(task.train) - index
        found.append(Section(f"demonstration {index + 1}", f"in\n{rows(pair.input)}out\n{rows(pair.output)}", -rank))
        made = shown.outputs[index] if shown and not shown.solved[index] else None
        if made is not None:
            found.append(Section(f"wrong output {index + 1}", f"made\n{rows(made)}", 2))
    for index, grid in enumerate(task.test):
        found.append(Section(f"test input {index + 1}", f"test\n{rows(grid)}", 1))
    return found


def messages(kind: str, text: str, config: PromptsConfig) -> tuple[Message, ...]:
    """Return the chat of a prompt: one turn."""
    return (Message("user", text),)


def left(task: Task, attempt: Attempt) -> list[Pair]:
    """Return the pairs (what the attempt made, what was wanted) of the demonstrations that it got wrong."""
    return [
        Pair(made, pair.output)
        for pair, made, solved in zip(task.train, attempt.outputs, attempt.solved, strict=True)
        if made is not None and not solved
    ]


def verdict(attempt: Attempt) -> list[str]:
    """Return how many demonstrations it got right and wrong, and whether it failed on one."""
    right = sum(attempt.solved)
    wrong = len(attempt.solved) - right
    words = [f"right-{min(right, VERDICTS)}", f"wrong-{min(wrong, VERDICTS)}"]
    return [*words, "failed"] if None in attempt.outputs else words


def rows(grid: Grid) -> str:
    """Return a grid as rows of digits.

    >>> rows(((0, 1), (2, 3)))
    '01\\n23\\n'
    """
    return "".join("".join(map(str, row)) + "\n" for row in grid)


def code(source: str) -> str:
    """Return a program without its import lines: every compact program shares the one, the judge knows the other."""
    return source.replace(IMPORT, "").replace(EXTENDED_IMPORT, "").strip() + "\n"


def answer(source: str) -> str:
    """Return the text that a model is taught to answer with."""
    return code(source)


def _line(words: Sequence[str]) -> str:
    return "".join(f" {word}" for word in words) + "\n"
