"""Worked examples for the teacher's prompts: small tasks of our own generators, with an answer as we want it.

DSL programs are the generators', explained by `explain`; the numpy ones are written by hand below (a test runs them).
There are more than a prompt shows, so that one which is too like the task asked about gives way to the next
(`training.teacher.ask`). Everything is a function of this file, the generators and the prompt writer.
"""

import random
from dataclasses import dataclass
from functools import cache

from arc_submit.config import PromptsConfig
from arc_submit.errors import ExtractError
from arc_submit.programs import from_source
from arc_submit.prompts import Attempt, Writer
from arc_submit.records import Grid, Task
from training.data.examples import breaks
from training.guard import form
from training.tasks.item import Item, attempt
from training.tasks.registry import GENERATORS
from training.teacher import explain

SEED = "teacher"
DSL = (
    ("objects/crop_extreme", "fresh"), ("symmetry/unfold", "edit"), ("lines/rays", "fresh"),
    ("symmetry/complete", "edit"), ("scaling/cut_half", "fresh"),
)  # fmt: skip
NUMPY = (("symmetry/unfold", "fresh"), ("colours/replace_some", "edit"), ("scaling/cut_half", "fresh"))
TOKENS = 4000  # of one example's task; they are small


@dataclass(frozen=True, slots=True)
class Example:
    """A question and the answer to it."""

    kind: str
    """`fresh` or `edit`."""
    task: Task
    asked: str
    """The question as the writer puts it."""
    answer: str
    """`<think>` and code."""
    grids: tuple[Grid, ...]
    """All that are shown or are outputs."""
    forms: frozenset[bytes]
    """Content of its pairs (`training.guard.form`)."""
    programs: frozenset[str]
    """`records.Program.id` of the answer, of the program that made the task and of the parent."""

    @property
    def text(self) -> str:
        """Return both, as a prompt shows them."""
        return f"{self.asked}\n\nAnswer:\n{self.answer}"


@cache
def examples(dialect: str) -> tuple[Example, ...]:
    """Return the examples of a dialect (`solve` or `transform`), in the order in which they are to be shown."""
    return tuple(_example(name, kind, dialect) for name, kind in (DSL if dialect == "solve" else NUMPY))


def _example(name: str, kind: str, dialect: str) -> Example:
    item = attempt(GENERATORS[name], random.Random(f"{SEED}/{name}"), f"{SEED}/{name}", name)
    writer = Writer(PromptsConfig(style="chat", dialect="solve" if dialect == "solve" else "transform", tokens=TOKENS))
    parent = _parent(item, name, dialect) if kind == "edit" else None
    prompt = writer.fresh(item.task) if parent is None else writer.edit(item.task, parent)
    if dialect == "transform":
        answer = _NUMPY[name]
    elif parent is None:
        answer = explain.fresh(item.task, item.source, 0).text
    else:
        answer = explain.edit(item.task, parent, item.source, 0).text
    pairs = [(pair.input, pair.output) for pair in item.task.train] + [(item.task.test[0], item.test)]
    made = [grid for grid in parent.outputs if grid is not None] if parent is not None else []
    sources = [item.source, answer.split("```python\n")[1].rstrip("`\n"), *([parent.source] if parent else [])]
    return Example(
        kind=kind,
        task=item.task,
        asked=prompt.messages[-1].content,
        answer=answer,
        grids=(*(grid for pair in pairs for grid in pair), *made),
        forms=frozenset(form(*pair) for pair in pairs),
        programs=frozenset(filter(None, map(identity, sources))),
    )


def identity(source: str) -> str:
    """Return `records.Program.id` of a source, empty where there is none."""
    try:
        return from_source(source, "").id
    except ExtractError:
        return ""


def _parent(item: Item, name: str, dialect: str) -> Attempt:
    """A program that is not right yet."""
    if dialect == "transform":
        outputs = tuple(_swapped(pair.input) for pair in item.task.train)
        solved = tuple(made == pair.output for made, pair in zip(outputs, item.task.train, strict=True))
        return Attempt(name, _PARENT, outputs, solved)
    (broken,) = breaks(item, random.Random(f"{SEED}/{name}/broken"), 1)
    return broken


# By hand. ------------------------------------------------------------------------------------------------------------

_NUMPY = {
    "symmetry/unfold": """<think>
Every output is twice as high and twice as wide. Its upper left quarter is the input, the right half mirrors the left \
one, the lower half mirrors the upper one. So: join the grid with its mirror image, then join that with its image \
turned upside down.
</think>

```python
import numpy as np


def transform(grid):
    wide = np.hstack([grid, grid[:, ::-1]])  # the mirror image beside it
    return np.vstack([wide, wide[::-1]])  # the upside-down image below
```""",
    "colours/replace_some": """<think>
No pair is right yet: the program changes 0 to 6 and leaves everything else. The cells still wrong are those that had \
colour 2 or 8. In every demonstration 2 becomes 1 and 8 becomes 9, so I add these two changes.
</think>

```python
import numpy as np


def transform(grid):
    out = grid.copy()
    for old, new in ((0, 6), (2, 1), (8, 9)):  # each colour becomes another
        out[grid == old] = new  # by the input, so that no change follows another
    return out
```""",
    "scaling/cut_half": """<think>
Every output is half as wide as its input. It holds the left half, but turned around: what was in the upper left \
corner is in the lower right one. So: cut the left half, then turn it by half a turn.
</think>

```python
import numpy as np


def transform(grid):
    left = grid[:, : grid.shape[1] // 2]  # the left half
    return np.rot90(left, 2)  # turned by half a turn
```""",
}
_PARENT = """def transform(grid):
    out = grid.copy()
    out[grid == 0] = 6
    return out
"""


def _swapped(grid: Grid) -> Grid:
    """What _PARENT makes."""
    return tuple(tuple(6 if cell == 0 else cell for cell in row) for row in grid)
