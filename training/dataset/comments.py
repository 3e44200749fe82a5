"""A program without its comments: what is left is what runs, in the layout it had.

Docstrings stay: they are statements. A text that does not tokenize comes back as it is.
"""

import io
import tokenize


def without(source: str) -> str:
    """Return the source without comments, trailing blanks and empty lines.

    >>> print(without("# a\\ndef solve(I):\\n\\n    O = hmirror(I)  # upside down\\n    return O\\n"), end="")
    def solve(I):
        O = hmirror(I)
        return O
    """
    lines = source.split("\n")
    strings: set[int] = set()  # lines inside strings of several lines stay as they are
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column]
            elif token.type == tokenize.STRING and token.end[0] > token.start[0]:
                strings.update(range(token.start[0], token.end[0]))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return source
    kept = (line if row in strings else line.rstrip() for row, line in enumerate(lines, start=1))
    return "".join(f"{line}\n" for row, line in enumerate(kept, start=1) if line or row in strings)


def count(source: str) -> int:
    """Return how many comments a source has; 0 where it does not tokenize."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return 0
    return sum(token.type == tokenize.COMMENT for token in tokens)
