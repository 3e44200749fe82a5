"""How much of a round each proposer gets: more for what has paid off on this task, never less than a floor.

The payoff of a proposer is the mean gain of its programs so far, decayed, with one imagined program that gained a
little, so that what was never tried is worth trying. Gains count work, not seconds, so a run whose rounds are limited
is repeatable (docs/decisions.md, 3).

Ideas have no share (`hunt`): they come to an end, shares are for those that do not.
"""

import random
from collections.abc import Collection, Sequence

DECAY = 0.98  # weight of the past after each program: some fifty programs are remembered
HOPE = 0.02  # gain of the one program that every proposer starts with


def gain(passes: bool, better: float) -> float:
    """Return what one judged program was worth.

    New behaviour alone is worth nothing: counted, it let the model, whose every second program behaves anew, take the
    turns of the enumerator on tasks where neither got on (docs/LOG.md).

    Args:
        passes: it is right on every demonstration.
        better: by how much it raised the best fitness, 0..1.
    """
    return 2.0 * better + 1.0 * passes


class Shares:
    """Payoffs of some proposers on one task."""

    def __init__(self, names: Sequence[str], floor: float) -> None:
        self._names, self._floor = tuple(names), min(floor, 1.0 / max(1, len(names)))
        self._gained = dict.fromkeys(names, HOPE)
        self._tried = dict.fromkeys(names, 1.0)
        self._saved = dict.fromkeys(names, 0.0)

    def credit(self, name: str, gain: float) -> None:
        """Count one program of a proposer."""
        self._gained[name] = DECAY * self._gained[name] + gain
        self._tried[name] = DECAY * self._tried[name] + 1.0

    def shares(self) -> dict[str, float]:
        """Return each proposer's share; they add up to 1, none is below the floor."""
        payoffs = {name: self._gained[name] / self._tried[name] for name in self._names}
        total = sum(payoffs.values())
        free = 1.0 - self._floor * len(self._names)
        return {
            name: self._floor + free * (payoff / total if total > 0.0 else 1.0 / len(self._names))
            for name, payoff in payoffs.items()
        }

    def draw(self, count: int, rng: random.Random) -> list[str]:
        """Return `count` names, drawn by their shares."""
        shares = self.shares()
        return rng.choices(list(shares), list(shares.values()), k=count)

    def due(self, resting: Collection[str] = ()) -> set[str]:
        """Return whose turn it is this round: the largest share always, the others in proportion to it.

        Args:
            resting: those that sit this round out; what they have saved stays theirs.
        """
        shares = {name: share for name, share in self.shares().items() if name not in resting}
        largest = max(shares.values(), default=1.0)
        found = set()
        for name, share in shares.items():
            self._saved[name] += share / largest
            if self._saved[name] >= 1.0 - 1e-9:
                self._saved[name] -= 1.0
                found.add(name)
        return found
