"""Write docs/dsl.md from the registry, so that the page cannot drift from the code (a test compares the two).

python scripts/make_dsl_docs.py
"""

from pathlib import Path

from arc_submit.dsl.registry import CONSTANTS, FAMILIES, PRIMITIVES

TARGET = Path(__file__).parents[1] / "docs" / "dsl.md"
HEAD = """# The DSL

{primitives} primitives and {constants} constants, importable inside programs as `arc_dsl`, `dsl` and `constants`.
A grid is a tuple of rows, an object a frozenset of cells `(colour, (row, column))`, indices a frozenset of places.
Nothing is ever changed in place. This page is made from the registry by `scripts/make_dsl_docs.py`.
"""


def page() -> str:
    """Return the page's text."""
    parts = [HEAD.format(primitives=len(PRIMITIVES), constants=len(CONSTANTS))]
    for family in FAMILIES:
        parts.append(f"\n## {family.capitalize()}\n\n")
        members = [primitive for primitive in PRIMITIVES.values() if primitive.family == family]
        parts += [f"- `{member.signature}`: {' '.join(member.doc.split())}\n" for member in members]
    parts.append("\n## Constants\n\n")
    parts.append(", ".join(f"`{name}` = {value}" for name, value in CONSTANTS.items()) + "\n")
    return "".join(parts)


if __name__ == "__main__":
    TARGET.write_text(page(), "utf-8")
    print(f'{{"page": "docs/{TARGET.name}", "primitives": {len(PRIMITIVES)}}}')
