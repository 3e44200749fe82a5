"""Foreign text, for a person to read and for UTF-8 to hold. Not here: escaping for HTML, which the page does."""

from arc_submit.report import words


def harmless(text: str) -> str:
    """Return text with what cannot be seen, what turns lines around, and halves of characters spelled out.

    JSON can spell half a character (a lone surrogate), but no text that goes out can hold one.

    >>> print(harmless("a\\x00b\\ud800c é"))
    a\\x00b\\ud800c é
    """
    return words.harmless(text).encode("utf-8", "backslashreplace").decode()
