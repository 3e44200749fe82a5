"""An idea: one way of finding programs for a task without a language model. What search asks of it.

An idea is opened for one task and asked again and again; it goes on where it stopped. It may look at the demonstrations
and at the test inputs. It runs its own code and the kit's DSL only, never source that came from elsewhere, and the
programs that it writes are judged in the sandbox like everybody's: being wrong costs time, nothing else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

Clock: TypeAlias = Callable[[], float]

SLICE = 0.8  # seconds of one turn, at most


@dataclass(frozen=True, slots=True)
class Proposal:
    """A program that an idea believes in."""

    source: str
    cost: float
    """Units of about one call with its constants; cheaper ones come first."""


class Idea(Protocol):
    """One idea, opened for one task: `Idea(task, config, rng, now)`."""

    exhausted: bool
    """Nothing more will come."""

    def advance(self, deadline: float) -> list[Proposal]:
        """Go on until the clock shows `deadline`, or earlier; return what was found, cheapest first.

        Returns within about 0.1 s of the deadline, and after about a second at most, so that others have their turn.
        """
        ...

    def close(self) -> None:
        """Let go of the tables now: nothing more will be asked."""
        ...


class Stepwise:
    """What an idea is made of whose work is one generator: lists of proposals, empty ones to take breath."""

    def __init__(self, steps: Iterator[list[Proposal]], now: Clock) -> None:
        self._steps = steps
        self._now = now
        self.exhausted = False

    def advance(self, deadline: float) -> list[Proposal]:
        """Go on until something is found, until the deadline, or for SLICE seconds; one step at least."""
        until = min(deadline, self._now() + SLICE)
        while not self.exhausted:
            found = next(self._steps, None)
            if found is None:
                self.exhausted = True
            elif found:
                return sorted(found, key=lambda proposal: proposal.cost)
            if self._now() >= until:
                break
        return []

    def close(self) -> None:
        """End the generator: it and the idea hold each other, and the tables with them."""
        self._steps = iter(())
        self.exhausted = True
