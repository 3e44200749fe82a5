"""What search asks for programs. Search does not know whether a language model or an enumerator answers."""

from collections.abc import Sequence
from typing import Protocol

from arc_submit.records import Program
from arc_submit.search.population import Population


class Proposer(Protocol):
    """A source of programs for many tasks at once."""

    name: str

    def propose(self, populations: Sequence[Population], deadline: float) -> list[list[Program]]:
        """Return new programs for each population, one list each, same order; honours the deadline (clock seconds)."""
        ...

    def exhausted(self, population: Population) -> bool:
        """Return whether there is nothing more to come for this task, whatever else happens."""
        ...

    def release(self, task_id: str) -> None:
        """The task is over: let go of what is held for it."""
        ...
