"""The module names under which programs import the DSL.

    from arc_dsl import *        primitives, constants, types
    from dsl import *            primitives, types (programs written for the public DSL)
    from constants import *      constants
    from arc_types import *      types

The modules hold public names and nothing else, so `dsl.xyz` reaches no helper and no library. They exist only after
`install()`, which replaces whatever had these names before.
"""

from __future__ import annotations

import sys
from types import ModuleType

from arc_submit import dsl
from arc_submit.dsl import constants, types


def install() -> None:
    """Register `arc_dsl`, `dsl`, `constants` and `arc_types` in sys.modules."""
    every = frozenset(dsl.__all__)
    fixed = frozenset(name for name in vars(constants) if name in every)
    named = frozenset(types.__all__)
    for name, doc, names in (
        ("arc_dsl", "The grid DSL: primitives, constants and types.", every),
        ("dsl", "The grid DSL: primitives and types.", every - fixed),
        ("constants", "The named values of the grid DSL.", fixed),
        ("arc_types", "The types of the grid DSL.", named),
    ):
        sys.modules[name] = _module(name, doc, names)


def _module(name: str, doc: str, names: frozenset[str]) -> ModuleType:
    module = ModuleType(name, doc)
    public = tuple(sorted(names))
    vars(module).update({key: vars(dsl)[key] for key in public}, __all__=public)
    return module
