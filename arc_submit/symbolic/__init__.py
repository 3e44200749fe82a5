"""Programs without a language model: enumerated bottom-up, mutated, crossed.

    config -> values -> guards, expressions -> grammar -> terminals, sharing, bank
           -> outputs, steps -> canvases, tables, parts, choices -> goals, openings, reports -> enumerate
    context -> program -> mutate, crossover

`Enumerator` proposes programs for a task, cheapest first; `mutate` and `crossover` edit the source of programs that
exist. The enumerator evaluates its own expressions in-process, with the kit's own DSL only; source that came from
elsewhere is never executed here. Left out: learning from solved tasks, probabilities fitted to programs.
"""

from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.context import Context
from arc_submit.symbolic.crossover import crossover
from arc_submit.symbolic.enumerate import Enumerator
from arc_submit.symbolic.mutate import mutate
from arc_submit.symbolic.reports import Found

__all__ = ["Context", "Enumerator", "Found", "SymbolicConfig", "crossover", "mutate"]
