"""The values met so far, by kind and level, each behaviour once.

Two expressions of one kind with equal values on every input are the same for all that can be built on them; the first
one met, hence about the cheapest, is kept. Functions are compared by what they do to sample objects.

The bank is bounded: entries per kind and level, entries per kind, and estimated bytes over all (functions are few and
not counted). What does not fit is
still offered to the goals once, but nothing is built on it.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence

from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.expressions import Entry
from arc_submit.symbolic.values import Value, is_function

_NONE: list[Entry] = []


class Bank:
    def __init__(self, config: SymbolicConfig) -> None:
        self._config = config
        self._levels: dict[str, dict[int, list[Entry]]] = defaultdict(dict)
        self._seen: dict[str, dict[Hashable, Entry]] = defaultdict(dict)
        self._all: dict[str, list[Entry]] = defaultdict(list)
        self.bytes = 0
        """Estimated bytes of all values kept."""

    def find(self, kind: str, key: Hashable) -> Entry | None:
        return self._seen[kind].get(key)

    def level(self, kind: str, level: int) -> list[Entry]:
        return self._levels[kind].get(level, _NONE)

    def of_kind(self, kind: str) -> Sequence[Entry]:
        """Return the entries of a kind in order of creation. The list grows; do not change it."""
        return self._all[kind]

    def constant(self, kind: str, value: Value) -> Entry | None:
        """Return the expression of a constant, or of a primitive as a function."""
        for entry in self._all[kind]:
            if entry.production.inline and entry.values[0] == value:
                return entry
        return None

    def matching(self, kind: str, wanted: Sequence[Value], limit: int) -> list[Entry]:
        """Return the cheapest expressions with the wanted values on the first inputs; None stands for any."""
        found = []
        for entry in sorted(self._all[kind], key=lambda e: (e.cost, e.number)):
            if all(w is None or w == v for w, v in zip(wanted, entry.values, strict=False)):
                found.append(entry)
                if len(found) == limit:
                    break
        return found

    def counts(self) -> dict[str, int]:
        return {kind: len(entries) for kind, entries in sorted(self._all.items())}

    def takes(self, kind: str) -> bool:
        """False when it would be vain to make more functions of a kind."""
        return not is_function(kind) or len(self._all[kind]) < self._config.functions_per_kind

    def add(self, entry: Entry, key: Hashable, weight: int) -> bool:
        """Keep a new behaviour; False when there is no room for it."""
        kind = entry.kind
        entries = self._all[kind]
        if is_function(kind):
            weight = 0
            if len(entries) >= self._config.functions_per_kind:
                return False
        elif len(entries) >= self._config.entries_per_kind or self.bytes + weight > self._config.memory_bytes:
            return False
        level = self._levels[kind].setdefault(entry.level, [])
        if len(level) >= self._config.entries_per_level:
            return False
        level.append(entry)
        entries.append(entry)
        self._seen[kind][key] = entry
        self.bytes += weight
        return True
