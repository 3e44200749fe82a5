"""What a sitting has counted: tokens, programs by author, ends by reason, failures of ideas, updates of the model."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from arc_submit.config import LANGUAGE
from arc_submit.records import Answer, Task
from arc_submit.score import ORIGINS
from arc_submit.symbolic.ideas import failures


@dataclass(slots=True)
class Tally:
    """Numbers of one sitting, the canary's own left out where tasks are counted."""

    tokens: int = 0
    """Decoded by models."""
    programs: Counter[str] = field(default_factory=Counter)
    """Programs run, by proposer."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Why searches ended."""
    failed: dict[str, set[str]] = field(default_factory=dict)
    """Idea -> tasks on which it failed."""
    first_failure: dict[str, str] = field(default_factory=dict)
    """Idea -> what it stumbled over first."""
    learning: Counter[str] = field(default_factory=Counter)
    """Updates of test-time learning, by what became of them."""
    restarts: int = 0
    """Workers that died."""
    peak_bytes: int = 0
    """Most memory that the run was seen to hold, workers and sandboxes included."""
    _authors: dict[str, str] = field(default_factory=dict)
    """Id of a passing program -> its proposer."""

    def candidate(self, candidate: Mapping[str, Any]) -> None:
        """Remember who wrote a program that passes."""
        outcome, program = candidate["outcome"], candidate["program"]
        if outcome["reward"] is not None and all(outcome["solved"]):
            self._authors[program["id"]] = program["proposer"]

    def ideas(self, task_id: str, unusable: Mapping[str, int]) -> None:
        """Take in which ideas failed on a task, from the unusable texts of its search."""
        for idea, why in failures(unusable).items():
            self.failed.setdefault(idea, set()).add(task_id)
            self.first_failure.setdefault(idea, why)

    @property
    def model_wrote(self) -> bool:
        """Some program that ran was a language model's."""
        return any(self.programs[name] for name in LANGUAGE)

    def passers_by(self, tasks: Iterable[Task], answers: Mapping[str, Answer]) -> dict[str, int]:
        """Tasks with a passer, by where the program behind their first attempt came from."""
        passing = (answers[task.id] for task in tasks if task.id in answers and answers[task.id].passers)
        programs = (answer.programs[0] if answer.programs else "" for answer in passing)
        authors = (self._authors.get(program, "earlier sittings") for program in programs)
        return dict(Counter(ORIGINS.get(author, author) for author in authors).most_common())
