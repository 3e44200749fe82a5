"""The chat style: prose for instruct models, one digit a token.

The order follows what the published kits converge on: the rules of the answer, then the task, then what was tried.
Numbers are bare rows of digits with a space between, sizes are stated, wrong cells are listed one by one while they are
few. The answer is one fenced block of Python.
"""

from collections.abc import Sequence

from arc_submit.config import PromptsConfig
from arc_submit.dsl.registry import PRIMITIVES
from arc_submit.prompts.facts import facts
from arc_submit.prompts.sections import Attempt, Section
from arc_submit.records import Grid, Message, Task
from arc_submit.symbolic.grammar import USES

VERSION = "chat-1"
MOST_CELLS = 24  # wrong cells listed one by one; more of them say less than the grid does

_ROLE = (
    "You write short Python programs for grid puzzles. A grid is a rectangle of colours, the digits 0 to 9, at most 30 "
    "cells a side. One rule turns every input into its output; the program must follow that rule on inputs it has not "
    "seen, so it never contains an output."
)
_ENTRY = {
    "transform": (
        "Define `transform(grid)`: it takes a two-dimensional numpy integer array and returns one. numpy and the pure "
        "standard library may be imported."
    ),
    "solve": (
        "Define `solve(I)`: it takes a tuple of tuples of integers and returns one. Begin with "
        "`from arc_dsl import *` and build the answer from its functions, one call per line."
    ),
}
_WISH = {
    "fresh": "Write the program.",
    "edit": "The program below is not right yet. Find what it misses and write the corrected program in full.",
    "crossover": (
        "Each program below gets something right. Write one program that joins what is good in both, in full."
    ),
    "restart": "The attempts below, from worse to better, all failed. Look for a different rule and write its program.",
}
_FORM = "Answer with one fenced Python block and nothing after it."


def sections(kind: str, task: Task, attempts: Sequence[Attempt], config: PromptsConfig) -> list[Section]:
    """Return the parts of a chat prompt, each with the rank in which it may go."""
    found: list[Section] = []
    if config.dialect == "solve" and config.primitives:
        found.append(Section("primitives", _primitives(config.primitives)))
    for index, pair in enumerate(task.train):
        text = f"Demonstration {index + 1}\ninput {_sized(pair.input)}\noutput {_sized(pair.output)}\n\n"
        found.append(Section(f"demonstration {index + 1}", text, index - len(task.train) - 2))
    for index, grid in enumerate(task.test):
        found.append(Section(f"test input {index + 1}", f"Test input {index + 1} {_sized(grid)}\n\n", 1))
    if config.facts:
        found.append(Section("facts", f"True of every demonstration: {', '.join(facts(task.train))}.\n\n"))
    for number, attempt in enumerate(attempts, start=1):
        found.extend(_attempt(number, task, attempt, len(attempts) > 1))
    found.append(Section("wish", f"{_WISH[kind]} {_FORM}"))
    return found


def messages(kind: str, text: str, config: PromptsConfig) -> tuple[Message, ...]:
    """Return the chat of a prompt: what is asked of every answer, then this task."""
    return Message("system", f"{_ROLE} {_ENTRY[config.dialect]}"), Message("user", text)


def answer(source: str) -> str:
    """Return the text that a model is taught to answer with."""
    return f"```python\n{source.strip()}\n```"


def _attempt(number: int, task: Task, attempt: Attempt, several: bool) -> list[Section]:
    title = f"Program {number}" if several else "Program"
    found = [Section("code", f"{title}\n```python\n{attempt.source.strip()}\n```\n")]
    for index, (pair, made, solved) in enumerate(zip(task.train, attempt.outputs, attempt.solved, strict=True)):
        where = f"Demonstration {index + 1}"
        if solved:
            found.append(Section("verdict", f"{where}: right.\n"))
        elif made is None:
            found.append(Section("verdict", f"{where}: it failed and gave no grid.\n"))
        else:
            found.append(Section("verdict", f"{where}: wrong{_difference(made, pair.output)}.\n"))
            cells = _cells(made, pair.output)
            if cells:
                found.append(Section(f"cell diff {index + 1}", cells, 3))
            found.append(Section(f"wrong output {index + 1}", f"It made {_sized(made)}\n", 2))
    found.append(Section("end", "\n"))
    return found


def _difference(made: Grid, wanted: Grid) -> str:
    if (len(made), len(made[0])) != (len(wanted), len(wanted[0])):
        return f", {len(made)} by {len(made[0])} instead of {len(wanted)} by {len(wanted[0])}"
    return f" in {len(_wrong(made, wanted))} of {len(made) * len(made[0])} cells"


def _cells(made: Grid, wanted: Grid) -> str:
    """Wrong cells as `row,column: made -> wanted`; empty when they are many or the shapes differ."""
    if (len(made), len(made[0])) != (len(wanted), len(wanted[0])):
        return ""
    wrong = _wrong(made, wanted)
    if len(wrong) > MOST_CELLS:
        return ""
    return "Wrong cells: " + "; ".join(f"{i},{j}: {made[i][j]} -> {wanted[i][j]}" for i, j in wrong) + "\n"


def _wrong(made: Grid, wanted: Grid) -> list[tuple[int, int]]:
    return [(i, j) for i, row in enumerate(wanted) for j, cell in enumerate(row) if made[i][j] != cell]


def _sized(grid: Grid) -> str:
    rows = "\n".join(" ".join(map(str, row)) for row in grid)
    return f"{len(grid)} by {len(grid[0])}\n{rows}"


def _primitives(count: int) -> str:
    listed = [
        f"{name}({', '.join(f'{parameter}: {kind}' for parameter, kind in entry.parameters)}) -> {entry.returns}"
        for name, entry in sorted(PRIMITIVES.items(), key=lambda item: -USES.get(item[0], 0))[:count]
    ]
    return "Some functions of arc_dsl:\n" + "\n".join(listed) + "\n\n"
