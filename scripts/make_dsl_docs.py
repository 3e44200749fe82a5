"""Write docs/dsl.md and docs/dsl-extensions.md from the registries: a test sees that they do not drift from the code.

python scripts/make_dsl_docs.py
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from arc_submit.dsl.extensions import registry as extensions
from arc_submit.dsl.registry import CONSTANTS, FAMILIES, PRIMITIVES, Primitive

DOCS = Path(__file__).parents[1] / "docs"
HEAD = """# The DSL

{primitives} primitives and {constants} constants, importable inside programs as `arc_dsl`, `dsl` and `constants`.
A grid is a tuple of rows, an object a frozenset of cells `(colour, (row, column))`, indices a frozenset of places.
Nothing is ever changed in place. What the kit adds to them is in [dsl-extensions.md](dsl-extensions.md).
This page is made from the registry by `scripts/make_dsl_docs.py`.
"""
EXTENSIONS_HEAD = """# Extensions of the DSL

{count} functions of our own beside the [{primitives} primitives](dsl.md), importable inside programs as `arc_ext`.
A layer is a grid with a place, `(cells, (row, column))`, in which colour 0 is see-through; layers are a tuple of them.
`layer(I)` makes a layer of a grid, `cells(x)` a grid of a layer. A function without an answer raises ValueError.
This page is made from the registry by `scripts/make_dsl_docs.py`.
"""


def page() -> str:
    """Return the page's text."""
    parts = [HEAD.format(primitives=len(PRIMITIVES), constants=len(CONSTANTS))]
    parts += _families(FAMILIES, PRIMITIVES)
    parts.append("\n## Constants\n\n")
    parts.append(", ".join(f"`{name}` = {value}" for name, value in CONSTANTS.items()) + "\n")
    return "".join(parts)


def extensions_page() -> str:
    """Return the text of the page of extensions."""
    found = extensions.EXTENSIONS
    families = dict.fromkeys(member.family for member in found.values())
    head = EXTENSIONS_HEAD.format(count=len(found), primitives=len(PRIMITIVES))
    return "".join([head, *_families(list(families), found)])


def _families(names: Sequence[str], members: Mapping[str, Primitive]) -> list[str]:
    parts = []
    for family in names:
        parts.append(f"\n## {family.replace('_', ' ').capitalize()}\n\n")
        own = [member for member in members.values() if member.family == family]
        parts += [f"- `{member.signature}`: {' '.join(member.doc.split())}\n" for member in own]
    return parts


if __name__ == "__main__":
    (DOCS / "dsl.md").write_text(page(), "utf-8")
    (DOCS / "dsl-extensions.md").write_text(extensions_page(), "utf-8")
    print(f'{{"pages": 2, "primitives": {len(PRIMITIVES)}, "extensions": {len(extensions.EXTENSIONS)}}}')
