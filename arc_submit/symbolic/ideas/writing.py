"""The text of programs, as ideas write them."""

from collections.abc import Iterable

from arc_submit.symbolic.expressions import EXTENDED_HEADER


def program(lines: Iterable[str]) -> str:
    """Return the program that answers O, which the last of its lines makes.

    >>> print(program(["x1 = trimmed(I)", "O = vmirror(x1)"]).partition("def")[2])
     solve(I):
        x1 = trimmed(I)
        O = vmirror(x1)
        return O
    <BLANKLINE>
    """
    body = "".join(f"    {line}\n" for line in lines)
    return f"{EXTENDED_HEADER}def solve(I):\n{body}    return O\n"
