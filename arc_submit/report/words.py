"""Numbers and foreign text, in words for a reader of the page."""

_UNSEEN = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (9, 10)}
_TURNING = (0x61C, *range(0x200B, 0x2010), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
_UNSEEN |= {code: f"\\u{code:04x}" for code in _TURNING}


def duration(seconds: float) -> str:
    """Return a time in words.

    >>> [duration(s) for s in (0.0, 0.00004, 0.04, 5.25, 59.6, 75, 3700)]
    ['0 s', '< 0.01 s', '0.04 s', '5.2 s', '1 min 0 s', '1 min 15 s', '1 h 1 min']
    """
    if seconds < 0.01:
        return "< 0.01 s" if seconds > 0 else "0 s"
    if seconds < 10:
        return f"{seconds:.{2 if seconds < 1 else 1}f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def harmless(text: str) -> str:
    """Return text with what a reader cannot see, or what turns lines around, spelled out.

    >>> print(harmless("a\\x00b\\u202ec"))
    a\\x00b\\u202ec
    """
    return text.translate(_UNSEEN)


def rounded(share: float) -> str:
    """Return a share in whole per cent.

    >>> rounded(0.123), rounded(0.001), rounded(0.0)
    ('12 %', '< 1 %', '0 %')
    """
    return "< 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def plural(number: int, what: str) -> str:
    """Return a number of things.

    >>> plural(1, "cell"), plural(2, "cell")
    ('1 cell', '2 cells')
    """
    return f"{number} {what}{'' if number == 1 else 's'}"
