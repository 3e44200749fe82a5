"""What several visits to a task came to together: the numbers of their `done` events, added up."""

from collections.abc import Mapping
from typing import Any

_ADDED = ("rounds", "seconds", "spent", "counts", "unusable", "tokens", "authors")
_FIRST = "first_passer_round"


def together(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event of a task's latest visit with the numbers of all its visits. The promise is the best one.

    >>> together({"rounds": 2, "seconds": {"loop": 1.0}, "promise": 0.5}, {"rounds": 3, "seconds": {"loop": 2.0}})
    {'rounds': 5, 'seconds': {'loop': 3.0}, 'promise': 0.5}
    """
    found = {**before, **now}
    for key in _ADDED:
        if key in before and key in now:
            found[key] = _sum(before[key], now[key])
    if "promise" in found:
        found["promise"] = max(before.get("promise", 0.0), now.get("promise", 0.0))
    if _FIRST in found.get("counts", {}):
        found["counts"][_FIRST] = _first_passer(before, now)
    return found


def _sum(one: Any, other: Any) -> Any:
    """The sum of two numbers, or of two objects key by key; None counts as nothing."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {key: _sum(one.get(key), other.get(key)) for key in {**one, **other}}
    if one is None or other is None:
        return other if one is None else one
    return one + other


def _first_passer(before: Mapping[str, Any], now: Mapping[str, Any]) -> int | None:
    """The round of the first passer, counted from the first visit on."""
    early, late = (event.get("counts", {}).get(_FIRST) for event in (before, now))
    if early is not None:
        return int(early)
    return None if late is None else int(before.get("rounds", 0) + late)
