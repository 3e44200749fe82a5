"""Items to training examples: prompts from the kit's own writer, answers in the style's form.

    fresh     the item's task -> its program
    edit      a broken version of the program, what it made -> the program
    crossover two broken versions -> the program
    restart   broken versions in improving order -> the program

Fresh and edit examples are trained together: peers whose tuning saw only fresh ones lost the ability to edit. Broken
versions come from the kit's own symbolic mutation, so the edits that the model learns are the ones that it will meet.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from arc_submit.config import PromptsConfig
from arc_submit.errors import PromptError
from arc_submit.prompts import Attempt, Writer
from arc_submit.prompts.compact import answer, code
from arc_submit.records import Prompt
from arc_submit.symbolic import Context, mutate
from training.tasks.item import Item, Unfit, run

BREAKS = 3  # mutations on top of each other at most
TRIES = 4  # mutations drawn for one broken version


@dataclass(frozen=True, slots=True)
class Mix:
    """What share of the examples is what."""

    edit: float = 0.25
    crossover: float = 0.04
    restart: float = 0.03
    grids: float = 0.1
    """Share of the prompts that show grids; the others state facts and code alone."""
    grid_tokens: tuple[int, int] = (160, 420)
    """Token budget of a prompt with grids, drawn evenly."""


@dataclass(frozen=True, slots=True)
class Example:
    """One prompt and the answer to it, as text."""

    prompt: Prompt
    answer: str
    weight: float = 1.0


def examples(items: Sequence[Item], rng: random.Random, mix: Mix, count: Callable[[str], int]) -> Iterator[Example]:
    """Yield one example per item: fresh, or one of the edits where the item's program can be broken."""
    for item in items:
        prompt = _prompt(item, rng, mix, count)
        if prompt is not None:
            yield Example(prompt, answer(item.source))


def _prompt(item: Item, rng: random.Random, mix: Mix, count: Callable[[str], int]) -> Prompt | None:
    grids = rng.random() < mix.grids
    writer = Writer(PromptsConfig(grids=grids, tokens=rng.randint(*mix.grid_tokens) if grids else 640), count)
    draw = rng.random()
    try:
        if draw < mix.edit:
            broken = breaks(item, rng, 1)
            if broken:
                return writer.edit(item.task, broken[0])
        elif draw < mix.edit + mix.crossover:
            broken = breaks(item, rng, 2)
            if len(broken) == 2:
                return writer.crossover(item.task, broken[0], broken[1])
        elif draw < mix.edit + mix.crossover + mix.restart:
            broken = breaks(item, rng, rng.randint(1, 3))
            if broken:
                return writer.restart(item.task, broken)
        return writer.fresh(item.task)
    except PromptError:
        return None  # code too long for the budget that was drawn


def breaks(item: Item, rng: random.Random, wanted: int) -> list[Attempt]:
    """Return up to `wanted` mutants of the item's program that do something else, with what they make."""
    context = Context.from_task(item.task)
    found: dict[str, Attempt] = {}
    for _ in range(TRIES * wanted):
        source: str | None = item.source
        for _ in range(rng.randint(1, BREAKS)):
            source = mutate(source, rng, context) if source else None
        attempt = _attempt(code(source), item) if source else None
        if attempt is not None:
            found[attempt.id] = attempt
        if len(found) == wanted:
            break
    return list(found.values())


def _attempt(source: str, item: Item) -> Attempt | None:
    """The mutant as an attempt, None when it fails on a demonstration or is right on all of them."""
    try:
        outputs = run(source, [pair.input for pair in item.task.train])
    except Unfit:
        return None
    solved = tuple(made == pair.output for made, pair in zip(outputs, item.task.train, strict=True))
    return None if all(solved) else Attempt(source, source, outputs, solved)
