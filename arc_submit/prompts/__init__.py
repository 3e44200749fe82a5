"""Task and view in, prompt out: the one writer for sampling, edits, fine-tuning and reinforcement learning.

    fresh      demonstrations and test inputs
    edit       a parent's code, what it got right, what is left, what it made instead
    crossover  two parents, what each got right
    restart    earlier attempts in improving order, and the wish for something else

A model tuned on one text does badly on another, so the text is versioned and pinned by tests: `Prompt.version` changes
whenever a character does.
"""

from arc_submit.prompts.facts import facts
from arc_submit.prompts.sections import Attempt
from arc_submit.prompts.writer import KINDS, Writer

__all__ = ["KINDS", "Attempt", "Writer", "facts"]
