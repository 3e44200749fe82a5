"""What search asks for programs. Search does not know whether a language model or an enumerator answers."""

from collections.abc import Sequence
from typing import Protocol

from arc_submit.records import Program
from arc_submit.search.population import Population


class Proposer(Protocol):
    """A source of programs for many tasks at once."""

    name: str

    @property
    def produced(self) -> int:
        """Tokens decoded since the start; grows while `propose` runs. 0 without a language model."""
        ...

    def start(self, populations: Sequence[Population], deadline: float) -> None:
        """Begin a round's work where that runs beside this process; `propose` with the same arguments follows."""
        ...

    def propose(self, populations: Sequence[Population], deadline: float) -> list[list[Program]]:
        """Return new programs for each population, one list each, same order; honours the deadline (clock seconds)."""
        ...

    def exhausted(self, population: Population) -> bool:
        """Return whether there is nothing more to come for this task, whatever else happens."""
        ...

    def credit(self, task_id: str, proposer: str, gain: float) -> None:
        """Hear what one judged program by `proposer` (its own, or another's) was worth, see `search.shares`."""
        ...

    def kinds(self, task_id: str) -> dict[str, float]:
        """Return how its work for a task is shared out among kinds; empty when there is one kind only."""
        ...

    def release(self, task_id: str) -> None:
        """The task is over: let go of what is held for it."""
        ...

    def close(self) -> None:
        """The worker ends."""
        ...
