"""How much a server takes at once."""

from dataclasses import dataclass

MAX_NAME = 200  # characters of a task's id
MAX_INPUTS = 256  # demonstrations and test inputs of one task


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client must keep to; `GET /health` tells it the first three."""

    programs: int = 512
    """Of one request."""
    body_bytes: int = 8 << 20
    """Of one request; the queue's memory is at most places x this."""
    deadline_seconds: float = 120.0
    """Longest that a request may ask to be worked on."""
    queue: int = 32
    """Requests that may wait while every worker is busy."""
    tasks: int = 4096
    """Registered at a time."""
    read_seconds: float = 30.0
    """A body must have arrived within."""
    grace_seconds: float = 30.0
    """At the end: what runs may go on for so long."""
