"""Our own explanation of a DSL program, and of an edit: a few sentences before the code, a comment behind each line.

    fresh(task, source, seed)            what the demonstrations show, and the steps
    edit(task, parent, source, seed)     what the parent gets wrong, what is changed, what that does

Everything said is read off the demonstrations (`arc_submit.prompts.facts`), off what the parent made of them, and off
the primitives' words (`phrases`). The words vary with (seed, task, program) and with nothing else. Programs that are
not one call per line stay without comments and get a shorter thinking. Left out: why a rule is so, anything on tests.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from arc_submit.errors import ExtractError
from arc_submit.programs import from_source
from arc_submit.prompts import Attempt, facts
from arc_submit.prompts.compact import left
from arc_submit.records import Grid, Task
from arc_submit.symbolic.expressions import HEADER
from arc_submit.symbolic.program import FUNCTION_MAKERS, Line, Straight, parse, render, used
from training.teacher.phrases import PHRASES, step
from training.teacher.sayings import said

TOLD = 5  # steps of a plan that are told; of a longer program the last ones
CHANGES = 3  # changes that are told one by one; where there are more, the new plan is
BLOCK = 3  # steps of one change that are told; of a longer one the last ones
_SEEN = ("I see that", "In every demonstration,", "Looking at the pairs,", "Common to all pairs:")
_PLAN = ("So:", "The rule:", "My plan:", "Then")
_WRONG = ("It misses", "The program misses", "What is wrong:", "So far it misses")


@dataclass(frozen=True, slots=True)
class Explained:
    """A program with our explanation."""

    thinking: str
    """Without tags."""
    code: str
    """With its import and, where it is straight-line, a comment behind each line."""

    @property
    def text(self) -> str:
        """Return the answer as a teacher gives it."""
        return f"<think>\n{self.thinking}\n</think>\n\n```python\n{self.code.strip()}\n```"


def fresh(task: Task, source: str, seed: int) -> Explained:
    """Return the explanation of a program that is an answer to a task."""
    rng = _rng(seed, task, source)
    straight = parse(source)
    seen = _seen(said(facts(task.train), rng.choice((1, 2, 2, 3)), rng), rng)
    plan = _sentence(rng.choice(_PLAN), _steps(straight)) if straight is not None else ""
    return Explained(_joined(seen, plan) or "The rule is in the code.", commented(source))


def edit(task: Task, parent: Attempt, source: str, seed: int) -> Explained:
    """Return the explanation of a program as a better version of its parent."""
    rng = _rng(seed, task, source)
    old, new = parse(parent.source), parse(source)
    missing = _seen(said(facts(left(task, parent)), rng.choice((1, 1, 2)), rng), rng, tuple(_LEFT))
    changes = _changes(old, new, rng) if old is not None and new is not None else "I write it anew."
    return Explained(_joined(_verdict(task, parent, rng), missing, changes), commented(source))


def commented(source: str) -> str:
    """Return the program with its import and a comment behind each line; as it is where it is not straight-line."""
    straight = parse(source)
    if straight is None:
        return source if "arc_dsl" in source else HEADER + source
    lines = used(straight)
    nouns = _nouns(lines)
    body = render(straight).splitlines()
    first = next(number for number, text in enumerate(body) if text.startswith("def ")) + 1
    for number, line in enumerate(lines):
        body[first + number] += f"  # {step(line, nouns)}"
    return "\n".join(body) + "\n"


def _rng(seed: int, task: Task, source: str) -> random.Random:
    try:
        identity = from_source(source, "").id
    except ExtractError:
        identity = source
    return random.Random(f"{seed}/{task.id}/{identity}/explain")


# What is seen. -------------------------------------------------------------------------------------------------------

_LEFT = ("Between what it makes and what is wanted,", "Still to do:", "In the wrong pairs,")


def _seen(told: Sequence[str], rng: random.Random, openings: tuple[str, ...] = _SEEN) -> str:
    if not told:
        return ""
    return _sentence(rng.choice(openings), _listed(told))


def _verdict(task: Task, parent: Attempt, rng: random.Random) -> str:
    """How many pairs are right, and the first that is not."""
    right, count = sum(parent.solved), len(parent.solved)
    head = "No pair is right yet" if not right else f"{right} of {count} pairs are right"
    wrong = next((index for index, solved in enumerate(parent.solved) if not solved), None)
    if wrong is None:
        return f"{head}."
    return f"{head}; {_difference(wrong, parent.outputs[wrong], task.train[wrong].output, rng)}."


def _difference(index: int, made: Grid | None, wanted: Grid, rng: random.Random) -> str:
    where = f"in demonstration {index + 1}"
    if made is None:
        return f"{where} it fails"
    if (len(made), len(made[0])) != (len(wanted), len(wanted[0])):
        return f"{where} it makes {len(made)} by {len(made[0])} where {len(wanted)} by {len(wanted[0])} is wanted"
    pairs = Counter(
        (cell, want)
        for row, wanted_row in zip(made, wanted, strict=True)
        for cell, want in zip(row, wanted_row, strict=True)
        if cell != want
    )
    (cell, want), most = min(pairs.items(), key=lambda item: (-item[1], item[0]))
    amount = f"{pairs.total()} of {len(made) * len(made[0])} cells are wrong"
    detail = rng.choice((f"{cell} stands where {want} belongs", f"{want} is wanted where it has {cell}"))
    return f"{where} {amount}, {'mostly ' if most < pairs.total() else ''}{detail}"


# What is done. -------------------------------------------------------------------------------------------------------


def _steps(straight: Straight) -> str:
    lines = used(straight)
    nouns = _nouns(lines)
    if not lines:
        return "keep the input as it is"
    told = [line for line in lines if line.callee not in FUNCTION_MAKERS] or lines
    return _listed([step(line, nouns) for line in told[-TOLD:]], ", then ")


def _changes(old: Straight, new: Straight, rng: random.Random) -> str:
    """Which lines go, change or come, in words."""
    before, after = used(old), used(new)
    nouns_before, nouns_after = _nouns(before), _nouns(after)
    texts = [[step(line, nouns) for line in lines] for lines, nouns in ((before, nouns_before), (after, nouns_after))]
    told: list[str] = []
    for tag, i, j, k, m in SequenceMatcher(None, texts[0], texts[1], autojunk=False).get_opcodes():
        if tag == "replace" and j - i == m - k:
            told += [
                _instead(one, other, texts[0][i + n], texts[1][k + n])
                for n, (one, other) in enumerate(zip(before[i:j], after[k:m], strict=True))
                if not told or not _alike(one, other, old, new)
            ]
        elif tag in ("replace", "insert"):
            names = _listed([line.callee for line in before[i:j]]) if j - i <= BLOCK else "what stands there"
            told.append(_listed(texts[1][k:m][-BLOCK:], ", then ") + (f" instead of {names}" if j > i else ""))
        elif tag == "delete":
            names = _listed(texts[0][i:j], " and ") if j - i == 1 else ""
            told.append(f"leave out the step that would {names}" if names else f"leave out {j - i} steps")
    if not told:
        return "The steps stay, in another order."
    if len(told) > CHANGES:
        return _sentence("Most of it has to change:", _steps(new))
    return _sentence(rng.choice(("I have to", "The change:", "To mend that,")), _listed(told, "; "))


def _alike(one: Line, other: Line, old: Straight, new: Straight) -> bool:
    """Whether two lines differ in nothing but what was computed before."""
    variables = {*old.names(), *new.names()}
    constants = [[text for text in line.arguments if text not in variables] for line in (one, other)]
    return one.callee == other.callee and constants[0] == constants[1] and len(one.arguments) == len(other.arguments)


def _instead(old: Line, new: Line, before: str, after: str) -> str:
    if old.callee != new.callee and old.arguments == new.arguments:
        return f"use {new.callee} instead of {old.callee}: {after}"
    if old.callee == new.callee:
        return f"{after} (before: {before})"
    return f"{after} instead of {old.callee}"


def _nouns(lines: Sequence[Line]) -> Mapping[str, str]:
    """A word for each variable; with its name in the rendered program where a word stands for several."""
    plain = {line.name: PHRASES[line.callee][1] if line.callee in PHRASES else "the result" for line in lines}
    several = {noun for noun, count in Counter(plain.values()).items() if count > 1}
    names = {line.name: "O" if line is lines[-1] else f"x{number}" for number, line in enumerate(lines, start=1)}
    return {name: f"{noun} {names[name]}" if noun in several else noun for name, noun in plain.items()}


# Sentences. ----------------------------------------------------------------------------------------------------------


def _listed(parts: Sequence[str], last: str = " and ") -> str:
    """Join parts: commas between all but the last two, unless `last` brings its own."""
    if last != " and " or len(parts) < 3:
        return last.join(parts)
    return ", ".join(parts[:-1]) + last + parts[-1]


def _sentence(opening: str, rest: str) -> str:
    return f"{opening} {rest}."


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))
