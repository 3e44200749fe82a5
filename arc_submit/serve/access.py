"""The token: from a file, from the environment, or made for one run on loopback. It is never logged or sent back."""

import hmac
import ipaddress
import os
import secrets
import string
from pathlib import Path

from arc_submit.errors import ConfigError

VARIABLE = "ARC_SUBMIT_TOKEN"
SHORTEST = 16  # characters
_ALLOWED = frozenset(string.ascii_letters + string.digits + "-._~+/=")  # what RFC 6750 lets a bearer token be made of


def given(file: Path | None) -> str | None:
    """Return the token of a file, else of the environment, None where there is neither.

    Raises:
        ConfigError: a file that cannot be read, or a token that is too short or has characters a header cannot carry.
    """
    if file is not None:
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not text"
            raise ConfigError(f"--token-file {file}: cannot be read ({why})") from None
        return checked(text, f"--token-file {file}")
    found = os.environ.get(VARIABLE)
    return None if found is None else checked(found, VARIABLE)


def checked(token: str, where: str) -> str:
    """Return a token without the space around it.

    Raises:
        ConfigError: it is too short or has characters a header cannot carry; says where it is from, and not the token.
    """
    token = token.strip()
    if len(token) < SHORTEST:
        raise ConfigError(
            f"{where}: expected a token of at least {SHORTEST} characters; `python -c 'import secrets; "
            "print(secrets.token_urlsafe(32))'` makes one"
        )
    if not _ALLOWED.issuperset(token):
        raise ConfigError(f"{where}: expected letters, digits and -._~+/= alone, so that a header can carry it")
    return token


def made() -> str:
    """Return a new token."""
    return secrets.token_urlsafe(32)


def readable_by_others(file: Path) -> bool:
    """Return whether other users of the machine may read it."""
    return bool(file.stat().st_mode & 0o077)


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a host.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "example.org")]
    [True, True, True, False, False]
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def allowed(header: str | None, token: str) -> bool:
    """Return whether an Authorization header carries the token; as long as it takes for any wrong one."""
    scheme, _, shown = (header or "").partition(" ")
    right = hmac.compare_digest(shown.strip().encode("utf-8", "replace"), token.encode())
    return right and scheme.lower() == "bearer"
