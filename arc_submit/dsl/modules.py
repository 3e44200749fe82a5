"""The module names under which programs import the DSL.

    from arc_dsl import *        primitives, constants, types
    from dsl import *            primitives, types (programs written for the public DSL)
    from constants import *      constants
    from arc_types import *      types
    from arc_ext import *        the extensions (`arc_submit.dsl.extensions`), which `arc_dsl` does not have

The modules hold public names and nothing else, so `dsl.xyz` reaches no helper and no library. They exist only after
`install()`, which replaces whatever had these names before.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from arc_submit import dsl
from arc_submit.dsl import constants, types


def install() -> None:
    """Register `arc_dsl`, `dsl`, `constants`, `arc_types` and `arc_ext` in sys.modules."""
    from arc_submit.dsl.extensions.registry import EXTENSIONS, function  # brings numpy, which the DSL does without

    every = frozenset(dsl.__all__)
    fixed = frozenset(name for name in vars(constants) if name in every)
    named = frozenset(types.__all__)
    for name, doc, names in (
        ("arc_dsl", "The grid DSL: primitives, constants and types.", every),
        ("dsl", "The grid DSL: primitives and types.", every - fixed),
        ("constants", "The named values of the grid DSL.", fixed),
        ("arc_types", "The types of the grid DSL.", named),
    ):
        sys.modules[name] = _module(name, doc, {key: vars(dsl)[key] for key in sorted(names)})
    functions = {name: function(extension) for name, extension in EXTENSIONS.items()}
    sys.modules["arc_ext"] = _module("arc_ext", "Extensions of the grid DSL.", functions)


def _module(name: str, doc: str, public: dict[str, Any]) -> ModuleType:
    module = ModuleType(name, doc)
    vars(module).update(public, __all__=tuple(public))
    return module
