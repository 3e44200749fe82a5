"""Hand in one version of a notebook, after a look at everything that would waste the day's only submission.

Kaggle then runs the notebook again on the hidden tasks; what is checked here is the commit run that it was made by.

Not here: how a run's output is judged (`follow.judge`).
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from arc_submit import submission
from arc_submit.errors import UserError
from arc_submit.kaggle import follow
from arc_submit.kaggle.client import Client, Kernel, Limits, Submission
from arc_submit.kaggle.common import Check, on_disk
from arc_submit.kaggle.trouble import RULES, KaggleError

CHALLENGES = "arc-agi_test_challenges.json"
"""File of the competition that a submission answers; the hidden tasks take its place in the scoring run."""
LONGEST_SECONDS = 36 * 3600.0
UNSEEN_LOOKS = 10
"""In a row, before a submission that the list does not show counts as lost: it may take minutes to appear."""


@dataclass
class HandIn:
    """One version on its way to one competition."""

    client: Client
    kernel: Kernel
    competition: str
    data: str | None = None
    """Tasks that the submission must answer; None: the competition's own file is fetched."""
    folder: Path | None = None
    """Where to keep what is fetched; None: nowhere."""

    def check(self) -> list[Check]:
        """Look at everything; the first failure ends the look.

        Raises:
            KaggleError: Kaggle refused to answer.
        """
        found: list[Check] = []
        for look in (self._run, self._left, self._output):
            found += look()
            if any(not check.ok and not check.forced for check in found):
                break
        return found

    def send(self, message: str) -> int:
        """Submit; return the submission's number (0: Kaggle did not tell)."""
        return self.client.submit(self.kernel, self.competition, submission.NAME, message)

    def _run(self) -> list[Check]:
        try:
            session = follow.require_complete(self.client, self.kernel)
        except KaggleError as error:
            if error.status is not None:
                raise
            return [Check("run", False, str(error))]
        return [Check("run", True, session.state)]

    def _left(self) -> list[Check]:
        limits = self.client.limits(self.competition)
        return [Check("submissions left", limits.left > 0, words(limits, self.competition))]

    def _output(self) -> list[Check]:
        if self.folder is not None:
            return self._judged(self.folder)
        with on_disk(Path(tempfile.gettempdir())), tempfile.TemporaryDirectory() as folder:
            return self._judged(Path(folder))

    def _judged(self, folder: Path) -> list[Check]:
        fetched = follow.fetch(self.client, self.kernel, folder, rf"^({follow.VERDICT}|{submission.NAME})$")
        data = self.data or str(self._challenges(folder))
        worth = follow.judge(folder, data, fetched)
        verdict = Check("verdict", worth.good, "ok" if worth.good else "; ".join(worth.why), forced=True)
        valid = not worth.submission
        source = self.data or f"the competition's {CHALLENGES}"
        told = f"{worth.tasks} tasks, as in {source}" if valid else worth.submission
        return [verdict, Check(submission.NAME, valid, told)]

    def _challenges(self, folder: Path) -> Path:
        try:
            self.client.competition_file(self.competition, CHALLENGES, folder)
        except UserError as error:
            raise KaggleError(
                f"the tasks to check the submission against could not be fetched; name a copy with --data: {error}"
            ) from error
        return folder / CHALLENGES


def words(limits: Limits, competition: str) -> str:
    """Say what the counts mean."""
    if limits.left > 0:
        return f"{limits.left} ({limits.today} made today, {limits.total} in all)"
    if limits.total == 0:
        return f"none: you are not in this competition yet: {RULES.format(competition=competition)}"
    if limits.by_total:
        return f"none: all {limits.total} that the competition allows are made"
    return f"none: {limits.today} made today; the count starts anew at 00:00 UTC"


def watch_score(
    client: Client,
    competition: str,
    ref: int,
    description: str,
    every: float,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Submission]:
    """Yield the submission until it is scored or has failed.

    Raises:
        KaggleError: it does not come up in the list, or takes longer than any run may.
    """
    end, unseen = clock() + LONGEST_SECONDS, 0
    while True:
        found = [
            one
            for one in follow.patiently(lambda: client.submissions(competition), every, sleep)
            if one.ref == ref or (not ref and one.description == description)
        ]
        if found:
            unseen = 0
            yield found[0]
            if found[0].state != "PENDING":
                return
        else:
            unseen += 1
        where = f"kaggle.com/competitions/{competition}/submissions"
        if unseen >= UNSEEN_LOOKS:
            raise KaggleError(f"submission {ref or repr(description)}: made, and not in the list; look at {where}")
        if clock() >= end:
            raise KaggleError(f"submission {ref or repr(description)}: made, and without a score yet; look at {where}")
        sleep(every)
