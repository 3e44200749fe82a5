"""Does what is said of a task still hold when it is seen in another view?

A view renames colours, turns grids and reorders demonstrations; thoughts, comments and docstrings stay as they were
said. Words that name what the view changes would be false. What cannot be told counts as named: a digit may be a colour
or a count.

Left out: names that a program gives its values; they are code, which was run.
"""

import ast
import io
import re
import tokenize
from functools import lru_cache

from arc_submit.records import COLOURS, View

_COLOUR_WORDS = (
    "black", "blue", "red", "green", "yellow", "grey|gray", "pink|magenta|fuchsia", "orange",
    "azure|cyan|teal|light blue", "maroon|brown|burgundy",
)  # fmt: skip
_NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_NAMED = tuple(
    re.compile(rf"(?<![0-9]){number}(?![0-9])|\b(?:{words}|{_NUMBER_WORDS[number]})s?\b", re.IGNORECASE)
    for number, words in enumerate(_COLOUR_WORDS)
)
_DIRECTION = re.compile(
    r"\b(?:up|down|left|right|top|bottom|upper|lower|above|below|horizontal\w*|vertical\w*|rows?|columns?|diagonal\w*"
    r"|north|south|east|west|mirror\w*|flip\w*|rotat\w*|turn\w*|transpos\w*|clockwise|upside|corner\w*|high|tall|wide"
    r"|height|width|\w*(?:mirror|half|concat|split|line|frontier|most|corner|upscale)|rot\d+|axis)\b"
    r"|\(\s*-?\d+\s*,\s*-?\d+\s*\)",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:demonstration|demo|pair|example|case|input|output|train(?:ing)?|grid)s?\s*(?:#|no\.?|number)?\s*\d"
    r"|\b(?:first|second|third|fourth|fifth|last|other|one|two)\s+(?:\w+\s+)?(?:demonstration|demo|pair|example|case)",
    re.IGNORECASE,
)


def hold(words: str, view: View) -> bool:
    """Return whether nothing that is said names what the view changes.

    >>> hold("Cells of colour 3 grow.", View(colours=(0, 1, 2, 4, 3, 5, 6, 7, 8, 9)))
    False
    >>> hold("It moves up.", View("rot90")), hold("It moves up.", View(order=(1, 0)))
    (False, True)
    """
    if not words:
        return True
    if any(view.colours[colour] != colour and _NAMED[colour].search(words) for colour in range(COLOURS)):
        return False
    if view.symmetry != "identity" and _DIRECTION.search(words):
        return False
    moved = view.order != () and list(view.order) != sorted(view.order)
    return not (moved and _PLACE.search(words))


@lru_cache(maxsize=4096)
def prose(source: str) -> str:
    """Return what a program says to its reader: comments and docstrings, one after the other.

    >>> prose('def solve(I):\\n    "Blue goes up."\\n    return hmirror(I)  # upside down\\n')
    '# upside down\\nBlue goes up.'
    """
    if not any(mark in source for mark in "#\"'"):
        return ""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
        tree = ast.parse(source)
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        return ""
    found = [token.string for token in tokens if token.type == tokenize.COMMENT]
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found.append(node.value.value)
    return "\n".join(found)
