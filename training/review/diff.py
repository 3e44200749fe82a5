"""Two programs line by line: what stayed, what went, what came."""

from difflib import SequenceMatcher

LONGEST = 1000  # lines; beyond that everything went and came: comparing takes the square of it
SAME, GONE, NEW = " ", "-", "+"


def lines(before: str, after: str) -> list[tuple[str, str]]:
    """Return (mark, line) in reading order, lines that went before those that came instead.

    >>> lines("a\\nb\\nc", "a\\nx\\nc")
    [(' ', 'a'), ('-', 'b'), ('+', 'x'), (' ', 'c')]
    """
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > LONGEST:
        return [(GONE, line) for line in old] + [(NEW, line) for line in new]
    found: list[tuple[str, str]] = []
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            found += [(SAME, line) for line in old[start:end]]
            continue
        found += [(GONE, line) for line in old[start:end]] + [(NEW, line) for line in new[new_start:new_end]]
    return found
