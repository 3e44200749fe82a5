"""From model text to a program, and what tells two programs apart.

`extract` finds the source in a completion, `dialect` its entry point, `normal` its identity (a hash of the normalised
AST), `behaviour` what it does (a hash of its outputs), `literals` whether it merely holds an answer.
Nothing here runs a program: that is the sandbox's work.
"""

from arc_submit.programs.behaviour import signature
from arc_submit.programs.dialect import find_entry
from arc_submit.programs.extract import extract, from_source
from arc_submit.programs.literals import holds_literal
from arc_submit.programs.normal import fingerprint

__all__ = ["extract", "find_entry", "fingerprint", "from_source", "holds_literal", "signature"]
